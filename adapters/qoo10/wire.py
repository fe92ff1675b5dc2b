"""The words of QAPI: its methods, its two envelopes, its result codes, the forms of its stock writes.

HTTP tells nothing: a refusal comes with status 200, and only an edge in front of QAPI uses others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from adapters.contract import Address, StockLine
from adapters.errors import (
    AuthError,
    MaintenanceError,
    MallError,
    RateLimitedError,
    TemporaryError,
    UnexpectedReplyError,
)
from adapters.fields import Malformed, beginning, redacted
from adapters.http import Reply, Request, retry_after_s
from adapters.secret import Secret

QUANTITY_MAX = 2_147_483_647
LAST_DATE = "2030-12-31"  # a later end of sale makes stock writes fail
AXES = 5
JOINER = "||*"  # between the axes of an option
_PATH = "/GMKT.INC.Front.QAPIService/ebayjapan.qapi/"
_NUMBER_MAX = 10**12
_TEXT_MAX = 200


# --------------------------------------------------------------------------- result codes

ROWS_FAILED = -1
NOT_FOUND = -10001
BAD_FORM = -10002
INACTIVE = -10009
PROCESSING = -10101
_SERVER = (-999, -990, -101)

KEY_OR_METHOD = "key_or_method"  # hints: see README.md
METHOD_NOT_GRANTED = "method_not_granted"

# Source: result codes of the pages GetClaimInfo_V3 (15475), UpdateInventoryQtyUnit (10022) and
# SetGoodsPriceQtyBulk (15238). What is not in the table is not understood.
_CLASSES: Mapping[int, type[MallError]] = {
    **dict.fromkeys((-10000, -90001, -90002, -90003, -90004, -90005), AuthError),
    **dict.fromkeys((PROCESSING, *_SERVER), TemporaryError),
}
_EXPIRED = (-90004, -90005)
# -90001 is documented as "the API does not exist", and is also the answer to a wrong key.
_HINTS: Mapping[int, str] = {
    -90001: KEY_OR_METHOD,
    -90002: METHOD_NOT_GRANTED,
    -90003: METHOD_NOT_GRANTED,
}


# --------------------------------------------------------------------------- methods


@dataclass(frozen=True)
class Method:
    """One method of QAPI.

    ``answers``: the codes other than 0 that its caller understands. ``personal``: its answers hold
    buyers' data and are never kept.
    """

    name: str
    version: str
    quota: str = "single"
    writes: bool = False
    personal: bool = False
    answers: frozenset[int] = frozenset()


_ABSENT = frozenset({NOT_FOUND, INACTIVE})
_REFUSED = frozenset({NOT_FOUND, BAD_FORM, INACTIVE})
_SOME_FAILED = frozenset({ROWS_FAILED})

# Source: the method pages of the same names; the versions as their test forms send them.
LIST = Method("ItemsLookup.GetAllGoodsInfo", "1.0")
# A status that the list no longer knows has no items.
LIST_OTHERS = replace(LIST, answers=frozenset({NOT_FOUND}))
DETAIL = Method("ItemsLookup.GetItemDetailInfo", "1.2", answers=_ABSENT)
OPTIONS = Method("ItemsLookup.GetGoodsInventoryInfo", "1.0", answers=_ABSENT)
SET_ITEM = Method("ItemsOrder.SetGoodsPriceQty", "1.1", writes=True, answers=_REFUSED)
SET_ITEMS = Method("ItemsOrder.SetGoodsPriceQtyBulk", "1.1", "bulk", writes=True, answers=_SOME_FAILED)
SET_OPTION = Method(
    "ItemsOptions.UpdateInventoryQtyUnit", "1.0", writes=True, answers=_REFUSED | {PROCESSING}
)
SET_OPTIONS = Method("ItemsOptions.UpdateInventoryDataBulk", "1.0", "bulk", writes=True, answers=_SOME_FAILED)
SHIPPING = Method("ShippingBasic.GetShippingInfo_v3", "1.0", personal=True)
CLAIMS = Method("ShippingBasic.GetClaimInfo_V3", "1.0", personal=True)
ORDER = Method(
    "ShippingBasic.GetShippingAndClaimInfoByOrderNo_V2",
    "1.0",
    personal=True,
    answers=frozenset({NOT_FOUND}),
)


def request(method: Method, base_url: str, key: Secret, form: Mapping[str, str]) -> Request:
    """Put one call together: the key in a header, so that no log of addresses holds it."""
    return Request(
        method.name,
        "POST",
        base_url + _PATH + method.name,
        writes=method.writes,
        headers={
            "GiosisCertificationKey": key.reveal(),
            "QAPIVersion": method.version,
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        },
        body=urlencode({"returnType": "application/json", **form}).encode(),
    )


# --------------------------------------------------------------------------- reading


@dataclass(frozen=True)
class Answer:
    """What a method said: its code, its words, and the rows of its result."""

    code: int
    message: str
    rows: list[Any]


Row = Mapping[str, Any]
"""A row by field names in lower case: they are cased one way here and another there."""


def answer_of(reply: Reply) -> Answer:
    """Read an answer in either envelope.

    A result may be a list, one row alone, or nothing.

    Raises:
        Malformed: it is neither, such as HTML, or the plain text of an unknown method.
    """
    try:
        found = json.loads(reply.body.decode("utf-8-sig"), parse_float=Decimal, strict=False)
    except (ValueError, RecursionError):
        raise Malformed("the body is not JSON") from None
    if not isinstance(found, dict):
        raise Malformed("the body is not a JSON object")
    gate = "Error" if found.get("ErrorCode") else "Result"
    code = whole(found.get(f"{gate}Code"), f"{gate}Code", least=-_NUMBER_MAX)
    result = found.get("ResultObject")
    rows = result if isinstance(result, list) else [] if result in (None, "") else [result]
    return Answer(code, str(found.get(f"{gate}Msg") or ""), rows)


def row_of(found: object) -> Row:
    """Give a row under field names in lower case."""
    if not isinstance(found, dict):
        raise Malformed("a row is not a JSON object")
    return {name.lower(): value for name, value in found.items()}


def text(row: Row, *names: str) -> str:
    """Give the first of these fields that holds something, as text; "" if none does."""
    for name in names:
        value = row.get(name)
        if isinstance(value, dict | list | bool):
            raise Malformed(f"{name} is not text")
        if value is not None and str(value):
            return str(value)
    return ""


def must(row: Row, *names: str) -> str:
    """Give a field that must hold something."""
    if found := text(row, *names):
        return found
    raise Malformed(f"{names[0]} is not there")


def whole(value: object, name: str, least: int = 0) -> int:
    """Read a whole number, written as one, as a decimal or as text."""
    found = decimal(value, name)
    if found != int(found) or found < least:
        raise Malformed(f"{name} is not a whole number of {least} or more")
    return int(found)


def decimal(value: object, name: str) -> Decimal:
    """Read a number of a sane size, in whichever of its forms."""
    try:
        found = Decimal("NaN" if isinstance(value, bool) else str(value).strip())
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or abs(found) > _NUMBER_MAX:
        raise Malformed(f"{name} is not a number")
    return found


def number(row: Row, name: str) -> int:
    """Give a whole number that must be there."""
    return whole(row.get(name), name)


def moment(written: str, zone: tzinfo) -> datetime:
    """Read a time; QAPI gives none a zone."""
    try:
        found = datetime.fromisoformat(written.strip())
    except ValueError:
        raise Malformed("a time has another form than yyyy-MM-dd HH:mm:ss") from None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def state(written: str) -> int:
    """Read a state, a bare number or behind words: ``5``, ``Delivered(5)``; 0 if there is none."""
    found = re.fullmatch(r"\s*(?:.*\()?(\d{1,3})\)?\s*", written)
    return int(found[1]) if found else 0


# --------------------------------------------------------------------------- errors


def failure(method: Method, answer: Answer, secrets: Iterable[Secret]) -> MallError:
    """Class an answer that is no success and none that the caller understands."""
    code, name, vendor_code = answer.code, method.name, str(answer.code)
    said = "" if method.personal else redacted(answer.message[:_TEXT_MAX], secrets)
    what = " ".join(f"{name}: {code} {said}".split())
    kind = _CLASSES.get(code)
    if kind is AuthError:
        hint, expired = _HINTS.get(code, ""), code in _EXPIRED
        return AuthError(what, expired=expired, operation=name, vendor_code=vendor_code, hint=hint)
    if kind is not None:
        return kind(what, operation=name, vendor_code=vendor_code)
    return UnexpectedReplyError(what, operation=name, vendor_code=vendor_code)


def edge_failure(method: Method, reply: Reply, now: datetime) -> MallError:
    """Class an answer of the edge in front of QAPI, which itself always answers 200."""
    if _speaks_of_maintenance(reply):
        return _closed(method)
    what, name, code = f"{method.name}: HTTP {reply.status}", method.name, str(reply.status)
    if reply.status == 429:
        pause = retry_after_s(reply.headers, now)
        return RateLimitedError(what, retry_after_s=pause, operation=name, vendor_code=code)
    return TemporaryError(what, operation=name, vendor_code=code)


def not_understood(method: Method, reply: Reply, why: str, secrets: Iterable[Secret]) -> MallError:
    """Class an answer in a form that is not known; a page that speaks of maintenance is one of it."""
    if _speaks_of_maintenance(reply):
        return _closed(method)
    return UnexpectedReplyError(
        f"{method.name}: {why}", evidence=evidence(method, reply, secrets), operation=method.name
    )


def _speaks_of_maintenance(reply: Reply) -> bool:
    return reply.body.lstrip().startswith(b"<") and "メンテナンス".encode() in reply.body


def _closed(method: Method) -> MaintenanceError:
    return MaintenanceError(f"{method.name}: a page says メンテナンス", operation=method.name)


def evidence(method: Method, reply: Reply, secrets: Iterable[Secret]) -> str:
    """Give the beginning of an answer for the record; nothing of a personal one."""
    if method.personal:
        return ""
    return beginning(reply, secrets)


# --------------------------------------------------------------------------- stock


def is_plain(address: Address) -> bool:
    """Tell whether an address is that of an item without options: its number and its end of sale."""
    return len(address) == 2


def is_address(address: Address) -> bool:
    """Tell whether an address has one of the two forms.

    An option row's is the item's number, the option's names and its values.
    """
    if not address or not re.fullmatch(r"[0-9]{1,18}", address[0]):
        return False
    if is_plain(address):
        return re.fullmatch(r"\d{4}-\d{2}-\d{2}", address[1]) is not None
    return len(address) == 3 and all(address)


def item_row(line: StockLine) -> dict[str, str]:
    """Set an item's quantity; the end of sale stays as it is.

    ``Qty`` and ``ExpireDate`` are always there: left out, they become 9999 and a year from now.
    ``Price`` is left out to keep it, and ``TaxRate`` and ``StartDate`` likewise.

    Source: pages SetGoodsPriceQty (10024) and SetGoodsPriceQtyBulk (15238).
    """
    item, expires = line.address
    return {"ItemCode": item, "SellerCode": line.mall_code, "Qty": str(line.quantity), "ExpireDate": expires}


def option_row(line: StockLine) -> dict[str, str]:
    """Set the quantity of an option row, which is found by its names and values.

    Source: page UpdateInventoryQtyUnit (10022).
    """
    item, names, values = line.address
    return {
        "ItemCode": item,
        "OptionName": names,
        "OptionValue": values,
        "OptionCode": line.mall_code,
        "Qty": str(line.quantity),
    }


def bulk_form(rows: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Put the rows of a bulk call together: texts all, never null."""
    return {"ItemInfoJson": json.dumps(list(rows), ensure_ascii=False, separators=(",", ":"))}
