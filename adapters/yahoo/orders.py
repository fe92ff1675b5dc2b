"""The order forms: what is asked for, and what stock needs of the answer. The rest is never asked.

orderList finds orders and says when each last changed; quantities stand in orderInfo alone,
which gives one order a call.
"""

from __future__ import annotations

import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from adapters.contract import Address, LineState, Order, OrderLine, Window
from adapters.fields import Malformed
from adapters.yahoo.wire import JST, every, first, local, moment, required, text, whole

_LIST_FIELDS = "OrderId,OrderTime,LastUpdateTime,OrderStatus"
_INFO_FIELDS = (
    "OrderId,OrderTime,LastUpdateTime,OrderStatus,LineId,ItemId,SubCode,Quantity,"
    "PayMethod,ShipMethod,IsYahooAuctionOrder,YahooAuctionId,YahooAuctionMerchantId"
)

# Source: page orderList, OrderStatus: 予約中, 処理中, 保留, キャンセル, 完了. 0 is taken for "not paid
# yet" and 8 for "merged into another order", which then holds its pieces.
_STATES: Mapping[str, LineState] = {
    "0": LineState.RESERVED,
    "1": LineState.RESERVED,
    "2": LineState.SOLD,
    "3": LineState.RESERVED,
    "4": LineState.CANCELLED,
    "5": LineState.SOLD,
    "8": LineState.CANCELLED,
}


# --------------------------------------------------------------------------- asking


def list_form(seller_id: str, window: Window, start: int, most: int) -> bytes:
    """Ask which orders were placed in a window, whatever their status, oldest first.

    Oldest first, so that an order placed while the pages are read moves none of them.

    Source: page orderList.
    """
    until = window.until.replace(microsecond=0)
    if until < window.until:
        until += timedelta(seconds=1)  # a search speaks of whole seconds
    between = {"OrderTimeFrom": _stamp(window.since), "OrderTimeTo": _stamp(until)}
    return _search(seller_id, between, start, most)


def one_form(seller_id: str, order_id: str) -> bytes:
    """Ask whether there is an order of that number."""
    return _search(seller_id, {"OrderId": order_id}, 1, 1)


def _search(seller_id: str, condition: Mapping[str, str], start: int, most: int) -> bytes:
    request = ET.Element("Req")
    search = ET.SubElement(request, "Search")
    _add(search, {"Result": str(most), "Start": str(start), "Sort": "+order_time"})
    _add(ET.SubElement(search, "Condition"), condition)
    _add(search, {"Field": _LIST_FIELDS})
    _add(request, {"SellerId": seller_id})
    return ET.tostring(request)


def info_form(seller_id: str, order_id: str) -> bytes:
    """Ask for one order; nothing personal is among the fields.

    Source: page orderInfo.
    """
    request = ET.Element("Req")
    _add(ET.SubElement(request, "Target"), {"OrderId": order_id, "Field": _INFO_FIELDS})
    _add(request, {"SellerId": seller_id})
    return ET.tostring(request)


def _add(parent: ET.Element, texts: Mapping[str, str]) -> None:
    for name, value in texts.items():
        ET.SubElement(parent, name).text = value


def _stamp(at: datetime) -> str:
    return at.astimezone(JST).strftime("%Y%m%d%H%M%S")


# --------------------------------------------------------------------------- reading


@dataclass(frozen=True)
class Entry:
    """An order as the list gives it; ``changed_at`` None where the list does not say."""

    order_id: str
    ordered_at: datetime
    changed_at: datetime | None
    status: str


@dataclass(frozen=True)
class Page:
    """One page of the list, and how many orders the whole search has."""

    entries: list[Entry]
    total: int


def page_of(root: ET.Element) -> Page:
    """Read a page of the list, whose root is Result and not ResultSet.

    Source: page orderList.
    """
    search = first(root, "Search")
    if local(root) != "Result" or search is None:
        raise Malformed("the body is not a Result with a Search")
    entries = [_entry(row) for row in every(search, "OrderInfo")]
    return Page(entries, whole(required(search, "TotalCount"), "TotalCount"))


