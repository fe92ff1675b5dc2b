"""Why more was sold than there was: which race it was, from what is kept of it. Pure.

The sale that took what was no longer there is the last one; the question is why its shop still
showed a piece. Either the number there did not hold somebody else's sale yet, and what kept it
from getting there is the cause, or it did, and the shop showed more than we had written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

LATE = timedelta(seconds=1)
"""A line that is counted later than this after it was seen had no code at first."""
SOON = timedelta(minutes=10)
"""Without a reading: a shop that sells so soon after a lowering write may not have taken it."""


class Race(StrEnum):
    """What went wrong."""

    POLL_DELAY = "poll_delay"  # both sold before either could hear of the other
    LOST_WRITE = "lost_write"  # the mall said done and went on with the number before
    UNKNOWN_OUTCOME = "unknown_outcome"  # a write got no answer
    EDIT = "edit"  # somebody else changed the number at the mall
    WRONG_CODE = "wrong_code"  # a listing that was linked to another code, or to none
    SET_MISCOUNT = "set_miscount"  # a set that takes more pieces than the mapping said
    EXPIRED_KEY = "expired_key"  # a shop that refused our credential
    MAINTENANCE = "maintenance"
    OVERWRITTEN = "overwritten"  # a number that was sent while the shop itself sold
    PAUSED = "paused"  # nothing was written there: a pause, or the switch
    OUTAGE = "outage"  # a shop that could not be reached
    REFUSED = "refused"  # the mall refused the number
    COUNTED = "counted"  # the stock was corrected downwards after it had been shown


STOPS_WRITING = (Race.PAUSED, Race.EXPIRED_KEY, Race.MAINTENANCE, Race.OUTAGE)
STOPS_READING = (Race.EXPIRED_KEY, Race.MAINTENANCE, Race.OUTAGE)
_NO_ANSWER = ("unknown", "planned", "")


@dataclass(frozen=True)
class Sale:
    """What an order took of the code. ``listed``: the code that was sold, a set's or its own.

    ``pieces`` of the code in ``units`` sold; ``seen_at``: by us; ``counted_at``: in the ledger.
    """

    shop: str
    order_id: str
    listed: str
    mall_code: str
    units: int
    pieces: int
    ordered_at: datetime
    seen_at: datetime
    counted_at: datetime


@dataclass(frozen=True)
class Write:
    """A number that was sent to a shop. ``before``: what it was predicted to show."""

    shop: str
    listed: str
    mall_code: str
    quantity: int
    before: int | None
    sent_at: datetime
    answered_at: datetime | None
    outcome: str
    error: str = ""

    @property
    def was_unknown(self) -> bool:
        """Whether it got no answer; what was read back later is done, and has its error still."""
        return self.outcome in _NO_ANSWER or (self.outcome == "done" and bool(self.error))


@dataclass(frozen=True)
class Reading:
    """A number that a shop showed."""

    shop: str
    listed: str
    quantity: int
    at: datetime


@dataclass(frozen=True)
class Stop:
    """A time in which a shop was not written to, or not read. ``shop`` "" means all."""

    kind: Race
    shop: str
    begin: datetime
    end: datetime | None
    who: str = ""
    reason: str = ""

    def covers(self, shop: str, begin: datetime, end: datetime) -> bool:
        """Tell whether it held at a shop at some moment between two."""
        return self.shop in ("", shop) and self.begin <= end and (self.end is None or self.end >= begin)


@dataclass(frozen=True)
class Move:
    """A change of what may be sold that was no order."""

    at: datetime
    cause: str
    pieces: int
    who: str = ""


@dataclass(frozen=True)
class Case:
    """All that is kept of a code around an oversell. ``before``: pieces when the time begins."""

    code: str
    detected_at: datetime
    available: int
    before: int
    sales: Sequence[Sale] = ()
    writes: Sequence[Write] = ()
    readings: Sequence[Reading] = ()
    stops: Sequence[Stop] = ()
    moves: Sequence[Move] = ()
    visible_s: Mapping[str, float] = field(default_factory=dict)  # by shop: from a write to the buyers


@dataclass(frozen=True)
class Verdict:
    """Which race it was. ``sale``: the one that took what was not there; ``other``: who was first.

    ``sure``: False where a number read from the shop will tell more.
    """

    race: Race
    sale: Sale
    other: Sale | None = None
    stop: Stop | None = None
    sure: bool = True


def judge(case: Case) -> Verdict | None:
    """Name the race; None where no order took anything."""
    sale = last_sale(case)
    if sale is None:
        return None
    mine = [write for write in case.writes if (write.shop, write.listed) == (sale.shop, sale.listed)]
    shown = _shown_at(mine, sale, case)
    if misnamed := _misnamed(case, sale, shown):
        return Verdict(Race.WRONG_CODE, sale, misnamed)
    if shown and _miscounted(case, sale, shown):
        return Verdict(Race.SET_MISCOUNT, sale)
    missing = [other for other in case.sales if _is_missing(other, sale, shown)]
    if missing:
        return _not_there_yet(case, sale, missing, mine)
    return _shown_all_the_same(case, sale, shown)


def last_sale(case: Case) -> Sale | None:
    """Give the first sale, in the order of the malls' times, for which no piece was left."""
    left, moves = case.before, sorted(case.moves, key=lambda move: move.at)
    for sale in sorted(case.sales, key=lambda sale: sale.ordered_at):
        while moves and moves[0].at <= sale.ordered_at:
            left += moves.pop(0).pieces
        left -= sale.pieces
        if left < 0:
            return sale
    return max(case.sales, key=lambda sale: sale.ordered_at, default=None)


