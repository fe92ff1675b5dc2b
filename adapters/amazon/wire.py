"""The words of the Selling Partner API: its operations, its JSON, its errors."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from adapters.errors import (
    AuthError,
    MallError,
    RateLimitedError,
    TemporaryError,
    UnexpectedReplyError,
)
from adapters.fields import Malformed, beginning, get, iso_time, parsed, redacted, text
from adapters.http import Reply, Request, retry_after_s
from adapters.secret import Secret

MARKETPLACE = "A1VC38T7YXB528"  # Amazon.co.jp
LOCALE = "ja_JP"
USER_AGENT = "tanaban/0.1 (Language=Python)"
JSON_TYPE = "application/json; charset=UTF-8"
TOKEN = "token"  # the quota of the token endpoint, and what its errors are called by
_TEXT_MAX = 200

# Hints: see README.md.
CLIENT = "amazon_client_refused"
CONSENT = "amazon_authorization_ended"
DENIED = "amazon_access_denied"
NOT_SELLING = "amazon_not_selling_in_japan"


# --------------------------------------------------------------------------- operations


@dataclass(frozen=True)
class Function:
    """One operation. ``private``: its answers hold buyers' data or signed addresses, and are never kept.

    ``writes`` is for what changes something that sells; a document or report made in vain is nothing.
    """

    name: str
    quota: str
    method: str
    path: str
    writes: bool = False
    private: bool = False


_ITEMS = "/listings/2021-08-01/items/{sellerId}"
_FEEDS = "/feeds/2021-06-30"
_REPORTS = "/reports/2021-06-30"
_ORDERS = "/orders/2026-01-01/orders"

PARTICIPATIONS = Function(
    "getMarketplaceParticipations", "participations", "GET", "/sellers/v1/marketplaceParticipations"
)
PATCH = Function("patchListingsItem", "patch", "PATCH", _ITEMS + "/{sku}", writes=True)
GET_ITEM = Function("getListingsItem", "get_item", "GET", _ITEMS + "/{sku}")
SEARCH_ITEMS = Function("searchListingsItems", "search_items", "GET", _ITEMS)
CREATE_FEED_DOCUMENT = Function(
    "createFeedDocument", "create_feed_document", "POST", _FEEDS + "/documents", private=True
)
CREATE_FEED = Function("createFeed", "create_feed", "POST", _FEEDS + "/feeds", writes=True)
GET_FEED = Function("getFeed", "get_feed", "GET", _FEEDS + "/feeds/{feedId}")
GET_FEED_DOCUMENT = Function(
    "getFeedDocument", "get_feed_document", "GET", _FEEDS + "/documents/{feedDocumentId}", private=True
)
CREATE_REPORT = Function("createReport", "create_report", "POST", _REPORTS + "/reports")
GET_REPORT = Function("getReport", "get_report", "GET", _REPORTS + "/reports/{reportId}")
GET_REPORT_DOCUMENT = Function(
    "getReportDocument",
    "get_report_document",
    "GET",
    _REPORTS + "/documents/{reportDocumentId}",
    private=True,
)
SEARCH_ORDERS = Function("searchOrders", "search_orders", "GET", _ORDERS, private=True)
GET_ORDER = Function("getOrder", "get_order", "GET", _ORDERS + "/{orderId}", private=True)
# The two ends of a document's own address, which is no operation and asks for no token.
UPLOAD = Function("upload", "transfer", "PUT", "")
DOWNLOAD = Function("download", "transfer", "GET", "")


def request(
    function: Function,
    base_url: str,
    places: Mapping[str, str],
    params: Mapping[str, str],
    form: object = None,
) -> Request:
    """Put one call together, without its token.

    Args:
        places: what stands in the path. Nothing is left as it is: a raw ``/`` or ``#`` of a SKU
            makes another path, which is answered like a refused token.
        form: becomes the JSON body.
    """
    path = function.path.format(**{name: quote(value, safe="") for name, value in places.items()})
    headers = {"Accept": "application/json", "User-Agent": USER_AGENT}
    if form is not None:
        headers["Content-Type"] = "application/json"
    return Request(
        function.name,
        function.method,
        base_url + path,
        writes=function.writes,
        headers=headers,
        params=params,
        body=None if form is None else body_of(form),
    )


def body_of(form: object) -> bytes:
    """Give a form as UTF-8 JSON without blanks: 25,000 messages should stay under 10 MiB."""
    return json.dumps(form, ensure_ascii=False, separators=(",", ":")).encode()


def transfer(function: Function, url: str, body: bytes | None = None) -> Request:
    """Put together the upload or download of a document.

    The address is signed and good for 5 minutes, so what signs it is kept out of ``url``.

    Raises:
        Malformed: the address is not https.
    """
    parts = urlsplit(url)
    if parts.scheme != "https":
        raise Malformed("the document's url is not https")
    return Request(
        function.name,
        function.method,
        f"https://{parts.netloc}{parts.path}",
        headers={"User-Agent": USER_AGENT} | ({"Content-Type": JSON_TYPE} if body is not None else {}),
        params=dict(parse_qsl(parts.query, keep_blank_values=True)),
        body=body,
    )


def stamp(at: datetime) -> str:
    """Give a time as the queries want it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# --------------------------------------------------------------------------- reading JSON


