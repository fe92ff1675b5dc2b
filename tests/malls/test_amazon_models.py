"""Amazon's adapter against Amazon's own models, where their folder lies beside the project."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.amazon import feeds, listings, orders, wire
from adapters.amazon.partner import Call
from adapters.contract import Abilities, StockLine, Window
from adapters.http import Request
from adapters.registry import abilities
from tests.malls.amazon_models import FOLDER, Broken, Model

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"Amazon's models are not in {FOLDER}")

LISTINGS = "listingsItems_2021-08-01.json"
FEEDS = "feeds_2021-06-30.json"
REPORTS = "reports_2021-06-30.json"
ORDERS = "orders_2026-01-01.json"
SELLERS = "sellers.json"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
WINDOW = Window(NOW, NOW)

CALLS: list[tuple[str, Call]] = [
    (SELLERS, Call(wire.PARTICIPATIONS)),
    (LISTINGS, Call(wire.PATCH, {"sku": "赤/1 #2"}, listings.PATCH_PARAMS, listings.patch_form(0))),
    (LISTINGS, Call(wire.GET_ITEM, {"sku": "a,b"}, listings.item_params())),
    (LISTINGS, Call(wire.SEARCH_ITEMS, params=listings.named_params([f"sku-{n}" for n in range(20)]))),
    (LISTINGS, Call(wire.SEARCH_ITEMS, params=listings.page_params("", 1))),
    (LISTINGS, Call(wire.SEARCH_ITEMS, params=listings.page_params("next"))),
    (FEEDS, Call(wire.CREATE_FEED_DOCUMENT, form=feeds.DOCUMENT_FORM)),
    (FEEDS, Call(wire.CREATE_FEED, form=feeds.create_form("doc"))),
    (FEEDS, Call(wire.GET_FEED, {"feedId": "1"})),
    (FEEDS, Call(wire.GET_FEED_DOCUMENT, {"feedDocumentId": "amzn1.tortuga.3/x"})),
    (REPORTS, Call(wire.CREATE_REPORT, form=feeds.report_form())),
    (REPORTS, Call(wire.GET_REPORT, {"reportId": "1"})),
    (REPORTS, Call(wire.GET_REPORT_DOCUMENT, {"reportDocumentId": "1"})),
    (ORDERS, Call(wire.SEARCH_ORDERS, params=orders.search_params(WINDOW, NOW))),
    (ORDERS, Call(wire.SEARCH_ORDERS, params=orders.search_params(WINDOW, NOW, "next"))),
    (ORDERS, Call(wire.GET_ORDER, {"orderId": "249-1234567-1234567"}, orders.get_params())),
]


def request_of(call: Call) -> Request:
    places = {"sellerId": "A1EXAMPLE", **call.places}
    return wire.request(call.function, "https://example.invalid", places, call.params, call.form)


@pytest.mark.parametrize(("file", "call"), CALLS)
def test_request_is_as_the_model_says(file: str, call: Call) -> None:
    assert Model(file, closed=True).request(request_of(call)) == call.function.name


def test_every_operation_is_held_against_its_model() -> None:
    functions = {value for value in vars(wire).values() if isinstance(value, wire.Function)}
    assert functions - {wire.UPLOAD, wire.DOWNLOAD} == {call.function for _, call in CALLS}


@pytest.mark.parametrize(
    "call",
    [
        Call(wire.PATCH, {"sku": "a"}, {}, listings.patch_form(1)),
        Call(wire.PATCH, {"sku": "a"}, listings.PATCH_PARAMS, {"patches": []}),
        Call(wire.PATCH, {"sku": "a"}, listings.PATCH_PARAMS, listings.patch_form(1) | {"more": 1}),
        Call(wire.SEARCH_ITEMS, params=listings.named_params([f"sku-{n}" for n in range(21)])),
        Call(wire.SEARCH_ITEMS, params=listings.page_params("") | {"sortOrder": "UP"}),
        Call(wire.GET_ITEM, {"sku": "a"}, listings.item_params() | {"unheardOf": "x"}),
    ],
)
def test_wrong_request_would_be_noticed(call: Call) -> None:
    with pytest.raises(Broken):
        Model(LISTINGS, closed=True).request(request_of(call))


def test_feed_is_as_its_schema_says() -> None:
    lines = [StockLine(f"sku-{n}", (f"sku-{n}", "DEFAULT"), n) for n in range(25_000)]
    form = feeds.feed_form("A1EXAMPLE", lines)
    schema = Model("listings-feed-schema-v2.json")
    schema.check(schema.content, form)
    assert len({message["messageId"] for message in form["messages"]}) == len(lines)
    assert len(wire.body_of(form)) < 10 * 2**20, "Amazon advises less than 10 MiB"
    form["messages"].append(form["messages"][0])
    with pytest.raises(Broken):
        schema.check(schema.content, form)


SAMPLES: list[tuple[str, str, Callable[[dict[str, Any]], object]]] = [
    (SELLERS, "getMarketplaceParticipations", wire.participation_of),
    (LISTINGS, "patchListingsItem", listings.submission_of),
    (LISTINGS, "getListingsItem", listings.listing_of),
    (LISTINGS, "searchListingsItems", listings.page_of),
    (FEEDS, "createFeedDocument", feeds.document_of),
    (FEEDS, "createFeed", feeds.id_of),
    (FEEDS, "getFeed", feeds.feed_of),
    (FEEDS, "getFeedDocument", feeds.document_of),
    (REPORTS, "createReport", feeds.report_id_of),
    (REPORTS, "getReport", feeds.report_of),
    (REPORTS, "getReportDocument", feeds.report_document_of),
    (ORDERS, "searchOrders", orders.page_of),
    (ORDERS, "getOrder", orders.order_of),
]


@pytest.mark.parametrize(("file", "operation", "read"), SAMPLES)
def test_amazons_own_samples_are_understood(
    file: str, operation: str, read: Callable[[dict[str, Any]], object]
) -> None:
    samples = list(Model(file).answers(operation))
    assert samples
    for sample in samples:
        read(sample)


def test_sample_of_the_japanese_order_is_amazons_own_to_send() -> None:
    samples = [orders.page_of(sample) for sample in Model(ORDERS).answers("searchOrders")]
    assert samples[0].orders == [], "it is fulfilled by Amazon"
    assert samples[0].token
    kept = [order for page in samples for order in page.orders]
    assert kept
    assert "John Smith" not in repr(samples)
    assert not [name for name in ("Sarah Thompson", "Carlos Oliveira", "London") if name in repr(samples)]


def test_sample_of_a_feeds_report_names_the_refused() -> None:
    schema = Model("listings-feed-processing-report-schema-v2.json")
    content = (FOLDER / "listings-feed-processing-report-schema-v2.example.json").read_bytes()
    schema.check(schema.content, json.loads(content))
    verdict = feeds.verdict_of(content)
    assert set(verdict.refused) == {"My-SKU-B", "My-SKU-C"}
    assert verdict.refused["My-SKU-C"][0] == "99022"
    assert verdict.whole == ""


@pytest.mark.parametrize("file", [LISTINGS, FEEDS, REPORTS, ORDERS, SELLERS])
def test_quotas_are_the_models_or_slower(file: str) -> None:
    own: Abilities = abilities("amazon")
    functions = {
        value.name: own.quotas[value.quota]
        for value in vars(wire).values()
        if isinstance(value, wire.Function)
    }
    seen = 0
    for name, rate, burst in Model(file).quotas():
        if name in functions:
            seen += 1
            assert functions[name].per_s <= rate
            assert functions[name].burst <= burst
    assert seen
