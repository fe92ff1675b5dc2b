"""Consents and the tokens that come of them (spec 2.2-2.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.malls.yahoo.settings import Settings

PADDING = 1200  # real access tokens are that long, and a client has to cope


@dataclass
class Client:
    """One application, for the live host or for the test host; ``redirect_uri`` is registered later."""

    host: str
    client_id: str
    secret: str
    redirect_uri: str = ""


@dataclass
class Consent:
    """One press on 同意. ``short`` once an order call came without a valid signature."""

    client: Client
    at: datetime
    expires_at: datetime
    stranger: bool = False  # given by an ID that may not act for the store
    dead: bool = False
    short: bool = False


@dataclass(frozen=True)
class Ticket:
    """An authorization code: single use, short life; ``asked`` is the query that led to it."""

    consent: Consent
    asked: Mapping[str, str]
    expires_at: datetime


@dataclass
class Sessions:
    """Every consent, code and token so far."""

    settings: Settings
    consents: list[Consent] = field(default_factory=list)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    refresh: dict[str, Consent] = field(default_factory=dict)
    access: dict[str, tuple[Consent, datetime]] = field(default_factory=dict)
    _count: int = 0

    def agree(self, client: Client, now: datetime, *, stranger: bool = False) -> Consent:
        """Press 同意: the refresh token's life is counted from here."""
        end = now + timedelta(days=self.settings.consent_days)
        consent = Consent(client, now, end, stranger)
        self.consents.append(consent)
        return consent

    def ticket(self, consent: Consent, asked: Mapping[str, str], now: datetime) -> str:
        """Issue an authorization code."""
        code = self._fresh("FAKECODE", 4)
        self.tickets[code] = Ticket(consent, asked, now + timedelta(seconds=self.settings.code_s))
        return code

    def refresh_token(self, consent: Consent) -> str:
        """Issue a refresh token."""
        token = self._fresh("FAKE-REFRESH-", 9)
        self.refresh[token] = consent
        return token

    def access_token(self, consent: Consent, now: datetime) -> str:
        """Issue an access token; earlier ones live on, or not."""
        if self.settings.access_tokens == "one":
            self.access = {token: found for token, found in self.access.items() if found[0] is not consent}
        token = self._fresh("FAKE-ACCESS-", 9) + "." + "x" * PADDING
        self.access[token] = consent, now + timedelta(seconds=self.settings.access_token_s)
        return token

    def is_over(self, consent: Consent, now: datetime) -> bool:
        """Say whether a consent gives no more access tokens."""
        shut = self.settings.short_session_scope == "all" and self.is_short_over(consent, now)
        return consent.dead or now >= consent.expires_at or shut

    def is_short_over(self, consent: Consent, now: datetime) -> bool:
        """Say whether a short session has had its hours."""
        return consent.short and now >= consent.at + timedelta(seconds=self.settings.short_session_s)

    def short_end(self, consent: Consent) -> datetime | None:
        """Say when a short session ends; None for a long one."""
        return consent.at + timedelta(seconds=self.settings.short_session_s) if consent.short else None

    def kill(self, now: datetime) -> None:
        """Let every consent so far end: the login password was changed, or consent withdrawn."""
        for consent in self.consents:
            consent.dead = True
        if self.settings.password_kills_access:
            self.expire_access(now)

    def expire_refresh(self, now: datetime) -> None:
        """Let every refresh token so far reach its end now."""
        for consent in self.consents:
            consent.expires_at = min(consent.expires_at, now)

    def expire_access(self, now: datetime) -> None:
        """Let every access token so far end now."""
        self.access = {token: (consent, min(end, now)) for token, (consent, end) in self.access.items()}

    def _fresh(self, prefix: str, digits: int) -> str:
        self._count += 1
        return f"{prefix}{self._count:0{digits}d}"
