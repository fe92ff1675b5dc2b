"""Reads products, one file after the other, into a catalogue."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from bot.mapping import keys
from bot.mapping.codes import CodeRule, check_code, check_for_mall, check_legacy_code, is_code
from bot.mapping.fields import Fields, Notes, entries_of, items_of, nearest, table_of, text_of, texts_of
from bot.mapping.load import Broken, Items, Node, Table, Text
from bot.mapping.model import UNLINKED, Axis, Product, Shop
from bot.mapping.rules import JOINER, Rank, spelling
from bot.mapping.shops import read_last_units

MAX_AXES = 6
MAX_VARIANTS = 10_000
MAX_CODES = 1_000_000
MAX_PARTS = 100
MAX_NEAR = 2_000  # among more codes no look is taken for the one that was meant
_LEGACY = frozenset(keys.LEGACY)
_LOOKS_LIKE_FALSE = {"no", "off", "none", "null", "False", "FALSE", "No", "NO", "Off", "OFF"}


Known = Callable[[str, int, Table], bool]
"""Tells of a product, by its file and its place in there, whether it is as it was."""


@dataclass(frozen=True)
class Entry:
    """A product with its place in the files.

    Args:
        rank: its place in the order of the files.
        places: line and column of each exception that is linked, in their order.
        parts: the place of each component.
    """

    product: Product
    notes: Notes
    code: Text
    rank: Rank = (0, 0)
    places: Sequence[tuple[int, int]] = ()
    parts: Mapping[str, Text] = field(default_factory=dict)

    @property
    def marks(self) -> dict[tuple[str, str], Text]:
        """Give the place of each exception, by shop and code."""
        places = zip(self.product.names(), self.places, strict=True)
        return {(shop, code): Text(*place, mall_code) for (shop, mall_code, code), place in places}


class Catalogue:
    """The products of all files.

    Args:
        rules: mall -> what it accepts as a code; malls that are absent are not judged.
        known: products that an earlier check found good need not be read again.
    """

    def __init__(
        self, shops: Mapping[str, Shop], rules: Mapping[str, CodeRule], known: Known | None = None
    ) -> None:
        self.shops = shops
        self.entries: list[Entry] = []
        self._rules = rules
        self._known = known
        self._files = 0
        self._codes = 0

    def read(self, notes: Notes, node: Node | None) -> None:
        """Read the next file's list of products."""
        for place, item in enumerate(items_of(notes, node, "products")):
            table = table_of(notes, item, "products")
            if table and not (self._known and self._known(notes.file, place, table)):
                self._read_product(notes, table, (self._files, place))
        self._files += 1

    def skip(self) -> None:
        """Pass over a file that is as it was."""
        self._files += 1

    def _read_product(self, notes: Notes, table: Table, rank: Rank) -> None:
        fields = Fields(notes, table, keys.PRODUCT)
        fields.require("code")
        code = fields.node("code")
        named = bool(text_of(notes, code, "code"))
        sound = named and isinstance(code, Text) and check_code(notes, code, self._in_use)
        word = code.value if isinstance(code, Text) else ""
        axes, parts = _read_axes(notes, fields, self._in_use), _read_parts(notes, fields)
        if axes and parts:
            notes.error(table, "set_with_axes", code=word)
        shape = Product(word, axes=axes)
        if not self._fits(notes, table, shape):
            return
        listings = _Listings(notes, self.shops, self._rules, shape)
        product = Product(
            word,
            fields.text("name"),
            axes,
            {name: pieces for name, (_mark, pieces) in parts.items()},
            listings.read(fields.node("listings")),
            fields.whole("safety_stock"),
            read_last_units(fields),
        )
        if sound and isinstance(code, Text):
            places = {name: mark for name, (mark, _pieces) in parts.items()}
            self.entries.append(Entry(product, notes, code, rank, tuple(listings.places), places))

    @cached_property
    def _in_use(self) -> tuple[CodeRule, ...]:
        malls = sorted({shop.mall for shop in self.shops.values()})
        return tuple(self._rules[mall] for mall in malls if mall in self._rules)

    def _fits(self, notes: Notes, table: Table, product: Product) -> bool:
        # Six long axes multiply to more codes than any machine holds, so they are counted first.
        count = math.prod(len(axis.values) for axis in product.axes)
        self._codes += min(count, MAX_VARIANTS)
        if count > MAX_VARIANTS:
            notes.error(table, "too_many_variants", code=product.code, count=count, limit=MAX_VARIANTS)
        elif self._codes > MAX_CODES:
            notes.error(table, "too_many_codes", limit=MAX_CODES)
        else:
            return True
        return False


def _read_axes(notes: Notes, fields: Fields, in_use: Iterable[CodeRule]) -> tuple[Axis, ...]:
    if fields.node("axes") is None:
        return ()
    axes = [
        axis
        for item in items_of(notes, fields.node("axes"), "axes")
        if (axis := _read_axis(notes, item, in_use))
    ]
    node = fields.node("axes")
    if node and len(axes) > MAX_AXES:
        notes.error(node, "too_many_axes", limit=MAX_AXES)
    names = [axis.name for axis in axes]
    for name in {name for name in names if node and names.count(name) > 1}:
        notes.error(node or fields.table, "axis_twice", name=name)
    return tuple(axes)


