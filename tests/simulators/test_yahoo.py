"""The simulated Yahoo! store keeps to the spec: stock, items and files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from yahoo_shop import JST, RED_M, RED_S, V1, Shop, code_of, rows, tree

from sandbox.world import ControlError


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    running = Shop(tmp_path)
    yield running
    running.close()


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Shop]]:
    made: list[Shop] = []

    def build(**settings: Any) -> Shop:
        made.append(Shop(tmp_path / str(len(made)), **settings))
        return made[-1]

    yield build
    for running in made:
        running.close()


# ------------------------------------------------------------------------------- setStock


def test_a_written_number_is_what_buyers_see(shop: Shop) -> None:
    reply = shop.set_stock({RED_S: 5, "mug": 0})
    assert (reply.status_code, reply.headers["Content-Type"]) == (200, "text/xml")
    assert tree(reply).attrib == {
        "totalResultsAvailable": "2",
        "totalResultsReturned": "2",
        "firstResultPosition": "1",
    }
    assert rows(reply)["mug"] == {"ItemCode": "mug", "SubCode": "", "Quantity": "0"}
    stock = shop.control("stock")
    assert (stock["tee-red-s"], stock[RED_S], stock["mug"]) == (5, 5, 0)


def test_signed_numbers_move_the_stock(shop: Shop) -> None:
    reply = shop.set_stock({RED_S: "+3", RED_M: "-4"})
    assert {code: row["Quantity"] for code, row in rows(reply).items()} == {RED_S: "23", RED_M: "16"}
    assert shop.control("seen", text="quantity=%2B3%2C-4")


def test_a_plus_that_is_not_escaped_arrives_as_a_space(shop: Shop) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    body = f"seller_id={shop.entry['seller_id']}&item_code={RED_S}&quantity=+3"
    reply = shop.ask("POST", "setStock", data=body, headers=kind)
    assert (reply.status_code, code_of(reply)) == (400, "st-02104")
    assert "quantity( 3) is invalid value" in shop.control("violations")[0]["what"]
    shop.control("setting", plus_as_space="trim")
    assert rows(shop.ask("POST", "setStock", data=body, headers=kind))[RED_S]["Quantity"] == "3"


def test_a_body_that_is_no_form_has_no_seller(shop: Shop) -> None:
    reply = shop.ask("POST", "setStock", json={"seller_id": shop.entry["seller_id"]})
    assert (reply.status_code, code_of(reply)) == (400, "px-04001")
    assert tree(reply).findtext("Message") == '"seller_id" is not specified'


def test_one_bad_row_among_good_ones_is_207_and_the_good_ones_are_written(shop: Shop) -> None:
    reply = shop.set_stock({RED_S: 5, "mug": "INI", "cap-navy": 2})
    assert reply.status_code == 207
    assert rows(reply)["mug"] == {"ItemCode": "mug", "SubCode": "", "ErrorCode": "st-02104"}
    stock = shop.control("stock")
    assert (stock["tee-red-s"], stock["mug"], stock["cap-navy"]) == (5, 12, 2)


def test_a_single_bad_row_is_an_error_or_207_by_setting(shop: Shop) -> None:
    reply = shop.set_stock({"mug": "33.0"})
    assert (reply.status_code, code_of(reply)) == (400, "st-02104")
    assert tree(reply).findtext("Message") == "quantity(33.0) is invalid value"
    shop.control("setting", single_bad=207)
    assert rows(shop.set_stock({"mug": "33.0"}))["mug"]["ErrorCode"] == "st-02104"
    assert shop.set_stock({"mug": "x", RED_S: "x"}).status_code == 400
    shop.control("setting", all_bad=207)
    assert shop.set_stock({"mug": "x", RED_S: "x"}).status_code == 207


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"item_code": "a,b", "quantity": "1"}, "st-02105"),
        ({"item_code": "a,a", "quantity": "1,2"}, "st-02103"),
        ({"item_code": "a", "quantity": "1", "allow_overdraft": "0,1"}, "st-02107"),
        ({"item_code": "a", "quantity": "1", "allow_overdraft": "2"}, "st-02106"),
        ({"item_code": "a_b", "quantity": "1"}, "st-02101"),
        ({"item_code": "a:b:c", "quantity": "1"}, "st-02101"),
        ({"item_code": "a" * 100, "quantity": "1"}, "st-02101"),
        ({"quantity": "1"}, "st-02101"),
        ({"item_code": "a", "quantity": "1000000000"}, "st-02104"),
        ({"item_code": "a", "quantity": "1", "seller_id": "someone-else"}, "ed-00004"),
        ({"item_code": "a", "quantity": "1", "seller_id": "Not A Store"}, "ed-00005"),
    ],
)
def test_wrong_writes_are_refused_with_their_code_and_noted(
    shop: Shop, fields: dict[str, str], code: str
) -> None:
    reply = shop.form("setStock", **fields)
    assert (reply.status_code, code_of(reply)) == (400, code)
    assert len(shop.control("violations")) == 1
    assert shop.control("orphans") == []


def test_a_thousand_codes_fit_and_one_more_does_not(shop: Shop) -> None:
    thousand = {f"filler-{number}": 1 for number in range(1000)}
    assert len(rows(shop.set_stock(thousand))) == 1000
    assert code_of(shop.set_stock({**thousand, "mug": 1})) == "st-02102"
    assert len(shop.get_stock(*thousand)) == 1000
    reply = shop.form("getStock", item_code=",".join([*thousand, "mug"]))
    assert code_of(reply) == "st-01102"


def test_an_unknown_code_is_stored_without_an_error_and_joined_later(shop: Shop) -> None:
    assert shop.set_stock({"new-thing": 7}).status_code == 200
    assert shop.control("orphans") == [{"code": "new-thing", "quantity": 7}]
    assert "new-thing" not in shop.control("stock")
    shop.control("add_product", code="new-thing", name="新しい品")
    assert shop.control("stock")["new-thing"] == 7


def test_fields_that_setstock_does_not_have_are_noted(shop: Shop) -> None:
    assert shop.set_stock({"mug": 1}, output="json").status_code == 200
    assert shop.control("violations")[0]["what"] == "unknown fields: output"


def test_a_subtraction_below_zero_is_as_set(shop: Shop) -> None:
    for form, shown in (("keep", -3), ("clamp", 0)):
        shop.control("setting", below_zero=form)
        shop.control("set_stock", code="mug", quantity=1)
        assert shop.set_stock({"mug": -4}).status_code == 200
        assert shop.control("stock")["mug"] == shown
    shop.control("setting", below_zero="refuse")
    assert code_of(shop.set_stock({"mug": -4})) == "st-02104"


def test_the_overdraft_flag_is_kept_or_reset_where_it_is_left_out(shop: Shop) -> None:
    shop.set_stock({"mug": 1}, allow_overdraft="1")
    shop.set_stock({"mug": 2})
    assert shop.get_stock("mug")["mug"]["AllowOverdraft"] == "1"
    shop.control("setting", overdraft_omitted="reset")
    shop.set_stock({"mug": 3})
    assert shop.get_stock("mug")["mug"]["AllowOverdraft"] == "0"


def test_results_need_not_come_in_the_order_of_the_request(shop: Shop) -> None:
    asked = {RED_S: 1, "cap-navy": 2, "mug": 3}
    assert list(rows(shop.set_stock(asked))) == ["cap-navy", "mug", RED_S]
    shop.control("setting", result_order="request", counters=True)
    reply = shop.set_stock(asked)
    assert list(rows(reply)) == list(asked)
    assert (tree(reply).get("ok"), tree(reply).get("ng")) == ("3", "0")


# ------------------------------------------------------------------------------- getStock


def test_a_read_gives_what_was_edited_by_hand(shop: Shop) -> None:
    shop.control("set_stock", code="tee-red-m", quantity=13)
    row = shop.get_stock(RED_M)[RED_M]
    assert (row["Status"], row["Quantity"], row["AllowOverdraft"], row["StockClose"]) == ("1", "13", "0", "0")
    assert row["UpdateTime"].endswith("+09:00")


def test_unknown_codes_have_status_0_and_nothing_more(shop: Shop) -> None:
    found = shop.get_stock("nosuch", "mug", "tee")
    assert found["nosuch"] == {"ItemCode": "nosuch", "SubCode": "", "Status": "0"}
    assert found["tee"]["Status"] == "0"
    assert found["mug"]["Status"] == "1"


def test_stock_without_an_item_has_either_status(shop: Shop) -> None:
    shop.set_stock({"orphan": 4})
    assert shop.get_stock("orphan")["orphan"]["Quantity"] == "4"
    shop.control("setting", orphan_status=0)
    assert shop.get_stock("orphan")["orphan"]["Status"] == "0"


def test_unlimited_stock_is_an_empty_number_and_old_answers_are_padded(shop: Shop) -> None:
    shop.control("set_stock", code="mug", quantity=None)
    assert shop.get_stock("mug")["mug"]["Quantity"] == ""
    shop.control("setting", padded=True, is_published=True, stock_close=False)
    row = shop.get_stock("cap-navy")["cap-navy"]
    assert (row["Quantity"].strip(), row["IsPublished"].strip(), "StockClose" in row) == ("8", "1", False)
    assert row["Quantity"] != "8"


# ------------------------------------------------------------------------------- items and files


def test_items_are_listed_by_the_page(shop: Shop) -> None:
    for number in range(30):
        shop.control("add_product", code=f"pen-{number:02}", name="ペン", quantity=number)
    reply = shop.query("myItemList", type="item_code", query="pen", start=26)
    root = tree(reply)
    assert (root.get("totalResultsAvailable"), root.get("totalResultsReturned")) == ("30", "5")
    assert [row.findtext("ItemCode") for row in root] == [f"pen-{number}" for number in range(25, 30)]
    assert b"<Name><![CDATA[" in reply.content
    assert code_of(shop.query("myItemList", type="item_code", query="pen", results=101)) == "it-03001"


def test_an_item_has_its_variants_as_attributes(shop: Shop) -> None:
    item = tree(shop.query("getItem", item_code="tee")).find("Result")
    assert item is not None
    codes = {variant.get("code"): variant.get("quantity") for variant in item.iter("SubCode")}
    assert codes["tee-red-m"] == "20"
    assert len(codes) == 6
    assert tree(shop.query("getItem", item_code="mug")).find("Result/SubCodes") is None
    reply = shop.query("getItem", item_code="nosuch")
    assert (reply.status_code, code_of(reply)) == (400, "it-05002")


@pytest.mark.parametrize(("form", "status"), [("pm-08003", 400), ("202", 202), ("403", 403), ("500", 500)])
def test_a_download_is_there_when_it_is_made(shop: Shop, form: str, status: int) -> None:
    shop.control("setting", not_ready=form, download_s=300.0)
    assert tree(shop.form("downloadRequest", type="2")).findtext("Status") == "OK"
    early = shop.query("downloadSubmit", type="2")
    assert early.status_code == status
    assert (b"pm-08003" in early.content) == (form == "pm-08003")
    shop.world.clock.advance(300)
    lines = shop.query("downloadSubmit", type="2").content.decode("cp932").splitlines()
    assert lines[0] == "code,sub-code,quantity,allow-overdraft,stock-close"
    assert {"tee,tee-red-s,20,0,0", "mug,,12,0,0"} <= set(lines)


def test_the_item_file_names_items_and_their_variants(make: Callable[..., Shop]) -> None:
    shop = make(download_s=0.0, file_key=True)
    key = tree(shop.form("downloadRequest", type="1")).findtext("Result/FileKey")
    text = shop.query("downloadSubmit", type="1", file_key=key).content.decode("cp932")
    assert text.startswith("path,name,code,sub-code,")
    assert "色:red#サイズ:s=tee-red-s" in text


def test_an_uploaded_file_is_applied_later_and_locks_writes_meanwhile(shop: Shop) -> None:
    text = "code,sub-code,quantity,allow-overdraft\r\ntee,tee-red-s,4,0\r\nmug,,x,0\r\n"
    shop.control("setting", upload_s=300.0)
    sent = {"params": {"seller_id": shop.entry["seller_id"]}, "files": {"file": ("s.csv", text, "text/csv")}}
    reply = shop.ask("POST", "uploadStockFile", **sent)
    assert tree(reply).findtext("Result/Status") == "OK"
    assert code_of(shop.set_stock({"mug": 1})) == "ed-00006"
    assert shop.control("stock")["tee-red-s"] == 20
    shop.world.clock.advance(300)
    assert shop.control("stock")["tee-red-s"] == 4
    assert shop.control("uploads") == [{"done": True, "applied": 1, "errors": ["line 3: mug: x"]}]
    assert shop.control("violations") == []


def test_an_upload_with_an_invented_column_is_refused(shop: Shop) -> None:
    sent = {"params": {"seller_id": shop.entry["seller_id"]}, "files": {"file": ("s.csv", "code,colour\r\n")}}
    assert shop.ask("POST", "uploadStockFile", **sent).status_code == 400
    assert len(shop.control("violations")) == 1


# ------------------------------------------------------------------------------- the gateway


def test_an_api_that_is_not_there_is_refused_and_noted(shop: Shop) -> None:
    reply = shop.form("setStocks")
    assert (reply.status_code, code_of(reply)) == (404, "px-04400")
    assert shop.ask("GET", "setStock").status_code == 405
    assert shop.form("orderStatusChange").status_code == 404
    assert len(shop.control("violations")) == 3


def test_a_second_call_within_a_second_is_refused_and_nothing_more(make: Callable[..., Shop]) -> None:
    shop = make(rates=0.01)
    assert shop.set_stock({"mug": 1}).status_code == 200
    early = shop.set_stock({"mug": 2})
    assert (early.status_code, tree(early).findtext("Message")) == (403, "Your Request was Forbidden")
    assert shop.form("getStock", item_code="mug").status_code == 200, "another URL has its own pace"
    shop.world.clock.advance(100)
    assert shop.set_stock({"mug": 3}).status_code == 200


def test_an_early_call_may_shut_its_url_for_a_while(make: Callable[..., Shop]) -> None:
    shop = make(rates=0.01, early_ban_s=500.0, early_status=429)
    assert [shop.set_stock({"mug": 1}).status_code for _turn in range(2)] == [200, 429]
    shop.world.clock.advance(100)
    assert shop.set_stock({"mug": 1}).status_code == 429
    shop.world.clock.advance(600)
    assert shop.set_stock({"mug": 1}).status_code == 200


def test_the_day_has_so_many_calls(make: Callable[..., Shop]) -> None:
    shop = make(daily_cap=2)
    noon = shop.world.clock.now().astimezone(JST).replace(hour=12) + timedelta(days=1)
    shop.world.clock.advance((noon - shop.world.clock.now()).total_seconds())
    shop.use_token(shop.access_token(shop.entry["refresh_token"]))
    assert [shop.set_stock({"mug": 1}).status_code for _turn in range(3)] == [200, 200, 403]
    shop.use_token(shop.access_token(shop.entry["refresh_token"]))
    assert shop.set_stock({"mug": 1}).status_code == 403
    shop.world.clock.advance(24 * 3600)
    shop.use_token(shop.access_token(shop.entry["refresh_token"]))
    assert shop.set_stock({"mug": 1}).status_code == 200


def test_the_two_hosts_have_their_own_stores_and_tokens(shop: Shop) -> None:
    test = shop.entry["test"]
    assert test["seller_id"].startswith("snbx-")
    form = {"seller_id": test["seller_id"], "item_code": "mug", "quantity": "1"}
    url = f"{test['base_url']}{V1}/setStock"
    reply = shop.session.post(url, data=form, timeout=10)
    assert reply.status_code == 401, "a grant of the live host does not open the test host"
    answer = shop.token(test, grant_type="refresh_token", refresh_token=test["refresh_token"])
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert shop.session.post(url, data=form, headers=bearer, timeout=10).status_code == 200
    assert shop.control("stock")["mug"] == 12


def test_verbs_refuse_what_is_not_there(shop: Shop) -> None:
    for verb, arguments in (
        ("nonsense", {}),
        ("set_stock", {"code": "nosuch", "quantity": 1}),
        ("add_product", {"code": "mug", "name": "マグカップ"}),
        ("add_product", {"code": "under_score", "name": "下線"}),
        ("edit_listing", {"code": "mug", "colour": 1}),
        ("setting", {"speed": 1}),
        ("setting", {"rates": "fast"}),
        ("setting", {"single_bad": 500}),
    ):
        with pytest.raises(ControlError):
            shop.control(verb, **arguments)


def test_a_right_client_leaves_no_violation(shop: Shop) -> None:
    shop.set_stock({RED_S: "+1", "mug": 0})
    shop.get_stock(RED_S, "nosuch")
    shop.query("myItemList", type="item_code", query="tee")
    shop.query("getItem", item_code="nosuch")
    shop.order_list()
    shop.order_info(shop.buy())
    shop.ask("GET", "orderCount", params={"sellerId": shop.entry["seller_id"]})
    assert shop.control("violations") == []
