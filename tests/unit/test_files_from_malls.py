"""Orders and products that come as files, and the names of payment and delivery."""

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.contract import Finding, LineState, Order, OrderLine, Product, ProductFile
from bot.answers import Refused
from bot.store.database import reading
from bot.store.ledger import balance_of
from tests.unit.house import House


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path)
    yield house
    house.close()


def orders(house, *lines, order_id="F-1", **facts):
    """One order of a file, a minute after the count; a line is (code, pieces)."""
    rows = [
        OrderLine(str(place), code, (code,), pieces, LineState.SOLD)
        for place, (code, pieces) in enumerate(lines, 1)
    ]
    return [Order(order_id, house.clock.now() + timedelta(minutes=1), tuple(rows), **facts)]


def on_hand(house, code):
    with reading(house.engine) as connection:
        return balance_of(connection, code).on_hand


def take(house, found):
    return house.actions.import_orders(house.desks.desk(house.mapping.shop("a")), found)


def test_file_of_orders_lowers_the_other_shops_and_a_second_time_does_nothing(house):  # C15
    found = [order for n in range(3) for order in orders(house, ("tee", 1), order_id=f"F-{n}")]
    assert take(house, found).moved == 3
    house.clock.advance(120)
    house.tick("b")
    assert (on_hand(house, "tee"), house.malls["b"].stock["tee"]) == (7, 7)
    assert take(house, found).moved == 0
    assert on_hand(house, "tee") == 7


def test_same_order_from_a_file_and_from_the_mall_counts_once(house):  # C3
    order_id = house.malls["a"].order({"mug": 2})
    house.tick("a")
    again = house.malls["a"].orders()
    assert again[0].order_id == order_id
    take(house, again)
    assert on_hand(house, "mug") == 8


def test_two_lines_that_meet_in_one_code_both_count(house):
    take(house, orders(house, ("tee", 1), ("tee", 2)))
    assert on_hand(house, "tee") == 7


def test_order_of_an_unknown_code_is_told_and_kept(house):
    report = take(house, orders(house, ("poster", 1), ("tee", 1)))
    assert report.unmapped == ["poster"]
    assert on_hand(house, "tee") == 9


def test_payment_reads_as_the_merchant_calls_it_and_an_unknown_one_is_told_once(house):  # E12
    tables = {"クレジットカード": ("Credit",)}
    house.mapping = replace(house.mapping, payments=tables)
    take(house, orders(house, ("tee", 1), payment="Credit", delivery="宅配便"))
    assert "クレジットカード" in house.actions.order("a", "F-1")[0]
    take(house, orders(house, ("tee", 1), order_id="F-2", payment="Bitcoin"))
    for _ in range(3):
        house.tick("a")
    told = [item for item in house.incidents.open() if item.cause == "unknown_name"]
    assert [(item.count, item.params["lines"]) for item in told] == [(1, "Bitcoin")]
    house.mapping = replace(house.mapping, payments={**tables, "暗号資産": ("Bitcoin",)})
    house.tick("a")
    assert "unknown_name" not in [item.cause for item in house.incidents.open()]


def test_order_that_was_never_taken_in_is_refused_by_name(house):
    with pytest.raises(Refused) as caught:
        house.actions.order("a", "nowhere")
    assert caught.value.params == {"shop": "a", "order": "nowhere"}


def test_product_file_is_kept_and_compared_with_the_mapping(house):  # B9
    found = ProductFile(
        (Product("mug", ("mug",), "マグ", True), Product("poster", ("poster",), "ポスター", False)),
        (Finding(3, "not_on_sale", "poster"),),
    )
    findings = house.actions.take_products(house.desks.desk(house.mapping.shop("a")), found)
    assert {(f.key, f.code) for f in findings} == {
        ("not_on_sale", "poster"),
        ("not_mapped", "poster"),
        ("not_in_file", "tee"),
    }
    rows, read_at = house.actions.products("a")
    assert [product.mall_code for product in rows] == ["mug", "poster"]
    assert read_at == house.clock.now()


def test_stock_of_a_row_that_is_linked_already_is_no_finding(house):  # B17
    house.tick("a")
    found = ProductFile(
        (Product("mug", ("mug",), ""), Product("tee", ("tee",), ""), Product("new", ("new",), "")),
        (Finding(2, "stock_not_zero", "mug"), Finding(4, "stock_not_zero", "new")),
    )
    findings = house.actions.take_products(house.desks.desk(house.mapping.shop("a")), found)
    assert [f.code for f in findings if f.key == "stock_not_zero"] == ["new"]


def test_listing_that_is_not_published_is_shown_as_linked_and_not_on_sale(house):  # B16
    found = ProductFile((Product("mug", ("mug",), "マグ", False), Product("tee", ("tee",), "", True)))
    house.actions.take_products(house.desks.desk(house.mapping.shop("a")), found)
    notes = {code: house.actions.lookup(code).shops[0].note for code in ("mug", "tee")}
    assert notes == {"mug": "not_on_sale", "tee": ""}


def test_second_import_shows_the_difference_only(house):  # A15
    desk = house.desks.desk(house.mapping.shop("a"))
    first = house.actions.import_products(desk)
    assert (first.count, first.added, first.removed, first.changed) == (2, (), (), ())
    house.malls["a"].stock["poster"] = 1
    del house.malls["a"].stock["tee"]
    second = house.actions.import_products(desk)
    assert second.count == 2
    assert [product.mall_code for product in second.added] == ["poster"]
    assert [product.mall_code for product in second.removed] == ["tee"]
