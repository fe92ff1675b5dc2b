"""The mapping with every answer looked up once: a life asks the same few codes a hundred thousand times."""

from __future__ import annotations

from collections.abc import Mapping as Table
from functools import cached_property

from bot.mapping.model import Mapping, Product


class Listed(Mapping):
    """The mapping of a small catalogue."""

    def listing(self, shop: str, code: str) -> str | None:
        """See ``bot.mapping.model``, also below."""
        table = self._tables.get(shop)
        return table.get(code) if table else None

    def listings(self, shop: str) -> Table[str, str]:
        """Give a shop's listings."""
        return self._tables[shop]

    def code_of(self, shop: str, mall_code: str) -> str | None:
        """Give the code behind a listing."""
        return self._back[shop].get(mall_code)

    def product_of(self, code: str) -> Product | None:
        """Give a code's entry."""
        return self._entries.get(code)

    def components(self, code: str) -> Table[str, int]:
        """Give what a code is made of."""
        if code not in self._parts:
            self._parts[code] = super().components(code)
        return self._parts[code]

    @cached_property
    def _parts(self) -> dict[str, Table[str, int]]:
        return {}

    @cached_property
    def _entries(self) -> dict[str, Product]:
        return {product.code: product for product in self.products}

    @cached_property
    def _tables(self) -> dict[str, dict[str, str]]:
        return {shop: dict(super(Listed, self).listings(shop)) for shop in self.shops}

    @cached_property
    def _back(self) -> dict[str, dict[str, str]]:
        return {
            shop: {mall_code: code for code, mall_code in table.items()}
            for shop, table in self._tables.items()
        }
