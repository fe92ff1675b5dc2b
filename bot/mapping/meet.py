"""What only shows when all products are known: codes that meet, sets that do not close."""

from __future__ import annotations

from collections.abc import Mapping

from bot.mapping.codes import MAX_CODE, CodeRule, check_for_mall
from bot.mapping.fields import nearest
from bot.mapping.load import Text
from bot.mapping.model import Shop
from bot.mapping.products import Catalogue, Entry

MAX_NESTING = 10


def check_codes(catalogue: Catalogue) -> dict[str, Entry]:
    """Note codes that two entries share; gives each sellable code with its entry."""
    names: dict[str, Entry] = {}
    for entry in catalogue.entries:
        if first := names.get(entry.product.code):
            _note_twice(entry, first, entry.product.code, "code_duplicate")
        else:
            names[entry.product.code] = entry
    sellable: dict[str, Entry] = {}
    for entry in catalogue.entries:
        if names[entry.product.code] is entry:
            _join(entry, names, sellable)
    return sellable


def _join(entry: Entry, names: dict[str, Entry], sellable: dict[str, Entry]) -> None:
    for variant in entry.product.variants():
        first = sellable.get(variant.code) or names.get(variant.code)
        if variant.values and first:
            _note_twice(entry, first, variant.code, "code_ambiguous")
        elif len(variant.code) > MAX_CODE:
            entry.notes.error(entry.code, "code_too_long", code=variant.code[:40] + "…", limit=MAX_CODE)
        else:
            sellable[variant.code] = entry


def _note_twice(entry: Entry, first: Entry, code: str, key: str) -> None:
    entry.notes.error(
        entry.code,
        key,
        code=code,
        file=first.notes.file,
        first_line=first.code.line,
        other=first.product.code,
    )


def check_listings(catalogue: Catalogue, rules: Mapping[str, CodeRule]) -> None:
    """Note mall codes that two codes share on one shop, and joined ones the mall would refuse."""
    seen: dict[tuple[str, str], tuple[str, Entry]] = {}
    for entry in catalogue.entries:
        for variant in entry.product.variants():
            for shop in catalogue.shops.values():
                mall_code = entry.product.mall_code(variant, shop)
                if mall_code is None:
                    continue
                other = seen.setdefault((shop.name, mall_code), (variant.code, entry))
                if other[0] != variant.code:
                    _note_shared(entry, variant.code, shop, mall_code, other)
                elif shop.mall in rules and (shop.name, variant.code) not in entry.marks:
                    place = Text(entry.code.line, entry.code.column, mall_code)
                    check_for_mall(entry.notes, place, shop.name, rules[shop.mall])


def _note_shared(entry: Entry, code: str, shop: Shop, mall_code: str, other: tuple[str, Entry]) -> None:
    other_code, first = other
    place = first.marks.get((shop.name, other_code), first.code)
    entry.notes.error(
        entry.marks.get((shop.name, code), entry.code),
        "mall_code_twice",
        mall_code=mall_code,
        shop=shop.name,
        code=code,
        other=other_code,
        file=first.notes.file,
        first_line=place.line,
    )


def check_sets(catalogue: Catalogue, sellable: Mapping[str, Entry]) -> None:
    """Note components that are not there, and sets that hold themselves."""
    parents = {entry.product.code for entry in catalogue.entries if entry.product.axes}
    for entry in catalogue.entries:
        for part, mark in entry.parts.items():
            if part in parents and part not in sellable:
                entry.notes.error(mark, "component_has_axes", code=part)
            elif part not in sellable:
                meant = nearest(part, sellable)
                entry.notes.error(mark, "unknown_component", code=part, meant=meant)
    walk = _Walk(sellable)
    for entry in catalogue.entries:
        if entry.parts:
            walk.visit(entry.product.code, ())


class _Walk:
    """Goes through each set once, so that a wide and deep catalogue costs no more than its size."""

    def __init__(self, sellable: Mapping[str, Entry]) -> None:
        self._sellable = sellable
        self._heights: dict[str, int] = {}

    def visit(self, code: str, trail: tuple[str, ...]) -> int:
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
        height = 1 + max(self.visit(part, (*trail, code)) for part in entry.parts)
        self._heights[code] = height
        if height > MAX_NESTING:
            entry.notes.error(entry.code, "set_too_deep", code=code, limit=MAX_NESTING)
        return height

    def _note_loop(self, trail: tuple[str, ...], code: str) -> None:
        last = self._sellable[trail[-1]]
        way = " -> ".join((*trail[trail.index(code) :], code))
        last.notes.error(last.parts[code], "set_loop", way=way)
