"""YAML into marked text: nothing is converted, nothing is built, everything is bounded.

PyYAML's event interface is used, not its constructors: codes such as ``0012345``, ``no`` or
``1e3`` stay the text that was written, and the memory and stack of a hostile file stay small.
A file is kept as one flat sheet of texts and places; tables and lists are made of it as they are
read, so that a large catalogue does not become millions of objects.

Short tables of plain words on one line, ``{a: b, c: d}``, are most of a large catalogue and mean the
same wherever they stand. They are cut out before and the parser sees one word in place of each; where
it sees that word as anything but one whole value, the file is read again with nothing cut out.
"""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import yaml

from bot.mapping.problem import Level, Problem

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 20
MAX_TEXT = 2_000

# What YAML 1.1 does not allow in a file, found here because the parser's own report has no place.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


_PAIR = r"[A-Za-z0-9][A-Za-z0-9-]*: [A-Za-z0-9][A-Za-z0-9-]*"
_SHORT = re.compile(rf"\{{{_PAIR}(?:, {_PAIR})*\}}")
_KEY = re.compile("[{ ]([^ :]+):")
_CUT = "\ue000"  # begins the word that stands for a table; nobody's text holds it


class Text(NamedTuple):
    """A scalar as it was written. ``plain``: without quotes. ``spaced``: blanks end its line."""

    line: int
    column: int
    value: str
    plain: bool = True
    spaced: bool = False


class Broken(NamedTuple):
    """Something that was already refused: whoever reads on passes over it in silence."""

    line: int
    column: int


# How a row of a sheet is packed: kind and flags below, then column, then line.
_TEXT, _ITEMS, _TABLE, _BROKEN = range(4)
_KIND, _QUOTED, _SPACED = 3, 4, 8
_COLUMN_AT, _LINE_AT = 4, 28
_COLUMN = (1 << (_LINE_AT - _COLUMN_AT)) - 1


class Sheet:
    """One file's texts in their order.

    Args:
        ends: where what began at a row is over; 0 for what takes one row.
        values: of a text itself; of a table that was cut out all that it holds, as it was written.
    """

    def __init__(self) -> None:
        self.places = array("Q")
        self.ends = array("I")
        self.values: list[str] = []

    def node(self, row: int) -> Node:
        """Give what begins at a row."""
        packed = self.places[row]
        line, column = packed >> _LINE_AT, packed >> _COLUMN_AT & _COLUMN
        kind = packed & _KIND
        if kind == _TEXT:
            return Text(line, column, self.values[row], not packed & _QUOTED, bool(packed & _SPACED))
        if kind == _BROKEN:
            return Broken(line, column)
        return (Table if kind == _TABLE else Items)(line, column, self, row)

    def inside(self, row: int) -> Iterator[int]:
        """Give the rows at which what a list or a table holds begins."""
        end, row = self.ends[row], row + 1
        while row < end:
            yield row
            row = self.ends[row] or row + 1

    def print_of(self, row: int) -> bytes:
        """Give what a row holds, with all places counted from its own line: equal for equal text."""
        end = self.ends[row] or row + 1
        first = self.places[row] >> _LINE_AT << _LINE_AT
        places = array("Q", [place - first for place in self.places[row:end]])
        return "\0".join(self.values[row:end]).encode() + b"\0" + places.tobytes()

    def copy(self, row: int, but: str) -> Sheet:
        """Give a table alone; what stands under one of its keys is left out."""
        copy = Sheet()
        copy._append(self, row, row + 1)
        rows = self.inside(row)
        for key in rows:
            value = next(rows)
            left_out = self.values[key] == but
            copy._append(self, key, value + 1 if left_out else self.ends[value] or value + 1)
            if left_out and self.places[value] & _KIND in (_ITEMS, _TABLE):
                copy.ends[-1], copy.values[-1] = len(copy.ends), ""
        copy.ends[0] = len(copy.ends)
        return copy

    def _append(self, other: Sheet, start: int, end: int) -> None:
        moved = len(self.values) - start
        self.places.extend(other.places[start:end])
        self.ends.extend(at and at + moved for at in other.ends[start:end])
        self.values.extend(other.values[start:end])

    def dump(self) -> str:
        """Give it as text, for ``load_table``."""
        return json.dumps([list(self.places), list(self.ends), self.values], ensure_ascii=False)


def load_table(text: str) -> Table:
    """Give the table again that ``Table.dump`` gave as text.

    Raises:
        ValueError, TypeError: it is not such a text.
    """
    sheet = Sheet()
    places, ends, sheet.values = json.loads(text)
    sheet.places.extend(places)
    sheet.ends.extend(ends)
    node = sheet.node(0)
    if not isinstance(node, Table):
        raise ValueError("not a table")
    return node


class _Part:
    __slots__ = ("_row", "_sheet", "column", "line")

    def __init__(self, line: int, column: int, sheet: Sheet, row: int) -> None:
        self.line = line
        self.column = column
        self._sheet = sheet
        self._row = row

    def print(self) -> bytes:
        """Give the same bytes for the same text at another place."""
        return self._sheet.print_of(self._row)


