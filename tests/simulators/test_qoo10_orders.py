"""The simulated Qoo10 shop: orders, claims, what they do to stock, and how they are read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from qoo10_shop import BY_NUMBER, CLAIMS, JST, ORDERS, Shop, day

from sandbox.world import ControlError


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    running = Shop(tmp_path)
    yield running
    running.close()


def test_a_sale_takes_stock_off_at_once_and_is_found(shop: Shop) -> None:
    number = shop.buy("tee-red-m", 2)
    assert shop.stock("tee-red-m") == 18
    (row,) = shop.orders()
    wanted = {
        "OrderNo": int(number),
        "SellerItemCode": "tee",
        "OptionCode": "tee-red-m",
        "OrderQty": 2,
        "ShippingStatus": "2",
    }
    assert wanted.items() <= row.items()
    ordered_at = datetime.strptime(row["OrderDate"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=JST)
    assert timedelta() <= shop.world.clock.now() - ordered_at < timedelta(minutes=1)
    assert row["PaymentDate"] == row["OrderDate"]


def test_every_line_of_a_cart_has_its_own_number(shop: Shop) -> None:
    lines = [{"code": "mug", "quantity": 1}, {"code": "tee-blue-s", "quantity": 2}]
    cart = shop.control("order", lines=lines)
    rows = shop.orders()
    assert {str(row["OrderNo"]) for row in rows} == set(cart["order_numbers"])
    assert {str(row["PackNo"]) for row in rows} == {cart["pack_no"]}
    assert cart["order_id"] == cart["order_numbers"][0]


def test_nobody_buys_more_than_is_there(shop: Shop) -> None:
    with pytest.raises(ControlError, match="8 of cap-navy on sale"):
        shop.buy("cap-navy", 9)
    with pytest.raises(ControlError):
        shop.control("order", lines=[])
    shop.control("edit_listing", code="cap-navy", expires="2026-01-01")
    with pytest.raises(ControlError, match="not on sale"):
        shop.buy("cap-navy")


def test_orders_carry_the_buyer_for_clients_to_drop(shop: Shop) -> None:
    number = shop.buy()
    assert shop.orders()[0]["Buyer"] == "山田 花子"
    shop.control("setting", buyer="鈴木 一郎")
    shop.buy()
    assert [row["Receiver"] for row in shop.orders()] == ["鈴木 一郎", "山田 花子"]
    shop.control("cancel", order_id=number)
    assert shop.claims()[0]["buyer"] == "山田 花子"
    (row,) = shop.ask(BY_NUMBER, OrderNo=number)["ResultObject"]
    assert (row["receiver"], row["shippingAddr"]) == ("山田 花子", "東京都見本区見本町1-2-3")


def test_an_unpaid_order_holds_stock_and_has_no_payment_date(shop: Shop) -> None:
    number = shop.buy(paid=False)
    (row,) = shop.orders("1")
    assert (row["PaymentDate"], shop.stock("mug")) == ("", 11)
    assert shop.orders("1", condition="2") == []
    shop.control("pay", order_id=number)
    assert (shop.orders("1"), len(shop.orders("2")), shop.stock("mug")) == ([], 1, 11)


def test_stock_may_be_taken_at_payment_instead(shop: Shop) -> None:
    shop.control("setting", takes_stock="payment")
    number = shop.buy(paid=False)
    assert shop.stock("mug") == 12
    shop.control("pay", order_id=number)
    assert shop.stock("mug") == 11


def test_a_status_finds_its_own_orders_and_none_finds_the_open_ones(shop: Shop) -> None:
    numbers = [shop.buy(paid=False), shop.buy(), shop.buy(), shop.buy(), shop.buy()]
    for number, status in zip(numbers[2:], (3, 4, 5), strict=True):
        shop.control("progress", order_id=number, code=status)
    found = {status: [str(row["OrderNo"]) for row in shop.orders(status)] for status in "12345"}
    assert found == {str(place): [number] for place, number in enumerate(numbers, start=1)}
    assert len(shop.orders("0")) == len(shop.orders("")) == 3
    assert [len(shop.orders(status, condition="3")) for status in "345"] == [0, 1, 1]
    assert [len(shop.orders(status, condition="4")) for status in "45"] == [0, 1]


def test_a_search_that_finds_nothing_has_a_null_or_no_object(shop: Shop) -> None:
    today = day(shop.world.clock.now())
    body = shop.ask(ORDERS, SearchStartDate=today, SearchEndDate=today)
    assert body == {"ResultObject": None, "ResultCode": 0, "ResultMsg": "SUCCESS. But No Result"}
    shop.control("setting", empty_result="absent")
    assert "ResultObject" not in shop.ask(ORDERS, SearchStartDate=today, SearchEndDate=today)


def test_a_single_row_may_come_without_its_list(shop: Shop) -> None:
    shop.control("setting", single_row="object")
    number = shop.buy()
    assert shop.ask(BY_NUMBER, OrderNo=number)["ResultObject"]["orderNo"] == int(number)


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        ("20260101", "20260401", 0),
        ("20260101", "20260402", -10003),
        ("20260102", "20260101", -10002),
        ("2026-01-01", "20260102", -10002),
        ("20261301", "20261301", -10002),
        ("", "", -10002),
    ],
)
def test_a_search_has_90_days_and_one_form_of_dates(shop: Shop, start: str, end: str, code: int) -> None:
    assert shop.code(ORDERS, SearchStartDate=start, SearchEndDate=end) == code
    assert len(shop.whats_wrong()) == (1 if code else 0)
    if start:
        assert shop.code(CLAIMS, search_Sdate=start, search_Edate=end) == code


def test_a_window_is_japan_time_and_its_end_counts(shop: Shop) -> None:
    shop.buy(ago_s=3600)
    text = shop.orders()[0]["OrderDate"].translate(str.maketrans("", "", "-: "))
    assert shop.code(ORDERS, SearchStartDate=text, SearchEndDate=text) == 0
    assert shop.ask(ORDERS, SearchStartDate=text, SearchEndDate=text)["ResultObject"]
    later = (shop.world.clock.now() - timedelta(seconds=1800)).astimezone(JST).strftime("%Y%m%d%H%M%S")
    end = shop.world.clock.now().astimezone(JST).strftime("%Y%m%d%H%M%S")
    assert shop.ask(ORDERS, SearchStartDate=later, SearchEndDate=end)["ResultObject"] is None


def test_the_zone_of_dates_is_a_guess_that_can_be_changed(shop: Shop) -> None:
    shop.buy()
    japan = shop.orders()[0]["OrderDate"]
    shop.control("setting", zone="UTC")
    (row,) = shop.orders(days=4)
    form = "%Y-%m-%d %H:%M:%S"
    apart = datetime.strptime(japan, form) - datetime.strptime(row["OrderDate"], form)  # noqa: DTZ007
    assert apart == timedelta(hours=9)


@pytest.mark.parametrize(("paid", "claim"), [(True, "3"), (False, "16")])
def test_a_cancelled_order_is_a_claim_and_no_longer_an_order(shop: Shop, paid: bool, claim: str) -> None:
    number = shop.buy("mug", 2, paid=paid)
    shop.control("cancel", order_id=number)
    assert shop.orders() == []
    (row,) = shop.claims(claim)
    assert (row["orderNo"], row["claimStatus"], row["orderQty"]) == (int(number), claim, 2)
    assert row["cancelRefundDate"] == row["requestDate"] != ""
    assert shop.ask(BY_NUMBER, OrderNo=number)["ResultObject"][0]["claimStatus"] == claim
    assert shop.stock("mug") == 10
    with pytest.raises(ControlError, match="cancelled already"):
        shop.control("cancel", order_id=number)


def test_a_mall_may_put_cancelled_stock_back_and_keep_the_order(shop: Shop) -> None:
    shop.control("setting", returns_stock_on_cancel=True, cancelled_in_shipping="stays")
    shop.control("cancel", order_id=shop.buy("mug", 2))
    assert (shop.stock("mug"), len(shop.orders())) == (12, 1)


def test_a_line_is_cancelled_whole_or_not_at_all(shop: Shop) -> None:
    lines = [{"code": "mug", "quantity": 2}, {"code": "cap-navy", "quantity": 1}]
    number = shop.control("order", lines=lines)["order_id"]
    with pytest.raises(ControlError, match="2 pieces"):
        shop.control("partial_cancel", order_id=number, line=0, quantity=1)
    shop.control("partial_cancel", order_id=number, line="mug", quantity=2)
    assert [row["SellerItemCode"] for row in shop.orders()] == ["cap-navy"]
    assert [line["quantity"] for line in shop.control("orders")[0]["lines"]] == [0, 1]


def test_claims_on_the_way_do_not_hide_an_order(shop: Shop) -> None:
    number = shop.buy()
    for code in (1, 2, 4, 6):
        shop.control("claim", order_id=number, code=code)
        assert len(shop.orders()) == len(shop.claims(str(code))) == len(shop.claims()) == 1
    assert len(shop.claims("6", condition="3")) == 1
    shop.control("claim", order_id=number, code=0)
    assert shop.claims() == []
    with pytest.raises(ControlError, match="no claim 7"):
        shop.control("claim", order_id=number, code=7)


def test_an_unknown_order_is_no_result(shop: Shop) -> None:
    assert shop.ask(BY_NUMBER, OrderNo="1")["ResultMsg"] == "SUCCESS. But No Result"
    assert shop.code(BY_NUMBER, OrderNo="") == -10


@pytest.mark.parametrize("field", [{"ShippingStatus": "9"}, {"SearchCondition": "5"}])
def test_a_wrong_search_is_a_violation(shop: Shop, field: dict[str, str]) -> None:
    today = day(shop.world.clock.now())
    assert shop.code(ORDERS, SearchStartDate=today, SearchEndDate=today, **field) == -999
    assert len(shop.whats_wrong()) == 1


def test_it_is_known_how_often_an_order_was_given(shop: Shop) -> None:
    number = shop.buy()
    shop.orders()
    shop.control("cancel", order_id=number)
    shop.orders()
    shop.claims()
    assert shop.control("reported", order_id=number) == {"times": 2, "cancelled_times": 1}
