"""The forms of ポンパレモール's files, where a mall's own behaviour is not needed to show the rule."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.contract import LineResult, LineState, Order, Outcome, Product, StockLine
from adapters.errors import ConfigError, UnexpectedReplyError
from adapters.files import Entry
from adapters.ponpare import orders, upload, wire
from adapters.ponpare.adapter import ABILITIES
from adapters.ponpare.goods import Goods, read_goods
from adapters.ponpare.options import Options
from adapters.ponpare.wire import Answer, Mark, Ticket

NOON = datetime(2026, 1, 31, 3, 0, 5, tzinfo=UTC)  # 12:00:05 in Japan
RESULT = "コントロールカラム,商品管理ID（商品URL）,在庫タイプ,在庫数\r\n"


def test_code_is_the_field_that_the_screen_calls_so() -> None:
    # A7
    assert ABILITIES.code_field == "商品ID"
    assert not ABILITIES.address_is_code


def test_readme_names_every_option_and_that_the_mall_is_archived() -> None:
    # A27
    text = (Path(wire.__file__).parent / "README.md").read_text("utf-8")
    assert "Archived by default" in text
    for option in ["i_know_it_runs", *(field.name for field in fields(Options))]:
        assert f"`{option}`" in text, option


# --------------------------------------------------------------------------- tickets and answers


@pytest.mark.parametrize(
    "after", [Mark(), Mark("20260131030000", "item_20260131115900.csv"), Mark("", "a b/c.csv")]
)
def test_ticket_is_read_back_as_it_was_written(after: Mark) -> None:
    ticket = Ticket(wire.ITEM, NOON.replace(microsecond=0), after)
    assert wire.read_ticket(str(ticket)) == ticket


@pytest.mark.parametrize("text", ["", "item.csv", "stock.csv 2026-01-31T03:00:05Z /", "item.csv yesterday /"])
def test_ticket_of_another_form_is_none_of_ours(text: str) -> None:
    assert wire.read_ticket(text) is None


@pytest.mark.parametrize(
    ("name", "form"),
    [("item_20260131120005.csv", wire.ITEM), ("ITEM_1.CSV", wire.ITEM), ("option_x.csv", wire.OPTION)],
)
def test_result_is_told_by_its_name(name: str, form: wire.Form) -> None:
    assert [each for each in (wire.ITEM, wire.OPTION) if each.is_result(name)] == [form]
    assert not form.is_result(form.name)


def answer(text: str, encoding: str = "cp932") -> Answer:
    return wire.read_answer(wire.ITEM, Entry("item_1.csv", 1, NOON), text.encode(encoding))


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig"])
def test_answer_is_read_row_by_row_in_any_encoding_of_japan(encoding: str) -> None:
    found = answer(RESULT + "OK,ABC-001,1,012\r\n商品がありません。,b,1,3\r\n", encoding)
    assert found.said == {(("abc-001",), "12"): "OK", (("b",), "3"): "商品がありません。"}
    assert found.whole == ""


@pytest.mark.parametrize(
    "text",
    [
        RESULT + "形式が不正です。,,,\r\n",
        RESULT + "形式が不正です。\r\n",
        "コントロールカラム\r\n形式が不正です。\r\n",
    ],
)
def test_one_row_that_names_nothing_refuses_the_whole_file(text: str) -> None:
    assert answer(text).whole == "形式が不正です。"


@pytest.mark.parametrize("text", ["<html>\r\n", "コントロールカラム\r\nOK\r\n", RESULT + "OK,a\r\nOK,b\r\n"])
def test_answer_of_another_form_is_not_understood(text: str) -> None:
    with pytest.raises(UnexpectedReplyError):
        answer(text)


def test_half_written_answer_is_told_from_one_that_is_broken() -> None:
    whole = (RESULT + "OK,a,1,12\r\n").encode("cp932")
    assert all(wire.is_being_written(whole[:end]) for end in range(1, len(whole)) if whole[end - 1] != 10)
    assert not wire.is_being_written(whole)
    assert not wire.is_being_written(b"<html>")


def test_line_takes_the_oldest_answer_after_its_upload_that_has_its_number() -> None:
    ticket = Ticket(wire.ITEM, NOON, Mark("20260131030000", "item_2.csv"))
    sent = LineResult(StockLine("a", ("a",), 5), Outcome.SENT, ticket=str(ticket))

    def after(*found: tuple[str, str, str]) -> Outcome:
        answers = [
            Answer(Mark(stamp, "item_3.csv"), {(("a",), number): said}) for stamp, number, said in found
        ]
        return upload.settled(sent, ticket, answers).outcome

    assert after() is Outcome.SENT
    assert after(("20260131025959", "5", "OK")) is Outcome.SENT, "older than the upload"
    assert after(("20260131030000", "6", "OK")) is Outcome.SENT, "another number"
    assert after(("20260131030000", "5", "OK"), ("20260131030001", "5", "bad")) is Outcome.DONE
    assert after(("20260131030000", "6", "OK"), ("20260131030001", "5", "bad")) is Outcome.REFUSED


# --------------------------------------------------------------------------- downloaded products


def goods(folder: Path, item: str = "", option: str = "", encoding: str = "cp932") -> Goods:
    paths = {"item.csv": item, "option.csv": option}
    for name, text in paths.items():
        (folder / name).write_bytes(text.encode(encoding))
    chosen = [str(folder / name) if text else "" for name, text in paths.items()]
    return read_goods(chosen[0], chosen[1], "1")


def rows(products: list[Product]) -> list[tuple[str, tuple[str, ...], str]]:
    return [(product.mall_code, product.address, product.note) for product in products]


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig"])
def test_item_file_gives_codes_with_their_own_addresses(tmp_path: Path, encoding: str) -> None:
    # A15
    header = "商品名,商品ID,商品管理ID（商品URL）,在庫タイプ\r\n"
    item = header + "マグ,ABC-001,mug-1,1\r\n帽子,,cap,1\r\n本,bk,bk,0\r\n"
    found = goods(tmp_path, item, encoding=encoding).products()
    assert rows(found) == [
        ("ABC-001", ("mug-1",), ""),
        ("", ("cap",), "no 商品ID"),
        ("", ("bk",), "not ordinary stock: 在庫タイプ 0 in the downloaded item.csv"),
    ]
    assert found[0].name == "マグ"


def test_without_a_manage_id_the_product_id_in_lower_case_stands_for_it(tmp_path: Path) -> None:
    assert rows(goods(tmp_path, "商品ID,商品名\r\nABC-001,マグ\r\n").products()) == [
        ("ABC-001", ("abc-001",), "")
    ]


def test_code_that_two_products_have_is_left_out(tmp_path: Path) -> None:
    item = "商品ID,商品管理ID（商品URL）\r\nA,a\r\nA,b\r\n"
    assert rows(goods(tmp_path, item).products()) == [
        ("", ("a",), "code on several products: A"),
        ("", ("b",), "code on several products: A"),
    ]


def test_option_file_gives_skus_under_the_three_ids_joined_by_nothing(tmp_path: Path) -> None:
    header = ",".join(wire.OPTION_HEADER)
    option = f"{header}\r\n,tee,s,,,-red,赤,-m,M,5\r\n,tee,o,刺繍,あり,,,,,\r\n"
    item = "商品ID,商品管理ID（商品URL）,商品名,在庫タイプ\r\ntee,tee,Tシャツ,2\r\n"
    (found,) = goods(tmp_path, item, option).products()
    assert (found.mall_code, found.address, found.name) == (
        "tee-red-m",
        ("tee", "-red", "-m"),
        "Tシャツ 赤 M",
    )


@pytest.mark.parametrize(
    ("item", "option", "named"),
    [
        ("", "", "item_file, option_file"),
        ("商品名\r\nマグ\r\n", "", "item.csv"),
        ("", "コントロールカラム,商品管理ID（商品URL）\r\nu,tee\r\n", "no column 選択肢タイプ"),
    ],
)
def test_product_file_that_cannot_be_used_is_named(
    tmp_path: Path, item: str, option: str, named: str
) -> None:
    with pytest.raises(ConfigError, match=named):
        goods(tmp_path, item, option)


def test_product_file_that_is_gone_is_named() -> None:
    with pytest.raises(ConfigError, match=r"gone\.csv"):
        read_goods("/nowhere/gone.csv", "", "1")


# --------------------------------------------------------------------------- orders

HEADER = ",".join(orders.COLUMNS) + ",注文者氏名\r\n"


def parse(*lines: str, header: str = HEADER, encoding: str = "cp932", **own: str) -> list[Order]:
    content = (header + "".join(f"{line}\r\n" for line in lines)).encode(encoding)
    return orders.parse("order.csv", content, own, {"キャンセル"})


def test_cancelled_status_means_cancelled_and_any_other_sold() -> None:
    row = "{},2026/01/31 12:00:05,{},mug,MUG,,,2,架空 花子"
    found = parse(row.format("2", "キャンセル"), row.format("1", "新規"), row.format("3", ""))
    assert [(order.order_id, order.lines[0].state) for order in found] == [
        ("1", LineState.SOLD),
        ("2", LineState.CANCELLED),
        ("3", LineState.SOLD),
    ]
    assert found[0].ordered_at == NOON
    assert found[0].lines[0].mall_code == "MUG"
    assert "花子" not in repr(found)


def test_code_twice_in_one_order_makes_two_lines() -> None:
    row = "1,2026/01/31 12:00,新規,tee,tee,-red,-m,{},"
    (order,) = parse(row.format(1), row.format(2), "1,2026/01/31 12:00,新規,,TEE,,,1,")
    assert [(one.line_id, one.address, one.quantity) for one in order.lines] == [
        ("tee-red-m", ("tee", "-red", "-m"), 1),
        ("tee-red-m#2", ("tee", "-red", "-m"), 2),
        ("TEE", ("tee",), 1),
    ]


def test_order_twice_in_one_file_counts_as_it_stands_further_down() -> None:
    (order,) = parse(*(f"1,2026/01/31 12:00,{status},mug,mug,,,2," for status in ("新規", "キャンセル")))
    assert [(one.line_id, one.quantity, one.state) for one in order.lines] == [
        ("mug", 2, LineState.CANCELLED)
    ]


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("written", ["2026/01/31 12:00", "2026-01-31 12:00", "2026/1/31 12:00"])
def test_time_without_seconds_is_the_end_of_its_minute(written: str, encoding: str) -> None:
    (order,) = parse(f"1,{written},新規,mug,mug,,,2,", encoding=encoding)
    assert order.ordered_at == NOON + timedelta(seconds=54)


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ("1,2026/01/31 12:00,新規,mug,mug,,,x,架空", "row 3.*個数"),
        ("1,2026/01/31 12:00,新規,mug,mug,,,-1,架空", "row 3.*個数"),
        ("1,31.1.2026,新規,mug,mug,,,1,架空", "row 3.*注文日時"),
        (",2026/01/31 12:00,新規,mug,mug,,,1,架空", "row 3.*注文番号"),
        ("1,2026/01/31 12:00,新規,,,,,1,架空", "row 3.*商品ID"),
        ("1,架空", "row 3"),
    ],
)
def test_row_of_another_form_is_named_without_being_shown(row: str, named: str) -> None:
    with pytest.raises(UnexpectedReplyError, match=named) as caught:
        parse("0,2026/01/31 12:00,新規,mug,mug,,,1,", row)
    assert "架空" not in f"{caught.value!r}{caught.value.evidence}"


def test_missing_order_column_is_named_and_may_be_declared_absent() -> None:
    header = HEADER.replace("SKU縦軸項目ID,", "")
    row = "1,2026/01/31 12:00,新規,tee,tee,-red,1,"
    with pytest.raises(UnexpectedReplyError, match="SKU縦軸項目ID"):
        parse(row, header=header)
    (order,) = parse(row, header=header, SKU縦軸項目ID="")
    assert order.lines[0].address == ("tee", "-red", "")
