"""Reads typed values out of marked text and notes everything that is not as it should be."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator
from enum import StrEnum
from typing import TypeVar

from bot.mapping import keys
from bot.mapping.load import Broken, Items, Node, Table, Text
from bot.mapping.problem import Level, Problem

E = TypeVar("E", bound=StrEnum)

_WHOLE = re.compile(keys.WHOLE_FORM)
_WEIGHT = re.compile(keys.WEIGHT_FORM)


class Notes:
    """The findings of one check, in one file at a time."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.file = file
        self.problems = problems

    def error(self, node: Node, key: str, **params: str | int) -> None:
        """Note something that keeps the commit from the malls."""
        self._note(Level.ERROR, node, key, params)

    def warning(self, node: Node, key: str, **params: str | int) -> None:
        """Note something that is only told."""
        self._note(Level.WARNING, node, key, params)

    def _note(self, level: Level, node: Node, key: str, params: dict[str, str | int]) -> None:
        self.problems.append(Problem(self.file, node.line, node.column, level, key, params))


def nearest(word: str, known: Collection[str]) -> str:
    """Give the known word that was probably meant, or ""."""
    # The look through a very large catalogue costs more than the hint is worth.
    close = difflib.get_close_matches(word, known, 1) if len(known) <= 2_000 else []
    return close[0] if close else ""


class Fields:
    """One table of the file, read key by key; unknown keys are noted at once."""

    def __init__(self, notes: Notes, table: Table, known: Collection[str]) -> None:
        self.notes = notes
        self.table = table
        for name, (key, _value) in table.entries.items():
            if name not in known:
                self._unknown(key, known)

    def _unknown(self, key: Text, known: Collection[str]) -> None:
        listed = ", ".join(sorted(known))
        self.notes.error(key, "unknown_key", name=key.value, known=listed, meant=nearest(key.value, known))

    def node(self, name: str) -> Node | None:
        """Give what stands behind a key, whatever it is."""
        entry = self.table.entries.get(name)
        return entry[1] if entry else None

    def require(self, name: str) -> bool:
        """Note a missing key at the table's own place; True if it is there."""
        if name not in self.table.entries:
            self.notes.error(self.table, "missing_key", name=name)
        return name in self.table.entries

    def text(self, name: str, default: str = "") -> str:
        """Give a text."""
        return text_of(self.notes, self.node(name), name) or default

    def choice(self, name: str, kind: type[E], default: E) -> E:
        """Give one of a fixed list of words."""
        word = self.text(name)
        if not word:
            return default
        if word in list(kind):
            return kind(word)
        self._refuse(name, "not_a_choice", known=", ".join(kind), meant=nearest(word, list(kind)))
        return default

    def whole(self, name: str, low: int = 0) -> int | None:
        """Give a whole number >= ``low`` written in half-width digits; None if there is none."""
        word = self.text(name)
        if word and _WHOLE.fullmatch(word) and int(word) >= low:
            return int(word)
        if word:
            self._refuse(name, "not_whole", low=low)
        return None

    def weight(self, name: str) -> float | None:
        """Give a positive number; None for ``auto`` or where there is none."""
        word = self.text(name)
        if word in ("", "auto"):
            return None
        if _WEIGHT.fullmatch(word) and float(word) > 0:
            return float(word)
        self._refuse(name, "not_weight")
        return None

    def flag(self, name: str, default: bool) -> bool:
        """Give ``true`` or ``false``; nothing else is one."""
        word = self.text(name)
        if word in ("true", "false"):
            return word == "true"
        if word:
            self._refuse(name, "not_flag")
        return default

    def tables(self, name: str) -> Iterator[tuple[Text, Table]]:
        """Go through a table of tables."""
        for key, value in entries_of(self.notes, self.node(name), name):
            if table := table_of(self.notes, value, key.value):
                yield key, table

    def _refuse(self, name: str, key: str, **params: str | int) -> None:
        node = self.table.entries[name][1]
        value = node.value if isinstance(node, Text) else ""
        self.notes.error(node, key, name=name, value=value, **params)


def text_of(notes: Notes, node: Node | None, name: str) -> str:
    """Give a scalar's text; notes anything else, an empty one too, and gives ""."""
    if node is None or isinstance(node, Broken):
        return ""
    if not isinstance(node, Text):
        notes.error(node, "not_text", name=name)
        return ""
    if node.value.strip() == "":
        notes.error(node, "empty_value", name=name)
        return ""
    return node.value


def table_of(notes: Notes, node: Node | None, name: str) -> Table | None:
    """Give a table; notes anything else."""
    if isinstance(node, Table):
        return node
    if node is not None and not isinstance(node, Broken):
        notes.error(node, "not_table", name=name)
    return None


def entries_of(notes: Notes, node: Node | None, name: str) -> Iterator[tuple[Text, Node]]:
    """Go through a table's entries; notes what is not a table."""
    table = table_of(notes, node, name)
    yield from table.entries.values() if table else ()


def items_of(notes: Notes, node: Node | None, name: str) -> tuple[Node, ...]:
    """Give a list's items; notes what is not a list."""
    if isinstance(node, Items):
        return node.items
    if node is not None and not isinstance(node, Broken):
        notes.error(node, "not_list", name=name)
    return ()


def texts_of(notes: Notes, node: Node | None, name: str) -> Iterator[tuple[Text, str]]:
    """Go through a list of texts, with their marks; notes items that are none."""
    for item in items_of(notes, node, name):
        value = text_of(notes, item, name)
        if value and isinstance(item, Text):
            yield item, value
