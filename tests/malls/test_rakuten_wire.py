"""楽天市場 on the wire: what its documents warn of, and both readings of what they leave open."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.contract import Adapter, CredentialState, LineState, Outcome, StockLine, Window
from adapters.errors import (
    AuthError,
    LineRejectedError,
    MaintenanceError,
    MallError,
    RateLimitedError,
    TemporaryError,
    UnexpectedReplyError,
)
from tests.contract import everything_of, last_hours, line
from tests.malls.rakuten_shop import LOOSE, RakutenBench, running


@pytest.fixture
def mall(tmp_path) -> Iterator[RakutenBench]:
    with running(tmp_path, rates=LOOSE) as bench:
        yield bench
        assert bench.control("violations") == [], "the adapter keeps to the mall's forms"


@pytest.fixture
def adapter(mall: RakutenBench) -> Iterator[Adapter]:
    made = mall.adapter()
    yield made
    made.close()


def paths(mall: RakutenBench) -> list[tuple[str, str]]:
    return [(entry["method"], entry["path"]) for entry in mall.control("journal")]


# --------------------------------------------------------------------------- stock


def test_stock_is_addressed_by_manage_number_and_sku_number_together(
    mall: RakutenBench, adapter: Adapter
) -> None:
    red, mug = mall.address("tee-red-s"), mall.address("mug")
    swapped = (mug[0], red[1])
    assert adapter.write_stock([StockLine("mug", swapped, 77)])[0].outcome is Outcome.DONE
    assert (mall.stock("mug"), mall.stock("tee-red-s")) == (12, 20), "neither half names a stock"
    assert set(adapter.read_stock([red, mug, (red[0], mug[1])])) == {red, mug}


@pytest.mark.parametrize("readable", [True, False])
def test_unknown_pair_is_answered_204_and_only_the_import_finds_it_out(
    mall: RakutenBench, adapter: Adapter, readable: bool
) -> None:
    mall.control("setting", orphans_readable=readable)
    unknown = mall.unknown()
    assert adapter.write_stock([unknown])[0].outcome is Outcome.DONE
    assert [entry["status"] for entry in mall.control("journal")][-1] == 204
    level = adapter.read_stock([unknown.address]).get(unknown.address)
    assert (level.quantity if level else None) == (1 if readable else None), "a read proves nothing"
    assert unknown.address not in {product.address for product in adapter.read_products()}
    mall.world.clock.advance(26 * 3600)
    assert adapter.read_stock([unknown.address]) == {}, "the mall forgets it after a day"


@pytest.mark.parametrize("unknown_pair", ["absent", "refused"])
def test_unknown_pair_in_a_bulk_read_is_never_a_number(
    mall: RakutenBench, adapter: Adapter, unknown_pair: str
) -> None:
    mall.control("setting", unknown_pair=unknown_pair)
    known, unknown = mall.address("mug"), mall.unknown().address
    assert adapter.read_stock([known])[known].quantity == 12
    if unknown_pair == "absent":
        assert set(adapter.read_stock([unknown, known])) == {known}
        return
    with pytest.raises(UnexpectedReplyError) as caught:
        adapter.read_stock([unknown, known])
    assert caught.value.vendor_code == "GE0014"


@pytest.mark.parametrize("case", ["kept", "folded"])
def test_sku_number_in_capitals_is_found_whether_the_mall_keeps_its_case(
    mall: RakutenBench, adapter: Adapter, case: str
) -> None:
    mall.control("setting", variant_case=case)
    pair = mall.control("rekey", code="tee-red-s", variant_id="R-SKU-A")
    address = (pair["manage_number"], "R-SKU-A")
    other = (pair["manage_number"], "r-sku-a")
    assert adapter.write_stock([StockLine("tee-red-s", address, 6)])[0].outcome is Outcome.DONE
    assert mall.stock("tee-red-s") == 6
    assert adapter.read_stock([address])[address].quantity == 6
    assert address in {product.address for product in adapter.read_products()}
    if case == "kept":
        assert adapter.read_stock([other, address]).keys() == {address}, "another SKU's number is no answer"


def test_every_row_of_a_write_says_its_mode(mall: RakutenBench, adapter: Adapter) -> None:
    results = adapter.write_stock([line(mall, "mug", 3), line(mall, "tee-red-s", 4)])
    assert {result.outcome for result in results} == {Outcome.DONE}
    assert mall.control("seen", text='"mode": "ABSOLUTE", "quantity": 3')
    assert mall.control("seen", text='"mode": "ABSOLUTE", "quantity": 4')
    assert not mall.control("seen", text="RELATIVE")


def test_same_pair_twice_would_fail_the_call_and_is_refused_before_it(
    mall: RakutenBench, adapter: Adapter
) -> None:
    manage, variant = mall.address("tee-red-s")
    twins = [line(mall, "tee-red-s", 5), StockLine("tee-red-s", (manage.upper(), variant), 6)]
    results = adapter.write_stock([*twins, line(mall, "mug", 3)])
    assert [result.outcome for result in results] == [Outcome.DONE, Outcome.REFUSED, Outcome.DONE]
    assert [entry["function"] for entry in mall.control("journal")].count("bulk_upsert") == 1


@pytest.mark.parametrize("orphans_count", [True, False])
def test_401st_cell_of_an_item_is_refused_by_its_name(
    mall: RakutenBench, adapter: Adapter, orphans_count: bool
) -> None:
    mall.control("setting", orphans_count=orphans_count)
    bad = mall.refused()
    results = adapter.write_stock([line(mall, "mug", 3), bad])
    if not orphans_count:
        assert [result.outcome for result in results] == [Outcome.DONE] * 2, "no item: nothing to fill"
        return
    assert [result.outcome for result in results] == [Outcome.DONE, Outcome.REFUSED]
    assert isinstance(results[1].error, LineRejectedError)
    assert "limit" in results[1].error.reason


@pytest.mark.parametrize("kept", [True, False])
def test_only_bulk_writes_of_version_2_0_are_made_as_2_1_would_wipe_lead_times(
    mall: RakutenBench, adapter: Adapter, kept: bool
) -> None:
    mall.control("setting", keeps_lead_times=kept)
    mall.control("lead_time", code="mug", normal_id=2)
    for quantity in (3, 4):
        adapter.write_stock([line(mall, "mug", quantity), line(mall, "tee-red-s", quantity)])
    assert (mall.stock("mug"), mall.stock("tee-red-s")) == (4, 4)
    writes = [(method, path) for method, path in paths(mall) if "inventories" in path]
    assert set(writes) == {("POST", "/es/2.0/inventories/bulk-upsert")}
    assert bool(mall.control("lead_time", code="mug")) is kept, "the mall's own doing, not the adapter's"


def test_call_above_the_rate_is_made_again_when_the_mall_has_told_how_long_to_wait(tmp_path) -> None:
    with running(tmp_path, rates=LOOSE, retry_after=True) as mall:
        mall.control("setting", rates=1.0)
        adapter = mall.adapter()
        for quantity in (3, 4):
            assert adapter.write_stock([line(mall, "mug", quantity)])[0].outcome is Outcome.DONE
        assert mall.stock("mug") == 4
        adapter.close()


def test_call_above_the_rate_is_given_up_when_no_time_was_told(tmp_path) -> None:
    with running(tmp_path, rates=LOOSE) as mall:
        mall.control("setting", rates=1.0)
        adapter = mall.adapter()  # its own penalty is short, at its pace
        adapter.write_stock([line(mall, "mug", 3)])
        with pytest.raises(RateLimitedError) as caught:
            adapter.write_stock([line(mall, "mug", 4)])
        assert caught.value.retry_after_s is None
        assert mall.stock("mug") == 3
        adapter.close()


@pytest.mark.parametrize("atomic", [True, False])
def test_refused_batch_ends_right_whether_or_not_rows_before_were_applied(
    mall: RakutenBench, adapter: Adapter, atomic: bool
) -> None:
    bad = mall.refused()
    if not atomic:
        mall.control("fault", name="non_atomic")
    results = adapter.write_stock([line(mall, "mug", 2), bad, line(mall, "tee-red-s", 3)])
    assert [result.outcome for result in results] == [Outcome.DONE, Outcome.REFUSED, Outcome.DONE]
    assert (mall.stock("mug"), mall.stock("tee-red-s")) == (2, 3)


def test_shop_that_was_not_moved_to_skus_is_told_by_the_malls_code(tmp_path) -> None:
    with running(tmp_path, rates=LOOSE) as mall:
        mall.control("setting", migrated=False)
        adapter = mall.adapter()
        with pytest.raises(UnexpectedReplyError) as caught:
            adapter.read_stock([mall.address("mug")])
        assert caught.value.vendor_code == "IE1105"
        with pytest.raises(UnexpectedReplyError):
            adapter.write_stock([line(mall, "mug", 3)])
        adapter.close()


# --------------------------------------------------------------------------- products


@pytest.mark.parametrize("option", [True, False])
def test_import_needs_no_paid_option(mall: RakutenBench, adapter: Adapter, option: bool) -> None:
    mall.control("setting", bulk_edit_option=option)
    assert {"mug", "tee-red-s"} <= {product.mall_code for product in adapter.read_products()}
    assert {entry["function"] for entry in mall.control("journal")} == {"items_search"}


@pytest.mark.parametrize("lag_s", [0.0, 86_400.0])
def test_item_is_imported_once_the_search_has_it_and_gone_once_it_was_deleted(
    mall: RakutenBench, adapter: Adapter, lag_s: float
) -> None:
    mall.world.clock.advance(2 * 86_400)  # the shop's own goods are older than any lag
    mall.control("setting", index_lag_s=lag_s)
    mall.control("add_product", code="new-bag", name="かばん", quantity=3)
    mall.control("remove_product", code="mug")
    known = {product.mall_code for product in adapter.read_products()}
    assert ("new-bag" in known) is (lag_s == 0)
    assert "mug" not in known, "still in the search, with its manage number only"
    mall.world.clock.advance(lag_s + 1)
    assert "new-bag" in {product.mall_code for product in adapter.read_products()}


def test_code_on_two_skus_is_neither_ones(mall: RakutenBench, adapter: Adapter) -> None:
    mall.control("edit_listing", code="mug", link_code="cap-navy")
    found = {product.address: product for product in adapter.read_products()}
    twins = [found[mall.address(code)] for code in ("mug", "cap-navy")]
    assert [twin.mall_code for twin in twins] == ["", ""]
    assert all("cap-navy" in twin.note for twin in twins)


# --------------------------------------------------------------------------- orders


def test_every_page_of_an_order_search_is_read(mall: RakutenBench) -> None:
    adapter = mall.adapter(order_page=7)
    mall.set_stock("mug", 100)
    bought = [mall.order("mug", 1) for _ in range(23)]
    assert [order.order_id for order in adapter.read_orders(last_hours(mall))] == bought
    assert [entry["function"] for entry in mall.control("journal")].count("search_order") == 4
    adapter.close()


@pytest.mark.parametrize("total", ["cap", "all"])
def test_window_with_more_orders_than_a_search_reaches_is_cut_until_all_come(tmp_path, total: str) -> None:
    """A search reaches 15,000 orders on the live mall, and ten here."""
    with running(tmp_path, rates=LOOSE, search_cap=10, search_total=total) as mall:
        adapter = mall.adapter(order_cap=10, order_page=4)
        mall.set_stock("mug", 100)
        bought = []
        for _ in range(33):
            bought.append(mall.order("mug", 1))
            mall.world.clock.advance(20)
        assert [order.order_id for order in adapter.read_orders(last_hours(mall))] == bought
        assert mall.control("violations") == []
        adapter.close()


def test_more_orders_in_one_second_than_a_search_reaches_are_told_and_not_cut_off(tmp_path) -> None:
    with running(tmp_path, rates=LOOSE, search_cap=3) as mall:
        adapter = mall.adapter(order_cap=3)
        for _ in range(4):
            mall.control("order", lines=[{"code": "mug", "quantity": 1}])
        with pytest.raises(UnexpectedReplyError, match="one second"):
            adapter.read_orders(last_hours(mall))
        adapter.close()


def test_order_search_reaches_back_730_days_and_63_at_a_time(mall: RakutenBench) -> None:
    mall.world.clock.advance(800 * 86_400)
    mall.renew()
    old = mall.order("mug", 1)
    mall.world.clock.advance(729 * 86_400)
    mall.renew()
    adapter, new = mall.adapter(), mall.order("mug", 1)
    window = Window(mall.now() - timedelta(days=1500), mall.now() + timedelta(minutes=1))
    assert [order.order_id for order in adapter.read_orders(window)] == [old, new]
    assert [entry["function"] for entry in mall.control("journal")].count("search_order") == 12
    adapter.close()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("ORDER_EXT_API_SEARCH_ORDER_ERROR_009", UnexpectedReplyError),
        ("ES04-01", AuthError),
        ("GE0019", TemporaryError),
    ],
)
def test_error_in_a_message_list_on_http_200_is_no_empty_answer(
    mall: RakutenBench, adapter: Adapter, code: str, expected: type[MallError]
) -> None:
    order_id = mall.order("mug", 1)
    for function in ("search_order", "get_order"):
        mall.control("fault", name="order_message", function=function, code=code)
        with pytest.raises(expected) as caught:
            adapter.read_orders(last_hours(mall))
        assert caught.value.vendor_code == code
        mall.clear_faults()
    assert [order.order_id for order in adapter.read_orders(last_hours(mall))] == [order_id]


def test_error_about_one_order_on_http_200_hides_none_of_the_others(
    mall: RakutenBench, adapter: Adapter
) -> None:
    bought = [mall.order("mug", 1) for _ in range(2)]
    error = {"code": "ORDER_EXT_API_GET_ORDER_ERROR_016", "order_number": bought[0]}
    mall.control("fault", name="order_message", function="get_order", count=1, **error)
    with pytest.raises(TemporaryError, match=r"1 of 2 orders|0 of 2 orders"):
        adapter.read_orders(last_hours(mall))
    assert [order.order_id for order in adapter.read_orders(last_hours(mall))] == bought


def test_error_about_an_order_in_a_search_is_no_empty_search(mall: RakutenBench, adapter: Adapter) -> None:
    order_id = mall.order("mug", 1)
    error = {"code": "ORDER_EXT_API_SEARCH_ORDER_ERROR_016", "order_number": order_id}
    mall.control("fault", name="order_message", function="search_order", **error)
    with pytest.raises(UnexpectedReplyError):
        adapter.read_orders(last_hours(mall))


@pytest.mark.parametrize("told", ["info", "error", "absent"])
def test_order_that_the_mall_no_longer_knows_is_absent_however_it_says_so(
    mall: RakutenBench, adapter: Adapter, told: str
) -> None:
    mall.control("setting", unknown_order=told)
    known = mall.order("mug", 1)
    again = adapter.read_orders_again(["999999-20260101-0000000001", known])
    assert [order.order_id for order in again] == [known]


@pytest.mark.parametrize(("lowers", "returns"), [(True, True), (True, False), (False, False)])
def test_cancelled_order_gives_back_whatever_the_mall_does_with_its_own_number(
    mall: RakutenBench, adapter: Adapter, lowers: bool, returns: bool
) -> None:
    mall.control("setting", sale_lowers_stock=lowers, returns_stock_on_cancel=returns)
    order_id, mug = mall.order("mug", 2), mall.address("mug")
    sold = 10 if lowers else 12
    assert adapter.read_stock([mug])[mug].quantity == sold
    mall.cancel(order_id)
    (order,) = adapter.read_orders_again([order_id])
    assert [(each.quantity, each.state) for each in order.lines] == [(2, LineState.CANCELLED)]
    assert adapter.read_stock([mug])[mug].quantity == (12 if returns else sold)


def test_times_are_read_with_and_without_a_colon_in_their_offset(
    mall: RakutenBench, adapter: Adapter
) -> None:
    """The order functions write ``+0900``, the stock functions ``+09:00``."""
    bought_at = mall.now().replace(microsecond=0)
    order_id = mall.order("mug", 1)
    (order,) = adapter.read_orders(last_hours(mall))
    assert (order.order_id, order.ordered_at.utcoffset()) == (order_id, timedelta())
    assert order.ordered_at == bought_at.astimezone(UTC)
    written_at = mall.now().replace(microsecond=0)
    mall.set_stock("mug", 5)
    level = adapter.read_stock([mall.address("mug")])[mall.address("mug")]
    assert level.updated_at == written_at
    assert mall.control("seen", text="+0900"), "the search asks in the order functions' own form"
    assert not mall.control("seen", text="+09:00")


# --------------------------------------------------------------------------- the licence key


def test_licence_key_is_looked_up_by_its_url_and_never_logged(
    mall: RakutenBench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    adapter = mall.adapter()
    adapter.credential_status()
    assert mall.control("seen", text=f"licenseKey={mall.licence}"), "the key does go in the query"
    shown = []
    for fault in ("server_error", "cut_after", "html", "rate_limit", "maintenance"):
        mall.fault(fault)
        try:
            shown.append(repr(adapter.credential_status()))
        except Exception as error:  # noqa: BLE001 - whatever comes must not show the key
            shown.append(everything_of(error))
        mall.clear_faults()
    mall.expire()
    shown.append(repr(adapter.credential_status()))
    shown += [record.getMessage() + str(record.args) + str(record.exc_text) for record in caplog.records]
    assert not [text for text in shown if mall.licence in text]
    adapter.close()


@pytest.mark.parametrize("form", ["plain", "fraction", "z", "offset"])
def test_end_of_the_key_is_the_same_moment_in_whatever_form(mall: RakutenBench, form: str) -> None:
    mall.control("setting", expiry_form=form)
    issued = mall.control("issue_key", valid_days=30, activation_s=0)
    mall._use(issued["licence_key"])
    adapter = mall.adapter()
    status = {found.kind: found for found in adapter.credential_status()}["licence"]
    assert status.expires_at is not None
    off = status.expires_at - datetime.fromisoformat(issued["expires_at"])
    assert abs(off) < timedelta(seconds=1)
    adapter.close()


@pytest.mark.parametrize("days", [30, 90])
def test_key_that_is_over_is_refused_whenever_the_mall_ends_it(tmp_path, days: int) -> None:
    with running(tmp_path, rates=LOOSE, key_valid_days=days) as mall:
        adapter = mall.adapter()
        mall.world.clock.advance((days - 0.1) * 86_400)
        assert adapter.check().detail
        mall.world.clock.advance(1.1 * 86_400)  # a key lives to the end of its day
        with pytest.raises(AuthError) as caught:
            adapter.read_orders(last_hours(mall))
        assert caught.value.vendor_code == "GA0001"
        status = {found.kind: found.state for found in adapter.credential_status()}
        assert status["licence"] is CredentialState.REFUSED
        adapter.close()


UNTICKED: list[dict[str, Any]] = [
    {"untick_form": "GA0001"},
    {"untick_form": "ES04-01", "untick_status": 400},
    {"untick_form": "ES04-01", "untick_status": 200},
]


@pytest.mark.parametrize("form", UNTICKED)
def test_function_that_is_not_ticked_is_named_however_the_gateway_says_it(
    mall: RakutenBench, adapter: Adapter, form: dict[str, Any]
) -> None:
    mall.control("setting", **form)
    for function in ("bulk_get_range", "search_order"):
        mall.control("fault", name="not_ticked", function=function)
        with pytest.raises(AuthError) as caught:
            adapter.check()
        assert caught.value.hint == "function_not_ticked"
        assert caught.value.vendor_code == form["untick_form"]
        mall.clear_faults()


@pytest.mark.parametrize("form", UNTICKED)
def test_function_that_is_not_ticked_is_never_an_empty_list_and_never_a_write(
    mall: RakutenBench, adapter: Adapter, form: dict[str, Any]
) -> None:
    mall.control("setting", **form)
    mall.order("mug", 1)
    for function in ("search_order", "get_order", "bulk_upsert", "bulk_get", "items_search"):
        mall.control("fault", name="not_ticked", function=function)
    calls = [
        lambda: adapter.read_orders(last_hours(mall)),
        lambda: adapter.read_stock([mall.address("mug")]),
        adapter.read_products,
        lambda: adapter.write_stock([line(mall, "mug", 3)]),
    ]
    for call in calls:
        with pytest.raises(AuthError):
            call()
    assert mall.stock("mug") == 11


@pytest.mark.parametrize("form", UNTICKED)
def test_expiry_that_is_not_ticked_is_no_dead_key_however_the_gateway_says_it(
    mall: RakutenBench, adapter: Adapter, form: dict[str, Any]
) -> None:
    mall.control("setting", **form)
    mall.control("fault", name="not_ticked", function="expiry_date")
    status = {found.kind: found for found in adapter.credential_status()}["licence"]
    assert (status.state, status.expires_at) == (CredentialState.OK, None)


def test_maintenance_of_the_orders_alone_leaves_the_stock(mall: RakutenBench, adapter: Adapter) -> None:
    mall.control("fault", name="maintenance", api="order")
    with pytest.raises(MaintenanceError):
        adapter.read_orders(last_hours(mall))
    assert adapter.write_stock([line(mall, "mug", 3)])[0].outcome is Outcome.DONE
