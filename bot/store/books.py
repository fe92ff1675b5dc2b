"""The books as the engine sees them (``bot.sync.ports``), over the modules beside this one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, Engine

from adapters.contract import Address, Clock, LineResult, Order, Product
from bot.store import demand, drifts, holds, ledger, orders, outages, products, readback, switches, writes
from bot.store.database import reading
from bot.sync.guard import Hold, HoldState
from bot.sync.outage import Account
from bot.sync.values import (
    Balance,
    CountedLine,
    Demand,
    Doubt,
    Drift,
    Entry,
    Habits,
    LineKey,
    Movement,
    PlannedLine,
    SeenLine,
    Shown,
    Waiting,
    Why,
)


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

    def mark(self, shop: str, code: str, why: Why, since: datetime, who: str = "") -> None:
        """Let a code wait."""
        writes.mark(self._connection, shop, [code], why, since, who)

    def mark_many(self, shop: str, codes: Iterable[str], why: Why, since: datetime, who: str = "") -> None:
        """Let codes wait."""
        writes.mark(self._connection, shop, codes, why, since, who)

    def look_again(self, code: str, at: datetime) -> None:
        """Let a code be compared again."""
        writes.look_again(self._connection, code, at)

    def looked_again(self, code: str) -> None:
        """Forget that it is to be."""
        writes.looked_again(self._connection, code)

    def put_risk(self, shop: str, code: str, now: datetime) -> None:
        """Put a code at risk."""
        outages.put_risk(self._connection, shop, code, now)

    def drop_risk(self, shop: str, code: str) -> None:
        """Take a code out of risk."""
        outages.drop_risk(self._connection, shop, code)

    def clear_risks(self, shop: str, read_up_to: datetime) -> None:
        """Remember a clearing."""
        outages.clear(self._connection, shop, read_up_to)

    def put_outage(self, account: Account) -> None:
        """Keep an outage."""
        outages.put(self._connection, account)

    def set_cursor(self, shop: str, read_up_to: datetime, was: datetime | None) -> None:
        """Move a cursor."""
        orders.set_cursor(self._connection, shop, read_up_to, was)

    def note_read(self, shop: str, order_ids: Sequence[str]) -> None:
        """Note that orders were asked for."""
        orders.note_read(self._connection, shop, order_ids, self._clock.now())

    def moved(self, shop: str, code: str, move: Movement) -> None:
        """Keep a movement."""
        readback.moved(self._connection, shop, code, move, self._clock.now())

    def note_readings(self, shop: str, read: Mapping[str, int | None], at: datetime) -> None:
        """Note readings."""
        readback.note_readings(self._connection, shop, read, at)

    def read_again(self, shop: str, code: str) -> None:
        """Mark a listing to be read."""
        readback.read_again(self._connection, shop, [code])

    def rebase(self, shop: str, code: str, predicted: int, read_at: datetime) -> None:
        """Rebase a prediction."""
        readback.rebase(self._connection, shop, code, predicted, read_at)

    def doubt(self, shop: str, doubt: Doubt) -> None:
        """Keep a doubt."""
        readback.put_doubt(self._connection, shop, doubt)

    def forget_doubt(self, shop: str, code: str) -> None:
        """Forget a doubt."""
        readback.forget_doubt(self._connection, shop, code)

    def drifts_of(self, shop: str, code: str, since: datetime) -> list[Drift]:
        """List drifts of a listing."""
        return drifts.of_listing(self._connection, shop, code, since)

    def add_drift(self, shop: str, drift: Drift) -> None:
        """Keep a drift."""
        drifts.add(self._connection, shop, drift)

    def close_question(self, shop: str, code: str, now: datetime) -> None:
        """Take a question back."""
        drifts.close_question(self._connection, shop, code, now)

    def stop_listing(self, shop: str, code: str, now: datetime) -> None:
        """Pause a listing."""
        target = switches.listing_target(shop, code)
        switches.begin_pauses(self._connection, [target], drifts.REASON, drifts.BOT, now, None)


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

    def cursors(self) -> dict[str, datetime]:
        """Read all cursors."""
        with reading(self._engine) as connection:
            return outages.cursors_of_all(connection)

    def sold_on(self, shop: str, since: datetime) -> list[str]:
        """List codes that a shop sold."""
        with reading(self._engine) as connection:
            return outages.sold_on(connection, shop, since)

    def stale_orders(self, shop: str, before: datetime) -> list[str]:
        """List old open orders."""
        with reading(self._engine) as connection:
            return outages.stale_orders(connection, shop, before)

    def risks(self) -> set[tuple[str, str]]:
        """List what is at risk."""
        with reading(self._engine) as connection:
            return outages.all_risks(connection)

    def cleared(self, shop: str) -> datetime | None:
        """Read the last clearing."""
        with reading(self._engine) as connection:
            return outages.cleared(connection, shop)

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

    def waiting_sales(self, shop: str, limit: int) -> list[Waiting]:
        """List waiting codes that were sold."""
        with reading(self._engine) as connection:
            return writes.waiting_sales(connection, shop, limit)

    def showing(self, shop: str) -> list[str]:
        """List codes of which a shop shows pieces."""
        with reading(self._engine) as connection:
            return holds.showing(connection, shop)

    def first_plan_at(self, shop: str) -> datetime | None:
        """Read when a shop was written to first."""
        with reading(self._engine) as connection:
            return holds.first_plan_at(connection, shop)

    def open_holds(self, shop: str) -> list[Hold]:
        """List open holds."""
        with reading(self._engine) as connection:
            return holds.open_holds(connection, shop)

    def settle_holds(self, over: Iterable[tuple[Hold, HoldState]], asked: Hold | None, now: datetime) -> None:
        """Close holds and keep a new one."""
        with self._engine.begin() as connection:
            for hold, state in over:
                holds.decide(connection, hold, state, "", now)
            if asked is not None:
                holds.ask(connection, asked)

    def due_looks(self, now: datetime) -> list[str]:
        """List codes to be compared again."""
        with reading(self._engine) as connection:
            return writes.due_looks(connection, now)

    def demand(self, codes: Iterable[str], now: datetime) -> dict[str, Demand]:
        """Measure how codes sell."""
        with reading(self._engine) as connection:
            return demand.of(connection, codes, now)

    def habits(self, since: datetime) -> Habits:
        """Measure what is usual."""
        with reading(self._engine) as connection:
            return demand.habits(connection, since)

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

    def misplaced(self, shop: str, listings: Mapping[str, str]) -> set[str]:
        """Look for listings that are not at one address."""
        with reading(self._engine) as connection:
            return set(products.misplaced(connection, shop, listings.items()))

    def refused_of(self, shops: Iterable[str], codes: Iterable[str]) -> set[tuple[str, str]]:
        """Look for refused numbers."""
        with reading(self._engine) as connection:
            return writes.refused_of(connection, shops, codes)

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

    def product_count(self, shop: str) -> int:
        """Count a product snapshot."""
        with reading(self._engine) as connection:
            return products.count(connection, shop)

    def replace_products(self, shop: str, found: Sequence[Product], now: datetime) -> None:
        """Keep a product snapshot."""
        with self._engine.begin() as connection:
            products.replace(connection, shop, found, now)

    def to_read(self, shop: str, limit: int, landed_by: datetime, read_before: datetime) -> list[str]:
        """List codes to read back."""
        with reading(self._engine) as connection:
            return readback.to_read(connection, shop, limit, landed_by, read_before)

    def resync_waits(self, shop: str) -> bool:
        """Look for codes of a resync."""
        with reading(self._engine) as connection:
            return readback.resync_left(connection, shop, 1) > 0

    def doubts(self, shop: str) -> list[Doubt]:
        """List doubts."""
        with reading(self._engine) as connection:
            return readback.doubts_of(connection, shop)

    def doubted_orders(self, shop: str) -> list[str]:
        """List orders that doubts wait for."""
        with reading(self._engine) as connection:
            return [order_id for order_id, _ in readback.doubted_orders(connection, shop)]

    def doubted_unread(self, shop: str) -> set[str]:
        """List codes that wait for them."""
        with reading(self._engine) as connection:
            return {code for _, code in readback.doubted_orders(connection, shop)}

    def movements(self, shop: str, code: str) -> list[Movement]:
        """List movements."""
        with reading(self._engine) as connection:
            return readback.movements_of(connection, shop, code)

    def asked(self, shop: str) -> dict[str, Drift]:
        """List open questions."""
        with reading(self._engine) as connection:
            return drifts.asked(connection, shop)
