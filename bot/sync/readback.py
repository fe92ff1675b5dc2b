"""Numbers read back from the malls, bit by bit, and what is done about those that are not ours.

A reading that is not as predicted is kept as a doubt until the shop's orders up to it are in;
then ``bot.sync.drift`` judges it. A number at a mall is evidence about the mall, never demand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from threading import Event

from adapters.contract import Address, Clock, StockLevel
from bot.mapping.model import Mapping as CodeMapping
from bot.mapping.model import OrderSource
from bot.sync.desk import Desk, Orders, Report
from bot.sync.drift import DAY, Judgement, Verdict, decide, judge
from bot.sync.levels import Levels
from bot.sync.ports import Books, Transaction
from bot.sync.survey import Survey
from bot.sync.values import Doubt, Drift, DriftState, Shown, Why

READ_EVERY = timedelta(minutes=10)  # no listing is read more often, unless marked
READ_WITHIN = timedelta(hours=20)  # later than this the slices follow each other at once
SLICE = 1_000
NEVER_READ = datetime.min.replace(tzinfo=UTC)


class ReadBack:
    """Reads slices and judges doubts; holds no state of its own."""

    def __init__(
        self,
        books: Books,
        mapping: Callable[[], CodeMapping],
        clock: Clock,
        stop: Event,
        survey: Survey,
    ) -> None:
        self._books = books
        self._mapping = mapping
        self._clock = clock
        self._stop = stop
        self._survey = survey

    # ------------------------------------------------------------------ judging

    def judge(self, desk: Desk) -> None:
        """Judge the doubts whose orders are in by now; a repair that lowers waits to be written."""
        doubts = self._books.doubts(desk.shop.name)
        if not doubts:
            return
        up_to = _orders_in_up_to(desk, self._books.cursor(desk.shop.name))
        unread = set[str]()
        if desk.has_orders and desk.shop.on_cancel.mall_returns_stock:
            unread = self._books.doubted_unread(desk.shop.name)
        found = [
            (doubt, judge(doubt, self._books.movements(desk.shop.name, doubt.code), up_to))
            for doubt in doubts
            if doubt.code not in unread
        ]
        decided = [(doubt, said) for doubt, said in found if said.verdict is not Verdict.TAKE_IN]
        drifted = [doubt.code for doubt, said in decided if said.verdict is Verdict.DRIFT]
        mapping = self._mapping()
        linked = [code for code in drifted if mapping.listing(desk.shop.name, code) is not None]
        levels = self._survey.levels(mapping, linked)
        with self._books.transaction() as books:
            for doubt, said in decided:
                self._settle(books, desk, doubt, said, levels if doubt.code in linked else None)

    def _settle(
        self, books: Transaction, desk: Desk, doubt: Doubt, said: Judgement, levels: Levels | None
    ) -> None:
        shop, code = desk.shop.name, doubt.code
        books.forget_doubt(shop, code)
        if said.again or said.verdict is Verdict.WAIT:
            books.read_again(shop, code)
        shown = books.shown(shop, code)
        still = _rests_on(shown, doubt) and shown.predicted is not None  # nothing was written meanwhile
        if still and (said.believed or said.verdict is Verdict.DRIFT):
            books.rebase(shop, code, said.there, doubt.read_at)
        if still and said.believed:
            books.mark(shop, code, Why.REPAIR, doubt.read_at)
        if said.verdict is Verdict.DRIFT:
            self._drift(books, desk, doubt, said, levels if still else None)

    def _drift(
        self, books: Transaction, desk: Desk, doubt: Doubt, said: Judgement, levels: Levels | None
    ) -> None:
        """Keep a drift and do what its state asks for.

        Args:
            levels: None where nothing is to be written any more.
        """
        shop, code, now = desk.shop.name, doubt.code, self._clock.now()
        level = levels.of(shop, code) if levels else None
        target = level.number if level else None
        earlier = _counting(books.drifts_of(shop, code, now - DAY))
        state = decide(said.there, target, earlier=earlier, asked_for=bool(doubt.who))
        who = doubt.who if state is DriftState.WRITTEN else ""
        books.add_drift(shop, Drift(code, doubt.quantity, said.expected, doubt.read_at, now, state, who))
        if state is DriftState.STOPPED:
            books.stop_listing(shop, code, now)
            books.read_again(shop, code)  # the first thing when it is resumed
        if state is not DriftState.OVERTAKEN:
            books.mark(shop, code, Why.REPAIR, doubt.read_at, doubt.who)

    # ------------------------------------------------------------------ reading

    def read(self, desk: Desk, report: Report, orders: Orders, *, tick: bool) -> None:
        """Read one slice back; on a tick what is due, else only what a person asked for."""
        if not orders.write or not can_read_back(desk) or self._stop.is_set():
            return
        name = desk.shop.name
        if not tick and not self._books.resync_waits(name):
            return
        codes = self._due(desk, orders, READ_EVERY)
        if not codes or not orders.go_on():
            return
        self._read(desk, codes)
        if self._books.resync_waits(name) or self._due(desk, orders, READ_WITHIN, most=1):
            report.call_again(self._clock.now())

    def _due(self, desk: Desk, orders: Orders, age: timedelta, most: int | None = None) -> list[str]:
        now, size = self._clock.now(), most or desk.abilities.read_batch or SLICE
        landed_by = now - timedelta(seconds=desk.abilities.visible_after_s)
        held_back = orders.held_back()
        wanted = size + len(held_back)
        codes = self._books.to_read(desk.shop.name, wanted, landed_by, now - age)
        return [code for code in codes if code not in held_back][:size]

    def _read(self, desk: Desk, codes: Sequence[str]) -> None:
        name, before = desk.shop.name, self._clock.now()
        shown = self._books.shown_all(name, codes)
        places = self._places(desk, shown)
        levels = desk.adapter.read_stock(list(places.values()))
        after = self._clock.now()
        read = {code: _quantity(levels.get(places[code]) if code in places else None) for code in codes}
        with self._books.transaction() as books:
            for code, quantity in read.items():
                if quantity is not None and quantity != shown[code].predicted:
                    self._doubt(books, desk, code, shown[code], quantity, (before, after))
            books.note_readings(name, read, after)

    def _places(self, desk: Desk, shown: Mapping[str, Shown]) -> dict[str, Address]:
        """Give the address of each code that is still linked where it was written."""
        mapping, name = self._mapping(), desk.shop.name
        linked = {code: last.mall_code for code, last in shown.items()}
        linked = {code: at for code, at in linked.items() if mapping.listing(name, code) == at}
        if desk.abilities.address_is_code:
            return {code: (mall_code,) for code, mall_code in linked.items()}
        known = self._books.addresses(name, linked.values())
        return {code: known[at][0] for code, at in linked.items() if len(known.get(at, ())) == 1}

    def _doubt(
        self,
        books: Transaction,
        desk: Desk,
        code: str,
        before: Shown,
        quantity: int,
        read: tuple[datetime, datetime],
    ) -> None:
        """Keep a doubt, unless the shop's own number was written or moved during the reading."""
        name, now = desk.shop.name, books.shown(desk.shop.name, code)
        landed = before.lands_at(desk.abilities.visible_after_s)
        if now.predicted is None or now.predicted == quantity or now.sent_at != before.sent_at:
            return
        if before.sent_at is None or landed is None:
            return
        based = (now.rebased_at,) * 2 if now.rebased_at else (before.sent_at, landed)
        doubt = Doubt(
            code, quantity, *read, now.predicted, *based, now.sent_at, now.rebased_at, now.resync_by
        )
        books.doubt(name, doubt)


def _quantity(level: StockLevel | None) -> int | None:
    return level.quantity if level else None


def can_read_back(desk: Desk) -> bool:
    """Tell whether a shop's numbers can be read, and held against orders that we hear of in time."""
    heard = desk.has_orders or desk.shop.orders is OrderSource.NONE
    return desk.abilities.readable.able and heard


def _orders_in_up_to(desk: Desk, cursor: datetime | None) -> datetime | None:
    if not desk.has_orders:
        return None
    return cursor - desk.lag if cursor else NEVER_READ


def _rests_on(shown: Shown, doubt: Doubt) -> bool:
    return (shown.sent_at, shown.rebased_at) == (doubt.sent_at, doubt.rebased_at)


def _counting(found: Sequence[Drift]) -> int:
    """Count the drifts since the listing was stopped last: a person has resumed it."""
    stops = [place for place, drift in enumerate(found) if drift.state is DriftState.STOPPED]
    return len(found) - (stops[-1] + 1 if stops else 0)
