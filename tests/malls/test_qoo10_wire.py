"""Qoo10: its envelopes and codes, its orders, its credentials and settings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pytest

from adapters.clock import SystemClock
from adapters.contract import (
    Adapter,
    CredentialState,
    LineState,
    Outcome,
    ShopSettings,
    Window,
)
from adapters.errors import (
    AuthError,
    ConfigError,
    MaintenanceError,
    MallError,
    RateLimitedError,
    TemporaryError,
    UnexpectedReplyError,
)
from adapters.http import Reply
from adapters.qoo10 import orders, wire
from adapters.qoo10.adapter import Qoo10Adapter, create
from adapters.secret import Secret
from tests.contract import last_hours, line
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


# --------------------------------------------------------------------------- envelopes and codes


@pytest.mark.parametrize("wrong_key", ["gate", "result"])
def test_wrong_key_is_told_with_both_readings_in_either_envelope(tmp_path, wrong_key: str) -> None:
    with running(tmp_path, rates=0, wrong_key=wrong_key) as mall:
        mall.key = "FAKE_g_1_NOBODY_g_2_"
        adapter = mall.adapter()
        with pytest.raises(AuthError) as caught:
            adapter.check()
        assert caught.value.vendor_code in ("-90001", "-10000")
        assert caught.value.hint == ("key_or_method" if caught.value.vendor_code == "-90001" else "")
        (status,) = adapter.credential_status()
        assert status.state is CredentialState.REFUSED
        adapter.close()


def test_end_of_the_key_is_told_as_such(mall: Qoo10Bench, adapter: Adapter) -> None:
    mall.expire()
    for code in (-90004, -90005):
        mall.control("setting", expired_code=code)
        with pytest.raises(AuthError, match=str(code)) as caught:
            adapter.check()
        assert caught.value.expired


def test_change_of_the_qsm_password_kills_the_key(mall: Qoo10Bench, adapter: Adapter) -> None:
    mall.control("change_password")
    with pytest.raises(AuthError):
        adapter.read_stock([mall.address("mug")])
    mall.renew()
    renewed = mall.adapter()
    assert renewed.check().detail
    renewed.close()


def test_check_names_a_method_that_is_not_granted(mall: Qoo10Bench, adapter: Adapter) -> None:
    mall.control("fault", name="not_authorised", function="GetShippingInfo_v3")
    with pytest.raises(AuthError, match="GetShippingInfo_v3") as caught:
        adapter.check()
    assert caught.value.hint == "method_not_granted"
    mall.control("clear_faults")
    mall.control("fault", name="not_authorised", function="GetAllGoodsInfo")
    (status,) = adapter.credential_status()
    assert status.state is CredentialState.OK, "the key itself is good"


def test_refusals_come_with_http_200_and_none_is_a_success(mall: Qoo10Bench, adapter: Adapter) -> None:
    lines = [mall.unknown(), line(mall, "mug", 3)]
    assert [result.outcome for result in adapter.write_stock(lines)] == [Outcome.REFUSED, Outcome.DONE]
    assert adapter.read_orders_again(["999999999"]) == []
    for code in (-1, -2, -10, -10002, -10003, -54321):
        mall.control("clear_faults")
        mall.control("fault", name="result", code=code, message="SUCCESS")
        with pytest.raises(MallError):
            adapter.read_stock([mall.address("mug")])
        (result,) = adapter.write_stock([line(mall, "mug", 9)])
        assert result.outcome is not Outcome.DONE
    assert mall.stock("mug") == 3
    assert {row["status"] for row in mall.control("journal")} == {200}


def test_unknown_code_is_not_understood(mall: Qoo10Bench, adapter: Adapter) -> None:
    for fault in ("result", "gate"):
        mall.control("fault", name=fault, code=-54321, count=1)
        with pytest.raises(UnexpectedReplyError, match="-54321"):
            adapter.read_stock([mall.address("mug")])


def test_server_exception_is_temporary(mall: Qoo10Bench, adapter: Adapter) -> None:
    for code in (-999, -990, -101, -10101):
        mall.control("clear_faults")
        mall.control("fault", name="result", code=code)
        with pytest.raises(TemporaryError):
            adapter.read_stock([mall.address("mug")])
        (result,) = adapter.write_stock([line(mall, "mug", 3)])
        assert result.outcome is Outcome.UNKNOWN, "it may have been carried out"
        assert isinstance(result.error, TemporaryError)


def test_bulk_call_that_fails_as_a_whole_holds_back_no_line(mall: Qoo10Bench, adapter: Adapter) -> None:
    lines = [line(mall, code, 6) for code in mall.extras(9)]
    for code in (-999, -10101, -54321):
        mall.control("clear_faults")
        mall.control("fault", name="result", code=code, function="SetGoodsPriceQtyBulk")
        assert {result.outcome for result in adapter.write_stock(lines)} == {Outcome.DONE}
    assert {mall.stock(each.mall_code) for each in lines} == {6}


def test_listings_that_take_no_number_hold_back_no_other(mall: Qoo10Bench, adapter: Adapter) -> None:
    lines = [line(mall, code, 6) for code in mall.extras(12)]
    for each in lines[3:9]:
        mall.control("edit_listing", code=each.mall_code, status="S3")
    for answer, outcome in ((-10101, Outcome.UNKNOWN), (-10009, Outcome.REFUSED)):
        mall.control("setting", closed_write_code=answer)
        results = adapter.write_stock(lines)
        assert [result.outcome for result in results] == [
            *[Outcome.DONE] * 3,
            *[outcome] * 6,
            *[Outcome.DONE] * 3,
        ]
        assert {result.error.vendor_code for result in results if result.error} == {str(answer)}


def reply(body: str | bytes, status: int = 200, **headers: str) -> Reply:
    return Reply(status, headers, body if isinstance(body, bytes) else body.encode())


def test_unknown_method_answers_plain_text_which_is_not_understood() -> None:
    with pytest.raises(wire.Malformed):
        wire.answer_of(reply("Can't find service Name <ItemsLookUp>"))


@pytest.mark.parametrize("body", ["[]", "{}", '{"ResultCode":null}', '{"ResultCode":true}', b"\xff{}"])
def test_answer_without_a_code_is_never_a_success(body: str | bytes) -> None:
    with pytest.raises(wire.Malformed):
        wire.answer_of(reply(body))


@pytest.mark.parametrize(
    ("result", "rows"),
    [("null", []), ("[]", []), ('{"A":1}', [{"A": 1}]), ('[{"A":1}]', [{"A": 1}]), ('""', [])],
)
def test_result_may_be_a_list_one_row_or_nothing(result: str, rows: list[Any]) -> None:
    assert wire.answer_of(reply(f'{{"ResultCode":0,"ResultObject":{result}}}')).rows == rows


def test_gate_error_wins_over_a_result_code() -> None:
    answer = wire.answer_of(reply('{"ResultCode":0,"ErrorCode":-90001,"ErrorMsg":"存在しないAPIです。"}'))
    assert (answer.code, answer.message) == (-90001, "存在しないAPIです。")


def test_answer_of_the_edge_is_temporary(mall: Qoo10Bench, adapter: Adapter) -> None:
    for status in (403, 404, 502, 503):
        mall.control("clear_faults")
        mall.control("fault", name="status", code=status)
        with pytest.raises(TemporaryError, match=str(status)):
            adapter.check()


def test_time_to_wait_is_read_where_the_edge_gives_one() -> None:
    error = wire.edge_failure(wire.LIST, reply("", 429, **{"Retry-After": "7"}), datetime.now(UTC))
    assert isinstance(error, RateLimitedError)
    assert error.retry_after_s == 7


def test_page_about_maintenance_is_told_whatever_its_status(mall: Qoo10Bench, adapter: Adapter) -> None:
    mall.control("fault", name="maintenance")
    with pytest.raises(MaintenanceError):
        adapter.write_stock([line(mall, "mug", 1)])
    mall.control("setting", maintenance_status=503)
    with pytest.raises(MaintenanceError):
        adapter.check()


def test_key_goes_in_a_header_and_never_in_an_address() -> None:
    call = wire.request(wire.SET_ITEM, "https://x", Secret("planted"), {"Qty": "1"})
    assert call.headers["GiosisCertificationKey"] == "planted"
    assert "planted" not in call.url
    assert not call.params
    assert b"planted" not in (call.body or b"")


# --------------------------------------------------------------------------- orders


def one(adapter: Adapter, mall: Qoo10Bench, order_id: str):
    return {order.order_id: order for order in adapter.read_orders(last_hours(mall))}[order_id]


def test_products_of_a_cart_are_orders_each(mall: Qoo10Bench, adapter: Adapter) -> None:  # C5
    cart = mall.control("order", lines=[{"code": "mug", "quantity": 1}, {"code": "tee-red-m", "quantity": 2}])
    found = {order.order_id: order.lines for order in adapter.read_orders(last_hours(mall))}
    assert list(found) == cart["order_numbers"]
    assert [(each.mall_code, each.quantity) for (each,) in found.values()] == [("mug", 1), ("tee-red-m", 2)]


def test_payment_and_delivery_are_handed_over_as_they_came(mall: Qoo10Bench, adapter: Adapter) -> None:  # E12
    order = one(adapter, mall, mall.order("mug", 1))
    assert order.payment == "クレジットカード"


def test_unpaid_order_reserves_and_is_sold_once_paid(mall: Qoo10Bench, adapter: Adapter) -> None:
    order_id = mall.control("order", lines=[{"code": "mug", "quantity": 1}], paid=False)["order_id"]
    assert one(adapter, mall, order_id).lines[0].state is LineState.RESERVED
    mall.control("pay", order_id=order_id)
    assert one(adapter, mall, order_id).lines[0].state is LineState.SOLD


def test_cancelled_order_is_cancelled_however_it_is_found(mall: Qoo10Bench, adapter: Adapter) -> None:
    for stays, paid in [("gone", True), ("gone", False), ("stays", True), ("stays", False)]:
        mall.control("setting", cancelled_in_shipping=stays)
        order_id = mall.control("order", lines=[{"code": "tee-red-m", "quantity": 2}], paid=paid)["order_id"]
        mall.cancel(order_id)
        found = one(adapter, mall, order_id)
        assert [(each.mall_code, each.state) for each in found.lines] == [("tee-red-m", LineState.CANCELLED)]
        assert found.closed
        assert adapter.read_orders_again([order_id]) == [found]


def test_other_claims_give_no_stock_back(mall: Qoo10Bench, adapter: Adapter) -> None:
    order_id = mall.order("mug", 1)
    for claim in (1, 2, 4, 5, 6, 11, 12, 13, 14, 15):
        mall.control("claim", order_id=order_id, code=claim)
        (found,) = adapter.read_orders_again([order_id])
        assert found.lines[0].state is LineState.SOLD


def test_order_is_seen_in_every_state_of_shipping(mall: Qoo10Bench, adapter: Adapter) -> None:
    order_id = mall.order("mug", 1)
    for shipping in (1, 2, 3, 4, 5):
        mall.control("progress", order_id=order_id, code=shipping)
        found = one(adapter, mall, order_id)
        assert found.lines[0].state is LineState.SOLD
        assert found.closed is (shipping == 5), "after the delivery there are returns only"


def test_long_window_is_read_in_pieces(mall: Qoo10Bench, adapter: Adapter) -> None:
    old = mall.control("order", lines=[{"code": "mug", "quantity": 1}], ago_s=100 * 86_400)["order_id"]
    new = mall.order("mug", 1)
    window = Window(mall.now() - timedelta(days=120), mall.now() + timedelta(minutes=1))
    assert [order.order_id for order in adapter.read_orders(window)] == [old, new]


def test_order_that_is_not_known_is_absent_when_read_again(mall: Qoo10Bench, adapter: Adapter) -> None:
    known = mall.order("mug", 1)
    assert [order.order_id for order in adapter.read_orders_again([known, "999999999", known])] == [known]


@pytest.mark.parametrize(("zone", "hours"), [("JST", 9), ("UTC", 0)])
def test_times_are_read_in_the_zone_of_the_setting(tmp_path, zone: str, hours: int) -> None:
    with running(tmp_path, rates=0, zone=zone) as mall:
        adapter, before = mall.adapter(utc_offset_h=hours), mall.now()
        order_id = mall.order("mug", 1)
        ordered_at = one(adapter, mall, order_id).ordered_at
        assert abs(ordered_at - before) < timedelta(seconds=10)
        adapter.close()


@pytest.mark.parametrize(
    ("written", "state"), [("5", 5), ("Delivered(5)", 5), (" 16 ", 16), ("", 0), ("配送完了", 0)]
)
def test_state_is_read_as_a_number_or_behind_words(written: str, state: int) -> None:
    assert wire.state(written) == state


def test_broken_order_is_named_by_its_number_alone(mall: Qoo10Bench, adapter: Adapter) -> None:
    row = {"OrderNo": 500000009, "OrderDate": "tomorrow", "Buyer": "山田 花子", "ItemNo": "1", "OrderQty": 1}
    with pytest.raises(wire.Malformed, match="500000009") as caught:
        orders.orders_of(wire.Answer(0, "", [row]), UTC)
    assert "山田" not in str(caught.value)


# --------------------------------------------------------------------------- credentials and settings


def test_key_with_letters_that_no_header_holds_does_not_belong() -> None:
    current = {"seller_key": Secret("FAKE_g_1_A_g_2_")}
    assert Qoo10Adapter.belongs(current, {"seller_key": Secret("FAKE_g_1_B_g_2_")}) == ""
    assert Qoo10Adapter.belongs(current, {}) == ""
    for bad in ("ＦＡＫＥ_g_1_", "two words", "line\n", "キー"):
        assert Qoo10Adapter.belongs(current, {"seller_key": Secret(bad)}) == "renew_wrong_form"


def test_without_credentials_no_call_is_made(mall: Qoo10Bench) -> None:
    settings = ShopSettings("qoo10-main", {"base_url": mall.base_url, "ca_file": str(mall.world.ca_file)})
    adapter, before = create(settings, {}, SystemClock(), Event()), mall.calls()
    with pytest.raises(AuthError) as caught:
        adapter.check()
    assert caught.value.hint == "credential_missing"
    with pytest.raises(AuthError):
        adapter.write_stock([line(mall, "mug", 1)])
    assert {found.state for found in adapter.credential_status()} == {CredentialState.UNKNOWN}
    assert mall.calls() == before
    adapter.close()


def test_stop_ends_a_batch_at_a_line(mall: Qoo10Bench) -> None:
    stop = Event()
    stop.set()
    options = {"base_url": mall.base_url, "ca_file": str(mall.world.ca_file)}
    settings = ShopSettings("qoo10-main", options)
    adapter, before = create(settings, {"seller_key": Secret(mall.key)}, SystemClock(), stop), mall.calls()
    with pytest.raises(MallError):
        adapter.write_stock([line(mall, "mug", 1)])
    assert mall.calls() == before
    adapter.close()


@pytest.mark.parametrize(
    "options", [{"base_url": "http://127.0.0.1:1"}, {"ca_file": "/nowhere.pem"}, {"rates": 0}]
)
def test_wrong_setting_is_named_at_once(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(options))):
        create(ShopSettings("qoo10-main", options), {}, SystemClock(), Event())
