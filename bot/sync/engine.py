"""One run for one shop: orders in, ledger, plan, guarded write, outcome. The part that does I/O.

``docs/a-run.md`` walks through a run. Everything that is decided comes from the pure rules beside
it (ledger, levels, last units, plan); everything that is kept goes through ``bot.sync.ports``. The
steps are rooms of their own: intake, settling, writing, product lists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from threading import Event

from adapters.contract import Clock, Order
from bot.mapping.model import Mapping as CodeMapping
from bot.sync.desk import Desk, Orders, Report
from bot.sync.guard import Limits
from bot.sync.intake import Intake
from bot.sync.levels import Levels
from bot.sync.lookout import Lookout
from bot.sync.marks import mark_code
from bot.sync.outlook import Outlook
from bot.sync.plan import batches
from bot.sync.ports import Books
from bot.sync.productlist import Listed, ProductLists
from bot.sync.readback import ReadBack
from bot.sync.settling import Settling
from bot.sync.survey import Survey
from bot.sync.values import Part, Waiting, Why
from bot.sync.writing import CODES_A_TURN, Writing

OVERDUE = timedelta(minutes=15)
_CODES_A_PART = 5_000
_REST_S = 0.1  # SQLite looks again after at most so long


class Engine:
    """Runs turns; keeps nothing that a crash may not take.

    Args:
        mapping: gives the mapping in force; asked once a step, so a step sees one mapping.
        stop: ends a run at the next line boundary.
        on_touched: told the shops that have something to write, right after the commit.
        parts: gives how each shop takes part now.
        limits: how much of a shop changes without a question.
    """

    def __init__(
        self,
        books: Books,
        mapping: Callable[[], CodeMapping],
        clock: Clock,
        stop: Event,
        on_touched: Callable[[Iterable[str]], None],
        parts: Callable[[], Mapping[str, Part]],
        limits: Limits = Limits(),  # noqa: B008 - frozen
    ) -> None:
        self._books = books
        self._mapping = mapping
        self._clock = clock
        self._stop = stop
        self._on_touched = on_touched
        self._survey = Survey(books, clock, parts)
        self._intake = Intake(books, mapping, clock, stop, on_touched)
        self._settling = Settling(books, clock)
        self._writing = Writing(books, mapping, clock, stop, on_touched, self._survey, limits)
        self._lookout = Lookout(books, mapping, clock, on_touched, parts)
        self._readback = ReadBack(books, mapping, clock, stop, self._survey)
        self._lists = ProductLists(books, mapping, clock, limits.list_percent)

    def turn(
        self,
        desk: Desk,
        report: Report,
        *,
        tick: bool,
        orders: Orders = Orders(),  # noqa: B008 - frozen
        overdue_after: timedelta = OVERDUE,
        look_around: Callable[[], None] = lambda: None,
    ) -> None:
        """Do one turn: on a tick orders in, what became of earlier lines, known orders again.

        Args:
            tick: whether the poll interval has come round; else only waiting numbers go out.
            look_around: done when the orders are in.
        """
        if tick:
            self.orders_in(desk, report)
            self._lookout.look()
            look_around()
            self._settling.settle(desk, report, overdue_after)
            self._readback.judge(desk)
        if orders.write:
            self._writing.write(desk, report, orders)
        if tick:  # what fails from here on has kept no number back
            self._intake.take_in_again(desk, report)
        self._readback.read(desk, report, orders, tick=tick)

    # ------------------------------------------------------------------ orders

    def orders_in(self, desk: Desk, report: Report) -> None:
        """Take in new orders, those kept until the mapping knew them, and what they make due."""
        self._intake.take_in(desk, report)
        self._intake.apply_unmapped(desk, report)
        self.look_again_where_due()

    def orders_of_file(self, desk: Desk, orders: Sequence[Order], report: Report) -> None:
        """Take in the orders of a file; the cursor stays where it is."""
        self._intake.take_in_file(desk, orders, report)

    def look_again_where_due(self) -> None:
        """Let codes be compared whose last units may be divided otherwise by now: demand fades."""
        mapping, now = self._mapping(), self._clock.now()
        due = self._books.due_looks(now)
        if not due:
            return
        touched: set[str] = set()
        with self._books.transaction() as books:
            for code in due:
                books.looked_again(code)
                if mapping.product_of(code):
                    touched |= mark_code(books, mapping, code, Why.BALANCE, now)
        self._on_touched(touched)

    def clear_risks(self, shop: str) -> int:
        """Let the other shops sell again what a blind one may have sold; give how many codes."""
        return self._lookout.clear(shop)

    # ------------------------------------------------------------------ numbers

    def write(self, desk: Desk, report: Report, orders: Orders = Orders()) -> None:  # noqa: B008 - frozen
        """Write every waiting number that differs from what the shop is predicted to show."""
        self._writing.write(desk, report, orders)

    def levels(self, codes: Iterable[str]) -> Levels:
        """Give what every shop should show of some codes."""
        return self._survey.levels(self._mapping(), codes)

    def outlook(
        self,
        desk: Desk,
        held_back: frozenset[str] = frozenset(),
        also: Iterable[str] = (),
        why: Why = Why.REPAIR,
    ) -> Outlook:
        """Give what a turn would do with all that waits, and change nothing.

        Args:
            also: codes that are looked at as if they waited too, because of ``why``.
        """
        waiting = {item.code: item for item in self._books.waiting(desk.shop.name, CODES_A_TURN)}
        now = self._clock.now()
        more = [Waiting(code, 0, now, why) for code in also if code not in waiting]
        return self._writing.outlook(desk, held_back, [*waiting.values(), *more])

    def drop_waiting(self, desk: Desk) -> None:
        """Let nothing wait for a shop that is never written."""
        self._writing.drop_waiting(desk)

    def import_products(self, desk: Desk, *, accept: bool = False) -> Listed:
        """Read the shop's product list into the snapshot; one that seems cut short only if accepted."""
        return self._lists.import_products(desk, accept=accept)

    def is_cut_short(self, count: int, before: int) -> bool:
        """Tell whether a product list has so few products that it is not taken in unasked."""
        return self._lists.is_cut_short(count, before)

    def mark_all(self, codes_by_shop: Mapping[str, Iterable[str]], why: Why, who: str = "") -> None:
        """Let codes wait to be written: after a change of mapping, a pause or a product import.

        After a change of mapping also what a shop shows and the mapping no longer links there. A part
        at a time, so that an order need not wait for a whole catalogue; whoever asked for it asks again
        after a crash.
        """
        now = self._clock.now()
        for shop, codes in codes_by_shop.items():
            left = self._left(shop) if why is Why.MAPPING else []
            for reason, some in ((why, codes), (Why.UNLINK, left)):
                for part in batches(list(some), _CODES_A_PART):
                    with self._books.transaction() as books:
                        books.mark_many(shop, part, reason, now, who)
                    if len(part) == _CODES_A_PART:
                        self._stop.wait(_REST_S)  # whoever waits for the books gets them now
        self._on_touched(codes_by_shop)

    def _left(self, shop: str) -> list[str]:
        mapping = self._mapping()
        return [code for code in self._books.showing(shop) if mapping.listing(shop, code) is None]
