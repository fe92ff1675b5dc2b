"""The simulated Qoo10 shop: transport, keys, reads and stock writes keep to the mall's forms."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from qoo10_shop import (
    BULK,
    CAP,
    CREATE_KEY,
    DETAIL,
    INVENTORY,
    JST,
    LIST,
    MUG,
    ONE,
    OPTION,
    OPTION_BULK,
    PATH,
    TEE,
    Shop,
    option,
    plain,
)

from sandbox.world import ControlError

GATE = {"ErrorCode": -90001, "ErrorMsg": "存在しないAPIです。"}
EXCEPTION = "Object reference not set to an instance of an object."


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    running = Shop(tmp_path)
    yield running
    running.close()


# ---------------------------------------------------------------------- transport and keys


@pytest.mark.parametrize("key", ["", "FAKE_g_1_nobody"])
def test_a_wrong_or_missing_key_looks_like_a_missing_api(shop: Shop, key: str) -> None:
    shop.key = key
    assert shop.ask(LIST, ItemStatus="S2") == GATE
    shop.control("setting", wrong_key="result")
    assert shop.code(LIST, ItemStatus="S2") == -10000


def test_an_expired_key_says_so(shop: Shop) -> None:
    shop.world.clock.advance(365 * 86400 + 60)
    body = shop.ask(LIST, ItemStatus="S2")
    text = "Seller authorization key is expired. Use a new key."
    assert body == {"ResultCode": -90004, "ResultMsg": text}
    shop.control("setting", expired_code=-90005)
    assert shop.code(LIST, ItemStatus="S2") == -90005


def test_a_change_of_password_kills_the_key_and_a_new_one_is_made_with_it(shop: Shop) -> None:
    found = shop.addresses
    password = shop.control("change_password")["password"]
    assert shop.ask(LIST, ItemStatus="S2") == GATE
    shop.key = found["api_key"]
    assert shop.code(CREATE_KEY, user_id=found["user_id"], pwd=found["password"]) == -10000
    body = shop.ask(CREATE_KEY, user_id=found["user_id"], pwd=password)
    assert (body["ResultCode"], body["ResultMsg"]) == (0, "成功")
    shop.key = body["ResultObject"]
    assert shop.code(LIST, ItemStatus="S2") == 0
    assert shop.code(CREATE_KEY, user_id=found["user_id"], pwd=password) == -90001, (
        "only the API key makes keys"
    )


def test_keys_are_issued_expired_and_foreign_at_will(shop: Shop) -> None:
    shop.control("expire_keys")
    shop.key = shop.control("issue_key", valid_days=30)["seller_key"]
    assert shop.code(LIST, ItemStatus="S2") == 0
    shop.key = shop.control("foreign_key")["seller_key"]
    assert shop.code(LIST, ItemStatus="S2") == -90001
    shop.control("expire_api_keys")
    shop.key = shop.addresses["api_key"]
    assert shop.code(CREATE_KEY, user_id="x", pwd="y") == -90001
    shop.key = shop.control("issue_api_key")["api_key"]
    assert shop.code(CREATE_KEY, user_id="x", pwd="y") == -10000


def test_unknown_classes_and_methods_are_told_in_plain_text(shop: Shop) -> None:
    shop.key = "wrong"
    assert shop.post("Nothing.Get", {}).text == "Can't find service Name Nothing"
    assert shop.post("ItemsLookup.Nothing", {}).text == "Can't find method Info Nothing"
    assert len(shop.whats_wrong()) == 2


def test_names_of_methods_know_no_case(shop: Shop) -> None:
    assert shop.code("itemslookup.getallgoodsinfo", ItemStatus="S2") == 0


def test_style_b_and_foreign_paths_are_violations(shop: Shop) -> None:
    base = shop.addresses["base_url"]
    reply = shop.session.get(f"{base}{PATH}?v=1.0&method={LIST}&key={shop.key}", timeout=10)
    assert (reply.status_code, reply.json()) == (200, GATE)
    assert shop.session.post(f"{base}/elsewhere", timeout=10).json() == GATE
    assert len(shop.whats_wrong()) == 2
    assert shop.key not in str(shop.control("journal"))


@pytest.mark.parametrize("name", ["ItemsBasic.UpdateGoods", "ItemsOptions.UpdateInventoryQtyPlusUnit"])
def test_methods_that_are_not_for_stock_are_violations(shop: Shop, name: str) -> None:
    assert shop.code(name, ItemCode=MUG) == -90002
    assert len(shop.whats_wrong()) == 1


def test_what_the_mall_overlooks_is_a_violation_all_the_same(shop: Shop) -> None:
    url = f"{shop.addresses['base_url']}{PATH}/{LIST}?x=1"
    headers = {"GiosisCertificationKey": shop.key}
    fields = [("ItemStatus", "S2"), ("Page", "1"), ("Page", "1"), ("Status", "2")]
    assert shop.session.post(url, fields, headers=headers, timeout=10).json()["ResultCode"] == 0
    assert shop.whats_wrong() == [
        "returnType none",
        "QAPIVersion none",
        "unknown fields: Status",
        "a field twice",
        "a query: fields belong in the body",
    ]


def test_a_json_body_is_not_a_form(shop: Shop) -> None:
    url = f"{shop.addresses['base_url']}{PATH}/{LIST}"
    headers = {"GiosisCertificationKey": shop.key, "QAPIVersion": "1.0"}
    body = shop.session.post(url, json={"ItemStatus": "S2"}, headers=headers, timeout=10).json()
    assert body == {"ResultCode": -999, "ResultMsg": EXCEPTION}


def test_answers_are_utf8_whatever_they_declare(shop: Shop) -> None:
    assert shop.post(DETAIL, {"SellerCode": "mug"}).headers["Content-Type"] == "application/json"
    shop.control("setting", charset="shift_jis")
    reply = shop.post(DETAIL, {"SellerCode": "mug"})
    assert reply.headers["Content-Type"].endswith("shift_jis")
    assert "マグカップ" in reply.content.decode("utf-8")


# ---------------------------------------------------------------------- reads


def test_the_list_holds_codes_only_500_a_page(shop: Shop) -> None:
    for number in range(499):
        shop.control("add_product", code=f"extra-{number}", name="追加", quantity=1)
    first = shop.ask(LIST, ItemStatus="S2")["ResultObject"]
    assert (first["TotalItems"], first["TotalPages"], first["PresentPage"]) == (502, 2, 1)
    assert first["Items"][0] == {"ItemCode": TEE, "SellerCode": "tee", "ItemStatus": "S2"}
    assert len(first["Items"]) == 500
    assert len(shop.ask(LIST, ItemStatus="S2", Page="2")["ResultObject"]["Items"]) == 2
    assert shop.ask(LIST, ItemStatus="S1")["ResultObject"]["Items"] == []


@pytest.mark.parametrize("status", ["S4", "S9", "on sale"])
def test_a_status_that_is_not_known_any_more_is_refused(shop: Shop, status: str) -> None:
    assert shop.code(LIST, ItemStatus=status) == -10001


def test_a_detail_is_text_in_every_field(shop: Shop) -> None:
    (detail,) = shop.ask(DETAIL, SellerCode="mug")["ResultObject"]
    wanted = {
        "ItemCode": MUG,
        "SellerCode": "mug",
        "ItemStatus": "S2",
        "ItemTitle": "マグカップ",
        "ItemQty": "12",
    }
    assert wanted.items() <= detail.items()
    assert (detail["ItemPrice"], detail["ExpireDate"]) == ("1980.0000", shop.listing("mug")["expires"])
    assert all(isinstance(value, str) for value in detail.values())
    shop.control("setting", detail_fields="ItemNo", single_row="object")
    detail = shop.ask(DETAIL, ItemCode=MUG, SellerCode="mug")["ResultObject"]
    assert (detail["ItemNo"], detail["SellPrice"], "ItemCode" in detail) == (MUG, "1980.0000", False)


@pytest.mark.parametrize("status", ["S0", "S3", "S5", "S8"])
def test_a_closed_listing_is_neither_read_nor_written(shop: Shop, status: str) -> None:
    shop.control("edit_listing", code="mug", status=status)
    assert (shop.code(DETAIL, SellerCode="mug"), shop.code(INVENTORY, SellerCode="mug")) == (-10009, -10009)
    assert shop.code(ONE, **plain(MUG, 3)) == -10101
    assert shop.ask(LIST, ItemStatus=status)["ResultObject"]["TotalItems"] == 1
    with pytest.raises(ControlError, match="not on sale"):
        shop.buy("mug")


def test_items_are_found_by_either_code_and_by_both_if_they_agree(shop: Shop) -> None:
    assert shop.code(DETAIL, ItemCode=CAP) == 0
    assert shop.code(DETAIL, ItemCode=CAP, SellerCode="mug") == -10001
    assert shop.code(DETAIL, SellerCode="nothing") == -10001
    assert shop.whats_wrong() == []
    assert shop.ask(DETAIL) == {"ResultCode": -999, "ResultMsg": EXCEPTION}


def test_an_option_table_has_five_axes_and_the_sellers_code(shop: Shop) -> None:
    rows = shop.rows()
    assert len(rows) == 6
    axes = {"Name1": "色", "Value1": "red", "Name2": "サイズ", "Value2": "s", "Name3": "", "Value3": ""}
    assert axes.items() <= rows[0].items()
    assert (rows[0]["Price"], rows[0]["Qty"], rows[0]["ItemTypeCode"]) == (0.0, 20, "tee-red-s")
    assert shop.rows("mug") == []
    more = {f"axis {n}": str(n) for n in range(5)}
    shop.control("add_product", code="five", name="五軸", quantity=3, parent="deep", choices=more)
    assert (shop.rows("deep")[0]["Name5"], shop.rows("deep")[0]["Value5"]) == ("axis 4", "4")


def test_codes_of_options_may_be_empty_doubled_or_an_error_of_a_spreadsheet(shop: Shop) -> None:
    for place, code in ((0, ""), (1, "#NAME?"), (2, "#NAME?")):
        shop.control("edit_option", code=f"tee#{place}", new_code=code)
    assert [row["ItemTypeCode"] for row in shop.rows()[:4]] == ["", "#NAME?", "#NAME?", "tee-blue-s"]
    assert (shop.stock("tee#0"), shop.stock("tee#1"), shop.stock("tee#2")) == (20, 20, 20)


# ---------------------------------------------------------------------- writes of plain items


def test_a_write_sets_the_quantity_and_leaves_price_and_date(shop: Shop) -> None:
    read = shop.listing("mug")["expires"]
    body = shop.ask(ONE, **plain(MUG, 3, ExpireDate=read))
    assert body == {"ResultCode": 0, "ResultMsg": "SUCCESS"}
    assert shop.ask(DETAIL, ItemCode=MUG)["ResultObject"][0]["ItemQty"] == "3"
    row = shop.listing("mug")
    assert (row["quantity"], row["price"], row["expires"]) == (3, 1980, read)
    assert shop.whats_wrong() == []


@pytest.mark.parametrize(("lenient", "after"), [(False, 9999), (True, 12)])
def test_a_missing_quantity_sets_9999(shop: Shop, lenient: bool, after: int) -> None:
    if lenient:
        shop.control("setting", missing_quantity="keeps")
    assert shop.code(ONE, ItemCode=MUG, ExpireDate="2030-12-31") == 0
    assert (shop.stock("mug"), shop.whats_wrong()) == (after, ["Qty is missing"])


def test_the_word_unchanged_keeps_the_quantity(shop: Shop) -> None:
    assert shop.code(ONE, ItemCode=MUG, Qty="unchanged", ExpireDate="2030-12-31") == 0
    assert (shop.stock("mug"), shop.whats_wrong()) == (12, [])


@pytest.mark.parametrize("sent", [{}, {"ExpireDate": ""}, {"ExpireDate": "Null"}])
def test_an_expire_date_that_is_not_sent_becomes_a_year_from_now(shop: Shop, sent: dict[str, str]) -> None:
    assert shop.code(ONE, ItemCode=MUG, Qty="1", **sent) == 0
    next_year = shop.world.clock.now().astimezone(JST).year + 1
    assert shop.listing("mug")["expires"].startswith(str(next_year))
    assert shop.whats_wrong() == ["ExpireDate is missing"]
    shop.control("edit_listing", code="mug", expires="2029-06-30")
    shop.control("setting", missing_expire_date="keeps")
    assert shop.code(ONE, ItemCode=MUG, Qty="1", **sent) == 0
    assert shop.listing("mug")["expires"] == "2029-06-30"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"ExpireDate": "2031-01-01"}, -10101),
        ({"ExpireDate": "31.12.2030"}, -10101),
        ({"Qty": "many"}, -10101),
        ({"Qty": "-1"}, -10101),
        ({"Qty": "2147483648"}, -10101),
        ({"Price": ""}, -10101),
        ({"ItemCode": ""}, -10),
        ({"ItemCode": "1999999999"}, -10001),
    ],
)
def test_a_wrong_write_changes_nothing(shop: Shop, changed: dict[str, str], code: int) -> None:
    before = shop.control("listings")
    assert shop.code(ONE, **plain(MUG, 3, **changed)) == code
    assert shop.control("listings") == before


def test_the_greatest_quantity_is_taken(shop: Shop) -> None:
    assert shop.code(ONE, **plain(MUG, 2_147_483_647)) == 0
    assert shop.stock("mug") == 2_147_483_647


def test_the_seller_code_alone_writes_only_at_a_lenient_mall(shop: Shop) -> None:
    sent = {"SellerCode": "mug", "Qty": "4", "ExpireDate": "2030-12-31"}
    assert shop.ask(ONE, **sent)["ResultMsg"] == EXCEPTION
    shop.control("setting", seller_code_alone=True)
    assert shop.code(ONE, **sent) == 0
    assert shop.stock("mug") == 4


def test_a_plain_write_to_an_item_with_options_is_lost(shop: Shop) -> None:
    assert shop.code(ONE, **plain(TEE, 3)) == 0
    assert shop.listing("tee")["quantity"] == 120
    assert len(shop.whats_wrong()) == 1
    shop.control("setting", write_on_options="refused")
    assert shop.code(ONE, **plain(TEE, 3)) == -10101


def test_an_item_that_is_given_options_sells_its_rows_alone(shop: Shop) -> None:
    rows = [{"code": f"mug-{color}", "choices": {"色": color}, "quantity": 6} for color in ("red", "blue")]
    shop.control("give_options", code="mug", rows=rows)
    assert [row["ItemTypeCode"] for row in shop.ask(INVENTORY, ItemCode=MUG)["ResultObject"]] == [
        "mug-red",
        "mug-blue",
    ]
    assert shop.code(ONE, **plain(MUG, "3")) == 0
    assert (shop.control("stock")["mug-red"], shop.control("stock")["mug-blue"]) == (6, 6)


def test_a_price_that_is_not_sent_in_bulk_keeps_it_unless_set(shop: Shop) -> None:
    assert shop.bulk(BULK, plain(MUG, 3))["ResultCode"] == 0
    shop.control("setting", missing_price="refused")
    assert shop.bulk(BULK, plain(MUG, 4))["ResultCode"] == -999
    assert shop.control("stock")["mug"] == 3


def test_a_bulk_write_applies_its_good_rows(shop: Shop) -> None:
    assert shop.bulk(BULK, plain(MUG, 1), plain(CAP, 2))["ResultCode"] == 0
    body = shop.bulk(BULK, plain(MUG, 5), plain("1999999999", 1), plain(CAP, 6))
    assert body["ResultCode"] == -1
    assert (shop.stock("mug"), shop.stock("cap-navy")) == (5, 6)
    assert shop.whats_wrong() == []


def test_the_rows_of_a_bulk_answer_have_no_promised_shape(shop: Shop) -> None:
    shapes = {str(shop.bulk(BULK, plain("1999999999", 1))["ResultObject"]) for _turn in range(40)}
    assert len(shapes) >= 4
    shop.control("setting", bulk_shape="failed")
    (row,) = shop.bulk(BULK, plain(MUG, 1), plain("1999999999", 1))["ResultObject"]
    assert (row["ItemCode"], row["ResultCode"]) == ("1999999999", -10001)


def test_a_bulk_write_has_500_rows_at_most(shop: Shop) -> None:
    assert shop.bulk(BULK, *[plain(MUG, 1)] * 500)["ResultCode"] == 0
    assert shop.bulk(BULK, *[plain(MUG, 2)] * 501)["ResultCode"] == -2
    assert shop.stock("mug") == 1


@pytest.mark.parametrize(
    ("row", "code"), [(plain(MUG, 1, Price=None), -90001), ({"Qty": "1", "ExpireDate": "2030-12-31"}, -999)]
)
def test_a_null_or_a_missing_field_refuses_the_whole_bulk_call(shop: Shop, row: Any, code: int) -> None:
    body = shop.bulk(BULK, plain(CAP, 1), row)
    assert body.get("ResultCode", body.get("ErrorCode")) == code
    assert shop.stock("cap-navy") == 8
    assert len(shop.whats_wrong()) == 1


def test_numbers_and_unknown_keys_in_a_row_are_violations(shop: Shop) -> None:
    row = {"ItemCode": MUG, "Qty": 4, "ExpireDate": "2030-12-31", "Status": "2"}
    assert shop.bulk(BULK, row)["ResultCode"] == 0
    assert shop.stock("mug") == 4
    assert shop.whats_wrong() == ["unknown keys in a row: Status", "not text in a row: Qty"]
    assert shop.code(BULK, ItemInfoJson="{}") == -999


# ---------------------------------------------------------------------- writes of option rows


def test_an_option_row_is_written_by_name_and_value(shop: Shop) -> None:
    assert shop.code(OPTION, **option("red", "m", 7)) == 0
    assert (shop.stock("tee-red-m"), shop.stock("tee-red-s")) == (7, 20)
    assert shop.code(OPTION, **option("green", "m", 7)) == -10101
    shop.control("setting", option_missing_code=-10001)
    assert shop.code(OPTION, **option("green", "m", 7)) == -10001
    assert shop.whats_wrong() == []


def test_a_renamed_option_refuses_writes_until_it_is_read_again(shop: Shop) -> None:
    shop.control("rename_axis", code="tee", old="色", new="カラー")
    assert shop.code(OPTION, **option("red", "m", 7)) == -10101
    row = next(row for row in shop.rows() if row["ItemTypeCode"] == "tee-red-m")
    name = f"{row['Name1']}||*{row['Name2']}"
    assert shop.code(OPTION, **option("red", "m", 7, OptionName=name)) == 0
    shop.control("edit_option", code="tee-red-m", choices={"カラー": "赤", "サイズ": "M"})
    assert shop.code(OPTION, **option("red", "m", 8, OptionName=name)) == -10101


def test_a_code_sent_with_an_option_is_written_to_its_row(shop: Shop) -> None:
    assert shop.code(OPTION, **option("red", "m", 7, OptionCode="other")) == 0
    assert shop.rows()[1]["ItemTypeCode"] == "other"
    shop.control("setting", option_code="ignored")
    assert shop.code(OPTION, **option("red", "m", 7)) == 0
    assert shop.rows()[1]["ItemTypeCode"] == "other"


@pytest.mark.parametrize(
    ("changed", "code"), [({"OptionCode": ""}, -10), ({"Qty": "x"}, -999), ({"Qty": "2147483648"}, -999)]
)
def test_a_wrong_option_write_changes_nothing(shop: Shop, changed: dict[str, str], code: int) -> None:
    assert shop.code(OPTION, **option("red", "m", 7, **changed)) == code
    assert shop.stock("tee-red-m") == 20


def test_an_empty_option_code_passes_at_a_lenient_mall(shop: Shop) -> None:
    shop.control("setting", empty_option_code=True)
    assert shop.code(OPTION, **option("red", "m", 7, OptionCode="")) == 0
    assert shop.rows()[1]["ItemTypeCode"] == "tee-red-m"


def test_an_option_quantity_that_is_not_sent_becomes_zero(shop: Shop) -> None:
    sent = option("red", "m", 7)
    del sent["Qty"]
    assert shop.code(OPTION, **sent) == 0
    assert shop.stock("tee-red-m") == 0


def test_a_bulk_option_write_sets_prices_too(shop: Shop) -> None:
    rows = [option("red", "m", 7, Price="100"), option("red", "l", 8, Price="0")]
    assert shop.bulk(OPTION_BULK, *rows)["ResultCode"] == 0
    assert [(row["Qty"], row["Price"]) for row in shop.rows()[1:3]] == [(7, 100.0), (8, 0.0)]
    assert shop.bulk(OPTION_BULK, option("red", "m", 6, Price="100"))["ResultCode"] == 0
    without = option("red", "m", 5)
    assert shop.bulk(OPTION_BULK, without)["ResultCode"] == 0
    assert (shop.rows()[1]["Qty"], shop.rows()[1]["Price"]) == (5, 0.0), "an absent price is zero"


@pytest.mark.parametrize("price", ["991", "-991", "1.5", "x", "nan"])
def test_an_option_price_beyond_half_of_the_items_is_refused(shop: Shop, price: str) -> None:
    assert shop.bulk(OPTION_BULK, option("red", "m", 7, Price=price))["ResultCode"] == -1
    assert shop.bulk(OPTION_BULK, option("red", "m", 8, Price="990"))["ResultCode"] == 0
    assert shop.stock("tee-red-m") == 8


def test_one_option_of_an_item_costs_nothing_more(shop: Shop) -> None:
    shop.control("setting", bulk_shape="all")
    rows = [option(color, size, 1, Price="10") for color in ("red", "blue") for size in ("s", "m", "l")]
    body = shop.bulk(OPTION_BULK, *rows)
    assert (body["ResultCode"], {row["ResultCode"] for row in body["ResultObject"]}) == (-1, {-10101})
    rows[0]["Price"] = "0"
    assert shop.bulk(OPTION_BULK, *rows)["ResultCode"] == 0


# ---------------------------------------------------------------------- what is seen when


def test_the_page_is_up_to_ten_minutes_behind_the_api(shop: Shop) -> None:
    shop.ask(ONE, **plain(MUG, 3))
    shop.ask(OPTION, **option("red", "m", 4))
    assert shop.ask(DETAIL, SellerCode="mug")["ResultObject"][0]["ItemQty"] == "3"
    assert (shop.control("page")["mug"], shop.control("page")["tee-red-m"]) == (12, 20)
    shop.world.clock.advance(601)
    assert (shop.control("page")["mug"], shop.control("page")["tee-red-m"]) == (3, 4)


def test_the_api_too_may_be_late(shop: Shop) -> None:
    shop.control("setting", api_delay_s=60.0)
    shop.ask(ONE, **plain(MUG, 3))
    assert shop.ask(DETAIL, SellerCode="mug")["ResultObject"][0]["ItemQty"] == "12"
    assert shop.stock("mug") == 3
    shop.world.clock.advance(61)
    assert shop.ask(DETAIL, SellerCode="mug")["ResultObject"][0]["ItemQty"] == "3"


def test_stock_brings_a_sold_out_listing_back(shop: Shop) -> None:
    shop.control("setting", sold_out_status="S1")
    shop.ask(ONE, **plain(MUG, 0))
    assert shop.ask(LIST, ItemStatus="S1")["ResultObject"]["Items"][0]["SellerCode"] == "mug"
    assert shop.code(ONE, **plain(MUG, 1)) == 0
    assert shop.ask(LIST, ItemStatus="S1")["ResultObject"]["Items"] == []
