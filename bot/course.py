"""What was sold of a code, and what there was of it, day by day. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from bot.answers import Day
from bot.messages import JST

Moves = Iterable[tuple[str, datetime, int]]
"""(single code, moment, change of what may be sold)"""


def days_of(now: datetime, count: int) -> list[date]:
    """Give the last days in Japan, today the last."""
    today = now.astimezone(JST).date()
    return [today - timedelta(days=back) for back in range(count - 1, -1, -1)]


def begins(day: date) -> datetime:
    """Give the moment at which a day begins in Japan."""
    return datetime(day.year, day.month, day.day, tzinfo=JST)


def course(
    days: Iterable[date],
    parts: Mapping[str, int],
    left: Mapping[str, int],
    moves: Moves,
    sales: Iterable[tuple[datetime, int]],
    known_from: datetime | None,
) -> list[Day]:
    """Put a course together, going back from what there is now.

    Args:
        parts: single codes with pieces in one unit.
        left: what may be sold of each of them now.
        known_from: before this moment nobody knew how many there were; None: nobody does yet.
    """
    moved, sold = list(moves), list(sales)
    found = []
    for day in days:
        start, end = begins(day), begins(day + timedelta(days=1))
        pieces = sum(count for at, count in sold if start <= at < end)
        known = known_from is not None and known_from < end
        found.append(Day(day, pieces, _at(end, parts, left, moved) if known else None))
    return found


def _at(end: datetime, parts: Mapping[str, int], left: Mapping[str, int], moves: Moves) -> int:
    then = dict(left)
    for code, at, change in moves:
        if at >= end:
            then[code] -= change
    return max(0, min(then[code] // each for code, each in parts.items()))
