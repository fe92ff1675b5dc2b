"""The simulated Amazon seller breaks when told to, and only then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from amazon_shop import Shop, channels, error, message, stock


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    running = Shop(tmp_path)
    yield running
    running.close()


def test_a_fault_meets_its_function_as_often_as_told(shop: Shop) -> None:
    shop.control("fault", name="status", code=500, function="patch_item", count=2)
    assert shop.item("mug").status_code == 200
    replies = [shop.patch("mug", stock(1)) for _turn in range(3)]
    assert [reply.status_code for reply in replies] == [500, 500, 200]
    assert set(error(replies[0])) == {"code", "message", "details"}


def test_rate_limits_on_demand_may_name_their_level(shop: Shop) -> None:
    shop.control("fault", name="rate_limit", count=1)
    shop.control("fault", name="rate_limit", level="relationships", count=1)
    replies = [shop.patch("mug", stock(1)) for _turn in range(2)]
    assert [reply.status_code for reply in replies] == [429, 429]
    assert error(replies[1])["message"].endswith("greater than what is allowed for relationships.")


def test_apis_are_maintained_apart(shop: Shop) -> None:
    shop.control("fault", name="maintenance", api="orders")
    assert (shop.item("mug").status_code, shop.search_orders().status_code) == (200, 503)
    shop.control("fault", name="maintenance")
    assert (shop.item("mug").status_code, error(shop.item("mug"))["code"]) == (503, "ServiceUnavailable")
    shop.control("clear_faults")
    assert shop.search_orders().status_code == 200


@pytest.mark.parametrize(("name", "shown"), [("cut_before", 12), ("cut_after", 3)])
def test_a_cut_leaves_no_answer(shop: Shop, name: str, shown: int) -> None:
    shop.control("fault", name=name, function="patch_item", count=1)
    with pytest.raises(requests.ConnectionError):
        shop.patch("mug", stock(3))
    assert shop.shown("mug") == shown
    assert shop.control("journal")[-1]["status"] == 0
    assert shop.patch("mug", stock(4)).status_code == 200


def test_a_500_may_come_after_the_write_was_taken(shop: Shop) -> None:
    shop.control("fault", name="status_after", function="patch_item", code=503, count=1)
    assert (shop.patch("mug", stock(3)).status_code, shop.shown("mug")) == (503, 3)


def test_a_held_answer_waits_for_its_release(shop: Shop) -> None:
    with shop.held("patch_item", lambda: shop.patch("mug", stock(3))) as replies:
        assert (shop.shown("mug"), replies) == (3, [])
        assert shop.control("release") == 1
    assert [reply.status_code for reply in replies] == [200]


def test_held_answers_go_with_the_faults(shop: Shop) -> None:
    with shop.held("search_orders", lambda: shop.search_orders()) as replies:
        shop.control("clear_faults")
    assert (len(replies), shop.control("held")) == (1, [])


def test_a_slow_answer_comes_in_the_end(shop: Shop) -> None:
    shop.control("fault", name="slow", seconds=0.1, count=1)
    assert shop.item("mug").status_code == 200


def test_html_may_stand_where_json_should(shop: Shop) -> None:
    shop.control("fault", name="html", count=1)
    reply = shop.item("mug")
    assert (reply.status_code, reply.text[:6]) == (200, "<html>")


def test_a_role_may_be_missing(shop: Shop) -> None:
    shop.control("fault", name="missing_role", function="search_orders")
    assert shop.item("mug").status_code == 200
    reply = shop.search_orders()
    assert (reply.status_code, error(reply)["code"], error(reply)["details"]) == (403, "Unauthorized", "")


def test_a_token_may_be_called_expired_before_its_time(shop: Shop) -> None:
    shop.control("fault", name="expired_token", count=1)
    assert [shop.item("mug").status_code for _turn in range(2)] == [403, 200]


def test_a_write_may_be_refused_later_silently_or_at_once(shop: Shop) -> None:
    for how, status in (("later", "ACCEPTED"), ("silent", "ACCEPTED"), ("invalid", "INVALID")):
        shop.control("fault", name="refuse", code="mug", how=how, count=1)
        assert shop.patch("mug", stock(3)).json()["status"] == status
        assert channels(shop.item("mug")) == {"DEFAULT": 12}
    issues = shop.item("mug").json()["issues"]
    assert [issue["severity"] for issue in issues] == ["ERROR"]
    assert shop.patch("mug", stock(3)).json()["status"] == "ACCEPTED"
    assert shop.shown("mug") == 3


def test_a_refusal_meets_feeds_too(shop: Shop) -> None:
    shop.control("fault", name="refuse", code="mug", how="invalid")
    feed_id = shop.feed(message(1, "mug", stock(3)), message(2, "cap-navy", stock(3)))
    shop.advance(306)
    report = shop.feed_report(feed_id)
    assert ([row["sku"] for row in report["issues"]], report["summary"]["messagesAccepted"]) == (["mug"], 1)
    assert (shop.shown("mug"), shop.shown("cap-navy")) == (12, 3)


def test_uploads_and_downloads_break_by_name_only(shop: Shop) -> None:
    shop.control("fault", name="status", code=503)
    assert shop.exchange().status_code == 200
    shop.control("clear_faults")
    shop.control("fault", name="status", code=503, function="upload", count=1)
    assert [shop.upload(b"{}")[1].status_code for _turn in range(2)] == [503, 200]


def test_view_has_what_the_page_shows(shop: Shop) -> None:
    number = shop.buy("mug")
    shop.patch("mug", stock(3, "replace"))
    shop.control("fault", name="hold", function="get_order")
    view = shop.control("view")
    assert set(view) == {"title", "stock", "orders", "faults", "hands", "notes"}
    assert {"code": "mug", "name": "マグカップ", "quantity": 3} in view["stock"]
    assert view["orders"][0]["order_id"] == number
    assert any("害のある書き込み" in note for note in view["notes"])
    for secret in ("client_secret", "refresh_token"):
        assert shop.given[secret] not in str(view)


def test_every_hand_of_the_page_does_something(shop: Shop) -> None:
    for hand in shop.control("view")["hands"]:
        shop.control(hand["verb"], **hand.get("arguments", {}))
    assert shop.item("mug").status_code == 503


def test_a_right_client_leaves_no_violation(shop: Shop) -> None:
    shop.patch("mug", stock(5), issueLocale="ja_JP")
    shop.search(identifiersType="SKU", identifiers="mug", includedData="summaries", pageSize=20)
    shop.feed_state(shop.feed(message(1, "mug", stock(4))))
    shop.search_orders(fulfilledBy="MERCHANT", includedData="FULFILLMENT,CANCELLATION")
    shop.order(shop.buy())
    shop.ask("GET", "/sellers/v1/marketplaceParticipations")
    assert shop.control("violations") == []
