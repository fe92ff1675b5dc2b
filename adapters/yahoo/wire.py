"""The words of the store API: its functions, its XML, its error codes, its stock forms."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import TypeVar
from urllib.parse import urlencode

from adapters.contract import Address, StockLevel, StockLine
from adapters.errors import (
    AuthError,
    MaintenanceError,
    MallError,
    OutcomeUnknownError,
    RateLimitedError,
    TemporaryError,
    UnexpectedReplyError,
)
from adapters.fields import Malformed as Malformed
from adapters.fields import beginning, redacted
from adapters.http import Reply, retry_after_s
from adapters.secret import Secret

R = TypeVar("R")

JST = timezone(timedelta(hours=9))
QUANTITY_MAX = 999_999_999
_TEXT_MAX = 200
_ITEM = re.compile(r"[0-9A-Za-z-]{1,99}")
_SUB = re.compile(r"[0-9A-Za-z-]{0,99}")

FORM = "application/x-www-form-urlencoded"
XML = "application/xml; charset=utf-8"


# --------------------------------------------------------------------------- functions


@dataclass(frozen=True)
class Function:
    """One function of the store API, all of version V1.

    ``orders``: it needs the signature and its answers hold buyers' data, which are never kept.
    """

    name: str
    quota: str
    method: str = "POST"
    content_type: str = FORM
    writes: bool = False
    orders: bool = False

    @property
    def path(self) -> str:
        """Give the path under the host."""
        return f"/ShoppingWebService/V1/{self.name}"


# There is none that changes an order: orderChange and orderStatusChange would take the order out
# of 新規注文 before the shop's people have seen it.
SET_STOCK = Function("setStock", "set_stock", writes=True)
GET_STOCK = Function("getStock", "get_stock")
ORDER_LIST = Function("orderList", "order_list", content_type=XML, orders=True)
ORDER_INFO = Function("orderInfo", "order_info", content_type=XML, orders=True)
DOWNLOAD_REQUEST = Function("downloadRequest", "download_request")
DOWNLOAD_SUBMIT = Function("downloadSubmit", "download_submit", "GET")
TOKEN = "token"  # YConnect's own call, as a quota and in messages


def form(fields: Mapping[str, str]) -> bytes:
    """Encode a form. A ``+`` travels as ``%2B``: bare, it would arrive as a blank.

    Source: page setStock, parameter quantity.
    """
    return urlencode(fields, safe=",:").encode()


# --------------------------------------------------------------------------- reading XML


def parsed(reply: Reply) -> ET.Element:
    """Read the XML of an answer.

    Raises:
        Malformed: it is something else, such as an HTML page.
    """
    if b"<!DOCTYPE" in reply.body:
        raise Malformed("the body is not plain XML")
    try:
        return ET.fromstring(reply.body)
    except (ET.ParseError, ValueError, LookupError):
        raise Malformed("the body is not XML") from None


def local(element: ET.Element) -> str:
    """Give an element's name without its namespace, which comes and goes between functions."""
    return element.tag.rpartition("}")[2]


def every(element: ET.Element, name: str) -> list[ET.Element]:
    """Give the children of that name."""
    return [child for child in element if local(child) == name]


def first(element: ET.Element, *path: str) -> ET.Element | None:
    """Give the first element at the end of a path of names."""
    found: ET.Element | None = element
    for name in path:
        found = next(iter(every(found, name)), None) if found is not None else None
    return found


def text(element: ET.Element, *path: str) -> str:
    """Give the text at the end of a path, without the blanks that pad it; "" if it is not there."""
    found = first(element, *path)
    return "" if found is None else "".join(found.itertext()).strip()


def required(element: ET.Element, name: str) -> str:
    """Give a text that must be there."""
    if value := text(element, name):
        return value
    raise Malformed(f"{name} is not there")


