"""A shop's product list, and what moved in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from adapters.contract import Address, Clock, Product
from bot.mapping.model import Mapping as CodeMapping
from bot.sync.desk import Desk
from bot.sync.plan import batches
from bot.sync.ports import Books
from bot.sync.values import Why

CODES_A_PART = 1_000
"""So many in one transaction: orders wait for it. A first list names a whole catalogue."""


@dataclass(frozen=True)
class Listed:
    """What came of reading a product list: so many products, and so many in the snapshot before.

    ``taken`` False: they are so few that the list may be cut short; the snapshot before stays.
    """

    count: int
    before: int
    taken: bool = True


def is_cut_short(count: int, before: int, least_percent: float) -> bool:
    """Tell whether a list is empty, or so much shorter than the last one that half of it may be missing."""
    return count == 0 < before or count * 100 < before * least_percent


class ProductLists:
    """Reads product lists into the snapshot; holds no state of its own."""

    def __init__(
        self, books: Books, mapping: Callable[[], CodeMapping], clock: Clock, least_percent: float
    ) -> None:
        self._books = books
        self._mapping = mapping
        self._clock = clock
        self._least_percent = least_percent

    def import_products(self, desk: Desk, *, accept: bool = False) -> Listed:
        """Read the shop's product list into the snapshot, unless it seems cut short.

        A code that lies elsewhere than before is not known to show anything there, and waits.

        Args:
            accept: take it however short it is: a person has looked.
        """
        if not desk.abilities.products.able:
            return Listed(0, 0)
        products, name = desk.adapter.read_products(), desk.shop.name
        count, before = len(products), self._books.product_count(name)
        if not accept and self.is_cut_short(count, before):
            return Listed(count, before, taken=False)
        moved = [] if desk.abilities.address_is_code else self._moved(desk, products)
        since = self._books.cursor(name) or self._clock.now()
        for part in batches(moved, CODES_A_PART):  # first: after a crash the list is read again
            with self._books.transaction() as books:
                for code in part:
                    books.predict(name, code, None)
                books.mark_many(name, part, Why.MAPPING, since)
        self._books.replace_products(name, products, self._clock.now())
        return Listed(count, before)

    def is_cut_short(self, count: int, before: int) -> bool:
        """Tell whether a list is so much shorter than the one before that a part may be missing."""
        return is_cut_short(count, before, self._least_percent)

    def _moved(self, desk: Desk, products: Iterable[Product]) -> list[str]:
        listings = self._mapping().listings(desk.shop.name)
        before = {
            code: set(at) for code, at in self._books.addresses(desk.shop.name, listings.values()).items()
        }
        found: dict[str, set[Address]] = {}
        for product in products:
            found.setdefault(product.mall_code, set()).add(product.address)
        return [code for code, at in listings.items() if at in found and found[at] != before.get(at)]
