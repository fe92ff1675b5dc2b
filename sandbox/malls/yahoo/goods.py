"""What the store lists: items, and their 個別商品コード where they have choices (spec 6)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sandbox.catalogue import Good

Pair = tuple[str, str]
"""商品コード and 個別商品コード, the latter empty without choices: the key of one stock (spec 5.3)."""

CODE = re.compile(r"[A-Za-z0-9-]{1,99}")
PRICE = 1000


@dataclass
class Item:
    """One item; ``choices`` holds its variants by 個別商品コード."""

    code: str
    name: str
    price: int = PRICE
    choices: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    published: bool = True
    cross_listed: bool = False  # sold on Yahoo!オークション too, at a fixed price, from the same stock

    def pairs(self) -> list[Pair]:
        """Give the stock keys of the item."""
        return [(self.code, sub) for sub in self.choices] or [(self.code, "")]


class Goods:
    """All items of the store, by 商品コード."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}

    def list_good(self, good: Good) -> Pair:
        """List a good, with choices or a parent of its own as a variant.

        Raises:
            ValueError: a code that the mall does not take, or one that is listed already.
        """
        has_variants = good.parent != good.code
        for code in (good.parent, good.code):
            if not CODE.fullmatch(code):
                raise ValueError(f"{code!r} is no code: half-width letters, digits and hyphens, 99 at most")
        pair = (good.parent, good.code if has_variants else "")
        if self.knows(pair):
            raise ValueError(f"{good.code!r} is listed already")
        item = self.items.setdefault(good.parent, Item(good.parent, good.name))
        if has_variants:
            item.choices[good.code] = good.choices or (("種類", good.name),)
        return pair

    def knows(self, pair: Pair) -> bool:
        """Say whether an item has this stock."""
        item = self.items.get(pair[0])
        return item is not None and pair in item.pairs()

    def pair(self, code: str) -> Pair:
        """Find a listing by ``item:sub``, by its 個別商品コード, or by its 商品コード without choices.

        Raises:
            ValueError: nothing is listed under this code.
        """
        item, _, sub = code.partition(":")
        for pair in self.pairs():
            if pair == (item, sub) or (
                not sub and code in (pair[1], pair[0]) and code == merchant_code(pair)
            ):
                return pair
        raise ValueError(f"nothing is listed as {code!r}")

    def pairs(self) -> list[Pair]:
        """Give every stock key of the store."""
        return [pair for item in self.items.values() for pair in item.pairs()]

    def name_of(self, pair: Pair) -> str:
        """Give the name that a person reads."""
        item = self.items[pair[0]]
        choices = " ".join(value for _axis, value in item.choices.get(pair[1], ()))
        return f"{item.name} {choices}".strip()


def merchant_code(pair: Pair) -> str:
    """Give the merchant's own code: 個別商品コード, or 商品コード without choices."""
    return pair[1] or pair[0]


def native_code(pair: Pair) -> str:
    """Give the code as the stock API writes it."""
    return ":".join(pair) if pair[1] else pair[0]
