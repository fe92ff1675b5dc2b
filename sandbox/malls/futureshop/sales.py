"""Orders and what they do to the mall's own stock (spec 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sandbox.malls.common.orders import order_of
from sandbox.malls.futureshop.goods import Goods, Key, sku_no
from sandbox.malls.futureshop.settings import Settings

SHIPPED_STATUS = "COMPLETED"
FIRST_NUMBER = 100_000_000_000  # twelve digits, the most that an orderNo has


@dataclass
class OrderLine:
    """One line of an order: it has no id of its own, only its shipment and its skuNo."""

    shipment: int
    key: Key
    name: str
    named: tuple[str, str]
    price: int
    count: int

    @property
    def code(self) -> str:
        """Give the merchant's code."""
        return sku_no(self.key)


@dataclass
class Order:
    """One order; ``times_given_*`` count answers that held it."""

    number: str
    ordered_at: datetime
    updated: datetime
    lines: list[OrderLine]
    buyer: str
    status: str
    payment: str = "BANK_TRANSFER"
    delivery: str = "宅配便"
    received: bool = False
    shipped: datetime | None = None
    cancelled: bool = False
    times_given: int = 0
    times_given_cancelled: int = 0

    def count_given(self) -> None:
        """Note that an answer with this order was handed out."""
        self.times_given += 1
        self.times_given_cancelled += self.cancelled


@dataclass(frozen=True)
class Wish:
    """What a shopper puts in the basket, and in which of the order's shipments it goes."""

    code: str
    quantity: int
    shipment: int = 1


class Sales:
    """All orders of the shop. A sale takes stock off at once."""

    def __init__(self, goods: Goods, settings: Settings) -> None:
        self._goods = goods
        self._settings = settings
        self.orders: dict[str, Order] = {}

    def place(self, wishes: list[Wish], ordered_at: datetime, now: datetime) -> Order:
        """Place an order.

        Raises:
            ValueError: a code is unknown, a quantity is not positive, or there is not enough.
        """
        self._check(wishes)
        lines = [self._line(wish) for wish in wishes]
        for line in lines:
            self._goods.move(line.key, -line.count, now)
        number = str(FIRST_NUMBER + len(self.orders) + 1)
        status, buyer = self._settings.new_status, self._settings.buyer
        self.orders[number] = Order(number, ordered_at, ordered_at, lines, buyer, status)
        return self.orders[number]

    def get(self, number: str) -> Order:
        """Give an order; a ValueError where there is none."""
        return order_of(self.orders, number)

    def cancel(self, order: Order, now: datetime, *, restock: bool) -> None:
        """Cancel what still stands of an order."""
        if order.cancelled:
            raise ValueError(f"order {order.number} is cancelled already")
        for line in order.lines if restock else ():
            self._goods.move(line.key, line.count, now)
        order.cancelled = True
        self.set_status(order, self._settings.cancel_status, now)

    def reduce(self, order: Order, line: OrderLine, quantity: int, now: datetime) -> None:
        """Take pieces out of a line; a line that loses all of them goes away."""
        if not 1 <= quantity <= line.count:
            raise ValueError(f"the line has {line.count} pieces, not {quantity}")
        line.count -= quantity
        if self._settings.returns_stock_on_cancel:
            self._goods.move(line.key, quantity, now)
        order.lines = [kept for kept in order.lines if kept.count]
        order.updated = now

    def ship(self, order: Order, now: datetime) -> None:
        """Send the goods of an order off."""
        order.shipped = now
        self.set_status(order, SHIPPED_STATUS, now)

    def set_status(self, order: Order, status: str, now: datetime) -> None:
        """Set the status text of an order."""
        order.status = status
        order.updated = now

    def _check(self, wishes: list[Wish]) -> None:
        wanted: dict[Key, int] = {}
        for wish in wishes:
            product, pair = self._goods.find(wish.code)
            key = product.key(pair)
            wanted[key] = wanted.get(key, 0) + wish.quantity
            short = product.managed and wanted[key] > self._goods.quantity(key)
            if wish.quantity < 1 or short:
                raise ValueError(f"{self._goods.quantity(key)} of {wish.code} on sale, not {wanted[key]}")
        if not wishes:
            raise ValueError("an order has lines")

    def _line(self, wish: Wish) -> OrderLine:
        product, pair = self._goods.find(wish.code)
        named = product.choices.get(pair, pair)
        return OrderLine(wish.shipment, product.key(pair), product.name, named, product.price, wish.quantity)
