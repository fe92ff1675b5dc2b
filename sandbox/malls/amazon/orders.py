"""The Orders API 2026-01-01, and the reads of version 0 until they are removed (spec 9)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sandbox.malls.amazon.order_form import (
    CHANNELS,
    DATA_SETS,
    V0_STATUS,
    order_form,
    v0_item,
    v0_order,
)
from sandbox.malls.amazon.paging import Tokens
from sandbox.malls.amazon.sales import CANCELLED, FULFILLERS, STATUSES, Order, Sales, State, visible_at
from sandbox.malls.amazon.settings import Settings
from sandbox.malls.amazon.wire import (
    MARKETPLACE,
    Answer,
    Call,
    Json,
    invalid,
    refusal,
    unauthorized,
    unknown_path,
    written,
)

FREE_BETWEEN_PAGES = ("paginationToken", "NextToken", "maxResultsPerPage", "includedData")
Seen = tuple[Order, State]


@dataclass(frozen=True)
class Span:
    """The window of a search: which time, from, until."""

    field: str
    after: datetime
    before: datetime

    def time(self, pair: Seen) -> datetime:
        """Give the time of an order that the window is about."""
        return pair[0].created if self.field == "created" else pair[1].at


class Orders:
    """The order reads. What a page token stands for was found when its first page was."""

    def __init__(self, sales: Sales, tokens: Tokens, settings: Settings, now: Callable[[], datetime]) -> None:
        self._sales = sales
        self._tokens = tokens
        self._settings = settings
        self._now = now

    def search(self, call: Call) -> Answer:
        """Answer ``searchOrders``."""
        span = self._span(call, ("created", "lastUpdated"), ("After", "Before"))
        included = call.listed("includedData", DATA_SETS)
        statuses = call.listed("fulfillmentStatuses", STATUSES)
        fulfillers = call.listed("fulfilledBy", FULFILLERS)
        self._check_places(call.listed("marketplaceIds", cap=50))
        size = call.number("maxResultsPerPage", 100, 100)
        page, bound, token = self._page(call, "paginationToken", size, span, statuses, fulfillers)
        body: Json = {"orders": [self._given(pair, included) for pair in page]}
        body[f"{span.field}Before"] = bound
        return Answer(200, {**body, "pagination": {"nextToken": token}} if token else body)

    def get(self, call: Call) -> Answer:
        """Answer ``getOrder``."""
        included = call.listed("includedData", DATA_SETS)
        return Answer(200, {"order": self._given(self._one(call), included)})

    def v0_search(self, call: Call) -> Answer:
        """Answer version 0's ``getOrders``."""
        self._check_v0()
        places = call.listed("MarketplaceIds", cap=50)
        if not places:
            raise invalid("Missing required parameter 'MarketplaceIds'.")
        self._check_places(places)
        span = self._span(call, ("Created", "LastUpdated"), ("After", "Before"))
        names = {old: new for new, old in V0_STATUS.items()}
        statuses = [names[name] for name in call.listed("OrderStatuses", names)]
        sides = {old: new for new, old in CHANNELS.items()}
        fulfillers = [sides[name] for name in call.listed("FulfillmentChannels", sides)]
        size = call.number("MaxResultsPerPage", 100, 100)
        page, bound, token = self._page(call, "NextToken", size, span, statuses, fulfillers)
        payload: Json = {"Orders": [v0_order(*self._counted(pair)) for pair in page]}
        payload[f"{span.field[0].upper()}{span.field[1:]}Before"] = bound
        return Answer(200, {"payload": {**payload, "NextToken": token} if token else payload})

    def v0_get(self, call: Call) -> Answer:
        """Answer version 0's ``getOrder``."""
        self._check_v0()
        return Answer(200, {"payload": v0_order(*self._counted(self._one(call)))})

    def v0_items(self, call: Call) -> Answer:
        """Answer version 0's ``getOrderItems``; one page holds them all."""
        self._check_v0()
        order, state = self._one(call)
        items = [v0_item(state, line) for line in state.lines]
        return Answer(200, {"payload": {"AmazonOrderId": order.number, "OrderItems": items}})

    def _span(self, call: Call, fields: tuple[str, str], ends: tuple[str, str]) -> Span:
        given = [field for field in fields if f"{field}{ends[0]}" in call.query]
        if len(given) != 1:
            raise invalid(f"Exactly one of '{fields[0]}After' and '{fields[1]}After' is required.")
        other = fields[1 - fields.index(given[0])]
        if f"{other}{ends[1]}" in call.query:
            raise invalid(f"'{other}Before' does not go with '{given[0]}After'.")
        after, before = call.time(f"{given[0]}After"), call.time(f"{given[0]}Before")
        latest = self._now() - timedelta(seconds=self._settings.upper_bound_age_s)
        if after is None or (before and (before < after or before > latest)):
            text = "must not be before the lower bound, and at least two minutes before now"
            raise invalid(f"'{given[0]}Before' {text}.")
        return Span(given[0][0].lower() + given[0][1:], after, before or latest)

    def _page(
        self,
        call: Call,
        token_name: str,
        size: int,
        span: Span,
        statuses: list[str],
        fulfillers: list[str],
    ) -> tuple[list[Seen], str, str]:
        """Give the orders of this page, the upper bound of all pages, and the token of the next."""
        asked = {name: value for name, value in call.query.items() if name not in FREE_BETWEEN_PAGES}
        if token := call.query.get(token_name):
            bound, *numbers = self._tokens.read(token, asked).split(",")
        else:
            bound = written(span.before)
            found = self._found(call.seller, span, statuses, fulfillers)
            numbers = [order.number for order, _state in found]
        page = [pair for number in numbers[:size] if (pair := self._seen(number))]
        rest = ",".join([bound, *numbers[size:]])
        return page, bound, self._tokens.give(asked, rest) if numbers[size:] else ""

    def _found(self, seller: str, span: Span, statuses: list[str], fulfillers: list[str]) -> list[Seen]:
        if seller != self._settings.seller_id:
            return []
        pairs = (self._seen(number) for number in self._sales.orders)
        found = [pair for pair in pairs if pair and span.after <= span.time(pair) <= span.before]
        return sorted(_chosen(found, statuses, fulfillers), key=span.time)

    def _seen(self, number: str) -> Seen | None:
        order = self._sales.orders[number]
        state = order.seen(visible_at(self._now(), self._settings))
        return (order, state) if state else None

    def _one(self, call: Call) -> Seen:
        number = call.path["orderId"]
        known = number in self._sales.orders and call.seller == self._settings.seller_id
        if not known or not (pair := self._seen(number)):
            raise refusal(404, "NotFound", f"Order {number} was not found.")
        return pair

    def _given(self, pair: Seen, included: list[str]) -> Json:
        return order_form(*self._counted(pair), included, self._settings)

    def _counted(self, pair: Seen) -> Seen:
        order, state = pair
        order.times_given += 1
        order.times_given_cancelled += state.status == CANCELLED
        return pair

    def _check_places(self, places: list[str]) -> None:
        if places and places != [MARKETPLACE]:
            raise unauthorized()

    def _check_v0(self) -> None:
        if self._now() >= datetime.fromisoformat(self._settings.v0_removed_on).replace(tzinfo=UTC):
            raise unknown_path("the order reads of version 0 are removed")


def _chosen(pairs: Iterable[Seen], statuses: list[str], fulfillers: list[str]) -> list[Seen]:
    return [
        (order, state)
        for order, state in pairs
        if (not statuses or state.status in statuses) and (not fulfillers or order.fulfilled_by in fulfillers)
    ]
