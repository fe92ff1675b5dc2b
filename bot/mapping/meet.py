"""What only shows when all products are known: codes that meet, sets that do not close.

Nothing is spelt out that need not be. Two joined codes can only meet where one product's code begins
the other's, a name by a shop's rule can only be met by such another or by an exception; so what may
meet is looked up, and only that is spelt out. Products of an earlier good commit are compared with
those that were read now, never with one another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from bot.mapping.accepted import longest_code, surely_accepts
from bot.mapping.alike import alike, goes_on, spells_twice
from bot.mapping.codes import MAX_CODE, CodeRule, check_for_mall
from bot.mapping.fields import nearest
from bot.mapping.load import Text
from bot.mapping.model import Product, Shop, Variant
from bot.mapping.products import Entry
from bot.mapping.rules import JOINER, Rank, spelling
from bot.mapping.stock import Stock

MAX_NESTING = 10
_FEW = 10_000  # codes that are spelt out to find the one that was meant


class _Use(NamedTuple):
    """A variant that a code or a mall code belongs to; they sort as they stand in the files."""

    rank: Rank
    place: tuple[int, ...]
    entry: Entry
    variant: Variant


def _uses(entry: Entry, variants: Iterable[Variant]) -> Iterator[_Use]:
    for variant in variants:
        chosen = zip(entry.product.axes, variant.values, strict=True)
        yield _Use(entry.rank, tuple(axis.values.index(value) for axis, value in chosen), entry, variant)


def _in_order(uses: Iterable[_Use]) -> list[_Use]:
    return sorted(uses, key=lambda use: (use.rank, use.place))


def _note_twice(entry: Entry, first: Entry, code: str, key: str) -> None:
    entry.notes.error(
        entry.code,
        key,
        code=code,
        file=first.notes.file,
        first_line=first.code.line,
        other=first.product.code,
    )


def suspects(stock: Stock, joiner: str) -> list[Entry]:
    """Give the products that may spell a code twice, alone or with another: no two others can."""
    found: dict[Rank, Entry] = {}
    for entry in stock.fresh:
        if spells_twice(entry.product, joiner):
            found[entry.rank] = entry
        for other in _alike(stock, entry, joiner):
            found[entry.rank], found[other.rank] = entry, other
    return [found[rank] for rank in sorted(found)]


def _alike(stock: Stock, entry: Entry, joiner: str) -> Iterator[Entry]:
    product = entry.product
    for other in stock.starting(product.code):
        if other.rank != entry.rank and (
            other.product.code == product.code or alike(other.product, product, joiner)
        ):
            yield other
    for code in stock.standing.codes_after(product.code + joiner) if product.axes else ():
        if goes_on(product, code[len(product.code) :], joiner):
            yield from (
                other for other in stock.standing.starting(code) if alike(product, other.product, joiner)
            )


# --------------------------------------------------------------------------- codes


def check_codes(stock: Stock) -> None:
    """Note codes that two entries share, and those that are too long."""
    for first, *others in _doubled(stock):
        for entry in others:
            _note_twice(entry, first, entry.product.code, "code_duplicate")
    found = [each for code in sorted(_ambiguous(stock)) for each in _sharing(stock, code)]
    found += _too_long(stock)
    for use, owner in sorted(found, key=lambda each: each[0][:2]):
        code = use.variant.code
        if owner is not None:
            _note_twice(use.entry, owner, code, "code_ambiguous")
        else:
            use.entry.notes.error(use.entry.code, "code_too_long", code=code[:40] + "…", limit=MAX_CODE)


def _doubled(stock: Stock) -> Iterator[list[Entry]]:
    for code in dict.fromkeys(entry.product.code for entry in stock.fresh):
        if len(entries := stock.coded(code)) > 1:
            yield entries


def _is_first(stock: Stock, entry: Entry) -> bool:
    return stock.coded(entry.product.code)[0].rank == entry.rank


def _ambiguous(stock: Stock) -> set[str]:
    """Give the codes that may be shared."""
    seen: set[str] = set()
    found: set[str] = set()
    for entry in suspects(stock, JOINER):
        for variant in entry.product.variants():
            (found if variant.code in seen else seen).add(variant.code)
    for entry in stock.fresh:
        if entry.product.axes:
            found.add(entry.product.code)  # of a parent: it may be a variant's too
            after = stock.standing.codes_after(entry.product.code + JOINER)
            found.update(code for code in after if any(spelling(entry.product, code, JOINER)))
    return found


def _sharing(stock: Stock, code: str) -> Iterator[tuple[_Use, Entry | None]]:
    """Give the uses of a code that are one too many, each with the entry that has it first."""
    uses = _uses_of(stock, code)
    first = next(iter(stock.coded(code)), None)
    if first is None and uses:
        first = uses.pop(0).entry
    return ((use, first) for use in uses if use.variant.values and len(code) <= MAX_CODE)


def _uses_of(stock: Stock, code: str) -> list[_Use]:
    entries = [entry for entry in stock.starting(code) if _is_first(stock, entry)]
    return _in_order(use for entry in entries for use in _uses(entry, spelling(entry.product, code, JOINER)))


def _too_long(stock: Stock) -> Iterator[tuple[_Use, Entry | None]]:
    for entry in stock.fresh:
        if longest_code(entry.product, JOINER) > MAX_CODE and _is_first(stock, entry):
            long = (variant for variant in entry.product.variants() if len(variant.code) > MAX_CODE)
            yield from ((use, None) for use in _uses(entry, long))


# --------------------------------------------------------------------------- mall codes


class _Wrong(NamedTuple):
    """A use of a mall code that is one too many (``first`` is the first), or that the mall would refuse."""

    use: _Use
    number: int  # of the shop
    shop: Shop
    mall_code: str
    first: _Use | None = None


def check_listings(stock: Stock, shops: Iterable[Shop], rules: Mapping[str, CodeRule]) -> None:
    """Note mall codes that two codes share on one shop, and joined ones the mall would refuse."""
    shops = tuple(shops)
    doubtful = {joiner: suspects(stock, joiner) for joiner in {shop.joiner for shop in shops} - {JOINER}}
    found: list[_Wrong] = []
    for number, shop in enumerate(shops):
        shared = _shared(stock, number, shop, doubtful.get(shop.joiner, ()))
        found += shared
        if shop.mall in rules:
            taken = {wrong.use[:2] for wrong in shared}
            refused = _refused(stock, number, shop, rules[shop.mall])
            found += (wrong for wrong in refused if wrong.use[:2] not in taken)
    for wrong in sorted(found, key=lambda wrong: (*wrong.use[:2], wrong.number)):
        if wrong.first is not None:
            _note_shared(wrong, wrong.first)
        else:
            code = wrong.use.entry.code
            place = Text(code.line, code.column, wrong.mall_code)
            check_for_mall(wrong.use.entry.notes, place, wrong.shop.name, rules[wrong.shop.mall])


def _shared(stock: Stock, number: int, shop: Shop, doubtful: Iterable[Entry]) -> list[_Wrong]:
    found = []
    for mall_code in sorted(_candidates(stock, shop, doubtful)):
        uses = _uses_on(stock, shop, mall_code)
        others = (use for use in uses[1:] if use.variant.code != uses[0].variant.code)
        found += [_Wrong(use, number, shop, mall_code, uses[0]) for use in others]
    return found


def _candidates(stock: Stock, shop: Shop, doubtful: Iterable[Entry]) -> set[str]:
    """Give the mall codes of a shop that may be shared."""
    seen: set[str] = set()
    found: set[str] = set()
    for entry in doubtful:
        for _, mall_code in entry.product.linked(shop):
            (found if mall_code in seen else seen).add(mall_code)
    found.update(stock.doubtful_names(shop.name))
    for entry in stock.fresh if stock.standing.count() else ():
        if entry.product.listed_on(shop.name):
            found.update(_named_by_rule(stock, shop, entry.product))
    return found


def _named_by_rule(stock: Stock, shop: Shop, product: Product) -> Iterator[str]:
    """Give the names by rule of a product that standing exceptions give too."""
    if not product.axes:
        yield from [product.code] if stock.standing.named(shop.name, product.code) else ()
        return
    for name in stock.standing.names_after(shop.name, product.code + shop.joiner):
        if any(spelling(product, name, shop.joiner)):
            yield name


def _uses_on(stock: Stock, shop: Shop, mall_code: str) -> list[_Use]:
    """Give every variant that a shop calls by one name, in order."""
    uses: dict[tuple[object, ...], _Use] = {}
    for entry, code in stock.named(shop.name, mall_code):
        uses |= {use[:2]: use for use in _uses(entry, spelling(entry.product, code, JOINER))}
    for entry in stock.starting(mall_code):
        for use in _uses(entry, spelling(entry.product, mall_code, shop.joiner)):
            if entry.product.mall_code(use.variant, shop) == mall_code:
                uses[use[:2]] = use
    return _in_order(uses.values())


def _refused(stock: Stock, number: int, shop: Shop, rule: CodeRule) -> Iterator[_Wrong]:
    """Give what the shop's rule calls a variant, where the mall would refuse it."""
    for entry in stock.fresh:
        product = entry.product
        exceptions = product.listings.get(shop.name, {})
        if exceptions is None or len(exceptions) == product.count:
            continue  # none is called by the rule
        if surely_accepts(rule, product, shop.joiner):
            continue
        for use in _uses(entry, product.variants()):
            mall_code = product.mall_code(use.variant, shop)
            if use.variant.code not in exceptions and mall_code and not rule.accepts(mall_code):
                yield _Wrong(use, number, shop, mall_code)


