"""The simulated Amazon seller speaks as Amazon's own model files say; runs where those lie beside us."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from amazon_models import FOLDER, OPERATIONS, answer_flaws, flaws, model, operation, request_flaws
from amazon_shop import JAPAN, Shop, message, stamp, stock

from sandbox.malls.amazon.item_form import DATA_SETS as ITEM_DATA
from sandbox.malls.amazon.order_form import DATA_SETS as ORDER_DATA
from sandbox.malls.amazon.routes import API_ROUTES

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="Amazon's model files are not here")

REPORT = "listings-feed-processing-report-schema-v2.json"
BUCKETS_OF_PAGES = {"get_item": (5.0, 5)}
"""Where Amazon's page on limits is stricter than its model."""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    running = Shop(tmp_path, feed_queue_s=60.0, report_s=300.0)
    yield running
    running.close()


def listings(shop: Shop) -> None:
    shop.control("add_product", code="fba-1", name="FBA品", quantity=30, channel="AMAZON_JP")
    shop.control("fault", name="refuse", code="mug", how="later", count=1)
    shop.patch("mug", stock(3), stock(4, "replace", lead_time_to_ship_max_days=3))
    shop.patch("mug", stock(-1))
    shop.patch("mug", {**stock(1), "value": [{"quantity": 3}]})
    shop.patch("mug", stock(1), mode="VALIDATION_PREVIEW", includedData="identifiers,issues")
    shop.patch_raw("mug", {"productType": "PRODUCT"})
    shop.item("mug", ",".join(ITEM_DATA))
    shop.item("fba-1", ",".join(ITEM_DATA))
    shop.item("no-such")
    shop.search(pageSize="2", includedData=",".join(ITEM_DATA))
    shop.search(pageSize="21")


