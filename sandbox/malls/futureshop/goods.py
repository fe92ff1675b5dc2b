"""Products, their SKUs by axis numbers, and the stock of each (spec 3.1, 3.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.catalogue import Good
from sandbox.changes import Changes

Pair = tuple[str, str]
"""(horizontalNo, verticalNo) within a product; ``""`` where the axis is not used."""
Key = tuple[str, str, str]
"""(productNo, horizontalNo, verticalNo): the key of a unit of stock."""

REGULAR, PREORDER = "regular", "preorder"
SINGLE: Pair = ("", "")
COUNT_MAX = 999_999_999


@dataclass
class Product:
    """One product. ``shelves``: its stock by kind: regular, preorder, or the date of an arrival.

    ``choices`` names the chosen values of each pair, ``jan_codes`` its JAN code.
    """

    number: int
    product_no: str
    url_code: str
    name: str
    created: datetime
    updated: datetime
    managed: bool = True
    visible: bool = True
    price: int = 1980
    choices: dict[Pair, Pair] = field(default_factory=dict)
    jan_codes: dict[Pair, str] = field(default_factory=dict)
    shelves: dict[str, dict[Pair, int]] = field(default_factory=lambda: {REGULAR: {}})

    def key(self, pair: Pair) -> Key:
        """Give the whole key of one of its SKUs."""
        return self.product_no, *pair

    def name_of(self, pair: Pair) -> str:
        """Give the name with the chosen values, as a person tells SKUs apart."""
        return " ".join(word for word in (self.name, *self.choices.get(pair, pair)) if word)


def sku_no(key: Key) -> str:
    """Join a key into ``skuNo``: nothing stands between the parts (spec 3.3)."""
    return "".join(key)


class Goods:
    """All products of the shop, found by number or by the merchant's code, which is the skuNo."""

    def __init__(self) -> None:
        self.products: dict[str, Product] = {}
        self.changes = Changes()
        self._numbered = 0

    def live(self) -> Iterator[tuple[Product, Pair]]:
        """Give every SKU."""
        for product in self.products.values():
            yield from ((product, pair) for pair in product.shelves[REGULAR])

    def codes(self) -> dict[str, Key]:
        """Give every SKU by its skuNo; a second one with the same skuNo as ``productNo/h/v``."""
        found: dict[str, Key] = {}
        for product, pair in self.live():
            key = product.key(pair)
            found["/".join(key) if sku_no(key) in found else sku_no(key)] = key
        return found

    def key(self, code: str) -> Key:
        """Give the key of the SKU with this code.

        Raises:
            ValueError: nobody sells it.
        """
        keys = (product.key(pair) for product, pair in self.live())
        if key := next((key for key in keys if sku_no(key) == code), None) or self.codes().get(code):
            return key
        raise ValueError(f"no listing has the code {code!r}")

    def find(self, code: str) -> tuple[Product, Pair]:
        """Find a SKU by its code, as ``key`` does."""
        product_no, *pair = self.key(code)
        return self.products[product_no], (pair[0], pair[1])

    def quantity(self, key: Key) -> int:
        """Give what buyers may buy; 0 for a SKU that is not there."""
        product = self.products.get(key[0])
        return product.shelves[REGULAR].get(key[1:], 0) if product else 0

    def set(self, key: Key, quantity: int, now: datetime) -> None:
        """Set a number by hand at the mall."""
        product = self.products[key[0]]
        product.shelves[REGULAR][key[1:]] = quantity
        product.updated = now
        self.changes.note(key, quantity, now)

    def move(self, key: Key, delta: int, now: datetime) -> None:
        """Take a sale off or put a return back; a product without stock management has no number."""
        product = self.products.get(key[0])
        if product and product.managed and key[1:] in product.shelves[REGULAR]:
            self.set(key, max(0, self.quantity(key) + delta), now)

    def list_good(self, good: Good, now: datetime, *, numbered_url: bool = False) -> Key:
        """Register one unit of the catalogue: its branch numbers begin with the hyphen (spec 3.3)."""
        across, down, *_rest = (*(value for _axis, value in good.choices), "", "")
        pair = (f"-{across}" if across else "", f"-{down}" if down else "")
        product = self.products.get(good.parent)
        if product is None:
            product = self.open_page(good.parent, good.name, now, numbered_url=numbered_url)
        return self.add_sku(product, pair, good.quantity, (across, down))

    def open_page(self, product_no: str, name: str, now: datetime, *, numbered_url: bool) -> Product:
        """Register a product without any SKU."""
        self._numbered += 1
        url_code = f"{self._numbered:012d}" if numbered_url else product_no
        product = Product(self._numbered, product_no, url_code, name, now, now)
        self.products[product_no] = product
        return product

    def add_sku(self, product: Product, pair: Pair, quantity: int, named: Pair = SINGLE) -> Key:
        """Register a SKU of a product.

        Raises:
            ValueError: it is there, or a plain product would have axes as well.
        """
        shelf = product.shelves[REGULAR]
        if pair in shelf or (shelf and SINGLE in (pair, *shelf)):
            raise ValueError(f"{product.product_no} has SKUs that {pair} cannot stand beside")
        if any(len(number.encode()) > 9 for number in pair) or len(product.product_no.encode()) > 32:
            raise ValueError("a branch number has 9 bytes at most, a product number 32")
        shelf[pair] = quantity
        product.choices[pair] = named
        return product.key(pair)
