"""A lock whose waiters go in by the order they came."""

from __future__ import annotations

from collections import deque
from threading import Lock


class Turns:
    """Lets one in at a time, first come, first served.

    A plain lock may be taken again by the one that just let it go, as often as that one is quick
    enough; here it is handed to the one that has waited longest.
    """

    def __init__(self) -> None:
        self._door = Lock()
        self._is_taken = False
        self._line: deque[Lock] = deque()

    @property
    def waiting(self) -> int:
        """How many stand in line."""
        return len(self._line)

    def acquire(self, within_s: float) -> bool:
        """Wait for one's turn; False: it did not come in that time."""
        with self._door:
            if not self._is_taken:
                self._is_taken = True
                return True
            mine = Lock()
            mine.acquire()
            self._line.append(mine)
        if mine.acquire(timeout=within_s):
            return True
        with self._door:
            if mine in self._line:
                self._line.remove(mine)
                return False
        return True  # it was handed over just as the time ended

    def release(self) -> None:
        """Hand over to the next in line."""
        with self._door:
            if self._line:
                self._line.popleft().release()
            else:
                self._is_taken = False
