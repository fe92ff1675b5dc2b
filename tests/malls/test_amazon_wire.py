"""Amazon.co.jp on the wire: what its documents warn of, and both readings of what they leave open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from adapters.amazon.adapter import AmazonAdapter
from adapters.contract import LineState, Outcome, Window
from adapters.errors import AuthError, RateLimitedError, TemporaryError
from tests.contract import last_hours
from tests.malls.amazon_shop import AmazonBench, running


@pytest.fixture
def mall(tmp_path) -> Iterator[AmazonBench]:
    with running(tmp_path) as bench:
        yield bench
        assert bench.control("violations") == [], "the adapter keeps to the mall's forms"
        assert bench.control("incidents") == [], "and does no harm"


@pytest.fixture
def adapter(mall: AmazonBench) -> Iterator[AmazonAdapter]:
    made = mall.adapter()
    yield made
    made.close()


# --------------------------------------------------------------------------- calls and their limits


@pytest.mark.parametrize(
    ("header", "strict", "agent"), [(True, True, True), (False, False, False), (False, True, True)]
)
def test_calls_are_right_for_a_mall_that_is_strict_and_one_that_is_not(
    mall: AmazonBench, adapter: AmazonAdapter, header: bool, strict: bool, agent: bool
) -> None:
    mall.control("setting", rate_header=header, strict=strict, asks_user_agent=agent)
    order_id = mall.order("mug", 1)
    assert adapter.write_stock([mall.line("mug", 5)])[0].outcome is Outcome.DONE
    assert adapter.read_stock([mall.address("mug")])[mall.address("mug")].quantity == 5
    assert [order.order_id for order in adapter.read_orders(last_hours(mall))] == [order_id]


@pytest.mark.parametrize(
    ("text", "level"),
    [("You exceeded your quota for the requested resource.", ""), ("", ""), ("", "product data")],
)
def test_quota_is_told_by_the_status_whatever_the_words(
    mall: AmazonBench, adapter: AmazonAdapter, text: str, level: str
) -> None:
    mall.control("setting", quota_text=text)
    mall.control("fault", name="rate_limit", level=level)
    for call in (
        lambda: adapter.write_stock([mall.line("mug", 5)]),
        lambda: adapter.read_stock([mall.address("mug")]),
    ):
        with pytest.raises(RateLimitedError):
            call()
    assert mall.stock("mug") == 12


def test_closed_mall_is_temporary_as_a_503_says_no_more(mall: AmazonBench, adapter: AmazonAdapter) -> None:
    mall.control("fault", name="maintenance", api="all")
    for call in (lambda: adapter.read_stock([mall.address("mug")]), adapter.read_products):
        with pytest.raises(TemporaryError):
            call()
    (result,) = adapter.write_stock([mall.line("mug", 5)])
    assert result.outcome is Outcome.UNKNOWN
    assert mall.stock("mug") == 12


# --------------------------------------------------------------------------- stock


@pytest.mark.parametrize("feed_above", [1500, 0])
def test_a_number_is_merged_as_a_replace_would_wipe_the_lead_time(mall: AmazonBench, feed_above: int) -> None:
    adapter = mall.adapter(feed_above=feed_above)
    adapter.write_stock([mall.line("mug", 5)])
    said = [word for word in ("merge", "replace", "add") if mall.control("seen", text=f'"op":"{word}"')]
    assert said == ["merge"]
    adapter.close()


@pytest.mark.parametrize("unknown", ["absent", "bare"])
def test_unknown_sku_is_no_number_when_read_however_the_search_says_it(
    mall: AmazonBench, adapter: AmazonAdapter, unknown: str
) -> None:
    mall.control("setting", unknown_item=unknown)
    assert adapter.write_stock([mall.unknown()])[0].outcome is Outcome.DONE, "accepted, and dropped"
    found = adapter.read_stock([mall.unknown().address, mall.address("mug")])
    assert set(found) == {mall.address("mug")}
    assert [row["code"] for row in mall.control("dropped")] == ["nothing"]


@pytest.mark.parametrize("text", ["SKU '{sku}' not found in marketplace A1VC38T7YXB528", ""])
def test_unknown_sku_with_a_comma_is_absent_whatever_the_404_says(
    mall: AmazonBench, adapter: AmazonAdapter, text: str
) -> None:
    mall.control("setting", not_found_text=text)
    assert set(adapter.read_stock([mall.address("a,b"), mall.address("mug")])) == {mall.address("mug")}


@pytest.mark.parametrize("creates", [True, False])
def test_number_for_a_listing_without_a_channel_is_found_out_by_read_back(
    mall: AmazonBench, adapter: AmazonAdapter, creates: bool
) -> None:
    mall.control("setting", merge_creates=creates)
    mall.control("edit_listing", code="mug", channels=[])
    assert adapter.write_stock([mall.line("mug", 5)])[0].outcome is Outcome.DONE
    found = adapter.read_stock([mall.address("mug")])
    assert [level.quantity for level in found.values()] == ([5] if creates else [])
    again = adapter.write_stock([mall.line("mug", 6)])[0].outcome
    assert again is (Outcome.DONE if creates else Outcome.REFUSED), "no channel was seen: not written blindly"


@pytest.mark.parametrize("does", ["adds", "switches"])
def test_listing_handed_to_amazon_since_the_import_is_written_once_at_most(tmp_path, does: str) -> None:
    """Nobody can know it before a read; the one after it says whose stock it is."""
    with running(tmp_path, fba_write=does) as mall:
        adapter = mall.adapter()
        adapter.read_products()
        mall.control("edit_listing", code="mug", channels=["AMAZON_JP"])
        adapter.write_stock([mall.line("mug", 5)])
        found = adapter.read_stock([mall.address("mug")])
        again = adapter.write_stock([mall.line("mug", 6)])[0].outcome
        if does == "adds":
            assert (found, again) == ({}, Outcome.REFUSED)
        else:
            assert (found[mall.address("mug")].quantity, again) == (5, Outcome.DONE), "own stock again"
        assert len(mall.control("incidents")) == 1
        adapter.close()


@pytest.mark.parametrize("most", [9999, 2**31 - 1])
def test_number_above_what_the_mall_takes_is_refused_by_its_line(tmp_path, most: int) -> None:
    with running(tmp_path, quantity_max=most) as mall:
        adapter = mall.adapter()
        results = adapter.write_stock([mall.line("mug", 10_000), mall.line("cap-navy", 3)])
        taken = most >= 10_000
        assert results[0].outcome is (Outcome.DONE if taken else Outcome.REFUSED)
        assert results[1].outcome is Outcome.DONE
        assert mall.stock("mug") == (10_000 if taken else 12)
        adapter.close()


# --------------------------------------------------------------------------- feeds


@pytest.mark.parametrize(("packed", "feed_s", "queue_s"), [(True, 300.0, 5.0), (False, 1800.0, 600.0)])
def test_report_of_a_feed_is_read_packed_or_plain_once_it_is_there(
    tmp_path, packed: bool, feed_s: float, queue_s: float
) -> None:
    with running(tmp_path, feed_gzip=packed, feed_s=feed_s, feed_queue_s=queue_s) as mall:
        mall.control("fault", name="refuse", code="cap-navy", how="invalid")
        adapter = mall.adapter(feed_above=0)
        results = adapter.write_stock([mall.line("mug", 8), mall.line("cap-navy", 7)])
        mall.world.clock.advance(queue_s + feed_s - 10)
        assert {result.outcome for result in adapter.confirm(results)} == {Outcome.SENT}
        mall.world.clock.advance(30)
        assert [result.outcome for result in adapter.confirm(results)] == [Outcome.DONE, Outcome.REFUSED]
        adapter.close()


@pytest.mark.parametrize("life_s", [300.0, 0.0])
def test_upload_address_that_is_over_sends_no_feed(tmp_path, life_s: float) -> None:
    with running(tmp_path, url_s=life_s) as mall:
        adapter = mall.adapter(feed_above=0)
        if life_s:
            assert adapter.write_stock([mall.line("mug", 8)])[0].outcome is Outcome.SENT
        else:
            with pytest.raises(TemporaryError):
                adapter.write_stock([mall.line("mug", 8)])
            assert mall.count("create_feed") == 0
        adapter.close()


# --------------------------------------------------------------------------- orders


@pytest.mark.parametrize(("lowers", "returns"), [(True, True), (True, False), (False, False)])
def test_cancelled_order_gives_back_whatever_the_mall_does_with_its_own_number(
    mall: AmazonBench, adapter: AmazonAdapter, lowers: bool, returns: bool
) -> None:
    mall.control("setting", sale_lowers_stock=lowers, returns_stock_on_cancel=returns)
    order_id, mug = mall.order("mug", 2), mall.address("mug")
    sold = 10 if lowers else 12
    assert adapter.read_stock([mug])[mug].quantity == sold
    mall.cancel(order_id)
    (order,) = adapter.read_orders_again([order_id])
    assert [(each.quantity, each.state) for each in order.lines] == [(2, LineState.CANCELLED)]
    assert adapter.read_stock([mug])[mug].quantity == (12 if returns else sold)


@pytest.mark.parametrize(("lag_s", "age_s"), [(0.0, 0.0), (0.0, 120.0), (100.0, 120.0)])
def test_order_that_is_shown_late_is_found_within_the_lag_that_is_declared(
    tmp_path, lag_s: float, age_s: float
) -> None:
    with running(tmp_path, order_lag_s=lag_s, upper_bound_age_s=age_s) as mall:
        adapter, polled_at = mall.adapter(), mall.now()
        order_id = mall.order("mug", 1, ago_s=0)
        early = adapter.read_orders(Window(polled_at - timedelta(minutes=10), mall.now()))
        mall.world.clock.advance(adapter.abilities.poll_interval_s)
        since = polled_at - timedelta(seconds=adapter.abilities.order_lag_s)
        later = adapter.read_orders(Window(since, mall.now()))
        assert order_id in {order.order_id for order in [*early, *later]}
        assert len(early) == (lag_s == age_s == 0)
        adapter.close()


@pytest.mark.parametrize("removed_on", ["2026-01-01", "2999-01-01"])
def test_orders_do_not_need_the_version_that_is_going_away(tmp_path, removed_on: str) -> None:
    with running(tmp_path, v0_removed_on=removed_on) as mall:
        adapter, order_id = mall.adapter(), mall.order("mug", 1)
        assert [order.order_id for order in adapter.read_orders(last_hours(mall))] == [order_id]
        assert [order.order_id for order in adapter.read_orders_again([order_id])] == [order_id]
        adapter.close()


# --------------------------------------------------------------------------- credentials


def refused(mall: AmazonBench, adapter: AmazonAdapter) -> AuthError:
    with pytest.raises(AuthError) as caught:
        adapter.read_stock([mall.address("mug")])
    return caught.value


@pytest.mark.parametrize("life_s", [600.0, 3600.0])
def test_access_token_is_renewed_by_the_life_that_it_came_with(tmp_path, life_s: float) -> None:
    with running(tmp_path, access_token_s=life_s) as mall:
        adapter = mall.adapter()
        for _ in range(3):
            adapter.read_stock([mall.address("mug")])
            mall.world.clock.advance(life_s - 30)
        assert mall.count("token") == 3
        assert {entry["status"] for entry in mall.control("journal")} == {200}
        adapter.close()


@pytest.mark.parametrize("details", ["The access token you provided has expired.", ""])
def test_ended_access_token_is_renewed_whatever_the_403_says(
    mall: AmazonBench, adapter: AmazonAdapter, details: str
) -> None:
    mall.control("setting", expired_details=details)
    adapter.read_stock([mall.address("mug")])
    mall.control("expire_tokens")
    assert adapter.write_stock([mall.line("mug", 5)])[0].outcome is Outcome.DONE
    assert mall.count("token") == 2


AUTHORIZATIONS: list[tuple[int, bool]] = [(365, True), (30, True), (0, False)]


@pytest.mark.parametrize(("days", "ends"), AUTHORIZATIONS)
def test_authorization_ends_with_invalid_grant_if_the_mall_ends_it(tmp_path, days: int, ends: bool) -> None:
    with running(tmp_path, refresh_token_days=days, secret_days=9999) as mall:
        adapter = mall.adapter()
        assert adapter.check().detail
        mall.world.clock.advance((days or 1000) * 86_400 + 10)
        if ends:
            assert (refused(mall, adapter).vendor_code, refused(mall, adapter).expired) == (
                "invalid_grant",
                True,
            )
        else:
            assert mall.address("mug") in adapter.read_stock([mall.address("mug")])
        adapter.close()


@pytest.mark.parametrize("kills", [True, False])
def test_withdrawn_authorization_is_told_at_once_or_within_the_hour(tmp_path, kills: bool) -> None:
    with running(tmp_path, revocation_kills_access=kills) as mall:
        adapter = mall.adapter()
        adapter.read_stock([mall.address("mug")])
        mall.control("revoke")
        if not kills:
            assert mall.address("mug") in adapter.read_stock([mall.address("mug")])
            mall.world.clock.advance(3600)
        assert refused(mall, adapter).hint == "amazon_authorization_ended"
        adapter.close()


SECRETS: list[dict[str, Any]] = [{"secret_days": 180}, {"secret_days": 30}]


@pytest.mark.parametrize("life", SECRETS)
def test_secret_that_is_over_is_named_whenever_the_mall_ends_it(tmp_path, life: dict[str, Any]) -> None:
    with running(tmp_path, **life) as mall:
        adapter = mall.adapter()
        assert adapter.check().detail
        mall.world.clock.advance(life["secret_days"] * 86_400 + 10)
        error = refused(mall, adapter)
        assert (error.hint, error.vendor_code) == ("amazon_client_refused", "invalid_client")
        adapter.close()


@pytest.mark.parametrize("days", [0, 7])
def test_old_secret_ends_when_the_mall_says_and_the_new_one_works_at_once(tmp_path, days: int) -> None:
    with running(tmp_path, old_secret_days=days) as mall:
        old = mall.adapter()
        mall.values["client_secret"] = mall.control("issue_secret")["client_secret"]
        new = mall.adapter()
        assert new.check().detail
        if days:
            assert old.check().detail
            mall.world.clock.advance(days * 86_400)
        assert refused(mall, old).vendor_code == "invalid_client"
        old.close()
        new.close()
