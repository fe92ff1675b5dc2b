"""Compares a good mapping with what the shops listed: what the malls lack, what the mapping does not know."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping
from datetime import datetime

from bot.mapping.check import MAPPING_FILE
from bot.mapping.codes import CodeRule, folded
from bot.mapping.load import Items, Node, Table, Text
from bot.mapping.model import Mapping as CodeMapping
from bot.mapping.model import Shop, ShopStatus
from bot.mapping.problem import Level, Problem
from bot.mapping.snapshot import OLD_PRODUCTS, ShopSnapshot
from bot.mapping.source import Source

_Place = tuple[str, int, int]


def check_snapshot(
    source: Source,
    mapping: CodeMapping,
    snapshot: Mapping[str, ShopSnapshot],
    rules: Mapping[str, CodeRule],
    now: datetime,
) -> tuple[Problem, ...]:
    """Give what differs, in the order of the files; shops that are archived or never written are passed over.

    Args:
        source: the files that ``mapping`` was read from, for the places.
    """
    places = _Places(source)
    problems = [
        Problem(*places.top(), Level.WARNING, "snapshot_unknown_shop", {"shop": name})
        for name in snapshot
        if name not in mapping.shops
    ]
    for shop in mapping.shops.values():
        rule = rules.get(shop.mall, CodeRule(".*", 0))
        if shop.status is ShopStatus.ACTIVE and rule.written:
            problems += _Comparison(places, mapping, shop, rule).run(snapshot.get(shop.name), now)
    return tuple(sorted(problems, key=lambda problem: (problem.file, problem.line, problem.column)))


class _Comparison:
    """One shop beside its snapshot."""

    def __init__(self, places: _Places, mapping: CodeMapping, shop: Shop, rule: CodeRule) -> None:
        self._places = places
        self._mapping = mapping
        self._shop = shop
        self._told: dict[str, str | int] = {"shop": shop.name, **rule.told()}

    def run(self, listed: ShopSnapshot | None, now: datetime) -> Iterator[Problem]:
        """Give all that differs."""
        if listed is None:
            yield self._of_shop(Level.WARNING, "snapshot_without_shop")
            return
        if now - listed.read_at > OLD_PRODUCTS:
            yield self._of_shop(Level.WARNING, "snapshot_old", days=(now - listed.read_at).days)
        there: dict[str, list[bool | None]] = {}
        names: dict[str, str] = {}
        for product in listed.products:
            there.setdefault(product.mall_code, []).append(product.on_sale)
            names.setdefault(product.mall_code, product.name)
        if nameless := there.pop("", []):
            yield self._of_shop(Level.WARNING, "listing_without_code", count=len(nameless), name=names[""])
        yield from self._compared(there, names)

    def _compared(
        self, there: Mapping[str, list[bool | None]], names: Mapping[str, str]
    ) -> Iterator[Problem]:
        linked = self._mapping.listings(self._shop.name)
        unknown = {code for code in there if self._mapping.code_of(self._shop.name, code) is None}
        alike: dict[str, list[str]] = {}
        for code in sorted(unknown):
            alike.setdefault(folded(code), []).append(code)
        for code, mall_code in linked.items():
            on_sale = there.get(mall_code)
            if on_sale is None:
                near = alike.get(folded(mall_code), [])
                unknown.difference_update(near)
                yield self._missing(code, mall_code, near)
            elif len(on_sale) > 1:
                yield self._of_code(Level.ERROR, "listing_double", code, mall_code, count=len(on_sale))
            elif on_sale == [False]:
                yield self._of_code(Level.NOTE, "listing_not_on_sale", code, mall_code)
        for mall_code in sorted(unknown):
            told = {"mall_code": mall_code, "name": names[mall_code], "screen": ""}
            yield self._of_shop(Level.WARNING, "listing_unknown", **told)

    def _missing(self, code: str, mall_code: str, near: list[str]) -> Problem:
        if not near:
            return self._of_code(Level.ERROR, "listing_missing", code, mall_code)
        by_case = [there for there in near if there.casefold() == mall_code.casefold()]
        key, there = ("listing_case", by_case[0]) if by_case else ("listing_differs", near[0])
        return self._of_code(Level.ERROR, key, code, mall_code, there=there)

    def _of_shop(self, level: Level, key: str, **params: str | int) -> Problem:
        return Problem(*self._places.shop(self._shop.name), level, key, {**self._told, **params})

    def _of_code(self, level: Level, key: str, code: str, mall_code: str, **params: str | int) -> Problem:
        product = self._mapping.product_of(code)
        place = self._places.listing(product.code if product else code, code, self._shop.name)
        screen = {} if level is Level.ERROR else {"screen": ""}
        told = {**self._told, "code": code, "mall_code": mall_code, **screen, **params}
        return Problem(*place, level, key, told)


class _Places:
    """Where shops, products and exceptions stand in the files."""

    def __init__(self, source: Source) -> None:
        self._shops: dict[str, _Place] = {}
        self._products: dict[str, tuple[str, Text, Table]] = {}
        parsed = source.parsed(MAPPING_FILE)
        root = parsed.root if parsed else None
        for name, (key, _) in _entries(_under(root, "shops")).items():
            self._shops[name] = (MAPPING_FILE, key.line, key.column)
        self._enter(MAPPING_FILE, root)
        for path in sorted(_included(source, root)):
            if found := source.parsed(path):
                self._enter(path, found.root)

    def _enter(self, file: str, root: Node | None) -> None:
        for item in _items(_under(root, "products")):
            code = _under(item, "code")
            if isinstance(item, Table) and isinstance(code, Text):
                self._products[code.value] = (file, code, item)

    def top(self) -> _Place:
        """Give the place of what stands nowhere."""
        return MAPPING_FILE, 1, 1

    def shop(self, name: str) -> _Place:
        """Give where a shop begins."""
        return self._shops.get(name, self.top())

    def listing(self, product: str, code: str, shop: str) -> _Place:
        """Give where a code's exception on a shop stands; its product where there is none."""
        if product not in self._products:
            return self.top()
        file, mark, table = self._products[product]
        node = _under(_under(table, "listings"), shop)
        node = _under(node, code) or node
        node = _under(node, "legacy_code") or node
        place = node if isinstance(node, Text) else mark
        return file, place.line, place.column


def _included(source: Source, root: Node | None) -> set[str]:
    patterns = [item.value for item in _items(_under(root, "include")) if isinstance(item, Text)]
    return {
        path
        for pattern in patterns
        for path in source.files(pattern.rpartition("/")[0])
        if fnmatch.fnmatchcase(path, pattern)
    }


def _entries(node: Node | None) -> dict[str, tuple[Text, Node]]:
    return node.entries if isinstance(node, Table) else {}


def _under(node: Node | None, name: str) -> Node | None:
    entry = _entries(node).get(name)
    return entry[1] if entry else None


def _items(node: Node | None) -> tuple[Node, ...]:
    return node.items if isinstance(node, Items) else ()
