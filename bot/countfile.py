"""Files that people bring: a stock count, a list of codes. CSV with a header, UTF-8 or CP932.

Every bad line is found, not the first alone; what a file says is used only if none is bad.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from bot.answers import FileProblem

COLUMNS = {  # as exports and people head them; read without regard to case and width
    "code": ("code", "sku", "コード", "商品コード", "skuコード", "sku管理番号"),
    "quantity": ("quantity", "qty", "数量", "在庫数", "在庫", "実在庫数", "棚卸数"),
}
_QUANTITY = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class CountRow:
    """One line of a count."""

    line: int
    code: str
    quantity: int


@dataclass(frozen=True)
class CountFile:
    """What a file says, and everything that is wrong with it."""

    rows: tuple[CountRow, ...]
    problems: tuple[FileProblem, ...]


def read_counts(content: bytes) -> CountFile:
    """Read a count: a code and a number of pieces in each line."""
    rows: list[CountRow] = []
    problems: list[FileProblem] = []
    for line, found in _lines(content, ("code", "quantity"), problems):
        code, quantity = found
        if code and _QUANTITY.fullmatch(quantity):
            rows.append(CountRow(line, code, int(quantity)))
        else:
            problems.append(FileProblem(line, "file.count_line"))
    return _once(rows, problems)


def read_codes(content: bytes) -> CountFile:
    """Read a list of codes; other columns are left alone, and no quantity is asked for."""
    rows: list[CountRow] = []
    problems: list[FileProblem] = []
    for line, (code,) in _lines(content, ("code",), problems):
        if code:
            rows.append(CountRow(line, code, 0))
        else:
            problems.append(FileProblem(line, "file.no_code"))
    return _once(rows, problems)


def _once(rows: Sequence[CountRow], problems: list[FileProblem]) -> CountFile:
    first: dict[str, int] = {}
    for row in rows:
        if row.code in first:
            problems.append(FileProblem(row.line, "file.twice", {"code": row.code}))
        first.setdefault(row.code, row.line)
    return CountFile(tuple(rows), tuple(sorted(problems, key=lambda problem: problem.line)))


def _lines(
    content: bytes, columns: Sequence[str], problems: list[FileProblem]
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Give each line's cells of some columns; a line that has other cells than the header is bad."""
    text = _decoded(content)
    if text is None:
        problems.append(FileProblem(1, "file.encoding"))
        return
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        header = next(reader, [])
        places = [place for column in columns if (place := _place(header, column)) is not None]
        if len(places) < len(columns):
            problems.append(FileProblem(1, f"file.header_{'_'.join(columns)}"))
            return
        for cells in reader:
            if len(cells) == len(header):
                yield reader.line_num, tuple(cells[place] for place in places)
            else:
                problems.append(FileProblem(reader.line_num, "file.cells", {"count": str(len(header))}))
    except csv.Error:
        problems.append(FileProblem(reader.line_num, "file.not_csv"))


def _decoded(content: bytes) -> str | None:
    for encoding in ("utf-8-sig", "cp932"):
        with suppress(UnicodeDecodeError):
            return content.decode(encoding)
    return None


def _place(header: Sequence[str], column: str) -> int | None:
    """Find a column by its head; None if none, or two, are headed so."""
    heads = [unicodedata.normalize("NFKC", head).strip().lower() for head in header]
    found = [place for place, head in enumerate(heads) if head in COLUMNS[column]]
    return found[0] if len(found) == 1 else None