def _note_shared(wrong: _Wrong, first: _Use) -> None:
    use, shop = wrong.use, wrong.shop.name
    place = first.entry.marks.get((shop, first.variant.code), first.entry.code)
    use.entry.notes.error(
        use.entry.marks.get((shop, use.variant.code), use.entry.code),
        "mall_code_twice",
        mall_code=wrong.mall_code,
        shop=shop,
        code=use.variant.code,
        other=first.variant.code,
        file=first.entry.notes.file,
        first_line=place.line,
    )


# --------------------------------------------------------------------------- sets


def check_sets(stock: Stock) -> None:
    """Note components that are not there, and sets that hold themselves."""
    sellable = _Sellable(stock)
    touched = {entry.rank: entry for entry in stock.fresh if entry.product.parts}
    for code in {entry.product.code for entry in stock.fresh} | set(stock.standing.gone()):
        touched |= {entry.rank: entry for entry in stock.standing.holding(code)}
    for rank in sorted(touched):
        _check_parts(touched[rank], sellable)
    _check_nesting(stock, sellable, touched)


def _check_parts(entry: Entry, sellable: _Sellable) -> None:
    for part, mark in entry.parts.items():
        if sellable.get(part) is not None:
            continue
        if sellable.is_parent(part):
            entry.notes.error(mark, "component_has_axes", code=part)
        else:
            entry.notes.error(mark, "unknown_component", code=part, meant=sellable.nearest(part))


