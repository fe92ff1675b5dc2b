"""The words of futureshop's APIv2: its calls, its headers, its error codes, JSON read field by field."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl

from adapters.errors import (
    AuthError,
    MaintenanceError,
    MallError,
    RateLimitedError,
    TemporaryError,
    UnexpectedReplyError,
)
from adapters.fields import Malformed as Malformed
from adapters.fields import beginning, get, iso_time, redacted, text
from adapters.fields import parsed as parsed
from adapters.http import Reply, Request, retry_after_s
from adapters.secret import Secret

T = TypeVar("T")

JST = timezone(timedelta(hours=9))
QUANTITY_MAX = 999_999_999  # nine digits
PRODUCT_NO_BYTES = 32
BRANCH_NO_BYTES = 9
CURSOR_MAX = 2048
_TEXT_MAX = 200


# --------------------------------------------------------------------------- calls


@dataclass(frozen=True)
class Function:
    """One call of the API. ``personal``: its answers hold buyers' data and are never kept.

    ``rows`` is where a list's rows stand in its answer.
    """

    name: str
    method: str
    path: str
    rows: str = ""
    writes: bool = False
    personal: bool = False


# Source: futureshop manual, api-inventoryRefresh, for the write; the other paths as working clients
# of APIv2 call them.
TOKEN = Function("oauth/token", "POST", "/oauth/token")
STOCK = Function("GET inventory", "GET", "/admin-api/v1/inventory", "productList")
WRITE = Function("POST inventory", "POST", "/admin-api/v1/inventory", writes=True)
SHIPPING = Function("GET shipping", "GET", "/admin-api/v1/shipping", "orderList", personal=True)
ORDER = Function("GET orders", "GET", "/admin-api/v1/orders", personal=True)


def token_request(base_url: str, shop_key: Secret, client_id: Secret, client_secret: Secret) -> Request:
    """Ask for an access token (OAuth 2.0 client credentials, RFC 6749 sections 2.3.1 and 4.4)."""
    pair = f"{client_id.reveal()}:{client_secret.reveal()}".encode()
    headers = {
        "Authorization": "Basic " + base64.b64encode(pair).decode(),
        "X-SHOP-KEY": shop_key.reveal(),
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    body = b"grant_type=client_credentials"
    return Request(TOKEN.name, TOKEN.method, base_url + TOKEN.path, headers=headers, body=body)


@dataclass(frozen=True)
class Call:
    """One call without its credentials. ``below`` is put behind the function's path."""

    function: Function
    params: Mapping[str, str] = field(default_factory=dict)
    form: object = None
    below: str = ""

    def request(self, base_url: str, token: Secret, shop_key: Secret) -> Request:
        """Put the request together."""
        headers = {
            "Authorization": f"Bearer {token.reveal()}",
            "X-SHOP-KEY": shop_key.reveal(),
            "Accept": "application/json",
        }
        body = None
        if self.form is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(self.form, ensure_ascii=False).encode()
        function = self.function
        url = base_url + function.path + self.below
        return Request(
            function.name,
            function.method,
            url,
            function.writes,
            headers=headers,
            params=self.params,
            body=body,
        )


@dataclass(frozen=True)
class Token:
    """An access token and how long it lives."""

    value: Secret
    life_s: float


def token_of(body: Mapping[str, Any]) -> Token:
    """Read the token answer. ``token_type`` is compared without case: malls spell it in two ways."""
    if get(body, "token_type", str).lower() != "bearer":
        raise Malformed("token_type is not Bearer")
    value, life_s = get(body, "access_token", str), get(body, "expires_in", int)
    if not is_header_text(value):
        raise Malformed("access_token has not a token's form")
    return Token(Secret(value), life_s)


def is_header_text(value: str) -> bool:
    """Tell whether a value can stand in a header: plain ASCII without blanks."""
    return value.isascii() and value.isprintable() and bool(value) and " " not in value


# --------------------------------------------------------------------------- times


def moment(written: str) -> datetime:
    """Read a time of the mall, which is Japan's and bears no zone; give it in UTC."""
    found = iso_time(written)
    return (found if found.tzinfo else found.replace(tzinfo=JST)).astimezone(UTC)


def stamp(at: datetime) -> str:
    """Write a time as the mall's filters take it: Japan's, whole seconds, no zone."""
    return at.astimezone(JST).strftime("%Y-%m-%dT%H:%M:%S")


# --------------------------------------------------------------------------- lists


@dataclass(frozen=True)
class Page(Generic[T]):
    """What a page of a list holds, and the query of the next page; {} on the last."""

    found: list[T]
    following: Mapping[str, str]


def page_of(body: Mapping[str, Any], call: Call, base_url: str, read: Callable[[object], list[T]]) -> Page[T]:
    """Read a page.

    Source: the answers of ``GET inventory`` as recorded by a working client: ``nextUrl`` is absolute
    and absent on the last page.
    """
    found = [each for row in get(body, call.function.rows, list) for each in read(row)]
    return Page(found, _following(text(body, "nextUrl"), base_url + call.function.path))


