"""Licence keys: several at a time, each with its own expiry and its own start (spec 1.2-1.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sandbox.malls.common.log import decoded
from sandbox.malls.rakuten.settings import Settings
from sandbox.malls.rakuten.wire import JST, Answer, Call, Flaw, refusal, unknown_fields

SCHEME = "ESA"
FOREIGN_SHOP = "900002"


@dataclass
class LicenceKey:
    """One key of this shop; refused before ``live_at`` and from ``expires_at`` on."""

    value: str
    live_at: datetime
    expires_at: datetime


class Keys:
    """What opens this shop's API, and what looks as if it did."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._issued: list[LicenceKey] = []
        self._count = 0
        self.service_secret = f"SP{settings.shop_number}_FAKESECRET000000"

    @property
    def issued(self) -> list[LicenceKey]:
        """Every key of this shop, oldest first."""
        return list(self._issued)

    def issue(self, now: datetime, valid_days: int, activation_s: float) -> LicenceKey:
        """Issue a key; it ends with its last day in Japan. Older keys go on."""
        last_day = (now.astimezone(JST) + timedelta(days=valid_days)).date()
        expires_at = datetime.combine(last_day, time(23, 59, 59), JST)
        key = LicenceKey(
            self._value(self._settings.shop_number), now + timedelta(seconds=activation_s), expires_at
        )
        self._issued.append(key)
        return key

    def foreign(self, shop_number: str = FOREIGN_SHOP) -> str:
        """Give a key that looks right and is not this shop's."""
        return self._value(shop_number)

    def expire(self, now: datetime) -> None:
        """Let every key issued so far end now."""
        for key in self._issued:
            key.expires_at = min(key.expires_at, now)

    def open(self, authorization: str, now: datetime) -> bool:
        """Say whether the ESA header opens this shop now."""
        secret, _, value = decoded(authorization, SCHEME).partition(":")
        if secret != self.service_secret:
            return False
        return any(key.value == value and key.live_at <= now < key.expires_at for key in self._issued)

    def expiry_date(self, call: Call) -> Answer:
        """Answer ``license.expiryDate.get``; the form of its errors is a guess."""
        if flaws := unknown_fields(call.query, ["licenseKey"]):
            raise refusal(400, *flaws)
        if not (wanted := call.query.get("licenseKey")):
            raise refusal(400, Flaw("IE0001", "licenseKey is mandatory."))
        for key in self._issued:
            if key.value == wanted:
                return Answer(200, {"expiryDate": self._written(key.expires_at)})
        raise refusal(404, Flaw("GE0014", "Not found for inputs"))

    def _written(self, moment: datetime) -> str:
        plain = moment.astimezone(JST).replace(tzinfo=None)
        forms = {
            "plain": plain.isoformat(timespec="seconds"),
            "fraction": plain.isoformat(timespec="milliseconds"),
            "z": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "offset": moment.astimezone(JST).isoformat(timespec="seconds"),
        }
        return forms[self._settings.expiry_form]

    def _value(self, shop_number: str) -> str:
        self._count += 1
        return f"SL{shop_number}_FAKEKEY{self._count:09d}"
