"""The order forms: what is asked for, and what stock needs of the answer. The rest is dropped.

Every row comes with the buyer's and the receiver's name, address, mail and telephone. None of it is
read, so nothing of it gets any further.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo

from adapters.contract import LineState, Order, OrderLine, Window
from adapters.fields import Malformed
from adapters.qoo10.wire import Answer, Row, moment, must, number, row_of, state, text

LOOK_BACK = timedelta(days=89)
SPAN = timedelta(days=3)  # no paging is documented, so that no answer is made long

# Source: pages GetShippingInfo_v3 (15766) and GetClaimInfo_V3 (15475). An order moves upwards
# through these, so that reading them in this order meets it once at least.
SHIPPING_STATES = ("0", "4", "5")  # 1 to 3 together, in transit, delivered
_DELIVERED = 5
CANCELLED = ("3", "16")  # cancelled, unpaid order cancelled; returns are a person's matter
_CANCELLED = frozenset(map(int, CANCELLED))


def pieces(window: Window) -> list[Window]:
    """Cut a window into stretches of whole seconds; a search speaks of no less."""
    start, until = window.since.replace(microsecond=0), window.until.replace(microsecond=0)
    if until < window.until:
        until += timedelta(seconds=1)
    found = []
    while start < until:
        found.append(Window(start, min(start + SPAN, until)))
        start += SPAN
    return found or ([Window(until, until)] if start == until else [])


def shipping_form(piece: Window, shipping: str, zone: tzinfo) -> dict[str, str]:
    """Ask for the orders placed in a stretch that are in a state of shipping."""
    return {
        "ShippingStatus": shipping,
        "SearchStartDate": _stamp(piece.since, zone),
        "SearchEndDate": _stamp(piece.until, zone),
        "SearchCondition": "1",
    }


def claim_form(piece: Window, claim: str, zone: tzinfo) -> dict[str, str]:
    """Ask for the claims in a state about orders placed in a stretch."""
    return {
        "ClaimStat": claim,
        "search_Sdate": _stamp(piece.since, zone),
        "search_Edate": _stamp(piece.until, zone),
        "search_condition": "1",
    }


def order_form(order_id: str) -> dict[str, str]:
    """Ask for one order."""
    return {"OrderNo": order_id}


def _stamp(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).strftime("%Y%m%d%H%M%S")


def orders_of(answer: Answer, zone: tzinfo) -> list[Order]:
    """Read orders; a row is one order, as Qoo10 numbers each product of a cart by itself."""
    return [] if answer.code else [_named(row_of(found), zone) for found in answer.rows]


def numbers_of(answer: Answer) -> list[str]:
    """Read the order numbers of claims; their rows lack the option, so no more is to be had of them."""
    return [must(row_of(found), "orderno") for found in answer.rows]


def _named(row: Row, zone: tzinfo) -> Order:
    """Read one order; what is wrong with it is told with its number, so that a person can find it."""
    order_id = must(row, "orderno")
    try:
        return _order(row, zone)
    except Malformed as error:
        why = str(error)
    raise Malformed(f"order {order_id}: {why}")


def _order(row: Row, zone: tzinfo) -> Order:
    standing = _state(row)
    closed = standing is LineState.CANCELLED or state(text(row, "shippingstatus")) == _DELIVERED
    return Order(
        must(row, "orderno"),
        moment(must(row, "orderdate"), zone).astimezone(UTC),
        (_line(row, standing),),
        payment=text(row, "paymentmethod"),
        delivery=text(row, "shippingway"),
        closed=closed,
    )


def _state(row: Row) -> LineState:
    if state(text(row, "claimstatus")) in _CANCELLED:
        return LineState.CANCELLED
    return LineState.SOLD if text(row, "paymentdate").strip() else LineState.RESERVED


def _line(row: Row, standing: LineState) -> OrderLine:
    """Give the line of an order: the option's code tells it, the item's where there is no option.

    The row names the option in a form of its own, so its address is the item's alone.
    """
    code = text(row, "optioncode") or text(row, "selleritemcode")
    return OrderLine("1", code, (must(row, "itemno", "itemcode"),), number(row, "orderqty"), standing)


def cancelled(order: Order) -> Order:
    """Give an order that a claim has ended."""
    lines = tuple(replace(line, state=LineState.CANCELLED) for line in order.lines)
    return replace(order, lines=lines, closed=True)
