"""The simulated Amazon seller answers, refuses and forgets as the Selling Partner API does."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from amazon_shop import JAPAN, Shop, channels, error, skus, stock

from sandbox.world import ControlError


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    running = Shop(tmp_path)
    yield running
    running.close()


@pytest.fixture
def paced(tmp_path: Path) -> Iterator[Shop]:
    """A shop with the published rates."""
    running = Shop(tmp_path, rates=1.0)
    yield running
    running.close()


# ---------------------------------------------------------------- writes


def test_a_merge_changes_the_quantity_and_keeps_the_lead_time(shop: Shop) -> None:
    reply = shop.patch("tee-red-s", stock(12))
    answer = reply.json()
    assert (reply.status_code, answer["status"], answer["issues"]) == (200, "ACCEPTED", [])
    assert channels(shop.item("tee-red-s")) == {"DEFAULT": 12}
    entry = shop.control("listing", code="tee-red-s")["entries"]["DEFAULT"]
    assert entry["lead_time_to_ship_max_days"] == 2
    assert shop.control("incidents") == []


@pytest.mark.parametrize("op", ["replace", "add"])
def test_a_replace_wipes_lead_time_and_restock_date(shop: Shop, op: str) -> None:
    shop.control("edit_listing", code="mug", restock_date="2027-01-15")
    shop.patch("mug", stock(4, op))
    entry = shop.control("listing", code="mug")["entries"]["DEFAULT"]
    assert entry == {"fulfillment_channel_code": "DEFAULT", "quantity": 4}
    assert [row["what"] for row in shop.control("incidents")] == ["lead_time_wiped"]


def test_a_delete_takes_the_named_channel_away(shop: Shop) -> None:
    value = [{"fulfillment_channel_code": "DEFAULT"}]
    patch = {"op": "delete", "path": "/attributes/fulfillment_availability", "value": value}
    assert shop.patch("mug", patch).json()["status"] == "ACCEPTED"
    assert channels(shop.item("mug")) == {}


def test_an_unknown_sku_is_accepted_and_dropped(shop: Shop) -> None:
    reply = shop.patch("nobody-sells-this", stock(5))
    assert (reply.status_code, reply.json()["status"], reply.json()["issues"]) == (200, "ACCEPTED", [])
    assert shop.item("nobody-sells-this").status_code == 404
    assert "nobody-sells-this" not in shop.control("stock")
    assert [row["code"] for row in shop.control("dropped")] == ["nobody-sells-this"]


def test_a_listing_deleted_meanwhile_drops_what_was_accepted(shop: Shop) -> None:
    shop.control("setting", delay_s=60.0)
    shop.patch("mug", stock(5))
    shop.control("remove_product", code="mug")
    shop.advance(61)
    assert (shop.item("mug").status_code, shop.control("pending")) == (404, [])


def test_an_accepted_write_shows_after_its_delay(shop: Shop) -> None:
    shop.control("setting", delay_s=120.0)
    shop.patch("tee-red-s", stock(7))
    assert (shop.shown("tee-red-s"), channels(shop.item("tee-red-s"))) == (20, {"DEFAULT": 20})
    assert shop.control("pending") == ["tee-red-s"]
    shop.advance(121)
    assert (shop.shown("tee-red-s"), channels(shop.item("tee-red-s"))) == (7, {"DEFAULT": 7})


def test_later_writes_win_whatever_their_delay(shop: Shop) -> None:
    shop.control("setting", delay_s=60.0)
    for quantity in (9, 8, 7):
        shop.patch("tee-red-s", stock(quantity))
    shop.advance(61)
    assert shop.shown("tee-red-s") == 7


def test_default_stock_on_an_fba_sku_adds_a_channel_and_is_an_incident(shop: Shop) -> None:
    shop.control("add_product", code="fba-1", name="FBA品", quantity=30, channel="AMAZON_JP")
    assert channels(shop.item("fba-1")) == {"AMAZON_JP": None}
    assert shop.patch("fba-1", stock(3)).json()["status"] == "ACCEPTED"
    assert channels(shop.item("fba-1")) == {"AMAZON_JP": None, "DEFAULT": 3}
    assert [row["what"] for row in shop.control("incidents")] == ["default_on_fba"]


def test_default_stock_may_switch_an_fba_sku_to_own_shipping(shop: Shop) -> None:
    shop.control("setting", fba_write="switches", fba_quantity_shown=True)
    shop.control("add_product", code="fba-1", name="FBA品", quantity=30, channel="AMAZON_JP")
    assert channels(shop.item("fba-1")) == {"AMAZON_JP": 30}
    shop.patch("fba-1", stock(3))
    assert channels(shop.item("fba-1")) == {"DEFAULT": 3}


@pytest.mark.parametrize(("creates", "after"), [(True, {"DEFAULT": 3}), (False, {})])
def test_a_merge_without_an_entry_makes_one_by_the_setting(
    shop: Shop, creates: bool, after: dict[str, int]
) -> None:
    shop.control("setting", merge_creates=creates)
    shop.control("edit_listing", code="mug", channels=[])
    shop.patch("mug", stock(3))
    assert channels(shop.item("mug")) == after


@pytest.mark.parametrize(
    ("patch", "code"),
    [
        ({**stock(3), "path": "/attributes/fulfillmentAvailability"}, "90000900"),
        ({**stock(3), "value": [{"fulfillmentChannelCode": "DEFAULT", "quantity": 3}]}, "90000900"),
        ({**stock(3), "value": [{"quantity": 3}]}, "99022"),
        (stock(3, channel=""), "99022"),
        (stock(-1), "90000900"),
        (stock("3"), "90000900"),
        (stock(True), "90000900"),
        (stock(3, channel="NOWHERE"), "90000900"),
        ({**stock(3), "value": stock(3)["value"] * 2}, "90000900"),
        (
            {**stock(0), "value": [{"fulfillment_channel_code": "DEFAULT", "lead_time_to_ship_max_days": 4}]},
            "99022",
        ),
    ],
)
def test_wrong_attributes_are_invalid_and_change_nothing(shop: Shop, patch: Any, code: str) -> None:
    reply = shop.patch("tee-red-s", patch)
    assert (reply.status_code, reply.json()["status"]) == (200, "INVALID")
    assert code in [issue["code"] for issue in reply.json()["issues"]]
    assert shop.shown("tee-red-s") == 20


def test_the_words_of_a_missing_channel(shop: Shop) -> None:
    patch = {**stock(3), "value": [{"quantity": 3}]}
    text = shop.patch("tee-red-s", patch).json()["issues"][-1]["message"]
    assert text.endswith("does not have enough values. The required minimum is '1' value(s).")


def test_a_product_type_is_product_or_the_listings_own(shop: Shop) -> None:
    kinds = ("PRODUCT", "SHIRT", "LUGGAGE")
    found = [shop.patch("mug", stock(1), product_type=kind).json()["status"] for kind in kinds]
    assert found == ["ACCEPTED", "ACCEPTED", "INVALID"]


@pytest.mark.parametrize(
    "body",
    [
        {"patches": [stock(1)]},
        {"productType": "PRODUCT"},
        {"productType": "PRODUCT", "patches": {}},
        {"productType": "PRODUCT", "patches": ["x"]},
        {"productType": "PRODUCT", "patches": []},
        {"productType": "PRODUCT", "patches": [{**stock(1), "op": "increment"}]},
        {"productType": "PRODUCT", "patches": [stock(1)], "sku": "mug"},
        {
            "productType": "PRODUCT",
            "patches": [{**stock(1), "path": "/attributes/fulfillment_availability/0/quantity"}],
        },
        [],
    ],
)
def test_a_body_that_is_no_patch_request_is_refused_and_noted(shop: Shop, body: Any) -> None:
    reply = shop.patch_raw("mug", body)
    assert (reply.status_code, error(reply)["code"]) == (400, "InvalidInput")
    assert error(reply)["message"] == "Request has missing or invalid parameters and cannot be parsed."
    assert len(shop.control("violations")) == 1


def test_a_patch_without_value_is_refused_by_its_place(shop: Shop) -> None:
    patch = {name: value for name, value in stock(1).items() if name != "value"}
    reply = shop.patch("mug", stock(1), patch)
    assert (reply.status_code, error(reply)["message"]) == (400, "Value is missing for patch at index of 1.")
    assert shop.shown("mug") == 12


def test_a_preview_stores_nothing(shop: Shop) -> None:
    more = {"mode": "VALIDATION_PREVIEW", "includedData": "identifiers,issues"}
    answer = shop.patch("mug", stock(1), **more).json()
    assert (answer["status"], answer["issues"], shop.shown("mug")) == ("VALID", [], 12)
    assert answer["identifiers"][0]["marketplaceId"] == JAPAN
    assert shop.patch("mug", stock(-1), **more).json()["status"] == "INVALID"
    assert shop.patch("mug", stock(1), includedData="identifiers").status_code == 400


# ---------------------------------------------------------------- paths


@pytest.mark.parametrize("sku", ["bag/9", "bag#9", "bag 9", "袋-9", "50%", "a+b&c=d"])
def test_an_encoded_sku_is_found_whatever_is_in_it(shop: Shop, sku: str) -> None:
    shop.control("add_product", code=sku, name="袋", quantity=5)
    assert shop.patch(sku, stock(2)).json()["sku"] == sku
    assert (shop.shown(sku), shop.item(sku).json()["sku"]) == (2, sku)
    assert shop.control("violations") == []


def raw_patch(shop: Shop, target: str) -> int:
    """Send a patch whose target no client library touches; gives the status."""
    port = int(shop.given["api_url"].rsplit(":", 1)[1])
    token = shop.session.headers["x-amz-access-token"]
    head = f"PATCH {target} HTTP/1.1\r\nHost: x\r\nx-amz-access-token: {token}\r\nConnection: close\r\n\r\n"
    context = ssl.create_default_context(cafile=str(shop.world.ca_file))
    plain = socket.create_connection(("127.0.0.1", port), timeout=10)
    with plain, context.wrap_socket(plain, server_hostname="127.0.0.1") as wire, wire.makefile("rb") as lines:
        wire.sendall(head.encode())
        answer = lines.readline()
    return int(answer.split()[1])


@pytest.mark.parametrize("sku", ["bag/9", "bag#9"])
def test_a_raw_slash_or_hash_is_forbidden(shop: Shop, sku: str) -> None:
    shop.control("add_product", code=sku, name="袋", quantity=5)
    path = f"/listings/2021-08-01/items/{shop.seller}/{sku}?marketplaceIds={JAPAN}"
    assert raw_patch(shop, path) == 403
    assert shop.control("violations") != []


def test_another_seller_or_marketplace_is_forbidden_without_details(shop: Shop) -> None:
    path = shop.item_path("mug")
    for sent, place in ((path.replace(shop.seller, "A2OTHER"), JAPAN), (path, "ATVPDKIKX0DER")):
        reply = shop.ask("GET", sent, params={"marketplaceIds": place})
        assert (reply.status_code, error(reply)["code"], error(reply)["details"]) == (403, "Unauthorized", "")
    assert shop.ask("GET", path).status_code == 400


def test_unknown_paths_parameters_and_types_are_noted(shop: Shop) -> None:
    unknown = shop.ask("GET", "/listings/2020-09-01/items")
    assert (unknown.status_code, error(unknown)["code"]) == (403, "MissingAuthenticationToken")
    assert shop.search(colour="red").status_code == 400
    assert shop.search(marketplaceIds=[JAPAN, JAPAN]).status_code == 400
    body = shop.ask("POST", "/feeds/2021-06-30/documents", data="{}", headers={"Content-Type": "text/plain"})
    assert body.status_code == 415
    shop.search(headers_are="fine")
    assert len(shop.control("violations")) == 5
    shop.control("setting", strict=False)
    assert shop.search(colour="red").status_code == 200


def test_a_library_that_does_not_name_itself_is_noted(shop: Shop) -> None:
    shop.session.headers["User-Agent"] = "python-requests/2"
    assert shop.item("mug").status_code == 200
    assert [row["what"] for row in shop.control("violations")] == ["User-Agent: python-requests/2"]


# ---------------------------------------------------------------- reads


def test_an_item_has_what_was_asked_for(shop: Shop) -> None:
    assert set(shop.item("mug").json()) == {"sku", "summaries", "fulfillmentAvailability", "issues"}
    summary = shop.item("mug").json()["summaries"][0]
    assert (summary["itemName"], summary["status"]) == ("マグカップ", ["BUYABLE", "DISCOVERABLE"])
    entry = shop.item("mug", "attributes").json()["attributes"]["fulfillment_availability"][0]
    assert entry["lead_time_to_ship_max_days"] == 2
    assert shop.item("mug", "stock").status_code == 400


def test_what_has_no_stock_cannot_be_bought(shop: Shop) -> None:
    shop.patch("mug", stock(0))
    assert shop.item("mug").json()["summaries"][0]["status"] == ["DISCOVERABLE"]
    assert skus(shop.search(withoutStatus="BUYABLE")) == ["mug"]


def test_an_unknown_sku_is_not_found(shop: Shop) -> None:
    reply = shop.item("no-such")
    assert (reply.status_code, error(reply)["code"]) == (404, "NOT_FOUND")
    assert "no-such" in error(reply)["message"]
    assert "x-amzn-RateLimit-Limit" in reply.headers


def test_twenty_skus_are_read_at_once_and_unknown_ones_are_absent(shop: Shop) -> None:
    asked = "mug,no-such,cap-navy"
    reply = shop.search(
        identifiersType="SKU", identifiers=asked, includedData="fulfillmentAvailability", pageSize=20
    )
    assert (reply.json()["numberOfResults"], sorted(skus(reply))) == (2, ["cap-navy", "mug"])
    assert "pagination" not in reply.json()
    many = ",".join(f"s{number}" for number in range(21))
    assert shop.search(identifiersType="SKU", identifiers=many).status_code == 400
    assert shop.search(identifiers="mug").status_code == 400


def test_a_sku_with_a_comma_cannot_be_asked_among_others(shop: Shop) -> None:
    shop.control("add_product", code="a,b", name="袋", quantity=5)
    assert skus(shop.search(identifiersType="SKU", identifiers="a,b")) == []
    assert shop.item("a,b").status_code == 200


@pytest.mark.parametrize("size", ["0", "21", "x"])
def test_a_page_has_one_to_twenty_items(shop: Shop, size: str) -> None:
    assert shop.search(pageSize=size).status_code == 400


def test_pages_follow_opaque_tokens_both_ways(shop: Shop) -> None:
    shop.control("add_numbered", count=30)
    order = {"sortBy": "sku", "sortOrder": "ASC", "pageSize": 20}
    first = shop.search(**order)
    second = shop.search(**order, pageToken=first.json()["pagination"]["nextToken"])
    assert (len(skus(first)), len(skus(second)), first.json()["numberOfResults"]) == (20, 18, 38)
    assert "nextToken" not in second.json()["pagination"]
    again = shop.search(**order, pageToken=second.json()["pagination"]["previousToken"])
    assert skus(again) == skus(first)
    other = {**order, "sortOrder": "DESC", "pageToken": first.json()["pagination"]["nextToken"]}
    assert shop.search(**other).status_code == 400
    assert shop.search(pageToken="made-up").status_code == 400


def test_paging_ends_at_a_thousand_items(shop: Shop) -> None:
    shop.control("add_numbered", count=1010)
    query: dict[str, Any] = {"pageSize": 20}
    seen: set[str] = set()
    while True:
        reply = shop.search(**query)
        seen.update(skus(reply))
        if not (token := reply.json().get("pagination", {}).get("nextToken")):
            break
        query["pageToken"] = token
    assert (len(seen), reply.json()["numberOfResults"]) == (1000, 1018)


# ---------------------------------------------------------------- rates


def test_a_bucket_of_five_refuses_the_sixth_write_and_refills(paced: Shop) -> None:
    assert paced.item("mug").headers["x-amzn-RateLimit-Limit"] == "5.0"
    paced.control("setting", rates=0.01)  # 0.05 per s, so that a slow machine refills nothing
    replies = [paced.patch("mug", stock(number)) for number in range(6)]
    assert [reply.status_code for reply in replies] == [200] * 5 + [429]
    paced.advance(21)
    assert [paced.patch("mug", stock(9)).status_code for _turn in range(2)] == [200, 429]


def test_a_429_names_no_rate_and_no_wait(paced: Shop) -> None:
    paced.control("setting", rates=0.01)
    limited = [paced.search(pageSize=1) for _turn in range(6)][-1]
    assert limited.status_code == 429
    assert error(limited) == {
        "code": "QuotaExceeded",
        "message": "You exceeded your quota for the requested resource.",
        "details": "",
    }
    assert not {"x-amzn-RateLimit-Limit", "Retry-After"} & set(limited.headers)
    assert re.fullmatch(r"[0-9a-f-]{36}", limited.headers["x-amzn-RequestId"])


def test_order_searches_have_a_burst_of_twenty_and_one_more_in_three_minutes(paced: Shop) -> None:
    replies = [paced.search_orders() for _turn in range(21)]
    assert [reply.status_code for reply in replies] == [200] * 20 + [429]
    assert replies[0].headers["x-amzn-RateLimit-Limit"] == "0.0056"
    paced.advance(179)
    assert [paced.search_orders().status_code for _turn in range(2)] == [200, 429]


def test_each_operation_has_its_own_bucket(paced: Shop) -> None:
    for _turn in range(21):
        paced.search_orders()
    assert (paced.item("mug").status_code, paced.search_orders().status_code) == (200, 429)


def test_the_harsher_profile_halves_the_rate_and_keeps_the_burst(paced: Shop) -> None:
    paced.control("setting", rates=0.5)
    statuses = [paced.search_orders().status_code for _turn in range(21)]
    assert statuses == [200] * 20 + [429]
    paced.advance(180)
    assert paced.search_orders().status_code == 429
    paced.advance(180)
    reply = paced.search_orders()
    assert (reply.status_code, reply.headers["x-amzn-RateLimit-Limit"]) == (200, "0.0028")


def test_only_answers_that_the_models_name_carry_the_rate(shop: Shop) -> None:
    for code, carried in ((403, False), (413, False), (500, False), (503, False), (400, False), (404, False)):
        shop.control("fault", name="status", code=code, count=1)
        shown = "x-amzn-RateLimit-Limit" in shop.item("mug").headers
        assert shown is (carried or code in (400, 404))


def test_texts_headers_and_bounds_are_settings(paced: Shop) -> None:
    changes = {"quota_text": "slow down", "not_found_text": "no {sku}", "quantity_max": 99}
    paced.control("setting", rate_header=False, asks_user_agent=False, **changes)
    del paced.session.headers["User-Agent"]
    missing = paced.item("no-such")
    assert (error(missing)["message"], "x-amzn-RateLimit-Limit" in missing.headers) == ("no no-such", False)
    found = [paced.patch("mug", stock(number)).json()["status"] for number in (99, 100)]
    assert found == ["ACCEPTED", "INVALID"]
    paced.control("setting", rates=0.01)
    limited = [paced.search() for _turn in range(6)][-1]
    assert error(limited)["message"] == "slow down"
    assert paced.control("violations") == []


# ---------------------------------------------------------------- the check


def test_the_connection_check_names_the_marketplace(shop: Shop) -> None:
    path = "/sellers/v1/marketplaceParticipations"
    entry = shop.ask("GET", path).json()["payload"][0]
    assert entry["marketplace"]["id"] == JAPAN
    assert entry["participation"] == {"isParticipating": True, "hasSuspendedListings": False}
    shop.control("setting", participating=False, suspended=True)
    entry = shop.ask("GET", path).json()["payload"][0]
    assert entry["participation"] == {"isParticipating": False, "hasSuspendedListings": True}


def test_verbs_refuse_what_they_do_not_know(shop: Shop) -> None:
    for verb, arguments in (
        ("set_stock", {"code": "no-such", "quantity": 1}),
        ("set_stock", {"code": "mug", "quantity": -1}),
        ("add_product", {"code": "mug", "name": "x"}),
        ("add_product", {"code": "new", "name": "x", "channel": "OTHER"}),
        ("edit_listing", {"code": "mug", "colour": 1}),
        ("setting", {"speed": 1}),
        ("setting", {"rates": "fast"}),
        ("setting", {"fba_write": "maybe"}),
        ("fault", {"name": "gremlins"}),
        ("fault", {"name": "hold", "function": "x"}),
        ("fault", {"name": "hold", "code": 1}),
        ("nonsense", {}),
    ):
        with pytest.raises(ControlError):
            shop.control(verb, **arguments)
