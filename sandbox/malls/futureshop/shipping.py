"""``GET /admin-api/v1/shipping`` and ``GET /admin-api/v1/orders/{orderNo}`` (spec 4)."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.malls.futureshop.order_form import listed, single
from sandbox.malls.futureshop.paging import Pages
from sandbox.malls.futureshop.sales import Order, Sales
from sandbox.malls.futureshop.settings import Settings
from sandbox.malls.futureshop.wire import (
    Answer,
    Call,
    between,
    check_names,
    invalid,
    refusal,
    time_of,
    values_of,
)

PARAMETERS = ("orderDateStart", "orderDateEnd", "orderNo", "shippingStatus", "paymentStatus", "cursor")
SHIPPING = {"notShipped": False, "shipped": True}
PAYMENT = {"notReceived": False, "received": True}
NUMBER_BYTES = 12


class Shipping:
    """The two order reads."""

    def __init__(self, sales: Sales, pages: Pages, settings: Settings) -> None:
        self._sales = sales
        self._pages = pages
        self._settings = settings

    def search(self, call: Call) -> Answer:
        """Answer a page of ``orderList``."""
        check_names(call.query, PARAMETERS)
        found = self._found(call.query)
        page, onward = self._pages.cut(call, "shipping", found, self._settings.order_page)
        body = {"orderList": [listed(order) for order in page], **onward}
        return Answer(200, body, given=lambda: _count(page))

    def get(self, call: Call) -> Answer:
        """Answer one order."""
        check_names(call.query, ())
        number = call.path["orderNo"]
        if len(number.encode()) > NUMBER_BYTES:
            raise invalid("orderNo", f"has more than {NUMBER_BYTES} bytes")
        if (order := self._sales.orders.get(number)) is None:
            raise refusal(
                self._settings.missing_order_status, "OrderNotFound", f"Order {number} is not found."
            )
        return Answer(200, single(order), given=lambda: _count([order]))

    def _found(self, query: Mapping[str, str]) -> list[Order]:
        since, until = time_of(query, "orderDateStart"), time_of(query, "orderDateEnd")
        if since and until and until < since:
            raise invalid("orderDateEnd", "is before orderDateStart")
        numbers = values_of(query, "orderNo", NUMBER_BYTES)
        shipped = _choice(query, "shippingStatus", SHIPPING)
        received = _choice(query, "paymentStatus", PAYMENT)
        found = [
            order
            for order in self._sales.orders.values()
            if (self._settings.cancelled_listed or not order.cancelled)
            and between(order.ordered_at, since, until)
            and (numbers is None or order.number in numbers)
            and shipped in (None, order.shipped is not None)
            and received in (None, order.received)
        ]
        found.sort(key=lambda order: order.ordered_at, reverse=self._settings.newest_first)
        return found


def _choice(query: Mapping[str, str], name: str, known: Mapping[str, bool]) -> bool | None:
    if name not in query:
        return None
    if query[name] not in known:
        raise invalid(name, f"is none of {', '.join(known)}")
    return known[query[name]]


def _count(orders: list[Order]) -> None:
    for order in orders:
        order.count_given()
