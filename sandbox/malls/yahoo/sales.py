"""Orders and what they do to the store's stock (spec 5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.malls.common.orders import Wish, order_of
from sandbox.malls.yahoo.goods import Goods, Pair, merchant_code
from sandbox.malls.yahoo.settings import Settings
from sandbox.malls.yahoo.stock import Stock

RESERVED, OPEN, HELD, CANCELLED, DONE, MERGED = 1, 2, 3, 4, 5, 8
STATUS = {
    RESERVED: "予約中",
    OPEN: "処理中",
    HELD: "保留",
    CANCELLED: "キャンセル",
    DONE: "完了",
    MERGED: "同梱済",
}
REASONS = (100, 110, 120, 130, 140, 150, 160, 170, 180, 200, 210, 220, 230)


@dataclass
class OrderLine:
    """One line; the pieces of an auction-only line are nobody's stock here."""

    line_id: int
    pair: Pair
    name: str
    price: int
    quantity: int
    tracked: bool = True

    @property
    def code(self) -> str:
        """Give the merchant's code."""
        return merchant_code(self.pair)


@dataclass(frozen=True)
class Auction:
    """Where an order came from Yahoo!オークション."""

    auction_id: str
    merchant_id: str


@dataclass
class Order:
    """One order; visible to the order API from ``published_at``."""

    number: str
    ordered_at: datetime
    updated_at: datetime
    published_at: datetime
    lines: list[OrderLine]
    buyer: str
    status: int = OPEN
    seen: bool = False
    cancel_reason: int | None = None
    payment: str = "payment_a1"
    delivery: str = "postage1"
    parent: str = ""
    split: bool = False
    auction: Auction | None = None
    times_given: int = 0
    times_given_cancelled: int = 0


@dataclass
class Sales:
    """All orders of the store. A sale takes stock off at once; a cancel returns it as set."""

    seller_id: str
    goods: Goods
    stock: Stock
    settings: Settings
    orders: dict[str, Order] = field(default_factory=dict)

    def place(
        self, wishes: list[Wish], ordered_at: datetime, now: datetime, auction: Auction | None = None
    ) -> Order:
        """Place an order; by auction also for what the store does not list.

        Raises:
            ValueError: a code is unknown, a quantity is not positive, or there is not enough.
        """
        lines = [self._line(place, wish, auction) for place, wish in enumerate(wishes, 1)]
        self._check(lines)
        for line in lines:
            self._move(line, -line.quantity, now)
        visible = ordered_at + timedelta(seconds=self.settings.order_lag_s)
        buyer = self.settings.buyer
        order = Order(self._number(), ordered_at, ordered_at, visible, lines, buyer, auction=auction)
        self.orders[order.number] = order
        return order

    def get(self, number: str) -> Order:
        """Give an order; a ValueError where there is none."""
        return order_of(self.orders, number)

    def visible(self, now: datetime) -> list[Order]:
        """Give the orders that the API shows."""
        return [order for order in self.orders.values() if order.published_at <= now]

    def progress(self, order: Order, status: int, now: datetime) -> None:
        """Move an order on; out of キャンセル there is no way (spec 5.4).

        Raises:
            ValueError: the status is unknown, or the order is cancelled.
        """
        if status not in STATUS:
            raise ValueError(f"no status {status}; known: {', '.join(map(str, STATUS))}")
        if order.status == CANCELLED:
            raise ValueError("Cannot Be Operated : CancelOrder OrderStatus")
        order.status, order.updated_at = status, now

    def cancel(self, order: Order, reason: int, now: datetime) -> None:
        """Cancel what stands; the lines keep their quantities.

        Raises:
            ValueError: it is cancelled already, or the reason is unknown.
        """
        if reason not in REASONS:
            raise ValueError(f"no reason {reason}; known: {', '.join(map(str, REASONS))}")
        self.progress(order, CANCELLED, now)
        order.cancel_reason = reason
        for line in order.lines:
            self._give_back(line, line.quantity, now)

    def reduce(self, order: Order, line: OrderLine, quantity: int, now: datetime) -> None:
        """Take pieces out of a line.

        Raises:
            ValueError: the line has not so many.
        """
        if not 1 <= quantity <= line.quantity or order.status == CANCELLED:
            raise ValueError(f"the line has {line.quantity} pieces, not {quantity}")
        line.quantity -= quantity
        if not line.quantity and self.settings.emptied_line == "gone":
            order.lines.remove(line)
        self._give_back(line, quantity, now)
        order.updated_at = now

    def divide(self, order: Order, line: OrderLine, now: datetime) -> Order:
        """Split a line off into an order of its own: the pieces are sold once all the same."""
        order.lines.remove(line)
        order.split, order.updated_at = True, now
        new = Order(self._number(), order.ordered_at, now, now, [line], order.buyer, order.status)
        new.parent, new.split, new.auction = order.number, True, order.auction
        self.orders[new.number] = new
        return new

    def _check(self, lines: list[OrderLine]) -> None:
        if not lines:
            raise ValueError("an order has lines")
        wanted: dict[Pair, int] = {}
        for line in lines:
            wanted[line.pair] = wanted.get(line.pair, 0) + line.quantity
            record = self.stock.get(line.pair)
            short = wanted[line.pair] > self.stock.quantity(line.pair) or (record and record.closed)
            may_exceed = record is not None and record.overdraft and not record.closed
            if line.quantity < 1 or (line.tracked and short and not may_exceed):
                there = self.stock.quantity(line.pair)
                raise ValueError(f"{there} of {line.code} on sale, not {wanted[line.pair]}")

    def _line(self, place: int, wish: Wish, auction: Auction | None) -> OrderLine:
        try:
            pair = self.goods.pair(wish.code)
        except ValueError:
            if auction is None:
                raise
            return OrderLine(place, (wish.code, ""), "オークションの品", 1000, wish.quantity, tracked=False)
        item = self.goods.items[pair[0]]
        return OrderLine(place, pair, self.goods.name_of(pair), item.price, wish.quantity)

    def _give_back(self, line: OrderLine, quantity: int, now: datetime) -> None:
        if self.settings.returns_stock_on_cancel:
            self._move(line, quantity, now)

    def _move(self, line: OrderLine, delta: int, now: datetime) -> None:
        if line.tracked:
            self.stock.move(line.pair, delta, now)

    def _number(self) -> str:
        return f"{self.seller_id}-{10_001 + len(self.orders)}"
