"""Virtual time, and what happens in it."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from datetime import datetime, timedelta

from adapters.clock import ManualClock


class FastClock(ManualClock):
    """A manual clock for one thread: the time is read far more often than it moves."""

    def __init__(self) -> None:
        super().__init__()
        self._now = super().now()

    def now(self) -> datetime:
        """Give the virtual time."""
        return self._now

    def monotonic(self) -> float:
        """Give the virtual seconds since the start."""
        return self._elapsed

    def advance(self, seconds: float) -> None:
        """Move the time forward."""
        self._elapsed += seconds
        self._now = self._start + timedelta(seconds=self._elapsed)


class Whirl(AssertionError):
    """So much happens at one moment that it will never end."""


class Queue:
    """Things to happen, each at its moment, in one order however they were entered."""

    def __init__(self, clock: FastClock) -> None:
        self.clock = clock
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()
        self._moment, self._at_once = 0.0, 0

    def at(self, moment: float, act: Callable[[], None]) -> None:
        """Let something happen at a moment, given in virtual seconds."""
        heapq.heappush(self._heap, (moment, next(self._count), act))

    def after(self, delay_s: float, act: Callable[[], None]) -> None:
        """Let something happen after a while."""
        self.at(self.clock.monotonic() + delay_s, act)

    def run_until(self, moment: float) -> None:
        """Let everything due up to a moment happen.

        What happens may itself take time, by calling this: the world goes on within it. So a moment
        may be passed before the call returns.
        """
        heap, clock = self._heap, self.clock
        while heap and heap[0][0] <= moment and clock.monotonic() <= moment:
            due, _, act = heapq.heappop(heap)
            if due > clock.monotonic():
                clock.advance(due - clock.monotonic())
            self._count_one(clock.monotonic())
            act()
        if moment > clock.monotonic():
            clock.advance(moment - clock.monotonic())

    def _count_one(self, now: float) -> None:
        self._at_once = self._at_once + 1 if now < self._moment + 1 else 0
        self._moment = self._moment if self._at_once else now
        if self._at_once > 3_000:
            raise Whirl(f"{self._at_once} things within a second")

    def wait(self, seconds: float) -> None:
        """Let some time pass."""
        self.run_until(self.clock.monotonic() + seconds)
