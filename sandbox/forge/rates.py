"""How many requests an account may make in an hour.

Source: REST page "Rate limits for the REST API".
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.world import WorldClock

_HOUR = timedelta(hours=1)


@dataclass
class Window:
    """One hour of one account."""

    limit: int
    reset_at: datetime
    used: int = 0

    @property
    def remaining(self) -> int:
        """How many requests are left."""
        return max(0, self.limit - self.used)

    @property
    def headers(self) -> dict[str, str]:
        """What every answer tells of it; the reset in seconds since 1970, UTC."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Used": str(self.used),
            "X-RateLimit-Reset": str(self.reset),
            "X-RateLimit-Resource": "core",
        }

    @property
    def reset(self) -> int:
        """When it begins anew, in seconds since 1970."""
        return math.ceil(self.reset_at.timestamp())


class Rates:
    """The hours of all accounts."""

    def __init__(self, limit: int, clock: WorldClock) -> None:
        self._limit = limit
        self._clock = clock
        self._windows: dict[str, Window] = {}

    def window(self, login: str) -> Window:
        """Give the present hour of an account."""
        now = self._clock.now()
        window = self._windows.get(login)
        if window is None or now.timestamp() >= window.reset:
            window = self._windows[login] = Window(self._limit, now + _HOUR)
        return window

    def used_up(self, until: datetime) -> Window:
        """Give an hour of which nothing is left."""
        return Window(self._limit, until, self._limit)
