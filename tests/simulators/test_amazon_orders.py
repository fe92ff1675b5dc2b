"""Orders of the simulated Amazon seller: what a search finds, what a line says, what stock they take."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from amazon_shop import JAPAN, Shop, error, numbers, stamp, stock

OLD = {"ago_s": 600}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    running = Shop(tmp_path)
    yield running
    running.close()


def before_now(shop: Shop, seconds: float) -> str:
    return stamp(shop.world.clock.now() - timedelta(seconds=seconds))


# ---------------------------------------------------------------- what a search finds


def test_a_search_gives_orders_with_their_lines(shop: Shop) -> None:
    number = shop.buy("mug", 3, **OLD)
    reply = shop.search_orders(
        marketplaceIds=JAPAN, fulfilledBy="MERCHANT", includedData="FULFILLMENT,CANCELLATION"
    )
    order = reply.json()["orders"][0]
    line = order["orderItems"][0]
    assert order["orderId"] == number
    assert order["fulfillment"] == {"fulfillmentStatus": "UNSHIPPED", "fulfilledBy": "MERCHANT"}
    assert (line["product"]["sellerSku"], line["quantityOrdered"]) == ("mug", 3)
    assert (line["fulfillment"]["quantityFulfilled"], line["fulfillment"]["quantityUnfulfilled"]) == (0, 3)
    assert "pagination" not in reply.json()


def test_an_order_number_has_three_seven_and_seven_digits(shop: Shop) -> None:
    assert [len(part) for part in shop.buy("mug").split("-")] == [3, 7, 7]


@pytest.mark.parametrize(
    "names",
    [
        [],
        ["createdAfter", "lastUpdatedAfter"],
        ["createdAfter", "lastUpdatedBefore"],
        ["lastUpdatedAfter", "createdBefore"],
        ["createdBefore"],
    ],
)
def test_a_search_has_exactly_one_lower_bound(shop: Shop, names: list[str]) -> None:
    query = {name: before_now(shop, 600) for name in names}
    reply = shop.ask("GET", "/orders/2026-01-01/orders", params=query)
    assert (reply.status_code, error(reply)["code"]) == (400, "InvalidInput")


@pytest.mark.parametrize(
    "query",
    [
        {"createdAfter": "TEST_CASE_400"},
        {"createdAfter": "2026-11-01T00:00:00"},
        {"fulfillmentStatuses": "Unshipped"},
        {"fulfilledBy": "MFN"},
        {"maxResultsPerPage": "101"},
        {"maxResultsPerPage": "0"},
        {"includedData": "NAMES"},
        {"paginationToken": "made-up"},
        {"marketplaceIds": ",".join(f"M{number}" for number in range(51))},
    ],
)
def test_a_wrong_parameter_is_refused_and_noted(shop: Shop, query: dict[str, str]) -> None:
    assert shop.search_orders(**query).status_code == 400
    assert len(shop.control("violations")) == 1


def test_another_marketplace_is_forbidden(shop: Shop) -> None:
    assert shop.search_orders(marketplaceIds="ATVPDKIKX0DER").status_code == 403


def test_the_upper_bound_ends_two_minutes_before_now(shop: Shop) -> None:
    after = before_now(shop, 3600)
    statuses = [
        shop.search_orders(lastUpdatedAfter=after, lastUpdatedBefore=before_now(shop, age)).status_code
        for age in (180, 60, 7200)
    ]
    assert statuses == [200, 400, 400]


def test_a_fresh_order_is_found_after_two_minutes(shop: Shop) -> None:
    number = shop.buy("mug")
    first = shop.search_orders()
    assert numbers(first) == []
    shop.advance(121)
    again = shop.search_orders(lastUpdatedAfter=first.json()["lastUpdatedBefore"])
    assert numbers(again) == [number]


def test_the_age_of_the_upper_bound_is_a_setting(shop: Shop) -> None:
    shop.control("setting", upper_bound_age_s=0.0)
    number = shop.buy("mug")
    assert numbers(shop.search_orders()) == [number]


def test_the_answer_names_the_bound_of_its_own_family(shop: Shop) -> None:
    assert "lastUpdatedBefore" in shop.search_orders().json()
    body = shop.search_orders(createdAfter=before_now(shop, 3600)).json()
    assert ("createdBefore" in body, "lastUpdatedBefore" in body) == (True, False)


def test_a_change_brings_an_order_back_into_the_search(shop: Shop) -> None:
    number = shop.buy("mug", ago_s=7200)
    after = before_now(shop, 3600)
    assert numbers(shop.search_orders(lastUpdatedAfter=after)) == []
    shop.control("ship", order_id=number)
    shop.advance(121)
    assert numbers(shop.search_orders(lastUpdatedAfter=after)) == [number]
    assert numbers(shop.search_orders(createdAfter=after)) == []


def test_a_late_update_appears_behind_the_watermark(shop: Shop) -> None:
    shop.control("setting", order_lag_s=240.0)
    number = shop.buy("mug")
    shop.advance(180)
    first = shop.search_orders()
    assert (numbers(first), shop.ask("GET", f"/orders/2026-01-01/orders/{number}").status_code) == ([], 404)
    shop.advance(180)
    watermark = datetime.fromisoformat(first.json()["lastUpdatedBefore"])
    overlap = stamp(watermark - timedelta(seconds=120))
    assert numbers(shop.search_orders(lastUpdatedAfter=stamp(watermark))) == []
    assert numbers(shop.search_orders(lastUpdatedAfter=overlap)) == [number]
    assert shop.order(number)["lastUpdatedTime"] < stamp(shop.world.clock.now() - timedelta(seconds=300))


def test_statuses_and_senders_are_filtered(shop: Shop) -> None:
    shop.control("add_product", code="fba-1", name="FBA品", quantity=30, channel="AMAZON_JP")
    pending, fba = shop.buy("mug", status="PENDING", **OLD), shop.buy("fba-1", **OLD)
    assert numbers(shop.search_orders(fulfillmentStatuses="PENDING,SHIPPED")) == [pending]
    assert numbers(shop.search_orders(fulfilledBy="AMAZON")) == [fba]
    assert numbers(shop.search_orders(fulfilledBy="MERCHANT")) == [pending]
    assert shop.shown("fba-1") == 29


def test_pages_hold_while_orders_change(shop: Shop) -> None:
    made = [shop.buy("mug", ago_s=900 - number) for number in range(5)]
    query = {"lastUpdatedAfter": before_now(shop, 3600), "maxResultsPerPage": "2"}
    first = shop.search_orders(**query)
    found, reply = numbers(first), first
    shop.control("ship", order_id=made[3])
    while token := reply.json().get("pagination", {}).get("nextToken"):
        reply = shop.search_orders(**query, paginationToken=token, includedData="FULFILLMENT")
        found += numbers(reply)
    assert found == made
    assert reply.json()["lastUpdatedBefore"] == first.json()["lastUpdatedBefore"]
    assert "pagination" not in reply.json()


def test_a_page_token_belongs_to_its_question_and_its_day(shop: Shop) -> None:
    for _turn in range(3):
        shop.buy("mug", **OLD)
    query = {"lastUpdatedAfter": before_now(shop, 3600), "maxResultsPerPage": "1"}
    token = shop.search_orders(**query).json()["pagination"]["nextToken"]
    assert shop.search_orders(**query, paginationToken=token, fulfilledBy="MERCHANT").status_code == 400
    more = {**query, "maxResultsPerPage": "2", "paginationToken": token}
    assert len(numbers(shop.search_orders(**more))) == 2
    shop.advance(24 * 3600)
    shop.use_token(shop.token()["access_token"])
    assert shop.search_orders(**more).status_code == 400


# ---------------------------------------------------------------- what a line says


def test_an_order_may_stay_pending_for_days(shop: Shop) -> None:
    number = shop.buy("mug", 2, status="PENDING")
    shop.advance(3 * 24 * 3600)
    shop.use_token(shop.token()["access_token"])
    order = shop.order(number)
    assert order["fulfillment"]["fulfillmentStatus"] == "PENDING"
    assert order["orderItems"][0]["quantityOrdered"] == 2
    shop.control("status", order_id=number, status="UNSHIPPED")
    assert shop.order(number)["fulfillment"]["fulfillmentStatus"] == "UNSHIPPED"


def test_shipping_moves_pieces_from_open_to_done(shop: Shop) -> None:
    number = shop.buy("mug", 3)
    shop.control("ship", order_id=number, line=0, quantity=1)
    order = shop.order(number)
    assert order["fulfillment"]["fulfillmentStatus"] == "PARTIALLY_SHIPPED"
    assert counts(order) == (3, 1, 2)
    shop.control("ship", order_id=number)
    assert counts(shop.order(number)) == (3, 3, 0)
    assert shop.order(number)["fulfillment"]["fulfillmentStatus"] == "SHIPPED"


def counts(order: dict[str, Any], place: int = 0) -> tuple[int, int, int]:
    line = order["orderItems"][place]
    parts = line["fulfillment"]
    return line["quantityOrdered"], parts["quantityFulfilled"], parts["quantityUnfulfilled"]


@pytest.mark.parametrize(("form", "numbers_"), [("unfulfilled", (3, 0, 2)), ("ordered", (2, 0, 2))])
def test_cancelled_pieces_lower_one_number_of_the_line(
    shop: Shop, form: str, numbers_: tuple[int, int, int]
) -> None:
    shop.control("setting", cancelled_pieces=form)
    number = shop.buy("mug", 3)
    shop.control("partial_cancel", order_id=number, line="mug", quantity=1)
    assert counts(shop.order(number)) == numbers_
    assert "cancellation" not in shop.order(number)["orderItems"][0]


def test_a_line_that_loses_all_its_pieces_says_who_cancelled_it(shop: Shop) -> None:
    lines = [{"code": "mug", "quantity": 1}, {"code": "cap-navy", "quantity": 1}]
    number = shop.control("order", lines=lines)["order_id"]
    shop.control("partial_cancel", order_id=number, line=1, quantity=1)
    order = shop.order(number)
    assert order["fulfillment"]["fulfillmentStatus"] == "UNSHIPPED"
    assert "cancellation" not in order["orderItems"][0]
    execution = order["orderItems"][1]["cancellation"]["cancellationExecution"]
    assert execution["cancelledBy"] == "MERCHANT"


def test_a_cancelled_order_says_so_and_a_wish_to_cancel_does_not(shop: Shop) -> None:
    number = shop.buy("mug", 3)
    shop.control("ask_cancel", order_id=number)
    asked = shop.order(number)
    assert asked["fulfillment"]["fulfillmentStatus"] == "UNSHIPPED"
    assert list(asked["orderItems"][0]["cancellation"]) == ["cancellationRequest"]
    shop.control("cancel", order_id=number)
    done = shop.order(number)
    assert (done["fulfillment"]["fulfillmentStatus"], counts(done)) == ("CANCELLED", (3, 0, 0))
    assert done["orderItems"][0]["cancellation"]["cancellationExecution"]["cancelledBy"] == "BUYER"


def test_without_asking_there_is_no_status_and_no_buyer(shop: Shop) -> None:
    order = shop.order(shop.buy("mug"), "")
    assert not {"fulfillment", "buyer", "recipient"} & set(order)
    assert "山田" not in str(order)


def test_the_buyer_is_named_where_asked_and_in_free_text(shop: Shop) -> None:
    number = shop.buy("mug")
    asked = shop.order(number, "BUYER,RECIPIENT")
    assert asked["buyer"]["buyerName"] == "山田 花子"
    assert asked["recipient"]["deliveryAddress"]["name"] == "山田 花子"
    assert "山田 花子" in str(shop.order(number)["orderItems"])
    shop.control("setting", buyer="佐藤 次郎", unasked_buyer=True)
    assert shop.order(shop.buy("mug"))["buyer"]["buyerName"] == "佐藤 次郎"


def test_an_unknown_order_is_not_found(shop: Shop) -> None:
    assert shop.ask("GET", "/orders/2026-01-01/orders/250-0000000-0000000").status_code == 404


def test_the_mall_counts_how_often_it_gave_an_order(shop: Shop) -> None:
    number = shop.buy("mug", **OLD)
    shop.search_orders()
    shop.control("cancel", order_id=number)
    shop.order(number)
    assert shop.control("reported", order_id=number) == {"times": 2, "cancelled_times": 1}


# ---------------------------------------------------------------- what stock they take


def test_a_sale_lowers_the_listing_and_a_write_may_lift_it_again(shop: Shop) -> None:
    shop.control("setting", delay_s=300.0)
    shop.patch("mug", stock(12))
    shop.buy("mug", 5)
    assert shop.shown("mug") == 7
    shop.advance(301)
    assert shop.shown("mug") == 12


@pytest.mark.parametrize(("returns", "shown"), [(False, 10), (True, 12)])
def test_a_cancel_returns_stock_by_the_setting(shop: Shop, returns: bool, shown: int) -> None:
    shop.control("setting", returns_stock_on_cancel=returns)
    number = shop.buy("mug", 2)
    shop.control("cancel", order_id=number)
    assert shop.shown("mug") == shown


def test_the_malls_own_countdown_can_be_off(shop: Shop) -> None:
    shop.control("setting", sale_lowers_stock=False)
    shop.buy("mug", 2)
    assert shop.shown("mug") == 12


# ---------------------------------------------------------------- version 0


def test_version_0_wraps_its_answers_and_spells_canceled_with_one_l(shop: Shop) -> None:
    number = shop.buy("mug", 2, status="PENDING", **OLD)
    query = {"MarketplaceIds": JAPAN, "LastUpdatedAfter": before_now(shop, 3600), "OrderStatuses": "Pending"}
    found = shop.ask("GET", "/orders/v0/orders", params=query).json()["payload"]
    assert [row["AmazonOrderId"] for row in found["Orders"]] == [number]
    assert "LastUpdatedBefore" in found
    path = f"/orders/v0/orders/{number}"
    line = shop.ask("GET", f"{path}/orderItems").json()["payload"]["OrderItems"][0]
    assert (line["SellerSKU"], line["QuantityOrdered"], "ItemPrice" in line) == ("mug", 2, False)
    shop.control("cancel", order_id=number)
    order = shop.ask("GET", path).json()["payload"]
    assert (order["OrderStatus"], order["FulfillmentChannel"]) == ("Canceled", "MFN")


def test_version_0_is_gone_after_its_day(shop: Shop) -> None:
    query = {"MarketplaceIds": JAPAN, "CreatedAfter": before_now(shop, 3600)}
    assert shop.ask("GET", "/orders/v0/orders", params=query).status_code == 200
    shop.control("setting", v0_removed_on="2020-01-01")
    assert shop.ask("GET", "/orders/v0/orders", params=query).status_code == 403