def feeds_and_reports(shop: Shop) -> None:
    report = {"includedData": list(ITEM_DATA), "apiVersion": "2021-08-01"}
    messages = (message(1, "mug", stock(4)), message(2, "mug", {**stock(1), "value": [{"quantity": 1}]}))
    feed_id = shop.feed(*messages, report=report)
    waiting = shop.feed(message(1, "no-such", stock(4)))
    path = "/feeds/2021-06-30/feeds"
    shop.ask("DELETE", f"{path}/{waiting}")
    shop.advance(61)
    shop.feed_state(feed_id)
    shop.ask("DELETE", f"{path}/{feed_id}")
    shop.advance(300)
    shop.feed_report(feed_id)
    shop.ask("GET", path, params={"feedTypes": "JSON_LISTINGS_FEED", "pageSize": "1"})
    shop.ask("GET", f"{path}/1")
    reports = "/reports/2021-06-30"
    asked = {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA", "marketplaceIds": [JAPAN]}
    made = f"{reports}/reports/{shop.ask('POST', f'{reports}/reports', json=asked).json()['reportId']}"
    shop.ask("GET", made)
    shop.advance(301)
    shop.ask("GET", f"{reports}/documents/{shop.ask('GET', made).json()['reportDocumentId']}")


def orders(shop: Shop) -> None:
    everything = ",".join(ORDER_DATA)
    first, second = shop.buy("tee-red-s", 3, ago_s=900), shop.buy("tee-red-m", ago_s=800, status="PENDING")
    shop.control("ship", order_id=first, line=0, quantity=1)
    shop.control("ask_cancel", order_id=first)
    shop.control("partial_cancel", order_id=first, line=0, quantity=1)
    shop.control("cancel", order_id=second)
    shop.advance(121)
    shop.order(first, everything)
    shop.search_orders(includedData=everything, maxResultsPerPage="1")
    shop.search_orders(createdAfter="TEST_CASE_400")
    shop.ask("GET", "/orders/2026-01-01/orders/250-0000000-0000000")
    day = stamp(shop.world.clock.now().replace(hour=0, minute=0, second=0, microsecond=0))
    query = {"MarketplaceIds": JAPAN, "CreatedAfter": day[:8] + "01T00:00:00Z", "MaxResultsPerPage": "1"}
    shop.ask("GET", "/orders/v0/orders", params=query)
    for part in ("", "/orderItems"):
        shop.ask("GET", f"/orders/v0/orders/{first}{part}")


def account(shop: Shop) -> None:
    shop.ask("GET", "/sellers/v1/marketplaceParticipations")
    form = {"grant_type": "client_credentials", "scope": "sellingpartnerapi::client_credential:rotation"}
    shop.use_token(shop.token(**form)["access_token"])
    rotate = "/applications/2023-11-30/clientSecret"
    shop.ask("POST", rotate)
    shop.control("setting", rotation_queue=True)
    shop.ask("POST", rotate)


def refusals(shop: Shop) -> None:
    for code in (400, 403, 429, 500, 503):
        for name in ("patch_item", "search_orders", "get_order", "search_items", "create_feed"):
            shop.control("fault", name="status", code=code, function=name, count=1)
        shop.patch("mug", stock(1))
        shop.search_orders()
        shop.search()
        shop.ask("GET", "/orders/2026-01-01/orders/1")
        shop.create_feed("x")


def test_every_answer_is_as_the_models_say(shop: Shop) -> None:
    for act in (listings, feeds_and_reports, orders, refusals, account):
        act(shop)
    found = [row for row in shop.traffic if row[0] in OPERATIONS]
    assert [flaw for name, status, body in found for flaw in answer_flaws(name, status, body)] == []
    assert {name for name, status, _body in found if status < 300} == set(OPERATIONS)


def test_a_feed_report_is_as_its_schema_says(shop: Shop) -> None:
    feeds_and_reports(shop)
    reports = [body for name, _status, body in shop.traffic if name == "feed_report"]
    assert len(reports) == 1
    assert list(flaws(reports[0], model(REPORT), model(REPORT), "report")) == []
    assert flaws({**reports[0], "issues": [{}]}, model(REPORT), model(REPORT), "report")


def test_what_the_models_refuse_in_a_body_the_mall_refuses(shop: Shop) -> None:
    bodies: list[Any] = [
        {"productType": "PRODUCT", "patches": [stock(1)]},
        {"productType": "PRODUCT", "patches": []},
        {"productType": 1, "patches": [stock(1)]},
        {"productType": "PRODUCT", "patches": [{**stock(1), "op": "x"}]},
        {"productType": "PRODUCT", "patches": [{**stock(1), "value": {}}]},
        {"patches": [stock(1)]},
    ]
    for body in bodies:
        right = not request_flaws("patch_item", body)
        assert (shop.patch_raw("mug", body).status_code == 200) is right, body


def test_the_models_examples_are_taken(shop: Shop) -> None:
    examples = model("listings-feed-schema-v2.example.json")
    header = {**examples["header"], "sellerId": shop.seller}
    content = json.dumps({**examples, "header": header}).encode()
    feed_id = shop.create_feed(shop.upload(content)[0]).json()["feedId"]
    shop.advance(362)
    report = shop.feed_report(feed_id)
    assert report["summary"]["messagesProcessed"] == len(examples["messages"])
    assert list(flaws(report, model(REPORT), model(REPORT), "report")) == []


def test_the_buckets_are_those_of_the_models() -> None:
    for route in API_ROUTES:
        text = operation(route.function)["description"]
        found = re.search(r"\| ([\d.]+) \| (\d+) \|", text)
        if found is None or route.per_s is None:
            assert route.function == "create_feed"
            continue
        rate, burst = float(found[1]), int(found[2])
        assert (route.per_s, route.burst) == BUCKETS_OF_PAGES.get(route.function, (rate, burst))


def test_every_known_parameter_is_the_models() -> None:
    for route in API_ROUTES:
        given = {p["name"] for p in operation(route.function).get("parameters", []) if p["in"] == "query"}
        assert route.query <= given, route.function
        assert route.function.startswith("v0_") or route.query == given, route.function
