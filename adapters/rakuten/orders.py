"""The order forms: what is asked for, and what stock needs of the answer. The rest is dropped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.contract import Address, LineState, Order, OrderLine, Window
from adapters.fields import Malformed, get, maybe, text
from adapters.rakuten.wire import JST, key, moment

SEARCH_SPAN = timedelta(days=63)
LOOK_BACK = timedelta(days=730)
SEARCH_PAGE = 1000
SEARCH_CAP = 15_000
GET_BATCH = 100

# Source: RMS page rakutenpayorderapi/searchorder, orderProgressList. Rakuten takes the stock off
# when the order is placed, so an order counts from its first state; 800 may still be withdrawn.
_STATES: Mapping[int, LineState] = {
    **dict.fromkeys((100, 200, 300, 400, 500, 600, 700, 800), LineState.SOLD),
    900: LineState.CANCELLED,
}
_CANCELLED = 900

# Source: RMS pages rakutenpayorderapi/searchorder and getorder, settlementMethodCode.
# Codes are stable where names are not: 14 was renamed on 2026-01-22.
_PAYMENTS: Mapping[int, str] = {
    1: "クレジットカード",
    2: "代金引換",
    3: "後払い",
    4: "ショッピングクレジット／ローン",
    5: "オートローン",
    6: "リース",
    7: "請求書払い",
    8: "ポイント",
    9: "銀行振込",
    12: "Apple Pay",
    13: "セブンイレブン（前払）",
    14: "ファミリーマート、ローソン等（前払）",
    16: "Alipay",
    17: "PayPal",
    21: "後払い決済",
    27: "Alipay（支付宝）",
}


def pieces(window: Window, now: datetime) -> list[Window]:
    """Cut a window into stretches that one search accepts, within what RMS still knows.

    Source: RMS page rakutenpayorderapi/searchorder: 63 days a search, 730 days back.
    """
    start = max(window.since, now - LOOK_BACK + timedelta(minutes=1)).replace(microsecond=0)
    until = window.until.replace(microsecond=0)
    if until < window.until:
        until += timedelta(seconds=1)  # a search speaks of whole seconds
    found = []
    while start < until:
        found.append(Window(start, min(start + SEARCH_SPAN, until)))
        start += SEARCH_SPAN
    return found or ([Window(until, until)] if start == until else [])


def halves(window: Window) -> list[Window]:
    """Cut a window in two that share their border; [] if it is too short for that."""
    middle = (window.since + (window.until - window.since) / 2).replace(microsecond=0)
    if not window.since < middle < window.until:
        return []
    return [Window(window.since, middle), Window(middle, window.until)]


def search_form(window: Window, page: int, amount: int = SEARCH_PAGE) -> dict[str, Any]:
    """Ask for the numbers of orders placed in a window, oldest first.

    Oldest first, so that an order placed while the pages are read moves none of them.
    """
    return {
        "dateType": 1,
        "startDatetime": _stamp(window.since),
        "endDatetime": _stamp(window.until),
        "PaginationRequestModel": {
            "requestRecordsAmount": amount,
            "requestPage": page,
            "SortModelList": [{"sortColumn": 1, "sortDirection": 1}],
        },
    }


def _stamp(at: datetime) -> str:
    return at.astimezone(JST).strftime("%Y-%m-%dT%H:%M:%S%z")


def found_numbers(body: Mapping[str, Any]) -> tuple[list[str], int]:
    """Read the order numbers of a page and how many the whole search has (null means none)."""
    numbers = get(body, "orderNumberList", list)
    if not all(isinstance(number, str) for number in numbers):
        raise Malformed("orderNumberList has an entry that is not str")
    paging = maybe(body, "PaginationResponseModel", dict) or {}
    return numbers, maybe(paging, "totalRecordsAmount", int) or 0


def get_form(numbers: Sequence[str], version: int) -> dict[str, Any]:
    """Ask for these orders. Version 7 is the least that tells the SKU."""
    return {"orderNumberList": list(numbers), "version": version}


@dataclass(frozen=True)
class Answer:
    """The orders that came, and the numbers that RMS named as bad."""

    orders: list[Order]
    refused: list[str]


def answer_of(body: Mapping[str, Any]) -> Answer:
    """Read the orders of an answer, without anything personal.

    Source: RMS page rakutenpayorderapi/getorder.
    """
    rows = maybe(body, "OrderModelList", list) or []
    messages = maybe(body, "MessageModelList", list) or []
    bad = [row for row in messages if isinstance(row, dict) and row.get("messageType") == "ERROR"]
    return Answer([_named(row) for row in rows], [text(row, "orderNumber") for row in bad])


def _named(row: object) -> Order:
    """Read one order; what is wrong with it is told with its number, so that a person can find it."""
    try:
        return _order(row)
    except Malformed as error:
        why = str(error)
    raise Malformed(f"order {text(row, 'orderNumber')}: {why}")


def _order(row: object) -> Order:
    progress = get(row, "orderProgress", int)
    if progress not in _STATES:
        raise Malformed(f"orderProgress {progress} is not known")
    settlement = maybe(row, "SettlementModel", dict) or {}
    lines = tuple(_lines(row, _STATES[progress]))
    if len({line.line_id for line in lines}) < len(lines):
        raise Malformed("itemDetailId is there twice in one order")
    return Order(
        get(row, "orderNumber", str),
        moment(get(row, "orderDatetime", str)).astimezone(UTC),
        lines,
        payment=_payment(settlement),
        delivery=text(maybe(row, "DeliveryModel", dict) or {}, "deliveryName"),
        closed=progress == _CANCELLED,
    )


def _payment(settlement: dict[str, Any]) -> str:
    code = maybe(settlement, "settlementMethodCode", int)
    return _PAYMENTS.get(code or 0) or text(settlement, "settlementMethod")


def _lines(row: object, state: LineState) -> Iterator[OrderLine]:
    for package in get(row, "PackageModelList", list):
        for item in get(package, "ItemModelList", list):
            address, code = _sku(item)
            units = 0 if maybe(item, "deleteItemFlag", int) == 1 else get(item, "units", int)
            if units < 0:
                raise Malformed("units is negative")
            yield OrderLine(str(get(item, "itemDetailId", int)), code, address, units, state)


def _sku(item: object) -> tuple[Address, str]:
    """Give the address and the match code of a line.

    Orders from before the SKU migration have no SKU: their address has "" for it.
    """
    manage = get(item, "manageNumber", str)
    skus = maybe(item, "SkuModelList", list) or []
    if len(skus) > 1:
        raise Malformed("SkuModelList has more than one entry")
    plain = text(item, "itemNumber") or manage
    if not skus:
        return key((manage, "")), text(item, "itemNumber")
    code = text(skus[0], "merchantDefinedSkuId")
    if not code and maybe(skus[0], "skuInfo", str) is None:
        code = plain  # a single SKU, so the item's own code can mean nothing else
    return key((manage, text(skus[0], "variantId"))), code
