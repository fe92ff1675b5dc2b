"""orderCount, orderList and orderInfo (spec 5.1-5.3)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from sandbox.malls.yahoo import order_form
from sandbox.malls.yahoo.admission import check_seller
from sandbox.malls.yahoo.faults import Faults
from sandbox.malls.yahoo.sales import CANCELLED, HELD, OPEN, RESERVED, Order
from sandbox.malls.yahoo.settings import Settings
from sandbox.malls.yahoo.wire import JST, Answer, Call, Refusal, element, leaf, refusal, result_set, xml

TIME_FORM = re.compile(r"[0-9]{14}")
SEARCH_PARTS = ("Result", "Start", "Sort", "Condition", "Field")
PAGE_DEFAULT = 10
SORTS = ("+order_time", "-order_time")
TIMES = ("OrderTime", "OrderTimeFrom", "OrderTimeTo")
UPDATE_TIMES = ("LastUpdateTimeFrom", "LastUpdateTimeTo")
BOOLEANS = ("IsSeen", "IsYahooAuctionOrder", "IsActive")
TEXTS = (
    *("OrderId", "ParentOrderId", "OrderStatus", "PayMethod", "PayStatus", "ShipStatus"),
    *("YahooAuctionId", "YahooAuctionMerchantId"),
)
OK = leaf("Status", "OK")

# The table of the order codes could not be read: these are invented, in their form.
BAD_REQUEST, BAD_FIELD, NO_ORDER = "od91001", "od91002", "od91003"


class OrderApi:
    """The functions that read orders; none of them changes one."""

    def __init__(self, settings: Settings, faults: Faults, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._faults = faults
        self._now = now

    def count(self, call: Call) -> Answer:
        """Answer ``orderCount``."""
        check_seller(call, call.params("sellerId"), "sellerId")
        orders = call.store.sales.visible(self._now())
        counts = {
            "NewOrder": sum(order.status == OPEN and not order.seen for order in orders),
            "NewReserve": sum(order.status == RESERVED and not order.seen for order in orders),
            "Holding": sum(order.status == HELD for order in orders),
        }
        written = [leaf(name, number) for name, number in counts.items()]
        return xml(result_set([element("Result", OK, element("Count", *written))]))

    def search(self, call: Call) -> Answer:
        """Answer ``orderList``: its root is ``Result``."""
        request = self._request(call)
        search = request.find("Search")
        if search is None or any(child.tag not in SEARCH_PARTS for child in search):
            raise _bug(call, "Search is invalid")
        wanted, asked = self._condition(call, search), self._fields(call, search, for_list=True)
        start, amount = _number(call, search, "Start", 1), _number(call, search, "Result", PAGE_DEFAULT)
        sort = search.findtext("Sort", SORTS[0])
        if sort not in SORTS or amount > self._settings.result_max:
            raise _bug(call, "Sort or Result is invalid")
        if self._faults.take(("ng",), "order_list"):
            return xml(element("Result", leaf("Status", "NG")))
        found = [order for order in call.store.sales.visible(self._now()) if _fits(order, wanted)]
        found.sort(key=lambda order: order.ordered_at, reverse=sort == SORTS[1])
        shown = list(enumerate(found, 1))[start - 1 : start - 1 + amount]
        entries = [order_form.list_entry(order, asked, index) for index, order in shown]
        return xml(element("Result", OK, element("Search", leaf("TotalCount", len(found)), *entries)))

    def info(self, call: Call) -> Answer:
        """Answer ``orderInfo``: one order, its root is ``ResultSet``."""
        target = self._request(call).find("Target")
        if target is None or any(child.tag not in ("OrderId", "Field") for child in target):
            raise _bug(call, "Target is invalid")
        asked = self._fields(call, target, for_list=False)
        if self._faults.take(("ng",), "order_info"):
            return xml(result_set([element("Result", leaf("Status", "NG"))]))
        order = call.store.sales.orders.get((target.findtext("OrderId") or "").strip())
        if order is None or order.published_at > self._now():
            if self._settings.unknown_order == "ng":
                return xml(result_set([element("Result", leaf("Status", "NG"))]))
            raise refusal(400, "OrderId is not found.", NO_ORDER)
        entry = order_form.info_entry(order, asked, unasked_groups=self._settings.unasked_groups)
        warning = [element("Warning", leaf("Message", "warning"))] if self._settings.order_warning else []
        return xml(result_set([element("Result", OK, *warning, entry)]), given=lambda: _count(order))

    def _request(self, call: Call) -> ET.Element:
        """Read the body, whatever its Content-Type says (spec 5.2)."""
        try:
            request = ET.fromstring(call.body)
        except ET.ParseError:
            raise _bug(call, "request is not XML") from None
        if request.tag != "Req":
            raise _bug(call, "root is not Req")
        seller = request.findtext("SellerId")
        check_seller(call, {} if seller is None else {"SellerId": seller.strip()}, "SellerId")
        return request

    def _fields(self, call: Call, where: ET.Element, *, for_list: bool) -> set[str]:
        names = {name.strip() for name in (where.findtext("Field") or "").split(",")}
        known = order_form.KNOWN_IN_LIST if for_list else order_form.KNOWN_IN_INFO
        if stray := names - known:
            raise _bug(call, f"Field({', '.join(sorted(stray))}) is invalid", BAD_FIELD)
        return names

    def _condition(self, call: Call, search: ET.Element) -> dict[str, str]:
        """Give the conditions; an order's id or a time of ordering has to be among them."""
        found = {child.tag: (child.text or "").strip() for child in search.find("Condition") or ()}
        times = TIMES + (UPDATE_TIMES if self._settings.update_time_search else ())
        if stray := set(found) - {*times, *BOOLEANS, *TEXTS}:
            raise _bug(call, f"Condition({', '.join(sorted(stray))}) is invalid")
        if not set(found) & {"OrderId", *TIMES}:
            raise _bug(call, "Condition needs OrderId or OrderTime")
        for name, value in found.items():
            wrong_time = name in (*TIMES, *UPDATE_TIMES) and _moment(value) is None
            if wrong_time or (name in BOOLEANS and value not in ("true", "false")) or not value:
                raise _bug(call, f"{name}({value}) is invalid")
        return found