def _check_nesting(stock: Stock, sellable: _Sellable, touched: Mapping[Rank, Entry]) -> None:
    """Walk the sets that what is touched is in; all of them, in order, only to tell what is wrong."""
    above, waiting = dict(touched), [entry.product.code for entry in touched.values()]
    while waiting:
        code = waiting.pop()
        for entry in stock.standing.holding(code):
            if entry.rank not in above and code in entry.parts:
                above[entry.rank] = entry
                waiting.append(entry.product.code)
    walk = _Walk(sellable, [above[rank] for rank in sorted(above)])
    if walk.found and stock.standing.count():
        walk = _Walk(sellable, stock.entries())
    for entry, mark, key, params in walk.found:
        entry.notes.error(mark, key, **params)


class _Sellable:
    """The entry that a sellable code belongs to; of several that claim it, the one that is not in error."""

    def __init__(self, stock: Stock) -> None:
        self._stock = stock
        self._known: dict[str, Entry | None] = {}

    def get(self, code: str) -> Entry | None:
        """Give the entry; None where the code is not there."""
        if code not in self._known:
            self._known[code] = self._find(code)
        return self._known[code]

    def _find(self, code: str) -> Entry | None:
        named = next(iter(self._stock.coded(code)), None)
        if named is not None:
            return None if named.product.axes else named
        uses = _uses_of(self._stock, code) if len(code) <= MAX_CODE else []
        return uses[0].entry if uses else None

    def is_parent(self, code: str) -> bool:
        """Tell whether the code is that of a product with axes."""
        return any(entry.product.axes for entry in self._stock.coded(code))

    def nearest(self, code: str) -> str:
        """Give the sellable code that was probably meant; "" where there are too many to look."""
        return nearest(code, self._codes) if self._stock.count() <= _FEW else ""

    @cached_property
    def _codes(self) -> set[str]:
        entries = [entry for entry in self._stock.entries() if _is_first(self._stock, entry)]
        known = {variant.code for entry in entries for variant in entry.product.variants()}
        return {code for code in known if self.get(code)}


class _Walk:
    """Goes through each set once, so that a wide and deep catalogue costs no more than its size."""

    def __init__(self, sellable: _Sellable, entries: Iterable[Entry]) -> None:
        self.found: list[tuple[Entry, Text, str, dict[str, str | int]]] = []
        self._sellable = sellable
        self._heights: dict[str, int] = {}
        for entry in entries:
            if entry.parts:
                self._visit(entry.product.code, ())

    def _visit(self, code: str, trail: tuple[str, ...]) -> int:
        """Give how many sets are nested in ``code``; notes a loop at the set that closes it."""
        if code in self._heights:
            return self._heights[code]
        entry = self._sellable.get(code)
        if entry is None or not entry.parts:
            return 0
        if code in trail:
            self._note_loop(trail, code)
            return 0
        if len(trail) > MAX_NESTING:
            return 1
        height = 1 + max(self._visit(part, (*trail, code)) for part in entry.parts)
        self._heights[code] = height
        if height > MAX_NESTING:
            self.found.append((entry, entry.code, "set_too_deep", {"code": code, "limit": MAX_NESTING}))
        return height

    def _note_loop(self, trail: tuple[str, ...], code: str) -> None:
        last = self._sellable.get(trail[-1])
        if last is not None:
            way = " -> ".join((*trail[trail.index(code) :], code))
            self.found.append((last, last.parts[code], "set_loop", {"way": way}))
