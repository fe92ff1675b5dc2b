"""Looks into the books for all that bears on what the shops should show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from adapters.contract import Clock
from bot.mapping.model import Mapping as CodeMapping
from bot.sync.lastunits import may_be_shared
from bot.sync.levels import Levels, Look, few_pieces
from bot.sync.ports import Books
from bot.sync.values import Demand, Habits, Part

MONTH = timedelta(days=28)
HABITS_EVERY = timedelta(hours=1)


class Survey:
    """Gives levels. Keeps what is usual (habits) for an hour: it may be lost at any time.

    Args:
        parts: how each shop takes part now; asked for once a survey.
    """

    def __init__(self, books: Books, clock: Clock, parts: Callable[[], Mapping[str, Part]]) -> None:
        self._books = books
        self._clock = clock
        self._parts = parts
        self._habits: tuple[datetime, Habits] | None = None

    def levels(self, mapping: CodeMapping, codes: Iterable[str]) -> Levels:
        """Give what every shop should show of some codes."""
        singles = {single for code in codes for single in mapping.components(code)}
        balances = self._books.balances(self._with_their_sets(mapping, singles))
        parts = self._parts()
        few, kept_back = few_pieces(mapping, balances), self._kept_back(balances)
        if not few:
            return Levels(Look(mapping, parts, balances, kept_back=kept_back))
        demand = self._books.demand(few, self._clock.now())
        shared = [s for s in few if may_be_shared(mapping.last_units(s), demand.get(s, Demand()))]
        out = self._out(mapping, parts, shared)
        return Levels(Look(mapping, parts, balances, demand, self._usual(), out, kept_back))

    def _kept_back(self, codes: Iterable[str]) -> dict[str, frozenset[str]]:
        """Give, by code, the blind shops that may have sold it out: no other shows it."""
        found: dict[str, frozenset[str]] = {}
        wanted = set(codes)
        for shop, code in self._books.risks():
            if code in wanted:
                found[code] = found.get(code, frozenset()) | {shop}
        return found

    def _out(
        self, mapping: CodeMapping, parts: Mapping[str, Part], singles: Iterable[str]
    ) -> frozenset[tuple[str, str]]:
        """Give the listings that are not there, or that the mall refused to change."""
        codes = sorted({each for single in singles for each in (single, *mapping.sets_using(single))})
        found = self._books.refused_of(parts, codes)
        for name, part in parts.items():
            if not part.abilities.address_is_code:
                listed = {code: at for code in codes if (at := mapping.listing(name, code)) is not None}
                found |= {(name, code) for code in self._books.misplaced(name, listed)}
        return frozenset(found)

    @staticmethod
    def _with_their_sets(mapping: CodeMapping, singles: Iterable[str]) -> set[str]:
        """Give the codes and all that their sets are made of: a set shares what all of its parts share."""
        found = set()
        for single in singles:
            found.add(single)
            for each in mapping.sets_using(single):
                found |= mapping.components(each).keys()
        return found

    def _usual(self) -> Habits:
        now = self._clock.now()
        if self._habits is None or now - self._habits[0] > HABITS_EVERY:
            self._habits = (now, self._books.habits(now - MONTH))
        return self._habits[1]