class Items(_Part):
    """A list."""

    __slots__ = ()

    @property
    def items(self) -> tuple[Node, ...]:
        """Give what it holds."""
        return tuple(map(self._sheet.node, self._sheet.inside(self._row)))


class Table(_Part):
    """Key -> (the key's own mark, value)."""

    __slots__ = ("_entries",)

    def __init__(self, line: int, column: int, sheet: Sheet, row: int) -> None:
        super().__init__(line, column, sheet, row)
        self._entries: dict[str, tuple[Text, Node]] | None = None

    @property
    def entries(self) -> dict[str, tuple[Text, Node]]:
        """Give what it holds; of a key that stands twice the first."""
        if self._entries is None:
            self._entries = self._read()
        return self._entries

    def dump(self, but: str = "") -> str:
        """Give it as text, with its places; what stands under the key ``but`` is left out."""
        return self._sheet.copy(self._row, but).dump()

    def _read(self) -> dict[str, tuple[Text, Node]]:
        node, rows = self._sheet.node, self._sheet.inside(self._row)
        found: dict[str, tuple[Text, Node]] = {}
        for row in rows:
            key, value = node(row), node(next(rows))
            if isinstance(key, Text):
                found.setdefault(key.value, (key, value))
        return found or self._read_short(self._sheet.values[self._row])

    def _read_short(self, text: str) -> dict[str, tuple[Text, Node]]:
        """Take apart what was cut out whole, if this was."""
        found: dict[str, tuple[Text, Node]] = {}
        line, column = self.line, self.column + 1
        for pair in text[1:-1].split(", ") if text else ():
            key, _, value = pair.partition(": ")
            found[key] = Text(line, column, key), Text(line, column + len(key) + 2, value)
            column += len(pair) + 2
        return found


Node = Text | Items | Table | Broken


@dataclass(frozen=True)
class Parsed:
    """One file. ``root`` is Broken where nothing could be read."""

    file: str
    root: Node
    problems: tuple[Problem, ...]


class _Stop(Exception):
    """The rest of the file is not worth reading."""


def parse(file: str, content: bytes) -> Parsed:
    """Read one file; whatever is wrong becomes a problem, nothing is raised."""
    text, problem = _decode(file, content)
    if problem is not None:
        return Parsed(file, Broken(1, 1), (problem,))
    return _read_cut(file, text) or _read_whole(file, text)


def _read_cut(file: str, text: str) -> Parsed | None:
    """Read a file with its short tables cut out; None where that is not sure to be the same."""
    if _CUT in text or "\t" in text:  # a tab may follow a word, and not a table
        return None
    cut: list[str] = []
    reader = _Reader(file, _SHORT.sub(lambda found: _cut(found[0], cut), text), cut)
    try:
        root = reader.document()
    except (_Stop, yaml.YAMLError):
        return None
    return None if reader.problems or reader.cut else Parsed(file, root, ())


def _cut(table: str, cut: list[str]) -> str:
    keys = _KEY.findall(table)
    if len(set(keys)) < len(keys):
        return table
    cut.append(table)
    return _CUT + "x" * (len(table) - 1)


def _read_whole(file: str, text: str) -> Parsed:
    reader = _Reader(file, text, [])
    try:
        root = reader.document()
    except _Stop:
        root = Broken(1, 1)
    except yaml.YAMLError as error:
        reader.report_syntax(error)
        root = Broken(1, 1)
    return Parsed(file, root, tuple(reader.problems))


def _decode(file: str, content: bytes) -> tuple[str, Problem | None]:
    def refused(line: int, column: int, key: str, **params: str | int) -> tuple[str, Problem]:
        return "", Problem(file, line, column, Level.ERROR, key, params)

    if len(content) > MAX_BYTES:
        return refused(1, 1, "file_too_large", limit=MAX_BYTES)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return refused(content.count(b"\n", 0, error.start) + 1, 1, "not_utf8")
    if found := _FORBIDDEN.search(text):
        before = text[: found.start()]
        column = found.start() - before.rfind("\n")
        return refused(before.count("\n") + 1, column, "control_character", code=f"U+{ord(found[0]):04X}")
    return text, None


class _Within:
    """A list or a table whose end has not come yet. ``keys``: of a table, with the line of each."""

    __slots__ = ("at_value", "keys", "row")

    def __init__(self, row: int, keys: dict[str, int] | None) -> None:
        self.row = row
        self.keys = keys
        self.at_value = False


