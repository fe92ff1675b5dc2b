"""The order export that a person takes from the store's screen (ストアクリエイターPro, 注文): rows to orders.

One row is one order. Of it only the number, the 管理番号, the times, the auction id, the pieces, the
state, payment and delivery leave this module, so nothing personal does.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from adapters.contract import LineState, Order, OrderLine
from adapters.errors import UnexpectedReplyError
from adapters.yahuoku.wire import JST, Malformed, Row, Table, places

# Source: field names of page orderList (注文検索API), which the export uses as its heading; the
# Japanese ones are a guess, as a store chooses its own pattern of columns.
_NEEDED: Mapping[str, Sequence[str]] = {
    "order": ("OrderId", "注文ID"),
    "code": ("YahooAuctionMerchantId", "ItemYahooAucMerchantId", "管理番号"),
    "at": ("OrderTime", "注文日時"),
    "auction": ("YahooAuctionId", "ItemYahooAucId", "オークションID"),
}
_EXTRA: Mapping[str, Sequence[str]] = {
    "quantity": ("Quantity", "個数", "数量"),
    "status": ("OrderStatus", "注文ステータス"),
    "changed": ("LastUpdateTime", "最終更新日時"),
    "payment": ("PayMethodName", "PayMethod"),
    "delivery": ("ShipMethodName", "ShipMethod"),
}
_POSITIONS = {"order": 0, "code": 1, "at": 2, "auction": 3}  # where a store's export has them

# Source: page orderList, OrderStatus: 予約中, 処理中, 保留, キャンセル, 完了. 0 is taken for "not paid
# yet" and 8 for "merged into another order", which then holds its pieces.
_STATES: Mapping[str, LineState] = {
    "": LineState.SOLD,
    **dict.fromkeys(("0", "1", "3", "予約中", "保留"), LineState.RESERVED),
    **dict.fromkeys(("2", "5", "処理中", "完了"), LineState.SOLD),
    **dict.fromkeys(("4", "8", "キャンセル"), LineState.CANCELLED),
}

_TIME = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})[ T](\d{1,2}):(\d{1,2})(?::(\d{1,2}))?", re.ASCII)
_DAYS = re.compile(r"[1-9]\d{4}(?:\.\d+)?", re.ASCII)  # since the spreadsheet's zero
_SPOILT = re.compile(r"\d(?:\.\d+)?E\+\d+", re.ASCII)  # a long number as a spreadsheet shortens it


@dataclass(frozen=True)
class _Piece:
    code: str
    auction_id: str
    quantity: int


@dataclass(frozen=True)
class _Sold:
    """One row that is an auction's order."""

    order_id: str
    ordered_at: datetime
    pieces: Sequence[_Piece]
    state: LineState
    changed_at: datetime | None
    payment: str
    delivery: str


def orders_of(name: str, table: Table, now: datetime) -> list[Order]:
    """Read the orders of auctions, oldest first; rows without 管理番号 and auction id are left out.

    The file numbers no lines: a line is named by its 管理番号, the second auction of it in one order by
    ``code#2`` and so on. So the same order has the same lines in every file that brings it. An order
    with several rows has the pieces of all; a piece that comes again counts as it stands further down.

    Raises:
        UnexpectedReplyError: a column is missing, or a row is not of the known form.
    """
    found: dict[str, list[_Sold]] = {}
    for sold in _sold_rows(name, table, now):
        found.setdefault(sold.order_id, []).append(sold)
    return sorted(map(_order, found.values()), key=lambda order: (order.ordered_at, order.order_id))


def _order(rows: Sequence[_Sold]) -> Order:
    last, pieces = rows[-1], {}
    for row in rows:
        count: Counter[tuple[str, str]] = Counter()
        for piece in row.pieces:
            key = (piece.code, piece.auction_id)
            count[key] += 1
            pieces[key, count[key]] = piece
    nth: Counter[str] = Counter()
    lines = []
    for piece in pieces.values():
        nth[piece.code] += 1
        line_id = piece.code if nth[piece.code] == 1 else f"{piece.code}#{nth[piece.code]}"
        lines.append(_line(line_id, piece, last))
    closed = last.state is LineState.CANCELLED
    return Order(last.order_id, rows[0].ordered_at, tuple(lines), last.payment, last.delivery, closed)


def _line(line_id: str, piece: _Piece, row: _Sold) -> OrderLine:
    address, code = (piece.code,), piece.code
    return OrderLine(line_id, code, address, piece.quantity, row.state, row.changed_at, piece.auction_id)


# --------------------------------------------------------------------------- rows


def _sold_rows(name: str, table: Table, now: datetime) -> Iterator[_Sold]:
    columns, rows = _columns(name, table.rows)
    for row in rows:
        cells = {key: row.cell(columns.get(key)) for key in (*_NEEDED, *_EXTRA)}
        try:
            if cells["code"] or cells["auction"]:
                yield _sold(cells, table.zero, now)
        except Malformed as error:
            raise _broken(f"{name}: row {row.number}: {error}") from None


