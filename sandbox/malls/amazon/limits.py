"""Token buckets per seller and operation, and the five feeds per five minutes (spec 5)."""

from __future__ import annotations

from sandbox.malls.amazon.settings import Settings
from sandbox.malls.amazon.wire import Refusal, quota_exceeded

JSON_FEED = "JSON_LISTINGS_FEED"
JSON_FEEDS, JSON_FEED_WINDOW_S = 5, 300.0
FEED_PER_S, FEED_BURST = 0.0083, 15


class Limits:
    """How often what may be called. A refused call takes no token."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}  # tokens, when counted
        self._json_feeds: dict[str, list[float]] = {}

    def shown(self, per_s: float) -> str:
        """Give the value of the rate header."""
        return f"{per_s * (self._settings.rates or 1):.4f}".rstrip("0").ljust(3, "0")

    def left(self, seller: str, function: str, per_s: float, burst: int, now_s: float) -> float:
        """Give the tokens in a bucket."""
        tokens, counted_s = self._buckets.get((seller, function), (float(burst), now_s))
        return min(float(burst), tokens + (now_s - counted_s) * per_s * self._settings.rates)

    def take(self, seller: str, function: str, per_s: float, burst: int, now_s: float) -> None:
        """Take a token.

        Raises:
            Refusal: the bucket is empty.
        """
        if not self._settings.rates:
            return
        tokens = self.left(seller, function, per_s, burst, now_s)
        if tokens < 1:
            raise self.refusal()
        self._buckets[seller, function] = (tokens - 1, now_s)

    def take_feed(self, seller: str, feed_type: str, now_s: float) -> float:
        """Take the token of one more feed; gives its operation's rate."""
        if feed_type != JSON_FEED:
            self.take(seller, "create_feed", FEED_PER_S, FEED_BURST, now_s)
            return FEED_PER_S
        window_s = JSON_FEED_WINDOW_S / (self._settings.rates or 1)
        recent = [at_s for at_s in self._json_feeds.get(seller, []) if now_s - at_s < window_s]
        if self._settings.rates and len(recent) >= JSON_FEEDS:
            raise self.refusal()
        self._json_feeds[seller] = [*recent, now_s]
        return JSON_FEEDS / JSON_FEED_WINDOW_S

    def refusal(self, level: str = "") -> Refusal:
        """Give the 429; at put and patch it may name the level that is used up."""
        if not level:
            return quota_exceeded(self._settings.quota_text)
        return quota_exceeded(f"Your request rate is greater than what is allowed for {level}.")
