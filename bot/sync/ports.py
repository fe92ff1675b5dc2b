"""What the engine needs of the books; ``bot.store`` keeps them, ``bot.actions`` passes them in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from adapters.contract import Address, LineResult, Order, Product
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


class Transaction(Protocol):
    """Everything in it becomes true together, or nothing does."""

    def counted_line(self, key: LineKey) -> CountedLine | None:
        """Give what an order line counts for, None if it was never seen."""

    def put_line(self, seen: SeenLine, counted: CountedLine) -> None:
        """Keep what the line was seen as and counts for from now on."""

    def put_order(self, shop: str, order: Order) -> None:
        """Keep an order's own facts: when, payment and delivery."""

    def lines_of(self, shop: str, order_id: str) -> list[SeenLine]:
        """Give the known lines of an order, as they were seen last."""

    def mall_code_at(self, shop: str, address: Address) -> str | None:
        """Give the mall code that the product snapshot holds for an address."""

    def balance(self, code: str) -> Balance:
        """Give the balance of a code as this transaction sees it."""

    def held(self, shop: str, listed: str, code: str, until: datetime) -> int:
        """Give the pieces of ``code`` held for a shop's listing of ``listed``, those held up to a moment."""

    def enter(self, entry: Entry) -> None:
        """Append to the ledger and move the balance."""

    def shown(self, shop: str, code: str) -> Shown:
        """Give what a shop shows of a code."""

    def predict(self, shop: str, code: str, predicted: int | None) -> None:
        """Change the predicted number; None means unknown."""

    def mark(self, shop: str, code: str, why: Why, since: datetime, who: str = "") -> None:
        """Let a code wait to be written to a shop; of two reasons the more urgent one stands."""

    def mark_many(self, shop: str, codes: Iterable[str], why: Why, since: datetime, who: str = "") -> None:
        """Let many codes wait at once, as ``mark`` does."""

    def look_again(self, code: str, at: datetime) -> None:
        """Let what the shops show of a single code be compared again at a moment, if not sooner."""

    def looked_again(self, code: str) -> None:
        """Forget that a single code is to be compared again."""

    def put_risk(self, shop: str, code: str, now: datetime) -> None:
        """Put a single code on the list of what a blind shop may have sold out."""

    def drop_risk(self, shop: str, code: str) -> None:
        """Take a single code off that list."""

    def clear_risks(self, shop: str, read_up_to: datetime) -> None:
        """Remember that a person cleared the outage of a shop that began at a moment."""

    def put_outage(self, account: Account) -> None:
        """Keep the account of an outage that is over."""

    def set_cursor(self, shop: str, read_up_to: datetime, was: datetime | None) -> None:
        """Remember up to when a shop's orders are in, unless it was put back meanwhile."""

    def note_read(self, shop: str, order_ids: Sequence[str]) -> None:
        """Remember that orders were asked for now, whether the mall still knew them or not."""

    def moved(self, shop: str, code: str, move: Movement) -> None:
        """Keep what an order did to the shop's own number; a reading that knew it not is made again."""

    def note_readings(self, shop: str, read: Mapping[str, int | None], at: datetime) -> None:
        """Remember readings by code (None: the mall does not know the listing), whoever asked for them."""

    def read_again(self, shop: str, code: str) -> None:
        """Let a listing be read back next."""

    def rebase(self, shop: str, code: str, predicted: int, read_at: datetime) -> None:
        """Let the prediction rest on a reading from now on."""

    def doubt(self, shop: str, doubt: Doubt) -> None:
        """Keep a reading until it can be judged, with the prediction as this transaction sees it."""

    def forget_doubt(self, shop: str, code: str) -> None:
        """Forget a reading that was judged."""

    def drifts_of(self, shop: str, code: str, since: datetime) -> list[Drift]:
        """Give the drifts of a listing that were found since a moment, the oldest first."""

    def add_drift(self, shop: str, drift: Drift) -> None:
        """Keep a drift; an open question of the same listing is overtaken by it."""

    def close_question(self, shop: str, code: str, now: datetime) -> None:
        """Take back a question: nothing is left to decide."""

    def stop_listing(self, shop: str, code: str, now: datetime) -> None:
        """Let nothing be written to a listing until a person resumes it."""


