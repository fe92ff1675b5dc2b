"""The week in figures, Monday to Sunday in Japan: told once, on Monday at nine.

How fast, how much, and what comes due.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from adapters.contract import Clock
from bot import figures
from bot.desks import Desks
from bot.figures import Figure
from bot.following import MappingInForce
from bot.messages import JST
from bot.store import figures as kept
from bot.store.database import reading
from bot.store.notes import Remembered

TOLD_AFTER = timedelta(hours=9)
WEEK = timedelta(days=7)
DUE_WITHIN = timedelta(days=30)
LATE = timedelta(hours=12)
"""A bot that comes up so long after nine on a Monday keeps the report to itself."""

_TOLD = "weekly.told"


@dataclass(frozen=True)
class Ending:
    """A credential that comes due."""

    shop: str
    kind: str
    at: datetime


@dataclass(frozen=True)
class Week:
    """One week, without its ``end``.

    Args:
        everywhere: by the shop that sold, how long it took until the last of the others showed it.
        shown: by the shop that shows, how long it took until it showed what others had sold.
    """

    begin: datetime
    end: datetime
    everywhere: Mapping[str, Figure]
    shown: Mapping[str, Figure]
    orders: int
    writes: int
    oversells: int
    drifts: int
    endings: tuple[Ending, ...] = ()


def week_end(now: datetime) -> datetime:
    """Give the end of the latest week that may be told: midnight of a Monday in Japan, from nine on.

    >>> from datetime import UTC
    >>> week_end(datetime(2026, 11, 22, 3, tzinfo=UTC)).isoformat()
    '2026-11-16T00:00:00+09:00'
    """
    here = now.astimezone(JST) - TOLD_AFTER
    return (here - timedelta(days=here.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)


class WeeklyReport:
    """Makes the report and has it told once a week, restarts included."""

    def __init__(
        self,
        engine: Engine,
        in_force: Callable[[], MappingInForce],
        desks: Desks,
        clock: Clock,
        tell: Callable[[Week], None],
    ) -> None:
        self._engine = engine
        self._in_force = in_force
        self._desks = desks
        self._clock = clock
        self._tell = tell
        self._remembered = Remembered(engine)

    def look(self) -> None:
        """Tell of the week that has ended, if nobody has heard of it."""
        now, end = self._clock.now(), week_end(self._clock.now())
        if self._remembered.get(_TOLD) == end.isoformat():
            return
        if now - end <= TOLD_AFTER + LATE:
            self._tell(self.week(end))
        self._remembered.set(_TOLD, end.isoformat())

    def week(self, end: datetime) -> Week:
        """Measure the week up to a moment."""
        begin, now = end - WEEK, self._clock.now()
        shops = self._in_force().mapping.shops
        visible = {name: self._desks.abilities(shop).visible_after_s for name, shop in shops.items()}
        with reading(self._engine) as connection:
            groups = figures.samples(
                kept.sold(connection, begin, end), kept.lowered(connection, begin, visible)
            )
            counts = kept.counts(connection, begin, end)
            ending = [Ending(*row) for row in kept.ending(connection, now + DUE_WITHIN)]
        return Week(
            begin, end, figures.everywhere(groups), figures.shown(groups), **counts, endings=tuple(ending)
        )