def whole(value: str, name: str) -> int:
    """Read a whole number."""
    if not re.fullmatch(r"[+-]?[0-9]{1,15}", value):
        raise Malformed(f"{name} is not a whole number")
    return int(value)


def moment(written: str) -> datetime:
    """Read a time of the store API, ISO 8601 or fourteen digits; JST where no zone is given."""
    try:
        plain = re.fullmatch(r"[0-9]{14}", written)
        found = datetime.fromisoformat(f"{written[:8]}T{written[8:]}" if plain else written)
    except ValueError:
        raise Malformed("a time is not ISO 8601") from None
    return found if found.tzinfo else found.replace(tzinfo=JST)


# --------------------------------------------------------------------------- errors


@dataclass(frozen=True)
class Fault:
    """What an answer says went wrong; the code is "" where it gives none."""

    code: str = ""
    message: str = field(default="", repr=False)


def fault_of(reply: Reply) -> Fault:
    """Find the error of an answer: its Error element, a Code beside Status NG, else its text.

    A page for people may be right XML too; it is taken as text.
    """
    page = Fault("", reply.body[:2000].decode("utf-8", "replace"))
    try:
        root = parsed(reply)
    except Malformed:
        return page
    if local(root).lower() == "html":
        return page
    found = {local(element): "".join(element.itertext()).strip() for element in root.iter()}
    return Fault(found.get("Code") or found.get("ErrorCode", ""), found.get("Message", ""))


@dataclass(frozen=True)
class _Known:
    kind: type[MallError]
    hint: str = ""
    expired: bool = False


CONSENT = "yahoo_consent"
SHORT_SESSION = "yahoo_short_session"
KEY_REFUSED = "yahoo_key_refused"
CLOCK = "yahoo_clock"
CLIENT = "yahoo_client"
SCOPE = "yahoo_scope"
ORDER_API = "yahoo_order_api"
SOURCE_IP = "yahoo_source_ip"
PRIVILEGE = "yahoo_privilege"
STORE_ACCOUNT = "yahoo_store_account"

# What is in no table is not understood. Sources: pages setStock, getStock (change history), help,
# faq; px-14303, px-14304, px-04306, ed-00001 and ed-00003 to -00006 as seen by users of the API.
_CODES: Mapping[str, _Known] = {
    "px-04102": _Known(AuthError, SHORT_SESSION, expired=True),
    "px-04303": _Known(AuthError, ORDER_API),
    "px-04306": _Known(AuthError, SOURCE_IP),
    "px-14303": _Known(AuthError, PRIVILEGE),
    "px-14304": _Known(AuthError, PRIVILEGE),
    "st-02100": _Known(AuthError, STORE_ACCOUNT),
    "ed-00003": _Known(AuthError, STORE_ACCOUNT),
    "ed-00004": _Known(AuthError, STORE_ACCOUNT),
    "ed-00005": _Known(AuthError, STORE_ACCOUNT),
    "ed-00002": _Known(MaintenanceError),  # since 2023-03-08
    "st-02000": _Known(MaintenanceError),  # before that, setStock
    "st-01000": _Known(MaintenanceError),  # before that, getStock
    "ed-00001": _Known(TemporaryError),
    "ed-00006": _Known(TemporaryError),
    "st-02999": _Known(TemporaryError),
    "ed-10002": _Known(OutcomeUnknownError),  # applied, but the number could not be read again
    "pm-08003": _Known(TemporaryError),  # the file is not made yet
}
LINE_CODES = frozenset({"st-02101", "st-02104", "st-02106"})
NOT_READY = "pm-08003"
_BUSY = "反映またはアップロード中"  # the shop publishes or uploads: nothing was changed
_CLOSED = "メンテナンス"
_FORBIDDEN = "Your Request was Forbidden"
# Statuses that a write gets before anything is changed; every other failure leaves it unknown.
HARMLESS = frozenset({400, 401, 403, 404, 405, 413, 415, 429})