def _shown_at(mine: Sequence[Write], sale: Sale, case: Case) -> Write | None:
    """Give the write whose number the shop should have shown when the sale was made."""
    visible = timedelta(seconds=case.visible_s.get(sale.shop, 0))
    landed = [
        write
        for write in mine
        if write.outcome in ("done", "sent")
        and write.answered_at is not None
        and write.answered_at + visible <= sale.ordered_at
    ]
    return max(landed, key=lambda write: write.sent_at, default=None)


def _misnamed(case: Case, sale: Sale, shown: Write | None) -> Sale | None:
    """Give a sale that stood under a wrong code, or under none, and so kept a piece too many."""
    if shown and sale.mall_code != shown.mall_code:
        return sale
    late = [other for other in case.sales if other.counted_at - other.seen_at > LATE]
    return next((other for other in late if other is sale or other.ordered_at <= sale.ordered_at), None)


def _miscounted(case: Case, sale: Sale, shown: Write) -> bool:
    """Tell whether the shop was given more sets than could be made, at what one takes in truth."""
    if sale.listed == case.code or not sale.units:
        return False
    each = max(1, sale.pieces // sale.units)
    return shown.quantity > max(0, _known_at(case, shown.sent_at)) // each


def _known_at(case: Case, moment: datetime) -> int:
    """Give the pieces that the ledger held at a moment."""
    gone = sum(sale.pieces for sale in case.sales if sale.counted_at <= moment)
    return case.before + sum(move.pieces for move in case.moves if move.at <= moment) - gone


def _is_missing(other: Sale, sale: Sale, shown: Write | None) -> bool:
    """Tell whether another listing's sale was not in the number that the shop showed."""
    if (other.shop, other.listed) == (sale.shop, sale.listed) or other.ordered_at > sale.ordered_at:
        return False
    return shown is None or other.counted_at > shown.sent_at


def _not_there_yet(case: Case, sale: Sale, missing: Sequence[Sale], mine: Sequence[Write]) -> Verdict:
    """Say what kept an earlier sale from being in the number."""
    known = [other for other in missing if other.counted_at <= sale.ordered_at]
    for other in known:
        begin, end = other.counted_at, sale.ordered_at
        if stop := _stop(case, STOPS_WRITING, sale.shop, begin, end):
            return Verdict(stop.kind, sale, other, stop)
        tried = [write for write in mine if begin <= write.sent_at <= end]
        if any(write.was_unknown for write in tried):
            return Verdict(Race.UNKNOWN_OUTCOME, sale, other)
        if any(write.outcome == "refused" for write in tried):
            return Verdict(Race.REFUSED, sale, other)
    for other in missing:
        if other not in known and (
            stop := _stop(case, STOPS_READING, other.shop, other.ordered_at, other.counted_at)
        ):
            return Verdict(stop.kind, sale, other, stop)
    return Verdict(Race.POLL_DELAY, sale, missing[-1])


def _stop(case: Case, kinds: Sequence[Race], shop: str, begin: datetime, end: datetime) -> Stop | None:
    found = [stop for stop in case.stops if stop.kind in kinds and stop.covers(shop, begin, end)]
    return min(found, key=lambda stop: kinds.index(stop.kind), default=None)


def _shown_all_the_same(case: Case, sale: Sale, shown: Write | None) -> Verdict:
    """Every sale was in the number: say why a piece was there to be sold."""
    if shown is None:
        return Verdict(Race.EDIT, sale, sure=False)
    answered = shown.answered_at or shown.sent_at
    own = [other for other in case.sales if _is_own(other, sale)]
    crossed = [other for other in own if other.ordered_at <= answered and other.counted_at > shown.sent_at]
    since = sum(other.units for other in own if answered < other.ordered_at <= sale.ordered_at)
    if shown.quantity - since < 0:  # with the sale itself among them
        return _more_than_written(case, sale, shown, own)
    if crossed:
        return Verdict(Race.OVERWRITTEN, sale, crossed[0])
    if any(move.pieces < 0 and move.at > shown.sent_at for move in case.moves):
        return Verdict(Race.COUNTED, sale)
    return Verdict(Race.POLL_DELAY, sale)


def _is_own(other: Sale, sale: Sale) -> bool:
    return (other.shop, other.listed) == (sale.shop, sale.listed)


def _more_than_written(case: Case, sale: Sale, shown: Write, own: Sequence[Sale]) -> Verdict:
    """The shop sold what our number did not give: an older one still stood, or somebody else's."""
    answered = shown.answered_at or shown.sent_at
    readings = [
        r for r in case.readings if (r.shop, r.listed) == (sale.shop, sale.listed) and r.at > answered
    ]
    if not readings:
        recent = sale.ordered_at - answered < SOON and (shown.before or 0) > shown.quantity
        return Verdict(Race.LOST_WRITE if recent else Race.EDIT, sale, sure=False)
    reading = min(readings, key=lambda found: found.at)
    sold = sum(other.units for other in own if answered < other.ordered_at <= reading.at)
    stood = reading.quantity + sold == shown.before
    return Verdict(Race.LOST_WRITE if stood else Race.EDIT, sale)


# --- what people read of it


@dataclass(frozen=True)
class Event:
    """One line of the timeline; ``key`` and ``params`` make its sentence."""

    at: datetime
    key: str
    params: Mapping[str, object]


def timeline(case: Case) -> list[Event]:
    """Give everything that happened, the oldest first."""
    events = [event for sale in case.sales for event in _of_sale(sale)]
    events += [event for write in case.writes for event in _of_write(write)]
    events += [event for stop in case.stops for event in _of_stop(stop)]
    for reading in case.readings:
        facts = {"shop": reading.shop, "listed": reading.listed, "n": reading.quantity}
        events.append(Event(reading.at, "autopsy.reading", facts))
    for move in case.moves:
        events.append(
            Event(move.at, "autopsy.move", {"cause": move.cause, "n": move.pieces, "who": move.who})
        )
    events.append(Event(case.detected_at, "autopsy.detected", {"n": case.available}))
    return sorted(events, key=lambda event: event.at)


def _of_sale(sale: Sale) -> list[Event]:
    facts = {"shop": sale.shop, "order": sale.order_id, "n": sale.pieces, "listed": sale.listed}
    found = [Event(sale.ordered_at, "autopsy.sold", facts), Event(sale.seen_at, "autopsy.seen", facts)]
    if sale.counted_at - sale.seen_at > LATE:
        found.append(Event(sale.counted_at, "autopsy.counted", facts))
    return found


def _of_write(write: Write) -> list[Event]:
    facts = {"shop": write.shop, "listed": write.listed, "n": write.quantity}
    before = "?" if write.before is None else write.before
    found = [Event(write.sent_at, "autopsy.sent", {**facts, "before": before})]
    if write.was_unknown:
        found.append(Event(write.sent_at, "autopsy.unknown", facts))
    if write.answered_at and write.outcome not in _NO_ANSWER:
        key = "autopsy.refused" if write.outcome == "refused" else "autopsy.done"
        found.append(Event(write.answered_at, key, facts))
    return found


def _of_stop(stop: Stop) -> list[Event]:
    facts = {"shop": stop.shop or "all", "kind": stop.kind.value, "who": stop.who}
    found = [Event(stop.begin, f"autopsy.begin.{stop.kind}", facts)]
    return found + ([Event(stop.end, f"autopsy.end.{stop.kind}", facts)] if stop.end else [])