def _following(next_url: str, here: str) -> Mapping[str, str]:
    """Give the query of the next page. The token goes to no address but the one that we know."""
    if not next_url:
        return {}
    place, _, query = next_url.partition("?")
    params = dict(parse_qsl(query, keep_blank_values=True))
    if place != here:
        raise Malformed("nextUrl leads elsewhere")
    if not 0 < len(params.get("cursor", "")) <= CURSOR_MAX:
        raise Malformed("nextUrl has no cursor of the right length")
    return params


# --------------------------------------------------------------------------- errors


@dataclass(frozen=True)
class Fault:
    """One error of an answer: futureshop's own, or OAuth's."""

    code: str
    message: str = ""


# Source: futureshop manual, api-inventoryrealstoreRefresh, for the first four; the others are our
# reading. What is in neither table is not understood.
LINE_CODES = frozenset(
    {
        "ProductNotFound",
        "StockNotFound",
        "InvalidDateFormat",
        "NotManagementSettings",
        "InvalidFormat",
        "StockShortage",
    }
)
NO_SUCH_CELL = "StockNotFound"
NO_SUCH_ORDER = "OrderNotFound"
_COMMON: Mapping[str, type[MallError]] = {
    "invalid_client": AuthError,  # RFC 6749 section 5.2
    "unauthorized_client": AuthError,
    "AccessDenied": AuthError,
    "TooManyRequests": RateLimitedError,
}
NOT_GRANTED = "api_not_granted"
_REFUSING = frozenset({400, 404, 409, 422})  # under which a write may still speak of single products
# Statuses that a write gets before anything is changed; every other failure leaves it unknown.
HARMLESS = frozenset({400, 401, 403, 404, 405, 413, 415, 429})


class NoSuchOrderError(UnexpectedReplyError):
    """The mall knows no order of this number. Its form is a guess: a 404, or a code in the answer."""


def faults(reply: Reply) -> list[Fault]:
    """Find the errors of a whole answer."""
    try:
        return faults_of(parsed(reply))
    except Malformed:
        return []


def faults_of(row: Mapping[str, Any]) -> list[Fault]:
    """Find the errors of an answer or of one product's result."""
    if isinstance(row.get("error"), str):
        return [Fault(row["error"], str(row.get("error_description", "")))]
    entries = row.get("errors")
    rows = entries if isinstance(entries, list) else []
    return [
        Fault(str(each.get("code", "")), str(each.get("message", "")))
        for each in rows
        if isinstance(each, dict)
    ]


def speaks_of_products(reply: Reply) -> bool:
    """Tell whether the answer to a write is about what was sent, and not about the call as such.

    A working client takes errors of products to come with HTTP 200. That is not documented, so they
    are understood under a refusing status too.
    """
    codes = {fault.code for fault in faults(reply)}
    if reply.status == 200:
        return not codes & _COMMON.keys()
    try:
        has_results = isinstance(parsed(reply).get("results"), list)
    except Malformed:
        return False
    return reply.status in _REFUSING and (has_results or (bool(codes) and codes <= LINE_CODES))


def failure(function: Function, reply: Reply, secrets: Sequence[Secret], now: datetime) -> MallError:
    """Class an answer that is not the function's success."""
    found = faults(reply)
    code = found[0].code if found else ""
    what = _words(function, reply, found, secrets)
    if function is ORDER and (reply.status == 404 or code == NO_SUCH_ORDER):
        return NoSuchOrderError(what, operation=function.name, vendor_code=code)
    name, known = function.name, _COMMON.get(code)
    if reply.status == 429 or known is RateLimitedError:
        pause = retry_after_s(reply.headers, now)
        return RateLimitedError(what, retry_after_s=pause, operation=name, vendor_code=code)
    if reply.status in (401, 403) or known is AuthError:
        hint = NOT_GRANTED if reply.status == 403 else ""
        return AuthError(what, operation=name, vendor_code=code, hint=hint)
    if reply.status == 503:
        return MaintenanceError(what, operation=name, vendor_code=code)
    if reply.status >= 500:
        return TemporaryError(what, operation=name, vendor_code=code)
    seen = evidence(function, reply, secrets)
    return UnexpectedReplyError(what, evidence=seen, operation=name, vendor_code=code)


def not_understood(
    function: Function, reply: Reply, why: str, secrets: Sequence[Secret]
) -> UnexpectedReplyError:
    """Class an answer of the right status in a form that is not known."""
    seen = evidence(function, reply, secrets)
    return UnexpectedReplyError(f"{function.name}: {why}", evidence=seen, operation=function.name)


def evidence(function: Function, reply: Reply, secrets: Sequence[Secret]) -> str:
    """Give the beginning of an answer for the record; nothing of a personal one or of a token's."""
    if function.personal or function is TOKEN:
        return ""
    return beginning(reply, secrets)


def _words(function: Function, reply: Reply, found: Sequence[Fault], secrets: Sequence[Secret]) -> str:
    said = ""
    if found:
        message = "" if function.personal else found[0].message[:_TEXT_MAX]
        said = redacted(f"{found[0].code} {message}", secrets)
    return " ".join(f"{function.name}: HTTP {reply.status} {said}".split())
