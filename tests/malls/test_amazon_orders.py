"""Amazon.co.jp against its simulator: orders, credentials and settings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from threading import Event
from typing import Any

import pytest

from adapters.amazon import orders, wire
from adapters.amazon.adapter import AmazonAdapter, create
from adapters.clock import ManualClock, SystemClock
from adapters.contract import CredentialState, LineState, LowersOwnStock, Order, Outcome, ShopSettings, Window
from adapters.errors import (
    AuthError,
    ConfigError,
    MallError,
    TemporaryError,
    UnexpectedReplyError,
)
from adapters.secret import Secret
from tests.contract import everything_of, last_hours
from tests.malls.amazon_shop import KINDS, AmazonBench, running


@pytest.fixture
def mall(tmp_path) -> Iterator[AmazonBench]:
    with running(tmp_path) as bench:
        yield bench
        assert bench.control("violations") == [], "the adapter keeps to the mall's forms"


@pytest.fixture
def adapter(mall: AmazonBench) -> Iterator[AmazonAdapter]:
    made = mall.adapter()
    yield made
    made.close()


def again(adapter: AmazonAdapter, order_id: str) -> Order:
    (order,) = adapter.read_orders_again([order_id])
    return order


# --------------------------------------------------------------------------- orders


@pytest.mark.parametrize("status", ["PENDING_AVAILABILITY", "PENDING"])
def test_pending_order_reserves_until_it_is_paid(
    mall: AmazonBench, adapter: AmazonAdapter, status: str
) -> None:
    order_id = mall.order("mug", 2, status=status)
    (order,) = adapter.read_orders(last_hours(mall))
    assert [(line.state, line.quantity) for line in order.lines] == [(LineState.RESERVED, 2)]
    assert not order.closed
    mall.world.clock.advance(3 * 86_400)  # paid at a convenience store, days later
    mall.control("status", order_id=order_id, status="UNSHIPPED")
    later = again(adapter, order_id)
    assert [(line.state, line.quantity) for line in later.lines] == [(LineState.SOLD, 2)]
    assert later.lines[0].revision > order.lines[0].revision
    assert later.lines[0].line_id == order.lines[0].line_id


def test_pending_order_that_is_not_paid_gives_back(mall: AmazonBench, adapter: AmazonAdapter) -> None:
    order_id = mall.order("mug", 2, status="PENDING")
    mall.cancel(order_id)
    order = again(adapter, order_id)
    assert [line.state for line in order.lines] == [LineState.CANCELLED]
    assert order.closed


def test_order_line_has_the_sku_and_its_address(mall: AmazonBench, adapter: AmazonAdapter) -> None:
    mall.order("tee-red-m", 3)
    (order,) = adapter.read_orders(last_hours(mall))
    (line,) = order.lines
    assert (line.mall_code, line.address, line.quantity) == ("tee-red-m", ("tee-red-m", "DEFAULT"), 3)


def test_shipped_order_is_closed_and_stays_sold(mall: AmazonBench, adapter: AmazonAdapter) -> None:
    order_id = mall.order("mug", 3)
    mall.control("ship", order_id=order_id, line=0, quantity=1)
    half = again(adapter, order_id)
    mall.control("ship", order_id=order_id)
    whole = again(adapter, order_id)
    assert [half.closed, whole.closed] == [False, True]
    for order in (half, whole):
        assert [(line.state, line.quantity) for line in order.lines] == [(LineState.SOLD, 3)]


@pytest.mark.parametrize("cancelled_pieces", ["unfulfilled", "ordered"])
def test_partial_cancel_leaves_what_stands(tmp_path, cancelled_pieces: str) -> None:
    with running(tmp_path, cancelled_pieces=cancelled_pieces) as mall:
        adapter, order_id = mall.adapter(), mall.order("mug", 3)
        mall.control("partial_cancel", order_id=order_id, line=0, quantity=1)
        (line,) = again(adapter, order_id).lines
        assert (line.state, line.quantity) == (LineState.SOLD, 2)
        adapter.close()


@pytest.mark.parametrize("cancelled_pieces", ["unfulfilled", "ordered"])
def test_line_that_was_cancelled_gives_back_and_the_others_stand(tmp_path, cancelled_pieces: str) -> None:
    with running(tmp_path, cancelled_pieces=cancelled_pieces) as mall:
        lines = [{"code": "mug", "quantity": 2}, {"code": "cap-navy", "quantity": 1}]
        order_id = mall.control("order", lines=lines, ago_s=150)["order_id"]
        mall.control("partial_cancel", order_id=order_id, line="mug", quantity=2)
        adapter = mall.adapter()
        states = {line.mall_code: line.state for line in again(adapter, order_id).lines}
        assert states == {"mug": LineState.CANCELLED, "cap-navy": LineState.SOLD}
        adapter.close()


def test_wish_to_cancel_changes_nothing(mall: AmazonBench, adapter: AmazonAdapter) -> None:
    order_id = mall.order("mug", 2)
    mall.control("ask_cancel", order_id=order_id)
    (line,) = again(adapter, order_id).lines
    assert (line.state, line.quantity) == (LineState.SOLD, 2)


def test_cancel_of_an_older_order_comes_with_the_new_orders(
    mall: AmazonBench, adapter: AmazonAdapter
) -> None:
    order_id = mall.order("mug", 2)
    mall.world.clock.advance(86_400)
    mall.cancel(order_id)
    mall.world.clock.advance(150)
    since = mall.now() - timedelta(minutes=30)
    (order,) = adapter.read_orders(Window(since, mall.now()))
    assert order.order_id == order_id
    assert [line.state for line in order.lines] == [LineState.CANCELLED]


def test_orders_that_amazon_sends_do_not_count(mall: AmazonBench, adapter: AmazonAdapter) -> None:
    mall.control("add_product", code="by-amazon", name="倉庫の品", quantity=9, channel="AMAZON_JP")
    foreign, own = mall.order("by-amazon", 1), mall.order("mug", 1)
    assert [order.order_id for order in adapter.read_orders(last_hours(mall))] == [own]
    assert adapter.read_orders_again([foreign]) == []


def test_order_of_the_last_two_minutes_is_found_later_within_the_lag(
    mall: AmazonBench, adapter: AmazonAdapter
) -> None:
    order_id = mall.order("mug", 1, ago_s=0)
    first = mall.now()
    early = adapter.read_orders(Window(first - timedelta(minutes=10), first))
    mall.world.clock.advance(125)
    lag = timedelta(seconds=adapter.abilities.order_lag_s)
    later = adapter.read_orders(Window(first - lag, mall.now()))
    assert order_id in {order.order_id for order in [*early, *later]}


def test_window_that_has_just_begun_is_a_right_question(mall: AmazonBench, adapter: AmazonAdapter) -> None:
    assert adapter.read_orders(Window(mall.now(), mall.now())) == []


def test_peak_of_orders_is_read_page_by_page(mall: AmazonBench, adapter: AmazonAdapter) -> None:
    mall.set_stock("mug", 500)
    bought = {mall.order("mug", 1) for _ in range(230)}
    assert {order.order_id for order in adapter.read_orders(last_hours(mall))} == bought
    assert mall.count("search_orders") == 3
    assert mall.count("get_order") == 0, "the lines come with the orders"


def test_burst_of_twenty_searches_goes_at_once_and_the_next_waits_three_minutes(tmp_path) -> None:
    with running(tmp_path, rates=0) as mall:  # the waits are virtual, so the mall counts none
        clock = ManualClock(mall.now())
        adapter = mall.adapter(clock=clock, rates=1.0)
        for _ in range(20):
            adapter.read_orders(last_hours(mall))
        assert clock.monotonic() < 1
        adapter.read_orders(last_hours(mall))
        assert 178 < clock.monotonic() < 190
        adapter.close()


def test_only_the_new_version_of_the_orders_is_used(mall: AmazonBench, adapter: AmazonAdapter) -> None:
    order_id = mall.order("mug", 1)
    adapter.read_orders(last_hours(mall))
    adapter.read_orders_again([order_id])
    assert not [name for name in mall.functions() if name.startswith("v0")]


def test_buyer_who_comes_unasked_is_dropped(tmp_path) -> None:
    with running(tmp_path, unasked_buyer=True) as mall:
        adapter, order_id = mall.adapter(), mall.order("mug", 1)
        shown = repr(adapter.read_orders(last_hours(mall))) + repr(again(adapter, order_id))
        assert order_id in shown
        assert not [name for name in mall.personal if name in shown]
        adapter.close()


def test_order_that_is_not_known_is_absent_when_read_again(mall: AmazonBench, adapter: AmazonAdapter) -> None:
    known = mall.order("mug", 1)
    found = adapter.read_orders_again([known, "249-0000000-0000000", "no-number/at#all", known])
    assert [order.order_id for order in found] == [known]


def one_line(**changes: Any) -> dict[str, Any]:
    """Give an order answer with one line, changed as told; None takes a field out."""
    item = {
        "orderItemId": "1",
        "quantityOrdered": 3,
        "product": {"sellerSku": "mug", "asin": "B000000001"},
        "fulfillment": {"quantityFulfilled": 1, "quantityUnfulfilled": 2},
    }
    order = {
        "orderId": "249-1234567-1234567",
        "createdTime": "2026-11-01T00:00:00Z",
        "lastUpdatedTime": "2026-11-01T09:00:00+09:00",
        "fulfillment": {"fulfillmentStatus": "UNSHIPPED", "fulfilledBy": "MERCHANT"},
    }
    fields = item | {name: value for name, value in changes.items() if name in item or name == "cancellation"}
    return {
        "order": order | {name: changes[name] for name in order if name in changes} | {"orderItems": [fields]}
    }


@pytest.mark.parametrize(
    ("changes", "state", "quantity"),
    [
        ({}, LineState.SOLD, 3),
        ({"fulfillment": {"quantityFulfilled": 1, "quantityUnfulfilled": 1}}, LineState.SOLD, 2),
        ({"fulfillment": {"quantityUnfulfilled": 1}}, LineState.SOLD, 3),
        ({"cancellation": {"cancellationRequest": {"requester": "BUYER"}}}, LineState.SOLD, 3),
        ({"cancellation": {"cancellationExecution": {}}}, LineState.CANCELLED, 3),
    ],
)
def test_pieces_that_stand_are_counted(changes: dict[str, Any], state: LineState, quantity: int) -> None:
    # ``fulfillment`` is a field of the order and of the line: here the line's is meant.
    body = one_line(**{name: value for name, value in changes.items() if name != "fulfillment"})
    body["order"]["orderItems"][0] |= changes
    (line,) = orders.order_of(body)[0].lines
    assert (line.state, line.quantity) == (state, quantity)


def test_delivery_is_handed_over_as_it_came() -> None:  # E12
    body = one_line()
    body["order"]["fulfillment"]["fulfillmentServiceLevel"] = "SCHEDULED"
    assert orders.order_of(body)[0].delivery == "SCHEDULED"


def test_line_without_a_sku_is_told_by_its_asin() -> None:
    (line,) = orders.order_of(one_line(product={"asin": "B000000001"}))[0].lines
    assert (line.mall_code, line.address) == ("B000000001", ("", "B000000001"))


@pytest.mark.parametrize("status", ["Shipped", "CANCELED", "", None])
def test_status_that_is_not_known_is_told_with_the_order(status: object) -> None:
    body = one_line()
    body["order"]["fulfillment"]["fulfillmentStatus"] = status
    with pytest.raises(wire.Malformed, match="249-1234567-1234567"):
        orders.order_of(body)


# --------------------------------------------------------------------------- the access token


def test_one_access_token_serves_for_its_hour(mall: AmazonBench, adapter: AmazonAdapter) -> None:
    for _ in range(3):
        adapter.read_products()
        adapter.write_stock([mall.line("mug", 3), mall.line("cap-navy", 3)])
    assert mall.count("token") == 1
    mall.world.clock.advance(3600 - 59)
    adapter.read_products()
    assert mall.count("token") == 2, "renewed before it ends, so no call is refused"


def test_access_token_that_ended_early_is_renewed_once(mall: AmazonBench, adapter: AmazonAdapter) -> None:
    adapter.read_products()
    mall.control("expire_tokens")
    results = adapter.write_stock([mall.line(code, 3) for code in mall.codes])
    assert {result.outcome for result in results} == {Outcome.DONE}
    assert mall.count("token") == 2


@pytest.mark.parametrize("malformed_status", [401, 403])
def test_role_that_lacks_is_told_after_one_renewal(tmp_path, malformed_status: int) -> None:
    with running(tmp_path, malformed_status=malformed_status) as mall:
        adapter = mall.adapter()
        mall.control("fault", name="missing_role", function="search_orders")
        with pytest.raises(AuthError) as caught:
            adapter.read_orders(last_hours(mall))
        assert caught.value.hint == "amazon_access_denied"
        assert (mall.count("token"), mall.count("search_orders")) == (2, 2)
        adapter.close()


@pytest.mark.parametrize("refresh_rotation", ["same", "new", "new_only"])
def test_refresh_token_that_comes_with_an_access_token_is_used_next(tmp_path, refresh_rotation: str) -> None:
    with running(tmp_path, refresh_rotation=refresh_rotation) as mall:
        adapter = mall.adapter()
        for _ in range(3):
            assert adapter.read_products()
            mall.world.clock.advance(3600)
        adapter.close()


def test_dead_secret_is_told_once_and_not_tried_again(mall: AmazonBench, adapter: AmazonAdapter) -> None:
    adapter.read_products()
    mall.control("expire_secrets")
    assert adapter.read_products(), "the access token lives on until its own end"
    mall.control("expire_tokens")
    for _ in range(3):
        with pytest.raises(AuthError) as caught:
            adapter.read_products()
        assert (caught.value.hint, caught.value.vendor_code) == ("amazon_client_refused", "invalid_client")
    assert mall.count("token") == 2
    states = {status.kind: status.state for status in adapter.credential_status()}
    assert states["client_secret"] is CredentialState.REFUSED
    assert states["refresh_token"] is CredentialState.UNKNOWN
    mall.values["client_secret"] = mall.control("issue_secret")["client_secret"]
    renewed = mall.adapter()
    assert renewed.check().detail
    renewed.close()


def test_withdrawn_authorization_is_told_as_such(mall: AmazonBench, adapter: AmazonAdapter) -> None:
    mall.control("revoke")
    with pytest.raises(AuthError) as caught:
        adapter.check()
    assert (caught.value.hint, caught.value.expired) == ("amazon_authorization_ended", True)
    states = {status.kind: status.state for status in adapter.credential_status()}
    assert states == {
        "client_id": CredentialState.OK,
        "client_secret": CredentialState.OK,
        "refresh_token": CredentialState.REFUSED,
    }


def test_old_secret_goes_on_while_the_new_one_is_tried(mall: AmazonBench) -> None:
    old = mall.adapter()
    mall.values["client_secret"] = mall.control("issue_secret")["client_secret"]
    new = mall.adapter()
    assert new.check().detail
    assert old.check().detail
    mall.world.clock.advance(8 * 86_400)
    with pytest.raises(AuthError):
        old.check()
    old.close()
    new.close()


@pytest.mark.parametrize(
    ("error", "status", "expected"),
    [
        ("server_error", 500, TemporaryError),
        ("temporarily_unavailable", 503, TemporaryError),
        ("unauthorized_client", 400, AuthError),
        ("access_denied", 403, AuthError),
        ("something_new", 400, UnexpectedReplyError),
    ],
)
def test_refusal_of_a_token_is_classed(
    mall: AmazonBench, adapter: AmazonAdapter, error: str, status: int, expected: type[MallError]
) -> None:
    mall.control("fault", name="token_error", error=error, status=status, description="free text")
    with pytest.raises(expected) as caught:
        adapter.check()
    assert "free text" not in everything_of(caught.value)
    mall.clear_faults()
    if expected is TemporaryError:
        assert adapter.check().detail


def test_without_credentials_no_call_is_made(mall: AmazonBench) -> None:
    for kind in KINDS:
        adapter, before = mall.adapter(without=(kind,)), mall.calls()
        with pytest.raises(AuthError) as caught:
            adapter.check()
        assert caught.value.hint == "credential_missing"
        assert {found.state for found in adapter.credential_status()} == {CredentialState.UNKNOWN}
        assert mall.calls() == before
        adapter.close()


# --------------------------------------------------------------------------- check


def test_check_says_what_was_found(mall: AmazonBench, adapter: AmazonAdapter) -> None:  # A19
    assert "棚番商店" in adapter.check().detail
    assert "suspended" not in adapter.check().detail
    mall.control("setting", suspended=True)
    assert "suspended" in adapter.check().detail
    assert set(mall.functions()) == {"token", "participations", "search_items"}


def test_seller_who_does_not_sell_in_japan_is_refused(mall: AmazonBench, adapter: AmazonAdapter) -> None:
    mall.control("setting", participating=False)
    with pytest.raises(AuthError) as caught:
        adapter.check()
    assert caught.value.hint == "amazon_not_selling_in_japan"


def test_authorization_of_another_seller_is_refused(mall: AmazonBench) -> None:
    mall.values["refresh_token"] = mall.control("foreign_authorization")["refresh_token"]
    adapter = mall.adapter()
    with pytest.raises(AuthError):
        adapter.check()
    adapter.close()


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        ("client_id", "amzn1.application-oa2-client.0a1b2c", ""),
        ("client_id", "amzn1.sp.solution.0a1b2c", "renew_wrong_form"),
        ("client_secret", "amzn1.oa2-cs.v1.0a1b2c", ""),
        ("client_secret", "amzn1.oa2-cs.v1.0a1b2c\n", "renew_wrong_form"),
        ("refresh_token", "Atzr|made-up", ""),
        ("refresh_token", "Atza|made-up", "renew_wrong_form"),
    ],
)
def test_credential_of_another_form_does_not_belong(kind: str, value: str, reason: str) -> None:
    assert AmazonAdapter.belongs({}, {kind: Secret(value)}) == reason
    odd = {kind: Secret("of-an-older-form")}
    assert AmazonAdapter.belongs(odd, {kind: Secret(value)}) == ""


# --------------------------------------------------------------------------- settings


@pytest.mark.parametrize(
    "options",
    [
        {"seller_id": ""},
        {"seller_id": "a1 b2"},
        {"base_url": "http://127.0.0.1:1"},
        {"lwa_url": "http://127.0.0.1:1"},
        {"ca_file": "/nowhere.pem"},
        {"rates": 0},
        {"feed_above": 25_001},
        {"import_by": "guess"},
    ],
)
def test_wrong_setting_is_named_at_once(mall: AmazonBench, options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(options))):
        create(mall.settings(**options), {}, SystemClock(), Event())


def test_countdown_of_its_own_is_a_setting(mall: AmazonBench) -> None:
    for setting, expected in ((True, LowersOwnStock.AT_ORDER), (False, LowersOwnStock.NO)):
        adapter = mall.adapter(lowers_own_stock=setting)
        assert adapter.abilities.lowers_own_stock is expected
        adapter.close()


def test_settings_of_a_real_shop_need_the_merchant_token_alone() -> None:
    adapter = create(ShopSettings("amazon-jp", {"seller_id": "A1EXAMPLE"}), {}, SystemClock(), Event())
    assert adapter.abilities.mall == "amazon"
    adapter.close()
