"""The product files that a person downloaded from the mall's screen: what may be written, and where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from adapters.contract import Address, Product
from adapters.errors import ConfigError, UnexpectedReplyError
from adapters.files import Column, read_table
from adapters.ponpare import wire

AMBIGUOUS = "code on several products"
NO_CODE = "no 商品ID"
NOT_ORDINARY = "not ordinary stock"
_SKU = "s"  # 選択肢タイプ. Source: a working client; other rows are purchase options


@dataclass(frozen=True)
class Item:
    """One product of item.csv."""

    code: str
    name: str
    stock_type: str


@dataclass(frozen=True)
class Goods:
    """The products and SKU rows of the downloaded files, by address."""

    items: Mapping[Address, Item]
    skus: Mapping[Address, Mapping[str, str]]
    stock_type: str  # the value of 在庫タイプ that means ordinary stock

    def fault_of(self, address: Address) -> str:
        """Say why nothing may be written at an address, or "".

        A plain product that the file lacks may be a newer one; the mall will say. A SKU's row must be
        known, as it is sent whole.
        """
        if len(address) > 1:
            return "" if address in self.skus else "this SKU is not in the downloaded option.csv"
        if address in self._parents:
            return "the product has SKUs, and stock belongs to them"
        return self._type_fault(self.items.get(address))

    def _type_fault(self, item: Item | None) -> str:
        if item is None or item.stock_type in ("", self.stock_type):
            return ""
        return f"{NOT_ORDINARY}: 在庫タイプ {item.stock_type} in the downloaded item.csv"

    def products(self) -> list[Product]:
        """Give the sellable units; a code that cannot be told is "", with a note."""
        found = [*self._plain(), *self._skus()]
        times = Counter(product.mall_code for product in found)
        return [
            replace(product, mall_code="", note=f"{AMBIGUOUS}: {product.mall_code}")
            if product.mall_code and times[product.mall_code] > 1
            else product
            for product in found
        ]

    @cached_property
    def _parents(self) -> Collection[Address]:
        return frozenset(address[:1] for address in self.skus)

    def _plain(self) -> Iterator[Product]:
        for address, item in self.items.items():
            if address in self._parents:
                continue
            note = self._type_fault(item) or ("" if item.code else NO_CODE)
            yield Product("" if note else item.code, address, item.name, note=note)

    def _skus(self) -> Iterator[Product]:
        for address, row in self.skus.items():
            # The mall's SKUs have no code of their own; a client compares the three, joined, with its code.
            item = self.items.get(address[:1])
            names = (item.name if item else "", row[wire.ACROSS_NAME], row[wire.DOWN_NAME])
            yield Product("".join(address), address, " ".join(name for name in names if name))


def read_goods(item_file: str, option_file: str, stock_type: str) -> Goods:
    """Read the downloaded files.

    Raises:
        ConfigError: neither is named, or one is not there or is no such file.
    """
    if not item_file and not option_file:
        raise ConfigError("item_file, option_file: download item.csv or option.csv and name it")
    return Goods(_items(item_file), _skus(option_file), stock_type)


def _items(path: str) -> dict[Address, Item]:
    optional = (wire.MANAGE_ID, wire.ITEM_ID, wire.NAME, wire.STOCK_TYPE)
    columns = {name: wire.column(name, needed=False) for name in optional}
    found: dict[Address, Item] = {}
    for row in _rows(path, "item.csv", columns):
        # Where 商品管理ID is not known it is taken to be 商品ID in lower case.
        if manage_id := (row[wire.MANAGE_ID] or row[wire.ITEM_ID]).lower():
            found[(manage_id,)] = Item(row[wire.ITEM_ID], row[wire.NAME], row[wire.STOCK_TYPE].strip())
    return found


def _skus(path: str) -> dict[Address, Mapping[str, str]]:
    columns = {name: wire.column(name, needed=name != wire.CONTROL) for name in wire.OPTION_HEADER}
    found: dict[Address, Mapping[str, str]] = {}
    for row in _rows(path, "option.csv", columns):
        if row[wire.CHOICE_TYPE].strip().lower() == _SKU:
            address = wire.folded((row[wire.MANAGE_ID], row[wire.ACROSS], row[wire.DOWN]))
            found[address] = row | {wire.MANAGE_ID: address[0]}
    return found


def _rows(path: str, kind: str, columns: Mapping[str, Column]) -> Sequence[dict[str, str]]:
    if not path:
        return []
    try:
        rows = read_table(kind, wire.told_apart(Path(path).read_bytes()), columns)
    except (OSError, UnexpectedReplyError) as error:
        raise ConfigError(f"{path}: cannot be used as {kind} ({error})") from error
    if rows and not any(row[name] for row in rows for name in (wire.MANAGE_ID, wire.ITEM_ID) if name in row):
        raise ConfigError(f"{path}: cannot be used as {kind} (no {wire.MANAGE_ID} in it)")
    return rows
