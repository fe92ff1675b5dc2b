"""Qoo10 against its simulator: the contract, then products and stock."""

from __future__ import annotations

import json
from collections.abc import Iterator
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import pytest

from adapters.contract import (
    Adapter,
    Outcome,
    StockLine,
)
from adapters.qoo10 import wire
from adapters.secret import Secret
from tests.contract import AdapterContract, last_hours, line
from tests.malls.qoo10_bench import Qoo10Bench, running


@pytest.fixture
def mall(tmp_path) -> Iterator[Qoo10Bench]:
    with running(tmp_path, rates=0) as bench:
        yield bench
        assert bench.control("violations") == [], "the adapter keeps to the mall's forms"


@pytest.fixture
def adapter(mall: Qoo10Bench) -> Iterator[Adapter]:
    made = mall.adapter()
    yield made
    made.close()


class TestQoo10(AdapterContract):
    @pytest.fixture
    def mall(self, tmp_path) -> Iterator[Qoo10Bench]:
        with running(tmp_path, rates=0) as bench:
            yield bench
            assert bench.control("violations") == [], "the adapter keeps to the mall's forms"

    @pytest.mark.parametrize("retry_after", [None])  # the edge of Qoo10 is not known to name a time
    def test_quota_is_told_with_the_time_to_wait(self, mall, adapter, retry_after) -> None:
        super().test_quota_is_told_with_the_time_to_wait(mall, adapter, retry_after)


# --------------------------------------------------------------------------- codes and products


def test_write_that_came_too_early_takes_another_slot(mall: Qoo10Bench, adapter: Adapter) -> None:
    mall.control("fault", name="rate_limit", count=2)
    assert adapter.write_stock([line(mall, "mug", 4)])[0].outcome is Outcome.DONE
    assert mall.stock("mug") == 4


def test_code_is_the_option_code_or_else_the_seller_code(mall: Qoo10Bench, adapter: Adapter) -> None:
    # A7, A12
    found = {product.mall_code: product for product in adapter.read_products()}
    assert found["tee-red-s"].address[1:] == ("色||*サイズ", "red||*s")
    assert found["tee-red-s"].name == "ロゴTシャツ red s"
    assert len(found["mug"].address) == 2
    assert "tee" not in found, "an item with options is no unit itself"
    assert {"販売者商品コード", "販売者オプションコード"} == set(adapter.abilities.code_field.split("／"))


@pytest.mark.parametrize("code", ["", "#NAME?"])
def test_empty_or_doubled_option_code_is_refused_with_the_reason(
    mall: Qoo10Bench, adapter: Adapter, code: str
) -> None:
    for old in ("tee-red-s", "tee-red-l"):
        rename_option(mall, old, code)
    found = adapter.read_products()
    assert code not in {product.mall_code for product in found if product.mall_code}
    notes = [product.note for product in found if not product.mall_code]
    assert len(notes) == 2
    assert all(("販売者オプションコード" in note) if not code else (code in note) for note in notes)
    assert "tee-red-m" in {product.mall_code for product in found}


def rename_option(mall: Qoo10Bench, old: str, new: str) -> None:
    row = next(n for n, each in enumerate(mall.listing("tee")["options"]) if each["code"] == old)
    mall.control("edit_option", code=f"tee#{row}", new_code=new)


def test_code_on_two_items_is_ambiguous(mall: Qoo10Bench, adapter: Adapter) -> None:
    mall.control("edit_listing", code="cap-navy", seller_code="tee-red-m")
    found = [product for product in adapter.read_products() if "tee-red-m" in product.note]
    assert len(found) == 2
    assert {product.mall_code for product in found} == {""}


def test_item_without_a_seller_code_says_so(mall: Qoo10Bench, adapter: Adapter) -> None:
    mall.control("edit_listing", code="mug", seller_code="")
    assert "販売者商品コード" in "".join(product.note for product in adapter.read_products())


def test_item_that_is_not_shown_comes_without_a_code_and_says_why(mall: Qoo10Bench, adapter: Adapter) -> None:
    mall.control("edit_listing", code="mug", status="S3")
    mall.control("edit_listing", code="cap-navy", status="S1")
    found = adapter.read_products()
    (stopped,) = [product for product in found if "S3" in product.note]
    assert (stopped.mall_code, stopped.on_sale) == ("", False)
    assert "mug" in stopped.note
    assert [product.on_sale for product in found if product.mall_code == "cap-navy"] == [False]
    assert adapter.read_stock([mall.address("mug")]) == {}


def test_every_page_of_the_items_is_read_and_a_good_batch_is_one_call(
    mall: Qoo10Bench, adapter: Adapter
) -> None:  # C10
    lines = [line(mall, code, 2) for code in mall.extras(500)]
    before = mall.calls()
    assert {result.outcome for result in adapter.write_stock(lines)} == {Outcome.DONE}
    assert mall.calls() == before + 1


