"""Made-up buyers are planted in what a mall gives; these helpers look for them in all that comes out."""

from __future__ import annotations

import copy
import csv
import io
import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from adapters.errors import MallError
from tests.contract import everything_of

ODD: tuple[Any, ...] = (None, "", "x", -1, [], {}, True)


def found_in(
    caplog: pytest.LogCaptureFixture, personal: Iterable[str], calls: Iterable[Callable[[], object]]
) -> set[str]:
    """Make the calls and give what of the buyers stands in a returned value, an error or a log."""
    caplog.set_level(logging.DEBUG)
    seen = [shown(call) for call in calls]
    seen += [record.getMessage() + str(record.exc_text) for record in caplog.records]
    text = "\n".join(seen)
    return {name for name in personal if name in text}


def shown(call: Callable[[], object]) -> str:
    """Put what a call gives, or all that can be seen of its error, into one text."""
    try:
        return repr(call())
    except (MallError, ValueError) as error:
        return everything_of(error)


def spoilt(answer: Any) -> Iterator[Any]:
    """Give an answer with one field after another gone or of another form."""
    for path in _paths(answer):
        for odd in ODD:
            yield _changed(answer, path, odd)
        yield _changed(answer, path, None, gone=True)


def _paths(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in items:
        yield (*above, key)
        yield from _paths(below, (*above, key))


def _changed(answer: Any, path: tuple[Any, ...], odd: Any, *, gone: bool = False) -> Any:
    made = copy.deepcopy(answer)
    holder = made
    for key in path[:-1]:
        holder = holder[key]
    if gone:
        del holder[path[-1]]
    else:
        holder[path[-1]] = odd
    return made


def spoilt_files(content: bytes, encoding: str = "cp932") -> Iterator[bytes]:
    """Give a CSV file cut at many places, and with one cell after another of another form."""
    yield from (content[:end] for end in range(0, len(content), max(1, len(content) // 60)))
    yield from (content[:middle] + b"\x81\xff\0" + content[middle:] for middle in range(0, len(content), 40))
    rows = list(csv.reader(io.StringIO(content.decode(encoding), newline="")))
    for number, row in enumerate(rows):
        for place in range(len(row)):
            for odd in ("", "x", "1E+15", '"'):
                yield _file(
                    [*rows[:number], [*row[:place], odd, *row[place + 1 :]], *rows[number + 1 :]], encoding
                )


def _file(rows: list[list[str]], encoding: str) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode(encoding)
