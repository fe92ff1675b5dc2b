"""futureshop: what its documents leave open is tried each way: a number is right, or an error says why not.

The other tests drive the simulator as it is set usually; here each switch is set otherwise.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from adapters.contract import LineState, Outcome, StockLine
from adapters.errors import LineRejectedError
from adapters.futureshop import csvfiles
from sandbox.malls.futureshop.settings import Settings
from tests.contract import last_hours, line
from tests.malls import test_futureshop
from tests.malls.futureshop_shop import LOOSE, PRODUCT_HEADER, FutureshopBench, over_files, running

DAYS: list[dict[str, Any]] = [
    {},
    {"token_replaces": True},
    {"types_required": False},
    {"page": 3},
    {"order_page": 1},
    {"unmanaged_write": "accepted"},
    {"url_codes": "numbered"},
    {"new_status": "COMPLETED"},
    {"returns_stock_on_cancel": True},
]
HERE = {
    "unknown_pair": "test_pair_of_branches_that_is_not_there_is_never_made_where_the_bot_looks_first",
    "pick_up_s": "test_file_is_done_when_it_was_taken_and_sent_until_then",
    **dict.fromkeys(
        ("csv_signs", "variation_header", "product_header"),
        "test_number_over_files_stands_whatever_is_not_documented",
    ),
}
ELSEWHERE = {
    **dict.fromkeys(
        ("business_status", "partial_top", "product_atomic"),
        "test_cell_that_a_product_lacks_holds_back_no_other",
    ),
    **dict.fromkeys(
        ("cancel_status", "cancelled_listed"),
        "test_cancelled_order_is_found_in_the_list_or_by_itself",
    ),
    "expires_in": "test_token_is_renewed_before_its_end",
    "token_type": "test_token_type_is_compared_without_case",
    "newest_first": "test_more_orders_than_a_page_are_all_read",
    "missing_order_status": "test_order_that_the_mall_does_not_know_is_absent",
}
NO_GUESS = {"shop_key", "samples", "rates", "buyer"}


def named(setting: dict[str, Any]) -> str:
    return "-".join(f"{name}={value}" for name, value in setting.items()) or "usual"


def test_every_switch_is_set_otherwise_in_some_test() -> None:
    known = {**vars(test_futureshop), **globals()}
    assert all(name in known for name in [*HERE.values(), *ELSEWHERE.values()])
    tried = [name for day in DAYS for name in day]
    assert sorted([*tried, *HERE, *ELSEWHERE, *NO_GUESS]) == sorted(field.name for field in fields(Settings))


@pytest.mark.parametrize("setting", DAYS, ids=named)
def test_day_over_the_api_ends_well_whatever_is_not_documented(tmp_path, setting: dict[str, Any]) -> None:
    with running(tmp_path, rates=LOOSE, **setting) as mall:
        adapter, other = mall.adapter(), mall.adapter()
        lines = [line(mall, "mug", 7), line(mall, "tee-red-s", 3), line(mall, "gd3sgray", 1)]
        unmanaged = StockLine("gd5", ("gd5", "", ""), 4)
        results = adapter.write_stock([*lines, mall.refused(), mall.unknown(), unmanaged])
        done = [result.outcome is Outcome.DONE for result in results]
        assert done == [*[True] * 3, False, False, setting == {"unmanaged_write": "accepted"}]
        assert all(isinstance(result.error, LineRejectedError) for result in results if result.error)
        shown = mall.control("stock")
        assert [shown[each.mall_code] for each in lines] == [7, 3, 1]
        assert shown["gd5"] == (4 if done[-1] else 0)
        assert "tee-green-s" not in shown, "no SKU is made by mistake"
        assert other.check().detail  # asks for a token of its own
        sell_and_cancel(mall, adapter)
        levels = adapter.read_stock([each.address for each in lines])
        assert {each.mall_code: levels[each.address].quantity for each in lines} == {
            each.mall_code: mall.stock(each.mall_code) for each in lines
        }
        adapter.close()
        other.close()


@pytest.mark.parametrize("unknown_pair", ["refused", "created"])
def test_pair_of_branches_that_is_not_there_is_never_made_where_the_bot_looks_first(
    tmp_path, unknown_pair: str
) -> None:
    with running(tmp_path, rates=LOOSE, unknown_pair=unknown_pair) as mall:
        careful, usual = mall.adapter(look_first=True), mall.adapter()
        lines = [line(mall, "tee-red-s", 3), mall.refused(), line(mall, "mug", 7)]
        outcomes = [Outcome.DONE, Outcome.REFUSED, Outcome.DONE]
        assert mall.outcomes(careful, lines) == outcomes
        assert "tee-green-s" not in mall.control("stock")
        if unknown_pair == "refused":  # as is believed, so that the look is spared
            assert mall.outcomes(usual, lines) == outcomes
        assert [mall.stock(code) for code in ("tee-red-s", "mug")] == [3, 7]
        careful.close()
        usual.close()


def sell_and_cancel(mall: FutureshopBench, adapter) -> None:
    bought, gone = mall.order("mug", 2), mall.order("tee-red-s", 1)
    found = {order.order_id: order.lines[0] for order in adapter.read_orders(last_hours(mall))}
    assert {key: (found[key].mall_code, found[key].quantity) for key in found} == {
        bought: ("mug", 2),
        gone: ("tee-red-s", 1),
    }
    assert {each.state for each in found.values()} == {LineState.SOLD}
    mall.cancel(gone)
    again = adapter.read_orders_again([bought, gone, "999999999999"])
    assert [(order.order_id, order.lines[0].state) for order in again] == [
        (bought, LineState.SOLD),
        (gone, LineState.CANCELLED),
    ]


FILES: list[dict[str, Any]] = [
    {},
    {"csv_signs": "refused"},
    {"url_codes": "numbered"},
    {"variation_header": csvfiles.VARIATION_HEADER + ",予備"},
    {"product_header": PRODUCT_HEADER + ",予備"},
]


@pytest.mark.parametrize("setting", FILES, ids=lambda setting: "-".join(setting) or "usual")
def test_number_over_files_stands_whatever_is_not_documented(tmp_path, setting: dict[str, Any]) -> None:
    with over_files(tmp_path, **setting) as mall:
        download(mall, setting)
        adapter = mall.adapter()
        lines = [line(mall, "tee-red-s", 3), line(mall, "tee-blue-l", 0), line(mall, "mug", 4)]
        for _ in range(2):  # a number that sets may be sent again
            sent = adapter.write_stock(lines)
            mall.settle()
            assert [result.outcome for result in adapter.confirm(sent)] == [Outcome.DONE] * 3
            assert [mall.stock(each.mall_code) for each in lines] == [3, 0, 4]
        assert [mail["errors"] for mail in mall.control("mails")] == [[]] * 4


def download(mall, setting: dict[str, Any]) -> None:
    """Take the samples from the admin screen once more: with its header and its 商品URLコード."""
    for path, form in ((mall.variation_file, "variation_header"), (mall.product_file, "product_header")):
        header, *rows = path.read_text("cp932").splitlines()
        wider = ",x" if form in setting else ""
        rows = [with_url_code(mall, setting, row, wider) for row in rows]
        path.write_bytes("\r\n".join([setting.get(form, header), *rows, ""]).encode("cp932"))


def with_url_code(mall, setting: dict[str, Any], row: str, wider: str) -> str:
    if "url_codes" in setting:
        product_no = next(number for number in ("tee", "mug", "cap-navy") if number in row.split(","))
        row = row.replace(product_no, mall.control("url_codes")[product_no], 1)
    return row + wider


@pytest.mark.parametrize("pick_up_s", [0.05, 3600.0])
def test_file_is_done_when_it_was_taken_and_sent_until_then(tmp_path, pick_up_s: float) -> None:
    with over_files(tmp_path) as mall:
        mall.control("setting", pick_up_s=pick_up_s)
        adapter = mall.adapter()
        sent = adapter.write_stock([line(mall, "mug", 4)])
        assert mall.stock("mug") in (4, 12)
        if pick_up_s > 60:
            assert [result.outcome for result in adapter.confirm(sent)] == [Outcome.SENT]
            mall.world.clock.advance(pick_up_s)
        mall.settle()
        assert [result.outcome for result in adapter.confirm(sent)] == [Outcome.DONE]
        assert mall.stock("mug") == 4
