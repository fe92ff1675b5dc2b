"""The order forms: what is asked for, and what stock needs of the answer. The rest is dropped."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any

from adapters.contract import LineState, Order, OrderLine, Window
from adapters.fields import Malformed, get, maybe, text
from adapters.futureshop.wire import moment, stamp

NUMBERS_A_CALL = 100
_NUMBER = re.compile(r"[0-9A-Za-z_-]{1,12}")


def window_query(window: Window) -> dict[str, str]:
    """Ask for the orders placed in a window. The mall's times have no fractions."""
    last = window.until.replace(microsecond=0) + timedelta(seconds=1)
    return {"orderDateStart": stamp(window.since), "orderDateEnd": stamp(last)}


def within(order: Order, window: Window) -> bool:
    """Tell whether an order is of the window, whose first second counts whole."""
    return window.since.replace(microsecond=0) <= order.ordered_at <= window.until


def number_queries(order_ids: Iterable[str]) -> list[dict[str, str]]:
    """Ask for these orders; those that are no order number of the mall are left out."""
    numbers = [each for each in dict.fromkeys(order_ids) if is_number(each)]
    starts = range(0, len(numbers), NUMBERS_A_CALL)
    return [{"orderNo": ",".join(numbers[start : start + NUMBERS_A_CALL])} for start in starts]


def is_number(order_id: str) -> bool:
    """Tell whether an order id has the form of the mall's. Source: clients; 12 bytes at most."""
    return bool(_NUMBER.fullmatch(order_id))


def order_of(row: object, cancel_statuses: Collection[str]) -> Order:
    """Read an order of the list or of the detail, without anything personal.

    futureshop is taken to lower its stock at the order, so an order counts from its first state. Only
    a state that stands for a cancel is looked for: an unknown one must not lose an order.

    Source: orders as recorded by a working client.
    """
    cancelled = get(row, "status", str) in cancel_statuses
    shipments = get(row, "shipmentList", list)
    first = shipments[0] if shipments and isinstance(shipments[0], dict) else {}
    return Order(
        get(row, "orderNo", str),
        moment(get(row, "date", str)),
        _lines(shipments, LineState.CANCELLED if cancelled else LineState.SOLD),
        payment=text(row, "paymentType"),
        delivery=_delivery(first),
        closed=cancelled,
    )


def _delivery(shipment: Mapping[str, Any]) -> str:
    """Give the delivery service's name: the list has it in ``shippingInfo``, the detail beside it."""
    inner = maybe(shipment, "shippingInfo", dict) or {}
    return text(shipment, "deliveryServiceName") or text(inner, "deliveryServiceName")


def _lines(shipments: Iterable[object], state: LineState) -> tuple[OrderLine, ...]:
    """Give a line for each SKU of each shipment; the mall numbers no lines, so equal ones are added.

    Neither the list nor the detail has all three parts of the address, so it is left empty. No
    revision either: the list has no time of change, and two kinds of time must not be compared.
    """
    counts: dict[tuple[int, str], int] = {}
    for place, shipment in enumerate(shipments, 1):
        for row in get(shipment, "productList", list):
            key, count = (place, get(row, "skuNo", str)), get(row, "count", int)
            if count < 0:
                raise Malformed("count is negative")
            counts[key] = counts.get(key, 0) + count
    return tuple(
        OrderLine(f"{place}:{code}", code, (), count, state) for (place, code), count in counts.items()
    )
