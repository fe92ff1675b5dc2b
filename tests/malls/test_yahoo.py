"""Yahoo!ショッピング against its simulator: the contract, then stock and orders as Yahoo! has them."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest

from adapters.contract import (
    Adapter,
    LineState,
    Outcome,
    StockLine,
)
from adapters.errors import (
    MaintenanceError,
    MallError,
    OutcomeUnknownError,
    TemporaryError,
    UnexpectedReplyError,
)
from adapters.yahoo.adapter import YahooAdapter
from tests.contract import AdapterContract, carry_out, last_hours, line
from tests.malls.yahoo_bench import LOOSE, YahooBench, running


@pytest.fixture
def mall(tmp_path) -> Iterator[YahooBench]:
    with running(tmp_path, rates=LOOSE) as bench:
        yield bench
        assert bench.control("violations") == [], "the adapter keeps to the mall's forms"


@pytest.fixture
def adapter(mall: YahooBench) -> Iterator[YahooAdapter]:
    made = mall.adapter()
    yield made
    made.close()


class TestYahoo(AdapterContract):  # A26: its connection check is A19 of the contract
    @pytest.fixture
    def mall(self, tmp_path) -> Iterator[YahooBench]:
        with running(tmp_path, rates=LOOSE) as bench:
            yield bench
            assert bench.control("violations") == [], "the adapter keeps to the mall's forms"

    def test_html_instead_of_data_is_not_understood(self, mall: YahooBench, adapter: Adapter) -> None:
        """The page here is the notice of maintenance that may stand in the place of an error."""
        mall.fault("html")
        for read in [adapter.read_products, lambda: adapter.read_orders(last_hours(mall))]:
            with pytest.raises(MaintenanceError):
                read()
        (result,) = adapter.write_stock([line(mall, mall.codes[0], 1)])
        assert result.outcome is Outcome.UNKNOWN, "a page is never success"


# --------------------------------------------------------------------------- codes and products


def test_variant_is_matched_by_its_own_code_and_a_single_item_by_the_items(mall: YahooBench) -> None:
    # A7, A12
    adapter = mall.adapter()
    found = {product.mall_code: product for product in adapter.read_products()}
    assert found["tee-red-m"].address == ("tee", "tee-red-m")
    assert found["mug"].address == ("mug", "")
    assert "tee" not in found, "an item with variants has no stock of its own"
    assert "商品コード" in adapter.abilities.code_field
    assert "個別商品コード" in adapter.abilities.code_field
    adapter.close()


def test_pair_can_be_the_code(mall: YahooBench) -> None:
    adapter = mall.adapter(code_form="pair")
    assert {"tee:tee-red-m", "mug"} <= {product.mall_code for product in adapter.read_products()}
    (result,) = adapter.write_stock([StockLine("tee:tee-red-m", ("tee", "tee-red-m"), 4)])
    assert result.outcome is Outcome.DONE
    order_id = mall.order("tee-red-m", 1)
    (order,) = adapter.read_orders_again([order_id])
    assert order.lines[0].mall_code == "tee:tee-red-m"
    adapter.close()


@pytest.mark.parametrize("not_ready", ["pm-08003", "202", "403", "500"])
@pytest.mark.parametrize("file_key", [True, False])
def test_file_is_waited_for_however_the_mall_says_that_it_is_not_ready(
    tmp_path, not_ready: str, file_key: bool
) -> None:
    with running(tmp_path, download_s=25.0, not_ready=not_ready, file_key=file_key) as mall:
        adapter = mall.hasty()
        assert {"mug", "tee-red-s"} <= {product.mall_code for product in adapter.read_products()}
        assert mall.functions().count("download_submit") >= 4
        assert mall.control("violations") == []
        adapter.close()


def test_file_that_never_comes_is_temporary(tmp_path) -> None:
    with running(tmp_path, download_s=36_000.0) as mall:
        adapter = mall.hasty()
        with pytest.raises(TemporaryError, match="in time"):
            adapter.read_products()
        assert mall.control("violations") == []
        adapter.close()


# --------------------------------------------------------------------------- stock


def test_pace_at_the_published_rates_is_never_refused(tmp_path) -> None:  # C10
    with running(tmp_path, pace=1.0) as mall:
        adapter = mall.adapter(margin=0.3)  # more than a busy test machine is late
        for quantity in (1, 2):
            assert adapter.write_stock([line(mall, "mug", quantity)])[0].outcome is Outcome.DONE
        levels = adapter.read_stock([mall.address("mug"), *(each.address for each in mall.filler(1500))])
        assert levels[mall.address("mug")].quantity == 2
        assert mall.functions().count("get_stock") == 2, "a thousand codes a call"
        assert mall.control("violations") == []
        adapter.close()


def test_unknown_code_is_taken_without_an_error_and_is_no_product(mall: YahooBench) -> None:
    adapter = mall.adapter()
    (result,) = adapter.write_stock([mall.unknown()])
    assert result.outcome is Outcome.DONE, "the mall keeps the number for an item to come"
    assert mall.unknown().mall_code not in {product.mall_code for product in adapter.read_products()}
    adapter.close()


@pytest.mark.parametrize("single", [400, 207])
@pytest.mark.parametrize("whole", [400, 207])
def test_refused_rows_are_named_whichever_way_the_mall_says_it(
    mall: YahooBench, adapter: Adapter, single: int, whole: int
) -> None:
    mall.control("setting", single_bad=single, all_bad=whole)
    for code in ("cap-navy", "tee-red-s"):
        mall.control("fault", name="refuse", code=code, error="st-02104")
    bad = [line(mall, "cap-navy", 1), line(mall, "tee-red-s", 1)]
    for lines in ([bad[0]], bad, [line(mall, "mug", 3), *bad, line(mall, "tee-blue-l", 4)]):
        results = adapter.write_stock(lines)
        refused = [result for result in results if result.outcome is Outcome.REFUSED]
        assert [result.line for result in refused] == [each for each in lines if each in bad]
        assert {result.error.vendor_code for result in refused if result.error} == {"st-02104"}
        assert all(result.outcome is Outcome.DONE for result in results if result not in refused)
    assert (mall.stock("mug"), mall.stock("tee-blue-l")) == (3, 4)


def test_write_that_came_too_early_takes_another_slot(mall: YahooBench, adapter: Adapter) -> None:
    mall.control("fault", name="rate_limit", count=2)
    assert adapter.write_stock([line(mall, "mug", 4)])[0].outcome is Outcome.DONE
    assert mall.stock("mug") == 4


def test_row_that_was_applied_but_not_read_again_is_unknown(mall: YahooBench, adapter: Adapter) -> None:
    mall.control("fault", name="refuse", code="mug", error="ed-10002")
    results = adapter.write_stock([line(mall, "mug", 3), line(mall, "cap-navy", 4)])
    assert [result.outcome for result in results] == [Outcome.UNKNOWN, Outcome.DONE]
    assert isinstance(results[0].error, OutcomeUnknownError)


@pytest.mark.parametrize(
    "settings",
    [
        {"result_order": "sorted", "padded": True},
        {"counters": False, "is_published": False, "stock_close": True},
        {"error_namespace": False, "orphan_status": 0},
    ],
)
def test_forms_that_are_not_documented_make_no_difference(tmp_path, settings: dict[str, Any]) -> None:
    with running(tmp_path, rates=LOOSE, **settings) as mall:
        adapter = mall.adapter()
        lines = [line(mall, "tee-red-s", 7), line(mall, "mug", 5), line(mall, "cap-navy", 3)]
        assert {result.outcome for result in carry_out(mall, adapter, lines)} == {Outcome.DONE}
        levels = adapter.read_stock([each.address for each in lines])
        assert [levels[each.address].quantity for each in lines] == [7, 5, 3]
        assert mall.control("violations") == []
        adapter.close()


def test_lost_answer_leaves_each_line_unknown(mall: YahooBench, adapter: Adapter) -> None:
    adapter.check()
    mall.control("fault", name="cut_after", function="set_stock")
    results = adapter.write_stock([line(mall, "mug", 2), line(mall, "tee-red-s", 3)])
    assert [result.outcome for result in results] == [Outcome.UNKNOWN] * 2
    assert mall.stock("mug") == 2, "it had its effect, which nobody could know"


def test_cut_xml_is_no_success(mall: YahooBench, adapter: Adapter) -> None:
    mall.control("fault", name="truncated")
    (result,) = adapter.write_stock([line(mall, "mug", 2)])
    assert result.outcome is Outcome.UNKNOWN
    with pytest.raises(UnexpectedReplyError):
        adapter.read_stock([mall.address("mug")])
    with pytest.raises(UnexpectedReplyError):
        adapter.read_orders(last_hours(mall))


def test_failure_after_the_effect_leaves_the_line_unknown(mall: YahooBench, adapter: Adapter) -> None:
    mall.control("fault", name="status_after", code=500, function="set_stock")
    (result,) = adapter.write_stock([line(mall, "mug", 2)])
    assert (result.outcome, mall.stock("mug")) == (Outcome.UNKNOWN, 2)


def test_shop_that_is_being_published_is_temporary(mall: YahooBench, adapter: Adapter) -> None:
    mall.control("fault", name="publishing")
    assert {type(error) for error in errors_of(adapter, line(mall, "mug", 2))} == {TemporaryError}


@pytest.mark.parametrize("code", ["ed-00002", "st-02000"])
def test_old_and_new_code_of_maintenance_are_known(mall: YahooBench, adapter: Adapter, code: str) -> None:
    mall.control("fault", name="error", error=code, function="set_stock")
    assert {type(error) for error in errors_of(adapter, line(mall, "mug", 2))} == {MaintenanceError}
    assert mall.stock("mug") == 12


def test_unknown_code_of_an_error_is_not_called_temporary(mall: YahooBench, adapter: Adapter) -> None:
    mall.control("fault", name="error", error="zz-99999")
    assert {type(error) for error in errors_of(adapter, line(mall, "mug", 2))} == {UnexpectedReplyError}


def errors_of(adapter: Adapter, written: StockLine) -> list[MallError]:
    try:
        return [result.error for result in adapter.write_stock([written]) if result.error]
    except MallError as error:
        return [error]


def test_closing_ends_a_call_that_waits_for_its_answer(mall: YahooBench) -> None:
    adapter, results = mall.adapter(timeout_s=60), []
    mall.control("fault", name="hold", function="set_stock")
    work = Thread(target=lambda: results.extend(adapter.write_stock([line(mall, "mug", 2)])))
    work.start()
    with mall.world.changed:
        assert mall.world.changed.wait_for(lambda: mall.control("held"), timeout=10)
    adapter.close()
    work.join(5)
    mall.control("release")
    assert [result.outcome for result in results] == [Outcome.UNKNOWN]


# --------------------------------------------------------------------------- orders


def test_order_is_searched_first_and_then_read_by_itself(mall: YahooBench, adapter: Adapter) -> None:
    order_id = mall.order("tee-red-m", 2)
    (order,) = adapter.read_orders(last_hours(mall))
    assert mall.functions() == ["token", "order_list", "order_info"]
    (red,) = order.lines
    assert (order.order_id, red.mall_code, red.address) == (order_id, "tee-red-m", ("tee", "tee-red-m"))
    assert (red.quantity, red.state) == (2, LineState.SOLD)
    assert red.revision is not None


def test_nothing_but_reads_is_ever_asked_about_orders(mall: YahooBench, adapter: Adapter) -> None:
    order_id = mall.order("mug", 1)
    adapter.check()
    adapter.read_orders(last_hours(mall))
    mall.cancel(order_id)
    adapter.read_orders_again([order_id])
    asked = set(mall.functions())
    assert asked == {"token", "get_stock", "order_list", "order_info"}


def test_payment_and_delivery_are_handed_over_as_they_came(mall: YahooBench, adapter: Adapter) -> None:
    # E12
    mall.order("mug", 1)
    (order,) = adapter.read_orders(last_hours(mall))
    assert (order.payment, order.delivery) == ("payment_a1", "postage1")


def test_order_that_did_not_change_is_not_asked_for_again(mall: YahooBench, adapter: Adapter) -> None:
    old, other = mall.order("mug", 1), mall.order("cap-navy", 1)
    mall.world.clock.advance(600)
    first = adapter.read_orders(last_hours(mall))
    assert adapter.read_orders(last_hours(mall)) == first
    assert mall.functions().count("order_info") == 2
    mall.cancel(old)
    states = [order.lines[0].state for order in adapter.read_orders_again([old, other])]
    assert states == [LineState.CANCELLED, LineState.SOLD]
    assert mall.functions().count("order_info") == 3


def test_order_that_changed_a_moment_ago_is_asked_for_again(mall: YahooBench, adapter: Adapter) -> None:
    mall.order("mug", 1)
    for _ in range(2):
        adapter.read_orders(last_hours(mall))
    assert mall.functions().count("order_info") == 2, "a second change may fall in the same second"


@pytest.mark.parametrize(
    ("status", "state"),
    [(1, LineState.RESERVED), (2, LineState.SOLD), (3, LineState.RESERVED), (5, LineState.SOLD)],
)
def test_order_is_open_until_it_is_cancelled(
    mall: YahooBench, adapter: Adapter, status: int, state: LineState
) -> None:
    order_id = mall.order("mug", 1)
    mall.control("progress", order_id=order_id, status=status)
    (order,) = adapter.read_orders_again([order_id])
    assert ([each.state for each in order.lines], order.closed) == ([state], False)
    mall.cancel(order_id)
    (order,) = adapter.read_orders_again([order_id])
    assert order.closed


def test_partial_cancel_leaves_what_stands(mall: YahooBench, adapter: Adapter) -> None:
    order_id = mall.order("mug", 3)
    mall.control("partial_cancel", order_id=order_id, line=1, quantity=1)
    (order,) = adapter.read_orders_again([order_id])
    assert [(each.quantity, each.state) for each in order.lines] == [(2, LineState.SOLD)]


@pytest.mark.parametrize(("emptied", "quantities"), [("zero", [0]), ("gone", [])])
def test_line_that_was_taken_out_leaves_nothing(
    mall: YahooBench, adapter: Adapter, emptied: str, quantities: list[int]
) -> None:
    mall.control("setting", emptied_line=emptied)
    order_id = mall.order("mug", 3)
    mall.control("partial_cancel", order_id=order_id, line=1, quantity=3)
    (order,) = adapter.read_orders_again([order_id])
    assert [each.quantity for each in order.lines] == quantities


def test_what_was_not_asked_for_is_dropped(tmp_path) -> None:
    with running(tmp_path, rates=LOOSE, unasked_groups=True) as mall:
        adapter = mall.adapter()
        mall.order("mug", 1)
        shown = repr(adapter.read_orders(last_hours(mall)))
        assert "sandbox-store-" in shown
        assert not [name for name in mall.personal if name in shown]
        adapter.close()


def test_every_page_of_the_orders_is_read(tmp_path) -> None:
    with running(tmp_path, rates=LOOSE, result_max=20) as mall:
        adapter = mall.adapter(order_page=20)
        mall.set_stock("mug", 500)
        bought = [mall.order("mug", 1) for _ in range(45)]
        assert [order.order_id for order in adapter.read_orders(last_hours(mall))] == bought
        assert mall.functions().count("order_list") == 3
        adapter.close()


def test_order_that_is_not_known_is_absent_when_read_again(mall: YahooBench, adapter: Adapter) -> None:
    known = mall.order("mug", 1)
    found = adapter.read_orders_again([known, "sandbox-store-99999"])
    assert [order.order_id for order in found] == [known]


def test_answer_of_status_ng_is_not_understood(mall: YahooBench, adapter: Adapter) -> None:
    mall.order("mug", 1)
    mall.control("fault", name="ng")
    with pytest.raises(UnexpectedReplyError) as caught:
        adapter.read_orders(last_hours(mall))
    assert caught.value.evidence == "", "nothing of an answer about orders is kept"