class _Reader:
    """Reads one file.

    Args:
        cut: what was cut out of the text, in its order; ``cut`` later is what was not met.
    """

    def __init__(self, file: str, text: str, cut: list[str]) -> None:
        self.problems: list[Problem] = []
        self.cut = cut[::-1]  # the next one last
        self._file = file
        self._lines = text.splitlines()
        self._blank = {number for number, line in enumerate(self._lines) if line[-1:].isspace()}
        self._next: Any = _LOADER(text).get_event
        self._sheet = Sheet()
        self._within: list[_Within] = []
        self._words: dict[str, str] = {}  # keys are few and come again: one text for all

    def document(self) -> Node:
        """Read the one document of the file."""
        self._next()  # stream start
        if isinstance(self._next(), yaml.StreamEndEvent):
            self._report(1, 1, "file_empty")
            return Broken(1, 1)
        self._read()
        self._next()  # document end
        event = self._next()
        if not isinstance(event, yaml.StreamEndEvent):
            self._report(*_place(event), "second_document")
        return self._sheet.node(0)

    def report_syntax(self, error: yaml.YAMLError) -> None:
        """Put the parser's own complaint among the problems."""
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        self._report(line, column, "syntax", detail=str(getattr(error, "problem", None) or "unreadable"))

    def _report(self, line: int, column: int, key: str, **params: str | int) -> None:
        self.problems.append(Problem(self._file, line, column, Level.ERROR, key, params))

    def _read(self) -> None:
        """Read one node and all that it holds."""
        following, text, scalar, within = self._next, self._text, yaml.ScalarEvent, self._within
        while True:
            event = following()
            if event.__class__ is scalar:
                text(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._sheet.ends[within.pop().row] = len(self._sheet.values)
            else:
                self._begin(event)
            if not within:
                return

    def _text(self, event: Any) -> None:
        mark, value = event.start_mark, event.value
        place = (mark.line + 1) << _LINE_AT | (mark.column + 1) << _COLUMN_AT
        if event.style:
            place |= _QUOTED
        elif self._blank and self._ends_blank(event.end_mark):
            place |= _SPACED
        if event.tag or event.anchor or len(value) > MAX_TEXT or len(self._within) > MAX_DEPTH:
            place |= self._judge(event)
            value = ""
        part = self._within[-1] if self._within else None
        is_key = False
        if part is not None and part.keys is not None:
            is_key = part.at_value = not part.at_value
            if is_key:
                value = self._key(part.keys, place, value)
        if value[:1] == _CUT and self.cut:
            self._put_cut(place, value, is_key=is_key)
        else:
            self._put(place, value)

    def _put(self, place: int, value: str) -> None:
        sheet = self._sheet
        sheet.places.append(place)
        sheet.ends.append(0)
        sheet.values.append(value)

    def _put_cut(self, place: int, word: str, *, is_key: bool) -> None:
        """Put the table that a word stands for, whole: it is taken apart when it is read.

        Raises:
            _Stop: it is not sure to be one.
        """
        table = self.cut.pop()
        if is_key or place & (_KIND | _QUOTED) or len(word) != len(table) or len(self._within) >= MAX_DEPTH:
            raise _Stop
        self._put(place & ~_SPACED | _TABLE, table)

    def _key(self, keys: dict[str, int], place: int, value: str) -> str:
        if place & _KIND == _TEXT:
            line = place >> _LINE_AT
            first = keys.setdefault(value, place)
            if first != place:
                column = place >> _COLUMN_AT & _COLUMN
                self._report(line, column, "duplicate_key", name=value, first_line=first >> _LINE_AT)
        return self._words.setdefault(value, value)

    def _begin(self, event: yaml.Event) -> None:
        """Enter a list, a table or an alias."""
        line, column = _place(event)
        table = isinstance(event, yaml.MappingStartEvent)
        kind = (_TABLE if table else _ITEMS) | self._judge(event)
        part = self._within[-1] if self._within else None
        if part is not None and part.keys is not None:
            if not part.at_value and kind != _BROKEN:
                self._report(line, column, "key_not_text")
            part.at_value = not part.at_value
        self._put(line << _LINE_AT | column << _COLUMN_AT | kind, "")
        if not isinstance(event, yaml.AliasEvent):
            self._within.append(_Within(len(self._sheet.values) - 1, {} if table else None))

    def _judge(self, event: Any) -> int:
        """Refuse what is not used here; gives the kind of what was refused, 0 where nothing was."""
        before, place = len(self.problems), _place(event)
        if len(self._within) > MAX_DEPTH:
            self._report(*place, "too_deep", limit=MAX_DEPTH)
            raise _Stop
        if isinstance(event, yaml.AliasEvent):
            self._report(*place, "alias")
            return _BROKEN
        for mark in ("anchor", "tag"):
            if getattr(event, mark) is not None:
                self._report(*place, mark)
        if isinstance(event, yaml.ScalarEvent) and len(event.value) > MAX_TEXT:
            self._report(*place, "text_too_long", limit=MAX_TEXT)
        return _BROKEN if len(self.problems) > before else _TEXT

    def _ends_blank(self, end: Any) -> bool:
        if end.line not in self._blank:
            return False
        rest: str = self._lines[end.line][end.column :]
        return rest.isspace()


def _place(event: yaml.Event) -> tuple[int, int]:
    mark: Any = event.start_mark
    return mark.line + 1, mark.column + 1
