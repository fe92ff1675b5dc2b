"""The ledger in dictionaries, and how codes sell by it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from adapters.contract import Clock
from benchmarks.simulated.books.orders import OrderBooks
from bot.sync.ledger import count_change
from bot.sync.outage import Account
from bot.sync.values import Balance, Cause, Change, Demand, Entry, Habits

MONTH, DAY, HOUR = timedelta(days=28), timedelta(days=1), timedelta(hours=1)
SAMPLE, ENOUGH = 1_000, 20


class Past:
    """The sales of a code before the books begin: (when, shop), one piece each, oldest first."""

    def __init__(self, sales: Sequence[tuple[datetime, str]] = ()) -> None:
        self._all = [at for at, _ in sales]
        self._by_shop: dict[str, list[datetime]] = {}
        for at, shop in sales:
            self._by_shop.setdefault(shop, []).append(at)

    def since(self, moment: datetime) -> int:
        """Count the pieces sold after a moment."""
        return len(self._all) - bisect_right(self._all, moment)

    def by_shop(self, moment: datetime) -> dict[str, int]:
        """Count them by shop."""
        return {shop: len(found) - bisect_right(found, moment) for shop, found in self._by_shop.items()}


class LedgerBooks(OrderBooks):
    """Entries, balances, demand and outages.

    Args:
        past: what was sold before the books begin, by code.
    """

    def __init__(self, clock: Clock, past: Mapping[str, Past] | None = None) -> None:
        super().__init__(clock)
        self._past = past or {}
        self.entries: dict[int, Entry] = {}
        self.totals: dict[str, Balance] = {}
        self.outages: dict[int, Account] = {}
        self._by_code: dict[str, dict[int, Entry]] = {}
        self._risks: dict[tuple[str, str], datetime] = {}
        self._cleared: dict[str, datetime] = {}

    def balance(self, code: str) -> Balance:
        """Read a balance."""
        return self.totals.get(code, Balance())

    def balances(self, codes: Iterable[str]) -> dict[str, Balance]:
        """Read balances."""
        return {code: self.totals[code] for code in codes if code in self.totals}

    def counted_since(self) -> datetime | None:
        """Read the moment of the oldest count."""
        counts = [total.counted_at for total in self.totals.values() if total.counted_at is not None]
        return min(counts, default=None)

    def enter(self, entry: Entry, counted_at: datetime | None = None) -> None:
        """Append to the ledger."""
        seq = len(self.entries) + 1
        self._undo.put(self.entries, seq, entry)
        self._undo.put(self._by_code.setdefault(entry.code, {}), seq, entry)
        old, change = self.balance(entry.code), entry.change
        new = Balance(
            old.on_hand + change.on_hand,
            old.reserved + change.reserved,
            old.held + change.held,
            counted_at or old.counted_at,
        )
        self._undo.put(self.totals, entry.code, new)

    def held(self, shop: str, listed: str, code: str, until: datetime) -> int:
        """Sum what a shop holds."""
        found = sum(
            entry.change.held
            for entry in self._entries_of(code)
            if entry.key is not None
            and (entry.key.shop, entry.key.line_id) == (shop, listed)
            and entry.cause in (Cause.HELD, Cause.RELEASED)
            and (entry.at <= until or entry.change.held < 0)
        )
        return max(0, found)

    def _entries_of(self, code: str) -> Iterable[Entry]:
        return self._by_code.get(code, {}).values()

    def enter_count(self, code: str, quantity: int, as_of: datetime) -> Change:
        """Enter a stock count, and let the orders since be read again."""
        moved = sum(
            entry.change.on_hand for entry in self.entries.values() if entry.code == code and entry.at > as_of
        )
        aside = sum(entry.change.reserved for entry in self._entries_of(code) if entry.at <= as_of)
        change = count_change(quantity, aside, self.balance(code).on_hand, moved)
        self.enter(Entry(as_of, code, change, Cause.COUNT, who="clerk"), counted_at=as_of)
        for shop, at in self._cursors.items():
            if at > as_of:
                self._undo.put(self._cursors, shop, as_of)
        return change

    # ------------------------------------------------------------------ how it sells

    def demand(self, codes: Iterable[str], now: datetime) -> dict[str, Demand]:
        """Measure how codes sell."""
        found = {code: self._demand(code, now) for code in codes}
        return {code: demand for code, demand in found.items() if demand.by_shop}

    def _demand(self, code: str, now: datetime) -> Demand:
        past = self._past.get(code)
        by_shop = past.by_shop(now - MONTH) if past else {}
        hour = past.since(now - HOUR) if past else 0
        day = past.since(now - DAY) if past else 0
        for at, shop, pieces in _sold(self._entries_of(code)):
            if at > now - MONTH:
                by_shop[shop] = by_shop.get(shop, 0) + pieces
                hour += pieces if at > now - HOUR else 0
                day += pieces if at > now - DAY else 0
        return Demand(by_shop, hour, day)

    def habits(self, since: datetime) -> Habits:
        """Measure what is usual."""
        sales: dict[str, int] = {}
        for past in self._past.values():
            for shop, pieces in past.by_shop(since).items():
                sales[shop] = sales.get(shop, 0) + pieces
        for at, shop, pieces in _sold(self.entries.values()):
            if at > since:
                sales[shop] = sales.get(shop, 0) + pieces
        sales = {shop: max(0, pieces) for shop, pieces in sales.items()}
        delays = {shop: self._seen_s(shop, since) for shop in sorted(sales)}
        return Habits(sales, {shop: delay for shop, delay in delays.items() if delay is not None})

    def _seen_s(self, shop: str, since: datetime) -> float | None:
        lines = [
            line for key, line in self.lines.items() if key.shop == shop and line.seen.ordered_at > since
        ]
        latest = sorted(lines, key=lambda line: line.seen.ordered_at, reverse=True)[:SAMPLE]
        delays = sorted((line.first_seen_at - line.seen.ordered_at).total_seconds() for line in latest)
        return None if len(delays) < ENOUGH else max(0.0, delays[len(delays) * 99 // 100])

    # ------------------------------------------------------------------ outages

    def sold_on(self, shop: str, since: datetime) -> list[str]:
        """List codes that a shop sold."""
        found = {code for code, past in self._past.items() if past.by_shop(since).get(shop)}
        for entry in self.entries.values():
            if entry.key is not None and entry.key.shop == shop and entry.at > since:
                found.add(entry.code)
        return sorted(found)

    def stale_orders(self, shop: str, before: datetime) -> list[str]:
        """List old open orders."""
        found = {
            key.order_id
            for key, line in self.lines.items()
            if key.shop == shop and not line.seen.closed and line.seen.ordered_at < before
        }
        return sorted(found)

    def risks(self) -> set[tuple[str, str]]:
        """List what is at risk."""
        return set(self._risks)

    def put_risk(self, shop: str, code: str, now: datetime) -> None:
        """Put a code at risk."""
        if (shop, code) not in self._risks:
            self._undo.put(self._risks, (shop, code), now)

    def drop_risk(self, shop: str, code: str) -> None:
        """Take a code out of risk."""
        if (shop, code) in self._risks:
            self._undo.drop(self._risks, (shop, code))

    def cleared(self, shop: str) -> datetime | None:
        """Read the last clearing."""
        return self._cleared.get(shop)

    def clear_risks(self, shop: str, read_up_to: datetime) -> None:
        """Remember a clearing."""
        self._undo.put(self._cleared, shop, read_up_to)

    def put_outage(self, account: Account) -> None:
        """Keep an outage."""
        self._undo.put(self.outages, len(self.outages) + 1, account)


def _sold(entries: Iterable[Entry]) -> Iterator[tuple[datetime, str, int]]:
    """Give what orders moved: when, where, how many pieces (below zero: given back)."""
    for entry in entries:
        if entry.key is not None and not entry.change.held:
            yield entry.at, entry.key.shop, entry.change.reserved - entry.change.on_hand
