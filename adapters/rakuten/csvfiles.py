"""The CSV files of 商品一括編集: the stock file that goes up, its error log, the product download."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from adapters.contract import Address, Product, StockLine
from adapters.errors import TemporaryError, UnexpectedReplyError
from adapters.rakuten import products, wire

ENCODING = "cp932"
MANAGE_NUMBER = "商品管理番号（商品URL）"
SKU_NUMBER = "SKU管理番号"
QUANTITY = "在庫数"
LINK_CODE = "システム連携用SKU番号"
OPTION_KIND = "選択肢タイプ"
AXES = 6
_STEM = "normal-item_tanaban_"  # a name must begin with normal-item to be taken up
_LABELS = re.compile(f"{re.escape(MANAGE_NUMBER)}|{SKU_NUMBER}|\\d+行目")  # words of a log that are no values
_TOKEN = re.compile(r"[0-9A-Za-z_-]+")
_DOWNLOAD = re.compile(r"dl-normal-item_(\d{14})-\d+\.csv")
_REASON_MAX = 200


# --------------------------------------------------------------------------- the stock file


def stock_name(now: datetime) -> str:
    """Name an upload by its time."""
    return f"{_STEM}{now.astimezone(wire.JST):%Y%m%d_%H%M%S}.csv"


def is_ours(name: str) -> bool:
    """Say whether a file in the folder of uploads is one of this bot's."""
    return name.startswith(_STEM)


def stock_file(lines: Sequence[StockLine]) -> bytes:
    """Make an upload: the least header for stock, and of each item a product row, then its SKU rows.

    Source: clients of 商品一括編集 (a file of SKU rows alone is refused, even if nothing of the product
    changes). No cell needs quotes: numbers and codes have been screened.
    """
    items: dict[str, list[str]] = {}
    for line in lines:
        manage_number, sku_number = wire.key(line.address)
        rows = items.setdefault(manage_number, [f"{manage_number},,"])
        rows.append(f"{manage_number},{sku_number},{line.quantity}")
    header = f"{MANAGE_NUMBER},{SKU_NUMBER},{QUANTITY}"
    text = "".join(f"{row}\r\n" for row in (header, *(row for rows in items.values() for row in rows)))
    return text.encode(ENCODING)


# --------------------------------------------------------------------------- the error log


def is_log_of(name: str, ticket: str) -> bool:
    """Say whether a log is about an upload: ``<stem>.<time>.csv``."""
    stem = re.escape(ticket.removesuffix(".csv"))
    return re.fullmatch(rf"{stem}\.\d+\.csv", name) is not None


def refusals(log: bytes, addresses: Collection[Address]) -> dict[Address, str]:
    """Find the SKUs that a log names as failed, each with the words of its row.

    Which columns a log has is not public, so where its header does not tell, a row is searched for manage
    number and SKU number as whole words. A row that names an item and none of its SKUs is about all of
    them. A log that names nothing of the upload refuses the whole file.
    """
    rows = [row for row in _csv(log) if any(cell.strip() for cell in row)]
    places = _places(rows)
    skus: dict[str, set[str]] = {}
    for manage_number, sku_number in addresses:
        skus.setdefault(manage_number, set()).add(sku_number)
    found: dict[Address, str] = {}
    for row in rows:
        words = " ".join(" ".join(row).split())[:_REASON_MAX]
        for manage_number in {word.lower() for word in _words(row, places[0])} & skus.keys():
            of_item = skus[manage_number]
            for sku_number in of_item & _words(row, places[1]) or of_item:
                found.setdefault((manage_number, sku_number), words)
    if found:
        return found
    why = " ".join(" ".join(cell for row in rows[:3] for cell in row).split())[:_REASON_MAX]
    return dict.fromkeys(addresses, f"the file was refused: {why}")


def _places(rows: Sequence[Sequence[str]]) -> tuple[int | None, int | None]:
    """Find the columns of manage number and SKU number by the header, wherever that stands."""
    for row in rows:
        if MANAGE_NUMBER in row and SKU_NUMBER in row:
            return row.index(MANAGE_NUMBER), row.index(SKU_NUMBER)
    return None, None


def _words(row: Sequence[str], place: int | None) -> set[str]:
    cells = row if place is None else row[place : place + 1]
    return set(_TOKEN.findall(_LABELS.sub(" ", " ".join(cells))))


# --------------------------------------------------------------------------- the product download


def newest(names: Iterable[str]) -> list[str]:
    """Give the files of the newest product download, in the order of their names."""
    stamped = {name: form[1] for name in names if (form := _DOWNLOAD.fullmatch(name))}
    last = max(stamped.values(), default="")
    return sorted(name for name, stamp in stamped.items() if stamp == last)


def products_of(files: Mapping[str, bytes]) -> list[Product]:
    """Read the products of a download; their codes are told as those of ``items.search`` are.

    Raises:
        TemporaryError: a file is still being written.
        UnexpectedReplyError: one is not such a file.
    """
    items: dict[str, dict[str, Any]] = {}
    for name, content in files.items():
        if not content.endswith(b"\n"):
            raise TemporaryError(f"{name} is still being written", operation="read_products")
        for row in _rows(name, content):
            _take(row, items)
    return products.products_of(items.values())


def _rows(name: str, content: bytes) -> Iterator[dict[str, str]]:
    """Give the rows by column name: the set of columns changes, and a person chooses among them."""
    rows = _csv(content)
    header = next(rows, [])
    lacking = {MANAGE_NUMBER, SKU_NUMBER, LINK_CODE} - set(header)
    if lacking:
        raise UnexpectedReplyError(f"{name}: no column {', '.join(sorted(lacking))}")
    for number, row in enumerate(rows, 2):
        if row and len(row) != len(header):
            raise UnexpectedReplyError(f"{name}: row {number} has {len(row)} of {len(header)} cells")
        yield dict(zip(header, row, strict=False))


def _take(row: Mapping[str, str], items: dict[str, dict[str, Any]]) -> None:
    """Add a row to its item, in the words of ``items.search``. Option rows say nothing of stock."""
    manage_number, sku_number = row.get(MANAGE_NUMBER, ""), row.get(SKU_NUMBER, "")
    if not manage_number or row.get(OPTION_KIND):
        return
    item = items.setdefault(manage_number, {"manageNumber": manage_number, "variants": {}})
    if not sku_number:
        item |= {"itemNumber": row.get("商品番号"), "title": row.get("商品名")}
        item |= {"hideItem": _flag(row.get("倉庫指定"))}
        return
    axes = [str(number) for number in range(1, AXES + 1)]
    item["variantSelectors"] = [{"key": axis} for axis in axes]
    item["variants"][sku_number] = {
        "merchantDefinedSkuId": row[LINK_CODE],
        "selectorValues": {
            axis: text for axis in axes if (text := row.get(f"バリエーション項目選択肢{axis}"))
        },
        "hidden": _flag(row.get("SKU倉庫指定")),
        "backOrderFlag": _flag(row.get("在庫切れ時の注文受付")),
    }


def _flag(cell: str | None) -> bool | None:
    return {"0": False, "1": True}.get(cell or "")


def _csv(content: bytes) -> Iterator[list[str]]:
    text = io.TextIOWrapper(io.BytesIO(content), ENCODING, errors="replace", newline="")
    try:
        yield from csv.reader(text)
    except csv.Error as error:
        raise UnexpectedReplyError(f"not CSV ({error})") from None
