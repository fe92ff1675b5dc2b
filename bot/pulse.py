"""Whether the workers still turn: what the dead man's switch rests on, and one that hangs is told of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from adapters.contract import Clock
from bot.store.incidents import Incidents

STUCK = timedelta(minutes=30)
"""A worker of which nothing is heard for so long hangs; a long write beats between its batches."""


class Pulse:
    """Hears of each turn of each worker. ``heard`` is told of all of them, once it is set."""

    def __init__(self, incidents: Incidents, clock: Clock) -> None:
        self._incidents = incidents
        self._clock = clock
        self._last: dict[str, tuple[float, datetime]] = {}
        self.heard: Callable[[], None] = lambda: None

    def beat(self, shop: str) -> None:
        """Note that the work for a shop goes on."""
        self._last[shop] = (self._clock.monotonic(), self._clock.now())
        self.heard()

    def look(self) -> None:
        """Tell of workers that hang; the next good turn of one ends its alert."""
        now = self._clock.monotonic()
        for shop, (last, at) in list(self._last.items()):
            hangs = now - last >= STUCK.total_seconds()
            known = any((item.shop, item.cause) == (shop, "stuck") for item in self._incidents.open())
            if hangs and not known:
                self._incidents.raise_(shop, "stuck", {"since": at}, self._clock.now(), "critical")
