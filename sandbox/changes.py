"""When which number changed at a mall: for whoever measures, without asking again and again."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

KEPT = 1_000_000
"""So many changes are remembered; the older half goes when there are more."""


class Changes:
    """The numbers of one mall in the order in which they came to be."""

    def __init__(self) -> None:
        self._seen: list[tuple[datetime, Hashable, int]] = []

    def note(self, key: Hashable, quantity: int, at: datetime) -> None:
        """Remember that buyers see this number from now on."""
        self._seen.append((at, key, quantity))
        if len(self._seen) > KEPT:
            del self._seen[: KEPT // 2]

    def rows(self, known: Mapping[str, Hashable], codes: Iterable[str], since: str) -> list[dict[str, Any]]:
        """Give the changes of some codes from a moment (ISO text) on: when, which, to what.

        Args:
            known: code -> key, of everything that the mall lists.
        Raises:
            KeyError: the mall does not list one of the codes.
        """
        wanted = {known[code]: code for code in codes}
        start = datetime.fromisoformat(since)
        return list(_rows(((at, wanted[key], n) for at, key, n in self._seen if key in wanted), start))


def _rows(found: Iterable[tuple[datetime, str, int]], start: datetime) -> Iterator[dict[str, Any]]:
    return (
        {"at": at.isoformat(), "code": code, "quantity": quantity}
        for at, code, quantity in found
        if at >= start
    )
