"""Order files of ポンパレモール: late, brought again, changed, in part, or of goods listed no more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.contract import LineState, Order
from tests.malls.planted import found_in, spoilt_files
from tests.malls.ponpare_bench import PonpareBench, shop

SOLD, CANCELLED = LineState.SOLD, LineState.CANCELLED


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[PonpareBench]:
    with shop(tmp_path, tick_s=3600) as bench:
        yield bench
        assert bench.calls() == 0, "a file is read without a call"


def buy(mall: PonpareBench, *wishes: tuple[str, int], **more: Any) -> str:
    lines = [{"code": code, "quantity": quantity} for code, quantity in wishes]
    return str(mall.control("order", lines=lines, **more)["order_id"])


def taken(mall: PonpareBench) -> dict[str, Order]:
    return {order.order_id: order for order in mall.adapter().parse_orders(*mall.order_file())}


def told(order: Order) -> list[tuple[str, str, int, LineState]]:
    return [(each.line_id, each.mall_code, each.quantity, each.state) for each in order.lines]


def test_late_order_in_a_later_file_stands_at_the_time_when_it_was_placed(mall: PonpareBench) -> None:
    first = buy(mall, ("mug", 1))
    before = taken(mall)
    late = buy(mall, ("cap-navy", 1), ago_s=5 * 3600)
    after = taken(mall)
    assert list(after) == [late, first], "oldest first, whatever the file's order"
    assert after[first] == before[first]
    assert abs(mall.now() - timedelta(hours=5) - after[late].ordered_at) < timedelta(minutes=1)


def test_file_that_is_brought_again_has_the_same_orders(mall: PonpareBench) -> None:  # C15
    buy(mall, ("mug", 2), ("tee-red-m", 1))
    name, content = mall.order_file()
    adapter = mall.adapter()
    assert adapter.parse_orders(name, content) == adapter.parse_orders("again.csv", content)


def test_order_in_another_state_counts_as_before(mall: PonpareBench) -> None:
    order_id = buy(mall, ("mug", 2))
    before = taken(mall)[order_id]
    for status in ("入金確認済み", "発送済み", "新しい言葉"):
        mall.control("progress", order_id=order_id, status=status)
        assert taken(mall)[order_id] == before


def test_order_with_fewer_pieces_in_a_later_file_counts_the_rest(mall: PonpareBench) -> None:
    order_id = buy(mall, ("mug", 3), ("tee-red-m", 1))
    mall.control("partial_cancel", order_id=order_id, line=0, quantity=1)
    assert told(taken(mall)[order_id]) == [("mug", "mug", 2, SOLD), ("tee-red-m", "tee-red-m", 1, SOLD)]
    mall.control("partial_cancel", order_id=order_id, line=0, quantity=2)
    assert told(taken(mall)[order_id]) == [("tee-red-m", "tee-red-m", 1, SOLD)]


def test_cancelled_order_is_cancelled_line_by_line(mall: PonpareBench) -> None:  # C1
    order_id = buy(mall, ("mug", 3), ("tee-red-m", 1))
    mall.cancel(order_id)
    assert told(taken(mall)[order_id]) == [
        ("mug", "mug", 3, CANCELLED),
        ("tee-red-m", "tee-red-m", 1, CANCELLED),
    ]


def test_order_of_goods_that_are_listed_no_more_has_their_code(mall: PonpareBench) -> None:
    order_id = buy(mall, ("mug", 1), ("tee-red-m", 1))
    for code in ("mug", "tee-red-m"):
        mall.control("remove_product", code=code)
    for name in ("item.csv", "option.csv"):
        mall.download(name)
    assert not {"mug", "tee-red-m"} & {product.mall_code for product in mall.adapter().read_products()}
    order = taken(mall)[order_id]
    assert [(each.mall_code, each.address) for each in order.lines] == [
        ("mug", ("mug",)),
        ("tee-red-m", ("tee", "-red", "-m")),
    ]


def test_rows_that_meet_in_one_code_are_two_lines(mall: PonpareBench) -> None:
    order_id = buy(mall, ("mug", 1), ("tee-red-m", 1), ("mug", 2))
    assert told(taken(mall)[order_id]) == [
        ("mug", "mug", 1, SOLD),
        ("tee-red-m", "tee-red-m", 1, SOLD),
        ("mug#2", "mug", 2, SOLD),
    ]


def test_no_buyer_in_any_value_log_or_error_whatever_is_wrong_with_the_file(
    mall: PonpareBench, caplog: pytest.LogCaptureFixture
) -> None:
    buy(mall, ("mug", 1), ("tee-red-m", 1))
    mall.cancel(buy(mall, ("mug", 1)))
    name, content = mall.order_file()
    assert all(person in content.decode("cp932") for person in mall.personal)
    adapter = mall.adapter()
    calls = [lambda bad=bad: adapter.parse_orders(name, bad) for bad in [content, *spoilt_files(content)]]
    assert len(calls) > 200
    assert found_in(caplog, mall.personal, calls) == set()
