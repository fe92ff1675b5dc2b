"""The simulated futureshop breaks when told to, and only then."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from futureshop_shop import INVENTORY, Shop, code, entry, results

from sandbox.malls.futureshop.settings import Settings
from sandbox.world import ControlError

WRITE = entry("gd1", ("", "", "+1"))


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    running = Shop(tmp_path)
    yield running
    running.close()


@pytest.mark.parametrize("fault", [{"name": "status", "code": 500}, {"name": "http_500"}])
def test_a_fault_meets_its_function_as_often_as_told(shop: Shop, fault: dict[str, Any]) -> None:
    shop.control("fault", function="write_inventory", count=2, **fault)
    assert shop.read().status_code == 200
    assert [shop.write(WRITE).status_code for _turn in range(3)] == [500, 500, 200]
    assert shop.stock("gd1") == 11


def test_maintenance_is_a_page_until_cleared(shop: Shop) -> None:
    shop.control("fault", name="maintenance")
    for reply in (shop.read(), shop.ask_token()):
        assert (reply.status_code, "メンテナンス" in reply.text) == (503, True)
    shop.control("clear_faults")
    assert shop.read().status_code == 200


def test_the_rate_limit_comes_on_demand_with_or_without_a_wait(shop: Shop) -> None:
    shop.control("fault", name="rate_limit", retry_after=7, count=1)
    shop.control("fault", name="rate_limit", retry_after=None, count=1)
    first, second = shop.write(WRITE), shop.write(WRITE)
    assert (first.status_code, first.headers["Retry-After"], code(first)) == (429, "7", "TooManyRequests")
    assert (second.status_code, "Retry-After" in second.headers) == (429, False)
    assert shop.stock("gd1") == 10


@pytest.mark.parametrize("reason", ["api", "ip"])
def test_an_api_that_is_not_granted_is_denied(shop: Shop, reason: str) -> None:
    shop.control("fault", name="not_granted", function="write_inventory", reason=reason)
    reply = shop.write(WRITE)
    assert (reply.status_code, code(reply), shop.read().status_code) == (403, "AccessDenied", 200)
    assert ("IP" in reply.text) == (reason == "ip")


def test_a_live_token_can_be_refused(shop: Shop) -> None:
    shop.control("fault", name="unauthorised", count=2)
    assert [shop.read().status_code for _turn in range(3)] == [401, 401, 200]


@pytest.mark.parametrize(("name", "shown"), [("cut_before", 10), ("cut_after", 11)])
def test_a_cut_leaves_no_answer(shop: Shop, name: str, shown: int) -> None:
    shop.control("fault", name=name, function="write_inventory", count=1)
    with pytest.raises(requests.ConnectionError):
        shop.write(WRITE)
    assert (shop.stock("gd1"), shop.control("journal")[-1]["status"]) == (shown, 0)
    assert shop.write(WRITE).status_code == 200


def start_held(shop: Shop, name: str, outcomes: list[Any]) -> threading.Thread:
    """Write from a thread and wait until its answer is held back."""

    def call() -> None:
        try:
            outcomes.append(shop.write(WRITE).status_code)
        except requests.ConnectionError:
            outcomes.append("cut")

    shop.control("fault", name=name, function="write_inventory", count=1)
    caller = threading.Thread(target=call)
    caller.start()
    with shop.world.changed:
        held = shop.world.changed.wait_for(lambda: shop.control("held") == ["write_inventory"], timeout=20)
    assert held
    return caller


@pytest.mark.parametrize(
    ("name", "shown", "outcome"),
    [("hold", 11, 200), ("applied_but_timeout", 11, 200), ("timeout", 10, "cut")],
)
@pytest.mark.parametrize("verb", ["release", "clear_faults"])
def test_a_held_answer_waits_for_its_release(
    shop: Shop, name: str, shown: int, outcome: Any, verb: str
) -> None:
    outcomes: list[Any] = []
    caller = start_held(shop, name, outcomes)
    assert (shop.stock("gd1"), outcomes) == (shown, [])
    shop.control(verb)
    caller.join(20)
    assert (outcomes, shop.control("held"), shop.stock("gd1")) == ([outcome], [], shown)


def test_a_held_answer_can_be_given_up(shop: Shop) -> None:
    shop.control("fault", name="applied_but_timeout", function="write_inventory", count=1)
    with pytest.raises(requests.Timeout):
        url = shop.address["base_url"] + INVENTORY
        shop.session.post(url, json={"productList": [WRITE]}, timeout=(20, 0.3))
    with shop.world.changed:
        assert shop.world.changed.wait_for(lambda: shop.stock("gd1") == 11, timeout=20)
    assert shop.products(productNo="gd1")[0]["inventoryInfo"]["regular"]["inventoryList"][0]["count"] == 11


def test_a_slow_answer_comes_all_the_same(shop: Shop) -> None:
    shop.control("fault", name="slow", seconds=0.1, count=1)
    assert shop.read().status_code == 200


def test_html_or_half_the_json_may_stand_where_json_should(shop: Shop) -> None:
    shop.control("fault", name="html", count=1)
    assert shop.read().text.startswith("<html>")
    shop.control("fault", name="truncate_json", count=1)
    reply = shop.write(WRITE)
    assert (reply.status_code, shop.stock("gd1")) == (200, 11)
    with pytest.raises(json.JSONDecodeError):
        json.loads(reply.text)


@pytest.mark.parametrize(
    ("form", "differs"), [("host", "://localhost:"), ("scheme", "http://"), ("path", "/other/")]
)
def test_the_next_url_may_be_foreign(shop: Shop, form: str, differs: str) -> None:
    shop.control("fault", name="foreign_next_url", form=form, count=1)
    url = shop.read().json()["nextUrl"]
    assert differs in url
    assert "cursor=" in url
    assert "nextUrl" not in shop.read().json()


def test_the_next_url_may_lack_its_cursor(shop: Shop) -> None:
    shop.control("fault", name="foreign_next_url", form="no_cursor", count=1)
    assert shop.read().json()["nextUrl"] == f"{shop.address['base_url']}{INVENTORY}?types=regular"


def test_following_a_foreign_url_or_a_redirect_is_seen(shop: Shop) -> None:
    shop.control("fault", name="foreign_next_url", count=1)
    shop.ask("GET", shop.read().json()["nextUrl"])
    shop.control("fault", name="redirect", count=1)
    reply = shop.read()
    assert reply.status_code == 302
    assert len(shop.control("violations")) == 1
    shop.ask("GET", reply.headers["Location"])
    assert len(shop.control("violations")) == 2


def test_one_product_of_many_can_fail(shop: Shop) -> None:
    shop.control("fault", name="partial", nth=2, count=1)
    reply = shop.write(WRITE, entry("mug", ("", "", 1)))
    assert results(reply) == {"gd1": "success", "mug": ["ProductNotFound"]}
    assert (shop.stock("gd1"), shop.stock("mug")) == (11, 12)


def test_a_listing_can_be_refused(shop: Shop) -> None:
    shop.control("fault", name="refuse", code="gd3sgray", error="SystemError")
    assert results(shop.write(WRITE, entry("gd3", ("s", "gray", 1)))) == {
        "gd1": "success",
        "gd3": ["SystemError"],
    }
    assert results(shop.write(entry("gd3", ("l", "gray", 1)))) == {"gd3": "success"}


def test_a_result_can_be_missing_and_a_whole_write_be_rejected(shop: Shop) -> None:
    shop.control("fault", name="omit", nth=1, count=1)
    reply = shop.write(WRITE, entry("mug", ("", "", 1)))
    assert (reply.json()["status"], results(reply), shop.stock("gd1")) == ("success", {"mug": "success"}, 11)
    shop.control("fault", name="reject", error="SystemError", count=1)
    rejected = shop.write(WRITE)
    assert (rejected.json()["status"], code(rejected), shop.stock("gd1")) == ("failed", "SystemError", 11)


def test_faults_and_settings_that_do_not_exist_are_refused(shop: Shop) -> None:
    wrong: list[dict[str, Any]] = [
        {"name": "gremlins"},
        {"name": "hold", "function": "x"},
        {"name": "hold", "code": 1},
        {"name": "refuse"},
        {"name": "foreign_next_url", "form": "x"},
    ]
    for arguments in wrong:
        with pytest.raises(ControlError):
            shop.control("fault", **arguments)
    for changes in ({"speed": 1}, {"page": "many"}, {"samples": 1}, {"partial_top": "maybe"}):
        with pytest.raises(ControlError):
            shop.control("setting", **changes)


def test_every_setting_can_be_given_its_own_value(shop: Shop) -> None:
    for name, value in vars(Settings()).items():
        shop.control("setting", **{name: value})


def test_view_has_what_the_page_shows(shop: Shop) -> None:
    number = shop.buy("mug")
    shop.control("fault", name="hold", function="get_order")
    view = shop.control("view")
    assert set(view) == {"title", "stock", "orders", "faults", "hands", "notes"}
    assert {"code": "mug", "name": "マグカップ", "quantity": 11} in view["stock"]
    assert {"code": "tee-red-m", "name": "ロゴTシャツ red m", "quantity": 20} in view["stock"]
    assert view["orders"][0]["order_id"] == number
    assert shop.address["client_secret"] not in str(view)


def test_every_hand_of_the_page_works(shop: Shop) -> None:
    for hand in shop.control("view")["hands"]:
        shop.control(hand["verb"], **hand.get("arguments", {}))


def test_the_samples_can_be_left_out(tmp_path: Path) -> None:
    shop = Shop(tmp_path, samples=False, shop_key="othername")
    assert not {"gd1", "gd3sgray", "gd5"} & set(shop.control("stock"))
    assert shop.read().status_code == 200
    shop.close()


def test_what_was_received_can_be_searched(shop: Shop) -> None:
    shop.write(entry("gd1", ("", "", 987654)))
    assert shop.control("seen", text="987654")
    assert shop.control("seen", text=shop.address["client_secret"])
    assert not shop.control("seen", text="never sent")
