"""The simulated Rakuten shop: orders, what they do to stock, and how they are read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from rakuten_shop import (
    Shop,
    order_time,
)

from sandbox.world import ControlError


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    running = Shop(tmp_path)
    yield running
    running.close()


def test_a_sale_takes_stock_off_at_once_and_is_found(shop: Shop) -> None:
    number = shop.buy("tee-red-m", 2)
    assert shop.control("stock")["tee_red_m"] == 18
    reply = shop.search_orders()
    assert reply.json() == {
        "orderNumberList": [number],
        "MessageModelList": [
            {
                "messageType": "INFO",
                "messageCode": "ORDER_EXT_API_SEARCH_ORDER_INFO_101",
                "message": "注文検索に成功しました。",
            }
        ],
        "PaginationResponseModel": {"totalRecordsAmount": 1, "totalPages": 1, "requestPage": 1},
    }


def test_nobody_buys_more_than_is_shown(shop: Shop) -> None:
    with pytest.raises(ControlError, match="8 of cap-navy on sale"):
        shop.buy("cap-navy", 9)
    shop.control("edit_listing", code="cap-navy", back_order=True)
    shop.buy("cap-navy", 9)
    assert shop.control("stock")["cap-navy"] == 0


def test_get_order_gives_the_fields_of_the_sku_version(shop: Shop) -> None:
    model = shop.get_order(shop.buy("tee-red-m", 2, payment=9, delivery="メール便"))
    line = model["PackageModelList"][0]["ItemModelList"][0]
    assert (line["manageNumber"], line["units"], line["deleteItemFlag"]) == ("tee", 2, 0)
    sku = {"variantId": "r-sku00000002", "merchantDefinedSkuId": "tee_red_m", "skuInfo": "色:red\nサイズ:m"}
    assert line["SkuModelList"] == [sku]
    assert model["orderDatetime"].endswith("+0900")
    assert model["SettlementModel"]["settlementMethodCode"] == 9
    assert model["DeliveryModel"]["deliveryName"] == "メール便"
    assert model["requestPrice"] == -9999
    assert "goodsTax" not in model


def test_old_versions_have_no_skus_and_older_ones_are_refused(shop: Shop) -> None:
    number = shop.buy()
    old = shop.get_order(number, version=6)
    assert "SkuModelList" not in old["PackageModelList"][0]["ItemModelList"][0]
    assert "goodsTax" in old
    for version in (2, None):
        reply = shop.orders("getOrder", {"orderNumberList": [number], "version": version})
        assert reply.status_code == 400
        assert reply.json()["MessageModelList"][0]["messageType"] == "ERROR"


def test_orders_carry_the_buyer_for_clients_to_drop(shop: Shop) -> None:
    assert shop.get_order(shop.buy())["OrdererModel"]["familyName"] == "山田"
    shop.control("setting", buyer="鈴木 一郎")
    model = shop.get_order(shop.buy())
    assert model["PackageModelList"][0]["SenderModel"]["firstName"] == "一郎"


def test_an_unknown_order_has_a_message_of_its_own(shop: Shop) -> None:
    number = shop.buy()
    reply = shop.orders("getOrder", {"orderNumberList": [number, "900001-20260101-1"], "version": 9})
    assert reply.status_code == 200
    assert [model["orderNumber"] for model in reply.json()["OrderModelList"]] == [number]
    assert reply.json()["MessageModelList"][1]["orderNumber"] == "900001-20260101-1"


def test_a_search_that_finds_nothing_has_null_paging(shop: Shop) -> None:
    body = shop.search_orders().json()
    assert body["orderNumberList"] == []
    assert body["MessageModelList"][0]["messageCode"].endswith("INFO_102")
    assert set(body["PaginationResponseModel"].values()) == {None}


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("dateType", None, "009"),
        ("dateType", 7, "011"),
        ("startDatetime", "2026-02-01T00:00:00+09:00", "011"),
        ("startDatetime", "2026-02-01T00:00:00+0000", "011"),
        ("orderProgressList", [150], "011"),
        ("PaginationRequestModel", {"requestPage": 1}, "009"),
        ("PaginationRequestModel", {"requestPage": 1, "requestRecordsAmount": 1001}, "011"),
        ("colour", "red", "011"),
    ],
)
def test_a_wrong_order_search_is_answered_in_messages(shop: Shop, field: str, value: Any, code: str) -> None:
    reply = shop.search_orders(**{field: value})
    assert reply.status_code == 400
    assert (reply.json()["orderNumberList"], reply.json()["PaginationResponseModel"]) == (None, None)
    assert reply.json()["MessageModelList"][0]["messageCode"] == f"ORDER_EXT_API_SEARCH_ORDER_ERROR_{code}"
    assert len(shop.control("violations")) == 1


@pytest.mark.parametrize(
    ("start", "end", "status"), [(62, 0, 200), (64, 0, 400), (729, 700, 200), (731, 700, 400)]
)
def test_order_search_reaches_63_days_within_two_years(shop: Shop, start: int, end: int, status: int) -> None:
    now = shop.world.clock.now()
    ends = {
        "startDatetime": order_time(now - timedelta(days=start)),
        "endDatetime": order_time(now - timedelta(days=end)),
    }
    assert shop.search_orders(**ends).status_code == status


def test_order_search_pages_sorts_filters_and_caps(shop: Shop) -> None:
    numbers = [shop.buy(ago_s=60 - n) for n in range(5)]
    shop.control("progress", order_id=numbers[0], code=800)
    paging: dict[str, Any] = {"requestRecordsAmount": 2, "requestPage": 2}
    page = shop.search_orders(PaginationRequestModel=paging).json()
    assert page["orderNumberList"] == [numbers[2], numbers[1]]
    assert page["PaginationResponseModel"]["totalPages"] == 3
    paging["SortModelList"] = [{"sortColumn": 1, "sortDirection": 1}]
    assert shop.search_orders(PaginationRequestModel=paging).json()["orderNumberList"] == numbers[2:4]
    assert shop.search_orders(orderProgressList=[800, 900]).json()["orderNumberList"] == numbers[:1]
    shop.control("setting", search_cap=3)
    assert shop.search_orders().json()["PaginationResponseModel"]["totalRecordsAmount"] == 3


def test_a_cancel_returns_stock_by_flag_only(shop: Shop) -> None:
    kept = shop.buy("mug", 2)
    shop.control("cancel", order_id=kept)
    assert shop.control("stock")["mug"] == 10
    assert shop.get_order(kept)["orderProgress"] == 900
    shop.control("setting", returns_stock_on_cancel=True)
    shop.control("cancel", order_id=shop.buy("mug", 2))
    assert shop.control("stock")["mug"] == 10
    flagged = shop.buy("mug", 2)
    shop.control("restore_flag", order_id=flagged, line=0, flag=2)
    shop.control("cancel", order_id=flagged)
    assert shop.control("stock")["mug"] == 8
    shop.control("cancel", order_id=shop.buy("mug", 2), restore_type=2)
    assert shop.control("stock")["mug"] == 6


def test_a_partial_cancel_lowers_units_or_flags_the_line(shop: Shop) -> None:
    number = shop.buy("mug", 3)
    shop.control("partial_cancel", order_id=number, line=0, quantity=1)
    line = shop.get_order(number)["PackageModelList"][0]["ItemModelList"][0]
    assert (line["units"], line["deleteItemFlag"]) == (2, 0)
    shop.control("partial_cancel", order_id=number, line="mug", quantity=2)
    line = shop.get_order(number)["PackageModelList"][0]["ItemModelList"][0]
    assert (line["units"], line["deleteItemFlag"]) == (2, 1)
    assert shop.control("orders")[0]["lines"][0]["quantity"] == 0


def test_reported_counts_only_answers_that_were_given(shop: Shop) -> None:
    number = shop.buy()
    shop.get_order(number)
    shop.control("fault", name="cut_after", function="get_order", count=1)
    with pytest.raises(requests.ConnectionError):
        shop.get_order(number)
    shop.control("cancel", order_id=number)
    shop.get_order(number)
    assert shop.control("reported", order_id=number) == {"times": 2, "cancelled_times": 1}
