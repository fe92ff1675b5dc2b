"""Malls in memory that live on while they are called: calls take time, orders change, numbers lag."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

from adapters.contract import (
    Abilities,
    Address,
    LineResult,
    LineState,
    LowersOwnStock,
    Order,
    OrderLine,
    Product,
    StockLevel,
    StockLine,
)
from adapters.errors import UnexpectedReplyError
from adapters.memory import MemoryAdapter, MemoryMall, _Sale
from adapters.secret import Secret


class Crash(BaseException):
    """The bot's process ends here. No handler of the bot's may catch it."""


@dataclass
class SimMall(MemoryMall):
    """A mall of the simulation.

    Args:
        lowers: when it takes its own sales off what it shows.
        visible_after_s: how long a number that was written stays unseen by buyers.
        on_call: told that a call is on its way (and takes time on it), and again of its answer.
        stamped_before_s: how long before the stock falls an order's own time lies.
        halves: so many readings of the product list come cut, and say so.
        blanks: so many readings, of the product list or of quantities, come empty as if that were all.
    """

    lowers: LowersOwnStock = LowersOwnStock.AT_ORDER
    visible_after_s: float = 0
    on_call: Callable[[str, str], None] = lambda method, way: None  # noqa: ARG005
    stamped_before_s: float = 0
    halves: int = 0
    blanks: int = 0
    writes: int = 0  # lines that were put
    _coming: list[tuple[float, int, tuple[StockLine, ...]]] = field(default_factory=list)
    _count: Iterator[int] = field(default_factory=itertools.count)
    _paid: set[str] = field(default_factory=set)

    # ----------------------------------------------------------------------- shoppers

    def shows(self, code: str) -> int:
        """Give what buyers see now."""
        self.settle()
        return self.stock[code]

    def buy(self, lines: Mapping[str, int], *, paid: bool = True, lag_s: float | None = None) -> str:
        """Buy pieces by code; "" if fewer are shown. An order that is not paid is reserved first."""
        self.settle()
        if any(self.stock[code] < count for code, count in lines.items()):
            return ""
        now = self.clock.now()
        order_id, state = f"M-{len(self._sales) + 1:06d}", LineState.SOLD if paid else LineState.RESERVED
        rows = tuple(
            OrderLine(str(place), code, (code,), count, state, now)
            for place, (code, count) in enumerate(lines.items(), 1)
        )
        lag = timedelta(seconds=self.order_lag_s if lag_s is None else lag_s)
        ordered_at = now - timedelta(seconds=self.stamped_before_s)
        self._sales[order_id] = _Sale(Order(order_id, ordered_at, rows), now + lag)
        if self._has_lowered(paid=paid):
            self._add(rows, -1)
        if paid:
            self._paid.add(order_id)
        return order_id

    def _has_lowered(self, *, paid: bool) -> bool:
        return self.lowers is LowersOwnStock.AT_ORDER or (paid and self.lowers is LowersOwnStock.AT_PAYMENT)

    def order_of(self, order_id: str) -> Order:
        """Give an order as it stands."""
        return self._sales[order_id].order

    def all_orders(self) -> list[Order]:
        """Give every order, those that nobody can see yet too."""
        return [sale.order for sale in self._sales.values()]

    def pay(self, order_id: str) -> None:
        """Pay what was reserved; an order that is not open any more stays as it is."""
        order = self.order_of(order_id)
        if order.closed or order_id in self._paid:
            return
        if self.lowers is LowersOwnStock.AT_PAYMENT:
            self._add(order.lines, -1)
        self._paid.add(order_id)
        self._change(order_id, lambda line: replace(line, state=LineState.SOLD))

    def cancel(self, order_id: str) -> None:
        """Cancel what stands of an order; a second time changes nothing."""
        order = self.order_of(order_id)
        if order.closed:
            return
        self._give_back(order_id, order.lines)
        self._change(order_id, lambda line: replace(line, state=LineState.CANCELLED), closed=True)

    def reduce(self, order_id: str, line_id: str, quantity: int) -> None:
        """Leave fewer pieces of one line: a partial cancel."""
        order = self.order_of(order_id)
        if order.closed:
            return
        less = [
            replace(line, quantity=line.quantity - quantity)
            for line in order.lines
            if line.line_id == line_id and line.quantity > quantity
        ]
        self._give_back(order_id, less)
        named = {line.line_id for line in less}
        self._change(
            order_id, lambda line: replace(line, quantity=quantity) if line.line_id in named else line
        )

    def issue_again(self, order_id: str) -> None:
        """Issue an order anew: a later revision of the same."""
        if not self.order_of(order_id).closed:
            self._change(order_id, lambda line: line)

    def _give_back(self, order_id: str, lines: Sequence[OrderLine]) -> None:
        if self.returns_stock_on_cancel and self._has_lowered(paid=order_id in self._paid):
            self._add(lines, 1)

    def _change(
        self, order_id: str, change: Callable[[OrderLine], OrderLine], *, closed: bool = False
    ) -> None:
        sale, now = self._sales[order_id], self.clock.now()
        lines = tuple(replace(change(line), revision=now) for line in sale.order.lines)
        sale.order = replace(sale.order, lines=lines, closed=closed)

    # ----------------------------------------------------------------------- numbers that come later

    def settle(self, *, everything: bool = False) -> None:
        """Take up the files and show the numbers that are due."""
        if self._files:
            super().settle(everything=everything)
        now = self.clock.monotonic()
        while self._coming and (everything or self._coming[0][0] <= now):
            super().put(heapq.heappop(self._coming)[2])

    def put(self, lines: Sequence[StockLine]) -> None:
        """Take quantities; buyers see them after a while."""
        self.writes += len(lines)
        if self.visible_after_s <= 0:
            super().put(lines)
            return
        due = self.clock.monotonic() + self.visible_after_s
        heapq.heappush(self._coming, (due, next(self._count), tuple(lines)))

    def is_settled(self) -> bool:
        """Tell whether nothing that was written is still on its way to the buyers."""
        self.settle()
        return not self._files and not self._coming

    # ----------------------------------------------------------------------- for the adapter

    @contextmanager
    def call(self, method: str, key: str) -> Iterator[None]:
        """Be called: the way to the mall and the way back both take time."""
        self.on_call(method, "to")
        with super().call(method, key):
            yield
        self.on_call(method, "back")


class SimAdapter(MemoryAdapter):
    """The bot's side of a ``SimMall``."""

    mall: SimMall
    landing: Callable[[], bool] = staticmethod(lambda: True)
    wrote: Callable[[Sequence[StockLine]], None] = staticmethod(lambda lines: None)  # noqa: ARG005

    def __init__(self, mall: SimMall) -> None:
        super().__init__(mall, Secret("memory-key"))
        self.mall = mall

    def write_stock(self, lines: Sequence[StockLine]) -> list[LineResult]:
        """Set quantities; a request that was on its way when the bot ended may arrive still."""
        self.wrote(lines)
        before = self.mall.writes
        try:
            return super().write_stock(lines)
        except Crash:
            taken = [line for line in lines if self.mall.takes(line.mall_code)]
            if taken and self.mall.writes == before and not self.abilities.late_confirm and self.landing():
                self.mall.put(taken)
            raise

    def read_stock(self, addresses: Sequence[Address]) -> dict[Address, StockLevel]:
        """Give what buyers see, or nothing as if the mall knew none of them."""
        found = super().read_stock(addresses)
        return {} if found and self._comes_empty() else found

    def read_products(self) -> list[Product]:
        """Give every listing, or tell that the list came cut."""
        found = super().read_products()
        if found and self._comes_empty():
            return []
        if self.mall.halves:
            self.mall.halves -= 1
            raise UnexpectedReplyError(f"{len(found) // 2} rows of {len(found)}", operation="read_products")
        return found

    def _comes_empty(self) -> bool:
        if not self.mall.blanks:
            return False
        self.mall.blanks -= 1
        return True


def adapter_class(abilities: Abilities) -> type[SimAdapter]:
    """Make the adapter's class with a mall's abilities."""
    return type("SimAdapter", (SimAdapter,), {"abilities": abilities})
