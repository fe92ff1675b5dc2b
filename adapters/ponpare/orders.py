"""Orders as a person brings them: a CSV file of the shop's screen, read by column name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone

from adapters.contract import Address, LineState, Order, OrderLine
from adapters.errors import UnexpectedReplyError
from adapters.files import Column, read_table
from adapters.ponpare import wire

JST = timezone(timedelta(hours=9))
ORDER_NO = "注文番号"
ORDERED_AT = "注文日時"
STATUS = "注文ステータス"
PIECES = "個数"
# The mall's own header is not public: these are our names, and a setting turns them into the file's.
COLUMNS = (ORDER_NO, ORDERED_AT, STATUS, wire.MANAGE_ID, wire.ITEM_ID, wire.ACROSS, wire.DOWN, PIECES)
_FORMS = ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S")


def parse(name: str, content: bytes, own_names: Mapping[str, str], cancelled: Collection[str]) -> list[Order]:
    """Read the orders of one file, oldest first; one row is one line of an order.

    Only the eight columns leave this function, so nothing personal does. The mall numbers no lines: a
    line is named by its code, the second of a code in one order by ``code#2``. An order that stands
    twice with different 注文ステータス counts as it stands further down.

    Args:
        own_names: our name of a column -> the file's; "" for one that the file does not have.
        cancelled: the words of 注文ステータス that mean cancelled; any other means sold.

    Raises:
        UnexpectedReplyError: a column is missing, or a cell is not of the known form.
    """
    columns = {each: _column(own_names.get(each, each)) for each in COLUMNS}
    groups: dict[str, list[OrderLine]] = {}
    times: dict[str, datetime] = {}
    seen: Counter[tuple[str, str, str]] = Counter()
    for number, row in enumerate(read_table(name, wire.told_apart(content), columns), start=2):
        where = f"{name}: row {number}"
        order_no, status = row[ORDER_NO].strip(), row[STATUS].strip()
        if not order_no:
            raise UnexpectedReplyError(f"{where}: no {ORDER_NO}")
        code, address = _listing(where, row)
        seen[order_no, status, code] += 1
        line_id = code if seen[order_no, status, code] == 1 else f"{code}#{seen[order_no, status, code]}"
        state = LineState.CANCELLED if status in cancelled else LineState.SOLD
        line = OrderLine(line_id, code, address, _pieces(where, row[PIECES]), state)
        groups.setdefault(order_no, []).append(line)
        times.setdefault(order_no, _moment(where, row[ORDERED_AT]))
    orders = [Order(order_no, times[order_no], _latest(lines)) for order_no, lines in groups.items()]
    return sorted(orders, key=lambda order: (order.ordered_at, order.order_id))


def _column(theirs: str) -> Column:
    return wire.column(theirs) if theirs else Column((), needed=False)


def _listing(where: str, row: Mapping[str, str]) -> tuple[str, Address]:
    """Give the code and the address of a row: a SKU's if one of its two ids is there."""
    manage_id, item_id = row[wire.MANAGE_ID].strip(), row[wire.ITEM_ID].strip()
    if not manage_id and not item_id:
        raise UnexpectedReplyError(f"{where}: neither {wire.MANAGE_ID} nor {wire.ITEM_ID}")
    product = wire.folded((manage_id or item_id,))
    axes = (row[wire.ACROSS].strip(), row[wire.DOWN].strip())
    if any(axes):
        return "".join((*product, *axes)), (*product, *axes)
    return item_id or product[0], product


def _latest(lines: Sequence[OrderLine]) -> tuple[OrderLine, ...]:
    return tuple({line.line_id: line for line in lines}.values())


def _pieces(where: str, cell: str) -> int:
    text = cell.strip()
    if not (text.isascii() and text.isdecimal()):
        raise UnexpectedReplyError(f"{where}: {PIECES} is no whole number")
    return int(text)


def _moment(where: str, cell: str) -> datetime:
    """Give the latest moment that the cell can mean, in UTC; the mall's times are Japan's.

    The earliest one of a minute could lie before a stock count made in the same minute, and the sale
    would pass for one that the count already holds.
    """
    for form in _FORMS:
        try:
            at = datetime.strptime(cell.strip(), form).replace(tzinfo=JST).astimezone(UTC)
        except ValueError:
            continue
        return at if form.endswith("%S") else at + timedelta(seconds=59)
    raise UnexpectedReplyError(f"{where}: {ORDERED_AT} is not yyyy/MM/dd HH:mm")
