"""The simulated Rakuten shop: its front door, its stock and its items answer as RMS does."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rakuten_shop import (
    EXPIRY,
    INVENTORY,
    JST,
    RED_M,
    RED_S,
    SEARCH,
    Shop,
    absolute,
    codes,
    paths,
)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    running = Shop(tmp_path)
    yield running
    running.close()


@pytest.fixture
def paced(tmp_path: Path) -> Iterator[Shop]:
    # Ten times slower than published: no bucket fills by itself on a slow machine.
    running = Shop(tmp_path, rates=0.1)
    yield running
    running.close()


def test_answers_carry_request_id_and_utc_timestamp(shop: Shop) -> None:
    reply = shop.search()
    assert len(reply.headers["RequestId"]) == 36
    assert datetime.fromisoformat(reply.headers["Timestamp"]).replace(tzinfo=UTC) <= shop.world.clock.now()
    assert reply.headers["Content-Type"] == "application/json;charset=UTF-8"


def test_keys_have_the_form_that_names_the_shop(shop: Shop) -> None:
    found = shop.mall.addresses()
    assert found["licence_key"].startswith(f"SL{found['shop_number']}_")
    assert len(found["licence_key"]) == len(found["service_secret"]) == 25


@pytest.mark.parametrize(
    "header", ["", "ESA", "ESA !!!", "Bearer abc", "ESA " + base64.b64encode(b"a:b").decode()]
)
def test_a_wrong_key_is_refused_everywhere(shop: Shop, header: str) -> None:
    shop.session.headers["Authorization"] = header
    for reply in (shop.search(), shop.upsert(absolute(1)), shop.search_orders()):
        assert (reply.status_code, reply.json()) == (
            401,
            {"errors": [{"code": "GA0001", "message": "Un-Authorised"}]},
        )


def test_a_foreign_key_is_refused(shop: Shop) -> None:
    shop.use_key(shop.control("foreign_key")["licence_key"])
    assert shop.search().status_code == 401
    assert shop.control("violations") == []


def test_a_new_key_lives_after_its_delay_and_the_old_one_goes_on(shop: Shop) -> None:
    new = shop.control("issue_key")["licence_key"]
    assert shop.search().status_code == 200
    shop.use_key(new)
    assert shop.search().status_code == 401
    shop.world.clock.advance(30 * 60)
    assert shop.search().status_code == 200
    shop.use_key(shop.mall.addresses()["licence_key"])
    assert shop.search().status_code == 200


def test_keys_end_when_expired_and_only_those_issued_before(shop: Shop) -> None:
    shop.control("expire_keys")
    assert shop.search().status_code == 401
    shop.use_key(shop.control("issue_key", activation_s=0)["licence_key"])
    assert shop.search().status_code == 200
    shop.world.clock.advance(91 * 86400)
    assert shop.search().status_code == 401


def test_expiry_date_is_a_plain_japanese_time_of_the_last_day(shop: Shop) -> None:
    key = shop.control("issue_key", valid_days=10)
    reply = shop.ask("GET", EXPIRY, params={"licenseKey": key["licence_key"]})
    day = (shop.world.clock.now().astimezone(JST) + timedelta(days=10)).date()
    assert reply.json() == {"expiryDate": f"{day}T23:59:59"}
    assert key["expires_at"] == f"{day}T23:59:59+09:00"


@pytest.mark.parametrize(("form", "end"), [("fraction", ".000"), ("z", "14:59:59Z"), ("offset", "+09:00")])
def test_expiry_date_can_take_its_other_forms(shop: Shop, form: str, end: str) -> None:
    shop.control("setting", expiry_form=form)
    key = shop.mall.addresses()["licence_key"]
    assert shop.ask("GET", EXPIRY, params={"licenseKey": key}).json()["expiryDate"].endswith(end)


def test_a_second_call_within_the_second_is_refused_per_function(paced: Shop) -> None:
    assert paced.upsert(absolute(5)).status_code == 204
    refused = paced.upsert(absolute(6))
    assert refused.status_code == 429
    assert "Retry-After" not in refused.headers
    assert paced.read(RED_S)[0]["quantity"] == 5
    paced.world.clock.advance(10)
    assert paced.upsert(absolute(6)).status_code == 204


def test_reads_have_five_times_the_rate_of_writes(paced: Shop) -> None:
    assert paced.search().status_code == 200
    assert paced.search().status_code == 429
    paced.world.clock.advance(2)
    assert paced.search().status_code == 200


def test_rates_can_be_multiplied_and_the_limit_can_name_a_wait(paced: Shop) -> None:
    paced.control("setting", rates=1000.0, retry_after=True)
    assert paced.upsert(absolute(5)).status_code == 204
    paced.world.clock.advance(0.001)
    assert paced.upsert(absolute(5)).status_code == 204
    paced.control("setting", rates=0.001)
    assert paced.upsert(absolute(5)).status_code == 204
    assert paced.upsert(absolute(5)).headers["Retry-After"] == "1"


def test_unknown_paths_and_methods_are_violations(shop: Shop) -> None:
    wrong = shop.ask("GET", "/es/2.0/inventory")
    assert (wrong.status_code, codes(wrong)) == (400, ["GE0007"])
    assert shop.ask("PUT", SEARCH).status_code == 405
    assert shop.ask("POST", "/es/2.0/order/cancelOrder/", json={}).status_code == 404
    assert len(shop.control("violations")) == 3


@pytest.mark.parametrize("sent", ["application/json", "text/plain; charset=utf-8"])
def test_order_calls_name_their_charset(shop: Shop, sent: str) -> None:
    reply = shop.ask("POST", "/es/2.0/order/searchOrder/", data="{}", headers={"Content-Type": sent})
    assert (reply.status_code, reply.json()["Results"]["errorCode"]) == (415, "ES04-03")
    assert sent in shop.control("violations")[0]["what"]


def test_journal_has_no_query_and_no_body_but_seen_finds_them(shop: Shop) -> None:
    key = shop.mall.addresses()["licence_key"]
    shop.upsert(absolute(31337))
    assert shop.control("seen", text=key)  # inside the ESA header
    shop.ask("GET", EXPIRY, params={"licenseKey": key})
    assert [row["function"] for row in shop.control("journal")] == ["bulk_upsert", "expiry_date"]
    assert key not in str(shop.control("journal"))
    assert "31337" not in str(shop.control("journal"))
    assert shop.control("seen", text=f"licenseKey={key}")
    assert shop.control("seen", text="31337")
    assert not shop.control("seen", text="never sent")


def test_a_bulk_write_is_read_back_and_shown_to_buyers(shop: Shop) -> None:
    relative = {**RED_M, "mode": "RELATIVE", "quantity": -2}
    reply = shop.upsert(absolute(7), relative)
    assert (reply.status_code, reply.content) == (204, b"")
    rows = shop.read(RED_S, RED_M, {"manageNumber": "nobody", "variantId": "x"})
    assert [row["quantity"] for row in rows] == [7, 18]
    assert set(rows[0]) == {"manageNumber", "variantId", "quantity", "created", "updated"}
    assert rows[0]["updated"].endswith("+09:00")
    assert (shop.control("stock")["tee-red-s"], shop.control("stock")["tee_red_m"]) == (7, 18)


def test_manage_number_folds_and_variant_id_does_not(shop: Shop) -> None:
    assert shop.upsert(absolute(3, {"manageNumber": "TEE", "variantId": "r-sku00000001"})).status_code == 204
    assert shop.read({"manageNumber": "Tee", "variantId": "r-sku00000001"})[0]["manageNumber"] == "tee"
    assert shop.read({"manageNumber": "tee", "variantId": "R-SKU00000001"}) == []


def test_single_functions_read_write_and_delete_a_cell(shop: Shop) -> None:
    path = f"{INVENTORY}/manage-numbers/tee/variants/r-sku00000001"
    assert shop.ask("GET", path).json()["quantity"] == 20
    assert shop.ask("PUT", path, json={"mode": "ABSOLUTE", "quantity": 4}).status_code == 204
    assert shop.ask("PUT", path, json={"mode": "RELATIVE", "quantity": -1}).status_code == 204
    assert shop.ask("GET", path).json()["quantity"] == 3
    assert shop.ask("DELETE", path).status_code == 204
    gone = shop.ask("GET", path)
    assert (gone.status_code, codes(gone)) == (404, ["GE0014"])


def test_every_wrong_row_is_named_at_once(shop: Shop) -> None:
    reply = shop.upsert(
        {"variantId": "x", "mode": "ABSOLUTE", "quantity": 1},
        absolute(1, {"manageNumber": "a" * 33, "variantId": "ü"}),
        absolute(100_000),
        {**RED_M, "quantity": 1},
        absolute(True, {"manageNumber": "mug", "variantId": "normal-inventory"}, oops=1),
    )
    assert reply.status_code == 400
    assert codes(reply) == ["IE0001", "IE0004", "IE0002", "IE0003", "IE0001", "IE0002", "IE0002"]
    assert paths(reply)[:2] == ["inventories[0].manageNumber", "inventories[1].manageNumber"]
    messages = [error["message"] for error in reply.json()["errors"]]
    assert messages[0] == "manageNumber is mandatory."
    assert messages[1] == "Max length of manageNumber must be within 32 bytes."
    assert messages[3] == "quantity must be between 0 and 99999."
    assert messages[5] == "Unrecognized field oops."


def test_duplicates_by_folded_key_refuse_the_call(shop: Shop) -> None:
    reply = shop.upsert(absolute(1), absolute(2, {"manageNumber": "TEE", "variantId": "r-sku00000001"}))
    assert (reply.status_code, codes(reply), paths(reply)) == (400, ["IE1102"], ["inventories[1]"])
    assert shop.control("stock")["tee-red-s"] == 20


@pytest.mark.parametrize(("function", "most"), [("bulk-upsert", 400), ("bulk-get", 1000)])
def test_a_batch_has_a_limit(shop: Shop, function: str, most: int) -> None:
    rows = [{"manageNumber": f"m{n // 400}", "variantId": f"v{n}"} for n in range(most + 1)]
    if function == "bulk-upsert":
        rows = [absolute(1, row) for row in rows]
    url = f"{INVENTORY}/{function}"
    assert shop.ask("POST", url, json={"inventories": rows[:most]}).status_code in (200, 204)
    reply = shop.ask("POST", url, json={"inventories": rows})
    assert (reply.status_code, codes(reply)) == (400, ["IE1101"])


@pytest.mark.parametrize("body", [b"", b"{}", b"not json"])
def test_an_empty_body_is_refused(shop: Shop, body: bytes) -> None:
    reply = shop.ask("POST", f"{INVENTORY}/bulk-get", data=body, headers={"Content-Type": "application/json"})
    assert (reply.status_code, codes(reply)) == (400, ["GE0011"])


def test_relative_writes_need_a_cell_and_stay_in_range(shop: Shop) -> None:
    missing = {"manageNumber": "nobody", "variantId": "x", "mode": "RELATIVE", "quantity": 1}
    below = {**RED_M, "mode": "RELATIVE", "quantity": -21}
    reply = shop.upsert(absolute(1), missing, below)
    assert (codes(reply), paths(reply)) == (["IE0500", "IE0117"], ["inventories[1]", "inventories[2]"])
    assert shop.control("stock")["tee-red-s"] == 20  # the good row was not applied either


def test_non_atomic_applies_the_rows_before_the_bad_one(shop: Shop) -> None:
    shop.control("fault", name="non_atomic")
    bad = {**RED_M, "mode": "RELATIVE", "quantity": -21}
    assert codes(shop.upsert(absolute(1), bad, absolute(2, {"manageNumber": "mug", "variantId": "x"}))) == [
        "IE0117"
    ]
    assert shop.control("stock")["tee-red-s"] == 1
    assert shop.control("orphans") == []


def test_an_item_holds_400_cells(shop: Shop) -> None:
    cells = [{"manageNumber": "tee", "variantId": f"v{n}"} for n in range(394)]
    assert shop.upsert(*(absolute(1, cell) for cell in cells)).status_code == 204
    reply = shop.upsert(absolute(1), absolute(1, {"manageNumber": "tee", "variantId": "one-more"}))
    assert (codes(reply), paths(reply)) == (["IE0121"], ["inventories[1]"])


def test_orphans_are_accepted_readable_unseen_and_purged_after_a_day(shop: Shop) -> None:
    stray = {"manageNumber": "tee", "variantId": "typo"}
    assert shop.upsert(absolute(5, stray)).status_code == 204
    shop.world.clock.advance(23 * 3600)
    assert shop.read(stray)[0]["quantity"] == 5
    assert "typo" not in str(shop.control("view"))
    assert len(shop.control("orphans")) == 1
    shop.world.clock.advance(2 * 3600)
    assert shop.read(stray) == []
    assert len(shop.read(RED_S)) == 1


def test_version_2_1_drops_omitted_lead_times_and_2_0_keeps_them(shop: Shop) -> None:
    lead = {"operationLeadTime": {"normalDeliveryTimeId": 1}, "shipFromIds": [2]}
    assert shop.upsert(absolute(5, **lead), version="2.1").status_code == 204
    assert shop.upsert(absolute(6)).status_code == 204
    assert {**shop.read(RED_S, version="2.1")[0], **lead} == shop.read(RED_S, version="2.1")[0]
    assert "shipFromIds" not in shop.read(RED_S)[0]
    assert shop.upsert(absolute(7), version="2.1").status_code == 204
    assert "shipFromIds" not in shop.read(RED_S, version="2.1")[0]
    assert codes(shop.upsert(absolute(5, shipFromIds=[9]), version="2.1")) == ["IE0118"]
    assert codes(shop.upsert(absolute(5, **lead))) == ["IE0002", "IE0002"]


def test_variant_list_names_what_the_inventory_side_holds(shop: Shop) -> None:
    shop.upsert(absolute(1, {"manageNumber": "mug", "variantId": "typo"}))
    path = "/es/2.1/inventories/variant-lists/manage-numbers/"
    assert shop.ask("GET", path + "mug").json()["variantList"] == ["normal-inventory", "typo"]
    assert codes(shop.ask("GET", path + "nobody")) == ["GE0014"]
    assert shop.ask("GET", path.replace("2.1", "2.0") + "mug").status_code == 400


@pytest.mark.parametrize(
    ("query", "code"),
    [({}, "IE0105"), ({"minQuantity": 5, "maxQuantity": 4}, "IE0113"), ({"minQuantity": 100_000}, "IE0003")],
)
def test_range_read_checks_its_bounds(shop: Shop, query: dict[str, int], code: str) -> None:
    assert codes(shop.ask("GET", f"{INVENTORY}/bulk-get/range", params=query)) == [code]


def test_range_read_finds_the_newest_first_and_refuses_too_many(shop: Shop) -> None:
    shop.world.clock.advance(5)
    shop.upsert(absolute(8, RED_M))
    found = shop.ask("GET", f"{INVENTORY}/bulk-get/range", params={"minQuantity": 8, "maxQuantity": 8}).json()
    assert [row["variantId"] for row in found["inventories"]] == ["r-sku00000002", "cap-navy"]
    for page in range(3):
        cells = ({"manageNumber": f"m{page}", "variantId": f"v{n}"} for n in range(400))
        shop.upsert(*(absolute(9, cell) for cell in cells))
    assert codes(shop.ask("GET", f"{INVENTORY}/bulk-get/range", params={"maxQuantity": 9})) == ["IE0116"]


def test_a_shop_that_was_not_migrated_is_refused(shop: Shop) -> None:
    shop.control("setting", migrated=False)
    assert codes(shop.upsert(absolute(1))) == ["IE1105"]


def test_catalogue_has_an_old_code_an_item_number_only_and_a_single_with_a_code(shop: Shop) -> None:
    items = {
        result["item"]["manageNumber"]: result["item"] for result in shop.search(hits=100).json()["results"]
    }
    assert items["tee"]["variants"]["r-sku00000002"]["merchantDefinedSkuId"] == "tee_red_m"
    assert items["tee"]["variants"]["r-sku00000002"]["selectorValues"] == {
        "color-key": "red",
        "size-key": "m",
    }
    assert len(items["tee"]["variants"]) == 6
    assert items["mug"]["itemNumber"] == "mug"
    assert "merchantDefinedSkuId" not in items["mug"]["variants"]["normal-inventory"]
    assert "variantSelectors" not in items["cap-navy"]
    assert items["cap-navy"]["variants"]["cap-navy"]["merchantDefinedSkuId"] == "cap-navy"


def test_the_cursor_ends_when_it_comes_back_unchanged(shop: Shop) -> None:
    seen, cursor = [], "*"
    for _turn in range(9):
        page = shop.search(cursorMark=cursor, hits=2).json()
        seen += [result["item"]["manageNumber"] for result in page["results"]]
        if page["nextCursorMark"] == cursor:
            break
        cursor = page["nextCursorMark"]
    assert seen == ["cap-navy", "mug", "tee"]


def test_a_cursor_that_is_not_url_encoded_is_refused(shop: Shop) -> None:
    cursor = shop.search(cursorMark="*").json()["nextCursorMark"]
    assert shop.search(cursorMark=cursor).status_code == 200
    assert shop.ask("GET", f"{SEARCH}?cursorMark={cursor}").status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        {"cursorMark": "*", "offset": 0},
        {"cursorMark": "*", "sortKey": "created"},
        {"cursorMark": "nonsense"},
        {"offset": 10_001},
        {"hits": 101},
        {"hits": 0},
        {"isHiddenItem": "yes"},
        {"createdFrom": "2026/01/01"},
        {"colour": "red"},
    ],
)
def test_a_wrong_search_is_refused(shop: Shop, query: dict[str, Any]) -> None:
    assert shop.search(**query).status_code == 400


def test_search_matches_in_part_and_selects_whole_items(shop: Shop) -> None:
    found = shop.search(merchantDefinedSkuId="red-").json()
    assert found["numFound"] == 1
    assert len(found["results"][0]["item"]["variants"]) == 6
    shop.control("set_stock", code="mug", quantity=0)
    stockout = shop.search(isItemStockout="true").json()
    assert [result["item"]["manageNumber"] for result in stockout["results"]] == ["mug"]
    assert shop.search(offset=2, sortKey="manageNumber", sortOrder="asc").json()["offset"] == 2


def test_the_index_runs_behind_and_keeps_a_deleted_item_by_number_only(shop: Shop) -> None:
    shop.world.clock.advance(3600)
    shop.control("setting", index_lag_s=1800)
    shop.control("add_product", code="socks", name="くつした", quantity=3)
    shop.control("remove_product", code="mug")
    items = [result["item"] for result in shop.search().json()["results"]]
    assert {"manageNumber": "mug"} in items
    assert "socks" not in [item["manageNumber"] for item in items]
    shop.world.clock.advance(1801)
    numbers = [result["item"]["manageNumber"] for result in shop.search().json()["results"]]
    assert sorted(numbers) == ["cap-navy", "socks", "tee"]


def test_inventory_included_gives_lead_times_and_never_quantities(shop: Shop) -> None:
    shop.upsert(absolute(5, shipFromIds=[1]), version="2.1")
    reply = shop.search(manageNumber="tee", isInventoryIncluded="true")
    variants = reply.json()["results"][0]["item"]["variants"]
    assert variants["r-sku00000001"]["shipFromIds"] == [1]
    assert "quantity" not in reply.text


def test_item_reads_need_the_paid_option(shop: Shop) -> None:
    path = "/es/2.0/items/manage-numbers/TEE"
    assert shop.ask("GET", path).status_code == 401
    shop.control("setting", bulk_edit_option=True)
    assert shop.ask("GET", path).json()["manageNumber"] == "tee"
    both = shop.ask("POST", "/es/2.0/items/bulk-get", json={"manageNumbers": ["mug", "nobody"]}).json()
    assert [item["manageNumber"] for item in both["results"]] == ["mug"]


def test_related_settings_need_no_option(shop: Shop) -> None:
    shop.control("edit_listing", code="mug", back_order=True, unlimited=True)
    found = shop.ask("GET", "/es/2.0/items/inventory-related-settings/manage-numbers/mug").json()
    assert found["unlimitedInventoryFlag"] is True
    assert found["variants"]["normal-inventory"] == {"restockOnCancel": False, "backOrderFlag": True}


def test_a_rekeyed_listing_leaves_an_orphan_that_still_takes_writes(shop: Shop) -> None:
    shop.control("rekey", code="tee-red-s")
    assert shop.upsert(absolute(1)).status_code == 204
    assert shop.control("stock")["tee-red-s"] == 20
