"""How often a method may be called. Source: spec 6 and 9.2."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from sandbox.world import WorldClock

# Calls a minute of each tier; 0 is no limit.
TIERS = {1: 1, 2: 20, 3: 50, 4: 100, 0: 0}
POST_BURST = 5
POSTS_A_SECOND = 1.0


@dataclass
class _Bucket:
    level: float
    at: float


@dataclass
class Rates:
    """Token buckets by method and, for posts, by channel.

    Args:
        factor: how much faster than Slack calls may come; 0 switches the limits off.
    """

    clock: WorldClock
    factor: float = 1.0
    _buckets: dict[str, _Bucket] = field(default_factory=dict)

    def wait_for_tier(self, method: str, tier: int) -> int:
        """Take one call of a tier's method; gives 0, or the whole seconds to wait."""
        a_minute = TIERS[tier]
        return self._take(method, a_minute / 60, a_minute) if a_minute else 0

    def wait_for_post(self, channel: str) -> int:
        """Take one post to a channel; gives 0, or the whole seconds to wait."""
        return self._take(f"post to {channel}", POSTS_A_SECOND, POST_BURST)

    def _take(self, key: str, a_second: float, burst: float) -> int:
        if not self.factor:
            return 0
        now, speed, size = self.clock.seconds(), a_second * self.factor, burst * self.factor
        bucket = self._buckets.setdefault(key, _Bucket(size, now))
        bucket.level = min(size, bucket.level + (now - bucket.at) * speed)
        bucket.at = now
        if bucket.level < 1:
            return max(1, math.ceil((1 - bucket.level) / speed))
        bucket.level -= 1
        return 0
