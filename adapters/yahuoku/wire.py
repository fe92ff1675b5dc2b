"""The files of a Yahoo!オークション store as rows of text: CSV, and the workbook (.xlsx) of orders."""

from __future__ import annotations

import codecs
import csv
import io
import re
import xml.etree.ElementTree as ET
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from adapters.errors import UnexpectedReplyError

JST = timezone(timedelta(hours=9))
ENCODING = "cp932"  # of every CSV that the store's screens give and take
MAX_BYTES = 20_000_000
MAX_COLUMNS = 256

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_WHOLE_NUMBER = re.compile(r"[0-9]{1,15}(?:\.0+)?|[0-9](?:\.[0-9]{1,14})?E\+?(?:0?[0-9]|1[0-4])")
_ZERO_1900, _ZERO_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 - of no zone


class Malformed(ValueError):
    """The content has another form; the message holds nothing of the content."""


@dataclass(frozen=True)
class Row:
    """One row: its number in the file as a spreadsheet counts, and its cells."""

    number: int
    cells: Sequence[str]

    def cell(self, place: int | None) -> str:
        """Give a cell; "" where the row ends before it."""
        return "" if place is None or place >= len(self.cells) else self.cells[place]


@dataclass(frozen=True)
class Table:
    """The rows of a file that are not empty; ``zero`` is the day that date numbers count from."""

    rows: Sequence[Row]
    zero: datetime = _ZERO_1900


def read_table(name: str, content: bytes) -> Table:
    """Read a CSV file or the first sheet of a workbook; what it is, its first bytes tell.

    A CSV that a person saved as UTF-8 is read too; a letter that cannot be read becomes U+FFFD.

    Raises:
        UnexpectedReplyError: it is neither, or too large. Nothing of the content is in the message.
    """
    try:
        if len(content) > MAX_BYTES:
            raise Malformed(f"larger than {MAX_BYTES} bytes")
        if content.startswith(_OLE):
            raise Malformed("an old or locked workbook; save it as .xlsx without a password, or as CSV")
        return _workbook(content) if content.startswith(_ZIP) else Table(_whole_rows(_text(content)))
    except Malformed as error:
        raise UnexpectedReplyError(f"{name}: {error}", operation="read_file") from None


# --------------------------------------------------------------------------- CSV


def csv_rows(text: str) -> list[Row]:
    """Read the rows of a CSV text.

    Raises:
        Malformed: it is not CSV, or ends within a cell.
    """
    if "\0" in text:
        raise Malformed("has NUL")
    try:
        rows = enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), 1)
        return [Row(number, cells) for number, cells in rows if any(cells)]
    except csv.Error as error:
        raise Malformed(f"not CSV ({error})") from None


def _whole_rows(text: str) -> list[Row]:
    """Read a CSV that was not cut: no row is shorter than the first, and the last one ends with its line.

    Longer rows are let be: people note things beyond the last column.
    """
    if text and not text.endswith("\n"):
        raise Malformed("its last line has no end: it came cut")
    rows = csv_rows(text)
    for row in rows:
        if len(row.cells) < len(rows[0].cells):
            raise Malformed(f"row {row.number} is cut: {len(row.cells)} of {len(rows[0].cells)} cells")
    return rows


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        broken = content.startswith(codecs.BOM_UTF8)
        return content.decode("utf-8-sig" if broken else ENCODING, errors="replace")


# --------------------------------------------------------------------------- workbooks
# Source: ECMA-376 part 1, 18.3.1.4 (c), 18.4.8 (si), 18.18.11 (cell types), 18.17.4.1 (dates).


def _workbook(content: bytes) -> Table:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            book = _part(archive, "xl/workbook.xml")
            words = [_words(item) for item in _shared(archive)]
            sheet = _part(archive, _first_sheet(archive, book))
    except (zipfile.BadZipFile, KeyError, RuntimeError, NotImplementedError, EOFError, zlib.error):
        raise Malformed("not a workbook that can be read") from None
    properties = next(_every(book, "workbookPr"), None)
    since_1904 = properties is not None and properties.get("date1904") in {"1", "true"}
    return Table(list(_sheet_rows(sheet, words)), _ZERO_1904 if since_1904 else _ZERO_1900)


def _part(archive: zipfile.ZipFile, path: str) -> ET.Element:
    with archive.open(path) as part:
        body = part.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise Malformed(f"its contents are larger than {MAX_BYTES} bytes")
    if b"<!DOCTYPE" in body or b"\0" in body:
        raise Malformed("its XML is not plain")
    try:
        return ET.fromstring(body)
    except (ET.ParseError, ValueError, LookupError):
        raise Malformed("its XML cannot be read") from None


def _shared(archive: zipfile.ZipFile) -> Iterable[ET.Element]:
    path = "xl/sharedStrings.xml"
    return _every(_part(archive, path), "si") if path in archive.namelist() else ()


def _first_sheet(archive: zipfile.ZipFile, book: ET.Element) -> str:
    sheet = next(_every(book, "sheet"), None)
    names = {} if sheet is None else sheet.attrib
    wanted = {value for name, value in names.items() if name.endswith("}id")}
    for relation in _part(archive, "xl/_rels/workbook.xml.rels"):
        if relation.get("Id") in wanted:
            target = relation.get("Target", "")
            return target[1:] if target.startswith("/") else f"xl/{target}"
    raise Malformed("a workbook without a sheet")


def _sheet_rows(sheet: ET.Element, words: Sequence[str]) -> Iterator[Row]:
    for count, row in enumerate(_every(sheet, "row"), 1):
        cells: dict[int, str] = {}
        for cell in _every(row, "c"):
            place = _place(cell.get("r", ""), after=max(cells, default=-1))
            if place < MAX_COLUMNS:
                cells[place] = _cell(cell, words)
        if any(cells.values()):
            number = row.get("r", "")
            texts = [cells.get(place, "") for place in range(max(cells) + 1)]
            yield Row(int(number) if number.isdecimal() else count, texts)


def _place(reference: str, after: int) -> int:
    """Give the column of a reference such as ``AB12``, from 0; the next one where there is none."""
    letters = reference.rstrip("0123456789")
    if not re.fullmatch("[A-Z]{1,3}", letters):
        return after + 1
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1


def _cell(cell: ET.Element, words: Sequence[str]) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return "".join(_words(item) for item in _every(cell, "is"))
    value = "".join(item.text or "" for item in _every(cell, "v"))
    if kind == "s":
        if not (value.isdecimal() and int(value) < len(words)):
            raise Malformed("a cell speaks of a text that is not there")
        return words[int(value)]
    return _number(value) if kind == "n" else value


def _number(value: str) -> str:
    """Give a whole number as its digits; anything else as it stands."""
    return str(int(float(value))) if _WHOLE_NUMBER.fullmatch(value) and float(value).is_integer() else value


def _words(item: ET.Element) -> str:
    """Give the text of a string, without the reading (ふりがな) that stands beside it."""
    parts = [item, *(child for child in item if _local(child) == "r")]
    return "".join(text.text or "" for part in parts for text in part if _local(text) == "t")


def _every(element: ET.Element, name: str) -> Iterator[ET.Element]:
    return (found for found in element.iter() if _local(found) == name)


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


# --------------------------------------------------------------------------- columns


def places(header: Sequence[str], names: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Find columns by header: key -> place, for those keys of which a name stands in the header."""
    found = {key: [header.index(name) for name in known if name in header] for key, known in names.items()}
    return {key: at[0] for key, at in found.items() if at}
