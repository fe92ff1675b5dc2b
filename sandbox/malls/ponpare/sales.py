"""Shoppers' orders, and the order file that the merchant downloads (spec 3).

The personal columns hold made-up people: they are there so that a reader that keeps them is found out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sandbox.malls.common.orders import order_of
from sandbox.malls.ponpare import csvform
from sandbox.malls.ponpare.columns import ORDER_COLUMNS, PERSONAL_COLUMNS
from sandbox.malls.ponpare.goods import Cell, Goods
from sandbox.malls.ponpare.settings import Settings

JST = ZoneInfo("Asia/Tokyo")
PERSON = ("東京都架空区見本町1-2-3", "00-0000-0000", "hanako@shopper.invalid")


@dataclass(frozen=True)
class OrderLine:
    """One row of an order, with the keys that the listing had when it was bought."""

    code: str
    manage_id: str
    item_id: str
    horizontal: str
    vertical: str
    quantity: int


@dataclass
class Order:
    """An order; ``ordered_at`` in Japan's time."""

    number: str
    ordered_at: datetime
    buyer: str
    lines: tuple[OrderLine, ...]
    status: str
    is_cancelled: bool = False


class Sales:
    """Every order, by 注文番号."""

    def __init__(self, goods: Goods, settings: Settings) -> None:
        self._goods = goods
        self._settings = settings
        self.orders: dict[str, Order] = {}

    def place(self, wishes: Sequence[tuple[str, int]], at: datetime) -> Order:
        """Place an order.

        Raises:
            ValueError: a code is not listed, or not enough is left; nothing is sold then.
        """
        lines = [(self._goods.find(code), quantity) for code, quantity in wishes]
        for cell, quantity in lines:
            if quantity < 1 or (cell.item.kind != "unmanaged" and cell.quantity < quantity):
                raise ValueError(f"{cell.code}: {quantity} cannot be bought, {cell.quantity} are left")
        day = at.astimezone(JST)
        number = f"{day:%Y%m%d}-{len(self.orders) + 1:06d}"
        bought = tuple(_line(cell, quantity) for cell, quantity in lines)
        order = Order(number, day, self._settings.buyer, bought, self._settings.new_status)
        self.orders[number] = order
        if self._settings.lowers_own_stock:
            self._move(order, -1)
        return order

    def cancel(self, number: str) -> None:
        """Cancel an order.

        Raises:
            ValueError: there is no such order, or it is cancelled already.
        """
        order = self.get(number)
        if order.is_cancelled:
            raise ValueError(f"{number} is cancelled already")
        order.status, order.is_cancelled = self._settings.cancelled_status, True
        if self._settings.returns_stock_on_cancel:
            self._move(order, 1)

    def reduce(self, number: str, line: int, quantity: int) -> None:
        """Take pieces out of a line; a line that loses all of them goes away [guess].

        Raises:
            ValueError: there is no such order or line, or it has not so many.
        """
        order = self.get(number)
        if not 0 <= line < len(order.lines) or not 1 <= quantity <= order.lines[line].quantity:
            raise ValueError(f"{quantity} cannot be taken out of line {line} of {number}")
        lines = list(order.lines)
        lines[line] = replace(lines[line], quantity=lines[line].quantity - quantity)
        order.lines = tuple(each for each in lines if each.quantity)

    def get(self, number: str) -> Order:
        """Give an order; a ValueError where there is none."""
        return order_of(self.orders, number)

    def _move(self, order: Order, sign: int) -> None:
        for line in order.lines:
            if (
                self._goods.lists(line.code)
                and (cell := self._goods.find(line.code)).item.kind != "unmanaged"
            ):
                cell.set(max(0, cell.quantity + sign * line.quantity))

    def file(self, numbers: Sequence[str]) -> bytes:
        """Write the order file: one row a line, cp932."""
        names = [self._settings.order_columns.get(name, name) for name in ORDER_COLUMNS]
        personal = PERSONAL_COLUMNS if self._settings.personal_columns else ()
        rows = [row for number in numbers for row in self._rows(self.get(number))]
        return csvform.write([[*names, *personal], *rows])

    def _rows(self, order: Order) -> list[list[str | int]]:
        at = order.ordered_at.strftime(self._settings.order_time_form)
        person = (order.buyer, *PERSON) if self._settings.personal_columns else ()
        head = (order.number, at, order.status)
        return [
            [*head, line.manage_id, line.item_id, line.horizontal, line.vertical, line.quantity, *person]
            for line in order.lines
        ]


def _line(cell: Cell, quantity: int) -> OrderLine:
    horizontal, vertical = cell.sku.key if cell.sku is not None else ("", "")
    return OrderLine(cell.code, cell.item.manage_id, cell.item.item_id, horizontal, vertical, quantity)
