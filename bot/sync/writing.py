"""Numbers out: what waits is compared, planned, guarded, written batch by batch, and recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from threading import Event, Lock

from adapters.contract import Abilities, Address, Clock, LineResult, Outcome
from adapters.errors import RateLimitedError
from bot.mapping.model import Mapping as CodeMapping
from bot.mapping.model import OnUnlink
from bot.sync.desk import Desk, Orders, Report
from bot.sync.guard import Hold, Limits, Verdict, judge, over, question
from bot.sync.levels import Level, Levels
from bot.sync.marks import mark_code
from bot.sync.outlook import Dropped, Gathered, Outlook
from bot.sync.plan import Plan, Want, batches, is_in_the_way, line_of, may_rise_at, plan_writes
from bot.sync.ports import Books
from bot.sync.questions import held_by, overtaken
from bot.sync.survey import Survey
from bot.sync.values import PlannedLine, Shown, Waiting, Why

CODES_A_TURN = 100_000
FADES = timedelta(hours=1)
SALES_A_LOOK = 1_000  # what a sale makes urgent between two batches of a long write
CODES_A_LOOK = 2_000  # more than this is a long write: orders and sales are seen to while it is planned
REFUSALS = 3  # so often in a row a mall may ask for patience in a long write
REST_S = 1.0  # where it does not say how long
MOST_REST_S = 10.0


class Writing:
    """Writes what waits; holds no state of its own but whose turn it is."""

    def __init__(
        self,
        books: Books,
        mapping: Callable[[], CodeMapping],
        clock: Clock,
        stop: Event,
        on_touched: Callable[[Iterable[str]], None],
        survey: Survey,
        limits: Limits,
    ) -> None:
        self._books = books
        self._mapping = mapping
        self._clock = clock
        self._stop = stop
        self._on_touched = on_touched
        self._survey = survey
        self._limits = limits
        # Shops that plan whole catalogues take turns: all at once they would only be in the way of
        # each other, of the orders, and of whoever asks in Slack.
        self._long_plans = Lock()

    def write(self, desk: Desk, report: Report, orders: Orders) -> None:
        """Write every waiting number that differs from what the shop is predicted to show.

        Sales that come up during a long write go out between two of its batches.
        """
        if self._moving(desk, self._write_waiting(desk, report, orders)):
            self._write_waiting(desk, report, orders)  # the old listings are at zero: now the new ones

    def _write_waiting(self, desk: Desk, report: Report, orders: Orders) -> Sequence[PlannedLine]:
        """Write what waits; give its lines, none if it was cut short."""
        waiting = self._books.waiting(desk.shop.name, CODES_A_TURN)
        lines = self._lines(desk, waiting, report, orders)
        write = self._write_patiently if len(lines) > CODES_A_LOOK else self._write_fresh
        for batch in batches(lines, _batch_size(desk.abilities, len(lines))):
            if not write(desk, batch, report, orders):
                return ()
            orders.between()
            self._write_sales(desk, report, orders)
        return lines

    def _moving(self, desk: Desk, lines: Iterable[PlannedLine]) -> list[PlannedLine]:
        """Give the lines of listings whose code goes by another one by now."""
        listing, name = self._mapping().listing, desk.shop.name
        return [line for line in lines if listing(name, line.code) not in (None, line.line.mall_code)]

    def drop_waiting(self, desk: Desk) -> None:
        """Let nothing wait for a shop that is never written."""
        self._books.settle_waiting(desk.shop.name, self._books.waiting(desk.shop.name, CODES_A_TURN))

    def outlook(self, desk: Desk, held_back: frozenset[str], waiting: Sequence[Waiting]) -> Outlook:
        """Give what a turn would do with what waits, and change nothing."""
        found = Gathered()
        self._gather(desk, [item for item in waiting if item.code not in held_back], found)
        verdict = self._judged(desk, found.wants, self._books.open_holds(desk.shop.name))
        plan, stays = self._planned(desk, verdict.free), (*verdict.held, *verdict.kept)
        held = tuple(line_of(want) for want in stays)
        dropped = {item.code: why for item, why in found.dropped}
        questioned = frozenset(self._books.asked(desk.shop.name))
        return Outlook(plan, held, verdict.reason, dropped, questioned)

    def _write_sales(self, desk: Desk, report: Report, orders: Orders) -> None:
        waiting = self._books.waiting_sales(desk.shop.name, SALES_A_LOOK)
        # what has just got no answer is read back before it is written again
        urgent = [item for item in waiting if item.code not in report.unknown]
        if not urgent:
            return
        lines = self._lines(desk, urgent, report, orders, whole=False)
        for batch in batches(lines, desk.abilities.write_batch):
            self._write_batch(desk, batch, report, orders)

    # ------------------------------------------------------------------ planning

    def _lines(
        self,
        desk: Desk,
        waiting: Sequence[Waiting],
        report: Report,
        orders: Orders,
        *,
        whole: bool = True,
    ) -> Sequence[PlannedLine]:
        """Give what to write now of what waits, and take off the list what needs no writing.

        Args:
            whole: whether that is all that waits; of a part alone nobody is asked.
        """
        held_back = orders.held_back()
        due = [item for item in waiting if item.code not in held_back]
        holds = self._books.open_holds(desk.shop.name)
        if not due and not holds:
            return ()
        found = Gathered()
        for part in batches(due, CODES_A_LOOK):
            if whole and (found.wants or found.dropped):  # the plan of a whole catalogue takes long
                orders.between()
                self._write_sales(desk, report, orders)
            with self._long_plans if len(due) > CODES_A_LOOK else nullcontext():
                self._gather(desk, part, found)
        self._look_again(found.fading)
        for shop, code in sorted(found.in_the_way):
            self._remind(shop, code)
        report.unlisted += [item.code for item, why in found.dropped if why is Dropped.UNLISTED]
        self._close_overtaken(desk, found.wants)
        verdict = self._judged(desk, found.wants, holds)
        if whole:
            self._ask(desk, verdict, holds, waiting)
        plan = self._planned(desk, verdict.free)
        self._books.settle_waiting(desk.shop.name, [*(item for item, _ in found.dropped), *plan.settled])
        if plan.again_at:
            report.call_again(plan.again_at)
        return plan.write

    def _planned(self, desk: Desk, wants: Iterable[Want]) -> Plan:
        read_up_to = self._books.cursor(desk.shop.name) if desk.has_orders else None
        return plan_writes(wants, read_up_to, desk.lag, self._clock.now())

    def _judged(self, desk: Desk, wants: Sequence[Want], holds: Iterable[Hold]) -> Verdict:
        return judge(
            wants,
            linked=self._mapping().listings(desk.shop.name),
            filling_since=self._books.first_plan_at(desk.shop.name),
            limits=self._limits,
            holds=holds,
        )

    def _ask(self, desk: Desk, verdict: Verdict, holds: Sequence[Hold], waiting: Iterable[Waiting]) -> None:
        """Keep what people are to be asked, and close what is over."""
        now = self._clock.now()
        asked = question(desk.shop.name, verdict, now)
        ended = over(holds, verdict, {item.code for item in waiting}) if holds else []
        if asked or ended:
            self._books.settle_holds(ended, asked, now)

    def _gather(self, desk: Desk, waiting: Sequence[Waiting], found: Gathered) -> None:
        """Gather what decides about each code; changes nothing."""
        mapping, name = self._mapping(), desk.shop.name
        linked = {item.code: mapping.listing(name, item.code) for item in waiting}
        mall_codes = {code: listing for code, listing in linked.items() if listing is not None}
        levels = self._survey.levels(mapping, mall_codes)
        shown = self._books.shown_all(name, linked)
        left = self._left(desk, mapping, linked, shown)
        addresses = self._addresses(desk, [*mall_codes.values(), *left.values()])
        wants = []
        for item in waiting:
            code, last = item.code, shown.get(item.code, Shown())
            listing = left.get(code) or mall_codes.get(code)
            level = levels.of(name, code) if code in mall_codes and code not in left else None
            number = 0 if code in left else level.number if level else None
            found.fading.update(level.fading if level else ())
            address = addresses.get(listing) if listing else None
            if listing is None or number is None or address is None:
                why = Dropped.UNLINKED if code in left or listing is None else Dropped.UNCOUNTED
                found.dropped.append((item, why if number is None or code in left else Dropped.UNLISTED))
                continue
            # A code that moved to another listing is not known to show anything there.
            last = last if last.mall_code == listing else Shown()
            want = Want(item, listing, address, number, last)
            if level and level.divided:
                want = self._after_others(replace(want, divided=True), level, levels, found)
            wants.append(want)
        found.wants += held_by(self._books.asked(name), wants)

    def _close_overtaken(self, desk: Desk, wants: Iterable[Want]) -> None:
        """Take back questions about numbers that would not rise any more."""
        name = desk.shop.name
        if over := overtaken(self._books.asked(name), wants):
            with self._books.transaction() as books:
                for code in over:
                    books.close_question(name, code, self._clock.now())

    def _look_again(self, fading: Iterable[str]) -> None:
        """Have codes compared again when they may have got slower: nothing else would tell."""
        if codes := sorted(fading):
            at = self._clock.now() + FADES
            with self._books.transaction() as books:
                for code in codes:
                    books.look_again(code, at)

    def _left(
        self,
        desk: Desk,
        mapping: CodeMapping,
        linked: Mapping[str, str | None],
        shown: Mapping[str, Shown],
    ) -> dict[str, str]:
        """Give code -> listing of what has left the mapping and still shows pieces there.

        A code that is linked to another listing by now leaves the old one so: first that goes to zero.
        """
        if desk.shop.on_unlink is not OnUnlink.ZERO:
            return {}
        found = {}
        for code, listing in linked.items():
            last = shown.get(code, Shown())
            # A listing that goes by another code now is that code's to write.
            if last.mall_code in ("", listing) or mapping.code_of(desk.shop.name, last.mall_code):
                continue
            if not _is_gone(last):
                found[code] = last.mall_code
        return found

    def _addresses(self, desk: Desk, mall_codes: Iterable[str]) -> Mapping[str, Address]:
        if desk.abilities.address_is_code:
            return {mall_code: (mall_code,) for mall_code in mall_codes}
        found = self._books.addresses(desk.shop.name, mall_codes)
        # A code on two listings of one shop cannot be told apart: neither is written.
        return {mall_code: places[0] for mall_code, places in found.items() if len(places) == 1}

    def _after_others(self, want: Want, level: Level, levels: Levels, found: Gathered) -> Want:
        """Let a share of the last units rise only after those that go down have landed.

        A number that nobody knows is written at once: what stands there may as well be too high.
        """
        predicted = want.shown.predicted
        if predicted is None or want.target <= predicted:
            return want
        bounds = []
        for shop, code in sorted(level.others):
            shown = self._books.shown_all(shop, [code]).get(code, Shown())
            should = levels.of(shop, code)
            number = should.number if should else 0
            if is_in_the_way(shown, number):
                found.in_the_way.add((shop, code))
            bound = may_rise_at(shown, number, levels.visible_after_s(shop))
            bounds += [bound] if bound else []
        return replace(want, after=max(bounds, default=None))

    def _remind(self, shop: str, code: str) -> None:
        """Let a listing that has to go down be looked at, should nothing else have it do so."""
        if code not in self._books.waiting_seqs(shop, [code]):
            with self._books.transaction() as books:
                books.mark(shop, code, Why.BALANCE, self._clock.now(), "")
            self._on_touched([shop])

    # ------------------------------------------------------------------ writing

    def _write_patiently(
        self, desk: Desk, batch: Sequence[PlannedLine], report: Report, orders: Orders
    ) -> bool:
        """Write a batch of a long write; a mall that asks for a moment gets it, or all were planned anew."""
        for refusals in range(1, REFUSALS + 1):
            try:
                return self._write_fresh(desk, batch, report, orders)
            except RateLimitedError as error:
                rest_s = error.retry_after_s or REST_S
                if refusals == REFUSALS or rest_s > MOST_REST_S:
                    raise
            if self._clock.wait(self._stop, rest_s):
                return False
            orders.between()
        return False

    def _write_fresh(self, desk: Desk, batch: Sequence[PlannedLine], report: Report, orders: Orders) -> bool:
        return self._write_batch(desk, self._without_stale(desk, batch), report, orders)

    def _without_stale(self, desk: Desk, batch: Sequence[PlannedLine]) -> list[PlannedLine]:
        """Leave out what has got a newer reason since the plan, or was written meanwhile."""
        newest = self._books.waiting_seqs(desk.shop.name, [planned.code for planned in batch])
        return [line for line in batch if newest.get(line.code) == line.seq]

    def _write_batch(self, desk: Desk, batch: Sequence[PlannedLine], report: Report, orders: Orders) -> bool:
        """Write one batch; tells whether to go on.

        A failure that surely had no effect leaves the lines waiting.
        """
        if self._stop.is_set() or not orders.go_on():
            return False
        held_back = orders.held_back()
        batch = [planned for planned in batch if planned.code not in held_back]
        if not batch:
            return True
        name = desk.shop.name
        plan_id = self._books.begin_plan(name, batch, self._clock.now())
        results = desk.adapter.write_stock([planned.line for planned in batch])
        outcomes = {planned.code: result for planned, result in zip(batch, results, strict=True)}
        now, moving = self._clock.now(), self._moving(desk, batch)
        self._books.settle_lines(plan_id, outcomes, now, batch)
        for code, result in outcomes.items():
            report.count(code, result)
        self._books.settle_waiting(
            name,
            [
                Waiting(planned.code, planned.seq, now, planned.why)
                for planned in batch
                if outcomes[planned.code].outcome is not Outcome.UNKNOWN and planned not in moving
            ],
        )
        self._books.finish_plan(plan_id, now)
        self._share_anew(batch, outcomes)
        if any(planned.divided for planned in batch):
            self._on_touched(shop for shop in self._mapping().shops if shop != name)
        return True

    def _share_anew(self, batch: Iterable[PlannedLine], outcomes: Mapping[str, LineResult]) -> None:
        """Have a code's last units divided again where a listing drops out, or is back: it was refused."""
        changed = [
            planned.code
            for planned in batch
            if planned.was_refused != (outcomes[planned.code].outcome is Outcome.REFUSED)
        ]
        mapping, now, touched = self._mapping(), self._clock.now(), set[str]()
        singles = {s for code in changed if mapping.product_of(code) for s in mapping.components(code)}
        if not singles:
            return
        with self._books.transaction() as books:
            for single in sorted(singles):
                touched |= mark_code(books, mapping, single, Why.BALANCE, now)
        self._on_touched(touched)


def _is_gone(last: Shown) -> bool:
    """Tell whether a listing shows nothing more: at zero, or deleted there, as a refused zero says."""
    return last.predicted == 0 or (last.written == 0 and last.outcome == Outcome.REFUSED)


def _batch_size(abilities: Abilities, lines: int) -> int | None:
    """Give how many lines go at once: few, so that a sale overtakes; many where there is a bulk way."""
    if abilities.bulk_above is not None and lines > abilities.bulk_above:
        return abilities.bulk_batch
    return abilities.write_batch
