"""What waits, what was written and what the shops show, in dictionaries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Any

from adapters.contract import Clock, LineResult, Outcome
from benchmarks.simulated.books.ledger import LedgerBooks, Past
from bot.sync.values import PlannedLine, Shown, Waiting, Why

PLANNED = "planned"
_NOT_KNOWN = (PLANNED, Outcome.UNKNOWN.value)
_URGENCY = {why: place for place, why in enumerate(Why)}


@dataclass(frozen=True)
class Written:
    """What a shop shows of a code, and the plan and the line by which it was written."""

    shown: Shown
    plan_id: str
    planned: PlannedLine


class ShownBooks(LedgerBooks):
    """Waiting numbers and plans."""

    def __init__(self, clock: Clock, past: Mapping[str, Past] | None = None) -> None:
        super().__init__(clock, past)
        self._plans = 0
        self._reasons = count(1)
        self._first_plans: dict[str, datetime] = {}
        self._waiting: dict[str, dict[str, Waiting]] = {}
        self._shown: dict[str, dict[str, Written]] = {}
        self._looks: dict[str, datetime] = {}

    def mark(self, shop: str, code: str, why: Why, since: datetime, who: str = "") -> None:
        """Let a code wait."""
        table = self._waiting.setdefault(shop, {})
        old = table.get(code)
        new = Waiting(code, next(self._reasons), since, why, who)
        if old is not None:
            urgent = old if _URGENCY[old.why] < _URGENCY[why] else new
            new = Waiting(code, new.seq, max(old.since, since), urgent.why, urgent.who)
        self._undo.put(table, code, new)

    def mark_many(self, shop: str, codes: Iterable[str], why: Why, since: datetime, who: str = "") -> None:
        """Let many codes wait."""
        for code in codes:
            self.mark(shop, code, why, since, who)

    def waiting(self, shop: str, limit: int) -> list[Waiting]:
        """List waiting codes."""
        table = self._waiting.get(shop)
        if not table:
            return []
        return sorted(table.values(), key=lambda item: (_URGENCY[item.why], item.since, item.code))[:limit]

    def waiting_sales(self, shop: str, limit: int) -> list[Waiting]:
        """List waiting codes that were sold."""
        sold = [item for item in self._waiting.get(shop, {}).values() if item.why is Why.SALE]
        return sorted(sold, key=lambda item: (item.since, item.code))[:limit]

    def waiting_seqs(self, shop: str, codes: Iterable[str]) -> dict[str, int]:
        """Read what waits of some codes."""
        table = self._waiting.get(shop, {})
        return {code: table[code].seq for code in codes if code in table}

    def settle_waiting(self, shop: str, settled: Iterable[Waiting]) -> None:
        """Take codes off the list."""
        table = self._waiting.get(shop, {})
        for item in settled:
            if item.code in table and table[item.code].seq == item.seq:
                self._undo.drop(table, item.code)

    def look_again(self, code: str, at: datetime) -> None:
        """Let a code be compared again."""
        self._undo.put(self._looks, code, min(at, self._looks.get(code, at)))

    def looked_again(self, code: str) -> None:
        """Forget that it is to be."""
        if code in self._looks:
            self._undo.drop(self._looks, code)

    def looks(self) -> set[str]:
        """Give the codes that are to be compared again some time."""
        return set(self._looks)

    def due_looks(self, now: datetime) -> list[str]:
        """List codes to be compared again."""
        return [code for code, at in sorted(self._looks.items()) if at <= now]

    # ------------------------------------------------------------------ what the shops show

    def shown(self, shop: str, code: str) -> Shown:
        """Read what a shop shows."""
        found = self._shown.get(shop, {}).get(code)
        return found.shown if found else Shown()

    def shown_all(self, shop: str, codes: Iterable[str]) -> dict[str, Shown]:
        """Read what a shop shows."""
        table = self._shown.get(shop, {})
        return {code: table[code].shown for code in codes if code in table}

    def refused_of(self, shops: Iterable[str], codes: Iterable[str]) -> set[tuple[str, str]]:
        """Look for refused numbers."""
        wanted = list(codes)
        shown = {shop: self.shown_all(shop, wanted) for shop in shops}
        return {(shop, c) for shop in shown for c, s in shown[shop].items() if s.outcome == Outcome.REFUSED}

    def predict(self, shop: str, code: str, predicted: int | None) -> None:
        """Change a prediction."""
        table = self._shown.setdefault(shop, {})
        if code in table:
            self._show(shop, code, predicted=predicted)

    def _show(self, shop: str, code: str, **changes: Any) -> None:
        table = self._shown[shop]
        written = table[code]
        shown = replace(written.shown, **changes)
        self._undo.put(table, code, Written(shown, written.plan_id, written.planned))

    # ------------------------------------------------------------------ plans

    def begin_plan(self, shop: str, lines: Sequence[PlannedLine], now: datetime) -> str:
        """Record a plan."""
        self._plans += 1
        self._first_plans.setdefault(shop, now)
        plan_id, table = f"{shop}/{self._plans}", self._shown.setdefault(shop, {})
        for planned in lines:
            line = planned.line
            old = table.get(planned.code)
            last = old.shown if old else Shown(read_at=now)  # of a listing that is new: its turn comes
            shown = Shown(line.quantity, now, None, PLANNED, mall_code=line.mall_code)
            shown = replace(
                shown, read_quantity=last.read_quantity, read_at=last.read_at, resync_by=last.resync_by
            )
            self._undo.put(
                table,
                planned.code,
                Written(shown, plan_id, PlannedLine(planned.code, line, planned.predicted, planned.why, 0)),
            )
        return plan_id

    def settle_lines(
        self, plan_id: str, results: Mapping[str, LineResult], now: datetime, lines: Sequence[PlannedLine]
    ) -> None:
        """Record outcomes."""
        shop = plan_id.partition("/")[0]
        for planned in lines:
            written = self._shown[shop][planned.code]
            if written.plan_id == plan_id:  # not of a newer plan
                self._show(shop, planned.code, **_shows(written.shown, results[planned.code], planned, now))

    def finish_plan(self, plan_id: str, now: datetime) -> None:
        """Keep nothing: that a plan is over moves no number."""

    def _latest(self, shop: str, outcomes: Iterable[str]) -> list[Written]:
        wanted = tuple(outcomes)
        table = self._shown.get(shop, {})
        found = [written for written in table.values() if written.shown.outcome in wanted]
        return sorted(found, key=lambda written: written.planned.code)

    def sent_lines(self, shop: str) -> list[tuple[str, PlannedLine, LineResult, datetime]]:
        """List lines without an answer yet."""
        found = []
        for written in self._latest(shop, (Outcome.SENT.value,)):
            assert written.shown.sent_at is not None
            result = LineResult(written.planned.line, Outcome.SENT, ticket=written.shown.ticket)
            found.append((written.plan_id, written.planned, result, written.shown.sent_at))
        return found

    def unknown_lines(self, shop: str) -> list[tuple[str, PlannedLine]]:
        """List lines whose outcome is not known."""
        return [(written.plan_id, written.planned) for written in self._latest(shop, _NOT_KNOWN)]

    def refused_codes(self, shop: str, sent_before: datetime) -> list[str]:
        """List codes that were refused."""
        found = self._latest(shop, (Outcome.REFUSED.value,))
        return [
            written.planned.code
            for written in found
            if written.shown.sent_at is not None and written.shown.sent_at <= sent_before
        ]

    def first_plan_at(self, shop: str) -> datetime | None:
        """Give when a shop was written to first."""
        return self._first_plans.get(shop)

    def showing(self, shop: str) -> list[str]:
        """List codes of which a shop may show pieces."""
        table = self._shown.get(shop, {})
        return sorted(code for code, written in table.items() if written.shown.predicted != 0)


def _shows(shown: Shown, result: LineResult, planned: PlannedLine, now: datetime) -> dict[str, Any]:
    changes: dict[str, Any] = {"outcome": result.outcome.value}
    if result.ticket:
        changes["ticket"] = result.ticket
    if result.outcome is Outcome.SENT:
        changes |= {"acked_at": now, "predicted": planned.line.quantity}
    elif result.outcome is Outcome.DONE:
        if shown.acked_at is None:  # what was sent before keeps its prediction
            changes["predicted"] = planned.line.quantity
        changes["acked_at"] = now
    else:
        changes["predicted"] = None
    return changes
