"""Which numbers to write now, and in which order. Pure: no clock, no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.contract import Address, Outcome, StockLine
from bot.sync.values import PlannedLine, Shown, Waiting, Why

_URGENCY = {why: place for place, why in enumerate(Why)}


@dataclass(frozen=True)
class Want:
    """A waiting code with all that decides whether, and when, its number goes out."""

    waiting: Waiting
    mall_code: str
    address: Address
    target: int
    shown: Shown


@dataclass(frozen=True)
class Plan:
    """What to do with the waiting codes of one shop.

    ``write``: now, in this order. ``later``: raises that wait for the shop's orders.
    ``settled``: the shop shows the number already.
    """

    write: tuple[PlannedLine, ...]
    later: tuple[Waiting, ...]
    settled: tuple[Waiting, ...]


def plan_writes(
    wants: Iterable[Want], orders_read_up_to: datetime | None, order_lag: timedelta = timedelta()
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
    later: list[Waiting] = []
    settled: list[Waiting] = []
    for want in wants:
        predicted = want.shown.predicted
        if predicted == want.target:
            settled.append(want.waiting)
        elif _must_wait(want, orders_read_up_to, order_lag):
            later.append(want.waiting)
        else:
            write.append(_line(want))
    write.sort(key=lambda line: (_URGENCY[line.why], line.line.quantity, line.code))
    return Plan(tuple(write), tuple(later), tuple(settled))


def _must_wait(want: Want, orders_read_up_to: datetime | None, order_lag: timedelta) -> bool:
    predicted = want.shown.predicted
    if orders_read_up_to is None or (predicted is not None and want.target < predicted):
        return False
    if predicted is None:
        return orders_read_up_to < want.waiting.since
    return orders_read_up_to - order_lag < want.waiting.since


def _line(want: Want) -> PlannedLine:
    line = StockLine(want.mall_code, want.address, want.target)
    return PlannedLine(want.waiting.code, line, want.shown.predicted, want.waiting.why, want.waiting.seq)


def batches(lines: Sequence[PlannedLine], size: int | None) -> Iterator[Sequence[PlannedLine]]:
    """Cut lines into batches of at most ``size``; None means one batch of all."""
    step = size or max(1, len(lines))
    for start in range(0, len(lines), step):
        yield lines[start : start + step]


def predicted_after_sale(
    shown: Shown, units: int, ordered_at: datetime, visible_after_s: float
) -> int | None:
    """Predict a shop's own number after an order there that was taken in just now.

    Args:
        units: pieces newly sold (> 0) or given back by the mall (< 0).
    Returns:
        The number written stands where the order came before it (the write overwrote it); less
        the units where it came after; None where it fell into the write's flight, which means
        that nobody can tell and the number is written again. A number that is only sent is in
        flight until the mall has taken it up.
    """
    if shown.predicted is None or shown.sent_at is None or shown.acked_at is None:
        return None
    if ordered_at < shown.sent_at - FLIGHT_BEFORE:
        return shown.predicted
    landed_at = shown.acked_at + timedelta(seconds=visible_after_s)
    if shown.outcome == Outcome.SENT or ordered_at <= landed_at:
        return None
    return max(0, shown.predicted - units)


FLIGHT_BEFORE = timedelta(seconds=60)
"""A mall stamps an order up to this long before the order takes stock off."""
