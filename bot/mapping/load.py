"""YAML into marked text: nothing is converted, nothing is built, everything is bounded.

PyYAML's event interface is used, not its constructors: codes such as ``0012345``, ``no`` or
``1e3`` stay the text that was written, and the memory and stack of a hostile file stay small.
"""

from __future__ import annotations

import re
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


class Text(NamedTuple):
    """A scalar as it was written. ``plain``: without quotes. ``spaced``: blanks end its line."""

    line: int
    column: int
    value: str
    plain: bool = True
    spaced: bool = False


class Items(NamedTuple):
    """A list."""

    line: int
    column: int
    items: tuple[Node, ...]


class Table(NamedTuple):
    """Key -> (the key's own mark, value)."""

    line: int
    column: int
    entries: dict[str, tuple[Text, Node]]


class Broken(NamedTuple):
    """Something that was already refused: whoever reads on passes over it in silence."""

    line: int
    column: int


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
    reader = _Reader(file, text)
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


class _Reader:
    def __init__(self, file: str, text: str) -> None:
        self.problems: list[Problem] = []
        self._file = file
        self._lines = text.splitlines()
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)

    def document(self) -> Node:
        """Read the one document of the file."""
        next(self._events)  # stream start
        if isinstance(next(self._events), yaml.StreamEndEvent):
            self._report(1, 1, "file_empty")
            return Broken(1, 1)
        root = self._node(next(self._events), 0)
        next(self._events)  # document end
        event = next(self._events)
        if not isinstance(event, yaml.StreamEndEvent):
            self._report(*_place(event), "second_document")
        return root

    def report_syntax(self, error: yaml.YAMLError) -> None:
        """Put the parser's own complaint among the problems."""
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        self._report(line, column, "syntax", detail=str(getattr(error, "problem", None) or "unreadable"))

    def _report(self, line: int, column: int, key: str, **params: str | int) -> None:
        self.problems.append(Problem(self._file, line, column, Level.ERROR, key, params))

    def _node(self, event: yaml.Event, depth: int) -> Node:
        line, column = _place(event)
        if depth > MAX_DEPTH:
            self._report(line, column, "too_deep", limit=MAX_DEPTH)
            raise _Stop
        if isinstance(event, yaml.AliasEvent):
            self._report(line, column, "alias")
            return Broken(line, column)
        refused = self._refuse_marks(event)
        node = self._read(event, depth)
        return Broken(line, column) if refused else node

    def _refuse_marks(self, event: yaml.Event) -> bool:
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if anchor is not None:
            self._report(*_place(event), "anchor")
        if tag is not None:
            self._report(*_place(event), "tag")
        return anchor is not None or tag is not None

    def _read(self, event: yaml.Event, depth: int) -> Node:
        if isinstance(event, yaml.SequenceStartEvent):
            return Items(*_place(event), tuple(self._items(depth)))
        if isinstance(event, yaml.MappingStartEvent):
            return self._table(event, depth)
        return self._text(event)

    def _items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            yield self._node(event, depth + 1)

    def _table(self, start: yaml.Event, depth: int) -> Table:
        table = Table(*_place(start), {})
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            value = self._node(next(self._events), depth + 1)
            if isinstance(key, Text):
                self._enter(table, key, value)
            elif not isinstance(key, Broken):
                self._report(key.line, key.column, "key_not_text")
        return table

    def _enter(self, table: Table, key: Text, value: Node) -> None:
        if key.value in table.entries:
            first = table.entries[key.value][0]
            self._report(key.line, key.column, "duplicate_key", name=key.value, first_line=first.line)
        else:
            table.entries[key.value] = (key, value)

    def _text(self, event: Any) -> Node:
        line, column = _place(event)
        if len(event.value) > MAX_TEXT:
            self._report(line, column, "text_too_long", limit=MAX_TEXT)
            return Broken(line, column)
        plain = event.style in (None, "")
        return Text(line, column, event.value, plain, plain and self._ends_blank(event.end_mark))

    def _ends_blank(self, end: Any) -> bool:
        rest = self._lines[end.line][end.column :] if end.line < len(self._lines) else ""
        return bool(rest) and rest.isspace()


def _place(event: yaml.Event) -> tuple[int, int]:
    mark: Any = event.start_mark
    return mark.line + 1, mark.column + 1
