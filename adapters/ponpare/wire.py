"""The files that are exchanged with ポンパレモール: names, columns, what goes out, what comes back. No I/O.

An address is ``(商品管理ID,)`` for a plain product, and has SKU横軸項目ID and SKU縦軸項目ID too for a SKU.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from adapters.contract import Address
from adapters.errors import UnexpectedReplyError
from adapters.files import Column, Entry, read_table, write_table

CONTROL = "コントロールカラム"
MANAGE_ID = "商品管理ID（商品URL）"
ITEM_ID = "商品ID"
NAME = "商品名"
STOCK_TYPE = "在庫タイプ"
STOCK = "在庫数"
SKU_STOCK = "SKU在庫数"
CHOICE_TYPE = "選択肢タイプ"
ACROSS, DOWN = "SKU横軸項目ID", "SKU縦軸項目ID"
ACROSS_NAME, DOWN_NAME = "SKU横軸項目名", "SKU縦軸項目名"
OPTION_HEADER = (
    CONTROL,
    MANAGE_ID,
    CHOICE_TYPE,
    "購入オプション名",
    "オプション項目名",
    ACROSS,
    ACROSS_NAME,
    DOWN,
    DOWN_NAME,
    SKU_STOCK,
)
UPDATE = "u"
GOOD = "OK"
_STAMP = "%Y%m%d%H%M%S"
_TEXT_MAX = 200


def column(name: str, *, needed: bool = True) -> Column:
    """Give a column by its name; the brackets of 商品管理ID may be of either width."""
    names = dict.fromkeys((name, name.replace("（", "(").replace("）", ")")))
    return Column(tuple(names), needed=needed)


# --------------------------------------------------------------------------- the two files


@dataclass(frozen=True)
class Form:
    """One kind of file: the fixed name of its slot, and which columns name and count a row."""

    name: str
    key: tuple[str, ...]
    quantity: str

    def is_result(self, name: str) -> bool:
        """Say whether a name in the result folder is an answer to this kind of file."""
        stem = re.escape(self.name.removesuffix(".csv"))
        return re.fullmatch(rf"{stem}_.*\.csv", name, re.IGNORECASE) is not None


# Source: three working clients of the mall name their files so, and never otherwise.
ITEM = Form("item.csv", (MANAGE_ID,), STOCK)
OPTION = Form("option.csv", (MANAGE_ID, ACROSS, DOWN), SKU_STOCK)
FORMS: Mapping[str, Form] = {form.name: form for form in (ITEM, OPTION)}


def form_of(address: Address) -> Form:
    """Give the kind of file in which an address is written."""
    return ITEM if len(address) == 1 else OPTION


def folded(address: Address) -> Address:
    """Give an address as the mall holds it: 商品管理ID is lower case.

    Source: a working client lower-cases it before sending.
    """
    return (address[0].lower(), *address[1:])


def item_file(quantities: Iterable[tuple[Address, int]], stock_type: str) -> bytes:
    """Make item.csv for plain products; no column 在庫タイプ where ``stock_type`` is "".

    Source: the mall reads files by header name and takes one with only the needed columns, as a
    working client sends them.
    """
    kind = (STOCK_TYPE,) if stock_type else ()
    values = (stock_type,) if stock_type else ()
    rows = ((UPDATE, address[0], *values, str(quantity)) for address, quantity in quantities)
    return write_table(ITEM.name, (CONTROL, MANAGE_ID, *kind, STOCK), rows, bare=True)


def option_file(quantities: Iterable[tuple[Mapping[str, str], int]]) -> bytes:
    """Make option.csv: rows as they were downloaded, but for the control letter and the number.

    Source: the one known client that changes stock of SKUs sends downloaded rows whole; whether a
    name may be left empty is not known.
    """
    changed = ({**row, CONTROL: UPDATE, SKU_STOCK: str(quantity)} for row, quantity in quantities)
    rows = ([row[name] for name in OPTION_HEADER] for row in changed)
    return write_table(OPTION.name, OPTION_HEADER, rows, bare=True)


def told_apart(content: bytes) -> bytes:
    """Mark a file that was saved as UTF-8 as such; the mall's own files are cp932.

    Japanese text in cp932 is no well-formed UTF-8 but by an accident of a few letters.
    """
    if content.isascii() or content.startswith(codecs.BOM_UTF8):
        return content
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return content
    return codecs.BOM_UTF8 + content


# --------------------------------------------------------------------------- what came of them


class Mark(NamedTuple):
    """A place in the row of result files, by the server's own clock; the least one is empty."""

    stamp: str = ""
    name: str = ""


