"""The files that are exchanged with TEMPOSTAR: names, columns, meaning. No I/O here.

Times in names and cells are Japan's; the rest of the program sees UTC.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

from adapters.contract import LineState, Order, OrderLine, StockLine
from adapters.errors import UnexpectedReplyError
from adapters.files import Column, encoding_of, read_table, write_table

JST = timezone(timedelta(hours=9))
STOCK_HEADER = ("商品コード", "想定在庫数", "更新モード", "更新対象")
OVERWRITE = "1"  # 更新モード 2 adds, which could not be repeated after an unknown outcome
EXPECTED_ONLY = "1"  # 更新対象 2 and 3 touch the warehouse's real stock

_STOCK_NAME = re.compile(r"stock(\d{14})_utf8\.csv")
_ORDER_NAME = re.compile(r"order.*\.csv", re.IGNORECASE)
_STAMP = "%Y%m%d%H%M%S"

_ORDER_COLUMNS = {
    "order": Column(("ショップ受注番号",)),
    "at": Column(("受注日時",)),
    "progress": Column(("受注進捗コード",)),
    "code": Column(("商品コード",)),
    "quantity": Column(("数量",)),
}
_PUBLISHED_COLUMNS = {
    "code": Column(("商品コード", "SKUコード"), 0),
    "quantity": Column(("在庫数", "販売可能在庫数", "想定在庫数"), 1),
}


class Published(NamedTuple):
    """A number that TEMPOSTAR put out for RoomClip, and when we saw it there."""

    quantity: int
    seen_at: datetime


# --------------------------------------------------------------------------- stock, in


def next_stock_name(now: datetime, taken: Iterable[str]) -> str:
    """Give a name for an inbound stock file that is greater than each of ``taken``.

    It says ``now``, or the second after the greatest taken name where that is not earlier. Names
    more than a day ahead are not ours and are passed over.

    Source: clients of TEMPOSTAR name their files so; a name without ``utf8`` would be read as
    Shift_JIS.
    """
    at = now.astimezone(JST).replace(microsecond=0)
    limit = at + timedelta(days=1)
    stamps = [stamp for name in taken if (stamp := _stamp(name)) and stamp < limit]
    at = max([at, *(stamp + timedelta(seconds=1) for stamp in stamps)])
    return f"stock{at.strftime(_STAMP)}_utf8.csv"


def is_stock_file(name: str) -> bool:
    """Say whether a name is of an inbound stock file as we name them."""
    return _stamp(name) is not None


def _stamp(name: str) -> datetime | None:
    match = _STOCK_NAME.fullmatch(name)
    try:
        return datetime.strptime(match[1], _STAMP).replace(tzinfo=JST) if match else None
    except ValueError:
        return None


def stock_file(name: str, lines: Sequence[StockLine]) -> bytes:
    """Make the inbound stock file: 想定在庫数 of each line, overwriting.

    保留在庫数 is not sent: an absent column leaves it as it is (a guess; nothing public says so).

    Source: the columns as clients of TEMPOSTAR write them to ``/stock/``; that 想定在庫数 minus 保留在庫数
    is what malls get: TEMPOSTAR manual, linking-stock-quantity-and-stock.
    """
    rows = ([line.mall_code, str(line.quantity), OVERWRITE, EXPECTED_ONLY] for line in lines)
    return write_table(name, STOCK_HEADER, rows)


def refused_codes(log_name: str, content: bytes) -> dict[str, str]:
    """Read the error log of an inbound file: code -> what the log says of it.

    How TEMPOSTAR reports bad rows is not public. Our reading: the code is in the column 商品コード, or in
    the first one without that header, and the last cell says why.
    """
    text = content.decode(encoding_of(log_name), errors="replace").removeprefix("\ufeff")
    rows = [next(csv.reader([line])) for line in text.replace("\0", "").splitlines() if line]
    place = rows[0].index("商品コード") if rows and "商品コード" in rows[0] else 0
    return {row[place]: row[-1][:200] for row in rows if len(row) > place}


# --------------------------------------------------------------------------- stock, out


def published_stock(name: str, content: bytes, seen_at: datetime) -> dict[str, Published]:
    """Read the file that TEMPOSTAR puts out for RoomClip: code -> number.

    Columns are found by header, else by position (code, stock). Rows whose stock is no whole
    number are passed over, as the readers of such files do.
    """
    rows = read_table(name, content, _PUBLISHED_COLUMNS)
    return {
        row["code"]: Published(int(row["quantity"]), seen_at) for row in rows if row["quantity"].isdecimal()
    }


# --------------------------------------------------------------------------- orders


def is_order_file(name: str) -> bool:
    """Say whether a name in the export folder is an order file (受注情報CSVエクスポート)."""
    return _ORDER_NAME.fullmatch(name) is not None


def parse_orders(
    name: str, content: bytes, revision: datetime | None, cancelled_codes: Collection[str]
) -> list[Order]:
    """Read the orders of one export file; one row is one line of an order.

    Only ショップ受注番号, 受注日時, 受注進捗コード, 商品コード and 数量 leave this function, so nothing
    personal does.
    TEMPOSTAR numbers no lines: a line is named by its code, the second one of a code in one order by
    ``code#2`` and so on, in the order of the rows. An order that comes twice in one file counts as
    it stands further down.

    Args:
        revision: the file's time, which is all that tells which of two files is the newer.

    Raises:
        UnexpectedReplyError: a column is missing or a cell is not of the known form.
    """
    rows: dict[str, list[dict[str, str]]] = {}
    for row in read_table(name, content, _ORDER_COLUMNS):
        rows.setdefault(row["order"], []).append(row)
    return [_order(name, order_id, group, revision, cancelled_codes) for order_id, group in rows.items()]


def _order(
    name: str,
    order_id: str,
    rows: Sequence[dict[str, str]],
    revision: datetime | None,
    cancelled_codes: Collection[str],
) -> Order:
    seen: Counter[tuple[str, str]] = Counter()
    lines: dict[str, OrderLine] = {}
    for row in rows:
        code, progress = row["code"], row["progress"]
        # 受注進捗コード is the order's, so rows with another code are the order at another time.
        seen[progress, code] += 1
        line_id = code if seen[progress, code] == 1 else f"{code}#{seen[progress, code]}"
        state = LineState.CANCELLED if progress in cancelled_codes else LineState.SOLD
        lines[line_id] = OrderLine(line_id, code, (code,), _pieces(name, row["quantity"]), state, revision)
    if not order_id:
        raise UnexpectedReplyError(f"{name}: a row without ショップ受注番号")
    return Order(order_id, _ordered_at(name, rows[0]["at"], revision), tuple(lines.values()))


def _pieces(name: str, cell: str) -> int:
    if not (cell.isascii() and cell.isdecimal()):
        raise UnexpectedReplyError(f"{name}: a 数量 that is no whole number")
    return int(cell)


def _ordered_at(name: str, cell: str, written_at: datetime | None) -> datetime:
    """Give the latest moment that the cell can mean: it has no seconds.

    The earliest one could lie before a stock count that was made in the same minute, and the sale
    would pass for one that the count already holds.
    """
    try:
        minute = datetime.strptime(f"{cell} +0900", "%Y/%m/%d %H:%M %z").astimezone(UTC)
    except ValueError:
        raise UnexpectedReplyError(f"{name}: a 受注日時 that is not yyyy/MM/dd HH:mm") from None
    latest = minute + timedelta(seconds=59)
    return max(minute, min(latest, written_at)) if written_at else latest
