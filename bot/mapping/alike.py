"""Whether two products can spell the same code, told from their axes without spelling any out.

Two products are walked side by side: what one has spelt beyond the other is what the other has yet
to spell, and each such state is looked at once. The answer is exact; which codes they are, the few
products that are alike at all are spelt out for.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence
from functools import lru_cache

from bot.mapping.model import Product

_Values = tuple[str, ...]


class _Step:
    """One axis as it is spelt: each value with the joiner before it."""

    def __init__(self, values: _Values, joiner: str) -> None:
        self._sorted = sorted(joiner + value for value in values)
        self._known = frozenset(self._sorted)
        self._lengths = sorted({len(value) for value in self._sorted})

    def beginning(self, text: str) -> Iterator[str]:
        """Give the values that ``text`` begins with."""
        for length in self._lengths:
            if length <= len(text) and text[:length] in self._known:
                yield text[:length]

    def going_on(self, text: str) -> Iterator[str]:
        """Give the values that begin with ``text`` and are longer."""
        for place in range(bisect.bisect_right(self._sorted, text), len(self._sorted)):
            if not self._sorted[place].startswith(text):
                return
            yield self._sorted[place]

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Give each value with one that begins it."""
        for value in self._sorted:
            for start in self.beginning(value):
                if start != value:
                    yield value, start


_Steps = tuple[_Step, ...]


def alike(one: Product, other: Product, joiner: str) -> bool:
    """Tell whether a variant of each has the same code, where codes are joined by ``joiner``."""
    longer, shorter = (one, other) if len(one.code) > len(other.code) else (other, one)
    if not longer.code.startswith(shorter.code):
        return False
    walk = _Walk(_steps(longer, joiner), _steps(shorter, joiner))
    return walk.meets(0, 0, longer.code[len(shorter.code) :])


def spells_twice(product: Product, joiner: str) -> bool:
    """Tell whether two variants of one product have the same code."""
    return len(product.axes) > 1 and _spells_twice(tuple(axis.values for axis in product.axes), joiner)


@lru_cache(maxsize=1024)  # products often share their axes
def _spells_twice(axes: Sequence[_Values], joiner: str) -> bool:
    steps = tuple(_step(values, joiner) for values in axes)
    walk = _Walk(steps, steps)
    return any(
        walk.meets(at + 1, at + 1, value[len(start) :])
        for at, step in enumerate(steps)
        for value, start in step.pairs()
    )


def _steps(product: Product, joiner: str) -> _Steps:
    return tuple(_step(axis.values, joiner) for axis in product.axes)


@lru_cache(maxsize=1024)
def _step(values: _Values, joiner: str) -> _Step:
    return _Step(values, joiner)


class _Walk:
    """Two products, by the steps that each has still to take."""

    def __init__(self, one: _Steps, other: _Steps) -> None:
        self._steps = one, other
        self._dead: set[tuple[int, int, int, str]] = set()

    def meets(self, one: int, other: int, rest: str) -> bool:
        """Tell whether both can end alike: ``one`` is ahead by ``rest``, both have come so far."""
        return self._meets(0, one, other, rest)

    def _meets(self, ahead: int, leading: int, behind: int, rest: str) -> bool:
        state = (ahead, leading, behind, rest)
        if state in self._dead:
            return False
        if not rest and leading == len(self._steps[ahead]) and behind == len(self._steps[1 - ahead]):
            return True
        if behind < len(self._steps[1 - ahead]):
            step = self._steps[1 - ahead][behind]
            for value in step.beginning(rest):
                if self._meets(ahead, leading, behind + 1, rest[len(value) :]):
                    return True
            for value in step.going_on(rest):
                if self._meets(1 - ahead, behind + 1, leading, value[len(rest) :]):
                    return True
        self._dead.add(state)
        return False


def goes_on(product: Product, rest: str, joiner: str) -> bool:
    """Tell whether a product's own code may be followed by ``rest`` in one of its codes, or by more."""
    step = _step(product.axes[0].values, joiner)
    return any(step.beginning(rest)) or any(step.going_on(rest))
