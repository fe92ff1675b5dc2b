"""The words of RMS: its functions, its header, its error codes, its stock forms."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from adapters.contract import Address, StockLevel, StockLine
from adapters.errors import (
    AuthError,
    MaintenanceError,
    MallError,
    RateLimitedError,
    TemporaryError,
    UnexpectedReplyError,
)
from adapters.fields import Malformed, beginning, get, iso_time, maybe, parsed, redacted
from adapters.http import Reply, Request, retry_after_s
from adapters.secret import Secret

JST = timezone(timedelta(hours=9))
PART = re.compile(r"[a-zA-Z0-9_-]{1,32}")  # both halves of a stock key
QUANTITY_MAX = 99_999
_TEXT_MAX = 200


# --------------------------------------------------------------------------- functions


@dataclass(frozen=True)
class Function:
    """One function of RMS. ``personal``: its answers hold buyers' data and are never kept."""

    name: str  # as the screen 利用機能編集 lists it
    quota: str
    method: str
    path: str
    content_type: str = "application/json"
    writes: bool = False
    personal: bool = False


_ORDER_TYPE = "application/json; charset=utf-8"  # without the charset an order call is a 415

UPSERT = Function(
    "inventories.bulk.upsert", "bulk_upsert", "POST", "/es/2.0/inventories/bulk-upsert", writes=True
)
BULK_GET = Function("inventories.bulk.get", "bulk_get", "POST", "/es/2.0/inventories/bulk-get")
RANGE = Function("inventories.bulk.get.range", "bulk_range", "GET", "/es/2.0/inventories/bulk-get/range")
ITEMS = Function("items.search", "items_search", "GET", "/es/2.0/items/search")
SEARCH = Function(
    "rpay.order.searchOrder", "search_order", "POST", "/es/2.0/order/searchOrder/", _ORDER_TYPE, personal=True
)
GET_ORDER = Function(
    "rpay.order.getOrder", "get_order", "POST", "/es/2.0/order/getOrder/", _ORDER_TYPE, personal=True
)
EXPIRY = Function(
    "license.expiryDate.get", "expiry_date", "GET", "/es/1.0/license-management/license-key/expiry-date"
)


def authorization(service_secret: Secret, licence: Secret) -> str:
    """Give the ESA header's value.

    Source: RMS page inventoryapi2/getinventory, section on the request header.
    """
    pair = f"{service_secret.reveal()}:{licence.reveal()}".encode()
    return "ESA " + base64.b64encode(pair).decode()


def request(
    function: Function,
    base_url: str,
    authorization: str,
    params: Mapping[str, str] | None = None,
    form: object = None,
) -> Request:
    """Put one call together; ``form`` becomes the JSON body."""
    headers = {"Authorization": authorization, "Accept": "application/json"}
    if form is not None:
        headers["Content-Type"] = function.content_type
    return Request(
        function.name,
        function.method,
        base_url + function.path,
        writes=function.writes,
        headers=headers,
        params=params or {},
        body=None if form is None else json.dumps(form, ensure_ascii=False).encode(),
    )


# --------------------------------------------------------------------------- times


def moment(written: str) -> datetime:
    """Read a time of RMS: any offset form, a fraction or not; JST where no zone is given."""
    found = iso_time(written)
    return found if found.tzinfo else found.replace(tzinfo=JST)


def expiry_of(body: Mapping[str, Any]) -> datetime:
    """Read the end of a licence key; it comes without a zone and is JST."""
    return moment(get(body, "expiryDate", str))


# --------------------------------------------------------------------------- errors


@dataclass(frozen=True)
class Fault:
    """One error entry of an answer, whichever of the three forms it came in."""

    code: str
    message: str = ""
    path: str = ""
    order_number: str = ""


def faults(reply: Reply) -> list[Fault]:
    """Find the error entries: ``errors``, else ``MessageModelList``, else ``Results``, else text."""
    try:
        body = parsed(reply)
    except Malformed:
        return [Fault("", reply.body[:_TEXT_MAX].decode("utf-8", "replace"))]
    for name, read in _FORMS.items():
        entries = body.get(name)
        rows = entries if isinstance(entries, list) else [entries]
        if found := [fault for row in rows if isinstance(row, dict) and (fault := read(row))]:
            return found
    return []


def _plain(row: dict[str, Any]) -> Fault | None:
    metadata = row.get("metadata")
    path = metadata.get("propertyPath") if isinstance(metadata, dict) else ""
    return Fault(str(row.get("code", "")), str(row.get("message", "")), str(path or ""))


def _message_model(row: dict[str, Any]) -> Fault | None:
    if row.get("messageType") != "ERROR":
        return None
    number = str(row.get("orderNumber") or "")
    return Fault(str(row.get("messageCode", "")), str(row.get("message", "")), order_number=number)


def _results(row: dict[str, Any]) -> Fault | None:
    return Fault(str(row["errorCode"]), str(row.get("message", ""))) if row.get("errorCode") else None


_FORMS: Mapping[str, Callable[[dict[str, Any]], Fault | None]] = {
    "errors": _plain,
    "MessageModelList": _message_model,
    "Results": _results,
}

