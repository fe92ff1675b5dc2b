"""The ポンパレモール simulator: from a file in a slot to what buyers see; results, orders, downloads."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from ponpare_shop import (
    ITEM_HEADER,
    OPTION_HEADER,
    Shop,
    content_of,
    fetch,
    put,
    records_of,
    running,
)

from sandbox.world import ControlError


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with running(tmp_path / "world") as running_shop:
        yield running_shop


# --------------------------------------------------------------------------- files in


# Case 2 of the acceptance list.
def test_files_of_both_slots_reach_buyers_and_are_answered(shop: Shop) -> None:
    shop.call("add_product", code="cup", name="カップ", quantity=1)
    with shop.client() as client:
        put(client, "item.csv", ITEM_HEADER, "u,mug,1,7", "u,cap-navy,1,0", "u,cup,1,9999999")
        put(client, "option.csv", OPTION_HEADER, "u,tee,s,,,-red,赤,-m,M,5", "u,tee,s,,,-blue,青,-l,L,6")
    header, *rows = shop.result("item")
    assert header == ITEM_HEADER.split(",")
    assert rows == [["OK", "mug", "1", "7"], ["OK", "cap-navy", "1", "0"], ["OK", "cup", "1", "9999999"]]
    assert shop.result("option")[1] == ["OK", "tee", "s", "", "", "-red", "赤", "-m", "M", "5"]
    stock = shop.call("stock")
    assert (stock["mug"], stock["cap-navy"], stock["cup"]) == (7, 0, 9_999_999)
    assert (stock["tee-red-m"], stock["tee-blue-l"]) == (5, 6)
    assert shop.call("area") == {}
    assert shop.call("violations") == []


def test_taken_files_are_kept_to_be_compared_byte_for_byte(shop: Shop) -> None:
    shop.put_items("u,mug,1,7")
    shop.result()
    [taken] = shop.call("uploads")
    assert content_of(taken) == f"{ITEM_HEADER}\r\nu,mug,1,7\r\n".encode("cp932")
    assert taken["slot"] == "item.csv"


def test_result_is_named_by_the_time_in_japan_and_dated_by_the_sandbox(shop: Shop) -> None:
    shop.world.clock.advance(86_400)
    shop.put_items("u,mug,1,7")
    name = shop.until(shop.results)[0]
    stamp = re.fullmatch(r"/log/item_(\d{14})\.csv", name)
    assert stamp
    with shop.client() as client:
        [facts] = [facts for found, facts in client.mlsd("/log") if found in name]
    assert facts["modify"][:8] == shop.world.clock.now().strftime("%Y%m%d")


def test_two_results_of_one_second_have_two_names(shop: Shop) -> None:
    for quantity in (1, 2, 3):
        shop.put_items(f"u,mug,1,{quantity}")
        shop.until(lambda want=quantity: len(shop.results()) == want)
    names = [upload["result"] for upload in shop.call("uploads")]
    assert len(set(names)) == 3
    assert names == sorted(names)


def test_form_of_results_follows_the_settings(tmp_path: Path) -> None:
    with running(tmp_path / "w", result_stamp="%Y%m%d", result_encoding="utf-8") as shop:
        shop.put_items("u,mug,1,5")
        assert re.fullmatch(r"/log/item_\d{8}\.csv", shop.until(shop.results)[0])
        assert shop.page().decode().startswith("コントロールカラム,")


def test_columns_are_read_by_name_in_any_order_and_only_those_needed(shop: Shop) -> None:
    shop.upload("item.csv", "在庫数,商品管理ID（商品URL）,コントロールカラム", "3,mug,u")
    assert shop.answers() == ["OK"]
    shop.upload("item.csv", "コントロールカラム,商品管理ID（商品URL）,販売価格", "u,mug,1200")
    assert shop.answers() == ["OK"]
    assert shop.call("stock")["mug"] == 3
    assert shop.violations() == []


def test_each_bad_row_has_its_text_and_the_others_are_applied(shop: Shop) -> None:
    shop.put_items(
        "u,nobody,1,5", "u,mug,1,-1", "u,mug,1,10000000", "u,mug,1,５", "x,mug,1,5", ",mug,1,5", "u,mug,1",
        "u,mug,9,5", "u,cap-navy,1,4",
    )  # fmt: skip
    stock = "在庫数は半角数字で入力してください。"
    control = "コントロールカラムが不正です。"
    assert shop.answers() == [
        "商品管理IDが存在しません。", stock, stock, stock, control, control,
        "項目数が不正です。", "在庫タイプが不正です。", "OK",
    ]  # fmt: skip
    assert (shop.call("stock")["mug"], shop.call("stock")["cap-navy"]) == (12, 4)


# Case 4 of the acceptance list.
def test_one_unknown_sku_among_five_is_refused_alone(shop: Shop) -> None:
    cells = [("-red", "赤", "-s", "S"), ("-red", "赤", "-m", "M"), ("-red", "赤", "-xl", "XL")]
    cells += [("-blue", "青", "-s", "S"), ("-blue", "青", "-m", "M")]
    shop.put_options(*(f"u,tee,s,,,{','.join(cell)},3" for cell in cells))
    answers = shop.answers("option")
    assert answers[2] == "SKU横軸項目ID・SKU縦軸項目IDの組み合わせが存在しません。"
    assert [text for text in answers if text == "OK"] == ["OK"] * 4
    assert shop.call("stock")["tee-blue-m"] == 3


def test_sku_row_without_its_names_is_refused_unless_lenient(shop: Shop) -> None:
    shop.put_options("u,tee,s,,,-red,,-m,,3")
    assert shop.answers("option") == ["SKU横軸項目名・SKU縦軸項目名を入力してください。"]
    shop.call("setting", names_required=False)
    shop.put_options("u,tee,s,,,-red,,-m,,3")
    assert shop.answers("option") == ["OK"]
    assert shop.violations() == []


def test_sku_row_with_other_names_renames_what_buyers_read(shop: Shop) -> None:
    shop.put_options("u,tee,s,,,-red,レッド,-m,M,3")
    assert shop.answers("option") == ["OK"]
    assert "renamed a SKU" in shop.violations()[0]


def test_product_with_skus_takes_no_stock_of_its_own(shop: Shop) -> None:
    shop.put_items("u,tee,1,5", "u,tee,2,5")
    assert shop.answers() == ["在庫タイプが不正です。"] * 2
    shop.put_options("u,mug,s,,,-red,赤,-m,M,5")
    assert shop.answers("option") == ["SKU横軸項目ID・SKU縦軸項目IDの組み合わせが存在しません。"]


def test_stock_types_are_what_the_setting_says(shop: Shop) -> None:
    shop.call("setting", stock_types="123")
    shop.put_items("u,mug,2,5", "u,cap-navy,0,5")
    assert shop.answers() == ["OK", "在庫タイプが不正です。"]


def test_manage_id_is_lower_case_unless_lenient(shop: Shop) -> None:
    shop.put_items("u,MUG,1,5")
    assert shop.answers() == ["商品管理IDが存在しません。"]
    shop.call("setting", folds_case=True)
    shop.put_items("u,MUG,1,5")
    assert shop.answers() == ["OK"]


def test_listing_and_deleting_work_and_are_nothing_for_a_stock_client(shop: Shop) -> None:
    shop.put_items("n,cup,1,5", "n,mug,1,5", "d,cap-navy,,")
    assert shop.answers() == ["OK", "商品管理IDは既に登録されています。", "OK"]
    shop.put_options("n,tee,s,,,-green,緑,-m,M,4", "d,tee,s,,,-red,赤,-m,M,", "u,tee,o,色名,赤,,,,,")
    assert shop.answers("option") == ["OK"] * 3
    stock = shop.call("stock")
    assert (stock["cup"], stock["tee-green-m"]) == (5, 4)
    assert "cap-navy" not in stock
    assert "tee-red-m" not in stock
    assert len(shop.violations()) == 5


@pytest.mark.parametrize(
    "content",
    [
        b"",
        "コントロールカラム,在庫数\r\nu,5\r\n".encode("cp932"),
        "商品管理ID（商品URL）,在庫数\r\nmug,5\r\n".encode("cp932"),
        f"{ITEM_HEADER}\r\nu,mug,1,5\r\n".encode(),
        f'{ITEM_HEADER}\r\nu,"mug,1,5\r\n'.encode("cp932"),
    ],
    ids=["empty", "no key", "no control", "utf-8", "open quote"],
)
def test_file_out_of_form_changes_nothing_and_has_one_row_of_answer(shop: Shop, content: bytes) -> None:
    with shop.client() as client:
        client.storbinary("STOR /item.csv", io.BytesIO(content))
    assert shop.answers() == ["ファイルの形式が不正です。"]
    assert shop.call("stock")["mug"] == 12
    assert len(shop.violations()) == 1


def test_more_rows_than_the_limit_refuse_the_file(shop: Shop) -> None:
    shop.call("setting", max_rows=1)
    shop.put_items("u,mug,1,5", "u,cap-navy,1,5")
    assert shop.answers() == ["ファイルの形式が不正です。"]


def test_slips_of_form_that_the_mall_may_bear_are_violations(shop: Shop) -> None:
    with shop.client() as client:
        text = f"{ITEM_HEADER},数\nu,mug,1,5,\n"
        client.storbinary("STOR /item.csv", io.BytesIO(text.encode("cp932")))
    assert shop.answers() == ["OK"]
    assert shop.violations() == ["column not known: 数", "a line that does not end with CRLF"]


def test_text_mode_has_the_same_effect(shop: Shop) -> None:
    with shop.client() as client:
        client.storlines("STOR /item.csv", io.BytesIO(f"{ITEM_HEADER}\nu,mug,1,5\n".encode("cp932")))
    assert shop.answers() == ["OK"]
    assert shop.violations() == []


# --------------------------------------------------------------------------- one slot a name


def test_file_is_left_until_it_has_lain_for_a_tick(tmp_path: Path) -> None:
    with running(tmp_path / "w", tick_s=300) as shop:
        shop.put_items("u,mug,1,5")
        with shop.client() as client:
            assert "item.csv" in client.nlst("/")
        shop.world.clock.advance(300)
        assert shop.answers() == ["OK"]


# Case 3 of the acceptance list.
def test_stuck_slot_keeps_its_file_and_the_other_slot_works(shop: Shop) -> None:
    shop.call("fault", name="slot_stuck", slot="item.csv")
    shop.put_items("u,mug,1,5")
    shop.put_options("u,tee,s,,,-red,赤,-m,M,5")
    assert shop.answers("option") == ["OK"]
    assert list(shop.call("area")) == ["/item.csv"]
    shop.call("clear_faults")
    assert shop.answers() == ["OK"]


def test_overwriting_a_slot_is_counted(tmp_path: Path) -> None:
    with running(tmp_path / "w", tick_s=300) as shop:
        shop.put_items("u,mug,1,5")
        assert shop.call("overwrites") == 0
        shop.put_items("u,cap-navy,1,5")
        assert shop.call("overwrites") == 1
        assert shop.call("area")["/log/.overwrites"] == "1\n"
        assert shop.violations() == ["overwrote a file that was not taken yet"]


def test_renaming_into_an_occupied_slot_is_overwriting(tmp_path: Path) -> None:
    with running(tmp_path / "w", tick_s=300, names="any") as shop:
        shop.put_items("u,mug,1,5")
        with shop.client() as client:
            put(client, "item.csv.tmp", ITEM_HEADER, "u,mug,1,6")
            client.rename("/item.csv.tmp", "/item.csv")
        assert shop.violations() == ["overwrote a file that was not taken yet"]


def test_other_names_are_violations_unless_lenient(shop: Shop) -> None:
    with shop.client() as client:
        put(client, "item.csv.tmp", ITEM_HEADER, "u,mug,1,6")
        assert shop.violations() == ["a file name that the mall does not take"]
        client.rename("/item.csv.tmp", "/item.csv")
    assert shop.answers() == ["OK"]


def test_option_of_a_product_that_waits_in_item_is_a_violation(shop: Shop) -> None:
    shop.call("fault", name="slot_stuck")
    shop.put_items("u,tee,2,", "u,mug,1,5")
    shop.put_options("u,tee,s,,,-red,赤,-m,M,5")
    assert shop.violations() == ["tee: still in item.csv"]


def test_result_deleted_unread_is_a_violation(shop: Shop) -> None:
    shop.put_items("u,mug,1,5")
    [name] = shop.until(shop.results)
    with shop.client() as client:
        client.delete(name)
        client.mkd("/log/old")
    assert shop.violations()[0] == "a result deleted unread"
    assert len(shop.violations()) == 2


def test_result_waits_while_the_mall_works(tmp_path: Path) -> None:
    with running(tmp_path / "w", work_s=300) as shop:
        shop.put_items("u,mug,1,5")
        shop.until(lambda: shop.call("uploads"))
        with shop.client() as client:
            assert client.nlst("/log") == []
        with pytest.raises(ControlError, match="処理中"):
            shop.call("download", slot="item.csv")
        shop.world.clock.advance(300)
        assert shop.answers() == ["OK"]


def test_results_may_lie_behind_a_second_address(tmp_path: Path) -> None:
    with running(tmp_path / "w", results_on="second", result_dir="/error/log/") as shop:
        where = shop.mall.addresses()
        assert where["port"] != where["result_port"]
        shop.put_items("u,mug,1,5")
        [name] = shop.until(shop.results)
        with shop.client() as client:
            assert client.nlst("/") == ["imageUpload"]
        with shop.client(results=True) as client:
            assert fetch(client, name).decode("cp932").endswith("OK,mug,1,5\r\n")
            client.delete(name)
        assert shop.call("area") == {}
        assert shop.violations() == []


def test_slots_may_lie_in_a_folder(tmp_path: Path) -> None:
    with running(tmp_path / "w", upload_dir="/shop/") as shop:
        shop.upload("shop/item.csv", ITEM_HEADER, "u,mug,1,5")
        assert shop.answers() == ["OK"]
        assert shop.violations() == []


# --------------------------------------------------------------------------- what the mall does wrong


def test_lost_result_is_lost_though_the_rows_are_applied(shop: Shop) -> None:
    shop.call("fault", name="no_result", count=1)
    shop.put_items("u,mug,1,5")
    shop.until(lambda: shop.call("stock")["mug"] == 5)
    shop.put_items("u,mug,1,6")
    assert shop.answers() == ["OK"]
    assert [upload["result"] is None for upload in shop.call("uploads")] == [True, False]


def test_planted_refusal_answers_one_row_with_the_given_text(shop: Shop) -> None:
    shop.call("fault", name="refuse", code="tee-red-m", error="販売期間外です。", count=1)
    shop.put_options("u,tee,s,,,-red,赤,-m,M,5", "u,tee,s,,,-red,赤,-s,S,5", "u,tee,s,,,-red,赤,-m,M,6")
    assert shop.answers("option") == ["販売期間外です。", "OK", "OK"]


def test_result_may_be_a_page_or_lack_a_row(shop: Shop) -> None:
    shop.call("fault", name="html", slot="item.csv", count=1)
    shop.put_items("u,mug,1,5")
    assert shop.page().startswith(b"<html>")
    shop.call("fault", name="omit", nth=1, count=1)
    shop.put_items("u,mug,1,5", "u,cap-navy,1,5")
    assert [row[1] for row in shop.result()[1:]] == ["mug"]


# --------------------------------------------------------------------------- orders and downloads


def test_order_lowers_stock_at_once_and_the_file_names_it(shop: Shop) -> None:
    order_id = shop.call(
        "order", lines=[{"code": "mug", "quantity": 2}, {"code": "tee-red-m", "quantity": 1}]
    )["order_id"]
    assert (shop.call("stock")["mug"], shop.call("stock")["tee-red-m"]) == (10, 19)
    header, *rows = records_of(shop.call("order_file"))
    assert header[:8] == [
        "注文番号", "注文日時", "注文ステータス", "商品管理ID（商品URL）", "商品ID",
        "SKU横軸項目ID", "SKU縦軸項目ID", "個数",
    ]  # fmt: skip
    assert [row[0] for row in rows] == [order_id] * 2
    assert rows[0][3:8] == ["mug", "mug", "", "", "2"]
    assert rows[1][3:8] == ["tee", "tee", "-red", "-m", "1"]
    assert rows[0][8] == "山田 花子"


def test_cancelled_order_says_so_and_returns_stock_only_by_setting(shop: Shop) -> None:
    first, second = (shop.call("order", lines=[{"code": "mug", "quantity": 1}])["order_id"] for _ in range(2))
    shop.call("cancel", order_id=first)
    shop.call("setting", returns_stock_on_cancel=True)
    shop.call("progress", order_id=second, status="発送済")
    shop.call("cancel", order_id=second)
    assert shop.call("stock")["mug"] == 11
    assert [row[2] for row in records_of(shop.call("order_file", order_ids=[first]))[1:]] == ["キャンセル"]
    with pytest.raises(ControlError, match="cancelled already"):
        shop.call("cancel", order_id=first)


def test_pieces_taken_out_of_an_order_leave_its_file(shop: Shop) -> None:
    lines = [{"code": "mug", "quantity": 2}, {"code": "cap-navy", "quantity": 1}]
    number = shop.call("order", lines=lines)["order_id"]
    for left in (["1", "1"], ["1"]):
        shop.call("partial_cancel", order_id=number, line=0, quantity=1)
        assert [row[7] for row in records_of(shop.call("order_file"))[1:]] == left
    with pytest.raises(ControlError, match="taken out"):
        shop.call("partial_cancel", order_id=number, line=1, quantity=1)


def test_order_file_has_the_names_that_are_set(shop: Shop) -> None:
    shop.call("setting", order_columns={"注文番号": "受注番号"}, personal_columns=False, buyer="佐藤 次郎")
    shop.call("order", lines=[{"code": "mug", "quantity": 1}], ago_s=86_400)
    answer = shop.call("order_file")
    assert records_of(answer)[0][0] == "受注番号"
    assert "佐藤" not in answer["text"]


def test_more_than_there_is_cannot_be_bought(shop: Shop) -> None:
    with pytest.raises(ControlError, match="12 are left"):
        shop.call("order", lines=[{"code": "cap-navy", "quantity": 1}, {"code": "mug", "quantity": 13}])
    assert shop.call("stock")["cap-navy"] == 8


def test_downloads_hold_the_keys_and_can_be_sent_back(shop: Shop) -> None:
    shop.call("add_product", code="Plate-A", name="皿 A", quantity=3, manage_id="plate-page")
    header, *items = records_of(shop.call("download", slot="item.csv"))
    assert len(header) == 40
    by_id = {row[1]: dict(zip(header, row, strict=True)) for row in items}
    assert (by_id["plate-page"]["商品ID"], by_id["plate-page"]["在庫数"]) == ("Plate-A", "3")
    assert (by_id["tee"]["在庫タイプ"], by_id["tee"]["SKU横軸項目名"]) == ("2", "色")
    header, *skus = records_of(shop.call("download", slot="option.csv"))
    assert header == OPTION_HEADER.split(",")
    assert skus[0] == ["", "tee", "s", "", "", "-red", "赤", "-s", "S", "20"]
    shop.put_options(",".join(["u", *skus[0][1:-1], "4"]))
    assert shop.answers("option") == ["OK"]
    shop.put_items("u,plate-page,1,9")
    assert shop.answers() == ["OK"]
    assert shop.call("stock")["Plate-A"] == 9


def test_download_of_chosen_columns(shop: Shop) -> None:
    answer = shop.call("download", slot="item.csv", columns=["商品管理ID（商品URL）", "商品ID"])
    assert records_of(answer)[1] == ["tee", "tee"]
    with pytest.raises(ControlError, match="no column"):
        shop.call("download", slot="item.csv", columns=["在庫"])


def test_listings_change_by_the_merchants_hands(shop: Shop) -> None:
    keys = shop.call("add_product", code="tee-red-xl", name="ロゴTシャツ", quantity=2, parent="tee")
    assert (keys["manage_id"], keys["horizontal"], keys["vertical"]) == ("tee", "-red", "-xl")
    shop.call("edit_listing", code="tee-red-xl", horizontal_name="レッド")
    assert ["tee", "-red"] in [row[1:6:4] for row in records_of(shop.call("download", slot="option.csv"))]
    shop.call("set_stock", code="tee-red-xl", quantity=4)
    assert shop.call("stock")["tee-red-xl"] == 4
    shop.call("remove_product", code="tee-red-xl")
    shop.call("remove_product", code="mug")
    assert {listing["code"] for listing in shop.call("listings")}.isdisjoint({"tee-red-xl", "mug"})


def test_view_has_what_the_page_draws(shop: Shop) -> None:
    shop.call("order", lines=[{"code": "mug", "quantity": 1}])
    shop.call("fault", name="slot_stuck", slot="item.csv")
    view = shop.call("view")
    assert view["title"] == "ポンパレモール"
    assert {"code": "tee-red-m", "name": "ロゴTシャツ 赤 M", "quantity": 20} in view["stock"]
    assert view["orders"][0]["state"] == "新規注文"
    assert view["faults"] == ["name=slot_stuck function=any left=None slot=item.csv"]
    for hand in view["hands"]:
        shop.call(hand["verb"], **hand.get("arguments", {}))
