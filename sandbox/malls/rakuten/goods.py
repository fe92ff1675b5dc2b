"""Items and their variants as the shop registered them (spec 3.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.catalogue import Good

Pair = tuple[str, str]
"""(manage number, SKU number): the key of a stock cell on the wire."""

KEY_FORM = re.compile(r"[a-zA-Z0-9_-]{1,32}")
AXIS_KEYS = ("color-key", "size-key", "axis3-key", "axis4-key", "axis5-key", "axis6-key")
OLD_LINK_CODES = {"tee-red-m": "tee_red_m"}  # a listing from before the merchant's present codes
ITEM_NUMBER_ONLY = {"mug": "normal-inventory"}  # no link code; the SKU number of such items


@dataclass
class Variant:
    """One SKU of an item. ``restock_on_cancel`` None follows the mall's setting."""

    variant_id: str
    link_code: str = ""
    choices: dict[str, str] = field(default_factory=dict)
    restock_on_cancel: bool | None = None
    back_order: bool = False
    hidden: bool = False
    price: str = "1980"


@dataclass
class Item:
    """One product page. A deleted one is remembered until the search index forgets it."""

    manage_number: str
    title: str
    created: datetime
    updated: datetime
    item_number: str = ""
    axes: list[tuple[str, str]] = field(default_factory=list)  # (key, displayed name)
    variants: dict[str, Variant] = field(default_factory=dict)
    unlimited: bool = False
    hidden: bool = False
    lacks_attributes: bool = False
    deleted: datetime | None = None

    def code_of(self, variant: Variant) -> str:
        """Give the merchant's code of a variant: link code, else what stands in for it."""
        if variant.link_code or len(self.variants) > 1:
            return variant.link_code
        return self.item_number or self.manage_number

    def name_of(self, variant: Variant) -> str:
        """Give the title with the chosen values, as a person tells variants apart."""
        return " ".join((self.title, *variant.choices.values()))


class Goods:
    """All items of the shop, found by manage number or by the merchant's code."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self.aliases: dict[str, Pair] = {}
        self._numbered = 0

    def live(self) -> Iterator[tuple[Item, Variant]]:
        """Give every variant of every item that is not deleted."""
        for item in self.items.values():
            if item.deleted is None:
                yield from ((item, variant) for variant in item.variants.values())

    def get(self, manage_number: str) -> Item | None:
        """Give an item that is not deleted."""
        item = self.items.get(manage_number)
        return item if item and item.deleted is None else None

    def knows(self, pair: Pair) -> bool:
        """Say whether a stock cell belongs to a variant; one that does not is an orphan."""
        item = self.get(pair[0])
        return item is not None and pair[1] in item.variants

    def lists(self, code: str) -> bool:
        """Say whether something was registered under this code and is not deleted."""
        return code in self.aliases and self.knows(self.aliases[code])

    def codes(self) -> dict[str, Pair]:
        """Give every listing by the merchant's code on this mall, and by the catalogue's."""
        found = {code: pair for code, pair in self.aliases.items() if self.knows(pair)}
        live: dict[str, Pair] = {}
        for item, variant in self.live():
            live.setdefault(item.code_of(variant), (item.manage_number, variant.variant_id))
        live.pop("", None)
        return {**found, **live}

    def pair(self, code: str) -> Pair:
        """Give the key of the variant with this code.

        Raises:
            ValueError: nobody sells it.
        """
        for item, variant in self.live():
            if code and item.code_of(variant) == code:
                return item.manage_number, variant.variant_id
        if pair := self.codes().get(code):
            return pair
        raise ValueError(f"no listing has the code {code!r}")

    def find(self, code: str) -> tuple[Item, Variant]:
        """Find a variant by its code, as ``pair`` does."""
        manage_number, variant_id = self.pair(code)
        item = self.items[manage_number]
        return item, item.variants[variant_id]

    def rekey(self, code: str, variant_id: str = "") -> Pair:
        """Give a variant a new SKU number: this one, else the next of the mall's own."""
        item, variant = self.find(code)
        del item.variants[variant.variant_id]
        variant.variant_id = variant_id or self._new_variant_id()
        item.variants[variant.variant_id] = variant
        self.aliases[code] = (item.manage_number, variant.variant_id)
        return self.aliases[code]

    def list_good(self, good: Good, now: datetime) -> Pair:
        """Register one unit of the catalogue, with its product page where that is not there yet."""
        manage_number = good.parent.lower() if KEY_FORM.fullmatch(good.parent) else self._new_number()
        old = self.get(manage_number)
        item = old or self._open_page(manage_number, good, now)
        own = ITEM_NUMBER_ONLY.get(good.code, manage_number)
        variant_id = self._new_variant_id() if good.choices or old else own
        values = [value for _name, value in good.choices] or [good.code] * len(item.axes)
        choices = {key: value for (key, _name), value in zip(item.axes, values, strict=True)}
        link_code = "" if good.code in ITEM_NUMBER_ONLY else OLD_LINK_CODES.get(good.code, good.code)
        item.variants[variant_id] = Variant(variant_id, link_code, choices)
        item.updated = now
        self.aliases[good.code] = (manage_number, variant_id)
        return manage_number, variant_id

    def _open_page(self, manage_number: str, good: Good, now: datetime) -> Item:
        names = [name for name, _value in good.choices]
        axes = list(zip(AXIS_KEYS, names, strict=False))
        item = Item(manage_number, good.name, now, now, item_number=good.parent, axes=axes)
        self.items[manage_number] = item
        return item

    def _new_variant_id(self) -> str:
        self._numbered += 1
        return f"r-sku{self._numbered:08d}"

    def _new_number(self) -> str:
        return f"item-{len(self.items) + 1:06d}"