def _read_axis(notes: Notes, item: Node, in_use: Iterable[CodeRule]) -> Axis | None:
    table = table_of(notes, item, "axes")
    if table is None:
        return None
    fields = Fields(notes, table, keys.AXIS)
    fields.require("name")
    values: dict[str, Text] = {}
    for text, value in texts_of(notes, fields.node("values"), "values"):
        if value in values:
            notes.error(text, "value_twice", value=value, first_line=values[value].line)
        elif check_code(notes, text, in_use):
            values[value] = text
    listed = fields.node("values")
    if fields.require("values") and isinstance(listed, Items) and not listed.items:
        notes.error(listed, "axis_empty", name=fields.text("name"))
    return Axis(fields.text("name"), tuple(values))


def _read_parts(notes: Notes, fields: Fields) -> dict[str, tuple[Text, int]]:
    node = fields.node("set")
    table = table_of(notes, node, "set")
    if table is None:
        return {}
    if not 0 < len(table.entries) <= MAX_PARTS:
        notes.error(table, "set_size", limit=MAX_PARTS)
        return {}
    own = Fields(notes, table, table.entries.keys())
    return {name: (key, own.whole(name, low=1) or 1) for name, (key, _value) in table.entries.items()}


class _Listings:
    """The exceptions of one product, shop by shop."""

    def __init__(
        self, notes: Notes, shops: Mapping[str, Shop], rules: Mapping[str, CodeRule], product: Product
    ) -> None:
        self.places: list[tuple[int, int]] = []
        self._notes = notes
        self._shops = shops
        self._rules = rules
        self._product = product

    def read(self, node: Node | None) -> dict[str, Mapping[str, str | None] | None]:
        """Read the exceptions of every shop that has some."""
        found: dict[str, Mapping[str, str | None] | None] = {}
        for key, value in entries_of(self._notes, node, "listings"):
            if key.value in self._shops:
                found[key.value] = self._read_shop(key.value, value)
            else:
                meant = nearest(key.value, self._shops)
                self._notes.error(key, "unknown_shop", name=key.value, meant=meant)
        return found

    def _read_shop(self, shop: str, node: Node) -> Mapping[str, str | None] | None:
        if _is_false(node):
            return UNLINKED
        if isinstance(node, Table) and not node.entries.keys() & _LEGACY:
            return dict(self._read_codes(shop, node))
        if self._product.axes:
            if not isinstance(node, Broken):
                self._notes.error(node, "listing_needs_codes", code=self._product.code, shop=shop)
            return {}
        return {self._product.code: self._mall_code(shop, self._product.code, node)}

    def _read_codes(self, shop: str, table: Table) -> Iterator[tuple[str, str | None]]:
        for code, (key, value) in table.entries.items():
            if self._is_variant(code):
                yield code, self._mall_code(shop, code, value)
            else:
                few = self._product.count <= MAX_NEAR
                meant = nearest(code, [variant.code for variant in self._product.variants()] if few else ())
                self._notes.error(
                    key, "listing_unknown_code", code=code, product=self._product.code, meant=meant
                )

    def _is_variant(self, code: str) -> bool:
        product = self._product
        if not code.startswith(product.code):
            return False
        # Nearly always no value holds the joiner; where one does, the parts are not all values.
        words = code[len(product.code) :].split(JOINER)[1:]
        fits = len(words) == len(product.axes) and JOINER.join((product.code, *words)) == code
        if fits and all(word in axis for axis, word in zip(product.axes, words, strict=True)):
            return True
        return any(spelling(product, code, JOINER))

    def _mall_code(self, shop: str, code: str, node: Node) -> str | None:
        rule = self._rules.get(self._shops[shop].mall)
        if isinstance(node, Text) and _is_good(node, rule):
            self.places.append((node.line, node.column))
            return node.value
        if _is_false(node):
            return None
        if isinstance(node, Table):
            return self._legacy_code(shop, code, node)
        value = text_of(self._notes, node, code)
        if not value or not isinstance(node, Text):
            return None
        if node.plain and value in _LOOKS_LIKE_FALSE:
            self._notes.warning(node, "looks_like_false", value=value)
        self.places.append((node.line, node.column))
        if check_code(self._notes, node, [rule] if rule else ()) and rule and not rule.accepts(value):
            check_for_mall(self._notes, node, shop, rule)
        return value

    def _legacy_code(self, shop: str, code: str, table: Table) -> str | None:
        fields = Fields(self._notes, table, _LEGACY)
        node = fields.node("legacy_code")
        if not fields.require("legacy_code") or not text_of(self._notes, node, "legacy_code"):
            return None
        if "reason" not in table.entries:
            self._notes.error(table, "legacy_needs_reason", code=code)
        fields.text("reason")
        if isinstance(node, Text) and check_legacy_code(self._notes, node):
            if rule := self._rules.get(self._shops[shop].mall):
                check_for_mall(self._notes, node, shop, rule)
            self.places.append((node.line, node.column))
            return node.value
        return None


def _is_good(text: Text, rule: CodeRule | None) -> bool:
    """Tell of what nearly all mall codes are: nothing is to be said of it."""
    if not is_code(text) or text.value in _LOOKS_LIKE_FALSE or text.value == "false":
        return False
    return rule is None or rule.accepts(text.value)


def _is_false(node: Node) -> bool:
    return isinstance(node, Text) and node.plain and node.value == "false"
