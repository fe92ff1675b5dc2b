"""From a window or a list of numbers to whole orders, with as few calls as Yahoo! allows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from xml.etree.ElementTree import Element

from adapters import fields
from adapters.contract import Order, Window
from adapters.errors import MallError, TemporaryError, UnexpectedReplyError
from adapters.yahoo import orders, wire
from adapters.yahoo.options import Options
from adapters.yahoo.store import Store

_PAGES_MAX = 1000


class Intake:
    """The orders of one shop: searched by orderList, read one by one by orderInfo."""

    def __init__(self, store: Store, options: Options) -> None:
        self._store = store
        self._options = options
        self._recent = orders.Recent()

    def placed(self, window: Window, now: datetime) -> list[Order]:
        """Give every order that was placed in a window.

        Raises:
            TemporaryError: some that the search found did not come.
        """
        entries = self._entries(window)
        found = self._orders(entries.values(), now)
        _all_came(wire.ORDER_INFO, len(found), len(entries))
        return found

    def known(self, order_ids: Sequence[str], now: datetime) -> list[Order]:
        """Give these orders; ones that Yahoo! does not know are left out.

        Those read before are looked up in the list first, which tells of many at once whether
        they changed since.
        """
        span = self._recent.span(order_ids) if len(order_ids) > 1 else None
        listed = self._entries(span) if span else {}
        seen = [listed[order_id] for order_id in order_ids if order_id in listed]
        rest = [order_id for order_id in order_ids if order_id not in listed]
        found = {order.order_id: order for order in [*self._orders(seen, now), *self._infos(rest)]}
        return [found[order_id] for order_id in order_ids if order_id in found]

    def _entries(self, window: Window) -> dict[str, orders.Entry]:
        found: dict[str, orders.Entry] = {}
        start, total = 1, 1
        for _ in range(_PAGES_MAX):
            body = orders.list_form(self._options.seller_id, window, start, self._options.order_page)
            page = self._store.call(wire.ORDER_LIST, orders.page_of, body=body)
            found |= {entry.order_id: entry for entry in page.entries}
            start, total = start + len(page.entries), page.total
            if start > total or not page.entries:
                break
        _all_came(wire.ORDER_LIST, len(found), total)
        return found

    def _orders(self, entries: Iterable[orders.Entry], now: datetime) -> list[Order]:
        """Give these orders; only those that changed since they were last read are asked for."""
        wanted = {entry.order_id: entry for entry in entries}
        found = {key: order for key, entry in wanted.items() if (order := self._recent.get(entry))}
        for order in self._infos([key for key in wanted if key not in found]):
            found[order.order_id] = order
            self._recent.keep(wanted[order.order_id], order, now)
        return list(found.values())

    def _infos(self, order_ids: Sequence[str]) -> list[Order]:
        works = [partial(self._info, order_id) for order_id in order_ids]
        return [order for order in self._store.each(wire.ORDER_INFO, works) if order]

    def _info(self, order_id: str) -> Order | None:
        """Give one order; None if the list does not have it either.

        What orderInfo says of an order that it does not know is not documented.
        """
        body = orders.info_form(self._options.seller_id, order_id)
        failure: MallError
        try:
            return self._store.ask(wire.ORDER_INFO, partial(self._order, order_id), body)
        except UnexpectedReplyError as error:
            failure = error
        body = orders.one_form(self._options.seller_id, order_id)
        if self._store.call(wire.ORDER_LIST, orders.page_of, body=body).total == 0:
            return None
        raise failure

    def _order(self, order_id: str, root: Element) -> Order:
        order = orders.order_of(root, self._options.code_form)
        if order.order_id != order_id:
            raise fields.Malformed("OrderId is another than was asked for")
        return order


def _all_came(function: wire.Function, came: int, total: int) -> None:
    if came < total:
        raise TemporaryError(f"{function.name}: {came} of {total} orders came", operation=function.name)
