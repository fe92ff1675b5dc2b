"""Login with Amazon: from the refresh token to access tokens, which live for an hour in memory alone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from adapters import fields
from adapters.amazon import wire
from adapters.contract import Clock, Credentials
from adapters.errors import (
    AuthError,
    MallError,
    RateLimitedError,
    TemporaryError,
    UnexpectedReplyError,
)
from adapters.http import Reply, Request, retry_after_s
from adapters.secret import Secret

_EARLY = timedelta(seconds=60)  # renewed by so much before the hour is over


class Tokens:
    """The access token of one shop, renewed when its hour is nearly over; threads may share it.

    Args:
        send: makes the call to the token endpoint at its pace.
    Source: devdocs connecting-to-the-selling-partner-api, step "Request a LWA access token".
    """

    def __init__(
        self, send: Callable[[Request], Reply], lwa_url: str, credentials: Credentials, clock: Clock
    ) -> None:
        self._send = send
        self._url = f"{lwa_url}/auth/o2/token"
        self._credentials = credentials
        self._clock = clock
        self._lock = threading.Lock()
        self._refresh: Secret | None = credentials.get("refresh_token")
        self._access: Secret | None = None
        self._due = clock.now()
        self._refused: AuthError | None = None

    def access(self) -> Secret:
        """Give an access token that is good, as far as its own time tells.

        Raises:
            AuthError: the credentials were refused; said without a call once Amazon has said it.
        """
        with self._lock:
            if self._access is None or self._clock.now() >= self._due:
                return self._renew()
            return self._access

    def renewed(self, refused: Secret) -> Secret:
        """Give another access token than the one that was refused; one renewal serves all threads."""
        with self._lock:
            if self._access is None or self._access is refused:
                return self._renew()
            return self._access

    def ask(self) -> None:
        """Renew now: the only question to which Amazon answers how the credentials stand."""
        with self._lock:
            self._renew()

    def secrets(self) -> list[Secret]:
        """Give what must be taken out of any text."""
        return [secret for secret in (self._access, self._refresh) if secret]

    def _renew(self) -> Secret:
        if self._refused:
            raise _again(self._refused)
        self._access = None
        form = {
            "grant_type": "refresh_token",
            "refresh_token": self._set("refresh_token", self._refresh).reveal(),
            "client_id": self._set("client_id", self._credentials.get("client_id")).reveal(),
            "client_secret": self._set("client_secret", self._credentials.get("client_secret")).reveal(),
        }
        try:
            found = self._ask(form)
            access, lives = Secret(wire.word(found, "access_token")), wire.amount(found, "expires_in")
            refresh = fields.text(found, "refresh_token")
        except AuthError as error:
            self._refused = error
            raise
        except fields.Malformed as error:
            raise UnexpectedReplyError(f"{wire.TOKEN}: {error}", operation=wire.TOKEN) from None
        if refresh:  # seen to be the same; were it another, it would take the place of the old one
            self._refresh = Secret(refresh)
        self._access, self._due = access, self._clock.now() + timedelta(seconds=lives) - _EARLY
        return access

    def _ask(self, form: Mapping[str, str]) -> dict[str, Any]:
        headers = {
            "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8",
            "User-Agent": wire.USER_AGENT,
        }
        body = urlencode(form).encode()
        reply = self._send(Request(wire.TOKEN, "POST", self._url, headers=headers, body=body))
        if reply.status == 200:
            return fields.parsed(reply)
        raise _failure(reply, self._clock.now())

    @staticmethod
    def _set(kind: str, value: Secret | None) -> Secret:
        if not value:
            raise AuthError(f"{kind} is not set", operation=wire.TOKEN, hint="credential_missing")
        return value


def _again(refused: AuthError) -> AuthError:
    return AuthError(
        str(refused),
        expired=refused.expired,
        operation=refused.operation,
        vendor_code=refused.vendor_code,
        hint=refused.hint,
    )


ENDED = "invalid_grant"  # the authorization was withdrawn or is over
# Source: models clients/sellingpartner-api-aa-*. A wrong or outdated secret is invalid_client.
_REFUSED: Mapping[str, str] = {
    ENDED: wire.CONSENT,
    "invalid_client": wire.CLIENT,
    "unauthorized_client": wire.CLIENT,
    "invalid_request": wire.CLIENT,
    "invalid_scope": wire.CLIENT,
    "access_denied": wire.CLIENT,
}
_TEMPORARY = frozenset({"server_error", "temporarily_unavailable"})


def _failure(reply: Reply, now: datetime) -> MallError:
    """Class an answer without a token; its body is never kept."""
    try:
        said = str(fields.parsed(reply).get("error", ""))
    except fields.Malformed:
        said = ""
    code = said if said in _REFUSED or said in _TEMPORARY else ""
    what = " ".join(f"{wire.TOKEN}: HTTP {reply.status} {code}".split())
    if code in _REFUSED:
        hint = _REFUSED[code]
        return AuthError(what, expired=code == ENDED, operation=wire.TOKEN, vendor_code=code, hint=hint)
    if reply.status == 401:
        return AuthError(what, operation=wire.TOKEN, hint=wire.CLIENT)
    if reply.status == 429:
        pause = retry_after_s(reply.headers, now)
        return RateLimitedError(what, retry_after_s=pause, operation=wire.TOKEN)
    if reply.status >= 500 or code in _TEMPORARY:
        return TemporaryError(what, operation=wire.TOKEN, vendor_code=code)
    return UnexpectedReplyError(what, operation=wire.TOKEN)
