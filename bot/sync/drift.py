"""What a number read from a mall says: an echo of our own, or somebody else's doing. Pure.

A mall stamps an order up to a minute before it takes the stock off, and we hear of it later still.
So a reading is held against every number that the shop may have shown at that moment: the
prediction with the orders around it undone and redone. Which of them came first is not asked:
of two orders the one that is stamped later may be taken off sooner.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.sync.values import Doubt, DriftState, Movement

SKEW = timedelta(seconds=5)
"""So far a mall's clock may be from ours."""
DAY = timedelta(hours=24)
OFTEN = 3


class Verdict(StrEnum):
    """What a reading is."""

    ECHO = "echo"  # a number that our own writes and the shop's own orders give
    WAIT = "wait"  # a write was in flight: nobody can tell
    TAKE_IN = "take_in"  # the shop's orders up to the reading are not in yet
    DRIFT = "drift"  # neither: somebody edited it, or another system writes


@dataclass(frozen=True)
class Judgement:
    """A verdict and what follows from it.

    Args:
        expected: the number that the shop should have shown.
        there: the number that it should show by now, if the reading is believed.
        again: an order lies so close to the reading that the next one will tell more.
        believed: the reading is an echo, of another number than was predicted: believe it.
    """

    verdict: Verdict
    expected: int = 0
    there: int = 0
    again: bool = False
    believed: bool = False


def judge(doubt: Doubt, movements: Iterable[Movement], orders_in_up_to: datetime | None) -> Judgement:
    """Judge a number that differs from the predicted one.

    Args:
        movements: what the shop's own orders took off this number, or put back, lately.
        orders_in_up_to: the moment up to which all of them are known; None where there are none.
    """
    if doubt.read_from <= doubt.base_until:
        return Judgement(Verdict.WAIT)
    if orders_in_up_to is not None and orders_in_up_to < doubt.read_at + SKEW:
        return Judgement(Verdict.TAKE_IN)
    known = list(movements)
    expected = doubt.predicted + sum(_undone(doubt, each) for each in known)
    there = max(0, doubt.quantity - sum(each.units for each in known if each.at > doubt.read_at))
    again = any(_around(each, doubt.read_from, doubt.read_at) for each in known)
    if doubt.quantity == expected:
        return Judgement(Verdict.ECHO, expected, there, again)
    if doubt.quantity in _possible(doubt, known, expected):
        return Judgement(Verdict.ECHO, expected, there, again, believed=not again)
    return Judgement(Verdict.DRIFT, expected, there, again)


def _undone(doubt: Doubt, each: Movement) -> int:
    """Give what leads from the prediction to the number at the reading, by the stamps alone."""
    if each.at <= doubt.base_until:
        return 0
    if each.known:  # the prediction has it
        return each.units if each.at > doubt.read_at else 0
    return 0 if each.at > doubt.read_at else -each.units


def _possible(doubt: Doubt, movements: Sequence[Movement], expected: int) -> set[int]:
    """Give the numbers that the shop may have shown, as nobody knows when it took each order off."""
    found = {expected}
    for each in movements:
        counted = doubt.base_until < each.at <= doubt.read_at
        loose = _around(each, doubt.base_from, doubt.base_until) or _around(
            each, doubt.read_from, doubt.read_at
        )
        surely_not = each.until < doubt.base_from or each.since > doubt.read_at
        if loose and not surely_not:
            change = each.units if counted else -each.units
            found |= {number + change for number in found}
    return {max(0, number) for number in found}


def _around(each: Movement, first: datetime, last: datetime) -> bool:
    """Tell whether the mall may have taken it off before the end of a span as well as after its begin."""
    return each.since <= last and each.until >= first


def decide(there: int, target: int | None, *, earlier: int, asked_for: bool) -> DriftState:
    """Say what is done about a drift.

    Args:
        there: what the shop shows now; ``target``: what it should, None for nothing of ours.
        earlier: drifts of this listing in the day before.
        asked_for: a person asked for our numbers to be written.
    """
    if earlier + 1 >= OFTEN and not asked_for:
        return DriftState.STOPPED
    if target is None or there == target:
        return DriftState.OVERTAKEN
    if there > target:
        return DriftState.REPAIRED
    return DriftState.WRITTEN if asked_for else DriftState.ASKED


def is_answered(state: DriftState) -> bool:
    """Tell whether a person has decided about a drift already."""
    return state in (DriftState.WRITTEN, DriftState.TAKEN, DriftState.LEFT)