@pytest.mark.parametrize(
    "settings",
    [
        {"detail_fields": "ItemNo"},
        {"single_row": "object"},
        {"empty_result": "absent"},
        {"charset": "euc-kr"},
    ],
    ids=str,
)
def test_every_guessed_form_of_an_answer_is_read(tmp_path, settings: dict[str, Any]) -> None:
    with running(tmp_path, rates=0, **settings) as mall:
        adapter, order_id = mall.adapter(), mall.order("mug", 1)
        assert mall.address("mug")[1] == mall.listing("mug")["expires"]
        assert [order.order_id for order in adapter.read_orders(last_hours(mall))] == [order_id]
        lines = [line(mall, "mug", 4), line(mall, "tee-red-s", 3)]
        assert [result.outcome for result in adapter.write_stock(lines)] == [Outcome.DONE] * 2
        levels = adapter.read_stock([each.address for each in lines])
        assert [levels[each.address].quantity for each in lines] == [4, 3]
        adapter.close()


# --------------------------------------------------------------------------- stock


def fields(form: dict[str, str]) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = json.loads(form["ItemInfoJson"])
    return rows


def test_quantity_and_end_of_sale_are_in_every_form_and_nothing_is_null() -> None:
    mug = StockLine("mug", ("1000000002", "2029-06-30"), 0)
    row = wire.item_row(mug)
    assert row == {"ItemCode": "1000000002", "SellerCode": "mug", "Qty": "0", "ExpireDate": "2029-06-30"}
    assert fields(wire.bulk_form([row, row])) == [row, row]
    red = wire.option_row(StockLine("tee-red", ("1000000001", "カラー||*サイズ", "赤||*M"), 5))
    assert red == {
        "ItemCode": "1000000001",
        "OptionName": "カラー||*サイズ",
        "OptionValue": "赤||*M",
        "OptionCode": "tee-red",
        "Qty": "5",
    }
    body = wire.request(wire.SET_OPTION, "https://x", Secret("k"), red).body or b""
    sent = parse_qs(body.decode(), keep_blank_values=True, strict_parsing=True)
    assert sent == {"returnType": ["application/json"], **{name: [value] for name, value in red.items()}}
    assert not {"Price", "TaxRate", "StartDate", "Status"} & (row.keys() | red.keys())


def test_write_changes_the_number_alone(mall: Qoo10Bench, adapter: Adapter) -> None:
    mall.hoods(60)
    before = {row["item_code"]: row for row in mall.control("listings")}
    for lines in (
        [line(mall, "mug", 1), line(mall, "tee-red-s", 2)],
        [line(mall, code, 7) for code in mall.addresses],
    ):
        assert {result.outcome for result in adapter.write_stock(lines)} == {Outcome.DONE}
    for row in mall.control("listings"):
        assert without_numbers(row) == without_numbers(before[row["item_code"]])
    assert {mall.stock(code) for code in mall.addresses} == {7}
    assert mall.calls("UpdateInventoryDataBulk") == 1


def without_numbers(row: dict[str, Any]) -> dict[str, Any]:
    options = [{**option, "quantity": 0} for option in row["options"]]
    return {**row, "quantity": 0, "options": options}


@pytest.mark.parametrize("expire_limit", [True, False])
def test_end_of_sale_after_2030_is_written_as_the_last_day_that_works(
    mall: Qoo10Bench, adapter: Adapter, expire_limit: bool
) -> None:
    mall.control("setting", expire_limit=expire_limit)
    mall.control("edit_listing", code="mug", expires="2050-12-31")
    (mug,) = [product for product in adapter.read_products() if product.mall_code == "mug"]
    assert mug.address[1] == "2030-12-31"
    assert "2050-12-31" in mug.note, "a person is told that a write will change it"
    assert adapter.write_stock([StockLine("mug", mug.address, 3)])[0].outcome is Outcome.DONE
    assert mall.stock("mug") == 3


def test_failed_bulk_call_is_cut_up_whatever_its_rows_look_like(
    mall: Qoo10Bench, adapter: Adapter
) -> None:  # C10
    lines = [line(mall, code, 9) for code in mall.extras(40)]
    lines[27] = mall.unknown()
    for number, shape in enumerate(["failed", "all", "pairs", "counted", "none"], 1):
        mall.control("setting", bulk_shape=shape)
        lines = [StockLine(each.mall_code, each.address, number) for each in lines]
        before = mall.calls()
        results = adapter.write_stock(lines)
        assert mall.calls() - before < 20
        assert [place for place, result in enumerate(results) if result.outcome is not Outcome.DONE] == [27]
        assert results[27].outcome is Outcome.REFUSED
        assert {mall.stock(each.mall_code) for each in lines if each is not lines[27]} == {number}


def test_renamed_option_is_found_by_its_code_and_written(mall: Qoo10Bench, adapter: Adapter) -> None:
    old = line(mall, "tee-red-s", 6)
    mall.control("rename_axis", code="tee-red-s", old="色", new="カラー")
    assert adapter.write_stock([old])[0].outcome is Outcome.DONE
    assert mall.stock("tee-red-s") == 6
    assert adapter.read_stock([old.address]) == {}, "the old names are no row any more"


