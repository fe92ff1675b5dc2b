"""The simulated Qoo10 shop breaks when told to, and only then."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from qoo10_shop import BULK, CAP, DETAIL, INVENTORY, LIST, MUG, ONE, OPTION, Shop, option, plain

from sandbox.world import ControlError


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    running = Shop(tmp_path)
    yield running
    running.close()


def test_a_fault_meets_its_function_as_often_as_told(shop: Shop) -> None:
    shop.control("fault", name="result", code=-999, function="SetGoodsPriceQty", count=2)
    assert shop.code(LIST, ItemStatus="S2") == 0
    assert [shop.code(ONE, **plain(MUG, 1)) for _turn in range(3)] == [-999, -999, 0]
    assert shop.whats_wrong() == [], "a code on demand is no fault of the client"


def test_both_envelopes_carry_any_code(shop: Shop) -> None:
    shop.control("fault", name="result", code=-10101, message="Processing Error - 混雑", count=1)
    body = {"ResultCode": -10101, "ResultMsg": "Processing Error - 混雑"}
    assert shop.ask(LIST, ItemStatus="S2") == body
    shop.control("fault", name="gate", code=-90001, count=1)
    assert shop.ask(LIST, ItemStatus="S2")["ErrorCode"] == -90001
    shop.control("fault", name="not_authorised", function="GetAllGoodsInfo")
    assert shop.code(LIST, ItemStatus="S2") == -90002
    assert shop.code(DETAIL, SellerCode="mug") == 0


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ({"name": "status", "code": 403}, 403),
        ({"name": "status"}, 502),
        ({"name": "rate_limit"}, 429),
        ({"name": "maintenance"}, 200),
        ({"name": "html"}, 200),
    ],
)
def test_the_edge_speaks_in_pages(shop: Shop, fault: dict[str, object], status: int) -> None:
    shop.control("fault", **fault)
    reply = shop.post(ONE, plain(MUG, 3))
    assert (reply.status_code, reply.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert shop.stock("mug") == 12
    shop.control("clear_faults")
    assert shop.code(ONE, **plain(MUG, 3)) == 0


def test_maintenance_may_have_a_status_of_its_own(shop: Shop) -> None:
    shop.control("setting", maintenance_status=503)
    shop.control("fault", name="maintenance", function="GetAllGoodsInfo")
    assert shop.post(LIST, {"ItemStatus": "S2"}).status_code == 503
    assert shop.code(DETAIL, SellerCode="mug") == 0


@pytest.mark.parametrize(("name", "left"), [("cut_before", 12), ("cut_after", 3)])
def test_a_cut_leaves_no_answer(shop: Shop, name: str, left: int) -> None:
    shop.control("fault", name=name, function="SetGoodsPriceQty", count=1)
    with pytest.raises(requests.ConnectionError):
        shop.post(ONE, plain(MUG, 3))
    assert shop.stock("mug") == left
    assert shop.control("journal")[-1]["status"] == 0
    assert shop.code(ONE, **plain(MUG, 4)) == 0


@pytest.mark.parametrize("verb", ["release", "clear_faults"])
def test_a_held_answer_waits_for_its_release(shop: Shop, verb: str) -> None:
    replies: list[int] = []
    shop.control("fault", name="hold", function="SetGoodsPriceQty", count=1)
    caller = threading.Thread(target=lambda: replies.append(shop.code(ONE, **plain(MUG, 3))))
    caller.start()
    with shop.world.changed:
        held = ["SetGoodsPriceQty"]
        assert shop.world.changed.wait_for(lambda: shop.control("held") == held, timeout=10)
    assert (shop.stock("mug"), replies) == (3, [])
    shop.control(verb)
    caller.join(10)
    assert (replies, shop.control("held")) == ([0], [])


def test_a_slow_answer_comes(shop: Shop) -> None:
    shop.control("fault", name="slow", seconds=0.1, count=1)
    assert shop.code(LIST, ItemStatus="S2") == 0
    assert shop.control("view")["faults"] == []


def test_a_listing_can_be_refused(shop: Shop) -> None:
    shop.control("fault", name="refuse", code="cap-navy")
    assert shop.bulk(BULK, plain(MUG, 1), plain(CAP, 1))["ResultCode"] == -1
    assert shop.code(ONE, **plain(CAP, 1)) == -10101
    shop.control("fault", name="refuse", code="tee-red-m", result=-999, count=1)
    assert [shop.code(OPTION, **option("red", "m", 1)) for _turn in range(2)] == [-999, 0]
    assert shop.whats_wrong() == []
    assert (shop.stock("mug"), shop.stock("cap-navy"), shop.stock("tee-red-m")) == (1, 8, 1)


def test_a_hidden_limit_stands_before_the_api(tmp_path: Path) -> None:
    # The clock of the world moves with the machine's, so the rate is low and the waiting is by hand.
    shop = Shop(tmp_path, rates=1.0, calls_per_s=0.001, burst=3)
    try:
        statuses = [shop.post(LIST, {"ItemStatus": "S2"}).status_code for _turn in range(4)]
        assert statuses == [200, 200, 200, 429]
        shop.world.clock.advance(1001)
        assert shop.post(LIST, {"ItemStatus": "S2"}).status_code == 200
        assert shop.post(LIST, {"ItemStatus": "S2"}).status_code == 429
        shop.control("setting", rates=0.0)
        assert shop.post(LIST, {"ItemStatus": "S2"}).status_code == 200
    finally:
        shop.close()


def test_bulk_calls_may_have_a_limit_of_their_own(tmp_path: Path) -> None:
    shop = Shop(tmp_path, rates=1.0, calls_per_s=1000.0, burst=1000, bulk_per_s=0.001)
    try:
        assert shop.bulk(BULK, plain(MUG, 1))["ResultCode"] == 0
        assert shop.post(BULK, {"ItemInfoJson": "[]"}).status_code == 429
        assert shop.code(ONE, **plain(MUG, 2)) == 0
    finally:
        shop.close()


def test_faults_settings_and_edits_that_do_not_exist_are_refused(shop: Shop) -> None:
    for arguments in ({"name": "gremlins"}, {"name": "hold", "function": "x"}, {"name": "result"}):
        with pytest.raises(ControlError):
            shop.control("fault", **arguments)
    for changes in ({"speed": 1}, {"burst": 1.5}, {"expire_limit": 1}, {"zone": "CET"}):
        with pytest.raises(ControlError):
            shop.control("setting", **changes)
    for verb, arguments in (
        ("edit_listing", {"code": "mug", "status": "S4"}),
        ("edit_option", {"code": "mug", "price": 1}),
        ("add_product", {"code": "x", "name": "x", "parent": "tee"}),
        ("set_stock", {"code": "mug", "quantity": -1}),
    ):
        with pytest.raises(ControlError):
            shop.control(verb, **arguments)


def test_what_was_received_can_be_searched(shop: Shop) -> None:
    shop.ask(INVENTORY, SellerCode="合言葉 1")
    assert shop.control("seen", text="合言葉 1")
    assert shop.control("seen", text=shop.key)
    assert not shop.control("seen", text="never sent")


def test_view_has_what_the_page_shows(shop: Shop) -> None:
    number = shop.buy("mug")
    shop.control("fault", name="hold", function="GetShippingInfo_v3")
    view = shop.control("view")
    assert {"title", "stock", "orders", "faults", "hands", "notes"} == set(view)
    assert {"code": "mug", "name": "マグカップ", "quantity": 11, "state": "S2"} in view["stock"]
    assert view["orders"][0]["order_id"] == number
    assert shop.key not in str(view)


def test_every_hand_on_the_page_works(shop: Shop) -> None:
    for hand in shop.control("view")["hands"]:
        shop.control(hand["verb"], **hand.get("arguments", {}))


def test_goods_come_and_go_by_hand(shop: Shop) -> None:
    made = shop.control("add_product", code="mug", name="二つ目", quantity=3)
    assert (shop.stock("mug"), shop.stock(MUG), shop.stock(made["item_code"])) == (12, 12, 3)
    assert shop.code(DETAIL, SellerCode="mug") == 0
    shop.control("remove_product", code="cap-navy")
    assert "cap-navy" not in shop.control("stock")
    shop.control("set_stock", code="tee-red-m", quantity=5)
    assert shop.rows()[1]["Qty"] == 5


def test_a_right_client_leaves_no_violation(shop: Shop) -> None:
    shop.ask(LIST, ItemStatus="S2", Page="1")
    shop.ask(DETAIL, ItemCode=MUG)
    shop.rows()
    shop.bulk(BULK, plain(MUG, 1, SellerCode="mug"), plain("1999999999", 1))
    shop.ask(OPTION, **option("red", "m", 1, SellerCode="tee"))
    number = shop.buy()
    shop.orders()
    shop.control("cancel", order_id=number)
    shop.claims("3")
    assert shop.control("violations") == []
