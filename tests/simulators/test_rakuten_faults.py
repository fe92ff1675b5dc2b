"""The simulated Rakuten shop breaks when told to, and only then."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from rakuten_shop import (
    EXPIRY,
    RED_M,
    RED_S,
    Shop,
    absolute,
    codes,
)

from sandbox.world import ControlError


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    running = Shop(tmp_path)
    yield running
    running.close()


def test_a_fault_meets_its_function_as_often_as_told(shop: Shop) -> None:
    shop.control("fault", name="status", code=500, function="bulk_upsert", count=2)
    assert shop.search().status_code == 200
    replies = [shop.upsert(absolute(1)) for _turn in range(3)]
    assert [reply.status_code for reply in replies] == [500, 500, 204]
    assert codes(replies[0]) == ["X0000"]


def test_a_503_is_a_page(shop: Shop) -> None:
    shop.control("fault", name="status", code=503)
    reply = shop.search()
    assert reply.status_code == 503
    assert reply.headers["Content-Type"].startswith("text/html")
    shop.control("clear_faults")
    assert shop.search().status_code == 200


def test_rate_limit_and_conflict_on_demand(shop: Shop) -> None:
    shop.control("fault", name="rate_limit", retry_after=7, count=1)
    shop.control("fault", name="conflict", count=1)
    limited, conflict = shop.upsert(absolute(1)), shop.upsert(absolute(1))
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "7")
    assert (conflict.status_code, codes(conflict)) == (409, ["CE0001"])
    assert shop.control("stock")["tee-red-s"] == 20


def test_the_two_apis_are_maintained_apart(shop: Shop) -> None:
    shop.control("fault", name="maintenance", api="inventory")
    assert (shop.upsert(absolute(1)).status_code, shop.search_orders().status_code) == (503, 200)
    shop.control("clear_faults")
    shop.control("fault", name="maintenance", api="order")
    assert (shop.upsert(absolute(1)).status_code, shop.search_orders().status_code) == (204, 503)
    shop.control("fault", name="maintenance", api="all")
    assert shop.upsert(absolute(1)).status_code == 503


@pytest.mark.parametrize(("name", "shown"), [("cut_before", 20), ("cut_after", 3)])
def test_a_cut_leaves_no_answer(shop: Shop, name: str, shown: int) -> None:
    shop.control("fault", name=name, function="bulk_upsert", count=1)
    with pytest.raises(requests.ConnectionError):
        shop.upsert(absolute(3))
    assert shop.control("stock")["tee-red-s"] == shown
    assert shop.control("journal")[-1]["status"] == 0
    assert shop.upsert(absolute(4)).status_code == 204


def start_held(shop: Shop, replies: list[requests.Response]) -> threading.Thread:
    """Call ``bulk_upsert`` from a thread and wait until its answer is held back."""
    shop.control("fault", name="hold", function="bulk_upsert", count=1)
    caller = threading.Thread(target=lambda: replies.append(shop.upsert(absolute(3))))
    caller.start()
    with shop.world.changed:
        assert shop.world.changed.wait_for(lambda: shop.control("held") == ["bulk_upsert"], timeout=5)
    return caller


def test_a_held_answer_waits_for_its_release(shop: Shop) -> None:
    replies: list[requests.Response] = []
    caller = start_held(shop, replies)
    assert shop.control("stock")["tee-red-s"] == 3
    assert replies == []
    assert shop.control("release") == 1
    caller.join(5)
    assert [reply.status_code for reply in replies] == [204]


@pytest.mark.parametrize("verb", ["release", "clear_faults"])
def test_held_answers_go_with_the_faults(shop: Shop, verb: str) -> None:
    replies: list[requests.Response] = []
    caller = start_held(shop, replies)
    shop.control(verb)
    caller.join(5)
    assert (len(replies), shop.control("held")) == (1, [])


def test_a_slow_answer_takes_its_time(shop: Shop) -> None:
    shop.control("fault", name="slow", seconds=0.2, count=1)
    started = time.monotonic()
    assert shop.search().status_code == 200
    assert time.monotonic() - started >= 0.2


def test_html_may_stand_where_json_should(shop: Shop) -> None:
    shop.control("fault", name="html", count=1)
    reply = shop.search()
    assert (reply.status_code, reply.text[:6]) == (200, "<html>")


def test_a_function_that_is_not_ticked_is_refused_in_either_form(shop: Shop) -> None:
    shop.control("fault", name="not_ticked", function="search_order")
    assert shop.search().status_code == 200
    assert (shop.search_orders().status_code, codes(shop.search_orders())) == (401, ["GA0001"])
    shop.control("setting", untick_form="ES04-01")
    assert shop.search_orders().json()["Results"]["errorCode"] == "ES04-01"


@pytest.mark.parametrize(("named", "place"), [(True, {"propertyPath": "inventories[1]"}), (False, None)])
def test_a_listing_can_be_refused_with_or_without_its_row(shop: Shop, named: bool, place: Any) -> None:
    shop.control("fault", name="refuse", code="tee-red-m", error="IE0121", named=named)
    reply = shop.upsert(absolute(1), absolute(1, RED_M))
    assert reply.status_code == 400
    assert reply.json()["errors"][0].get("metadata") == place
    assert shop.upsert(absolute(1)).status_code == 204


def test_faults_and_settings_that_do_not_exist_are_refused(shop: Shop) -> None:
    for arguments in ({"name": "gremlins"}, {"name": "hold", "function": "x"}, {"name": "hold", "code": 1}):
        with pytest.raises(ControlError):
            shop.control("fault", **arguments)
    for changes in ({"speed": 1}, {"search_cap": "many"}, {"migrated": 1}):
        with pytest.raises(ControlError):
            shop.control("setting", **changes)


def test_view_has_what_the_page_shows(shop: Shop) -> None:
    number = shop.buy("mug")
    shop.control("fault", name="hold", function="get_order")
    view = shop.control("view")
    assert set(view) == {"title", "stock", "orders", "faults", "hands", "notes"}
    assert {"code": "mug", "name": "マグカップ", "quantity": 11} in view["stock"]
    assert view["orders"][0]["order_id"] == number
    assert shop.mall.addresses()["licence_key"] not in str(view)


def test_a_right_client_leaves_no_violation(shop: Shop) -> None:
    shop.search(cursorMark="*", hits=100)
    shop.upsert(absolute(5))
    shop.read(RED_S)
    shop.search_orders(orderProgressList=[800, 900], subStatusIdList=[-1])
    shop.get_order(shop.buy())
    shop.ask("GET", EXPIRY, params={"licenseKey": shop.mall.addresses()["licence_key"]})
    assert shop.control("violations") == []
