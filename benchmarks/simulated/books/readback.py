"""Readings, doubts, drifts and held plans, in dictionaries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from adapters.contract import Clock, Outcome
from benchmarks.simulated.books.ledger import Past
from benchmarks.simulated.books.shown import ShownBooks, Written
from bot.sync.guard import EXEMPT, Hold, HoldState
from bot.sync.values import Doubt, Drift, DriftState, Movement

FEW = 5
KEPT = timedelta(days=3)

Listing = tuple[str, str]
"""(shop, code)"""


@dataclass(frozen=True)
class Moved:
    """A movement with its number."""

    seq: int
    move: Movement


class ReadBooks(ShownBooks):
    """What was read back, and what people are asked."""

    def __init__(self, clock: Clock, past: Mapping[str, Past] | None = None) -> None:
        super().__init__(clock, past)
        self._moves = 0
        self._moved: dict[Listing, tuple[Moved, ...]] = {}
        self._doubts: dict[Listing, tuple[Doubt, int]] = {}
        self.drifts: dict[int, tuple[str, Drift]] = {}
        self.stopped: dict[Listing, datetime] = {}
        self._holds: dict[int, Hold] = {}

    # ------------------------------------------------------------------ readings

    def to_read(self, shop: str, limit: int, landed_by: datetime, read_before: datetime) -> list[str]:
        """Give codes to read back."""
        table = self._shown.get(shop, {})
        landed = {code: written for code, written in table.items() if _has_landed(written, landed_by)}
        old = {
            code: (written.shown.predicted or 0, written.shown.read_at)
            for code, written in landed.items()
            if written.shown.read_at is not None and written.shown.read_at < read_before
        }
        marked = [code for code, written in landed.items() if written.shown.read_at is None]
        few = [code for code, (predicted, _) in old.items() if predicted <= FEW]
        found = [*sorted(marked), *sorted(few, key=lambda code: (*old[code], code))]
        found += sorted(old, key=lambda code: (old[code][1], code))
        return list(dict.fromkeys(found))[:limit]

    def note_readings(self, shop: str, read: Mapping[str, int | None], at: datetime) -> None:
        """Note readings."""
        for code, quantity in read.items():
            self._show(shop, code, read_quantity=quantity, read_at=at, resync_by="")

    def read_again(self, shop: str, code: str) -> None:
        """Let a listing be read next."""
        if code in self._shown.get(shop, {}):
            self._show(shop, code, read_at=None)

    def rebase(self, shop: str, code: str, predicted: int, read_at: datetime) -> None:
        """Let the prediction rest on a reading."""
        self._show(shop, code, predicted=predicted, rebased_at=read_at)

    def resync_waits(self, shop: str) -> bool:
        """Look for codes of a resync."""
        del shop
        return False  # nobody asks for one here

    # ------------------------------------------------------------------ movements and doubts

    def moved(self, shop: str, code: str, move: Movement) -> None:
        """Keep a movement."""
        self._moves += 1
        oldest = self._clock.now() - KEPT
        kept = [each for each in self._moved.get((shop, code), ()) if each.move.until >= oldest]
        self._undo.put(self._moved, (shop, code), (*kept, Moved(self._moves, move)))
        shown = self.shown(shop, code)
        if shown.read_quantity is not None and shown.read_at is not None and shown.read_at >= move.since:
            self._show(shop, code, read_at=None)

    def movements(self, shop: str, code: str) -> list[Movement]:
        """List movements."""
        doubt = self._doubts.get((shop, code))
        found = sorted(self._moved.get((shop, code), ()), key=lambda each: (each.move.at, each.seq))
        return [replace(each.move, known=doubt is None or each.seq <= doubt[1]) for each in found]

    def doubt(self, shop: str, doubt: Doubt) -> None:
        """Keep a doubt."""
        self._undo.put(self._doubts, (shop, doubt.code), (doubt, self._moves))

    def forget_doubt(self, shop: str, code: str) -> None:
        """Forget a doubt."""
        if (shop, code) in self._doubts:
            self._undo.drop(self._doubts, (shop, code))

    def doubts(self, shop: str) -> list[Doubt]:
        """List doubts."""
        found = [doubt for (name, _), (doubt, _) in self._doubts.items() if name == shop]
        return sorted(found, key=lambda doubt: doubt.code)

    def doubted_orders(self, shop: str) -> list[str]:
        """List orders that doubts wait for."""
        return [order_id for order_id, _ in self._doubted(shop)]

    def doubted_unread(self, shop: str) -> set[str]:
        """List codes that wait for them."""
        return {code for _, code in self._doubted(shop)}

    def _doubted(self, shop: str) -> list[tuple[str, str]]:
        doubted = {doubt.code: doubt.read_at for doubt in self.doubts(shop)}
        if not doubted:
            return []
        found = [
            (line.seen.ordered_at, key.order_id, line.counted.code)
            for key, line in self.lines.items()
            if key.shop == shop
            and line.counted.code in doubted
            and not line.seen.closed
            and line.counted.reserved + line.counted.sold > 0
            and line.read_at <= doubted[line.counted.code]
        ]
        found.sort(key=lambda each: each[0], reverse=True)
        return [(order_id, code) for _, order_id, code in found if code is not None]

    # ------------------------------------------------------------------ drifts

    def drifts_of(self, shop: str, code: str, since: datetime) -> list[Drift]:
        """List drifts of a listing."""
        return [
            drift
            for name, drift in self.drifts.values()
            if (name, drift.code) == (shop, code) and drift.found_at > since
        ]

    def add_drift(self, shop: str, drift: Drift) -> None:
        """Keep a drift."""
        self.close_question(shop, drift.code, drift.found_at)
        number = len(self.drifts) + 1
        self._undo.put(self.drifts, number, (shop, replace(drift, drift_id=number)))

    def close_question(self, shop: str, code: str, now: datetime) -> None:
        """Take back an open question."""
        if code in (asked := self.asked(shop)):
            self.decide_drift(shop, asked[code], DriftState.OVERTAKEN, "", now)

    def decide_drift(self, shop: str, drift: Drift, state: DriftState, who: str, now: datetime) -> None:
        """Keep what a person decided."""
        decided = replace(drift, state=state, who=who, decided_at=now)
        self._undo.put(self.drifts, drift.drift_id, (shop, decided))

    def asked(self, shop: str) -> dict[str, Drift]:
        """List open questions."""
        if not self.drifts:
            return {}
        found = [
            drift for name, drift in self.drifts.values() if name == shop and drift.state is DriftState.ASKED
        ]
        return {drift.code: drift for drift in sorted(found, key=lambda drift: drift.code)}

    def stop_listing(self, shop: str, code: str, now: datetime) -> None:
        """Pause a listing."""
        self._undo.put(self.stopped, (shop, code), now)

    def resume_listing(self, shop: str, code: str) -> None:
        """End the pause of a listing."""
        self._undo.drop(self.stopped, (shop, code))

    # ------------------------------------------------------------------ held plans

    def open_holds(self, shop: str) -> list[Hold]:
        """List plans that people are asked about."""
        open_ = (HoldState.ASKED, HoldState.APPROVED)
        return [hold for hold in self._holds.values() if hold.shop == shop and hold.state in open_]

    def settle_holds(self, over: Iterable[tuple[Hold, HoldState]], asked: Hold | None, now: datetime) -> None:
        """Close holds and keep a new one."""
        for hold, state in over:
            self.decide_hold(hold, state, "", now)
        if asked is not None:
            self._undo.put(self._holds, len(self._holds) + 1, asked)

    def decide_hold(self, hold: Hold, state: HoldState, who: str, now: datetime) -> bool:
        """Close or approve a hold; tells whether it still stood as it was known."""
        for number, known in self._holds.items():
            if (known.shop, known.plan_hash, known.state) == (hold.shop, hold.plan_hash, hold.state):
                who = who or known.decided_by
                self._undo.put(
                    self._holds, number, replace(known, state=state, decided_by=who, decided_at=now)
                )
                return True
        return False

    def drop_held(self, hold: Hold) -> None:
        """Let the codes of a plan wait no more, but for those that were sold meanwhile."""
        table = self._waiting.get(hold.shop, {})
        for line in hold.lines:
            if line.code in table and table[line.code].why not in EXEMPT:
                self._undo.drop(table, line.code)


def _stands(written: Written) -> bool:
    return written.shown.outcome == Outcome.DONE.value and written.shown.predicted is not None


def _has_landed(written: Written, by: datetime) -> bool:
    acked_at = written.shown.acked_at
    return _stands(written) and acked_at is not None and acked_at <= by
