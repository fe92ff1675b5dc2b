"""Which function a request asks for, and how often it may ask."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from re import Pattern
from typing import Protocol, TypeVar


class Route(Protocol):
    """What the functions of every mall with paths have."""

    @property
    def method(self) -> str:
        """HTTP method."""

    @property
    def path(self) -> Pattern[str]:
        """Form of the whole path; its named groups are the parts."""


R = TypeVar("R", bound=Route)


def find_route(routes: Iterable[R], method: str, path: str) -> tuple[R | None, dict[str, str], bool]:
    """Find the function of a request.

    Returns:
        The route or None, the parts of the path, and whether some method is there at this path.
    """
    met = [(route, match) for route in routes if (match := route.path.fullmatch(path))]
    for route, match in met:
        if route.method == method:
            return route, match.groupdict(), True
    return None, {}, bool(met)


class Buckets:
    """One token bucket per key, burst 1: a refused call does not lengthen the wait."""

    def __init__(self) -> None:
        self._filled_at: dict[Hashable, float] = {}

    def take(self, key: Hashable, gap_s: float, now_s: float) -> bool:
        """Take the token if it is there; the next one comes after ``gap_s``."""
        if now_s < self._filled_at.get(key, now_s):
            return False
        self._filled_at[key] = now_s + gap_s
        return True

    def shut(self, key: Hashable, until_s: float) -> None:
        """Let no token come before a time."""
        self._filled_at[key] = until_s
