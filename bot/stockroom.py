"""The stock by people's hands: counts, adjustments, and what became of a code over time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from sqlalchemy import Engine

from adapters.contract import Clock
from bot.answers import Counted, FileProblem, HistoryLine, Refused
from bot.countfile import CountRow
from bot.following import MappingInForce
from bot.mapping.model import Mapping as CodeMapping
from bot.store import ledger, orders
from bot.store.books import SqlTransaction
from bot.store.database import reading
from bot.store.history import history
from bot.store.rehearsal import changing
from bot.sync.marks import mark_code
from bot.sync.values import Cause, Change, Entry, Why

NEAR_NAMED = 20  # so many unknown codes of a file are told what is near: the search is slow


class Stockroom:
    """What people enter into the ledger, and what they read of it.

    Args:
        near: codes that may have been meant by a text, at most so many.
    """

    def __init__(
        self,
        engine: Engine,
        in_force: Callable[[], MappingInForce],
        clock: Clock,
        wake: Callable[[Iterable[str] | None], None],
        near: Callable[[str, int], list[str]],
    ) -> None:
        self._engine = engine
        self._in_force = in_force
        self._clock = clock
        self._wake = wake
        self._near = near

    @property
    def _mapping(self) -> CodeMapping:
        return self._in_force().mapping

    # ------------------------------------------------------------------ counts

    def count_problems(self, rows: Iterable[CountRow]) -> list[FileProblem]:
        """Give every line of a count whose code is unknown, or is a set's."""
        mapping, found, unknown = self._mapping, list[FileProblem](), 0
        for row in rows:
            product = mapping.product_of(row.code)
            if product is None:
                unknown += 1
                near = ", ".join(self._near(row.code, 3)) if unknown <= NEAR_NAMED else ""
                found.append(FileProblem(row.line, "unknown_code", {"code": row.code, "near": near or "-"}))
            elif product.parts:
                found.append(FileProblem(row.line, "count_of_set", {"code": row.code}))
        return found

    def count(
        self, counts: Mapping[str, int], as_of: datetime, who: str, *, dry_run: bool = False
    ) -> list[Counted]:
        """Enter a stock count (棚卸) in one transaction.

        Args:
            counts: code -> pieces on the shelf; those set aside for open orders are not among them.
            dry_run: give what it would make of the numbers, and enter nothing.
        Raises:
            Refused: a code is unknown, or is a set, which is built of others and not counted; or
                the count is dated in the future: what is sold until then would be taken for counted.
        """
        now, mapping = self._clock.now(), self._mapping
        if as_of > now:
            raise Refused("count_future")
        for problem in self.count_problems(CountRow(0, code, 0) for code in counts):
            raise Refused(problem.key, **problem.params)
        found, touched = list[Counted](), set[str]()
        with changing(self._engine, dry_run=dry_run) as connection:
            books = SqlTransaction(connection, self._clock)
            orders.put_cursors_back(connection, as_of)  # what was sold since may lie before the first reading
            for code, quantity in counts.items():
                balance = ledger.balance_of(connection, code)
                before = balance.on_hand - balance.reserved  # those set aside are never counted
                change = ledger.enter_count(connection, code, quantity, as_of, now, who)
                found.append(Counted(code, before, before + change.on_hand))
                touched |= mark_code(books, mapping, code, Why.STOCK, now, who=who)
        if not dry_run:
            self._wake(touched)
        return found

    # ------------------------------------------------------------------ adjustments

    def adjust(
        self, code: str, pieces: int, note: str, who: str, *, receipt: bool = False, dry_run: bool = False
    ) -> Counted:
        """Add pieces to the shelf, or take some away, with the reason.

        Args:
            receipt: they came in (入荷); else something was found, lost or broken.
        Raises:
            Refused: the code is unknown, a set, or never counted; no reason; fewer than nothing left.
        """
        if not note.strip():
            raise Refused("adjust_no_note")
        if not pieces or (receipt and pieces < 0):
            raise Refused("adjust_pieces")
        self._refuse_wrong(code)
        now = self._clock.now()
        with changing(self._engine, dry_run=dry_run) as connection:
            balance = ledger.balance_of(connection, code)
            if balance.counted_at is None:  # nobody knows what the pieces would be added to
                raise Refused("adjust_uncounted", code=code)
            if pieces < 0 and balance.on_hand + pieces < 0:
                raise Refused("adjust_too_few", code=code, on_hand=str(balance.on_hand))
            cause = Cause.RECEIPT if receipt else Cause.ADJUSTED
            ledger.enter(connection, Entry(now, code, Change(pieces), cause, who=who, note=note), now)
            books = SqlTransaction(connection, self._clock)
            touched = mark_code(books, self._mapping, code, Why.STOCK, now, who=who)
        if not dry_run:
            self._wake(touched)
        return Counted(code, balance.on_hand, balance.on_hand + pieces)

    def _refuse_wrong(self, code: str) -> None:
        product = self._mapping.product_of(code)
        if product is None:
            raise Refused("unknown_code", code=code, near=", ".join(self._near(code, 3)) or "-")
        if product.parts:
            raise Refused("adjust_of_set", code=code)

    # ------------------------------------------------------------------ history

    def history(self, code: str, limit: int) -> list[HistoryLine]:
        """Give the latest lines of a code, the oldest first; of a set, what moved its parts too.

        Raises:
            Refused: nobody ever heard of the code: a code that left the mapping keeps its history.
        """
        mapping = self._mapping
        known = mapping.product_of(code) is not None
        with reading(self._engine) as connection:
            found = history(connection, code, mapping.components(code) if known else (), limit)
        if not known and not found:
            raise Refused("unknown_code", code=code, near=", ".join(self._near(code, 3)) or "-")
        return found
