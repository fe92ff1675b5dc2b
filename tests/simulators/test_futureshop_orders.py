"""The simulated futureshop sells: its orders take stock off and are given out as the API does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from futureshop_shop import SHIPPING, Shop

from sandbox.malls.futureshop.wire import written
from sandbox.world import ControlError


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    running = Shop(tmp_path)
    yield running
    running.close()


def test_an_order_takes_stock_off_at_once(shop: Shop) -> None:
    number = shop.buy("gd3sgray", 2)
    assert (shop.stock("gd3sgray"), len(number)) == (3, 12)
    with pytest.raises(ControlError, match="on sale"):
        shop.buy("gd3sgray", 4)


def test_the_list_has_sku_numbers_and_no_product_numbers(shop: Shop) -> None:
    begun = written(shop.world.clock.now())
    number = shop.buy("gd3sgray", 2, payment="COD", delivery="メール便")  # E12: as it came
    (order,) = shop.orders()
    assert (order["orderNo"], order["type"], order["status"]) == (number, "REGULAR", "AWAITING_PAYMENT")
    assert begun <= order["date"] <= written(shop.world.clock.now())
    assert order["paymentType"] == "COD"
    (shipment,) = order["shipmentList"]
    assert shipment["shippingInfo"]["deliveryServiceName"] == "メール便"
    (product,) = shipment["productList"]
    assert (product["skuNo"], product["count"], product["janCode"]) == ("gd3sgray", 2, "")
    assert (product["horizontalVariationName"], product["verticalVariationName"]) == ("Sサイズ", "グレー")
    assert not {"productNo", "preorder"} & set(product)
    assert not {"paymentStatus", "dateLastUpdated"} & set(order)


def test_the_single_order_adds_what_the_list_lacks(shop: Shop) -> None:
    number = shop.buy("gd3sgray")
    order = shop.get_order(number).json()
    assert (order["paymentStatus"], order["dateLastUpdated"]) == ("NOTRECEIVED", order["date"])
    product = order["shipmentList"][0]["productList"][0]
    assert (product["productNo"], product["skuNo"], product["preorder"]) == ("gd3", "gd3sgray", False)


def test_both_answers_hold_the_buyer(shop: Shop) -> None:
    shop.control("setting", buyer="検査 太郎")
    number = shop.buy()
    for order in (shop.orders()[0], shop.get_order(number).json()):
        assert (order["buyerInfo"]["lastName"], order["buyerInfo"]["firstName"]) == ("検査", "太郎")
        assert order["shipmentList"][0]["addressInfo"]["lastName"] == "検査"


def test_an_order_may_have_shipments_and_the_same_sku_twice(shop: Shop) -> None:
    lines = [
        {"code": "gd1", "quantity": 1},
        {"code": "gd1", "quantity": 2},
        {"code": "gd1", "quantity": 3, "shipment": 2},
    ]
    shop.control("order", lines=lines)
    shipments = shop.orders()[0]["shipmentList"]
    assert [[row["count"] for row in shipment["productList"]] for shipment in shipments] == [[1, 2], [3]]
    assert shop.stock("gd1") == 4


def test_orders_are_filtered_by_date_number_and_status(shop: Shop) -> None:
    old, new = shop.buy(ago_s=86_400), shop.buy()
    now = shop.world.clock.now()
    window = {
        "orderDateStart": written(now - timedelta(hours=1)),
        "orderDateEnd": written(now + timedelta(hours=1)),
    }
    assert [order["orderNo"] for order in shop.orders(**window)] == [new]
    assert [order["orderNo"] for order in shop.orders(orderNo=f"{old},{new}")] == [old, new]
    shop.control("ship", order_id=old)
    shop.control("pay", order_id=new)
    assert [order["orderNo"] for order in shop.orders(shippingStatus="shipped")] == [old]
    assert [order["orderNo"] for order in shop.orders(paymentStatus="received")] == [new]
    assert shop.orders(orderNo=old)[0]["status"] == "COMPLETED"
    assert shop.get_order(new).json()["paymentStatus"] == "RECEIVED"


@pytest.mark.parametrize(
    "query",
    [
        {"orderDateStart": "2026/01/01"},
        {"orderDateStart": "2026-01-02T00:00:00", "orderDateEnd": "2026-01-01T00:00:00"},
        {"orderNo": "1" * 13},
        {"shippingStatus": "lost"},
        {"page": "2"},
    ],
)
def test_wrong_order_queries_are_refused(shop: Shop, query: dict[str, str]) -> None:
    assert shop.ask("GET", SHIPPING, params=query).status_code == 400
    assert len(shop.control("violations")) == 1


def test_orders_come_twenty_a_page_oldest_first_unless_set(shop: Shop) -> None:
    numbers = [shop.buy("mug") for _turn in range(12)] + [shop.buy("gd1") for _turn in range(9)]
    first = shop.ask("GET", SHIPPING).json()
    rest = shop.ask("GET", first["nextUrl"]).json()
    assert [order["orderNo"] for order in first["orderList"] + rest["orderList"]] == numbers
    assert (len(first["orderList"]), "nextUrl" in rest) == (20, False)
    shop.control("setting", newest_first=True, order_page=1)
    last = shop.buy("cap-navy", ago_s=-1)
    assert [order["orderNo"] for order in shop.orders()] == [last]


def test_an_unknown_order_is_not_found(shop: Shop) -> None:
    assert shop.get_order("999999999999").status_code == 404
    assert shop.get_order("9" * 13).status_code == 400


def test_a_cancel_is_told_by_its_status_and_returns_stock_only_where_set(shop: Shop) -> None:
    number = shop.buy("gd1", 2)
    shop.control("cancel", order_id=number)
    assert (shop.orders()[0]["status"], shop.stock("gd1")) == ("CANCELLED", 8)
    shop.control("setting", returns_stock_on_cancel=True, cancel_status="CANCELED")
    second = shop.buy("gd1", 2)
    shop.control("cancel", order_id=second)
    assert (shop.orders()[1]["status"], shop.stock("gd1")) == ("CANCELED", 8)
    shop.control("cancel", order_id=shop.buy("gd1", 3), restock=False)
    assert shop.stock("gd1") == 5
    with pytest.raises(ControlError, match="already"):
        shop.control("cancel", order_id=number)


def test_a_cancelled_order_may_vanish_from_the_list(shop: Shop) -> None:
    number = shop.buy()
    shop.control("setting", cancelled_listed=False)
    shop.control("cancel", order_id=number)
    assert shop.orders() == []
    assert shop.get_order(number).json()["status"] == "CANCELLED"


def test_a_part_of_an_order_can_be_cancelled(shop: Shop) -> None:
    lines = [{"code": "gd1", "quantity": 3}, {"code": "mug", "quantity": 1}]
    number = shop.control("order", lines=lines)["order_id"]
    shop.world.clock.advance(60)
    shop.control("partial_cancel", order_id=number, line="gd1", quantity=1)
    shop.control("partial_cancel", order_id=number, line=1, quantity=1)
    order = shop.get_order(number).json()
    products = order["shipmentList"][0]["productList"]
    assert [(row["skuNo"], row["count"]) for row in products] == [("gd1", 2)]
    assert order["dateLastUpdated"] > order["date"]
    with pytest.raises(ControlError):
        shop.control("partial_cancel", order_id=number, line="gd1", quantity=3)


def test_it_is_counted_how_often_an_order_was_given(shop: Shop) -> None:
    number = shop.buy()
    shop.orders()
    shop.get_order(number)
    shop.control("cancel", order_id=number)
    shop.orders()
    assert shop.control("reported", order_id=number) == {"times": 3, "cancelled_times": 1}


def test_a_product_without_stock_management_sells_without_end(shop: Shop) -> None:
    shop.buy("gd5", 50)
    assert shop.stock("gd5") == 0
