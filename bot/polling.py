"""How often each shop's orders are read: oftener while the last pieces of something it lists are selling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from adapters.contract import Clock
from bot.desks import Desks
from bot.mapping.model import Mapping as CodeMapping
from bot.mapping.model import Shop
from bot.store import writes
from bot.store.database import reading

MOST = 200  # codes that are looked at; one that is linked is enough
PAYING_BACK = 1.25  # times the usual interval, until the polls that were made too many are made up for


@dataclass
class _Stretch:
    """The quick polls of a shop whose mall has only so many in store."""

    at: float
    interval_s: float
    spent: float = 0


class Polling:
    """Gives the interval of each shop's polls. Each shop is asked about by one thread only."""

    def __init__(
        self, engine: Engine, mapping: Callable[[], CodeMapping], desks: Desks, clock: Clock
    ) -> None:
        self._engine = engine
        self._mapping = mapping
        self._desks = desks
        self._clock = clock
        self._stretches: dict[str, _Stretch] = {}

    def interval_s(self, shop: Shop) -> float:
        """Give the seconds from one poll to the next."""
        usual, quick = self._desks.poll_interval_s(shop), self._desks.quick_poll_interval_s(shop)
        if quick >= usual:
            return usual
        hurry = self._is_selling_out(shop.name)
        most = self._desks.abilities(shop).quick_polls
        if most is None:
            return quick if hurry else usual
        return self._in_store(shop.name, most, usual, quick, hurry=hurry)

    def _in_store(self, name: str, most: int, usual: float, quick: float, *, hurry: bool) -> float:
        now = self._clock.monotonic()
        stretch = self._stretches.setdefault(name, _Stretch(now, usual))
        gone = now - stretch.at
        stretch.spent = max(0.0, stretch.spent + gone / stretch.interval_s - gone / usual)
        stretch.at = now
        if hurry:
            stretch.interval_s = quick if stretch.spent + 1 <= most else usual
        else:
            stretch.interval_s = usual * PAYING_BACK if stretch.spent else usual
        return stretch.interval_s

    def _is_selling_out(self, name: str) -> bool:
        """Tell whether the shop lists a code of which the last pieces are divided, or a set of it."""
        mapping = self._mapping()
        with reading(self._engine) as connection:
            moving = writes.watched(connection, MOST)
        return any(
            mapping.listing(name, code) is not None
            for single in moving
            if mapping.product_of(single)
            for code in (single, *mapping.sets_using(single))
        )
