"""When things happen: a monotonic grid per shop, a watch on the state, the calendar.

The grid keeps its pace whatever the wall clock does, and a missed tick is not replayed. The
calendar (``schedule``) only wakes the worker that does the job.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable

import schedule

from adapters.contract import Clock

WATCH_INTERVAL_S = 0.5

log = logging.getLogger(__name__)

Turn = Callable[[bool], float | None]
"""(tick) -> seconds until it wants to be called again before the next tick, or None."""


class Worker(threading.Thread):
    """Calls ``turn(tick=True)`` on a grid, and ``turn(tick=False)`` whenever it is woken.

    Args:
        interval_s: gives the seconds from one tick to the next; asked after each turn.
        on_error: told of an exception that is not one of ours; the worker goes on.
        phase: the part of an interval, up to 1, from the start to the grid's first point, so that
            workers of one interval do not all turn at once.
    """

    def __init__(
        self,
        name: str,
        turn: Turn,
        interval_s: Callable[[], float],
        clock: Clock,
        stop: threading.Event,
        on_error: Callable[[str, Exception], None],
        phase: float = 1.0,
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._turn = turn
        self._phase = phase
        self._interval_s = interval_s
        self._clock = clock
        self._stop_event = stop
        self._on_error = on_error
        self._woken = threading.Event()
        self._broken = False
        self._hurried = False

    def hurry(self) -> None:
        """Let the next turn come now, as if the grid's point had been reached."""
        self._hurried = True
        self._woken.set()

    def wake(self) -> None:
        """Let the worker look at once; also what ends its waiting at a stop."""
        self._woken.set()

    def run(self) -> None:
        """Turn until stopped."""
        interval_s = self._interval_s()
        last_tick = self._clock.monotonic() + interval_s * (self._phase - 2)
        recall: float | None = None
        while not self._stop_event.is_set():
            now = self._clock.monotonic()
            tick = now >= last_tick + interval_s or self._hurried
            self._hurried = False
            if tick:
                # The last point of the grid that lies behind: missed ones are dropped.
                last_tick += interval_s * ((now - last_tick) // interval_s)
            # After an unforeseen error a wake is not followed: to tell of it wakes everybody.
            recall = self._once(tick=tick) if tick or not self._broken else None
            interval_s = self._interval_s()
            until = last_tick + interval_s - self._clock.monotonic()
            wait_s = until if recall is None else min(until, recall)
            self._clock.wait(self._woken, max(0.0, wait_s))
            self._woken.clear()

    def _once(self, *, tick: bool) -> float | None:
        try:
            self._broken = False
            return self._turn(tick)
        except Exception as error:  # noqa: BLE001 - the last line: a worker never dies unheard
            log.exception("%s failed", self.name)
            self._broken = True
            self._tell(error)
            return None

    def _tell(self, error: Exception) -> None:
        try:
            self._on_error(self.name, error)
        except Exception:  # noqa: BLE001 - a full disk stops the telling too, and passes
            log.exception("%s: nobody could be told", self.name)


class Calendar(threading.Thread):
    """Runs the calendar's jobs: each only wakes whoever does the work."""

    def __init__(self, clock: Clock, stop: threading.Event) -> None:
        super().__init__(name="calendar", daemon=True)
        self.jobs = schedule.Scheduler()
        self._clock = clock
        self._stop_event = stop

    def run(self) -> None:
        """Run due jobs every second until stopped; a failing job does not take the others along."""
        while not self._clock.wait(self._stop_event, 1):
            for job in sorted(job for job in self.jobs.jobs if job.should_run):
                try:
                    job.run()  # type: ignore[no-untyped-call]
                except Exception:  # noqa: BLE001 - see Worker
                    log.exception("calendar job %s failed", job)
                    job._schedule_next_run()  # as after a success: else it is due again each second


class Watch(threading.Thread):
    """Looks twice a second whether anybody committed to the state, and says so."""

    def __init__(
        self,
        changed: Callable[[], bool],
        tell: Iterable[Callable[[], None]],
        clock: Clock,
        stop: threading.Event,
    ) -> None:
        super().__init__(name="watch", daemon=True)
        self._changed = changed
        self._tell = list(tell)
        self._clock = clock
        self._stop_event = stop

    def run(self) -> None:
        """Watch until stopped."""
        while not self._clock.wait(self._stop_event, WATCH_INTERVAL_S):
            try:
                if self._changed():
                    for tell in self._tell:
                        tell()
            except Exception:  # noqa: BLE001 - see Worker
                log.exception("the watch failed")
