"""``ShippingBasic``: orders by status and date, claims by date, one order (spec 8.1, 8.2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, time

from sandbox.malls.qoo10.order_form import claim_row, order_row, shipping_row
from sandbox.malls.qoo10.sales import CLAIMS, GONE, SHIPPING, Cart, OrderLine, Sales
from sandbox.malls.qoo10.settings import Settings
from sandbox.malls.qoo10.wire import (
    BAD_DATE,
    EXCEPTION,
    LONG_PERIOD,
    NOTHING_FOUND,
    Answer,
    Call,
    Json,
    done,
    refusal,
    zone_of,
)

DAYS_MOST = 90
OPEN_STATUSES = (1, 2, 3)

Found = list[tuple[Cart, OrderLine]]
Moment = Callable[[OrderLine], datetime | None]

SHIPPING_DATES: dict[str, Moment] = {
    "1": lambda line: line.ordered_at,
    "2": lambda line: line.paid_at,
    "3": lambda line: line.shipped_at,
    "4": lambda line: line.delivered_at,
}
CLAIM_DATES: dict[str, Moment] = {
    "1": lambda line: line.ordered_at,
    "2": lambda line: line.claimed_at,
    "3": lambda line: line.closed_at,
}


class Orders:
    """The order methods over the shop's sales."""

    def __init__(self, sales: Sales, settings: Settings) -> None:
        self._sales = sales
        self._settings = settings

    def shipping(self, call: Call) -> Answer:
        """Answer ``GetShippingInfo_v3``: one status, or 1 to 3; no pages."""
        asked = call.get("ShippingStatus") or "0"
        statuses = OPEN_STATUSES if asked == "0" else (_known(asked, SHIPPING, "ShippingStatus"),)
        meets = self._window(call, ("SearchStartDate", "SearchEndDate", "SearchCondition"), SHIPPING_DATES)
        stays = self._settings.cancelled_in_shipping == "stays"
        found = [
            (cart, line)
            for cart, line in self._sales.lines()
            if line.status in statuses and (stays or line.claim not in GONE) and meets(line)
        ]
        return self._answer(found, shipping_row)

    def claims(self, call: Call) -> Answer:
        """Answer ``GetClaimInfo_V3``: one kind of claim, or all."""
        call.required("search_Sdate", "search_Edate")
        asked = call.get("ClaimStat")
        codes = (_known(asked, CLAIMS, "ClaimStat"),) if asked else tuple(CLAIMS)
        meets = self._window(call, ("search_Sdate", "search_Edate", "search_condition"), CLAIM_DATES)
        found = [(cart, line) for cart, line in self._sales.lines() if line.claim in codes and meets(line)]
        return self._answer(found, claim_row)

    def one(self, call: Call) -> Answer:
        """Answer ``GetShippingAndClaimInfoByOrderNo_V2``."""
        call.required("OrderNo")
        wanted = call.get("OrderNo")
        found = [(cart, line) for cart, line in self._sales.lines() if str(line.order_no) == wanted]
        return self._answer(found, order_row)

    def _window(
        self, call: Call, names: tuple[str, str, str], dates: dict[str, Moment]
    ) -> Callable[..., bool]:
        """Give what says whether a line lies in the asked time; the end counts, a day is whole."""
        first, last, condition = names
        since, until = self._moment(call.get(first), first=True), self._moment(call.get(last), first=False)
        if since > until:
            raise refusal(BAD_DATE)
        if (until.date() - since.date()).days > DAYS_MOST:
            raise refusal(LONG_PERIOD)
        asked = call.get(condition) or "1"
        if asked not in dates:
            raise refusal(EXCEPTION, violation=f"{condition} {asked}")

        def meets(line: OrderLine) -> bool:
            moment = dates[asked](line)
            return moment is not None and since <= moment.replace(microsecond=0) <= until

        return meets

    def _moment(self, text: str, *, first: bool) -> datetime:
        try:
            if re.fullmatch(r"[0-9]{14}", text):
                return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=zone_of(self._settings.zone))
            if re.fullmatch(r"[0-9]{8}", text):
                day = datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007
                edge = time(0, 0, 0) if first else time(23, 59, 59)
                return datetime.combine(day, edge, zone_of(self._settings.zone))
        except ValueError:
            pass
        raise refusal(BAD_DATE, violation=f"date {text!r}")

    def _answer(self, found: Found, form: Callable[[Cart, OrderLine, str], Json]) -> Answer:
        if not found:
            return self._nothing()
        rows = [form(cart, line, self._settings.zone) for cart, line in found]
        single = len(rows) == 1 and self._settings.single_row == "object"
        answer = done(rows[0] if single else rows)
        return Answer(answer.body, given=lambda: _count(found))

    def _nothing(self) -> Answer:
        body: Json = {"ResultCode": 0, "ResultMsg": NOTHING_FOUND}
        return Answer(body if self._settings.empty_result == "absent" else {"ResultObject": None, **body})


def _known(asked: str, known: dict[int, str], name: str) -> int:
    if asked.isascii() and asked.isdecimal() and int(asked) in known:
        return int(asked)
    raise refusal(EXCEPTION, violation=f"{name} {asked!r}")


def _count(found: Found) -> None:
    for _cart, line in found:
        line.times_given += 1
        line.times_given_cancelled += line.claim in GONE
