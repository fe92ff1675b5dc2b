"""futureshop's orders as they come late, again, changed, in part, or of goods that are listed no more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from adapters.contract import Adapter, LineState, Order, Window
from adapters.futureshop import orders, wire
from tests.contract import last_hours
from tests.malls.futureshop_shop import LOOSE, FutureshopBench, running
from tests.malls.planted import found_in, spoilt

SOLD, CANCELLED = LineState.SOLD, LineState.CANCELLED


@pytest.fixture
def mall(tmp_path) -> Iterator[FutureshopBench]:
    with running(tmp_path, rates=LOOSE) as bench:
        yield bench


@pytest.fixture
def adapter(mall: FutureshopBench) -> Iterator[Adapter]:
    made = mall.adapter()
    yield made
    made.close()


def buy(mall: FutureshopBench, *wishes: tuple[str, int], **more: Any) -> str:
    lines = [{"code": code, "quantity": quantity} for code, quantity in wishes]
    return str(mall.control("order", lines=lines, **more)["order_id"])


def lines_of(order: Order) -> list[tuple[str, str, int, LineState]]:
    return [(each.line_id, each.mall_code, each.quantity, each.state) for each in order.lines]


def again(adapter: Adapter, order_id: str) -> Order:
    (order,) = adapter.read_orders_again([order_id])
    return order


def test_late_order_stands_at_the_time_when_it_was_placed(mall: FutureshopBench, adapter: Adapter) -> None:
    late, now = buy(mall, ("mug", 2), ago_s=5 * 3600), mall.now()
    assert adapter.read_orders(last_hours(mall)) == []
    (order,) = adapter.read_orders(Window(now - timedelta(hours=6), now))
    assert order.order_id == late
    assert abs(now - timedelta(hours=5) - order.ordered_at) < timedelta(minutes=1)


def test_order_that_is_given_again_is_the_same_order(mall: FutureshopBench, adapter: Adapter) -> None:
    # C15
    order_id = buy(mall, ("mug", 2), ("tee-red-m", 1))
    first = adapter.read_orders(last_hours(mall))
    assert adapter.read_orders(last_hours(mall)) == first
    assert adapter.read_orders_again([order_id]) == first
    assert mall.control("reported", order_id=order_id)["times"] == 3


def test_order_that_is_paid_shipped_or_in_a_new_state_counts_as_before(
    mall: FutureshopBench, adapter: Adapter
) -> None:
    order_id = buy(mall, ("mug", 2))
    before = again(adapter, order_id)
    for verb, more in (("pay", {}), ("ship", {}), ("status", {"status": "SOMETHING_NEW"})):
        mall.control(verb, order_id=order_id, **more)
        assert lines_of(again(adapter, order_id)) == lines_of(before)


def test_order_with_fewer_pieces_keeps_its_lines_and_counts_the_rest(
    mall: FutureshopBench, adapter: Adapter
) -> None:
    order_id = buy(mall, ("mug", 3), ("cap-navy", 1))
    mall.control("partial_cancel", order_id=order_id, line="mug", quantity=1)
    assert lines_of(again(adapter, order_id)) == [
        ("1:mug", "mug", 2, SOLD),
        ("1:cap-navy", "cap-navy", 1, SOLD),
    ]
    mall.control("partial_cancel", order_id=order_id, line="mug", quantity=2)
    assert lines_of(again(adapter, order_id)) == [("1:cap-navy", "cap-navy", 1, SOLD)]


def test_cancelled_order_is_cancelled_line_by_line(mall: FutureshopBench, adapter: Adapter) -> None:
    # C1
    order_id = buy(mall, ("mug", 3), ("cap-navy", 1))
    mall.cancel(order_id)
    order = again(adapter, order_id)
    assert [(code, state) for _, code, _, state in lines_of(order)] == [
        ("mug", CANCELLED),
        ("cap-navy", CANCELLED),
    ]
    assert order.closed


def test_order_of_goods_that_are_not_listed_any_more_has_their_code(
    mall: FutureshopBench, adapter: Adapter
) -> None:
    order_id = buy(mall, ("mug", 1), ("cap-navy", 1))
    mall.control("remove_product", code="mug")
    assert "mug" not in {product.mall_code for product in adapter.read_products()}
    assert [code for _, code, _, _ in lines_of(again(adapter, order_id))] == ["mug", "cap-navy"]


def test_lines_that_meet_in_one_code_are_added_within_a_shipment_and_apart_between_two(
    mall: FutureshopBench, adapter: Adapter
) -> None:
    lines = [{"code": "mug", "quantity": count, "shipment": to} for count, to in ((1, 1), (2, 1), (4, 2))]
    order_id = mall.control("order", lines=lines)["order_id"]
    assert lines_of(again(adapter, order_id)) == [("1:mug", "mug", 3, SOLD), ("2:mug", "mug", 4, SOLD)]


FAULTS = ["html", "truncate_json", "redirect", "cut_after", "status", "not_granted"]


def test_no_buyer_in_any_value_log_or_error(
    mall: FutureshopBench, adapter: Adapter, caplog: pytest.LogCaptureFixture
) -> None:
    order_id = buy(mall, ("mug", 1))
    mall.control("setting", cancelled_listed=False)
    mall.cancel(order_id)  # asked for by itself, with the buyer in another form
    bought, calls = buy(mall, ("mug", 1)), []
    for fault in ["", *FAULTS]:
        if fault:
            calls.append(lambda fault=fault: mall.control("fault", name=fault))
        calls.append(lambda: mall.adapter().read_orders(last_hours(mall)))
        calls.append(lambda: mall.adapter().read_orders_again([order_id, bought]))
        calls.append(lambda: mall.control("clear_faults"))
    assert found_in(caplog, mall.personal, calls) == set()
    assert mall.control("reported", order_id=order_id)["times"], "the buyers were sent"


@pytest.mark.parametrize("function", [wire.SHIPPING, wire.ORDER], ids=lambda function: function.name)
def test_no_buyer_in_what_is_made_of_an_order_that_is_spoilt(
    mall: FutureshopBench, adapter: Any, caplog: pytest.LogCaptureFixture, function: wire.Function
) -> None:
    order_id = buy(mall, ("mug", 1))
    below = f"/{order_id}" if function is wire.ORDER else ""
    body = json.loads(adapter._api.send(wire.Call(function, below=below)).body)
    row = body["orderList"][0] if function is wire.SHIPPING else body
    assert all(name in repr(row) for name in ("山田", "見本区", "orderer@example.invalid"))
    calls = [lambda bad=bad: orders.order_of(bad, {"CANCELLED"}) for bad in spoilt(row)]
    assert len(calls) > 300
    assert found_in(caplog, mall.personal, calls) == set()
