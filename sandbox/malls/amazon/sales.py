"""Orders, each as it was after every change, and what they do to the listing's stock (spec 9)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sandbox.malls.amazon.goods import Goods, Listing
from sandbox.malls.amazon.settings import Settings
from sandbox.malls.common.orders import Wish, order_of

STATUSES = (
    "PENDING_AVAILABILITY",
    "PENDING",
    "UNSHIPPED",
    "PARTIALLY_SHIPPED",
    "SHIPPED",
    "CANCELLED",
    "UNFULFILLABLE",
)
CANCELLED = "CANCELLED"
FULFILLERS = ("MERCHANT", "AMAZON")


@dataclass(frozen=True)
class Line:
    """One line of an order as it stands at some time."""

    item_id: str
    sku: str
    asin: str
    title: str
    price: str
    ordered: int
    cancelled: int = 0
    shipped: int = 0

    @property
    def standing(self) -> int:
        """Give the pieces that are still ordered."""
        return self.ordered - self.cancelled

    @property
    def open(self) -> int:
        """Give the pieces that are still to be sent."""
        return self.standing - self.shipped


@dataclass(frozen=True)
class State:
    """An order from ``at`` until its next change."""

    at: datetime
    status: str
    lines: tuple[Line, ...]
    cancel_asked: bool = False
    cancelled_by: str = ""


@dataclass
class Order:
    """One order with its past."""

    number: str
    created: datetime
    fulfilled_by: str
    buyer: str
    states: list[State] = field(default_factory=list)
    times_given: int = 0
    times_given_cancelled: int = 0

    @property
    def now(self) -> State:
        """Give how it really stands."""
        return self.states[-1]

    def seen(self, at: datetime) -> State | None:
        """Give how it stood at a time; nothing where it was not placed yet."""
        return next((state for state in reversed(self.states) if state.at <= at), None)

    def change(self, at: datetime, **changes: object) -> None:
        """Let it be otherwise from now on."""
        self.states.append(replace(self.now, at=at, **changes))  # type: ignore[arg-type]


class Sales:
    """All orders of the shop."""

    def __init__(self, goods: Goods, settings: Settings) -> None:
        self._goods = goods
        self._settings = settings
        self._next_item = 25_000_000_000_001
        self.orders: dict[str, Order] = {}

    def get(self, number: str) -> Order:
        """Give an order; a ValueError where there is none."""
        return order_of(self.orders, number)

    def place(self, wishes: list[Wish], status: str, ordered_at: datetime) -> Order:
        """Place an order.

        Raises:
            ValueError: a code or the status is unknown, there is not enough, or own goods and
                Amazon's are mixed, which Amazon makes two orders of.
        """
        if status not in STATUSES or not wishes:
            raise ValueError(f"an order has lines and a status of {', '.join(STATUSES)}")
        fba = {self._goods.find(wish.code).is_fba for wish in wishes}
        if len(fba) > 1:
            raise ValueError("own goods and Amazon's are never in one order")
        self._check(wishes)
        lines = tuple(self._line(self._goods.find(wish.code), wish.quantity) for wish in wishes)
        number = f"250-{len(self.orders) + 1:07d}-{9_000_000 - len(self.orders):07d}"
        order = Order(number, ordered_at, FULFILLERS[fba.pop()], self._settings.buyer)
        order.states.append(State(ordered_at, status, lines))
        self.orders[number] = order
        for line in lines:
            self._move(order, line, -line.ordered)
        return order

    def set_status(self, order: Order, status: str, now: datetime) -> None:
        """Set a status by itself; a cancel has its own way."""
        if status not in STATUSES or status == CANCELLED:
            raise ValueError(f"no such status {status!r}")
        order.change(now, status=status)

    def cancel(self, order: Order, by: str, now: datetime) -> None:
        """Cancel what still stands of an order."""
        if order.now.status == CANCELLED:
            raise ValueError(f"order {order.number} is cancelled already")
        for line in order.now.lines:
            self._give_back(order, line, line.open)
        lines = tuple(replace(line, cancelled=line.cancelled + line.open) for line in order.now.lines)
        order.change(now, status=CANCELLED, lines=lines, cancelled_by=by)

    def reduce(self, order: Order, place: int, quantity: int, now: datetime) -> None:
        """Cancel pieces of a line."""
        line = order.now.lines[place]
        if not 1 <= quantity <= line.open:
            raise ValueError(f"the line has {line.open} open pieces, not {quantity}")
        self._give_back(order, line, quantity)
        lines = list(order.now.lines)
        lines[place] = replace(line, cancelled=line.cancelled + quantity)
        if not any(line.standing for line in lines):
            order.change(now, status=CANCELLED, lines=tuple(lines), cancelled_by="MERCHANT")
        else:
            order.change(now, lines=tuple(lines), cancelled_by="MERCHANT")

    def ship(self, order: Order, place: int | None, quantity: int | None, now: datetime) -> None:
        """Send everything, or pieces of one line, off."""
        lines = list(order.now.lines)
        for number, line in enumerate(lines):
            if place is None or place == number:
                lines[number] = replace(line, shipped=line.shipped + min(line.open, quantity or line.open))
        status = "PARTIALLY_SHIPPED" if any(line.open for line in lines) else "SHIPPED"
        order.change(now, lines=tuple(lines), status=status)

    def _check(self, wishes: list[Wish]) -> None:
        wanted: dict[str, int] = {}
        for wish in wishes:
            wanted[wish.code] = wanted.get(wish.code, 0) + wish.quantity
            on_sale = self._goods.find(wish.code).quantity
            if wish.quantity < 1 or wanted[wish.code] > on_sale:
                raise ValueError(f"{on_sale} of {wish.code} on sale, not {wanted[wish.code]}")

    def _line(self, listing: Listing, quantity: int) -> Line:
        self._next_item += 1
        return Line(str(self._next_item), listing.sku, listing.asin, listing.title, listing.price, quantity)

    def _give_back(self, order: Order, line: Line, quantity: int) -> None:
        if self._settings.returns_stock_on_cancel:
            self._move(order, line, quantity)

    def _move(self, order: Order, line: Line, delta: int) -> None:
        listing = self._goods.listings.get(line.sku)
        if listing and self._settings.sale_lowers_stock:
            listing.move(delta, fba=order.fulfilled_by == "AMAZON")


def visible_at(now: datetime, settings: Settings) -> datetime:
    """Give the time whose state the order API shows now."""
    return now - timedelta(seconds=settings.order_lag_s)
