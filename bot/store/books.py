"""The books as the engine sees them (``bot.sync.ports``), over the modules beside this one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, Engine

from adapters.contract import Address, Clock, LineResult, Order, Product
from bot.store import ledger, orders, products, writes
from bot.store.database import reading
from bot.sync.values import Balance, CountedLine, Entry, LineKey, PlannedLine, SeenLine, Shown, Waiting, Why


class SqlTransaction:
    """One transaction of the books."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def counted_line(self, key: LineKey) -> CountedLine | None:
        """See ``bot.sync.ports.Transaction``, also below."""
        return orders.counted_line(self._connection, key)

    def put_line(self, seen: SeenLine, counted: CountedLine) -> None:
        """Keep a line."""
        orders.put_line(self._connection, seen, counted, self._clock.now())

    def put_order(self, shop: str, order: Order) -> None:
        """Keep an order's facts."""
        orders.put_order(self._connection, shop, order)

    def lines_of(self, shop: str, order_id: str) -> list[SeenLine]:
        """Read an order's known lines."""
        return orders.lines_of(self._connection, shop, order_id)

    def mall_code_at(self, shop: str, address: Address) -> str | None:
        """Look an address up in the snapshot."""
        return products.mall_code_at(self._connection, shop, address)

    def balance(self, code: str) -> Balance:
        """Read a balance."""
        return ledger.balance_of(self._connection, code)

    def held(self, shop: str, listed: str, code: str, until: datetime) -> int:
        """Sum what a shop holds."""
        return ledger.held(self._connection, shop, listed, code, until)

    def enter(self, entry: Entry) -> None:
        """Append to the ledger."""
        ledger.enter(self._connection, entry, self._clock.now())

    def shown(self, shop: str, code: str) -> Shown:
        """Read what a shop shows."""
        return writes.shown_of(self._connection, shop, [code]).get(code, Shown())

    def predict(self, shop: str, code: str, predicted: int | None) -> None:
        """Change a prediction."""
        writes.predict(self._connection, shop, code, predicted)

    def mark(self, shop: str, code: str, why: Why, since: datetime) -> None:
        """Let a code wait."""
        writes.mark(self._connection, shop, code, why, since)

    def set_cursor(self, shop: str, read_up_to: datetime, was: datetime | None) -> None:
        """Move a cursor."""
        orders.set_cursor(self._connection, shop, read_up_to, was)

    def note_read(self, shop: str, order_ids: Sequence[str]) -> None:
        """Note that orders were asked for."""
        orders.note_read(self._connection, shop, order_ids, self._clock.now())


class SqlBooks:
    """The books in the database of the state folder."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    @contextmanager
    def transaction(self) -> Iterator[SqlTransaction]:
        """Open a transaction."""
        with self._engine.begin() as connection:
            yield SqlTransaction(connection, self._clock)

    def cursor(self, shop: str) -> datetime | None:
        """Read a cursor."""
        with reading(self._engine) as connection:
            return orders.cursor(connection, shop)

    def counted_since(self) -> datetime | None:
        """Read the moment of the oldest count."""
        with reading(self._engine) as connection:
            return ledger.counted_since(connection)

    def open_order_ids(
        self, shop: str, *, read_before: datetime, ordered_after: datetime, limit: int
    ) -> list[str]:
        """List orders that may still change."""
        with reading(self._engine) as connection:
            return orders.open_order_ids(connection, shop, read_before, ordered_after, limit)

    def unmapped_lines(self, shop: str) -> list[SeenLine]:
        """List lines without a mapping."""
        with reading(self._engine) as connection:
            return orders.unmapped_lines(connection, shop)

    def waiting(self, shop: str, limit: int) -> list[Waiting]:
        """List waiting codes."""
        with reading(self._engine) as connection:
            return writes.waiting(connection, shop, limit)

    def waiting_seqs(self, shop: str, codes: Iterable[str]) -> dict[str, int]:
        """Read what waits of some codes."""
        with reading(self._engine) as connection:
            return writes.waiting_seqs(connection, shop, codes)

    def settle_waiting(self, shop: str, settled: Iterable[Waiting]) -> None:
        """Take codes off the list."""
        items = list(settled)
        if items:
            with self._engine.begin() as connection:
                writes.settle_waiting(connection, shop, items)

    def balances(self, codes: Iterable[str]) -> dict[str, Balance]:
        """Read balances."""
        with reading(self._engine) as connection:
            return ledger.balances_of(connection, codes)

    def shown_all(self, shop: str, codes: Iterable[str]) -> dict[str, Shown]:
        """Read what a shop shows."""
        with reading(self._engine) as connection:
            return writes.shown_of(connection, shop, codes)

    def addresses(self, shop: str, mall_codes: Iterable[str]) -> dict[str, list[Address]]:
        """Look mall codes up in the snapshot."""
        with reading(self._engine) as connection:
            return products.addresses(connection, shop, mall_codes)

    def begin_plan(self, shop: str, lines: Sequence[PlannedLine], now: datetime) -> str:
        """Record a plan."""
        with self._engine.begin() as connection:
            return writes.begin_plan(connection, shop, lines, now)

    def settle_lines(
        self, plan_id: str, results: Mapping[str, LineResult], now: datetime, lines: Sequence[PlannedLine]
    ) -> None:
        """Record outcomes."""
        with self._engine.begin() as connection:
            writes.settle_lines(connection, plan_id, results, now, lines)

    def finish_plan(self, plan_id: str, now: datetime) -> None:
        """Close a plan."""
        with self._engine.begin() as connection:
            writes.finish_plan(connection, plan_id, now)

    def sent_lines(self, shop: str) -> list[tuple[str, PlannedLine, LineResult, datetime]]:
        """List lines without an answer yet."""
        with reading(self._engine) as connection:
            return writes.sent_lines(connection, shop)

    def unknown_lines(self, shop: str) -> list[tuple[str, PlannedLine]]:
        """List lines whose outcome is not known."""
        with reading(self._engine) as connection:
            return writes.unknown_lines(connection, shop)

    def refused_codes(self, shop: str, sent_before: datetime) -> list[str]:
        """List codes that were refused."""
        with reading(self._engine) as connection:
            return writes.refused_codes(connection, shop, sent_before)

    def replace_products(self, shop: str, found: Sequence[Product], now: datetime) -> None:
        """Keep a product snapshot."""
        with self._engine.begin() as connection:
            products.replace(connection, shop, found, now)