def token_ended(reply: Reply) -> bool:
    """Tell whether an answer says no more than that the access token's hour is over.

    Source: page faq; the words stand in the header WWW-Authenticate and in the body.
    """
    if reply.status != 401 or fault_of(reply).code in _CODES:  # the shortened session has a code
        return False
    return _says(reply, "invalid_token")


def _says(reply: Reply, word: str) -> bool:
    header = reply.headers.get("WWW-Authenticate", "")
    return word in header or word.encode() in reply.body[:2000]


def failure(function: Function, reply: Reply, secrets: Sequence[Secret], now: datetime) -> MallError:
    """Class an answer that is not the function's success."""
    fault = fault_of(reply)
    what = _words(function, reply, fault, secrets)
    known = _CODES.get(fault.code) or _by_sense(reply, fault)
    name, code = function.name, fault.code
    if known is None:
        seen = evidence(function, reply, secrets)
        return UnexpectedReplyError(what, evidence=seen, operation=name, vendor_code=code)
    if known.kind is AuthError:
        return AuthError(what, expired=known.expired, operation=name, vendor_code=code, hint=known.hint)
    if known.kind is RateLimitedError:
        pause = retry_after_s(reply.headers, now)
        return RateLimitedError(what, retry_after_s=pause, operation=name, vendor_code=code)
    return known.kind(what, operation=name, vendor_code=code)


def for_person(code: str) -> bool:
    """Tell whether an error's code is one that only a person can mend."""
    return code in _CODES and _CODES[code].kind is AuthError


def row_error(mall_code: str, code: str) -> MallError:
    """Class the error of one row that is not about the line's own form: it may have been applied."""
    known = _CODES.get(code)
    kind = known.kind if known else UnexpectedReplyError
    what = f"{SET_STOCK.name}: {mall_code}: {code}"
    return kind(what, operation=SET_STOCK.name, vendor_code=code)


def refused(root: ET.Element) -> bool:
    """Tell whether an answer of status 200 says that the call failed after all."""
    status = text(root, "Status") or text(root, "Result", "Status")
    return local(root) == "Error" or status == "NG"


def _by_sense(reply: Reply, fault: Fault) -> _Known | None:
    """Class by status and words what has no code in the table."""
    if _says(reply, "insufficient_scope"):
        return _Known(AuthError, SCOPE)
    if token_ended(reply):
        return _Known(AuthError, CONSENT, expired=True)
    if reply.status == 401 and not fault.code:
        return _Known(AuthError)
    if reply.status == 429 or (reply.status == 403 and (_FORBIDDEN in fault.message or not fault.code)):
        return _Known(RateLimitedError)
    if reply.status == 503 or _CLOSED in fault.message:
        return _Known(MaintenanceError)
    if reply.status >= 500 or _BUSY in fault.message:
        return _Known(TemporaryError)
    return None


def not_understood(function: Function, reply: Reply, why: str, secrets: Sequence[Secret]) -> MallError:
    """Class an answer of the right status in a form that is not known.

    A page for people that speaks of maintenance may come in the place of an error.
    """
    if b"<html" in reply.body[:2000].lower() and _CLOSED.encode() in reply.body:
        return MaintenanceError(f"{function.name}: a page about maintenance", operation=function.name)
    return UnexpectedReplyError(
        f"{function.name}: {why}",
        evidence=evidence(function, reply, secrets),
        operation=function.name,
    )


def evidence(function: Function, reply: Reply, secrets: Sequence[Secret]) -> str:
    """Give the beginning of an answer for the record; nothing of one about orders."""
    if function.orders:
        return ""
    return beginning(reply, secrets)


def _words(function: Function, reply: Reply, fault: Fault, secrets: Sequence[Secret]) -> str:
    said = fault.code
    if not function.orders:
        said = f"{said} {redacted(fault.message, secrets)[:_TEXT_MAX]}"
    return " ".join(f"{function.name}: HTTP {reply.status} {said}".split())


