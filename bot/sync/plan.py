"""Which numbers to write now, and in which order. Pure: no clock, no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from adapters.contract import Address, Outcome, StockLine
from bot.sync.values import PlannedLine, Shown, Waiting

NEVER = datetime.max.replace(tzinfo=UTC)
"""Not before something else has changed, and that will call."""

T = TypeVar("T")


@dataclass(frozen=True)
class Want:
    """A waiting code with all that decides whether, and when, its number goes out.

    ``divided``: the target is a share of the last units. ``after``: a raise goes not before; None
    for no such bound.
    """

    waiting: Waiting
    mall_code: str
    address: Address
    target: int
    shown: Shown
    divided: bool = False
    after: datetime | None = None


@dataclass(frozen=True)
class Plan:
    """What to do with the waiting codes of one shop.

    ``write``: now, in this order. ``later``: raises that wait for the shop's orders, or for other
    shops to come down. ``settled``: the shop shows the number already. ``again_at``: when the first
    of the latter may go.
    """

    write: tuple[PlannedLine, ...]
    later: tuple[PlannedLine, ...]
    settled: tuple[Waiting, ...]
    again_at: datetime | None = None
    after_others: frozenset[str] = frozenset()


def before(known: Shown | PlannedLine) -> int | None:
    """Give what is there: as predicted, else what was written last; None if nobody knows."""
    return known.written if known.predicted is None else known.predicted


def plan_writes(
    wants: Iterable[Want],
    orders_read_up_to: datetime | None,
    order_lag: timedelta = timedelta(),
    now: datetime = NEVER,
) -> Plan:
    """Write where the target differs from what the shop is predicted to show.

    A number that lowers leaves at once. One that raises waits until the shop's own orders have
    been taken in up to after the entry that caused it, and the mall's lag besides: what looks
    free may be sold there already. Where nothing is known of the shop's number it waits for the
    orders alone: it may as well have to be lowered, and a number left too high oversells too.

    Args:
        orders_read_up_to: the moment the last order query of this shop began; None where the
            shop has no orders to wait for.
    """
    write: list[PlannedLine] = []
    later: list[PlannedLine] = []
    settled: list[Waiting] = []
    again: list[datetime] = []
    others = set[str]()
    for want in wants:
        predicted = want.shown.predicted
        if predicted == want.target:
            settled.append(want.waiting)
        elif want.after and want.after > now:
            later.append(line_of(want))
            others.add(want.waiting.code)
            again.append(want.after)
        elif _must_wait(want, orders_read_up_to, order_lag):
            later.append(line_of(want))
        else:
            write.append(line_of(want))
    write.sort(key=lambda line: (line.why.place, line.line.quantity, line.code))
    again_at = min((at for at in again if at != NEVER), default=None)
    return Plan(tuple(write), tuple(later), tuple(settled), again_at, frozenset(others))


def may_rise_at(other: Shown, should: int, visible_after_s: float) -> datetime | None:
    """Give when a share may rise, seen from another listing that shares the pieces.

    None: it is in nobody's way. ``NEVER``: it has to come down first, or to be taken up by its mall,
    or nobody knows what it shows.

    Args:
        should: what the other listing should show.
    """
    if not other.outcome:
        return None
    if is_in_the_way(other, should):
        return NEVER
    return other.lands_at(visible_after_s) or NEVER


def is_in_the_way(other: Shown, should: int) -> bool:
    """Tell whether a listing that was written has to be written again before another may rise.

    One that is on its way has not: to have it looked at again and again would change nothing.
    """
    return bool(other.outcome) and (other.predicted is None or other.predicted > should)


def _must_wait(want: Want, orders_read_up_to: datetime | None, order_lag: timedelta) -> bool:
    predicted = want.shown.predicted
    if orders_read_up_to is None or (predicted is not None and want.target < predicted):
        return False
    if predicted is None:
        return orders_read_up_to < want.waiting.since
    return orders_read_up_to - order_lag < want.waiting.since


def line_of(want: Want) -> PlannedLine:
    """Give the line that writes what is wanted."""
    line = StockLine(want.mall_code, want.address, want.target)
    waiting, shown = want.waiting, want.shown
    return PlannedLine(
        waiting.code,
        line,
        shown.predicted,
        waiting.why,
        waiting.seq,
        written=shown.written,
        divided=want.divided,
        was_refused=shown.outcome == Outcome.REFUSED,
        who=waiting.who,
    )


def batches(lines: Sequence[T], size: int | None) -> Iterator[Sequence[T]]:
    """Cut lines into batches of at most ``size``; None means one batch of all."""
    step = size or max(1, len(lines))
    for start in range(0, len(lines), step):
        yield lines[start : start + step]


def predicted_after_sale(
    shown: Shown, units: int, ordered_at: datetime, visible_after_s: float, paid_by: datetime | None = None
) -> int | None:
    """Predict a shop's own number after an order there that was taken in just now.

    Args:
        units: pieces newly sold (> 0) or given back by the mall (< 0).
        paid_by: where the mall takes pieces off when an order is paid: the moment by which it was.
    Returns:
        The number written stands where the order came before it (the write overwrote it); less
        the units where it came after; None where it fell into the write's flight, which means
        that nobody can tell and the number is written again. A number that is only sent is in
        flight until the mall has taken it up.
    """
    if shown.predicted is None or shown.sent_at is None or shown.acked_at is None:
        return None
    if shown.rebased_at is not None:  # a reading came after the write, and holds what came before it
        stands = (paid_by or ordered_at) <= shown.rebased_at
        return shown.predicted if stands else max(0, shown.predicted - units)
    if (paid_by or ordered_at + FLIGHT_BEFORE) < shown.sent_at:
        return shown.predicted
    landed_at = shown.acked_at + timedelta(seconds=visible_after_s)
    if shown.outcome == Outcome.SENT or ordered_at <= landed_at:
        return None
    return max(0, shown.predicted - units)


FLIGHT_BEFORE = timedelta(seconds=60)
"""A mall stamps an order up to this long before the order takes stock off."""
