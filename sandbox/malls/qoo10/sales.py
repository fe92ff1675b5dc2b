"""Carts, their order lines, and what they do to the mall's own stock (spec 8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.malls.common.orders import Wish
from sandbox.malls.qoo10.goods import Goods, Unit
from sandbox.malls.qoo10.settings import Settings
from sandbox.malls.qoo10.wire import JST

SHIPPING = {1: "発送待ち", 2: "配送要請", 3: "配送準備", 4: "配送中", 5: "配送完了"}
CANCELLED, RETURNED, UNPAID_CANCELLED = 3, 6, 16
CLAIMS = {
    1: "キャンセル要請",
    2: "キャンセル中",
    CANCELLED: "キャンセル完了",
    4: "返品要請",
    5: "返品中",
    RETURNED: "返品完了",
    11: "交換申請",
    12: "交換承認",
    13: "再配送中",
    14: "未受取返金完了",
    15: "未受取一部返金完了",
    UNPAID_CANCELLED: "未入金キャンセル",
}
GONE = (CANCELLED, UNPAID_CANCELLED)
FINAL = (*GONE, RETURNED, 14, 15)


@dataclass
class OrderLine:
    """One order number: a line of a cart. ``claim`` 0 is none; ``taken``: it holds the mall's stock."""

    order_no: int
    unit: Unit
    code: str
    title: str
    option: str
    option_code: str
    price: int
    quantity: int
    ordered_at: datetime
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    status: int = 1
    claim: int = 0
    claimed_at: datetime | None = None
    closed_at: datetime | None = None
    taken: bool = False
    times_given: int = 0
    times_given_cancelled: int = 0

    @property
    def standing(self) -> int:
        """Give the pieces that are still ordered."""
        return 0 if self.claim in GONE else self.quantity

    @property
    def state(self) -> str:
        """Say how far it is, for people."""
        return (
            f"{self.claim} {CLAIMS[self.claim]}" if self.claim else f"{self.status} {SHIPPING[self.status]}"
        )


@dataclass
class Cart:
    """What one shopper ordered at once; every line has its own order number."""

    pack_no: int
    buyer: str
    lines: list[OrderLine] = field(default_factory=list)

    @property
    def order_id(self) -> str:
        """What verbs call this order: the number of its first line."""
        return str(self.lines[0].order_no)


class Sales:
    """All carts of the shop."""

    def __init__(self, goods: Goods, settings: Settings, seconds: Callable[[], float]) -> None:
        self._goods = goods
        self._settings = settings
        self._seconds = seconds
        self._next_order, self._next_pack = 500_000_001, 300_000_001
        self.carts: list[Cart] = []

    def lines(self) -> list[tuple[Cart, OrderLine]]:
        """Give every line, newest first: no order is promised, and oldest first would be too kind."""
        return [(cart, line) for cart in reversed(self.carts) for line in reversed(cart.lines)]

    def place(self, wishes: list[Wish], ordered_at: datetime, *, paid: bool) -> Cart:
        """Place an order.

        Raises:
            ValueError: a code is unknown, a quantity is not positive, or there is not enough.
        """
        self._check(wishes, ordered_at)
        cart = Cart(self._next_pack, self._settings.buyer)
        self._next_pack += 1
        cart.lines = [self._line(wish, ordered_at) for wish in wishes]
        self.carts.append(cart)
        for line in cart.lines:
            if self._settings.takes_stock == "order":
                self._take(line)
            if paid:
                self.pay(line, ordered_at)
        return cart

    def cart(self, order_id: str) -> Cart:
        """Find a cart by its number or by that of a line.

        Raises:
            ValueError: there is none.
        """
        for cart in self.carts:
            if str(order_id) in (str(cart.pack_no), *(str(line.order_no) for line in cart.lines)):
                return cart
        raise ValueError(f"no order {order_id!r}")

    def pay(self, line: OrderLine, now: datetime) -> None:
        """Pay a line: delivery is requested from then on."""
        if line.paid_at is None and line.claim not in GONE:
            line.paid_at, line.status = now, 2
            self._take(line)

    def progress(self, line: OrderLine, status: int, now: datetime) -> None:
        """Move a line on.

        Raises:
            ValueError: the status is unknown.
        """
        if status not in SHIPPING:
            raise ValueError(f"no status {status}; known: {', '.join(map(str, SHIPPING))}")
        if status > 1:
            self.pay(line, now)
        line.status = status
        line.shipped_at = (line.shipped_at or now) if status >= 4 else None
        line.delivered_at = (line.delivered_at or now) if status == 5 else None

    def cancel(self, line: OrderLine, now: datetime) -> None:
        """Cancel a line: a paid one is refunded (3), an unpaid one runs out (16)."""
        if line.claim in GONE:
            raise ValueError(f"order {line.order_no} is cancelled already")
        self.claim(line, CANCELLED if line.paid_at else UNPAID_CANCELLED, now)

    def claim(self, line: OrderLine, code: int, now: datetime) -> None:
        """Set the claim of a line; 0 takes it back.

        Raises:
            ValueError: the claim is unknown, or the line is cancelled for good.
        """
        if code and code not in CLAIMS:
            raise ValueError(f"no claim {code}; known: {', '.join(map(str, CLAIMS))}")
        if line.claim in GONE:
            raise ValueError(f"order {line.order_no} is cancelled already")
        line.claim = code
        line.claimed_at = (line.claimed_at or now) if code else None
        line.closed_at = now if code in FINAL else None
        if code in GONE and self._settings.returns_stock_on_cancel and line.taken:
            self._move(line, line.quantity)

    def _check(self, wishes: list[Wish], ordered_at: datetime) -> None:
        wanted: dict[str, int] = {}
        for wish in wishes:
            unit = self._goods.find(wish.code)
            wanted[unit.place] = wanted.get(unit.place, 0) + wish.quantity
            if unit.item.status != "S2" or unit.item.expires < ordered_at.astimezone(JST).date():
                raise ValueError(f"{wish.code} is not on sale")
            if wish.quantity < 1 or wanted[unit.place] > unit.level.now:
                raise ValueError(f"{unit.level.now} of {wish.code} on sale, not {wanted[unit.place]}")
        if not wishes:
            raise ValueError("an order has lines")

    def _line(self, wish: Wish, ordered_at: datetime) -> OrderLine:
        unit = self._goods.find(wish.code)
        order_no = self._next_order
        self._next_order += 1
        choices = unit.row.choices if unit.row else []
        return OrderLine(
            order_no,
            unit,
            code=unit.code,
            title=unit.item.title,
            option=" / ".join(f"{name}:{value}" for name, value in choices),
            option_code=unit.row.code if unit.row else "",
            price=unit.item.price + (unit.row.price if unit.row else 0),
            quantity=wish.quantity,
            ordered_at=ordered_at,
        )

    def _take(self, line: OrderLine) -> None:
        if not line.taken:
            line.taken = True
            self._move(line, -line.quantity)

    def _move(self, line: OrderLine, delta: int) -> None:
        level = line.unit.level
        level.set(max(0, level.now + delta), self._seconds())
