"""Quotas and waits: every call to a mall starts on a grid just inside the published rate."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from threading import Event
from typing import TypeVar

from adapters.contract import Clock, Quota
from adapters.errors import Alert, NotSentError, RateLimitedError

T = TypeVar("T")

POOL = 4  # calls of one shop under way at once
REFUSALS = 3  # so often one call may be refused as too early and made again
MOMENT_S = 10.0  # a refused single call is held back no longer than this: somebody may wait for it
PATIENCE_S = 60.0  # a longer penalty is the runner's to wait out, not a worker's
_TINY_S = 1e-6


class Stopped(NotSentError):
    """The bot is ending: the call was not made."""

    alert = Alert.NONE
    cause = "stopped"


def margin(per_s: float) -> float:
    """Give the share by which the step is longer than the mall's own: slow quotas jitter less."""
    return 0.015 if per_s <= 1 else 0.03


class _Grid:
    """The slots of one quota.

    ``_due`` is when the quota is whole again for one call. A slot taken late by less than half
    of the margin leaves the grid where it is, so small delays do not add up; a later one moves
    it, because a mall's bucket does not give back what was not used.
    """

    def __init__(self, quota: Quota, share: float | None) -> None:
        extra = margin(quota.per_s) if share is None else share
        self._step = (1 + extra) / quota.per_s
        self._slack = extra / 2 / quota.per_s
        self._ahead = (quota.burst - 1) * self._step
        self._due = float("-inf")
        self.closed_until = float("-inf")

    def missing_s(self, now: float) -> float:
        """Give the seconds until there may be a slot; 0 if now."""
        missing = max(self._due - self._ahead, self.closed_until) - now
        return missing if missing > _TINY_S else 0.0

    def take(self, now: float) -> float:
        """Take a slot; give its point on the grid."""
        late = now - self._due > self._slack
        point = now if late else self._due
        self._due = point + self._step
        return point

    def left(self, point: float, now: float) -> None:
        """Move the grid, if the call of a slot left late."""
        if now - point > self._slack:
            self._due += now - point


class Pacer:
    """The pace of one shop. Quotas do not touch each other; threads may share it.

    Args:
        quotas: the mall's published limits by name.
        clock: what to wait on.
        stop: ends every wait.
        share: the margin as a share of the step; None for the built-in one (see ``margin``).
    """

    def __init__(
        self, quotas: Mapping[str, Quota], clock: Clock, stop: Event, *, share: float | None = None
    ) -> None:
        self._grids = {name: _Grid(quota, share) for name, quota in quotas.items()}
        self._clock = clock
        self._stop = stop
        self._lock = threading.Lock()
        self._here = threading.local()  # the point of the slot that a thread took last

    def wait(self, name: str) -> None:
        """Wait for the next slot of a quota and take it.

        Raises:
            Stopped: ``stop`` was set first.
            RateLimitedError: a penalty has more than ``PATIENCE_S`` to run; nothing was taken.
        """
        while pause := self._take(name):
            if self._clock.wait(self._stop, pause):
                break
        if self._stop.is_set():
            raise Stopped(f"{name}: not sent, the bot is ending", operation=name)

    def _take(self, name: str) -> float:
        with self._lock:
            now, grid = self._clock.monotonic(), self._grids[name]
            penalty = grid.closed_until - now
            if penalty > PATIENCE_S:
                raise RateLimitedError(
                    f"{name}: the mall asked to wait", retry_after_s=penalty, operation=name
                )
            if self._stop.is_set():
                return 0.0
            missing = grid.missing_s(now)
            if not missing:
                self._here.point = grid.take(now)
            return missing

    def penalise(self, name: str, seconds: float) -> None:
        """Close a quota for a while, after the mall refused a call as too early."""
        with self._lock:
            grid = self._grids[name]
            grid.closed_until = max(grid.closed_until, self._clock.monotonic() + seconds)

    def left(self, name: str) -> None:
        """Note that the call of this thread's slot leaves now: a late one moves the next slot.

        The mall counts from the call's arrival. A new connection takes longer than the margin, and on
        a busy machine a thread may be kept from its call.
        """
        with self._lock:
            self._grids[name].left(self._here.point, self._clock.monotonic())

    def call(self, name: str, work: Callable[[], T]) -> T:
        """Wait for a slot, then make the call.

        Where the mall refuses it as too early it had no effect and takes another slot, as it may
        ``REFUSALS`` times, unless the quota is closed for more than ``MOMENT_S``: a turn is not lost
        to one late packet, or to somebody else's call on the same account.
        """
        return self._persist(name, work, MOMENT_S)

    def map(self, name: str, calls: Sequence[Callable[[], T]]) -> list[T]:
        """Make calls on every slot, without waiting for the last answer; results in order.

        At most ``POOL`` are under way. A call that is refused as too early takes another slot, as in
        ``call``, though after any wait of ``PATIENCE_S``: a long read has all the time. After a failure
        no further call is started; when those under way have ended, the failure of the earliest call
        is raised.
        """
        if len(calls) <= 1:
            return [self.call(name, work) for work in calls]
        failed = Event()

        def paced(work: Callable[[], T]) -> list[T]:
            if failed.is_set():
                return []
            with ExitStack() as unless_it_succeeds:
                unless_it_succeeds.callback(failed.set)
                result = self._persist(name, work, PATIENCE_S)
                unless_it_succeeds.pop_all()
            return [result]

        with ThreadPoolExecutor(min(POOL, len(calls)), thread_name_prefix=f"paced-{name}") as pool:
            started = [pool.submit(paced, work) for work in calls]
        return _results(started)

    def _persist(self, name: str, work: Callable[[], T], patience_s: float) -> T:
        for _ in range(REFUSALS):
            self.wait(name)
            try:
                return work()
            except RateLimitedError:
                if self._closed_s(name) > patience_s:
                    raise
        self.wait(name)
        return work()

    def _closed_s(self, name: str) -> float:
        with self._lock:
            return self._grids[name].closed_until - self._clock.monotonic()


def _results(started: Sequence[Future[list[T]]]) -> list[T]:
    for future in started:
        if error := future.exception():
            raise error
    return [result for future in started for result in future.result()]
