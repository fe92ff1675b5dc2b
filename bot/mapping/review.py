"""What a pull request would do to the shops: listings, numbers, old listings. Values and rules, pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.mapping.diff import MappingDiff
from bot.mapping.model import Mapping as CodeMapping
from bot.mapping.model import OnUnlink, Product, Shop, ShopStatus
from bot.mapping.problem import Level, Problem

MOST_ROWS = 100
MOST_LEFT = 40

_MISSING = ("listing_missing", "listing_case", "listing_differs")


@dataclass(frozen=True)
class Place:
    """One code on one shop, under the mapping in force and under the proposed one.

    Args:
        before, after: what the shop calls it; None where it does not list it.
        shows: what stands there now, as far as anybody knows; of ``before``.
        written: whether a number of ours was ever written to ``before``, and is not gone there.
        there: what stands at ``after`` now, where that is another listing.
        should, then: what it should show under the one and the other; None: its stock is not known.
        held: nothing goes out there: the shop's list does not hold ``after`` at just one place.
    """

    shop: str
    code: str
    before: str | None
    after: str | None
    shows: int | None = None
    written: bool = False
    there: int | None = None
    should: int | None = None
    then: int | None = None
    held: bool = False


@dataclass(frozen=True)
class Number:
    """A number that would change. ``why``: new, moved, unlinked or changed; ``shows`` None: not known."""

    shop: str
    code: str
    listing: str
    shows: int | None
    then: int
    why: str


@dataclass(frozen=True)
class Left:
    """A listing that no code goes by any more. ``zero``: it is set to 0; else it stays as it is.

    Args:
        after: what the code goes by from then on; "" where the shop lists it no more.
    """

    shop: str
    code: str
    listing: str
    zero: bool
    after: str = ""


@dataclass
class Effects:
    """Collects what would change: the first of each kind, and how many there are.

    Args:
        uncounted: listings that are new and whose stock was never counted: nothing is written there.
        held: listings whose number waits until the shop's product list holds them.
    """

    numbers: list[Number] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    number_count: int = 0
    left_count: int = 0
    uncounted: int = 0
    held: int = 0

    def add(self, place: Place, shop: Shop | None, *, taken: bool) -> None:
        """Weigh one place.

        Args:
            shop: as the proposed mapping has it; None where it is gone.
            taken: ``before`` goes by another code from then on, whose number it is to show.
        """
        if place.before is not None and place.before != place.after and not taken:
            self._leave(place, shop)
        if place.after is None or shop is None:
            return
        if place.then is None:
            self.uncounted += place.before != place.after
        elif place.held:
            self.held += place.before != place.after
        elif place.before != place.after:
            why = "new" if place.before is None else "moved"
            self._number(place, place.after, place.there, place.then, why)
        elif place.then != place.should:
            self._number(place, place.after, place.shows, place.then, "changed")

    def _leave(self, place: Place, shop: Shop | None) -> None:
        left = left_of(place, shop)
        self.left_count += 1
        if len(self.left) < MOST_LEFT:
            self.left.append(left)
        if left.zero:
            why = "moved" if place.after is not None else "unlinked"
            self._number(place, left.listing, place.shows, 0, why)

    def _number(self, place: Place, listing: str, shows: int | None, then: int, why: str) -> None:
        if shows == then:
            return
        self.number_count += 1
        if len(self.numbers) < MOST_ROWS:
            self.numbers.append(Number(place.shop, place.code, listing, shows, then, why))


def left_of(place: Place, shop: Shop | None) -> Left:
    """Tell what becomes of the listing that a place leaves."""
    active = shop is not None and shop.status is ShopStatus.ACTIVE and shop.on_unlink is OnUnlink.ZERO
    return Left(place.shop, place.code, place.before or "", active and place.written, place.after or "")


@dataclass(frozen=True)
class ShopList:
    """What a shop's product list says of the listings that the mapping names.

    Args:
        missing: codes whose listing is not in it, or is there under a name that differs a little.
        unknown: so many of its listings are in no mapping.
        still: no number goes out there now: it is off, paused or blocked.
    """

    shop: str
    read_at: datetime | None
    linked: int
    missing: tuple[str, ...] = ()
    unknown: int = 0
    still: bool = False


@dataclass(frozen=True)
class Report:
    """What is said of one pull request.

    Args:
        merged: whether ``head`` was checked merged with ``base``; else they are in conflict.
        effects: None where the mapping has errors, so that nothing can be foreseen.
    """

    branch: str
    base: str
    head: str
    merged: bool
    problems: tuple[Problem, ...]
    shops: tuple[ShopList, ...] = ()
    effects: Effects | None = None

    def count(self, level: Level) -> int:
        """Count the problems of a level."""
        return sum(problem.level is level for problem in self.problems)

    @property
    def is_good(self) -> bool:
        """Whether it may be merged as far as the bot can tell."""
        return not self.count(Level.ERROR)


def shop_list(
    mapping: CodeMapping, shop: str, read_at: datetime | None, problems: Iterable[Problem], *, still: bool
) -> ShopList:
    """Sum up what the comparison with a shop's product list found."""
    own = [problem for problem in problems if problem.params.get("shop") == shop]
    missing = tuple(str(problem.params["code"]) for problem in own if problem.key in _MISSING)
    unknown = sum(problem.key == "listing_unknown" for problem in own)
    return ShopList(shop, read_at, len(mapping.listings(shop)), missing, unknown, still)