def _entry(row: ET.Element) -> Entry:
    return Entry(
        required(row, "OrderId"),
        moment(required(row, "OrderTime")).astimezone(UTC),
        _changed_at(row),
        required(row, "OrderStatus"),
    )


def _changed_at(row: ET.Element) -> datetime | None:
    written = text(row, "LastUpdateTime")
    return moment(written).astimezone(UTC) if written else None


def order_of(root: ET.Element, code_form: str) -> Order:
    """Read one order, without anything personal.

    Source: page orderInfo.
    """
    row = first(root, "Result", "OrderInfo")
    if local(root) != "ResultSet" or row is None:
        raise Malformed("the body is not a ResultSet with an OrderInfo")
    status = required(row, "OrderStatus")
    if status not in _STATES:
        raise Malformed(f"OrderStatus {status[:8]} is not known")
    state = _STATES[status]
    lines = _lines(row, state, code_form)
    if len({line.line_id for line in lines}) < len(lines):
        raise Malformed("LineId is there twice in one order")
    return Order(
        required(row, "OrderId"),
        moment(required(row, "OrderTime")).astimezone(UTC),
        lines,
        payment=text(row, "Pay", "PayMethod"),
        delivery=text(row, "Ship", "ShipMethod"),
        closed=state is LineState.CANCELLED,  # a cancelled order cannot be taken back
    )


def _lines(row: ET.Element, state: LineState, code_form: str) -> tuple[OrderLine, ...]:
    items = every(row, "Item")  # none, where all were taken out
    auction = text(row, "YahooAuctionId") if text(row, "IsYahooAuctionOrder") == "true" else ""
    # The auction's 管理番号 stands beside the order, so it can mean a single line only.
    managed = text(row, "YahooAuctionMerchantId") if auction and len(items) == 1 else ""
    revision = _changed_at(row)
    return tuple(_line(item, state, code_form, managed, revision, auction) for item in items)


def _line(
    item: ET.Element,
    state: LineState,
    code_form: str,
    managed: str,
    revision: datetime | None,
    auction: str,
) -> OrderLine:
    address = (required(item, "ItemId"), text(item, "SubCode"))
    quantity = whole(required(item, "Quantity"), "Quantity")
    if quantity < 0:
        raise Malformed("Quantity is negative")
    code = managed if managed and not address[1] else code_of(address, code_form)
    return OrderLine(required(item, "LineId"), code, address, quantity, state, revision, auction)


def code_of(address: Address, code_form: str) -> str:
    """Give the code that is matched on: 個別商品コード where there is one, else 商品コード."""
    item, sub = address
    if code_form == "pair" and sub:
        return f"{item}:{sub}"
    return sub or item


# --------------------------------------------------------------------------- what was read before


class Recent:
    """Orders as last read, so that one that has not changed since is not asked for again.

    Without this, a minute's poll would cost a call for each order of the last half hour, and the
    day's calls would be used up. Threads may share it.
    """

    SETTLED = timedelta(seconds=10)  # a change this young may be followed by one in the same second

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._kept: dict[str, tuple[Entry, Order]] = {}
        self._lock = threading.Lock()

    def get(self, entry: Entry) -> Order | None:
        """Give the order if it stands as it was when it was read."""
        with self._lock:
            kept = self._kept.get(entry.order_id)
        return kept[1] if kept and kept[0] == entry else None

    def keep(self, entry: Entry, order: Order, asked_at: datetime) -> None:
        """Keep an order as read for an entry of a list that was asked for at that time."""
        if entry.changed_at is None or entry.changed_at > asked_at - self.SETTLED:
            return
        with self._lock:
            self._kept.pop(entry.order_id, None)
            self._kept[entry.order_id] = (entry, order)
            while len(self._kept) > self._most:
                del self._kept[next(iter(self._kept))]

    def span(self, order_ids: Iterable[str]) -> Window | None:
        """Give the stretch of time in which those of the orders that are known were placed."""
        with self._lock:
            times = [self._kept[each][0].ordered_at for each in order_ids if each in self._kept]
        return Window(min(times), max(times)) if times else None
