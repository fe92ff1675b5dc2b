"""The simulated futureshop: its front door, its stock and its writes answer as APIv2 does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from futureshop_shop import INVENTORY, Shop, code, entry, results

from sandbox.catalogue import GOODS
from sandbox.world import ControlError


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    running = Shop(tmp_path)
    yield running
    running.close()


@pytest.fixture
def paced(tmp_path: Path) -> Iterator[Shop]:
    # A hundred times slower than published: no bucket fills by itself on a slow machine.
    running = Shop(tmp_path)
    running.control("setting", rates=0.01)
    yield running
    running.close()


# ---------------------------------------------------------------------- tokens


def test_a_token_is_given_for_the_key_and_the_shop_key(shop: Shop) -> None:
    reply = shop.ask_token()
    assert reply.status_code == 200
    assert set(reply.json()) == {"access_token", "token_type", "expires_in"}
    assert (reply.json()["token_type"], reply.json()["expires_in"]) == ("Bearer", 3600)


@pytest.mark.parametrize("wrong", [{"client_id": "x"}, {"client_secret": "x"}, {"shop_key": "x"}])
def test_a_wrong_id_secret_or_shop_key_is_an_invalid_client(shop: Shop, wrong: dict[str, str]) -> None:
    reply = shop.ask_token(**wrong)
    assert (reply.status_code, reply.json()["error"]) == (401, "invalid_client")
    assert shop.control("violations") == []


def test_only_client_credentials_are_granted(shop: Shop) -> None:
    reply = shop.ask_token("grant_type=password")
    assert (reply.status_code, reply.json()) == (400, {"error": "unsupported_grant_type"})
    assert shop.ask_token("grant_type=client_credentials&scope=all").status_code == 400
    assert len(shop.control("violations")) == 2


def test_a_token_dies_of_age_and_is_asked_for_anew(shop: Shop) -> None:
    shop.world.clock.advance(3599)
    assert shop.read().status_code == 200
    shop.world.clock.advance(1)
    assert shop.read().status_code == 401
    shop.renew()
    assert shop.read().status_code == 200
    assert shop.control("tokens") == {"given": 2, "live": 1}


def test_tokens_can_be_ended_and_made_short(shop: Shop) -> None:
    shop.control("expire_tokens")
    assert shop.read().status_code == 401
    shop.control("setting", expires_in=2)
    shop.renew()
    assert shop.read().status_code == 200
    shop.world.clock.advance(2)
    assert shop.read().status_code == 401


def test_a_new_token_ends_the_one_before_only_where_set(shop: Shop) -> None:
    shop.ask_token()
    assert shop.read().status_code == 200
    shop.control("setting", token_replaces=True)
    shop.ask_token()
    assert shop.read().status_code == 401


def test_keys_end_with_their_tokens_and_a_new_one_opens(shop: Shop) -> None:
    shop.control("expire_keys")
    assert (shop.read().status_code, shop.ask_token().status_code) == (401, 401)
    assert shop.ask_token(**shop.control("foreign_key")).status_code == 401
    assert shop.ask_token(**shop.control("issue_key")).status_code == 200


@pytest.mark.parametrize("missing", ["Authorization", "X-SHOP-KEY"])
def test_a_call_without_its_headers_is_refused_as_a_slip(shop: Shop, missing: str) -> None:
    del shop.session.headers[missing]
    assert shop.read().status_code == 401
    assert len(shop.control("violations")) == 1


@pytest.mark.parametrize(("header", "value"), [("Authorization", "Bearer x"), ("X-SHOP-KEY", "x")])
def test_a_call_with_a_wrong_token_or_shop_key_is_refused(shop: Shop, header: str, value: str) -> None:
    shop.session.headers[header] = value
    assert (shop.read().status_code, code(shop.read())) == (401, "Unauthorized")
    assert shop.control("violations") == []


# ---------------------------------------------------------------------- the front door


def test_a_second_call_of_a_client_within_the_second_is_refused(paced: Shop) -> None:
    assert paced.read().status_code == 200
    refused = paced.write(entry("gd1", ("", "", 1)))
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    assert code(refused) == "TooManyRequests"
    assert paced.stock("gd1") == 10
    paced.world.clock.advance(100)
    assert paced.write(entry("gd1", ("", "", 1))).status_code == 200


def test_token_calls_count_and_clients_are_counted_apart(paced: Shop) -> None:
    other = paced.control("issue_key")
    assert paced.ask_token().status_code == 200
    assert paced.read().status_code == 429
    assert paced.ask_token(**other).status_code == 200


def test_the_published_rate_is_one_call_a_second(shop: Shop) -> None:
    shop.control("setting", rates=1.0)
    assert shop.read().status_code == 200
    shop.world.clock.advance(1)
    assert shop.read().status_code == 200


def test_unknown_paths_methods_and_parameters_are_violations(shop: Shop) -> None:
    assert shop.ask("GET", "/admin-api/v2/inventory").status_code == 404
    assert shop.ask("DELETE", INVENTORY).status_code == 405
    assert shop.read(page=2).status_code == 400
    assert len(shop.control("violations")) == 3


def test_slips_without_an_answer_of_their_own_are_noted(shop: Shop) -> None:
    shop.session.headers["Accept"] = "*/*"
    assert shop.read().status_code == 200
    assert [row["what"] for row in shop.control("violations")] == ["no Accept: application/json"]
    shop.session.headers["Accept"] = "application/json"
    shop.read(productNo=shop.address["client_secret"])
    assert shop.control("violations")[-1]["what"] == "a secret in the URL"
    assert shop.address["client_secret"] not in str(shop.control("journal"))


# ---------------------------------------------------------------------- reading


def test_a_product_has_the_published_form(shop: Shop) -> None:
    (found,) = shop.products(productNo="gd3")
    assert list(found)[:5] == ["id", "url", "productNo", "name", "visible"]
    assert (found["variationEnabled"], found["inventoryEnabled"]) == (True, True)
    assert len(found["dateCreated"]) == 19
    rows = found["inventoryInfo"]["regular"]["inventoryList"]
    assert {
        "skuNo": "gd3sgray",
        "verticalNo": "gray",
        "horizontalNo": "s",
        "janCode": "",
        "count": 5,
    } in rows


def test_a_product_without_variations_has_one_row_without_axes(shop: Shop) -> None:
    (found,) = shop.products(productNo="gd1")
    (row,) = found["inventoryInfo"]["regular"]["inventoryList"]
    assert (row["verticalNo"], row["horizontalNo"], row["skuNo"]) == ("", "", "gd1")
    assert found["variationEnabled"] is False


def test_the_catalogue_is_sold_under_its_own_codes(shop: Shop) -> None:
    rows = [row for found in shop.products() for row in found["inventoryInfo"]["regular"]["inventoryList"]]
    by_code = {row["skuNo"]: row for row in rows}
    assert {good.code for good in GOODS} <= set(by_code)
    assert (by_code["tee-red-m"]["horizontalNo"], by_code["tee-red-m"]["verticalNo"]) == ("-red", "-m")


def test_two_skus_may_have_the_same_joined_code(shop: Shop) -> None:
    shop.control("add_product", code="abc", name="A", quantity=1, parent="a", horizontal_no="bc")
    shop.control("add_product", code="abc", name="B", quantity=2, parent="ab", vertical_no="c")
    found = {row["productNo"]: row for row in shop.products(productNo="a,ab")}
    assert {row["inventoryInfo"]["regular"]["inventoryList"][0]["skuNo"] for row in found.values()} == {"abc"}
    assert shop.control("stock")["ab//c"] == 2
    with pytest.raises(ControlError, match="joined"):
        shop.control("add_product", code="abc", name="A", parent="a", horizontal_no="b")


def test_pages_have_a_hundred_products_and_the_last_has_no_next_url(shop: Shop) -> None:
    shop.control("add_numbered", count=250 - len(shop.products()))
    sizes, reply = [], shop.read()
    while True:
        sizes.append(len(reply.json()["productList"]))
        if "nextUrl" not in reply.json():
            break
        assert reply.json()["nextUrl"].startswith(
            shop.address["base_url"] + INVENTORY + "?types=regular&cursor="
        )
        reply = shop.ask("GET", reply.json()["nextUrl"])
    assert sizes == [100, 100, 50]
    assert shop.control("violations") == []


def test_a_cursor_is_good_for_its_own_query_only(shop: Shop) -> None:
    shop.control("setting", page=1)
    cursor = shop.read().json()["nextUrl"].rpartition("=")[2]
    assert shop.read(cursor=cursor).status_code == 200
    for query in ({"cursor": "made-up"}, {"cursor": cursor, "productNo": "gd1"}, {"cursor": "x" * 2049}):
        assert shop.read(**query).status_code == 400
    assert len(shop.control("violations")) == 3


@pytest.mark.parametrize("numbers", ["gd1,mug,none", "gd1%2Cmug%2Cnone"])
def test_products_are_filtered_by_number_however_the_comma_is_written(shop: Shop, numbers: str) -> None:
    reply = shop.ask("GET", f"{INVENTORY}?types=regular&productNo={numbers}")
    assert {row["productNo"] for row in reply.json()["productList"]} == {"gd1", "mug"}


def test_products_are_filtered_by_jan_code_and_dates(shop: Shop) -> None:
    shop.control("set_jan_code", code="mug", jan_code="4900000000001")
    assert [row["productNo"] for row in shop.products(janCode="4900000000001")] == ["mug"]
    shop.world.clock.advance(86_400)
    shop.renew()
    shop.control("add_product", code="new", name="新商品")
    created = shop.products(productNo="new")[0]["dateCreated"]
    assert [row["productNo"] for row in shop.products(createDateStart=created)] == ["new"]
    assert "new" not in [row["productNo"] for row in shop.products(createDateEnd="2020-01-01T00:00:00")]
    shop.control("set_stock", code="gd1", quantity=1)
    assert {row["productNo"] for row in shop.products(updateDateStart=created)} == {"new", "gd1"}


@pytest.mark.parametrize(
    "query",
    [
        {"types": ""},
        {"types": "shelf"},
        {"productNo": ",".join(["x"] * 101)},
        {"productNo": "あ" * 11},
        {"productNo": "a,,b"},
        {"janCode": "1" * 31},
        {"createDateStart": "2026-01-01"},
        {"createDateStart": "2026-01-01T00:00:00+09:00"},
        {"updateDateStart": "2026-01-01T00:00:00", "updateDateEnd": "2026-02-02T00:00:00"},
        {"mainGroupUrl": "group"},
    ],
)
def test_wrong_query_values_are_refused(shop: Shop, query: dict[str, str]) -> None:
    assert (shop.read(**query).status_code, len(shop.control("violations"))) == (400, 1)


def test_types_must_be_sent_unless_set_otherwise(shop: Shop) -> None:
    assert shop.ask("GET", INVENTORY).status_code == 400
    shop.control("setting", types_required=False)
    assert "regular" in shop.ask("GET", INVENTORY).json()["productList"][0]["inventoryInfo"]


def test_reserve_stock_and_arrivals_stand_beside_when_asked_for(shop: Shop) -> None:
    shop.control("register_reserve", code="gd1", quantity=4)
    shop.control("register_reserve", code="gd1", quantity=6, date="2026-12-24")
    (plain,) = shop.products(productNo="gd1")
    assert (plain["preorderEnabled"], list(plain["inventoryInfo"])) == (True, ["regular"])
    info = shop.products(productNo="gd1", types="regular,preorder,planned")[0]["inventoryInfo"]
    assert info["preorder"]["inventoryList"][0]["count"] == 4
    assert [(row["date"], row["inventoryList"][0]["count"]) for row in info["plannedList"]] == [
        ("2026-12-24", 6)
    ]


# ---------------------------------------------------------------------- writing


@pytest.mark.parametrize(("count", "after"), [(7, 7), ("7", 7), ("+1", 11), ("-1", 9), (0, 0), ("000", 0)])
def test_a_number_sets_and_a_signed_string_adds(shop: Shop, count: Any, after: int) -> None:
    reply = shop.write(entry("gd1", ("", "", count)))
    assert reply.json() == {"status": "success", "results": [{"productNo": "gd1", "status": "success"}]}
    assert (reply.status_code, shop.stock("gd1")) == (200, after)
    assert shop.control("last_write") == {"productList": [entry("gd1", ("", "", count))]}


@pytest.mark.parametrize("count", [-1, 1.5, True, "1.5", "", "++1", "1e3", "１", None, 1_000_000_000])
def test_a_count_of_another_form_fails_its_product(shop: Shop, count: Any) -> None:
    reply = shop.write(entry("gd1", ("", "", count)))
    assert (reply.status_code, reply.json()["status"], results(reply)) == (
        200,
        "failed",
        {"gd1": ["InvalidFormat"]},
    )
    assert (shop.stock("gd1"), len(shop.control("violations"))) == (10, 1)


def test_a_write_touches_its_row_only(shop: Shop) -> None:
    before = shop.control("stock")
    shop.write(entry("gd3", ("s", "gray", 1)))
    assert shop.control("stock") == {**before, "gd3sgray": 1}


def test_swapped_axes_find_nothing(shop: Shop) -> None:
    assert results(shop.write(entry("gd3", ("gray", "s", 1)))) == {"gd3": ["StockNotFound"]}


def test_each_product_has_a_result_of_its_own(shop: Shop) -> None:
    reply = shop.write(
        entry("gd1", ("", "", 1)),
        entry("none", ("", "", 1)),
        entry("gd3", ("s", "pink", 1)),
        entry("gd5", ("", "", 1)),
        entry("mug", ("", "", "-13")),
        entry("cap-navy", ("", "", "+999999999")),
    )
    assert results(reply) == {
        "gd1": "success",
        "none": ["ProductNotFound"],
        "gd3": ["StockNotFound"],
        "gd5": ["NotManagementSettings"],
        "mug": ["StockShortage"],
        "cap-navy": ["InvalidFormat"],
    }
    assert (reply.status_code, reply.json()["status"]) == (200, "failed")
    assert (shop.stock("gd1"), shop.stock("mug"), shop.stock("cap-navy")) == (1, 12, 8)
    assert shop.control("violations") == []


def test_one_wrong_row_fails_its_product_whole_unless_set_otherwise(shop: Shop) -> None:
    rows = entry("gd3", ("s", "gray", 1), ("x", "x", 1))
    assert results(shop.write(rows)) == {"gd3": ["StockNotFound"]}
    assert shop.stock("gd3sgray") == 5
    shop.control("setting", product_atomic=False)
    assert results(shop.write(rows)) == {"gd3": ["StockNotFound"]}
    assert shop.stock("gd3sgray") == 1


def test_what_is_guessed_about_failures_can_be_set(shop: Shop) -> None:
    shop.control("setting", business_status=400, partial_top="success")
    reply = shop.write(entry("none", ("", "", 1)), entry("gd1", ("", "", 1)))
    assert (reply.status_code, reply.json()["status"]) == (400, "success")
    shop.control("setting", unknown_pair="created", unmanaged_write="accepted")
    assert results(shop.write(entry("gd3", ("m", "gray", 2)))) == {"gd3": "success"}
    assert shop.stock("gd3mgray") == 2
    assert results(shop.write(entry("gd5", ("", "", 1)))) == {"gd5": "success"}


def test_a_write_takes_a_hundred_products(shop: Shop) -> None:
    shop.control("add_numbered", count=101)
    entries = [entry(f"p{number:05d}", ("", "", 9)) for number in range(1, 102)]
    refused = shop.write(*entries)
    assert (refused.status_code, code(refused)) == (400, "TooManyProducts")
    assert shop.stock("p00001") == 3
    assert set(results(shop.write(*entries[:100])).values()) == {"success"}


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{", "InvalidJson"),
        (b"[]", "InvalidJson"),
        (b'{"productList": []}', "InvalidParameter"),
        (b'{"productList": [{"productNo": "gd1"}]}', "InvalidParameter"),
        (b'{"productList": [{"productNo": "gd1", "inventoryInfo": {}, "sku": 1}]}', "InvalidParameter"),
        (b'{"productList": [{"productNo": 1, "inventoryInfo": {}}]}', "InvalidParameter"),
    ],
)
def test_a_body_of_another_form_is_refused(shop: Shop, body: bytes, error: str) -> None:
    reply = shop.ask("POST", INVENTORY, data=body, headers={"Content-Type": "application/json"})
    assert (reply.status_code, code(reply)) == (400, error)
    assert len(shop.control("violations")) == 1


def test_a_write_is_json(shop: Shop) -> None:
    reply = shop.ask("POST", INVENTORY, data=b"{}", headers={"Content-Type": "text/plain"})
    assert (reply.status_code, len(shop.control("violations"))) == (415, 1)


def test_byte_limits_are_counted_in_bytes(shop: Shop) -> None:
    assert results(shop.write(entry("あ" * 10, ("", "", 1)))) == {"あ" * 10: ["ProductNotFound"]}
    assert results(shop.write(entry("あ" * 11, ("", "", 1)))) == {"あ" * 11: ["InvalidFormat"]}
    assert results(shop.write(entry("gd3", ("あ" * 4, "", 1)))) == {"gd3": ["InvalidFormat"]}
    assert len(shop.control("violations")) == 2


def test_naming_a_product_or_a_row_twice_is_noted(shop: Shop) -> None:
    shop.write(entry("gd1", ("", "", 1)), entry("gd1", ("", "", "+1")))
    shop.write(entry("gd1", ("", "", 5), ("", "", "+1")))
    assert (shop.stock("gd1"), len(shop.control("violations"))) == (6, 2)


def test_reserve_stock_is_written_where_it_was_registered(shop: Shop) -> None:
    rows = [{"verticalNo": "", "horizontalNo": "", "count": "+2"}]
    preorder: dict[str, Any] = {"preorder": {"inventoryList": rows}}
    assert results(shop.write(entry("gd1", **preorder))) == {"gd1": ["StockNotFound"]}
    shop.control("register_reserve", code="gd1", quantity=4)
    shop.control("register_reserve", code="gd1", quantity=6, date="2026-12-24")
    arrival = {"plannedList": [{"date": "2026-12-24", "inventoryList": rows}]}
    assert results(shop.write(entry("gd1", **preorder, **arrival))) == {"gd1": "success"}
    assert shop.control("reserves", product_no="gd1") == {
        "regular": {"gd1": 10},
        "preorder": {"gd1": 6},
        "2026-12-24": {"gd1": 8},
    }
    wrong = {"plannedList": [{"date": "24.12.2026", "inventoryList": rows}]}
    assert results(shop.write(entry("gd1", **wrong))) == {"gd1": ["InvalidDateFormat"]}
