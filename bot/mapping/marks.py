"""Where everything stands in the text of a YAML file, and how a value is written into one.

The events of the parser carry the index at which a node starts and ends, so a text is changed by
cutting there, and all around it stays as a person wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_PLAIN_CODE = re.compile(r"[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?")
# What some reader of YAML takes for a truth value, nothing, or a number.
_WORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "nan", "inf", "infinity"}


@dataclass
class Place:
    """A node and where it stands: a text (``value``), a list (``items``) or a table (``pairs``).

    ``end`` is where its last letter stands, without the blank lines and comments after it.
    """

    start: int
    end: int
    flow: bool = True
    value: str | None = None
    items: list[Place] = field(default_factory=list)
    pairs: list[tuple[Place, Place]] = field(default_factory=list)

    def get(self, name: str) -> Place | None:
        """Give what stands behind a key."""
        return next((value for key, value in self.pairs if key.value == name), None)


def places(text: str) -> Place:
    """Read where everything stands in a text that ``load.parse`` found nothing wrong with."""
    events = yaml.parse(text, Loader=_LOADER)
    next(events)  # stream start
    next(events)  # document start
    return _place(text, next(events), events)


def _place(text: str, event: Any, events: Iterator[Any]) -> Place:
    start, end = event.start_mark.index, event.end_mark.index
    if isinstance(event, yaml.ScalarEvent):
        if event.style in ("|", ">"):  # its mark stands behind the break
            end = start + len(text[start:end].rstrip("\r\n\x85\u2028\u2029"))
        return Place(start, end, value=event.value)
    found = Place(start, end, bool(event.flow_style))
    if isinstance(event, yaml.SequenceStartEvent):
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            found.items.append(_place(text, event, events))
    else:
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = _place(text, event, events)
            found.pairs.append((key, _place(text, next(events), events)))
    children = found.items or [value for _key, value in found.pairs]
    found.end = event.end_mark.index if found.flow or not children else children[-1].end
    return found


class Cut(NamedTuple):
    """One change of a text: what stands from ``start`` to ``end`` becomes ``text``."""

    start: int
    end: int
    text: str


def spliced(text: str, cuts: Sequence[Cut]) -> str:
    """Give the text with all cuts made; of two at one place the first given comes first."""
    parts, at = list[str](), 0
    for cut in sorted(cuts, key=lambda cut: (cut.start, cut.end)):
        if cut.start < at:
            raise ValueError("two changes meet")
        parts += [text[at : cut.start], cut.text]
        at = cut.end
    return "".join((*parts, text[at:]))


def line_start(text: str, at: int) -> int:
    """Give where the line of a place begins."""
    found = 0
    for match in _BREAK.finditer(text, max(0, _near(text, at)), at):
        found = match.end()
    return found or _near(text, at)


def _near(text: str, at: int) -> int:
    """Give the start of a line at or before a place, found without a walk through the file."""
    return text.rfind("\n", 0, at) + 1


def line_end(text: str, at: int) -> int:
    """Give where the next line begins; the length of the text on its last."""
    found = _BREAK.search(text, at)
    return found.end() if found else len(text)


def line_number(text: str, at: int) -> int:
    """Give the line of a place as people count it."""
    return len(_BREAK.findall(text, 0, at)) + 1


def newline(text: str) -> str:
    """Give what ends the lines of a text."""
    found = _BREAK.search(text)
    return found[0] if found else "\n"


def written_code(code: str) -> str:
    """Give a code as YAML: in quotes wherever a reader could take it for something else."""
    if _PLAIN_CODE.fullmatch(code) and code.lower() not in _WORDS:
        return code
    return quoted(code)


def written_text(text: str) -> str:
    """Give a name as YAML."""
    words = text.split(" ")
    plain = all(word and all(char.isalnum() or char == "ー" for char in word) for word in words)
    return text if plain and text[0].isalpha() and text.lower() not in _WORDS else quoted(text)


def quoted(text: str) -> str:
    """Give a text between double quotes."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    if char.isprintable():
        return char
    return f"\\u{ord(char):04X}" if ord(char) < 0x10000 else f"\\U{ord(char):08X}"