def test_option_that_is_gone_is_refused(mall: Qoo10Bench, adapter: Adapter) -> None:
    gone = StockLine("tee-green-s", (mall.address("tee-red-s")[0], "色||*サイズ", "green||*s"), 1)
    for answer in (-10101, -10001):
        mall.control("setting", option_missing_code=answer)
        results = adapter.write_stock([gone, line(mall, "tee-red-s", 2)])
        assert [result.outcome for result in results] == [Outcome.REFUSED, Outcome.DONE]


def test_renamed_option_with_a_doubled_code_is_refused(mall: Qoo10Bench, adapter: Adapter) -> None:
    old = line(mall, "tee-red-s", 6)
    mall.control("rename_axis", code="tee-red-s", old="色", new="カラー")
    rename_option(mall, "tee-red-l", "tee-red-s")
    (result,) = adapter.write_stock([old])
    assert result.outcome is Outcome.REFUSED
    assert "several" in str(result.error)
    assert {row["quantity"] for row in mall.listing("tee")["options"]} == {20}


def test_many_options_go_in_bulk_and_a_renamed_axis_does_not_stop_them(
    mall: Qoo10Bench, adapter: Adapter
) -> None:
    lines = [line(mall, code, 4) for code in mall.hoods(60)]
    mall.control("rename_axis", code="hood-0", old="色", new="カラー")
    prices = [row["price"] for row in mall.listing("hood")["options"]]
    results = adapter.write_stock([*lines, StockLine("hood-99", (lines[0].address[0], "色", "無"), 1)])
    assert [result.outcome for result in results] == [Outcome.DONE] * 60 + [Outcome.REFUSED]
    assert {mall.stock(each.mall_code) for each in lines} == {4}
    assert [row["price"] for row in mall.listing("hood")["options"]] == prices
    assert (mall.calls("UpdateInventoryDataBulk"), mall.calls("UpdateInventoryQtyUnit")) == (1, 0)


def test_options_that_a_bulk_call_refuses_go_one_by_one(mall: Qoo10Bench, adapter: Adapter) -> None:
    lines = [line(mall, code, 4) for code in mall.hoods(60)]
    mall.control("edit_option", code="hood-0", price=1)  # no row at the item's own price is left
    results = adapter.write_stock(lines)
    assert {result.outcome for result in results} == {Outcome.DONE}
    assert {mall.stock(each.mall_code) for each in lines} == {4}


def test_same_listing_twice_is_refused_before_any_call(mall: Qoo10Bench, adapter: Adapter) -> None:
    item = mall.address("mug")[0]
    results = adapter.write_stock([line(mall, "mug", 2), StockLine("mug", (item, "2028-01-01"), 9)])
    assert [result.outcome for result in results] == [Outcome.DONE, Outcome.REFUSED]
    assert mall.stock("mug") == 2


def test_address_of_another_form_makes_no_call(mall: Qoo10Bench, adapter: Adapter) -> None:
    before = mall.calls()
    for address in [
        (),
        ("1",),
        ("1", ""),
        ("1", "null"),
        ("x", "2030-12-31"),
        ("1", "色", ""),
        ("1", "", "赤"),
    ]:
        (result,) = adapter.write_stock([StockLine("mug", address, 1)])
        assert result.outcome is Outcome.REFUSED
        assert adapter.read_stock([address]) == {}
    assert mall.calls() == before


def test_lost_answers_end_the_batch_and_leave_the_rest_for_the_next_turn(
    mall: Qoo10Bench, adapter: Adapter
) -> None:
    lines = [line(mall, code, 4) for code in mall.hoods(40)]
    mall.fault("cut_after", function="UpdateInventoryQtyUnit")
    before = mall.calls()
    results = adapter.write_stock(lines)
    assert {result.outcome for result in results} == {Outcome.UNKNOWN}
    assert mall.calls() - before < 10


def test_pace_of_its_own_is_never_refused(tmp_path) -> None:
    with running(tmp_path, pace=1.0) as mall:
        adapter = mall.adapter()
        lines = [line(mall, code, 1) for code in mall.addresses]
        assert {result.outcome for result in adapter.write_stock(lines)} == {Outcome.DONE}
        adapter.close()


def test_closing_ends_a_call_that_waits_for_its_answer(mall: Qoo10Bench) -> None:
    adapter, results = mall.adapter(timeout_s=60), []
    mall.control("fault", name="hold", function="SetGoodsPriceQty")
    work = Thread(target=lambda: results.extend(adapter.write_stock([line(mall, "mug", 2)])))
    work.start()
    with mall.world.changed:
        assert mall.world.changed.wait_for(lambda: mall.control("held"), timeout=10)
    adapter.close()
    work.join(5)
    mall.control("release")
    assert [result.outcome for result in results] == [Outcome.UNKNOWN]