class Books(Protocol):
    """The state as the engine reads and changes it."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Open a transaction: committed at the end, rolled back on any exception."""

    def cursor(self, shop: str) -> datetime | None:
        """Give the moment up to which a shop's orders are in; None before the first reading."""

    def cursors(self) -> dict[str, datetime]:
        """Give the cursors of all shops that were ever read."""

    def sold_on(self, shop: str, since: datetime) -> list[str]:
        """Give the single codes that a shop sold since a moment, sorted."""

    def stale_orders(self, shop: str, before: datetime) -> list[str]:
        """Give orders that were not closed and are older than a moment, sorted."""

    def risks(self) -> set[tuple[str, str]]:
        """Give (blind shop, single code) of what is at risk."""

    def cleared(self, shop: str) -> datetime | None:
        """Give the beginning of the outage that a person cleared last."""

    def counted_since(self) -> datetime | None:
        """Give the moment of the oldest stock count in force; None before the first."""

    def open_order_ids(
        self, shop: str, *, read_before: datetime, ordered_after: datetime, limit: int
    ) -> list[str]:
        """Give orders that may still change, last read before a moment, the longest unread first."""

    def unmapped_lines(self, shop: str) -> list[SeenLine]:
        """Give the lines whose listing the mapping did not know when they were seen."""

    def waiting(self, shop: str, limit: int) -> list[Waiting]:
        """Give the codes that wait to be written to a shop, sales first."""

    def waiting_sales(self, shop: str, limit: int) -> list[Waiting]:
        """Give those of the waiting codes that were sold."""

    def waiting_seqs(self, shop: str, codes: Iterable[str]) -> dict[str, int]:
        """Give the ``seq`` of each of the codes that waits."""

    def settle_waiting(self, shop: str, settled: Iterable[Waiting]) -> None:
        """Take codes off the list unless a newer reason came meanwhile."""

    def showing(self, shop: str) -> list[str]:
        """Give the codes of which a shop shows pieces, as far as anybody knows."""

    def first_plan_at(self, shop: str) -> datetime | None:
        """Give when a shop was written to first; None before."""

    def open_holds(self, shop: str) -> list[Hold]:
        """Give the plans of a shop that the guard asks about, or that were approved; the oldest first."""

    def settle_holds(self, over: Iterable[tuple[Hold, HoldState]], asked: Hold | None, now: datetime) -> None:
        """Close holds, unless a person decided meanwhile, and keep a new one."""

    def due_looks(self, now: datetime) -> list[str]:
        """Give the single codes that are to be compared again by now."""

    def demand(self, codes: Iterable[str], now: datetime) -> dict[str, Demand]:
        """Give how single codes sold in the 28 days up to now; codes without a sale are absent."""

    def habits(self, since: datetime) -> Habits:
        """Measure what is usual, over all that was sold since a moment."""

    def balances(self, codes: Iterable[str]) -> dict[str, Balance]:
        """Give balances by code; codes without any entry are absent."""

    def shown_all(self, shop: str, codes: Iterable[str]) -> dict[str, Shown]:
        """Give what a shop shows, by code; codes never written are absent."""

    def addresses(self, shop: str, mall_codes: Iterable[str]) -> dict[str, list[Address]]:
        """Give the addresses of mall codes from the product snapshot; unknown ones are absent."""

    def misplaced(self, shop: str, listings: Mapping[str, str]) -> set[str]:
        """Give the codes of code -> mall code whose listing the snapshot has not at just one address."""

    def refused_of(self, shops: Iterable[str], codes: Iterable[str]) -> set[tuple[str, str]]:
        """Give those of some codes whose latest number a mall refused: (shop, code)."""

    def begin_plan(self, shop: str, lines: Sequence[PlannedLine], now: datetime) -> str:
        """Record a plan before its first write: from here on the shop's numbers are not known."""

    def settle_lines(
        self, plan_id: str, results: Mapping[str, LineResult], now: datetime, lines: Sequence[PlannedLine]
    ) -> None:
        """Record the outcome of lines (by code) and what the shop shows since."""

    def finish_plan(self, plan_id: str, now: datetime) -> None:
        """Record that every line of a plan has had its turn."""

    def sent_lines(self, shop: str) -> list[tuple[str, PlannedLine, LineResult, datetime]]:
        """Give the lines that were sent and not confirmed: (plan id, line, result, when sent)."""

    def unknown_lines(self, shop: str) -> list[tuple[str, PlannedLine]]:
        """Give the latest line of each code whose outcome is not known: (plan id, line)."""

    def refused_codes(self, shop: str, sent_before: datetime) -> list[str]:
        """Give codes whose latest number the mall refused, sent before a moment."""

    def product_count(self, shop: str) -> int:
        """Give how many products a shop's snapshot holds."""

    def replace_products(self, shop: str, products: Sequence[Product], now: datetime) -> None:
        """Keep a shop's product list in the place of the last one."""

    def to_read(self, shop: str, limit: int, landed_by: datetime, read_before: datetime) -> list[str]:
        """Give codes to read back: those marked, those with few pieces, those unread for longest.

        Args:
            landed_by: only those whose latest write was acknowledged by then, and none after it.
            read_before: only those that were read before that, or never.
        """

    def resync_waits(self, shop: str) -> bool:
        """Tell whether a person asked for listings to be read back that were not read yet."""

    def doubts(self, shop: str) -> list[Doubt]:
        """Give the readings that are to be judged."""

    def doubted_orders(self, shop: str) -> list[str]:
        """Give open orders of doubted codes that were not read since: one may have been cancelled."""

    def doubted_unread(self, shop: str) -> set[str]:
        """Give the doubted codes that have such orders."""

    def movements(self, shop: str, code: str) -> list[Movement]:
        """Give what a shop's orders did to its number lately, as its doubt knows them."""

    def asked(self, shop: str) -> dict[str, Drift]:
        """Give the questions that are open, by code."""
