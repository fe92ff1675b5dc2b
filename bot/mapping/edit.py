"""Edits of one file of the mapping that keep its form: comments, order, quotes and blank lines.

What is to be said is worked out on the plain content first; then only the places that differ are
cut. The new text is read again and must say exactly that, or the edit is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from adapters.errors import MappingError
from bot.mapping.change import (
    Add,
    Change,
    Link,
    Put,
    apply,
    bare,
    codes_of,
    content_of,
    exceptions,
    exceptions_of,
    listings_of,
)
from bot.mapping.load import Parsed, Table, parse
from bot.mapping.marks import (
    Cut,
    Place,
    line_end,
    line_number,
    line_start,
    newline,
    places,
    quoted,
    spliced,
    written_code,
    written_text,
)
from bot.mapping.model import LastUnits, Product

_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
_STEP = "  "


class EditRefusedError(MappingError):
    """An edit cannot be made without touching what it must not; nothing was changed."""

    def __init__(self, file: str, line: int, why: str) -> None:
        super().__init__(f"{file}:{line}: this place cannot be edited safely: {why}")
        self.file = file
        self.line = line
        self.why = why


def edit(file: str, content: bytes, changes: Sequence[Change]) -> bytes:
    """Give the file with the changes made.

    Raises:
        EditRefusedError: names the line; the text there has a form that is not edited.
    """
    try:
        decoded = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise EditRefusedError(file, content.count(b"\n", 0, error.start) + 1, "not UTF-8") from error
    bom = _BOM if decoded.startswith(_BOM) else ""
    text = decoded.removeprefix(_BOM)
    wanted = _meant(file, text, changes)
    for round_ in _rounds(changes):
        text = _Editor(file, text).edited(round_)
    if content_of(_sound(file, text)) != wanted:
        raise EditRefusedError(file, 1, "the new text would not say what was meant")
    return (bom + text).encode("utf-8")


def _meant(file: str, text: str, changes: Sequence[Change]) -> dict[str, Any]:
    said = content_of(_sound(file, text))
    try:
        apply(said, changes)
    except KeyError as error:
        raise EditRefusedError(file, 1, f"it has no product {error}") from error
    return said


def _rounds(changes: Iterable[Change]) -> Iterator[list[Change]]:
    """Part the changes so that no two of a round cut in the same product; additions come last."""
    waiting = [change for change in changes if not isinstance(change, Add)]
    while waiting:
        chosen: dict[str, Change] = {}
        rest = []
        for change in waiting:
            if chosen.setdefault(change.product, change) is not change:
                rest.append(change)
        yield list(chosen.values())
        waiting = rest
    if added := [change for change in changes if isinstance(change, Add)]:
        yield list(added)


def _sound(file: str, text: str) -> Parsed:
    parsed = parse(file, text.encode("utf-8"))
    if parsed.problems:
        raise EditRefusedError(file, parsed.problems[0].line, parsed.problems[0].key)
    if not isinstance(parsed.root, Table):
        raise EditRefusedError(file, 1, "the file is no table")
    return parsed


# ---------------------------------------------------------------- how it is written


def _value(wanted: Any) -> str:
    if wanted is False:
        return "false"
    if isinstance(wanted, dict):  # legacy code
        reason = written_text(wanted["reason"])
        return f"{{legacy_code: {quoted(wanted['legacy_code'])}, reason: {reason}}}"
    return written_code(wanted)


def _shop_value(product: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    """Give the shortest way to say what a shop calls the codes of a product."""
    if len(wanted) == len(codes_of(product)) and not any(wanted.values()):
        return "false"
    if not product.get("axes") and len(wanted) == 1:
        return _value(next(iter(wanted.values())))
    return "{" + ", ".join(f"{written_code(code)}: {_value(value)}" for code, value in wanted.items()) + "}"


def _field_value(value: str | int) -> str:
    return str(value) if isinstance(value, int | LastUnits) else written_text(value)


def _lines(product: Product) -> list[str]:
    """Give a product as an item of a list, from the first column on."""
    lines = [f"- code: {written_code(product.code)}"]
    if product.name:
        lines.append(f"  name: {written_text(product.name)}")
    if product.axes:
        lines.append("  axes:")
    for axis in product.axes:
        values = ", ".join(map(written_code, axis.values))
        lines.append(f"    - {{name: {written_text(axis.name)}, values: [{values}]}}")
    shape = {"code": product.code, "axes": [{"values": axis.values} for axis in product.axes]}
    if product.listings:
        lines.append("  listings:")
    for shop, codes in product.listings.items():
        lines.append(f"    {written_code(shop)}: {_shop_value(shape, exceptions_of(shape, codes))}")
    return lines


# ---------------------------------------------------------------- where it is cut


class _Editor:
    """One text, and the cuts of one round."""

    def __init__(self, file: str, text: str) -> None:
        self._file = file
        self._text = text
        self._root = places(text)
        self._newline = newline(text)
        self._cuts: list[Cut] = []

    def edited(self, changes: Sequence[Change]) -> str:
        listed = self._root.get("products")
        items = {self._code_of(item): item for item in listed.items} if listed else {}
        for change in changes:
            if isinstance(change, Link):
                self._link(items[change.product], change)
            elif isinstance(change, Put):
                self._put_field(items[change.product], change)
        self._add([change.product for change in changes if isinstance(change, Add)])
        try:
            return spliced(self._text, self._cuts)
        except ValueError as error:
            raise EditRefusedError(self._file, 1, str(error)) from error

    @staticmethod
    def _code_of(item: Place) -> str:
        code = item.get("code")
        return (code.value if code else None) or ""

    def _refuse(self, at: int, why: str) -> EditRefusedError:
        return EditRefusedError(self._file, line_number(self._text, at), why)

    # ------------------------------------------------------------ listings

    def _link(self, item: Place, change: Link) -> None:
        product = self._said(item)
        before = listings_of(product)
        wanted = exceptions(before.get(change.shop, {}), change.codes)
        listings, key = item.get("listings"), written_code(change.shop)
        if not wanted:
            self._drop_shop(item, listings, change.shop)
        elif listings is None:
            self._insert(item, "listings", {key: _shop_value(product, wanted)})
        else:
            self._put_shop(listings, change.shop, product, wanted)

    def _said(self, item: Place) -> dict[str, Any]:
        """Give what a product says, by its own text."""
        lead = " " * (item.start - line_start(self._text, item.start))
        said = lead + self._text[item.start : item.end]
        found: dict[str, Any] = bare(parse(self._file, said.encode()).root)
        return found

    def _drop_shop(self, item: Place, listings: Place | None, shop: str) -> None:
        if listings is None or listings.get(shop) is None:
            return
        if len(listings.pairs) == 1:
            self._remove(item, {"listings"})
        else:
            self._remove(listings, {shop})

    def _put_shop(
        self, listings: Place, shop: str, product: Mapping[str, Any], wanted: Mapping[str, Any]
    ) -> None:
        entry = next(((key, value) for key, value in listings.pairs if key.value == shop), None)
        written, before = _shop_value(product, wanted), listings_of(product).get(shop, {})
        if entry is None:
            self._insert(listings, written_code(shop), written)
        elif written == "false" or entry[1].get("legacy_code") or not _codes_in(entry[1]) & wanted.keys():
            self._replace(*entry, written)
        else:
            self._put_codes(entry[1], wanted, before)

    def _put_codes(self, table: Place, wanted: Mapping[str, Any], before: Mapping[str, Any]) -> None:
        for key, value in table.pairs:
            code = key.value or ""
            if code in wanted and wanted[code] != before[code]:
                self._replace(key, value, _value(wanted[code]))
        self._remove(table, {code for code in before if code not in wanted})
        for code in wanted:
            if code not in before:
                self._insert(table, written_code(code), _value(wanted[code]))

    # ------------------------------------------------------------ fields

    def _put_field(self, item: Place, change: Put) -> None:
        entry = next(((key, value) for key, value in item.pairs if key.value == change.field), None)
        if change.value is None:
            self._remove(item, {change.field} if entry else set())
        elif entry:
            self._replace(*entry, _field_value(change.value))
        else:
            self._insert(item, change.field, _field_value(change.value))

    # ------------------------------------------------------------ cutting

    def _replace(self, key: Place, value: Place, written: str) -> None:
        if value.flow:
            self._cuts.append(Cut(value.start, value.end, written))
            return
        colon = self._text.find(":", key.end) + 1
        first = line_start(self._text, value.start)
        if first < colon:
            raise self._refuse(value.start, "a table begins in the line of its key")
        self._cuts.append(Cut(colon, colon, f" {written}"))
        self._cuts.append(Cut(first, line_end(self._text, value.end), ""))

    def _insert(self, table: Place, key: str, written: str | Mapping[str, str]) -> None:
        """Put an entry at the end of a table, in the table's own form."""
        if table.flow:
            inner = written if isinstance(written, str) else _flow(written)
            at, lead = (table.pairs[-1][1].end, ", ") if table.pairs else (table.start + 1, "")
            self._cuts.append(Cut(at, at, f"{lead}{key}: {inner}"))
            return
        first = table.pairs[0][0].start
        indent = " " * (first - line_start(self._text, first))
        lines = [f"{indent}{key}: {written}"]
        if not isinstance(written, str):
            lines = [f"{indent}{key}:", *(f"{indent}{_STEP}{name}: {one}" for name, one in written.items())]
        self._insert_lines(table.end, lines)

    def _insert_lines(self, after: int, lines: Sequence[str]) -> None:
        at = line_end(self._text, after)
        block = self._newline.join(lines)
        ended = line_start(self._text, at) == at  # else the file's last line has no end
        self._cuts.append(Cut(at, at, block + self._newline if ended else self._newline + block))

    def _remove(self, table: Place, names: set[str]) -> None:
        if not names:
            return
        gone = [key.value in names for key, _value in table.pairs]
        if table.flow:
            self._remove_flow(table, gone)
            return
        for (key, value), goes in zip(table.pairs, gone, strict=True):
            first = line_start(self._text, key.start)
            if goes and self._text[first : key.start].strip(" "):
                raise self._refuse(key.start, "the entry shares its line")
            if goes:
                self._cuts.append(Cut(first, line_end(self._text, value.end), ""))

    def _remove_flow(self, table: Place, gone: Sequence[bool]) -> None:
        kept = [place for place, goes in enumerate(gone) if not goes]
        last = kept[-1] if kept else -1
        for place in range(last):
            if gone[place]:
                self._cuts.append(Cut(table.pairs[place][0].start, table.pairs[place + 1][0].start, ""))
        if last + 1 < len(gone):
            first, end = table.pairs[last + 1][0].start, table.pairs[-1][1].end
            before = table.pairs[last][1].end if kept else first
            commented = "#" in self._text[before:first]
            self._cuts.append(Cut(first if commented else before, end, ""))

    # ------------------------------------------------------------ new products

    def _add(self, products: Sequence[Product]) -> None:
        if not products:
            return
        listed = self._root.get("products")
        if listed is None:
            self._add_list(products)
        elif not listed.flow:
            indent = listed.start - line_start(self._text, listed.start)
            self._insert_lines(listed.end, self._items(products, indent, apart=self._apart(listed)))
        elif listed.items:
            raise self._refuse(listed.start, "the products stand between brackets")
        else:
            lines = ["", *self._items(products, len(_STEP), apart=False)]
            start = len(self._text[: listed.start].rstrip(" "))
            self._cuts.append(Cut(start, listed.end, self._newline.join(lines)))

    def _add_list(self, products: Sequence[Product]) -> None:
        if self._root.flow:
            raise self._refuse(self._root.start, "the file stands between braces")
        self._insert_lines(self._root.end, ["products:", *self._items(products, len(_STEP), apart=False)])

    @staticmethod
    def _items(products: Iterable[Product], indent: int, *, apart: bool) -> list[str]:
        found = list[str]()
        for product in products:
            found += [""] if apart else []
            found += [" " * indent + line for line in _lines(product)]
        return found

    def _apart(self, listed: Place) -> bool:
        """Tell whether the items of a list are held apart by empty lines."""
        if len(listed.items) < 2:
            return False
        between = self._text[listed.items[-2].end : listed.items[-1].start]
        return any(not line.strip() for line in between.splitlines()[1:])


def _codes_in(table: Place) -> set[str]:
    return {key.value or "" for key, _value in table.pairs}


def _flow(entries: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{name}: {value}" for name, value in entries.items()) + "}"