# --------------------------------------------------------------------------- stock


def is_address(address: Address) -> bool:
    """Tell whether an address is a 商品コード and a 個別商品コード ("" for none)."""
    return len(address) == 2 and bool(_ITEM.fullmatch(address[0]) and _SUB.fullmatch(address[1]))


def joined(address: Address) -> str:
    """Give an address as the forms write it: ``item`` or ``item:sub``."""
    return ":".join(part for part in address if part)


def stock_form(seller_id: str, addresses: Sequence[Address]) -> bytes:
    """Ask for these addresses. Source: page getStock."""
    return form({"seller_id": seller_id, "item_code": ",".join(joined(address) for address in addresses)})


def write_form(seller_id: str, lines: Sequence[StockLine]) -> bytes:
    """Set these quantities.

    A bare number sets, one with a sign adds. ``allow_overdraft`` is left out for every line, as
    users of the API do: what it was, stays.

    Source: page setStock.
    """
    codes = ",".join(joined(line.address) for line in lines)
    quantities = ",".join(str(line.quantity) for line in lines)
    return form({"seller_id": seller_id, "item_code": codes, "quantity": quantities})


@dataclass(frozen=True)
class Row:
    """One row of a stock answer. ``code`` is an error's; ``quantity`` None where there is none."""

    quantity: int | None
    code: str = ""


def by_address(asked: Sequence[Address], found: Mapping[Address, R]) -> dict[Address, R]:
    """Give what was found for each address asked for, whatever order it came in.

    Whether Yahoo! keeps the case of a code is not documented: the exact one is looked for first.
    """
    folded = {_fold(address): row for address, row in found.items()}
    pairs = ((address, found.get(address, folded.get(_fold(address)))) for address in asked)
    return {address: row for address, row in pairs if row is not None}


def _fold(address: Address) -> Address:
    return tuple(part.lower() for part in address)


def write_rows(root: ET.Element) -> dict[Address, Row]:
    """Read the answer to a write, of which any row may have failed by itself."""
    return {_address(result): _write_row(result) for result in results(root)}


def _write_row(result: ET.Element) -> Row:
    quantity = text(result, "Quantity")
    return Row(whole(quantity, "Quantity") if quantity else None, text(result, "ErrorCode"))


def results(root: ET.Element) -> list[ET.Element]:
    """Give the rows of a ResultSet."""
    if local(root) != "ResultSet":
        raise Malformed("the body is not a ResultSet")
    return every(root, "Result")


def _address(result: ET.Element) -> Address:
    return (required(result, "ItemCode"), text(result, "SubCode"))


def levels(root: ET.Element) -> dict[Address, StockLevel | None]:
    """Read the answer to getStock; None for a code without a stock record.

    An empty quantity means unlimited, from the time before 2018-02-13, and is given as the
    largest number. Stock below zero, which an item that sells beyond its stock may reach, is 0.

    Source: page getStock, Status and Quantity.
    """
    return {_address(result): _level(result) for result in results(root)}


def _level(result: ET.Element) -> StockLevel | None:
    status = required(result, "Status")
    if status not in ("0", "1"):
        raise Malformed("Status is neither 0 nor 1")
    if status == "0":
        return None
    quantity, updated = text(result, "Quantity"), text(result, "UpdateTime")
    pieces = max(0, whole(quantity, "Quantity")) if quantity else QUANTITY_MAX
    return StockLevel(_address(result), pieces, moment(updated).astimezone(UTC) if updated else None)


def accepted(root: ET.Element) -> str:
    """Read that a download was accepted; give its key, "" where there is none.

    Source: page downloadRequest. Status stands under the root or under Result.
    """
    status = text(root, "Status") or text(root, "Result", "Status")
    if status != "OK":
        raise Malformed("Status is not OK")
    return text(root, "Result", "FileKey") or text(root, "FileKey")