def mark_of(entry: Entry) -> Mark:
    """Give the place of a result file."""
    return Mark(entry.modified.strftime(_STAMP) if entry.modified else "", entry.name)


@dataclass(frozen=True)
class Ticket:
    """One upload: its file, when, and the newest result that was there before it.

    What came before an upload cannot be its answer, whatever the two clocks say.
    """

    form: Form
    sent_at: datetime
    after: Mark

    def __str__(self) -> str:
        """Write it as the core keeps it."""
        at = self.sent_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return f"{self.form.name} {at} {self.after.stamp}/{self.after.name}"


def read_ticket(text: str) -> Ticket | None:
    """Read a ticket; None if it is none of ours."""
    name, _, rest = text.partition(" ")
    at, _, after = rest.partition(" ")
    stamp, _, result = after.partition("/")
    try:
        return Ticket(FORMS[name], datetime.fromisoformat(at), Mark(stamp, result))
    except (KeyError, ValueError):
        return None


@dataclass(frozen=True)
class Answer:
    """A result file: ``said`` is (address, quantity) -> what the control cell says of that row.

    ``whole`` is what the mall says where it took the file for none of its own; ``unreadable`` is what
    is wrong with an answer that is none of the known form.
    """

    at: Mark
    said: Mapping[tuple[Address, str], str] = field(default_factory=dict)
    whole: str = ""
    unreadable: str = ""


def read_answer(form: Form, entry: Entry, content: bytes) -> Answer:
    """Read a result file: the uploaded columns, with ``OK`` or a reason in コントロールカラム.

    Source: a working client that fetches these files; that a file which cannot be read is answered
    with one row is a guess.

    Raises:
        UnexpectedReplyError: it is no such file.
    """
    columns = {name: column(name) for name in (CONTROL, *form.key, form.quantity)}
    content = told_apart(content)
    try:
        rows = read_table(entry.name, content, columns)
    except UnexpectedReplyError:
        if whole := _refusal(_controls(entry.name, content)):
            return Answer(mark_of(entry), whole=whole)
        raise
    if whole := _refusal([row[CONTROL] for row in rows if not row[MANAGE_ID]]):
        return Answer(mark_of(entry), whole=whole)
    return Answer(mark_of(entry), {_row_key(form, row): _short(row[CONTROL]) for row in rows})


def is_being_written(content: bytes) -> bool:
    """Say whether a result that cannot be read may be one of the known form that is not yet whole."""
    heads = [CONTROL.encode(encoding) for encoding in ("cp932", "utf-8", "utf-8-sig")]
    begins = any(content.replace(b'"', b"").startswith(head[: len(content)]) for head in heads)
    return begins and not content.endswith(b"\n")


def row_key(address: Address, quantity: int) -> tuple[Address, str]:
    """Give what a written row is found by in an answer."""
    return folded(address), str(quantity)


def _row_key(form: Form, row: Mapping[str, str]) -> tuple[Address, str]:
    quantity = row[form.quantity].strip()
    number = str(int(quantity)) if quantity.isascii() and quantity.isdecimal() else quantity
    return folded(tuple(row[name] for name in form.key)), number


def _controls(name: str, content: bytes) -> list[str]:
    return [row[CONTROL] for row in read_table(name, content, {CONTROL: column(CONTROL)})]


def _refusal(controls: Sequence[str]) -> str:
    """Give the mall's text where all it says is one thing, and no row is named."""
    return _short(controls[0]) if len(controls) == 1 and controls[0].strip() != GOOD else ""


def _short(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()[:_TEXT_MAX]