def _fits(order: Order, wanted: dict[str, str]) -> bool:
    ordered, updated = (moment.replace(microsecond=0) for moment in (order.ordered_at, order.updated_at))
    return (
        _within(ordered, wanted.get("OrderTimeFrom"), wanted.get("OrderTimeTo"))
        and _within(ordered, wanted.get("OrderTime"), wanted.get("OrderTime"))
        and _within(updated, wanted.get("LastUpdateTimeFrom"), wanted.get("LastUpdateTimeTo"))
        and _matches(order, wanted)
    )


def _within(moment: datetime, since: str | None, until: str | None) -> bool:
    first = (_moment(since) if since else None) or datetime.min.replace(tzinfo=UTC)
    last = (_moment(until) if until else None) or datetime.max.replace(tzinfo=UTC)
    return first <= moment <= last


def _matches(order: Order, wanted: dict[str, str]) -> bool:
    """Compare the texts and words; several values stand between commas."""
    fields = order_form.list_fields(order)
    for name, text in wanted.items():
        if name in (*TEXTS, *BOOLEANS):
            value = fields[name]
            written = str(value).lower() if isinstance(value, bool) else str(value)
            if written not in [part.strip() for part in text.split(",")]:
                return False
    return True


def _moment(text: str) -> datetime | None:
    if not TIME_FORM.fullmatch(text):
        return None
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=JST)
    except ValueError:
        return None


def _number(call: Call, search: ET.Element, name: str, default: int) -> int:
    text = (search.findtext(name) or str(default)).strip()
    if not (text.isascii() and text.isdigit() and int(text) >= 1):
        raise _bug(call, f"{name}({text}) is invalid")
    return int(text)


def _bug(call: Call, message: str, code: str = BAD_REQUEST) -> Refusal:
    call.violations.append(message)
    return refusal(400, message, code)


def _count(order: Order) -> None:
    order.times_given += 1
    order.times_given_cancelled += order.status == CANCELLED