def _columns(name: str, rows: Sequence[Row]) -> tuple[dict[str, int], Sequence[Row]]:
    """Find the columns and the rows below the heading; a heading in other words is gone by position."""
    if not rows:
        raise _broken(f"{name}: is empty")
    heading = rows[0].cells
    found = places(heading, {**_NEEDED, **_EXTRA})
    missing = [names[0] for key, names in _NEEDED.items() if key not in found]
    if len(missing) == len(_NEEDED):
        if len(rows) < 2 or len(heading) < len(_POSITIONS):
            raise _broken(f"{name}: no column {', '.join(missing)}")
        begins = 0 if _is_time(rows[0].cell(_POSITIONS["at"])) else 1
        return {**found, **_POSITIONS}, rows[begins:]
    if missing:
        raise _broken(f"{name}: no column {', '.join(missing)}")
    return found, rows[1:]


def _sold(cells: Mapping[str, str], zero: datetime, now: datetime) -> _Sold:
    if any("\ufffd" in cell for cell in cells.values()):
        raise Malformed("has letters that cannot be read")
    for key in ("order", "code"):
        if not cells[key].strip():
            raise Malformed(f"{_NEEDED[key][0]} is empty")
        if any(map(_SPOILT.fullmatch, _each(cells[key]))):
            raise Malformed(f"{_NEEDED[key][0]} was shortened by a spreadsheet; take the file as exported")
    if cells["status"] not in _STATES:
        raise Malformed(f"OrderStatus {cells['status'][:8]} is not known")
    return _Sold(
        order_id=cells["order"],
        ordered_at=_moment(cells["at"], "OrderTime", zero, now),
        pieces=_pieces(cells),
        state=_STATES[cells["status"]],
        changed_at=_moment(cells["changed"], "LastUpdateTime", zero, now) if cells["changed"] else None,
        payment=cells["payment"],
        delivery=cells["delivery"],
    )


def _pieces(cells: Mapping[str, str]) -> list[_Piece]:
    """Give what one row sold: several 管理番号 stand in one cell, one below the other."""
    codes, auctions = _each(cells["code"]), _each(cells["auction"])
    if len(auctions) <= 1:  # one id for different 管理番号 is that of one of them, and it is not said which
        auctions = (auctions if len(set(codes)) == 1 and auctions else [""]) * len(codes)
    if len(auctions) != len(codes):
        raise Malformed(f"{len(codes)} YahooAuctionMerchantId for {len(auctions)} YahooAuctionId")
    quantities = _quantities(cells["quantity"], len(codes))
    return [_Piece(*each) for each in zip(codes, auctions, quantities, strict=True)]


def _quantities(cell: str, codes: int) -> list[int]:
    """Give the pieces of each code; one each where the file does not tell, as auctions are of one piece."""
    numbers = _each(cell)
    if not all(number.isascii() and number.isdecimal() for number in numbers):
        raise Malformed("Quantity is no whole number")
    if not numbers or (codes > 1 and numbers == [str(codes)]):
        return [1] * codes
    if len(numbers) != codes:
        raise Malformed(f"Quantity does not fit {codes} YahooAuctionMerchantId")
    return [int(number) for number in numbers]


def _each(cell: str) -> list[str]:
    return [text for text in re.split(r"\r\n|\r|\n", cell) if text]


def _broken(message: str) -> UnexpectedReplyError:
    return UnexpectedReplyError(message, operation="parse_orders")


# --------------------------------------------------------------------------- times


def _is_time(cell: str) -> bool:
    return bool(_TIME.fullmatch(cell) or _DAYS.fullmatch(cell))


def _moment(cell: str, column: str, zero: datetime, now: datetime) -> datetime:
    """Read Japan's time, written as text or as a spreadsheet's number of days.

    Where it has no seconds the latest moment that it can mean is given: the earliest could lie before a
    stock count of the same minute, and the sale would pass for one that the count already holds.
    """
    try:
        local, exact = _local_time(cell, zero)
    except (ValueError, OverflowError):
        raise Malformed(f"{column} is no time") from None
    moment = local.replace(tzinfo=JST).astimezone(UTC)
    return moment if exact else max(moment, min(moment + timedelta(seconds=59), now))


def _local_time(cell: str, zero: datetime) -> tuple[datetime, bool]:
    if _DAYS.fullmatch(cell):
        # A fraction of a day hits a second only nearly, from below as well.
        at = zero + timedelta(seconds=int(float(cell) * 86_400 + 0.01))
        return at, at.second != 0
    if not (found := _TIME.fullmatch(cell)):
        raise ValueError("no time")
    year, month, day, hour, minute = map(int, found.groups()[:5])
    seconds = found[6]
    return datetime(year, month, day, hour, minute, int(seconds or 0)), seconds is not None  # noqa: DTZ001
