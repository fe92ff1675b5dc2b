"""Client secrets, refresh tokens and access tokens, each with its own life (spec 2, 3, 12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sandbox.malls.amazon.settings import Settings

FOREIGN_SELLER = "A9FOREIGNSELL"
FOREVER = datetime.max.replace(tzinfo=UTC)
ROTATION_SCOPE = "sellingpartnerapi::client_credential:rotation"
SCOPES = (ROTATION_SCOPE, "sellingpartnerapi::notifications")


@dataclass
class ClientSecret:
    """One secret of the application."""

    value: str
    issued_at: datetime
    expires_at: datetime


@dataclass
class RefreshToken:
    """What a seller's authorization gave."""

    value: str
    seller: str
    authorized_at: datetime
    expires_at: datetime


@dataclass
class AccessToken:
    """A token of an hour; ``scope`` stands in those without a seller."""

    value: str
    seller: str
    expires_at: datetime
    scope: str = ""
    revoked: bool = False


class Keys:
    """All credentials of one application. Values are made up and say so."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._count = 0
        self.client_id = "amzn1.application-oa2-client.fake000000000000"
        self.secrets: list[ClientSecret] = []
        self.refresh_tokens: list[RefreshToken] = []
        self.access_tokens: dict[str, AccessToken] = {}

    def issue_secret(self, now: datetime) -> ClientSecret:
        """Issue a client secret; the ones before live on for some days only (spec 2)."""
        end = now + timedelta(days=self._settings.old_secret_days)
        for old in self.secrets:
            old.expires_at = min(old.expires_at, end)
        life = timedelta(days=self._settings.secret_days)
        secret = ClientSecret(f"amzn1.oa2-cs.v1.fake{self._next():012d}", now, now + life)
        self.secrets.append(secret)
        return secret

    def authorize(self, now: datetime, seller: str) -> RefreshToken:
        """Give the refresh token of a new authorization; older ones go on."""
        days = self._settings.refresh_token_days
        end = now + timedelta(days=days) if days else FOREVER
        token = RefreshToken(f"Atzr|fake-refresh-{self._next():012d}", seller, now, end)
        self.refresh_tokens.append(token)
        return token

    def refresh_token(self, value: str, now: datetime) -> RefreshToken | None:
        """Give a refresh token that lives."""
        found = (token for token in self.refresh_tokens if token.value == value)
        return next((token for token in found if now < token.expires_at), None)

    def knows_client(self, client_id: str, secret: str, now: datetime) -> bool:
        """Say whether an id and a secret are the application's now."""
        alive = (known.value for known in self.secrets if now < known.expires_at)
        return client_id == self.client_id and secret in alive

    def rotate(self, token: RefreshToken) -> RefreshToken:
        """Give the refresh token that the token answer carries."""
        if self._settings.refresh_rotation == "same":
            return token
        value = f"Atzr|fake-refresh-{self._next():012d}"
        new = RefreshToken(value, token.seller, token.authorized_at, token.expires_at)
        self.refresh_tokens.append(new)
        if self._settings.refresh_rotation == "new_only":
            self.refresh_tokens.remove(token)
        return new

    def give_access(self, now: datetime, seller: str, scope: str = "") -> AccessToken:
        """Give a new access token."""
        end = now + timedelta(seconds=self._settings.access_token_s)
        token = AccessToken(f"Atza|fake-access-{self._next():012d}", seller, end, scope)
        self.access_tokens[token.value] = token
        return token

    def expire_access(self, now: datetime) -> None:
        """Let every access token end now."""
        for token in self.access_tokens.values():
            token.expires_at = min(token.expires_at, now)

    def expire_secrets(self, now: datetime) -> None:
        """Let every client secret end now. Access tokens given before go on."""
        for secret in self.secrets:
            secret.expires_at = min(secret.expires_at, now)

    def revoke(self, now: datetime) -> None:
        """Let every authorization end now, as when the seller takes it back."""
        for token in self.refresh_tokens:
            token.expires_at = min(token.expires_at, now)
        if self._settings.revocation_kills_access:
            for access in self.access_tokens.values():
                access.revoked = True

    def confidential(self) -> list[str]:
        """Give what only the token endpoint may ever receive."""
        return [secret.value for secret in self.secrets] + [token.value for token in self.refresh_tokens]

    def _next(self) -> int:
        self._count += 1
        return self._count
