"""The face's own work queue: listeners hand over here and are free again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import BoundedSemaphore, Lock
from typing import Any, TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")


class Busy(Exception):
    """The queue is full; the person is asked to try again."""


class Work:
    """A few threads and a bounded queue, and a few threads for the answers."""

    def __init__(self, threads: int = 4, capacity: int = 100) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="slack-work")
        self._answers = ThreadPoolExecutor(threads, thread_name_prefix="slack-answer")
        self._threads = threads
        self._lock, self._open = Lock(), 0
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
        with self._lock:
            self._open += 1
        future.add_done_callback(self._close)
        return future

    def is_crowded(self) -> bool:
        """Tell whether jobs wait for a thread."""
        return self._open > self._threads

    def _close(self, _done: Future[Any]) -> None:
        with self._lock:
            self._open -= 1
        self._room.release()

    def when_done(self, job: Future[T], act: Callable[[Future[T]], object]) -> None:
        """Act on the end of a job, in a thread that neither acknowledges nor works."""
        job.add_done_callback(lambda done: self.answer(lambda: act(done)))

    def answer(self, act: Callable[[], object]) -> None:
        """Tell Slack something without waiting for it."""
        try:
            self._answers.submit(act).add_done_callback(_note)
        except RuntimeError:
            log.info("an answer was dropped: the bot stops")

    def stop(self) -> None:
        """Drop what waits and let what runs end."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._answers.shutdown(wait=True)


def _note(done: Future[object]) -> None:
    if error := done.exception():
        log.error("an answer to Slack failed: %s", type(error).__name__)
