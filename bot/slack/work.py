"""The face's own work queue: listeners hand over here and are free again."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import TypeVar

T = TypeVar("T")


class Busy(Exception):
    """The queue is full; the person is asked to try again."""


class Work:
    """A few threads and a bounded queue."""

    def __init__(self, threads: int = 4, capacity: int = 100) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="slack-work")
        self._room = BoundedSemaphore(capacity)

    def submit(self, job: Callable[[], T]) -> Future[T]:
        """Queue a job.

        Raises:
            Busy: the queue is full, or ended.
        """
        if not self._room.acquire(blocking=False):
            raise Busy
        try:
            future = self._pool.submit(job)
        except RuntimeError as error:  # after stop
            self._room.release()
            raise Busy from error
        future.add_done_callback(lambda _: self._room.release())
        return future

    def stop(self) -> None:
        """Drop what waits and let what runs end."""
        self._pool.shutdown(wait=True, cancel_futures=True)
