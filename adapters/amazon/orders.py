"""The order forms, API version 2026-01-01: what is asked for, and what stock needs of the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from adapters.amazon.listings import address_of
from adapters.amazon.wire import MARKETPLACE, amount, moment, stamp, word
from adapters.contract import LineState, Order, OrderLine, Window
from adapters.fields import Malformed, get, maybe, text

PAGE = 100
HIDDEN = timedelta(minutes=2)  # a search does not reach closer to now than this
_DATA = "FULFILLMENT,CANCELLATION"  # nothing of buyers: those come only when asked for
_ORDER_ID = re.compile(r"[0-9]{3}-[0-9]{7}-[0-9]{7}")

# Source: models orders_2026-01-01 (FulfillmentStatus). While payment is not authorized, for days
# where it is made at a convenience store, the pieces are taken but may come back.
_STATES: Mapping[str, LineState] = {
    "PENDING_AVAILABILITY": LineState.RESERVED,
    "PENDING": LineState.RESERVED,
    "UNSHIPPED": LineState.SOLD,
    "PARTIALLY_SHIPPED": LineState.SOLD,
    "SHIPPED": LineState.SOLD,
    "CANCELLED": LineState.CANCELLED,
}
_NOT_OURS = "UNFULFILLABLE"  # Amazon-fulfilled orders from elsewhere only
_CLOSED = frozenset({"SHIPPED", "CANCELLED"})


def is_order_id(order_id: str) -> bool:
    """Tell whether a text has the form of an order's number: 3, 7 and 7 digits."""
    return bool(_ORDER_ID.fullmatch(order_id))


def search_params(window: Window, now: datetime, token: str = "") -> dict[str, str]:
    """Ask for the merchant-fulfilled orders that changed since the window began.

    Placed counts as changed, so the new ones are among them, and cancels of older ones too.
    There is no upper bound: an order that was placed in the window and changed after it belongs.

    Source: models orders_2026-01-01 (searchOrders).
    """
    since = min(window.since, now - HIDDEN - timedelta(minutes=1))
    params = {
        "lastUpdatedAfter": stamp(since),
        "marketplaceIds": MARKETPLACE,
        "fulfilledBy": "MERCHANT",
        "maxResultsPerPage": str(PAGE),
        "includedData": _DATA,
    }
    return params | ({"paginationToken": token} if token else {})


def get_params() -> dict[str, str]:
    """Ask for one order."""
    return {"includedData": _DATA}


@dataclass(frozen=True)
class Page:
    """One page of a search, and the next page's token."""

    orders: list[Order]
    token: str


def page_of(body: Mapping[str, Any]) -> Page:
    """Read a page of a search, without anything personal."""
    paging = maybe(body, "pagination", dict) or {}
    found = [order for row in get(body, "orders", list) if (order := _named(row))]
    return Page(found, text(paging, "nextToken"))


def order_of(body: Mapping[str, Any]) -> list[Order]:
    """Read one order; none if it is not the merchant's to fulfil."""
    found = _named(get(body, "order", dict))
    return [found] if found else []


def _named(row: object) -> Order | None:
    """Read one order; what is wrong with it is told with its number, so that a person can find it."""
    try:
        return _order(row)
    except Malformed as error:
        why = str(error)
    raise Malformed(f"order {text(row, 'orderId')}: {why}")


def _order(row: object) -> Order | None:
    fulfillment = get(row, "fulfillment", dict)
    status = get(fulfillment, "fulfillmentStatus", str)
    if text(fulfillment, "fulfilledBy") == "AMAZON" or status == _NOT_OURS:
        return None
    if status not in _STATES:
        raise Malformed(f"fulfillmentStatus {status} is not known")
    revision = moment(get(row, "lastUpdatedTime", str))
    lines = tuple(_lines(row, _STATES[status], revision))
    if len({line.line_id for line in lines}) < len(lines):
        raise Malformed("orderItemId is there twice in one order")
    return Order(
        word(row, "orderId"),
        moment(get(row, "createdTime", str)),
        lines,
        delivery=text(fulfillment, "fulfillmentServiceLevel"),
        closed=status in _CLOSED,
    )


def _lines(row: object, order_state: LineState, revision: datetime) -> Iterator[OrderLine]:
    for item in get(row, "orderItems", list):
        product = get(item, "product", dict)
        sku = text(product, "sellerSku")
        state, units = _standing(item, order_state)
        yield OrderLine(
            word(item, "orderItemId"),
            sku or text(product, "asin"),
            address_of(sku) if sku else ("", text(product, "asin")),
            units,
            state,
            revision,
        )


def _standing(item: object, order_state: LineState) -> tuple[LineState, int]:
    """Give what a line means now, and for how many pieces.

    What is fulfilled and unfulfilled stands; a cancel that was carried out takes the line out,
    unless it left some of the pieces. While an order is pending nothing may be counted there yet.
    """
    ordered = amount(item, "quantityOrdered")
    standing = _units(maybe(item, "fulfillment", dict) or {})
    if order_state is LineState.CANCELLED:
        return order_state, ordered
    if maybe(maybe(item, "cancellation", dict) or {}, "cancellationExecution", dict) is not None:
        part = standing is not None and 0 < standing < ordered
        return (order_state, standing or 0) if part else (LineState.CANCELLED, ordered)
    if standing is None or (order_state is LineState.RESERVED and standing == 0):
        return order_state, ordered
    return order_state, standing


def _units(fulfillment: Mapping[str, Any]) -> int | None:
    parts = [maybe(fulfillment, name, int) for name in ("quantityFulfilled", "quantityUnfulfilled")]
    known = [part for part in parts if part is not None]
    if any(part < 0 for part in known):
        raise Malformed("a quantity is negative")
    return sum(known) if len(known) == len(parts) else None
