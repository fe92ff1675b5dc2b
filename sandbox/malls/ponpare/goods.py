"""What the shop lists: products with one stock number, and products with one for each SKU."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from sandbox.catalogue import Good

Kind = Literal["unmanaged", "plain", "sku"]
KINDS: tuple[Kind, ...] = ("unmanaged", "plain", "sku")
QUANTITY_MAX = 9_999_999
_WORDS = {"red": "赤", "blue": "青", "s": "S", "m": "M", "l": "L"}


@dataclass
class Sku:
    """One cell of a product's SKU table, named by the ids of its row and column (spec 2.2)."""

    horizontal: str
    horizontal_name: str
    vertical: str
    vertical_name: str
    quantity: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """The ids that name it within its product."""
        return self.horizontal, self.vertical

    @property
    def label(self) -> str:
        """What a shopper reads."""
        return " ".join(filter(None, (self.horizontal_name, self.vertical_name)))


@dataclass
class Item:
    """A product page. ``quantity`` counts only where there are no SKUs."""

    manage_id: str
    item_id: str
    name: str
    kind: Kind = "plain"
    quantity: int = 0
    axes: tuple[str, str] = ("", "")
    skus: dict[tuple[str, str], Sku] = field(default_factory=dict)


@dataclass(frozen=True)
class Cell:
    """Where one stock number lies."""

    item: Item
    sku: Sku | None = None

    @property
    def code(self) -> str:
        """The merchant's code: 商品ID, or the ids of a SKU joined without a separator (spec 2.2)."""
        return self.item.item_id if self.sku is None else self.item.manage_id + "".join(self.sku.key)

    @property
    def name(self) -> str:
        """What a shopper reads."""
        return self.item.name if self.sku is None else f"{self.item.name} {self.sku.label}".strip()

    @property
    def quantity(self) -> int:
        """The stock."""
        return (self.sku or self.item).quantity

    def set(self, quantity: int) -> None:
        """Set the stock.

        Raises:
            ValueError: the mall holds no such number.
        """
        if not 0 <= quantity <= QUANTITY_MAX:
            raise ValueError(f"{quantity} is not 0 to {QUANTITY_MAX}")
        (self.sku or self.item).quantity = quantity


class Goods:
    """Every product, by 商品管理ID."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}

    def cells(self) -> Iterator[Cell]:
        """Give every place where stock lies."""
        for item in self.items.values():
            if item.kind == "sku":
                yield from (Cell(item, sku) for sku in item.skus.values())
            else:
                yield Cell(item)

    def find(self, code: str) -> Cell:
        """Find the place of a merchant's code.

        Raises:
            ValueError: the shop lists no such code.
        """
        for cell in self.cells():
            if cell.code == code:
                return cell
        raise ValueError(f"no listing {code!r}")

    def lists(self, code: str) -> bool:
        """Say whether the shop lists this code."""
        return any(cell.code == code for cell in self.cells())

    def list_good(self, good: Good, manage_id: str = "") -> Cell:
        """List a product, or a further SKU of one; 商品管理ID is in lower case (spec 2.1)."""
        page = manage_id or good.parent.lower()
        if not good.choices:
            item = self.items[page] = Item(page, good.code, good.name, quantity=good.quantity)
            return Cell(item)
        axes = tuple(axis for axis, _value in good.choices) + ("",)
        item = self.items.setdefault(page, Item(page, good.parent, good.name, "sku", axes=(axes[0], axes[1])))
        values = [value for _axis, value in good.choices] + [""]
        ids = [f"-{value}" if value else "" for value in values]
        names = [_WORDS.get(value, value) for value in values]
        sku = Sku(ids[0], names[0], ids[1], names[1], good.quantity)
        item.skus[sku.key] = sku
        return Cell(item, sku)