# ---------------------------------------------------------------- which codes, how much


def touched(before: CodeMapping, after: CodeMapping) -> Iterator[str]:
    """Give every code whose number one of two mappings may want otherwise, each once."""
    seen: set[str] = set()
    for code in _touched(before, after):
        if code not in seen:
            seen.add(code)
            yield code


def _touched(before: CodeMapping, after: CodeMapping) -> Iterator[str]:
    if before.shops != after.shops or before.defaults != after.defaults:
        yield from after.codes()
        yield from before.codes()
        return
    for one, other in ((after, before), (before, after)):
        for product in one.products:
            if other.entry(product.code) != product:
                for variant in product.variants():
                    yield from _sharing(one, product, variant.code)


def _sharing(mapping: CodeMapping, product: Product, code: str) -> Iterator[str]:
    """Give a code and all that draws on the same pieces."""
    yield code
    for single in mapping.components(code) if product.parts else (code,):
        yield single
        yield from mapping.sets_using(single)


@dataclass(frozen=True)
class Amount:
    """How much a new mapping changes: codes that are new and gone, listings, shops, other tables."""

    added: int
    removed: int
    listings: int
    settings: int


def amount(before: CodeMapping, after: CodeMapping, found: MappingDiff, *, team_changed: bool) -> Amount:
    """Count what a new mapping changes; a code's own listings count with the code where it is new or gone."""
    added, removed = set(found.added), set(found.removed)
    listings = sum(
        len(change.changed)
        + sum(code not in added for code in change.added)
        + sum(code not in removed for code in change.removed)
        for name, change in found.shops.items()
        if name in before.shops and name in after.shops
    )
    names = before.shops.keys() | after.shops.keys()
    settings = sum(before.shops.get(name) != after.shops.get(name) for name in names) + team_changed
    settings += before.defaults != after.defaults
    settings += (before.payments, before.deliveries) != (after.payments, after.deliveries)
    return Amount(len(added), len(removed), listings, settings + _products_set(before, after))


def _products_set(before: CodeMapping, after: CodeMapping) -> int:
    """Count the products with another safety stock, other parts, or other last units."""
    return sum(
        (old.safety_stock, old.last_units, old.parts) != (new.safety_stock, new.last_units, new.parts)
        for new in after.products
        if (old := before.entry(new.code)) is not None
    )


def left_listings(
    before: CodeMapping, after: CodeMapping, found: MappingDiff
) -> Iterator[tuple[str, str, str]]:
    """Give shop, code and listing of everything that goes by no code any more."""
    for name, change in found.shops.items():
        old: Mapping[str, str] = {code: was for code, (was, _) in change.changed.items()}
        gone = {code: was for code in change.removed if (was := before.listing(name, code)) is not None}
        for code, listing in {**old, **gone}.items():
            if name not in after.shops or after.code_of(name, listing) is None:
                yield name, code, listing
