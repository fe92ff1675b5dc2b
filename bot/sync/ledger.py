"""Ledger rules: what an observed order line changes. Pure: no clock, no I/O.

An order line is observed again and again: by each poll, by a re-issue months later, from a
file. What is entered is the *difference* between what stands now and what the line already
counts for, so it counts once, whatever brings it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from adapters.contract import LineState
from bot.sync.values import Cause, Change, CountedLine, SeenLine


@dataclass(frozen=True)
class Observation:
    """What to enter for a line, and what the line counts for afterwards."""

    change: Change
    cause: Cause
    at: datetime
    counted: CountedLine


def observe(
    seen: SeenLine, code: str | None, counted: CountedLine | None, *, return_stock: bool
) -> Observation | None:
    """Compare a line with what it counts for.

    Args:
        code: the merchant's code, None while the mapping does not know the listing.
        counted: what the line counts for; None the first time it is seen.
        return_stock: whether a cancelled piece goes back on sale (``on_cancel`` of the shop).
    Returns:
        None for an observation older than the one that was counted last.
    """
    before = counted or CountedLine(code, 0, 0, seen.revision)
    if seen.revision < before.revision:
        return None
    if code is None:
        return Observation(Change(), Cause.SOLD, seen.ordered_at, CountedLine(None, 0, 0, seen.revision))
    reserved = seen.quantity if seen.state is LineState.RESERVED else 0
    sold = seen.quantity if seen.state is LineState.SOLD else 0
    back = max(0, before.sold - sold)
    more = max(0, sold - before.sold)
    change = Change(
        on_hand=(back if return_stock else 0) - more,
        reserved=reserved - before.reserved,
    )
    cause = _cause(seen, back, before.reserved - reserved)
    at = seen.revision if cause in (Cause.CANCELLED, Cause.REDUCED) else seen.ordered_at
    return Observation(change, cause, at, CountedLine(code, reserved, sold, seen.revision))


def _cause(seen: SeenLine, back: int, released: int) -> Cause:
    if seen.state is LineState.CANCELLED:
        return Cause.CANCELLED
    if back or (seen.state is LineState.RESERVED and released > 0):
        return Cause.REDUCED
    return Cause.SOLD if seen.state is LineState.SOLD else Cause.RESERVED


def since_count(change: Change, at: datetime, counted_at: datetime | None) -> Change:
    """Take out what a stock count already holds.

    A count says "n pieces as of t, those set aside for open orders not counted": whatever an order
    did at or before t, and however late it is taken in, n pieces could be sold at t. A piece that
    is set aside stands beside the n, on hand and reserved.
    """
    if counted_at is None or at > counted_at:
        return change
    return Change(on_hand=change.reserved, reserved=change.reserved, held=change.held)


def count_change(counted: int, set_aside: int, on_hand: int, moved_since: int) -> Change:
    """Give the entry for a count: n as of t and what was set aside, plus what moved after t.

    Args:
        set_aside: pieces reserved by orders that were placed up to t.
        on_hand: what stands now, to be taken off.
    """
    return Change(on_hand=counted + set_aside + moved_since - on_hand)


def stood_open(
    seen: SeenLine, pieces: int, counted_at: datetime | None
) -> tuple[tuple[Cause, datetime, Change], ...]:
    """Give the entries for a line that was cancelled before it was ever seen: set aside, then freed.

    They cancel out, but for a count between the two: the pieces were set aside then, and so not counted,
    whether that count was entered before the line was read or is entered after it.

    Args:
        pieces: of the component in one unit of the line.
    """
    units = seen.quantity * pieces
    if not units:
        return ()
    held, freed = Change(reserved=units), Change(reserved=-units)
    return (
        (Cause.RESERVED, seen.ordered_at, since_count(held, seen.ordered_at, counted_at)),
        (Cause.CANCELLED, seen.revision, since_count(freed, seen.revision, counted_at)),
    )


def released_by_sale(change: Change, held: int) -> Change:
    """Give back what was held for the pieces that an order takes, so that they do not count twice.

    Args:
        change: what the order line changes, before a stock count is taken into account: a piece
            that a count missed because it was sold is held for nothing.
        held: pieces of it that the shop held when the order was placed.
    """
    taken = change.reserved - change.on_hand
    return Change(held=-max(0, min(taken, held)))


def still_held(movements: Iterable[tuple[str, int]], ticket: str) -> int:
    """Give what is left of the pieces held under a ticket; the oldest are given back first.

    Args:
        movements: (ticket or order, pieces held or, below zero, given back), the oldest first.
    """
    known = list(movements)
    gone = -sum(pieces for _, pieces in known if pieces < 0)
    left = 0
    for name, pieces in known:
        if pieces > 0:
            back = min(pieces, gone)
            gone -= back
            left += pieces - back if name == ticket else 0
    return left
