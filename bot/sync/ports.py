"""What the engine needs of the books; ``bot.store`` keeps them, ``bot.actions`` passes them in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from adapters.contract import Address, LineResult, Order, Product
from bot.sync.values import Balance, CountedLine, Entry, LineKey, PlannedLine, SeenLine, Shown, Waiting, Why


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

    def mark(self, shop: str, code: str, why: Why, since: datetime) -> None:
        """Let a code wait to be written to a shop."""

    def set_cursor(self, shop: str, read_up_to: datetime, was: datetime | None) -> None:
        """Remember up to when a shop's orders are in, unless it was put back meanwhile."""

    def note_read(self, shop: str, order_ids: Sequence[str]) -> None:
        """Remember that orders were asked for now, whether the mall still knew them or not."""


class Books(Protocol):
    """The state as the engine reads and changes it."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Open a transaction: committed at the end, rolled back on any exception."""

    def cursor(self, shop: str) -> datetime | None:
        """Give the moment up to which a shop's orders are in; None before the first reading."""

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

    def waiting_seqs(self, shop: str, codes: Iterable[str]) -> dict[str, int]:
        """Give the ``seq`` of each of the codes that waits."""

    def settle_waiting(self, shop: str, settled: Iterable[Waiting]) -> None:
        """Take codes off the list unless a newer reason came meanwhile."""

    def balances(self, codes: Iterable[str]) -> dict[str, Balance]:
        """Give balances by code; codes without any entry are absent."""

    def shown_all(self, shop: str, codes: Iterable[str]) -> dict[str, Shown]:
        """Give what a shop shows, by code; codes never written are absent."""

    def addresses(self, shop: str, mall_codes: Iterable[str]) -> dict[str, list[Address]]:
        """Give the addresses of mall codes from the product snapshot; unknown ones are absent."""

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

    def replace_products(self, shop: str, products: Sequence[Product], now: datetime) -> None:
        """Keep a shop's product list in the place of the last one."""
