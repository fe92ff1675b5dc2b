"""API keys of the shop and the access tokens they ask for (spec 1, 2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs

from sandbox.malls.common.log import decoded
from sandbox.malls.futureshop.settings import Settings
from sandbox.malls.futureshop.wire import Answer, Call, refusal, token_refusal


@dataclass
class ApiKey:
    """APIキー and APIパスワード: the OAuth client."""

    client_id: str
    client_secret: str
    dead: bool = False


@dataclass
class Token:
    """One access token."""

    value: str
    client_id: str
    expires_at: datetime


class Keys:
    """What opens this shop's API, and what looks as if it did."""

    def __init__(self, settings: Settings, now: Callable[[], datetime], bits: Callable[[int], int]) -> None:
        self._settings = settings
        self._now = now
        self._bits = bits
        self._count = 0
        self.issued: list[ApiKey] = []
        self.tokens: dict[str, Token] = {}

    def issue(self) -> ApiKey:
        """Issue a further key; older ones keep working."""
        key = self.foreign()
        self.issued.append(key)
        return key

    def foreign(self) -> ApiKey:
        """Give a key that looks right and is not this shop's."""
        self._count += 1
        return ApiKey(f"fs-client.sandbox{self._count:02d}", f"fake-api-password-{self._count:06d}")

    def expire(self) -> None:
        """Let every key issued so far end, and its tokens with it."""
        for key in self.issued:
            key.dead = True
        self.expire_tokens()

    def expire_tokens(self) -> None:
        """Let every token given so far end now."""
        for token in self.tokens.values():
            token.expires_at = min(token.expires_at, self._now())

    def secrets(self) -> list[str]:
        """Give everything that must not stand in a URL."""
        return [*self.tokens, *(key.client_secret for key in self.issued)]

    def client_by_basic(self, headers: Mapping[str, str]) -> str:
        """Give the client of a token call.

        Raises:
            Refusal: the id, the secret or the shop key is wrong.
        """
        if missing := [name for name in ("Authorization", "X-SHOP-KEY") if name not in headers]:
            raise token_refusal(401, "invalid_client", "credentials are missing", f"no {missing[0]}")
        client_id, _, secret = decoded(headers["Authorization"], "Basic").partition(":")
        right_shop = headers["X-SHOP-KEY"] == self._settings.shop_key
        for key in self.issued:
            if right_shop and not key.dead and (key.client_id, key.client_secret) == (client_id, secret):
                return client_id
        raise token_refusal(401, "invalid_client", "Bad client credentials")

    def client_by_token(self, headers: Mapping[str, str]) -> str:
        """Give the client of any other call.

        Raises:
            Refusal: the shop key or the token is missing, wrong or stale.
        """
        for name in ("Authorization", "X-SHOP-KEY"):
            if name not in headers:
                raise refusal(401, "Unauthorized", f"{name} is missing.", f"no {name}")
        scheme, _, value = headers["Authorization"].partition(" ")
        if scheme != "Bearer":
            raise refusal(401, "Unauthorized", "The access token is missing.", "no bearer token")
        token = self.tokens.get(value)
        if headers["X-SHOP-KEY"] != self._settings.shop_key or token is None:
            raise refusal(401, "Unauthorized", "The access token is invalid.")
        if self._now() >= token.expires_at:
            raise refusal(401, "Unauthorized", "The access token has expired.")
        return token.client_id

    def grant(self, call: Call) -> Answer:
        """Answer ``POST /oauth/token``; there is no refresh token."""
        form = parse_qs(call.body.decode("utf-8", "replace"), keep_blank_values=True)
        if form.get("grant_type") != ["client_credentials"]:
            raise token_refusal(
                400, "unsupported_grant_type", violation="grant_type is not client_credentials"
            )
        if stray := set(form) - {"grant_type"}:
            raise token_refusal(400, "invalid_request", violation=f"unknown fields: {', '.join(stray)}")
        token = self._new_token(call.client_id)
        return Answer(
            200,
            {
                "access_token": token.value,
                "token_type": self._settings.token_type,
                "expires_in": self._settings.expires_in,
            },
        )

    def _new_token(self, client_id: str) -> Token:
        now = self._now()
        if self._settings.token_replaces:
            for old in self.tokens.values():
                old.expires_at = min(old.expires_at, now) if old.client_id == client_id else old.expires_at
        life = timedelta(seconds=self._settings.expires_in)
        token = Token(f"fake-token-{self._bits(128):032x}", client_id, now + life)
        self.tokens[token.value] = token
        return token
