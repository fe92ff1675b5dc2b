"""The two keys: the API key of the shop, and the seller keys made from it (spec 2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.malls.qoo10.settings import Settings
from sandbox.malls.qoo10.wire import BAD_KEY, Answer, Call, done, gate_refusal, refusal

YEAR = timedelta(days=365)


@dataclass
class Key:
    """One key of this shop. ``killed``: a change of the password ended it before its time."""

    value: str
    issued_at: datetime
    expires_at: datetime
    killed: bool = False


class Keys:
    """What opens this shop's API, and what looks as if it did."""

    def __init__(self, settings: Settings, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._now = now
        self._count = 0
        self.passwords = ["sandbox-password-1"]
        self.api_keys = [self._api_key()]
        self.issued: list[Key] = []

    @property
    def password(self) -> str:
        """The password of the seller's login now."""
        return self.passwords[-1]

    def issue(self, life: timedelta = YEAR) -> Key:
        """Make a seller key; earlier ones go on unless the mall keeps one only."""
        if self._settings.one_key:
            self._kill()
        now = self._now()
        key = Key(self.unknown(), now, now + life)
        self.issued.append(key)
        return key

    def issue_api_key(self) -> Key:
        """Let Qoo10 issue a further API key."""
        self.api_keys.append(self._api_key())
        return self.api_keys[-1]

    def unknown(self) -> str:
        """Give a key that looks right and is not this shop's; the form is that of real ones."""
        self._count += 1
        return f"FAKE_g_1_SELLER_g_2_KEY{self._count:06d}_g_3_"

    def expire(self) -> None:
        """Let every seller key issued so far end now."""
        for key in self.issued:
            key.expires_at = min(key.expires_at, self._now())

    def expire_api_keys(self) -> None:
        """Let every API key issued so far end now."""
        for key in self.api_keys:
            key.expires_at = min(key.expires_at, self._now())

    def change_password(self) -> str:
        """Change the password at QSM, which kills every seller key."""
        self.passwords.append(f"sandbox-password-{len(self.passwords) + 1}")
        self._kill()
        return self.password

    def check(self, value: str) -> None:
        """Let a seller key in.

        Raises:
            Refusal: it is wrong, killed or past its year.
        """
        key = next((key for key in self.issued if key.value == value and not key.killed), None)
        if key is None:
            raise refusal(BAD_KEY) if self._settings.wrong_key == "result" else gate_refusal()
        if key.expires_at <= self._now():
            raise refusal(self._settings.expired_code)

    def create(self, call: Call) -> Answer:
        """Answer ``CreateCertificationKey``; the form of its errors is a guess."""
        key = next((key for key in self.api_keys if key.value == call.key), None)
        if key is None or key.expires_at <= self._now():
            raise gate_refusal()
        call.required("user_id", "pwd")
        if (call.get("user_id"), call.get("pwd")) != (self._settings.user_id, self.password):
            raise gate_refusal() if self._settings.wrong_login == "gate" else refusal(BAD_KEY, WRONG_LOGIN)
        return done(self.issue().value, message="成功")

    def _kill(self) -> None:
        for key in self.issued:
            key.killed = True

    def _api_key(self) -> Key:
        self._count += 1
        now = self._now()
        return Key(f"FAKE_g_1_API_g_2_KEY{self._count:06d}_g_3_", now, now + YEAR)


WRONG_LOGIN = "ログイン情報をご確認ください。"