def word(row: object, name: str) -> str:
    """Give a text that must be there and not be empty."""
    found = get(row, name, str)
    if not found:
        raise Malformed(f"{name} is empty")
    return found


def amount(row: object, name: str) -> int:
    """Give a number of pieces that must be there."""
    found = get(row, name, int)
    if found < 0:
        raise Malformed(f"{name} is negative")
    return found


def moment(written: str) -> datetime:
    """Read a time, which must have a zone."""
    found = iso_time(written)
    if found.tzinfo is None:
        raise Malformed("a time has no zone")
    return found.astimezone(UTC)


# --------------------------------------------------------------------------- errors


class NotThere(UnexpectedReplyError):
    """404: there is no such item, order, feed or document."""


# Source: devdocs usage-plans and the models' responses. By the status alone: for the same thing the
# models show BAD_REQUEST, InvalidInput and "400" as code. What is not here is not understood.
_BY_STATUS: Mapping[int, type[MallError]] = {
    401: AuthError,
    403: AuthError,
    404: NotThere,
    429: RateLimitedError,
    500: TemporaryError,
    502: TemporaryError,
    503: TemporaryError,
    504: TemporaryError,
}
EXPIRED_TOKEN = frozenset({401, 403})  # what a dead access token gets, among others


@dataclass(frozen=True)
class Fault:
    """The first entry of ``errors``."""

    code: str = ""
    message: str = ""


def fault_of(reply: Reply) -> Fault:
    """Find the error entry of an answer; an empty one where it has none."""
    try:
        rows = parsed(reply).get("errors")
    except Malformed:
        return Fault()
    first = rows[0] if isinstance(rows, list) and rows else {}
    if not isinstance(first, dict):
        return Fault()
    said = " ".join(str(first.get(name) or "") for name in ("message", "details"))
    return Fault(str(first.get("code") or ""), said.strip())


def failure(function: Function, reply: Reply, secrets: Sequence[Secret], now: datetime) -> MallError:
    """Class an answer that is not the operation's success."""
    fault = fault_of(reply)
    what, name, code = _words(function, reply, fault, secrets), function.name, fault.code
    kind = _BY_STATUS.get(reply.status, UnexpectedReplyError)
    if kind is AuthError:
        return AuthError(what, operation=name, vendor_code=code, hint=DENIED)
    if kind is RateLimitedError:
        pause = retry_after_s(reply.headers, now)
        return RateLimitedError(what, retry_after_s=pause, operation=name, vendor_code=code)
    if kind is TemporaryError:
        return TemporaryError(what, operation=name, vendor_code=code)
    seen = evidence(function, reply, secrets)
    unexpected = NotThere if kind is NotThere else UnexpectedReplyError
    return unexpected(what, evidence=seen, operation=name, vendor_code=code)


def not_understood(
    function: Function, reply: Reply, why: str, secrets: Sequence[Secret]
) -> UnexpectedReplyError:
    """Class an answer of the right status in a form that is not known."""
    return UnexpectedReplyError(
        f"{function.name}: {why}{_handle(reply)}",
        evidence=evidence(function, reply, secrets),
        operation=function.name,
    )


def evidence(function: Function, reply: Reply, secrets: Sequence[Secret]) -> str:
    """Give the beginning of an answer for the record; nothing of a private one."""
    if function.private:
        return ""
    return beginning(reply, secrets)


def _words(function: Function, reply: Reply, fault: Fault, secrets: Sequence[Secret]) -> str:
    said = fault.code if function.private else f"{fault.code} {redacted(fault.message, secrets)[:_TEXT_MAX]}"
    return " ".join(f"{function.name}: HTTP {reply.status} {said}".split()) + _handle(reply)


def _handle(reply: Reply) -> str:
    """Name the request by the id that Amazon gave it: its support asks for that."""
    request_id = reply.headers.get("x-amzn-RequestId", "")
    return f" (RequestId {request_id})" if re.fullmatch(r"[0-9A-Za-z-]{1,64}", request_id) else ""


# --------------------------------------------------------------------------- the seller


@dataclass(frozen=True)
class Participation:
    """How the seller takes part in a marketplace."""

    participating: bool
    suspended: bool
    store: str


def participation_of(body: Mapping[str, Any]) -> Participation | None:
    """Find Japan among the marketplaces of the seller.

    Source: models sellers (getMarketplaceParticipations).
    """
    for row in get(body, "payload", list):
        if get(get(row, "marketplace", dict), "id", str) == MARKETPLACE:
            how = get(row, "participation", dict)
            return Participation(
                get(how, "isParticipating", bool),
                get(how, "hasSuspendedListings", bool),
                text(row, "storeName"),
            )
    return None
