"""The CSV form of TEMPOSTAR's files: every field quoted, CRLF, encoding told by the file's name.

A file whose name holds ``utf8`` is UTF-8, any other is cp932; a BOM is accepted, never written
(spec 1.1). The reader takes nothing looser, so that a writer's slip shows here first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_FIELD = re.compile(r'"((?:[^"]|"")*)"(,|\r\n)')


class FormError(Exception):
    """A file is not in the form; the text says where."""


def encoding_of(name: str) -> str:
    """Give the encoding that a file's name tells."""
    return "utf-8" if "utf8" in name else "cp932"


def decode(name: str, content: bytes) -> str:
    """Decode a file's bytes by its name, a BOM left out.

    Raises:
        FormError: the bytes are not in that encoding.
    """
    encoding = encoding_of(name)
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise FormError(f"not {encoding}: byte {error.start}") from error


def parse(text: str) -> list[list[str]]:
    """Split strictly formed CSV into records of fields.

    Raises:
        FormError: a field without quotes, a line end other than CRLF, or none at the end.
    """
    records: list[list[str]] = []
    record: list[str] = []
    position = 0
    while position < len(text):
        match = _FIELD.match(text, position)
        if match is None:
            raise FormError(f"record {len(records) + 1}, field {len(record) + 1}: not quoted, or no CRLF")
        record.append(match[1].replace('""', '"'))
        if match[2] != ",":
            records.append(record)
            record = []
        position = match.end()
    if record:
        raise FormError("the last record has no CRLF")
    return records


def write(name: str, records: Iterable[Sequence[str | int]]) -> bytes:
    """Give the bytes of a file; a character that its encoding lacks becomes ``?``."""
    lines = (",".join(_quoted(str(field)) for field in record) + "\r\n" for record in records)
    return "".join(lines).encode(encoding_of(name), errors="replace")


def _quoted(field: str) -> str:
    return '"' + field.replace('"', '""') + '"'
