"""Qoo10: what its documents leave open is tried each way: a number is right, or an error says why not.

The other tests drive the simulator as it is set usually; here each switch is set otherwise.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from adapters.contract import LineState, Outcome, StockLine
from adapters.errors import AuthError, LineRejectedError, RateLimitedError, TemporaryError
from sandbox.malls.qoo10.settings import Settings
from tests.contract import last_hours, line
from tests.malls import test_qoo10, test_qoo10_wire
from tests.malls.qoo10_bench import Qoo10Bench, running

DAYS: list[dict[str, Any]] = [
    {},
    {"missing_quantity": "keeps"},
    {"missing_expire_date": "keeps"},
    {"empty_price": "keeps"},
    {"missing_price": "refused"},
    {"missing_option_price": "keeps"},
    {"seller_code_alone": True},
    {"empty_option_code": True},
    {"option_code": "ignored"},
    {"sold_out_status": "S1"},
    {"takes_stock": "payment"},
    {"returns_stock_on_cancel": True},
]
HERE = {
    "closed_inventory": "test_listing_that_is_closed_gives_its_number_or_none",
    "write_on_options": "test_item_that_got_options_since_the_import_never_shows_the_number_that_was_lost",
    "one_key": "test_new_key_may_kill_the_one_before",
    "api_delay_s": "test_number_is_read_back_when_the_mall_shows_it",
    "calls_per_s": "test_limit_lower_than_the_pace_is_told_and_what_was_refused_is_written_later",
    "burst": "test_limit_lower_than_the_pace_is_told_and_what_was_refused_is_written_later",
    "bulk_per_s": "test_limit_lower_than_the_pace_is_told_and_what_was_refused_is_written_later",
}
ELSEWHERE = {
    **dict.fromkeys(
        ("charset", "detail_fields", "single_row", "empty_result"),
        "test_every_guessed_form_of_an_answer_is_read",
    ),
    "option_missing_code": "test_option_that_is_gone_is_refused",
    "cancelled_in_shipping": "test_cancelled_order_is_cancelled_however_it_is_found",
    "wrong_key": "test_wrong_key_is_told_with_both_readings_in_either_envelope",
    "expired_code": "test_end_of_the_key_is_told_as_such",
    "maintenance_status": "test_page_about_maintenance_is_told_whatever_its_status",
    "bulk_shape": "test_failed_bulk_call_is_cut_up_whatever_its_rows_look_like",
    "expire_limit": "test_end_of_sale_after_2030_is_written_as_the_last_day_that_works",
    "closed_write_code": "test_listings_that_take_no_number_hold_back_no_other",
    "zone": "test_times_are_read_in_the_zone_of_the_setting",
}
NO_GUESS = {"user_id", "rates", "key_valid_days", "buyer"}
NEVER_MET = {"wrong_login", "page_delay_s"}  # the bot makes no keys and looks at no page


def test_every_switch_is_set_otherwise_in_some_test() -> None:
    known = {**vars(test_qoo10), **vars(test_qoo10_wire), **globals()}
    assert all(name in known for name in [*HERE.values(), *ELSEWHERE.values()])
    tried = [name for day in DAYS for name in day]
    every = [*tried, *HERE, *ELSEWHERE, *NO_GUESS, *NEVER_MET]
    assert sorted(every) == sorted(field.name for field in fields(Settings))


def named(setting: dict[str, Any]) -> str:
    return "-".join(f"{name}={value}" for name, value in setting.items()) or "usual"


@pytest.mark.parametrize("setting", DAYS, ids=named)
def test_day_ends_well_whatever_is_not_documented(tmp_path, setting: dict[str, Any]) -> None:
    with running(tmp_path, rates=0, **setting) as mall:
        before = {row["item_code"]: without_numbers(row) for row in mall.control("listings")}
        adapter = mall.adapter()
        lines = [line(mall, "mug", 4), line(mall, "cap-navy", 0), line(mall, "tee-red-s", 3)]
        gone = StockLine("tee-green-s", (mall.address("tee-red-s")[0], "色||*サイズ", "green||*s"), 1)
        results = adapter.write_stock([*lines, *mall.filler(3), gone])  # five items go in a bulk call
        assert [result.outcome for result in results] == [*[Outcome.DONE] * 3, *[Outcome.REFUSED] * 4]
        assert all(isinstance(result.error, LineRejectedError) for result in results if result.error)
        assert [mall.stock(each.mall_code) for each in lines] == [4, 0, 3]
        after = {row["item_code"]: without_numbers(row) for row in mall.control("listings")}
        assert after == before, "prices, ends of sale and option codes stay as they are"
        sold_out_comes_back(mall, adapter)
        sell_and_cancel(mall, adapter)
        levels = adapter.read_stock([each.address for each in lines])
        assert [levels[each.address].quantity for each in lines] == [mall.stock(e.mall_code) for e in lines]
        assert mall.control("violations") == []
        adapter.close()


def without_numbers(row: dict[str, Any]) -> dict[str, Any]:
    return {
        **row,
        "quantity": 0,
        "status": "",
        "options": [{**each, "quantity": 0} for each in row["options"]],
    }


def sold_out_comes_back(mall: Qoo10Bench, adapter: Any) -> None:
    if mall.listing("cap-navy")["status"] != "S2":
        assert "cap-navy" in {product.mall_code for product in adapter.read_products()}
    assert adapter.read_stock([mall.address("cap-navy")])[mall.address("cap-navy")].quantity == 0
    assert adapter.write_stock([line(mall, "cap-navy", 6)])[0].outcome is Outcome.DONE
    assert mall.stock("cap-navy") == 6


def sell_and_cancel(mall: Qoo10Bench, adapter: Any) -> None:
    placed = mall.control("order", lines=[{"code": "mug", "quantity": 1}], paid=False)
    unpaid, gone = placed["order_id"], mall.order("tee-red-s", 2)
    found = {order.order_id: order.lines[0] for order in adapter.read_orders(last_hours(mall))}
    assert {key: (each.mall_code, each.quantity, each.state) for key, each in found.items()} == {
        unpaid: ("mug", 1, LineState.RESERVED),
        gone: ("tee-red-s", 2, LineState.SOLD),
    }
    mall.cancel(gone)
    again = adapter.read_orders_again([unpaid, gone, "999999999"])
    assert [(order.order_id, order.lines[0].state) for order in again] == [
        (unpaid, LineState.RESERVED),
        (gone, LineState.CANCELLED),
    ]


# --------------------------------------------------------------------------- one switch, one rule


@pytest.mark.parametrize("closed_inventory", ["refused", "given"])
def test_listing_that_is_closed_gives_its_number_or_none(tmp_path, closed_inventory: str) -> None:
    with running(tmp_path, rates=0, closed_inventory=closed_inventory) as mall:
        adapter, row, plain = mall.adapter(), mall.address("tee-red-s"), mall.address("mug")
        for code in ("tee-red-s", "mug"):
            mall.control("edit_listing", code=code, status="S3")
        levels = adapter.read_stock([row, plain])
        assert {address: level.quantity for address, level in levels.items()} == (
            {row: mall.stock("tee-red-s")} if closed_inventory == "given" else {}
        )
        assert not {"tee-red-s", "mug"} & {product.mall_code for product in adapter.read_products()}
        adapter.close()


@pytest.mark.parametrize("write_on_options", ["lost", "refused"])
def test_item_that_got_options_since_the_import_never_shows_the_number_that_was_lost(
    tmp_path, write_on_options: str
) -> None:
    with running(tmp_path, rates=0, write_on_options=write_on_options) as mall:
        adapter, old = mall.adapter(), line(mall, "mug", 3)
        rows = [
            {"code": f"mug-{color}", "choices": {"色": color}, "quantity": 6} for color in ("red", "blue")
        ]
        mall.control("give_options", code="mug", rows=rows)
        (result,) = adapter.write_stock([old])
        if write_on_options == "refused":
            assert result.outcome is Outcome.UNKNOWN
            assert isinstance(result.error, TemporaryError)
        levels = adapter.read_stock([old.address])
        assert levels[old.address].quantity == 12, "which is not what was written, and is told as a drift"
        codes = {product.mall_code: product.address for product in adapter.read_products()}
        assert "mug" not in codes, "the next import finds the rows in place of the item"
        assert adapter.write_stock([StockLine("mug-red", codes["mug-red"], 3)])[0].outcome is Outcome.DONE
        assert mall.stock("mug-red") == 3
        adapter.close()


@pytest.mark.parametrize("one_key", [True, False])
def test_new_key_may_kill_the_one_before(tmp_path, one_key: bool) -> None:
    with running(tmp_path, rates=0, one_key=one_key) as mall:
        old = mall.adapter()
        mall.renew()
        if one_key:
            with pytest.raises(AuthError):
                old.write_stock([line(mall, "mug", 3)])
            assert mall.stock("mug") == 12
        else:
            assert old.write_stock([line(mall, "mug", 3)])[0].outcome is Outcome.DONE
        new = mall.adapter()
        assert new.write_stock([line(mall, "mug", 2)])[0].outcome is Outcome.DONE
        assert mall.stock("mug") == 2
        old.close()
        new.close()


@pytest.mark.parametrize("api_delay_s", [0.0, 300.0])
def test_number_is_read_back_when_the_mall_shows_it(tmp_path, api_delay_s: float) -> None:
    with running(tmp_path, rates=0, api_delay_s=api_delay_s) as mall:
        adapter, lines = mall.adapter(), [line(mall, "mug", 3), line(mall, "tee-red-s", 4)]
        assert {result.outcome for result in adapter.write_stock(lines)} == {Outcome.DONE}

        def shown() -> list[int]:
            levels = adapter.read_stock([each.address for each in lines])
            return [levels[each.address].quantity for each in lines]

        assert shown() == ([12, 20] if api_delay_s else [3, 4])
        mall.world.clock.advance(adapter.abilities.visible_after_s)
        assert shown() == [3, 4], "the bot does not judge a number earlier"
        adapter.close()


@pytest.mark.parametrize("limits", [{"calls_per_s": 0.5, "burst": 1}, {"bulk_per_s": 0.5}], ids=named)
def test_limit_lower_than_the_pace_is_told_and_what_was_refused_is_written_later(
    tmp_path, limits: dict[str, Any]
) -> None:
    with running(tmp_path, rates=0) as mall:
        adapter, lines = mall.adapter(), [line(mall, code, 5) for code in ("mug", "cap-navy")]
        mall.control("setting", rates=1.0, **limits)
        batch = [*lines, *mall.filler(3)]
        results = adapter.write_stock(batch)
        assert not [result for result in results[:2] if result.outcome is Outcome.REFUSED]
        assert [mall.stock(each.mall_code) for each in lines] == [5, 5], "which the first call has done"
        with pytest.raises(RateLimitedError):
            adapter.write_stock(batch)
        mall.world.clock.advance(60)
        mall.control("setting", rates=0.0)
        assert [result.outcome for result in adapter.write_stock(batch)[:2]] == [Outcome.DONE] * 2
        adapter.close()
