"""Finds codes by the products' own rules: what is kept grows with products and exceptions, not codes.

A joined code is never cut at its joiner, as values may hold one too: a product is found whose code
begins it, then the values of its axes in turn. That at most one answer is right, the check sees to.
"""

from __future__ import annotations

from collections import abc
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from bot.mapping.model import Axis, Product, Shop, Variant

JOINER = "-"
"""Stands between code and axis values in the merchant's own codes."""

RECENT = 16_384  # codes that are kept with their product: a turn asks for each many times

Found = tuple["Product", "Variant"]
Rank = tuple[int, int]
"""The place of a product in the order of the files: that of its file, its own in there."""


@runtime_checkable
class Products(Protocol):
    """The products of a mapping, as the look-ups ask for them; iterated in the files' order."""

    def __iter__(self) -> abc.Iterator[Product]: ...

    def __len__(self) -> int: ...

    def starting(self, text: str) -> abc.Sequence[Product]:
        """Give the products whose code is ``text``, or begins it and has axes; the shortest first."""

    def listed_as(self, shop: str, mall_code: str) -> str | None:
        """Give the code that an exception of ``shop`` calls by a name."""

    def holding(self, code: str) -> abc.Sequence[tuple[Rank, str]]:
        """Give the sets that have ``code`` as a component, each with its place in the order."""

    def count(self) -> int:
        """Give how many codes there are."""

    def unlinked(self, shop: str) -> int:
        """Give how many of them ``shop`` does not list."""


class KeptProducts:
    """Products that are kept in memory."""

    def __init__(self, products: abc.Iterable[Product]) -> None:
        self._products = tuple(products)
        self._named: dict[str, dict[str, str]] = {}

    def __iter__(self) -> abc.Iterator[Product]:
        return iter(self._products)

    def __len__(self) -> int:
        return len(self._products)

    def starting(self, text: str) -> abc.Sequence[Product]:
        """Give the products whose code is ``text``, or begins it and has axes."""
        size, by_code = len(text), self._by_code
        found = [by_code.get(text[:length]) for length in self._lengths if length < size]
        own = by_code.get(text)
        return [product for product in (*found, own) if product and (product.axes or product is own)]

    def listed_as(self, shop: str, mall_code: str) -> str | None:
        """Give the code that an exception of ``shop`` calls by a name."""
        if shop not in self._named:
            self._named[shop] = {
                listed: code
                for product in self._products
                for code, listed in (product.listings.get(shop) or {}).items()
                if listed is not None
            }
        return self._named[shop].get(mall_code)

    def holding(self, code: str) -> abc.Sequence[tuple[Rank, str]]:
        """Give the sets that have ``code`` as a component."""
        return self._holders.get(code, ())

    def count(self) -> int:
        """Give how many codes there are."""
        return sum(product.count for product in self._products)

    def unlinked(self, shop: str) -> int:
        """Give how many of them ``shop`` does not list."""
        return sum(product.unlinked(shop) for product in self._products)

    @cached_property
    def _by_code(self) -> dict[str, Product]:
        return {product.code: product for product in self._products}

    @cached_property
    def _lengths(self) -> list[int]:
        return sorted({len(product.code) for product in self._products if product.axes})

    @cached_property
    def _holders(self) -> dict[str, list[tuple[Rank, str]]]:
        found: dict[str, list[tuple[Rank, str]]] = {}
        for place, product in enumerate(self._products):
            for part in product.parts:
                found.setdefault(part, []).append(((0, place), product.code))
        return found


class Rules:
    """The way from a text back to the product and the variant that it names."""

    def __init__(self, products: Products) -> None:
        self._products = products
        # What is kept holds on to the products and not to this: nothing outlives its last user.
        self._found = lru_cache(RECENT)(partial(_first, products))

    def find(self, code: str) -> Found | None:
        """Find a sellable code."""
        return self._found(code)

    def find_listed(self, shop: Shop, mall_code: str) -> str | None:
        """Find the code that ``shop`` calls by a name: an exception first, else by the shop's rule."""
        if code := self._products.listed_as(shop.name, mall_code):
            return code
        named = (
            variant.code
            for product, variant in _matches(self._products, mall_code, shop.joiner)
            if product.mall_code(variant, shop) == mall_code
        )
        return next(named, None)


def _first(products: Products, code: str) -> Found | None:
    return next(_matches(products, code, JOINER), None)


def _matches(products: Products, text: str, joiner: str) -> abc.Iterator[Found]:
    for product in products.starting(text):
        for variant in spelling(product, text, joiner):
            yield product, variant


def spelling(product: Product, text: str, joiner: str) -> abc.Iterator[Variant]:
    """Give the variants whose code, joined by ``joiner``, is ``text``; it begins with the product's."""
    return map(product.variant, _chosen(product.axes, text, len(product.code), joiner))


def _chosen(axes: tuple[Axis, ...], text: str, start: int, joiner: str) -> abc.Iterator[tuple[str, ...]]:
    """Give the choices, one of each axis, that spell ``text`` from ``start`` to its end."""
    if not axes:
        if start == len(text):
            yield ()
    elif text.startswith(joiner, start):
        start += len(joiner)
        for value in axes[0].standing_at(text, start):
            for others in _chosen(axes[1:], text, start + len(value), joiner):
                yield (value, *others)


class Codes(abc.Collection[str]):
    """Every sellable code, in the file's order; joined when it is asked for."""

    def __init__(self, products: Products, rules: Rules) -> None:
        self._products = products
        self._rules = rules

    def __iter__(self) -> abc.Iterator[str]:
        return (variant.code for product in self._products for variant in product.variants())

    def __contains__(self, code: object) -> bool:
        return isinstance(code, str) and self._rules.find(code) is not None

    def __len__(self) -> int:
        return self._products.count()


class Listings(abc.Mapping[str, str]):
    """Code -> mall code of everything that a shop lists; named when it is asked for."""

    def __init__(self, products: Products, rules: Rules, shop: Shop) -> None:
        self._products = products
        self._rules = rules
        self._shop = shop

    def __getitem__(self, code: str) -> str:
        found = self._rules.find(code)
        mall_code = found[0].mall_code(found[1], self._shop) if found else None
        if mall_code is None:
            raise KeyError(code)
        return mall_code

    def __iter__(self) -> abc.Iterator[str]:
        return (code for code, _ in self.pairs())

    def __len__(self) -> int:
        return self._count

    def items(self) -> abc.ItemsView[str, str]:
        """Give the pairs without a look-up for each."""
        return _Pairs(self)

    def values(self) -> abc.ValuesView[str]:
        """Give the mall codes without a look-up for each."""
        return _MallCodes(self)

    def pairs(self) -> abc.Iterator[tuple[str, str]]:
        """Go through code and mall code."""
        return (pair for product in self._products for pair in product.linked(self._shop))

    @cached_property
    def _count(self) -> int:
        return self._products.count() - self._products.unlinked(self._shop.name)


class _Pairs(abc.ItemsView[str, str]):
    def __init__(self, listings: Listings) -> None:
        super().__init__(listings)
        self._listings = listings

    def __iter__(self) -> abc.Iterator[tuple[str, str]]:
        return self._listings.pairs()


class _MallCodes(abc.ValuesView[str]):
    def __init__(self, listings: Listings) -> None:
        super().__init__(listings)
        self._listings = listings

    def __iter__(self) -> abc.Iterator[str]:
        return (mall_code for _, mall_code in self._listings.pairs())
