"""The Yahoo!オークション simulator: a person's uploads, the auctions they become, and the order export."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from yahuoku_shop import HEADER, Shop, auction_csv, row

from sandbox.malls.yahoo.part import YahooMall
from sandbox.web import WebHost
from sandbox.world import ControlError

JST = timezone(timedelta(hours=9))
DAY_S = 24 * 3600


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "world")


# --------------------------------------------------------------------------- uploads


def test_right_file_is_taken_saved_and_listed_by_a_further_step(shop: Shop) -> None:
    answer = shop.upload(auction_csv(row("vase-1"), row("vase-2")))
    assert (answer["accepted"], answer["errors"]) == (2, [])
    assert "受け付け" in answer["message"]
    [saved] = shop.listed("vase-1")
    assert (saved["state"], saved["auction_id"], saved["kind"]) == ("保存済み", "", "競売")
    assert shop.control("stock")["vase-1"] == 0
    given = shop.control("put_up", code="vase-1")
    assert shop.listed("vase-1")[0]["auction_id"] == given["vase-1"]
    assert shop.control("stock")["vase-1"] == 1
    assert shop.control("violations") == []


def test_header_is_the_53_columns_in_their_order(shop: Shop) -> None:
    columns = HEADER.split(",")
    assert len(columns) == 53
    for wrong in (columns[1:], [*columns, "値下げ交渉"], [columns[1], columns[0], *columns[2:]]):
        answer = shop.upload(auction_csv(row("vase"), header=",".join(wrong)))
        assert answer["accepted"] == 0
        assert "見出し" in answer["errors"][0]
    assert len(shop.control("violations")) == 3


def test_file_without_the_folder_column_is_a_setting(tmp_path: Path) -> None:
    shop = Shop(tmp_path, folder_column=False)
    header = HEADER.replace("商品保存先フォルダパス,", "")
    assert shop.upload(auction_csv(row("vase"), header=header))["accepted"] == 1


@pytest.mark.parametrize(
    "content",
    [
        auction_csv(row("vase")).decode("cp932").encode("utf-8"),
        auction_csv(row("vase"), end="\n"),
        auction_csv(row("vase")).removesuffix(b"\r\n"),
        auction_csv(row("vase")).replace(b"vase", b'va"se'),
        auction_csv(row("vase")).removesuffix(b"\r\n") + b",more\r\n",
        auction_csv(),
        b"",
    ],
    ids=["utf-8", "LF", "no last CRLF", "stray quote", "54 fields", "no rows", "empty"],
)
def test_file_in_another_form_is_refused_and_is_a_violation(shop: Shop, content: bytes) -> None:
    answer = shop.upload(content)
    assert answer["accepted"] == 0
    assert len(answer["errors"]) == len(shop.control("violations")) == 1
    assert shop.listed("vase") == []


def test_other_line_ends_are_a_setting(tmp_path: Path) -> None:
    shop = Shop(tmp_path, line_ends="any")
    assert shop.upload(auction_csv(row("vase"), end="\n").removesuffix(b"\n"))["accepted"] == 1


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("管理番号", ""),
        ("管理番号", "vase_1"),
        ("管理番号", "a" * 33),
        ("カテゴリ", "家具"),
        ("タイトル", ""),
        ("タイトル", "花" * 65 + "ab"),
        ("説明", "<p>\n</p>"),
        ("開始価格", "0"),
        ("開始価格", "１５００"),
        ("即決価格", "1499"),
        ("個数", "0"),
        ("個数", "2"),
        ("終了時間", "24"),
        ("送料負担", "店"),
        ("商品の状態", "新品"),
        ("自動延長", "1"),
        ("商品の自動再出品", "4"),
        ("配送グループ", "0"),
        ("発送までの日数", ""),
    ],
)
def test_bad_value_is_named_by_row_and_column_and_refuses_the_file(
    shop: Shop, column: str, value: str
) -> None:
    answer = shop.upload(auction_csv(row("good"), row("vase", **{column: value})))
    assert answer["accepted"] == 0
    [error] = answer["errors"]
    assert error.startswith(f"3行目 {column}: ")
    assert shop.listed("good") == []


def test_bad_row_may_be_left_out_alone_by_setting(tmp_path: Path) -> None:
    shop = Shop(tmp_path, bad_row="left_out")
    answer = shop.upload(auction_csv(row("good"), row("vase", 個数="0")))
    assert (answer["accepted"], len(answer["errors"])) == (1, 1)


def test_title_of_65_full_width_characters_passes_half_width_count_half(shop: Shop) -> None:
    assert shop.upload(auction_csv(row("vase", タイトル="花" * 64 + "ab")))["accepted"] == 1


def test_several_pieces_need_one_price(shop: Shop) -> None:
    assert shop.upload(auction_csv(row("vase", 個数="5", 即決価格="1500")))["accepted"] == 1
    shop.control("setting", several="any")
    assert shop.upload(auction_csv(row("bowl", 個数="5")))["accepted"] == 1


def test_lenient_store_lists_at_once_takes_any_code_and_keeps_the_id_of_an_edit(tmp_path: Path) -> None:
    shop = Shop(tmp_path, lists_on_upload=True, code_form="any", edit_renews_id=False)
    assert shop.upload(auction_csv(row("花瓶_1")))["accepted"] == 1
    [listed] = shop.listed("花瓶_1")
    shop.control("set_stock", code="花瓶_1", quantity=1)
    assert listed["auction_id"]
    assert shop.listed("花瓶_1") == [listed]


def test_rows_of_one_file_are_limited(shop: Shop) -> None:
    shop.control("setting", rows_per_file=2)
    answer = shop.upload(auction_csv(*[row(f"vase-{n}") for n in range(3)]))
    assert answer["accepted"] == 0
    assert "2行まで" in answer["errors"][0]


def test_second_upload_of_a_number_makes_a_double(shop: Shop) -> None:
    for _ in range(2):
        shop.sell("vase")
    first, second = shop.listed("vase")
    assert first["auction_id"] != second["auction_id"]
    assert shop.control("stock")["vase"] == 2


def test_uploaded_rows_show_only_after_their_lag(shop: Shop) -> None:
    shop.control("setting", appears_s=60.0)
    shop.upload(auction_csv(row("vase")))
    assert shop.listed("vase") == []
    shop.world.clock.advance(60)
    assert len(shop.listed("vase")) == 1


def test_delegated_listing_is_shown_as_such_and_refuses_an_upload(shop: Shop) -> None:
    [shown] = shop.listed("tee-red-m")
    assert (shown["kind"], shown["state"]) == ("定額", "定額（Yahoo!ショッピングから）")
    answer = shop.upload(auction_csv(row("tee-red-m")))
    assert answer["accepted"] == 0
    assert "Yahoo!ショッピング" in answer["errors"][0]
    assert shop.control("violations") == []
    with pytest.raises(ControlError, match="delegated"):
        shop.control("relist", code="tee-red-m")


def test_what_was_uploaded_can_be_searched_and_the_journal_holds_no_contents(shop: Shop) -> None:
    shop.upload(auction_csv(row("vase", タイトル="まぼろしの花瓶")))
    assert shop.control("seen", text="まぼろしの花瓶")
    assert not shop.control("seen", text="別の花瓶")
    assert "花瓶" not in str(shop.control("journal"))


# --------------------------------------------------------------------------- the life of an auction


def end_of(shop: Shop, code: str) -> datetime:
    return datetime.strptime(shop.listed(code)[-1]["ends_at"], "%Y/%m/%d %H:%M").replace(tzinfo=JST)


def test_auction_ends_after_its_days_at_its_hour(shop: Shop) -> None:
    shop.sell("vase", 期間="3", 終了時間="21")
    end = shop.world.clock.now().astimezone(JST) + timedelta(days=3)
    assert end_of(shop, "vase") == end.replace(hour=21, minute=0, second=0, microsecond=0)


def test_auction_without_bids_ends_and_a_relisting_has_a_new_id(shop: Shop) -> None:  # A28
    shop.sell("vase")
    shop.world.clock.advance(9 * DAY_S)
    [ended] = shop.listed("vase")
    assert (ended["state"], shop.control("stock")["vase"]) == ("落札者なし", 0)
    fresh = shop.control("relist", code="vase")["vase"]
    assert fresh != ended["auction_id"]
    assert [each["auction_id"] for each in shop.listed("vase")] == [ended["auction_id"], fresh]
    assert shop.control("stock")["vase"] == 1


def test_running_auction_is_relisted_only_without_bids(shop: Shop) -> None:
    old = shop.listed("mug")[0]["auction_id"]
    assert shop.control("relist", code="mug")["mug"] != old
    assert shop.control("stock")["mug"] == 1
    shop.control("bid", code="mug")
    with pytest.raises(ControlError, match="入札あり"):
        shop.control("relist", code="mug")


def test_automatic_relisting_stops_after_its_times(shop: Shop) -> None:
    shop.sell("vase", 商品の自動再出品="2", 期間="1")
    shop.world.clock.advance(30 * DAY_S)
    found = shop.listed("vase")
    assert [each["state"] for each in found] == ["落札者なし"] * 3
    assert len({each["auction_id"] for each in found}) == 3


def test_won_piece_is_gone_before_its_order_is_there(shop: Shop) -> None:
    shop.control("bid", code="mug")
    shop.world.clock.advance(9 * DAY_S)
    assert shop.listed("mug")[0]["state"] == "落札（未注文）"
    assert (shop.control("stock")["mug"], len(shop.export())) == (0, 1)
    shop.buy("mug")
    assert shop.listed("mug")[0]["state"] == "注文済み"
    assert len(shop.export()) == 2


def test_number_edited_by_hand_renews_the_id_and_drops_bids_and_zero_withdraws(shop: Shop) -> None:
    shop.control("bid", code="mug")
    [old] = shop.listed("mug")
    shop.control("set_stock", code="mug", quantity=1)
    [new] = shop.listed("mug")
    assert (new["state"], new["ends_at"]) == ("出品中", old["ends_at"])
    assert new["auction_id"] != old["auction_id"]
    shop.control("set_stock", code="mug", quantity=0)
    assert shop.listed("mug")[0]["state"] == "取り消し"
    with pytest.raises(ControlError, match="no auction"):
        shop.buy("mug")


def test_nothing_is_sold_that_is_not_there(shop: Shop) -> None:
    for codes, quantity in ((("mug",), 2), (("cap-navy",), 9), (("tee-red-m",), 21), (("nobody",), 1)):
        with pytest.raises(ControlError):
            shop.buy(*codes, quantity=quantity)
    with pytest.raises(ControlError, match="one kind"):
        shop.buy("mug", "tee-red-m")
    assert shop.control("orders") == []


# --------------------------------------------------------------------------- downloads


def test_export_has_21_columns_and_the_known_ones_in_their_places(shop: Shop) -> None:
    number = shop.buy("mug", payment="PayPay")
    header, record = shop.export()
    assert list(header) == list("ABCDEFGHIJKLMNOPQRSTU")
    known = {"A": "OrderId", "B": "YahooAuctionMerchantId", "C": "OrderTime", "D": "YahooAuctionId"}
    assert {**header, **known, "P": "UnitPrice"} == header
    assert (record["A"], record["B"], record["P"]) == (int(number), "mug", 1000)
    assert record["D"] == shop.listed("mug")[0]["auction_id"]
    assert record["D"][0].isalpha()
    assert len(record["D"]) == 11
    assert "山田" in record.values()
    assert "PayPay" in record.values()
    assert shop.control("reported", order_id=number) == {"times": 1}


def test_buyer_is_a_setting(shop: Shop) -> None:
    shop.control("setting", buyer="秘密 太郎")
    shop.buy("mug")
    assert "秘密" in shop.export()[1].values()


def test_pieces_sold_together_share_a_cell_and_the_price_is_their_sum(shop: Shop) -> None:
    shop.buy("mug", "cap-navy")
    shop.buy("cap-navy", quantity=2)
    _header, both, two = shop.export()
    assert (both["B"], both["P"]) == ("mug\ncap-navy", 2000)
    assert (two["B"], two["P"]) == ("cap-navy\ncap-navy", 2000)
    assert shop.control("stock")["cap-navy"] == 5


def test_times_are_serials_or_unpadded_texts(shop: Shop) -> None:
    for ago_s in (3, 2, 1, 0):
        shop.buy("cap-navy", ago_s=ago_s * DAY_S)
    serial, dash, slash, seconds = (record["C"] for record in shop.export()[1:])
    now = shop.world.clock.now().astimezone(JST)
    assert abs(datetime(1899, 12, 30, tzinfo=JST) + timedelta(days=serial + 3) - now) < timedelta(hours=1)
    day = now - timedelta(days=2)
    assert dash.startswith(f"{day.year}-{day.month}-{day.day} ")
    assert slash.count("/") == 2
    assert seconds.count(":") == 2


def test_notes_of_the_shop_stand_beyond_the_last_column(shop: Shop) -> None:
    shop.buy("mug")
    assert shop.export()[1]["W"] == "発送済"
    shop.control("setting", hand_notes=False)
    assert "W" not in shop.export()[1]


def test_other_patterns_and_forms_of_the_export_are_settings(shop: Shop) -> None:
    shop.buy("mug", "cap-navy")
    shop.control("setting", pattern="narrow", hand_notes=False)
    assert list(shop.export()[0].values())[:2] == ["YahooAuctionId", "OrderId"]
    shop.control("setting", order_file="csv")
    name, content = shop.download("orders")
    header, record = csv.reader(io.StringIO(content.decode("cp932"), newline=""))
    assert name.endswith(".csv")
    assert record[header.index("YahooAuctionMerchantId")] == "mug\ncap-navy"


def test_wide_pattern_tells_state_pieces_and_the_last_change(shop: Shop) -> None:
    shop.control("setting", pattern="wide", hand_notes=False, time_form="seconds")
    number = shop.buy("cap-navy", quantity=3)
    header, record = shop.export()
    assert list(header.values())[-3:] == ["OrderStatus", "Quantity", "LastUpdateTime"]
    assert list(record.values())[-3:-1] == ["2", "3"]
    shop.control("partial_cancel", order_id=number, line="cap-navy", quantity=1)
    assert (shop.export()[1]["B"], list(shop.export()[1].values())[-2]) == ("cap-navy\ncap-navy", "2")
    shop.control("setting", pieces_form="each", status_form="word")
    shop.control("cancel", order_id=number)
    _header, record = shop.export()
    assert (record["B"], list(record.values())[-3:-1]) == ("cap-navy", ["キャンセル", "2"])
    with pytest.raises(ControlError, match="taken out"):
        shop.control("partial_cancel", order_id=number, line="cap-navy", quantity=2)


def test_cancelled_order_stays_in_the_export_unless_set(shop: Shop) -> None:
    number = shop.buy("mug")
    shop.control("cancel", order_id=number)
    assert shop.control("orders")[0]["state"] == "キャンセル"
    assert len(shop.export()) == 2
    shop.control("setting", cancelled_in_export=False)
    assert len(shop.export()) == 1
    with pytest.raises(ControlError, match="already"):
        shop.control("cancel", order_id=number)


def test_delegated_sale_is_in_the_export_only_if_set(shop: Shop) -> None:
    shop.buy("tee-red-m", quantity=3)
    assert shop.control("stock")["tee-red-m"] == 17
    assert len(shop.export()) == 1
    shop.control("setting", delegated_in_export=True)
    assert shop.export()[1]["B"] == "tee-red-m\ntee-red-m\ntee-red-m"


def test_downloaded_list_has_the_form_of_an_upload_and_tells_states(shop: Shop) -> None:
    shop.sell("vase", 説明='<p title="a">カンマ,あり</p>')
    header, *records = csv.reader(io.StringIO(shop.download("listings")[1].decode("cp932"), newline=""))
    assert header == [*HEADER.split(","), "オークションID", "状態", "終了日時"]
    states = {record[0]: record[-2] for record in records}
    assert states["vase"] == "出品中"
    assert states["tee-red-m"] == "定額（Yahoo!ショッピングから）"
    shop.control("setting", listings_form="upload")
    content = shop.download("listings")[1].replace(b"tee-", b"new-")
    assert shop.upload(content)["errors"] == []


# --------------------------------------------------------------------------- faults


def test_communication_error_hides_whether_the_rows_were_taken(shop: Shop) -> None:
    answers = []
    for name in ("cut_after", "cut_before"):
        shop.control("fault", name=name, count=1)
        answers.append(shop.upload(auction_csv(row(name.replace("_", "-")))))
    assert answers[0] == answers[1] == {"accepted": 0, "errors": ["通信エラー"], "message": "通信エラー"}
    assert len(shop.listed("cut-after")) == 1
    assert shop.listed("cut-before") == []
    assert shop.upload(auction_csv(row("cut-before")))["accepted"] == 1


@pytest.mark.parametrize("name", ["maintenance", "logged_out"])
def test_closed_screen_takes_and_gives_nothing(shop: Shop, name: str) -> None:
    shop.control("fault", name=name)
    assert shop.upload(auction_csv(row("vase")))["accepted"] == 0
    with pytest.raises(ControlError, match="the screen says"):
        shop.control("download_orders")
    shop.control("clear_faults")
    assert shop.listed("vase") == []
    assert len(shop.export()) == 1


def test_page_or_half_a_file_may_be_saved_in_place_of_the_file(shop: Shop) -> None:
    whole = shop.download("orders")[1]
    shop.control("fault", name="html", function="download_orders", count=1)
    assert shop.download("orders")[1].startswith(b"<!DOCTYPE html>")
    shop.control("fault", name="truncated", count=1)
    assert shop.download("orders")[1] == whole[: len(whole) // 2]
    assert shop.download("orders")[1] == whole


def test_unknown_faults_settings_and_verbs_are_refused(shop: Shop) -> None:
    for verb, arguments in (
        ("fault", {"name": "rate_limit"}),
        ("fault", {"name": "html", "function": "upload"}),
        ("setting", {"order_file": "pdf"}),
        ("upload", {"name": "a.csv", "content_base64": "?"}),
        ("push", {}),
    ):
        with pytest.raises(ControlError):
            shop.control(verb, **arguments)
    assert shop.upload(b"", name="auctions.xlsx")["accepted"] == 0


def test_view_gives_what_the_page_draws(shop: Shop) -> None:
    shop.upload(auction_csv(row("vase")))
    shop.buy("mug")
    shop.control("fault", name="maintenance")
    view = shop.control("view")
    assert {"code": "mug", "name": "マグカップ", "quantity": 0} in view["stock"]
    assert view["orders"][0]["lines"][0]["code"] == "mug"
    assert view["faults"] == ["maintenance any"]
    assert view["notes"] == ["vase: 保存済み"]
    shop.control("clear_faults")
    for hand in view["hands"]:
        shop.control(hand["verb"], **hand.get("arguments", {}))


# --------------------------------------------------------------------------- beside Yahoo!ショッピング


def test_orders_are_read_through_shopping_and_delegated_stock_is_its_stock(tmp_path: Path) -> None:
    own = Shop(tmp_path)
    web = WebHost(own.world)
    web.start()
    shopping = YahooMall(own.world, web)
    shopping.start()
    try:
        shop = Shop(tmp_path, shopping=shopping)
        shopping.control("set_stock", {"code": "tee-red-m", "quantity": 9})
        assert shop.control("stock")["tee-red-m"] == 9
        shop.buy("tee-red-m", quantity=2)
        shop.control("set_stock", code="tee-red-s", quantity=4)
        there = shopping.control("stock", {})
        assert (there["tee-red-m"], there["tee-red-s"]) == (7, 4)
        mugs = there["mug"]
        sold = shop.control("order", lines=[{"code": "mug", "quantity": 1}])
        assert shopping.control("stock", {})["mug"] == mugs
        assert sold["shopping_order_id"].endswith(f"-{sold['order_id']}")
        shop.control("cancel", order_id=sold["order_id"])
        states = {each["order_id"]: each["state"] for each in shopping.control("orders", {})}
        assert "キャンセル" in states[sold["shopping_order_id"]]
    finally:
        shopping.stop()
        web.stop()
