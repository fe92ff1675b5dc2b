"""Qoo10's orders as they come late, again, changed, in part, or of goods that are listed no more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from adapters.contract import Adapter, LineState, Order, Window
from adapters.qoo10 import orders, wire
from tests.contract import last_hours
from tests.malls.planted import found_in, spoilt
from tests.malls.qoo10_bench import Qoo10Bench, running

RESERVED, SOLD, CANCELLED = LineState.RESERVED, LineState.SOLD, LineState.CANCELLED


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


def buy(mall: Qoo10Bench, *wishes: tuple[str, int], **more: Any) -> list[str]:
    """Buy in one cart; give the order number of each line."""
    lines = [{"code": code, "quantity": quantity} for code, quantity in wishes]
    numbers: list[str] = mall.control("order", lines=lines, **more)["order_numbers"]
    return numbers


def told(found: list[Order]) -> list[tuple[str, str, int, LineState]]:
    return [
        (order.order_id, each.mall_code, each.quantity, each.state) for order in found for each in order.lines
    ]


def test_late_order_stands_at_the_time_when_it_was_placed(mall: Qoo10Bench, adapter: Adapter) -> None:
    (late,) = buy(mall, ("mug", 2), ago_s=5 * 3600)
    now = mall.now()
    assert adapter.read_orders(last_hours(mall)) == []
    (order,) = adapter.read_orders(Window(now - timedelta(hours=6), now))
    assert order.order_id == late
    assert abs(now - timedelta(hours=5) - order.ordered_at) < timedelta(minutes=1)


def test_order_that_is_given_again_is_the_same_order(mall: Qoo10Bench, adapter: Adapter) -> None:  # C15
    numbers = buy(mall, ("mug", 2), ("tee-red-m", 1))
    first = told(adapter.read_orders(last_hours(mall)))
    assert first == [(numbers[0], "mug", 2, SOLD), (numbers[1], "tee-red-m", 1, SOLD)]
    assert told(adapter.read_orders(last_hours(mall))) == first
    assert told(adapter.read_orders_again([*numbers, *numbers])) == first


def test_order_that_is_paid_and_moves_on_keeps_its_line(mall: Qoo10Bench, adapter: Adapter) -> None:
    (number,) = buy(mall, ("mug", 2), paid=False)
    (before,) = adapter.read_orders_again([number])
    assert told([before]) == [(number, "mug", 2, RESERVED)]
    for shipping in (2, 3, 4, 5):
        mall.control("progress", order_id=number, code=shipping)
        (after,) = adapter.read_orders_again([number])
        assert told([after]) == [(number, "mug", 2, SOLD)]
        assert after.lines[0].line_id == before.lines[0].line_id


def test_cancel_of_one_product_of_a_cart_leaves_the_others(mall: Qoo10Bench, adapter: Adapter) -> None:  # C1
    numbers = buy(mall, ("mug", 2), ("tee-red-m", 1), ("cap-navy", 1))
    mall.control("partial_cancel", order_id=numbers[0], line="tee-red-m")
    expected = [
        (numbers[0], "mug", 2, SOLD),
        (numbers[1], "tee-red-m", 1, CANCELLED),
        (numbers[2], "cap-navy", 1, SOLD),
    ]
    assert told(adapter.read_orders_again(numbers)) == expected
    assert told(adapter.read_orders(last_hours(mall))) == expected


def test_order_of_goods_that_are_listed_no_more_has_their_code(mall: Qoo10Bench, adapter: Adapter) -> None:
    numbers = buy(mall, ("mug", 1), ("tee-red-m", 1))
    mall.control("remove_product", code="mug")
    mall.control("edit_option", code="tee-red-m", new_code="tee-pink-m")
    assert not {"mug", "tee-red-m"} & {product.mall_code for product in adapter.read_products()}
    assert told(adapter.read_orders_again(numbers)) == [
        (numbers[0], "mug", 1, SOLD),
        (numbers[1], "tee-red-m", 1, SOLD),
    ]


def test_products_of_a_cart_that_meet_in_one_code_count_each(mall: Qoo10Bench, adapter: Adapter) -> None:
    numbers = buy(mall, ("mug", 1), ("mug", 2))
    assert told(adapter.read_orders(last_hours(mall))) == [
        (numbers[0], "mug", 1, SOLD),
        (numbers[1], "mug", 2, SOLD),
    ]


def test_no_buyer_in_any_value_log_or_error(
    mall: Qoo10Bench, adapter: Adapter, caplog: pytest.LogCaptureFixture
) -> None:
    bought, gone = buy(mall, ("mug", 1)) + buy(mall, ("tee-red-m", 1))
    mall.cancel(gone)
    calls = []
    faults = [{}, {"name": "html"}, {"name": "cut_after"}, {"name": "status", "code": 502}]
    faults += [{"name": name, "code": -54321, "message": "山田 花子"} for name in ("result",)]
    for fault in faults:
        if fault:
            calls.append(partial(mall.control, "fault", **fault))
        calls.append(lambda: mall.adapter().read_orders(last_hours(mall)))
        calls.append(lambda: mall.adapter().read_orders_again([bought, gone]))
        calls.append(lambda: mall.control("clear_faults"))
    assert found_in(caplog, mall.personal, calls) == set()
    assert mall.control("reported", order_id=gone)["times"], "the buyers were sent"


@pytest.mark.parametrize("method", [wire.SHIPPING, wire.CLAIMS, wire.ORDER], ids=lambda method: method.name)
def test_no_buyer_in_what_is_made_of_an_order_that_is_spoilt(
    mall: Qoo10Bench, adapter: Any, caplog: pytest.LogCaptureFixture, method: wire.Method
) -> None:
    (number,) = buy(mall, ("mug", 1))
    if method is wire.CLAIMS:
        mall.cancel(number)
    (piece,) = orders.pieces(last_hours(mall))
    forms = {
        wire.SHIPPING: orders.shipping_form(piece, "0", adapter._zone),
        wire.CLAIMS: orders.claim_form(piece, "3", adapter._zone),
        wire.ORDER: orders.order_form(number),
    }
    answer = adapter._qapi.call(method, forms[method], lambda answer: answer)
    assert "山田" in repr(answer.rows)
    read = orders.numbers_of if method is wire.CLAIMS else adapter._read_orders
    calls = [lambda rows=rows: read(wire.Answer(0, "", rows)) for rows in spoilt(answer.rows)]
    assert len(calls) > 200
    assert found_in(caplog, mall.personal, calls) == set()
