"""Looks over the bot's shoulder: every commit, every write, every reading. Says when a rule is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol, cast

from adapters.contract import Order, Product, StockLine
from benchmarks.simulated.malls import SimMall
from benchmarks.simulated.model import Model
from bot.sync.ports import Books, Transaction
from bot.sync.values import CountedLine, Entry, SeenLine

_WRITES = ("settle_waiting", "begin_plan", "settle_lines", "finish_plan", "settle_holds")


class Broken(AssertionError):
    """A rule does not hold."""


class Keeper(Protocol):
    """Books that a person may write a stock count into."""

    def enter_count(self, code: str, quantity: int, as_of: datetime) -> object:
        """Enter a stock count, and let the orders since be read again."""


class Watch:
    """The rules that hold all along.

    Args:
        say: takes a line of the trace.
    """

    def __init__(self, model: Model, malls: dict[str, SimMall], say: Callable[..., None]) -> None:
        self.model = model
        self.say = say
        self.may_write: Callable[[str], bool] = lambda shop: True  # noqa: ARG005
        self.held_back: Callable[[str, str], bool] = lambda shop, code: False  # noqa: ARG005
        self._malls = malls
        self.books: Books

    def committed(self, noted: Noted) -> None:
        """Check a transaction that is kept now."""
        for shop, order in noted.orders:
            self.model.observe(shop, order)
        for seen in noted.counted:
            self.model.lines[seen.key.shop, seen.key.order_id, seen.key.line_id].counts = True
        for entry in noted.entries:
            self.say("ledger", entry.code, entry.cause, entry.change, entry.key)
        for code in sorted({entry.code for entry in noted.entries}):
            self.check_balance(code)
        for shop, read_up_to in noted.cursors:
            self._check_none_is_lost(shop, read_up_to)

    def check_balance(self, code: str) -> None:
        """Check that the ledger says what the model says."""
        balance, model = self.books.balances([code])[code], self.model
        if (balance.available, balance.reserved) != (model.available(code), model.reserved(code)):
            says = f"available {model.available(code)}, reserved {model.reserved(code)}"
            raise Broken(f"{code}: the ledger says {balance}, the model {says}")

    def _check_none_is_lost(self, shop: str, read_up_to: datetime) -> None:
        mall = self._malls[shop]
        for order_id, sale in mall._sales.items():
            if sale.visible_at <= read_up_to and (shop, order_id, "1") not in self.model.lines:
                raise Broken(f"{shop}: the cursor is at {read_up_to}, and {order_id} is not in")

    def wrote(self, shop: str, lines: Sequence[StockLine]) -> None:
        """Check that a write may go out now."""
        self.say("write", shop, [(line.mall_code, line.quantity) for line in lines])
        if not self.may_write(shop):
            raise Broken(f"{shop}: written while it may not be")
        if bad := [line.mall_code for line in lines if self.held_back(shop, line.mall_code)]:
            raise Broken(f"{shop}: {bad} written while paused")
        if len({line.mall_code for line in lines}) < len(lines):
            raise Broken(f"{shop}: a code twice in one call")


class Noted:
    """A transaction that notes what is entered, and passes everything on."""

    def __init__(self, inner: Transaction, point: Callable[[str], None]) -> None:
        self._inner = inner
        self._point = point
        self.orders: list[tuple[str, Order]] = []
        self.counted: list[SeenLine] = []
        self.entries: list[Entry] = []
        self.cursors: list[tuple[str, datetime]] = []

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        setattr(self, name, found)
        return found

    def put_order(self, shop: str, order: Order) -> None:
        """See ``bot.sync.ports.Transaction``, also below."""
        self.orders.append((shop, order))
        self._inner.put_order(shop, order)

    def put_line(self, seen: SeenLine, counted: CountedLine) -> None:
        """Keep a line."""
        if counted.code is not None:
            self.counted.append(seen)
        self._inner.put_line(seen, counted)

    def enter(self, entry: Entry) -> None:
        """Append to the ledger."""
        self._point("in a transaction")
        self.entries.append(entry)
        self._inner.enter(entry)

    def set_cursor(self, shop: str, read_up_to: datetime, was: datetime | None) -> None:
        """Move a cursor."""
        self.cursors.append((shop, read_up_to))
        self._inner.set_cursor(shop, read_up_to, was)


class WatchedBooks:
    """Books of either kind, with a point before and after everything that is written.

    Args:
        point: called at each place where the bot's process might end; may raise.
    """

    def __init__(self, books: Any, watch: Watch, point: Callable[[str], None]) -> None:
        self._books = books
        self._watch = watch
        self._point = point
        watch.books = cast(Books, self)
        self.replace_products = self._pointed("replace_products", self._replace_products)
        for name in _WRITES:
            if hasattr(books, name):
                setattr(self, name, self._pointed(name, getattr(books, name)))

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._books, name)
        setattr(self, name, found)
        return found

    def _pointed(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        point = self._point

        def pointed(*given: Any, **named: Any) -> Any:
            point(f"before {name}")
            found = method(*given, **named)
            point(f"after {name}")
            return found

        return pointed

    def _replace_products(self, shop: str, products: Sequence[Product], now: datetime) -> None:
        known = self._books.product_count(shop)
        if len(products) < known:  # no list of the simulation's malls is ever shorter than the last
            raise Broken(f"{shop}: a list of {len(products)} took the place of one of {known}")
        self._books.replace_products(shop, products, now)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Open a transaction."""
        self._point("before a transaction")
        with self._books.transaction() as inner:
            noted = Noted(inner, self._point)
            yield cast(Transaction, noted)
            self._point("before a commit")
        self._watch.committed(noted)
        self._point("after a transaction")
