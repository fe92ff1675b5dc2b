"""Opaque page tokens, each good for the question that it came from."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sandbox.malls.amazon.wire import invalid

LIFE = timedelta(hours=24)


class Tokens:
    """All page tokens given so far."""

    def __init__(self, rng: random.Random, now: Callable[[], datetime]) -> None:
        self._random = rng
        self._now = now
        self._given: dict[str, tuple[dict[str, str], str, datetime]] = {}

    def give(self, asked: Mapping[str, str], rest: str) -> str:
        """Give a token for what is left of a question."""
        token = f"{self._random.getrandbits(160):040x}=="
        self._given[token] = (dict(asked), rest, self._now())
        return token

    def read(self, token: str, asked: Mapping[str, str]) -> str:
        """Give what is left of the question.

        Raises:
            Refusal: the token is unknown or a day old, or the question is another one.
        """
        if token not in self._given:
            raise invalid("The page token is invalid.")
        before, rest, given = self._given[token]
        if self._now() >= given + LIFE:
            raise invalid("The page token has expired.")
        if before != dict(asked):
            raise invalid("The page token belongs to other parameters.")
        return rest
