"""From the two files of a shop, its items and its stock, to products under their match codes."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

from adapters.contract import Product
from adapters.fields import Malformed
from adapters.http import Reply
from adapters.yahoo.orders import code_of
from adapters.yahoo.wire import NOT_READY, fault_of, for_person, is_address

UNLIMITED = "unlimited until a number is written"
SELLS_AT_ZERO = "sells at 0"  # allow-overdraft
NO_STOCK_ROW = "no stock row yet"
AMBIGUOUS = "code on several SKUs"
NO_ADDRESS = "the API cannot name this code"

_COLUMNS = frozenset({"code", "name", "display", "sub-code", "quantity", "allow-overdraft"})
_FIELD_MAX = 2**24  # an item's explanation is a page of HTML


class File(StrEnum):
    """What downloadRequest makes a file of, by its ``type``."""

    ITEMS = "1"
    STOCK = "2"


def is_file(reply: Reply) -> bool:
    """Tell whether an answer is the file itself, and not a page or an error."""
    return reply.status == 200 and not reply.body.lstrip().startswith(b"<")


def not_ready(reply: Reply) -> bool:
    """Tell whether an answer may mean no more than that the file is still being made.

    Source: page downloadSubmit, and what its users see meanwhile: pm-08003, 202, 403 or 500.
    """
    code = fault_of(reply).code
    return code == NOT_READY or reply.status == 202 or (reply.status in (403, 500) and not for_person(code))


def rows_of(content: bytes, *needed: str) -> list[dict[str, str]]:
    """Read the columns of a file that stock needs, by the names in its first row.

    Raises:
        Malformed: it is no such file, or was cut.
    """
    csv.field_size_limit(_FIELD_MAX)
    words = csv.reader(io.StringIO(content.decode("cp932", "replace"), newline=""), strict=True)
    try:
        names = next(words, [])
        if not set(needed) <= set(names):
            raise Malformed(f"the file has no column {', '.join(needed)}")
        return [_kept(names, row) for row in words if row]
    except csv.Error:
        raise Malformed("the file is not CSV") from None


def _kept(names: Sequence[str], row: Sequence[str]) -> dict[str, str]:
    if len(row) != len(names):
        raise Malformed("the file has a row of another length")
    return {name: value for name, value in zip(names, row, strict=True) if name in _COLUMNS}


def products_of(items: bytes, stock: bytes, code_form: str) -> list[Product]:
    """Give the sellable units: the variants of an item where it has some, else the item.

    A stock row without an item is none: Yahoo! keeps numbers for codes that nothing has.
    A code that cannot be told is "", and the note says why.
    """
    cells = _cells(stock)
    found = [
        product
        for item in rows_of(items, "code", "name")
        for product in _units(item, cells.get(item["code"], {}), code_form)
    ]
    times = Counter(product.mall_code for product in found if product.mall_code)
    return [_unmatched(product) if times[product.mall_code] > 1 else product for product in found]


def _cells(stock: bytes) -> dict[str, dict[str, dict[str, str]]]:
    """Give the rows of the stock file by 商品コード and 個別商品コード."""
    cells: dict[str, dict[str, dict[str, str]]] = {}
    for row in rows_of(stock, "code", "sub-code", "quantity"):
        cells.setdefault(row["code"], {})[row["sub-code"]] = row
    return cells


def _unmatched(product: Product) -> Product:
    return replace(product, mall_code="", note=_joined(product.note, f"{AMBIGUOUS}: {product.mall_code}"))


def _units(
    item: Mapping[str, str], cells: Mapping[str, Mapping[str, str]], code_form: str
) -> Iterator[Product]:
    variants = [sub for sub in cells if sub]
    for sub in variants or [""]:
        address = (item["code"], sub)
        note = _note(cells[sub]) if sub in cells else NO_STOCK_ROW
        code = code_of(address, code_form)
        if not is_address(address):
            code, note = "", _joined(note, f"{NO_ADDRESS}: {code}")
        yield Product(code, address, item["name"], _on_sale(item), note)


def _note(row: Mapping[str, str]) -> str:
    unlimited = UNLIMITED if not row["quantity"].strip() else ""
    overdraft = SELLS_AT_ZERO if row.get("allow-overdraft", "").strip() == "1" else ""
    return _joined(unlimited, overdraft)


def _on_sale(item: Mapping[str, str]) -> bool | None:
    return {"0": False, "1": True}.get(item.get("display", "").strip())


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)
