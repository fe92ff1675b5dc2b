"""YConnect v2: from a person's consent to a refresh token, and from that to access tokens.

An access token lives for an hour and is kept in memory alone.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from adapters.contract import Clock, Credentials
from adapters.errors import (
    AuthError,
    MaintenanceError,
    MallError,
    RateLimitedError,
    TemporaryError,
    UnexpectedReplyError,
)
from adapters.http import Reply, Request, retry_after_s
from adapters.secret import Secret
from adapters.yahoo import wire

LIFE = timedelta(days=28)  # of a consent. Source: page help, リフレッシュトークンの有効期限
SHORT_LIFE = timedelta(hours=12)  # once the order functions were called without a good key
_EARLY = timedelta(seconds=60)  # renewed by so much before the hour is over


def authorization_url(auth_url: str, client_id: str, redirect_uri: str, state: str) -> str:
    """Give the page on which a person consents.

    Source: page yconnect/v2/authorization_code/authorization.
    """
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": "openid",
        "state": state,
        "bail": "1",
    }
    return f"{auth_url}/yconnect/v2/authorization?{urlencode(query)}"


def code_of(pasted: str, state: str) -> str:
    """Give the code out of the address to which Yahoo! sent the person back, or the bare code.

    Raises:
        ValueError: it says that consent was refused, or belongs to another request.
    """
    pasted = pasted.strip()
    if "=" not in pasted:
        return pasted
    query = parse_qs(urlsplit(pasted).query or pasted)
    codes = query.get("code", [])
    if len(codes) != 1 or query.get("state", [state]) != [state]:
        raise ValueError("no code of this request in the address")
    return codes[0]


class Tokens:
    """The access token of one shop, renewed when its hour is nearly over; threads may share it.

    Args:
        send: makes the call to the token endpoint at its pace.
    """

    def __init__(
        self, send: Callable[[Request], Reply], auth_url: str, credentials: Credentials, clock: Clock
    ) -> None:
        self._send = send
        self._url = f"{auth_url}/yconnect/v2/token"
        self._credentials = credentials
        self._clock = clock
        self._lock = threading.Lock()
        self._refresh: Secret | None = credentials.get("refresh_token")
        self._access: Secret | None = None
        self._due = clock.now()
        self._ended: AuthError | None = None

    def bearer(self) -> Secret:
        """Give an access token that is good, as far as its own time tells.

        Raises:
            AuthError: the consent is over; said without a call once Yahoo! has said it.
        """
        with self._lock:
            if self._access is None or self._clock.now() >= self._due:
                return self._renew()
            return self._access

    def renewed(self, refused: Secret | None) -> Secret:
        """Give another access token than the one that was refused; one renewal serves all threads."""
        with self._lock:
            if self._access is None or self._access is refused:
                return self._renew()
            return self._access

    def ask(self) -> None:
        """Renew now: the only question to which Yahoo! answers how the consent stands."""
        with self._lock:
            self._renew()

    def redeem(self, code: str, redirect_uri: str) -> Secret:
        """Give the refresh token for a code, which is good once."""
        found = self._ask({"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri})
        return Secret(_word(found, "refresh_token"))

    def secrets(self) -> list[Secret]:
        """Give what must be taken out of any text."""
        return [secret for secret in (self._access, self._refresh) if secret]

    def _renew(self) -> Secret:
        if self._ended:
            raise _again(self._ended)
        self._access = None
        refresh = self._refresh
        if not refresh:
            raise _missing("refresh_token")
        try:
            found = self._ask({"grant_type": "refresh_token", "refresh_token": refresh.reveal()})
        except AuthError as error:
            self._ended = error if error.expired else None
            raise
        self._access = Secret(_word(found, "access_token"))
        life = timedelta(seconds=_seconds(found))
        self._due = self._clock.now() + life - min(_EARLY, life / 10)
        if found.get("refresh_token"):  # seldom sent; then it takes the place of the old one
            self._refresh = Secret(_word(found, "refresh_token"))
        return self._access

    def _ask(self, fields: Mapping[str, str]) -> dict[str, Any]:
        reply = self._send(self._request(fields))
        found = _parsed(reply)
        if reply.status == 200 and found is not None and "access_token" in found:
            return found
        raise _failure(reply, found or {}, self._clock.now())

    def _request(self, fields: Mapping[str, str]) -> Request:
        pair = ":".join(self._set(kind).reveal() for kind in ("client_id", "client_secret"))
        headers = {
            "Authorization": "Basic " + base64.b64encode(pair.encode()).decode(),
            "Content-Type": f"{wire.FORM};charset=UTF-8",
        }
        return Request(wire.TOKEN, "POST", self._url, headers=headers, body=wire.form(fields))

    def _set(self, kind: str) -> Secret:
        value = self._credentials.get(kind)
        if not value:
            raise _missing(kind)
        return value


def _missing(kind: str) -> AuthError:
    return AuthError(f"{kind} is not set", operation=wire.TOKEN, hint="credential_missing")


def _again(ended: AuthError) -> AuthError:
    return AuthError(
        str(ended),
        expired=ended.expired,
        operation=ended.operation,
        vendor_code=ended.vendor_code,
        hint=ended.hint,
    )


def _parsed(reply: Reply) -> dict[str, Any] | None:
    try:
        found = json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _word(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str) or not value:
        raise UnexpectedReplyError(f"{wire.TOKEN}: {name} is not there", operation=wire.TOKEN)
    return value


def _seconds(found: Mapping[str, Any]) -> int:
    value = str(found.get("expires_in", ""))
    if not value.isascii() or not value.isdigit() or len(value) > 9:
        raise UnexpectedReplyError(f"{wire.TOKEN}: expires_in is not a number", operation=wire.TOKEN)
    return int(value)


_ENDED = "invalid_grant"  # expired, withdrawn, or the login password was changed
# Source: pages yconnect/v2/authorization_code/token and faq; the names as in Yahoo!'s own SDK.
_NAMES = frozenset(
    {
        _ENDED,
        "invalid_client",
        "invalid_request",
        "unsupported_grant_type",
        "invalid_scope",
        "invalid_redirect_uri",
        "server_error",
    }
)


def _failure(reply: Reply, found: Mapping[str, Any], now: datetime) -> MallError:
    """Class an answer without a token; its body is never kept."""
    error = str(found.get("error", ""))
    name = error if error in _NAMES else ""
    what = " ".join(f"{wire.TOKEN}: HTTP {reply.status} {name}".split())
    if _ENDED.encode() in reply.body:
        what = f"{wire.TOKEN}: HTTP {reply.status} {_ENDED}"
        return AuthError(what, expired=True, operation=wire.TOKEN, vendor_code=_ENDED, hint=wire.CONSENT)
    if name == "invalid_client" or (reply.status == 401 and not name):
        return AuthError(what, operation=wire.TOKEN, vendor_code=name, hint=wire.CLIENT)
    if reply.status in (403, 429):
        pause = retry_after_s(reply.headers, now)
        return RateLimitedError(what, retry_after_s=pause, operation=wire.TOKEN)
    if reply.status >= 500 or name == "server_error":
        kind = MaintenanceError if reply.status == 503 else TemporaryError
        return kind(what, operation=wire.TOKEN, vendor_code=name)
    return UnexpectedReplyError(what, operation=wire.TOKEN, vendor_code=name)
