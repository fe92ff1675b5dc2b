"""The CSV form of the mall's files: cp932, comma, a header row, CRLF, quotes where needed (spec 2)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

ENCODING = "cp932"
_BARE_LINE_END = re.compile(r"(?<!\r)\n|\r(?!\n)")


class FormError(Exception):
    """A file cannot be read; the text says why."""


def parse(content: bytes) -> list[list[str]]:
    """Split a file into records of cells.

    Raises:
        FormError: the bytes are not cp932, the quotes do not close, or there is no header.
    """
    try:
        text = content.decode(ENCODING)
        records = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except UnicodeDecodeError as error:
        raise FormError(f"not {ENCODING}: byte {error.start}") from error
    except csv.Error as error:
        raise FormError(str(error)) from error
    if not records:
        raise FormError("empty")
    return records


def has_bare_line_ends(content: bytes) -> bool:
    """Say whether a line ends with anything but CRLF."""
    text = content.decode(ENCODING, "replace")
    return bool(_BARE_LINE_END.search(text)) or not text.endswith("\r\n")


def write(records: Iterable[Sequence[str | int]], encoding: str = ENCODING) -> bytes:
    """Give the bytes of a file; a character that the encoding lacks becomes ``?``."""
    page = io.StringIO(newline="")
    csv.writer(page, lineterminator="\r\n").writerows(records)
    return page.getvalue().encode(encoding, "replace")
