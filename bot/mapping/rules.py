"""Finds codes by the products' own rules: what is kept grows with products and exceptions, not codes.

A joined code is never cut at its joiner, as values may hold one too: a product is found whose code
begins it, then the values of its axes in turn. That at most one answer is right, the check sees to.
"""

from __future__ import annotations

import math
from collections import abc
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.mapping.model import Axis, Product, Shop, Variant

JOINER = "-"
"""Stands between code and axis values in the merchant's own codes."""

Found = tuple["Product", "Variant"]


class Rules:
    """The way from a text back to the product and the variant that it names."""

    def __init__(self, products: abc.Sequence[Product]) -> None:
        self._products = products
        self._named: dict[str, dict[str, str]] = {}

    def find(self, code: str) -> Found | None:
        """Find a sellable code."""
        return next(self._matches(code, JOINER), None)

    def find_listed(self, shop: Shop, mall_code: str) -> str | None:
        """Find the code that ``shop`` calls by a name: an exception first, else by the shop's rule."""
        if code := self._exceptions(shop.name).get(mall_code):
            return code
        named = (
            variant.code
            for product, variant in self._matches(mall_code, shop.joiner)
            if product.mall_code(variant, shop) == mall_code
        )
        return next(named, None)

    def _matches(self, text: str, joiner: str) -> abc.Iterator[Found]:
        for length in self._lengths:
            product = self._by_code.get(text[:length]) if length <= len(text) else None
            if product is not None:
                for values in _chosen(product.axes, text, length, joiner):
                    yield product, product.variant(values)

    @cached_property
    def _by_code(self) -> dict[str, Product]:
        return {product.code: product for product in self._products}

    @cached_property
    def _lengths(self) -> list[int]:
        return sorted({len(code) for code in self._by_code})

    def _exceptions(self, shop: str) -> dict[str, str]:
        if shop not in self._named:
            self._named[shop] = {
                mall_code: code
                for product in self._products
                for code, mall_code in (product.listings.get(shop) or {}).items()
                if mall_code is not None
            }
        return self._named[shop]


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

    def __init__(self, products: abc.Sequence[Product], rules: Rules) -> None:
        self._products = products
        self._rules = rules

    def __iter__(self) -> abc.Iterator[str]:
        return (variant.code for product in self._products for variant in product.variants())

    def __contains__(self, code: object) -> bool:
        return isinstance(code, str) and self._rules.find(code) is not None

    def __len__(self) -> int:
        return sum(map(_count, self._products))


class Listings(abc.Mapping[str, str]):
    """Code -> mall code of everything that a shop lists; named when it is asked for."""

    def __init__(self, products: abc.Sequence[Product], rules: Rules, shop: Shop) -> None:
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
        for product in self._products:
            if product.listed_on(self._shop.name):
                for variant in product.variants():
                    if (mall_code := product.mall_code(variant, self._shop)) is not None:
                        yield variant.code, mall_code

    @cached_property
    def _count(self) -> int:
        name = self._shop.name
        return sum(_linked(product, name) for product in self._products if product.listed_on(name))


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


def _count(product: Product) -> int:
    return math.prod(len(axis.values) for axis in product.axes)


def _linked(product: Product, shop: str) -> int:
    exceptions = product.listings.get(shop) or {}
    return _count(product) - sum(mall_code is None for mall_code in exceptions.values())
