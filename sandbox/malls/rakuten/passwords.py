"""The password of the shop's SFTP account: its end, and the minutes before a new one works (spec 5.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.malls.rakuten.settings import Settings


@dataclass
class Password:
    """One password; refused before ``live_at`` and from ``expires_at`` on."""

    value: str
    live_at: datetime
    expires_at: datetime


class Passwords:
    """Every password of the account; at most one opens it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._set: list[Password] = []

    @property
    def newest(self) -> Password:
        """Give the one that was set last, working or not."""
        return self._set[-1]

    def change(self, now: datetime, activation_s: float) -> Password:
        """Set a new one: exactly 8 letters, digits or ``/ . @ - =``."""
        value = f"fake-{len(self._set) + 1:03d}"
        end = now + timedelta(days=self._settings.sftp_password_days)
        self._set.append(Password(value, now + timedelta(seconds=activation_s), end))
        return self.newest

    def expire(self, now: datetime) -> None:
        """Let every password set so far end now."""
        for password in self._set:
            password.expires_at = min(password.expires_at, now)

    def knows(self, value: str) -> bool:
        """Say whether this was ever the account's password."""
        return any(password.value == value for password in self._set)

    def opens(self, value: str, now: datetime) -> bool:
        """Say whether this password opens the account now."""
        live = [password for password in self._set if password.live_at <= now]
        if not live or (live[-1] is not self.newest and not self._settings.old_sftp_password_lasts):
            return False
        return live[-1].value == value and now < live[-1].expires_at
