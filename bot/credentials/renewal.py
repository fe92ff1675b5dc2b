"""How a new credential comes to live: judged by its form, put on trial, promoted when it works.

The old values stay in use until the mall has accepted the new ones; a new key may take an hour
to live (``CredentialKind.activation_s``). The worker of the shop makes the trials, so no request
ever mixes old and new.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from adapters.contract import Abilities, Adapter, CredentialKind, CredentialState
from adapters.errors import AuthError, TanabanError
from adapters.secret import Secret
from bot.answers import RenewalAnswer, RenewalField, RenewalForm
from bot.credentials.vault import Vault
from bot.store import credentials as records
from bot.store.database import reading

JST = ZoneInfo("Asia/Tokyo")
GRACE = timedelta(minutes=10)  # beyond the mall's own figure, before a trial is given up

MakeAdapter = Callable[[str, Mapping[str, Secret]], Adapter]
"""(shop, credentials) -> an adapter that uses them; makes no connection by itself."""


class Trial(StrEnum):
    """What one try of a new credential came to."""

    NONE = "none"  # nothing is on trial
    PENDING = "pending"
    LIVE = "live"
    FAILED = "failed"


@dataclass(frozen=True)
class TrialResult:
    """The outcome of one try; ``detail`` is for the log and the status, without any value."""

    trial: Trial
    detail: str = ""
    expiries: Mapping[str, datetime] = field(default_factory=dict)  # kind -> end, as the mall says


class Renewals:
    """Renewal of credentials, for every mall alike."""

    def __init__(self, vault: Vault, engine: Engine, make_adapter: MakeAdapter) -> None:
        self._vault = vault
        self._engine = engine
        self._make_adapter = make_adapter

    def missing(self, shop: str, abilities: Abilities) -> list[str]:
        """Give the kinds of credential that were never set."""
        have = self._vault.values(shop)
        return [k.name for k in abilities.credentials if not k.optional and not have.get(k.name)]

    def form(self, shop: str, abilities: Abilities, kind: str | None) -> RenewalForm | None:
        """Give what to ask a person for; None if the mall has no such kind.

        Without a kind: the one with the shortest life, or all where none has a life.
        """
        chosen = _chosen(abilities, kind)
        if not chosen:
            return None
        first = chosen[0]
        with reading(self._engine) as connection:
            record = records.records(connection, shop).get(first.name)
        return RenewalForm(
            shop=shop,
            mall=abilities.mall,
            mall_ja=abilities.name_ja,
            mall_en=abilities.name_en,
            kind=first.name,
            fields=tuple(
                RenewalField(item.name, item.label_ja, item.label_en, item.secret) for item in chosen
            ),
            page_url=first.page_url,
            life_days=first.life_days,
            activation_s=max(item.activation_s for item in chosen),
            expires_at=record.expires_at if record else None,
        )

    def submit(
        self,
        shop: str,
        values: Mapping[str, Secret],
        *,
        expires_on: date | None,
        who: str,
        now: datetime,
    ) -> RenewalAnswer:
        """Take new values in: refused by their form, or stored and on trial from now on."""
        kinds = {kind.name: kind for kind in self._make_adapter(shop, {}).abilities.credentials}
        refused = {name: "renew_empty" for name in values if not values[name].reveal().strip()}
        refused |= {
            name: "renew_blank"
            for name in values.keys() - refused
            if not kinds[name].blanks and _has_blank(values[name])
        }
        if refused:
            return RenewalAnswer(refused)
        current = self._vault.values(shop)
        candidate = current | self._vault.trial(shop) | dict(values)
        if reason := self._make_adapter(shop, candidate).belongs(current, candidate):
            return RenewalAnswer({next(iter(values)): reason})
        activation = timedelta(seconds=max(kinds[name].activation_s for name in values))
        with self._engine.begin() as connection:
            for name in values:
                records.change(
                    connection,
                    shop,
                    name,
                    state=records.PENDING,
                    stored_at=now,
                    stored_by=who,
                    expires_at=_end_of(expires_on) if kinds[name].life_days else None,
                    checked_at=None,
                    pending_until=now + activation + GRACE,
                    detail="",
                )
        # Last, so that a trial never stands there without the moment at which it is given up.
        self._vault.stage(shop, values)
        return RenewalAnswer({}, self._vault.fingerprint(next(iter(values.values()))))

    def on_trial(self, shop: str) -> bool:
        """Tell whether new values of a shop are waiting to be proved."""
        return bool(self._vault.trial(shop))

    def try_now(self, shop: str, now: datetime) -> TrialResult:
        """Make one try with the values on trial; a LIVE result is for the caller to ``promote``."""
        trial = self._vault.trial(shop)
        if not trial:
            return TrialResult(Trial.NONE)
        adapter = self._make_adapter(shop, self._vault.values(shop) | trial)
        try:
            adapter.check()
            return TrialResult(Trial.LIVE, expiries=_expiries(adapter))
        except TanabanError as error:
            return self._refused(shop, trial, error, now)
        finally:
            adapter.close()

    def promote(self, shop: str, expiries: Mapping[str, datetime], now: datetime) -> None:
        """Put proved values into use.

        The records first and the vault last: after a crash in between the trial still stands,
        and is simply made again.
        """
        with self._engine.begin() as connection:
            for name in self._vault.trial(shop):
                known = {"expires_at": expiries[name]} if name in expiries else {}
                proved = {"state": records.OK, "checked_at": now, "proved_at": now, "detail": ""}
                records.change(connection, shop, name, pending_until=None, **proved, **known)
        self._vault.promote(shop)

    def _refused(
        self, shop: str, trial: Mapping[str, Secret], error: TanabanError, now: datetime
    ) -> TrialResult:
        with reading(self._engine) as connection:
            known = records.records(connection, shop)
        ends = [known[name].pending_until for name in trial if name in known]
        over = isinstance(error, AuthError) and all(end is None or end <= now for end in ends)
        if over:
            self._vault.drop_trial(shop)
        with self._engine.begin() as connection:
            for name in trial:
                state = records.FAILED if over else records.PENDING
                records.change(connection, shop, name, state=state, checked_at=now, detail=str(error))
        return TrialResult(Trial.FAILED if over else Trial.PENDING, str(error))

    def note_status(self, shop: str, adapter: Adapter, now: datetime) -> None:
        """Ask the mall about the credentials in use and keep what it says."""
        on_trial = self._vault.trial(shop)  # their records speak of the new values
        for status in (status for status in adapter.credential_status() if status.kind not in on_trial):
            values: dict[str, object] = {"checked_at": now, "detail": status.note}
            if status.state is CredentialState.OK:
                values |= {"proved_at": now, "state": records.OK}
            if status.expires_at is not None:
                values["expires_at"] = status.expires_at
            with self._engine.begin() as connection:
                records.change(connection, shop, status.kind, **values)

    def refuse(self, shop: str, kinds: tuple[CredentialKind, ...], detail: str, now: datetime) -> None:
        """Keep that the mall refused the credentials in use."""
        with self._engine.begin() as connection:
            for kind in kinds:
                if kind.secret and (kind.life_days or not any(item.life_days for item in kinds)):
                    records.change(
                        connection, shop, kind.name, state=records.FAILED, checked_at=now, detail=detail
                    )


def _chosen(abilities: Abilities, kind: str | None) -> list[CredentialKind]:
    """Give the kinds to ask for: one and its group; without a name the one that ends soonest."""
    kinds = abilities.credentials
    if kind is None:
        lived = sorted((item for item in kinds if item.life_days), key=lambda item: item.life_days or 0)
        if not lived:
            return list(kinds)
        kind = lived[0].name
    named = [item for item in kinds if item.name == kind]
    groups = {item.group for item in named if item.group}
    return [item for item in kinds if item in named or item.group in groups]


def _has_blank(value: Secret) -> bool:
    text = value.reveal()
    return text != text.strip() or any(char.isspace() for char in text)


def _end_of(day: date | None) -> datetime | None:
    if day is None:
        return None
    return datetime.combine(day, time(23, 59, 59), JST).astimezone(UTC)


def _expiries(adapter: Adapter) -> dict[str, datetime]:
    return {
        status.kind: status.expires_at
        for status in adapter.credential_status()
        if status.expires_at is not None
    }
