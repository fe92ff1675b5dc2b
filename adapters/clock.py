"""The clocks: the machine's own, and one that a test or a simulation moves by hand."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from threading import Event


class SystemClock:
    """The machine's time."""

    def now(self) -> datetime:
        """Give the wall-clock time, aware, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Give seconds that never go back."""
        return time.monotonic()

    def wait(self, stop: Event, timeout_s: float) -> bool:
        """Wait up to ``timeout_s`` or until ``stop`` is set; True if it is set."""
        return stop.wait(max(0.0, timeout_s))


class ManualClock:
    """Virtual time: whoever waits moves it on, so nothing sleeps."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._start = start
        self._elapsed = 0.0
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Give the virtual time, aware, UTC."""
        return self._start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Give the virtual seconds since the start."""
        with self._lock:
            return self._elapsed

    def advance(self, seconds: float) -> None:
        """Move the time forward."""
        if seconds < 0:
            raise ValueError("time goes forward only")
        with self._lock:
            self._elapsed += seconds

    def wait(self, stop: Event, timeout_s: float) -> bool:
        """Move the time forward by ``timeout_s`` at once, unless ``stop`` is set; True if it is."""
        if not stop.is_set():
            self.advance(max(0.0, timeout_s))
        return stop.is_set()
