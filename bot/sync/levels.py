"""What every shop should show of some codes: the targets, with the last units divided. Pure.

``Levels`` is made of one look at the books; it asks for nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bot.mapping.model import LastUnits
from bot.mapping.model import Mapping as CodeMapping
from bot.sync import lastunits
from bot.sync.lastunits import MOST, Claim, divide, is_slow, may_be_shared, threshold
from bot.sync.targets import available, target
from bot.sync.values import Balance, Demand, Habits, Part

Listing = tuple[str, str]
"""(shop, code)"""


@dataclass(frozen=True)
class Level:
    """What one listing should show.

    ``divided``: it is a share of the last units. ``others``: the listings that share them with it.
    ``fading``: single codes that are down to their last units as they sell now; at a slower rate
    they would not be.
    """

    number: int
    divided: bool = False
    fading: frozenset[str] = frozenset()
    others: frozenset[Listing] = frozenset()


@dataclass(frozen=True)
class Look:
    """One look at the books: all that bears on what some codes should show.

    ``demand``: of single codes with few pieces. ``out``: listings that show nothing we can change.
    ``kept_back``: single code -> the only shops that may show it now; absent for nearly all.
    """

    mapping: CodeMapping
    parts: Mapping[str, Part]
    balances: Mapping[str, Balance]
    demand: Mapping[str, Demand] = field(default_factory=dict)
    habits: Habits = Habits()
    out: frozenset[Listing] = frozenset()
    kept_back: Mapping[str, frozenset[str]] = field(default_factory=dict)


class Levels:
    """Targets by shop and code.

    >>> Levels(look).of("rakuten-main", "tee-red-m").number      # doctest: +SKIP
    3
    """

    def __init__(self, look: Look) -> None:
        self._look = look
        self._divisions: dict[str, Mapping[Listing, int]] = {}

    def visible_after_s(self, shop: str) -> float:
        """Give how long, in seconds, a number written to a shop takes until buyers see it."""
        return self._look.parts[shop].abilities.visible_after_s

    def of(self, shop: str, code: str) -> Level | None:
        """Give what a shop should show of a code; None if it lists it not, or its stock is unknown."""
        look = self._look
        mapping, part = look.mapping, look.parts[shop]
        if mapping.listing(shop, code) is None:
            return None
        components = mapping.components(code)
        pieces = available(components, look.balances)
        if pieces is None:
            return None
        if any(shop not in look.kept_back.get(single, (shop,)) for single in components):
            return Level(0)
        if few := self._too_few_for(part, components):
            return Level(0, fading=few)
        shares = {single: found for single in components if (found := self._division(single))}
        if not shares or self._alone(part):
            return Level(self._whole(part, code, pieces))
        limits = [share.get((shop, code), 0) for share in shares.values()]
        limits += [self.pool(single) // each for single, each in components.items() if single not in shares]
        others = frozenset(listing for share in shares.values() for listing in share) - {(shop, code)}
        return Level(min(limits), divided=True, fading=frozenset(shares), others=others)

    def pool(self, single: str) -> int:
        """Give the pieces of a single code that may be shown at all."""
        balance = self._look.balances.get(single, Balance())
        return max(0, balance.available - self._look.mapping.safety_stock(single))

    def _whole(self, part: Part, code: str, pieces: int) -> int:
        return target(
            pieces,
            product_safety=self._look.mapping.safety_stock(code),
            shop_safety=part.shop.safety_stock,
            cap=part.shop.cap,
            quantity_max=part.abilities.quantity_max,
        )

    # ------------------------------------------------------------------ last units

    @cached_property
    def _writing(self) -> list[Part]:
        return [part for part in self._look.parts.values() if part.writes and not self._alone(part)]

    @staticmethod
    def _alone(part: Part) -> bool:
        """Tell whether a shop shows what there is, however few they are."""
        return part.shop.last_units is LastUnits.OFF

    def _division(self, single: str) -> Mapping[Listing, int]:
        """Give each listing's units of a code that is down to its last units; empty if it is not."""
        if single not in self._divisions:
            self._divisions[single] = self._divide(single)
        return self._divisions[single]

    def _divide(self, single: str) -> Mapping[Listing, int]:
        look, pool = self._look, self.pool(single)
        setting, demand = look.mapping.last_units(single), look.demand.get(single, Demand())
        if pool > MOST or not pool or not may_be_shared(setting, demand):
            return {}
        listings = [each for each in self._listings(single) if self._may_share(look.parts[each[0]], pool)]
        fast = list({shop: look.parts[shop] for shop, _ in listings}.values())
        few = setting if isinstance(setting, int) else self._threshold(single, fast)
        if pool > few or len(fast) < 2:
            return {}
        parts = [look.parts[shop] for shop, _ in listings]
        given = lastunits.weights(parts, demand, look.habits.sales)
        claims = [
            Claim(weight, look.mapping.components(code)[single], self._most(part))
            for (_, code), part, weight in zip(listings, parts, given, strict=True)
        ]
        return dict(zip(listings, divide(pool, claims), strict=True))

    def _listings(self, single: str) -> list[Listing]:
        mapping = self._look.mapping
        return [
            (part.shop.name, code)
            for part in self._writing
            for code in (single, *mapping.sets_using(single))
            if code not in part.held_back
            and mapping.listing(part.shop.name, code) is not None
            and (part.shop.name, code) not in self._look.out
        ]

    def _threshold(self, single: str, shops: Iterable[Part]) -> int:
        demand = self._look.demand.get(single, Demand())
        return threshold(demand, list(shops), self._look.habits.seen_s)

    def _may_share(self, part: Part, pool: int) -> bool:
        own = part.shop.last_units
        return not self._is_slow(part) and not (isinstance(own, int) and pool <= own)

    def _too_few_for(self, part: Part, components: Iterable[str]) -> frozenset[str]:
        """Give what a slow shop, or one with a number of its own, shows none of any more."""
        if self._alone(part):
            return frozenset()
        return frozenset(s for s in components if 0 < self.pool(s) <= self._own_few(part, s))

    def _own_few(self, part: Part, single: str) -> int:
        own, setting = part.shop.last_units, self._look.mapping.last_units(single)
        if isinstance(own, int):
            return own
        if setting is LastUnits.OFF or not self._is_slow(part):
            return 0
        return setting if isinstance(setting, int) else self._threshold(single, [part])

    def _is_slow(self, part: Part) -> bool:
        return part.shop.name in self._slow

    @cached_property
    def _slow(self) -> frozenset[str]:
        seen_s = self._look.habits.seen_s
        return frozenset(name for name, part in self._look.parts.items() if is_slow(part, seen_s))

    @staticmethod
    def _most(part: Part) -> int:
        highest = part.abilities.quantity_max
        return highest if part.shop.cap is None else min(part.shop.cap, highest)


def few_pieces(mapping: CodeMapping, balances: Mapping[str, Balance]) -> list[str]:
    """Give the single codes whose demand must be known: those that may be down to the last units."""
    return sorted(
        single
        for single, balance in balances.items()
        if 0 < balance.available - mapping.safety_stock(single) <= MOST
    )
