"""How fast we may post: one message per channel and 1.1 s, 50 updates a minute, waits after a 429.

Source: docs.slack.dev, "Rate limits": chat.postMessage about one a second and channel,
chat.update tier 3 (50 a minute).
"""

from __future__ import annotations

from collections import deque

POST_EVERY_S = 1.1
UPDATES = 50
UPDATES_PER_S = 60.0

POST, UPDATE, ALL = "chat.postMessage", "chat.update", "*"


class Pace:
    """Tells how long each method must still wait. ``rates`` above 1 makes everything faster."""

    def __init__(self, rates: float = 1.0) -> None:
        self._rates = rates
        self._held: dict[str, float] = {}  # method or channel -> not before
        self._updates: deque[float] = deque(maxlen=UPDATES)

    def wait_for(self, name: str, now: float) -> float:
        """Give the seconds that a method, a channel or everything is still held back."""
        return self._wait(now, name)

    def post_wait(self, channel: str, now: float) -> float:
        """Give the seconds until a post to this channel may leave."""
        return self._wait(now, ALL, POST, channel)

    def update_wait(self, channel: str, now: float) -> float:
        """Give the seconds until an update may leave."""
        wait = self._wait(now, ALL, UPDATE, f"update {channel}")
        if len(self._updates) == UPDATES:
            wait = max(wait, self._updates[0] + UPDATES_PER_S / self._rates - now)
        return wait

    def _wait(self, now: float, *names: str) -> float:
        return max(0.0, *(self._held.get(name, now) - now for name in names))

    def posted(self, channel: str, now: float) -> None:
        """Count a post."""
        self.hold(channel, now, POST_EVERY_S / self._rates)

    def updated(self, now: float) -> None:
        """Count an update."""
        self._updates.append(now)

    def hold(self, name: str, now: float, seconds: float) -> None:
        """Hold a method, a channel or everything back for a while."""
        self._held[name] = max(self._held.get(name, now), now + seconds)

    def busy_channels(self, now: float) -> list[str]:
        """Give the channels that take no post now."""
        return [name for name in self._held if self._wait(now, name) > 0]