# Source: RMS page inventoryapi2_1/codereference. What is in none of the tables is not understood.
_COMMON: Mapping[str, type[MallError]] = {
    "GA0001": AuthError,  # the key is wrong or ended, or the function is not ticked
    "CE0001": TemporaryError,  # conflict with another process
    "GE0019": TemporaryError,
    "X0000": TemporaryError,
    "ES04-01": AuthError,  # older gateway: the function is not ticked
}
# The item functions use these numbers for other things, so they hold for stock writes alone.
LINE_CODES = frozenset(
    {"IE0001", "IE0002", "IE0003", "IE0004", "IE0117", "IE0118", "IE0121", "IE0500", "IE1102"}
)
NOT_TICKED = "function_not_ticked"
# Statuses that a write gets before anything is changed; every other failure leaves it unknown.
HARMLESS = frozenset({400, 401, 403, 404, 405, 413, 415, 429})


def failure(function: Function, reply: Reply, secrets: Sequence[Secret], now: datetime) -> MallError:
    """Class an answer that is not the function's success.

    403 is given as ``RateLimitedError``: older RMS documents use it for the request limit.
    """
    found = faults(reply)
    code = next((fault.code for fault in found if fault.code), "")
    what = _words(function, reply, found, secrets)
    name = function.name
    known = _COMMON.get(code)
    if known is AuthError or reply.status == 401:
        return AuthError(what, operation=name, vendor_code=code, hint=NOT_TICKED if code == "ES04-01" else "")
    if reply.status in (403, 429):
        pause = retry_after_s(reply.headers, now)
        return RateLimitedError(what, retry_after_s=pause, operation=name, vendor_code=code)
    if reply.status == 503:
        return MaintenanceError(what, operation=name, vendor_code=code)
    if reply.status == 409 or reply.status >= 500 or known is TemporaryError:
        return TemporaryError(what, operation=name, vendor_code=code)
    seen = evidence(function, reply, secrets)
    return UnexpectedReplyError(what, evidence=seen, operation=name, vendor_code=code)


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
    """Give the beginning of an answer for the record; nothing of a personal one."""
    if function.personal:
        return ""
    return beginning(reply, secrets)


def _words(function: Function, reply: Reply, found: Sequence[Fault], secrets: Sequence[Secret]) -> str:
    said = " ".join(fault.code for fault in found if fault.code)
    if found and not function.personal:
        said = f"{said} {redacted(found[0].message[:_TEXT_MAX], secrets)}".strip()
    return " ".join(f"{function.name}: HTTP {reply.status} {said}".split()) + _handle(reply)


def _handle(reply: Reply) -> str:
    """Name the request by the id that RMS gave it: the only handle its support has."""
    request_id = reply.headers.get("RequestId", "")
    return f" (RequestId {request_id})" if re.fullmatch(r"[0-9A-Za-z-]{1,64}", request_id) else ""


# --------------------------------------------------------------------------- stock


def key(address: Address) -> Address:
    """Give an address as RMS stores it: the manage number in lower case, the SKU number as it is.

    Source: RMS page inventoryapi2/upsertbulkinventories (商品管理番号 is folded to lower case).
    """
    return (address[0].lower(), *address[1:])


def is_address(address: Address) -> bool:
    """Tell whether an address has the form of a stock key, a manage number and a SKU number."""
    return len(address) == 2 and all(PART.fullmatch(part) for part in address)


def bulk_get_form(addresses: Sequence[Address]) -> dict[str, Any]:
    """Ask for these addresses.

    Source: RMS page inventoryapi2_1/inventories_bulk_get.
    """
    return {"inventories": [{"manageNumber": manage, "variantId": variant} for manage, variant in addresses]}


def upsert_form(lines: Sequence[StockLine]) -> dict[str, Any]:
    """Set these quantities.

    Source: RMS page inventoryapi2/upsertbulkinventories. ``mode`` has no default.
    """
    rows = bulk_get_form([key(line.address) for line in lines])["inventories"]
    for row, line in zip(rows, lines, strict=True):
        row |= {"mode": "ABSOLUTE", "quantity": line.quantity}
    return {"inventories": rows}


def named_rows(found: Sequence[Fault], count: int) -> dict[int, Fault]:
    """Give the rows that errors name by ``inventories[<row>]``; the first error of a row counts."""
    rows: dict[int, Fault] = {}
    for fault in found:
        place = re.match(r"inventories\[(\d{1,4})\]", fault.path)
        if place and int(place[1]) < count:
            rows.setdefault(int(place[1]), fault)
    return rows


def about_rows(found: Sequence[Fault], count: int) -> bool:
    """Tell whether a refusal is about rows: it names some, or each of its codes is about one."""
    codes = {fault.code for fault in found}
    return bool(named_rows(found, count)) or (bool(codes) and codes <= LINE_CODES)


def levels(body: Mapping[str, Any]) -> dict[Address, StockLevel]:
    """Read a bulk-get answer, by key."""
    found = {}
    for row in get(body, "inventories", list):
        address = key((get(row, "manageNumber", str), get(row, "variantId", str)))
        updated = maybe(row, "updated", str)
        found[address] = StockLevel(
            address, get(row, "quantity", int), moment(updated) if updated is not None else None
        )
    return found
