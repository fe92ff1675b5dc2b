"""What all parts of the books stand on: the clock, and changes that can be taken back."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self, TypeVar

from adapters.contract import Clock

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Undo:
    """Changes dictionaries and can take the changes back."""

    def __init__(self) -> None:
        self._log: list[tuple[dict[Any, Any], Any, Any]] | None = None

    def put(self, table: dict[Key, Value], key: Key, value: Value) -> None:
        """Set a row."""
        if self._log is not None:
            self._log.append((table, key, table.get(key)))
        table[key] = value

    def drop(self, table: dict[Key, Value], key: Key) -> None:
        """Delete a row that is there."""
        old = table.pop(key)
        if self._log is not None:
            self._log.append((table, key, old))

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Keep every change made within, or none of them."""
        assert self._log is None, "a transaction inside a transaction waits for itself"
        self._log = []
        try:
            yield
        except BaseException:
            self._take_back(self._log)
            raise
        finally:
            self._log = None

    def _take_back(self, log: Sequence[tuple[dict[Any, Any], Any, Any]]) -> None:
        for table, key, old in reversed(log):
            if old is None:
                del table[key]
            else:
                table[key] = old


class Base:
    """The beginning of every part."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._undo = Undo()

    @contextmanager
    def transaction(self) -> Iterator[Self]:
        """Open a transaction: the books are their own."""
        with self._undo.whole():
            yield self
