"""Yahoo!ショッピング on the wire: what its documents warn of, and both readings of what they leave open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from adapters.contract import Adapter, CredentialState, LineState, Outcome
from adapters.errors import (
    AuthError,
    MaintenanceError,
    RateLimitedError,
    UnexpectedReplyError,
)
from adapters.yahoo import wire
from adapters.yahoo.adapter import YahooAdapter
from sandbox.world import World
from tests.contract import last_hours, line, try_write
from tests.malls.yahoo_bench import LOOSE, SandboxTime, YahooBench, running


@pytest.fixture
def mall(tmp_path) -> Iterator[YahooBench]:
    with running(tmp_path, rates=LOOSE) as bench:
        yield bench
        assert bench.control("violations") == [], "the adapter keeps to the mall's forms"


@pytest.fixture
def adapter(mall: YahooBench) -> Iterator[YahooAdapter]:
    made = mall.adapter()
    yield made
    made.close()


class WrongTime(SandboxTime):
    """A clock that is off, as the bot's machine may have."""

    def __init__(self, world: World, off_s: float) -> None:
        super().__init__(world)
        self._off = timedelta(seconds=off_s)

    def now(self) -> datetime:
        return super().now() + self._off


def states(adapter: Adapter) -> dict[str, CredentialState]:
    return {status.kind: status.state for status in adapter.credential_status()}


# --------------------------------------------------------------------------- calls and their limits


@pytest.mark.parametrize(("status", "ban_s"), [(403, 0.0), (429, 0.0), (403, 600.0)])
def test_early_call_is_the_quota_and_no_refused_credential(
    mall: YahooBench, adapter: Adapter, status: int, ban_s: float
) -> None:
    mug = [mall.address("mug")]
    mall.control("setting", rates=1.0, early_status=status, early_ban_s=ban_s)
    adapter.read_stock(mug)
    with pytest.raises(RateLimitedError):
        adapter.read_stock(mug)
    mall.world.clock.advance(60)
    if ban_s:
        with pytest.raises(RateLimitedError):
            adapter.read_stock(mug)
        mall.world.clock.advance(ban_s)
    assert mug[0] in adapter.read_stock(mug)


@pytest.mark.parametrize("cap", [0, 2])
def test_day_that_is_used_up_is_the_quota_until_midnight_of_japan(
    mall: YahooBench, adapter: Adapter, cap: int
) -> None:
    mug = [mall.address("mug")]
    mall.control("setting", daily_cap=cap)
    for _ in range(2):
        adapter.read_stock(mug)
    if cap:
        with pytest.raises(RateLimitedError):
            adapter.read_stock(mug)
        mall.world.clock.advance(86_400)
    assert mug[0] in adapter.read_stock(mug)


@pytest.mark.parametrize("form", ["ed-00002", "old", "html"])
def test_maintenance_is_told_in_whichever_form_and_status(
    mall: YahooBench, adapter: Adapter, form: str
) -> None:
    mall.control("fault", name="maintenance", form=form)
    for status in (503, 500, 400, 200):
        mall.control("setting", maintenance_status=status)
        for read in (lambda: adapter.read_stock([mall.address("mug")]), adapter.read_products):
            with pytest.raises(MaintenanceError):
                read()
        assert try_write(adapter, [line(mall, "mug", 2)])
        assert mall.stock("mug") == 12
    mall.clear_faults()
    assert adapter.write_stock([line(mall, "mug", 2)])[0].outcome is Outcome.DONE


@pytest.mark.parametrize("namespace", [True, False])
def test_error_is_read_with_and_without_a_namespace(
    mall: YahooBench, adapter: Adapter, namespace: bool
) -> None:
    mall.control("setting", error_namespace=namespace)
    mall.control("fault", name="error", error="st-02104", function="set_stock", count=1)
    (refused,) = adapter.write_stock([line(mall, "mug", 2)])
    assert (refused.outcome, refused.error and refused.error.vendor_code) == (Outcome.REFUSED, "st-02104")
    mall.control("fault", name="error", error="px-04303")
    with pytest.raises(AuthError) as caught:
        adapter.read_orders(last_hours(mall))
    assert caught.value.hint == wire.ORDER_API


# --------------------------------------------------------------------------- stock


def test_207_has_the_good_rows_applied_and_the_bad_ones_named(mall: YahooBench, adapter: Adapter) -> None:
    mall.control("fault", name="refuse", code="cap-navy", error="st-02104")
    results = adapter.write_stock([line(mall, "mug", 3), line(mall, "cap-navy", 4)])
    assert mall.control("journal")[-1]["status"] == 207
    assert [result.outcome for result in results] == [Outcome.DONE, Outcome.REFUSED]
    assert mall.stock("mug") == 3


SHAPES: list[dict[str, Any]] = [
    {"counters": True, "is_published": True, "stock_close": False, "result_order": "request"},
    {"counters": False, "is_published": False, "stock_close": True, "result_order": "sorted"},
    {"padded": True, "result_order": "request"},
    {"padded": False, "counters": True},
]


@pytest.mark.parametrize("shape", SHAPES)
def test_numbers_are_right_whatever_else_stands_beside_them(
    mall: YahooBench, adapter: Adapter, shape: dict[str, Any]
) -> None:
    mall.control("setting", **shape)
    lines = [line(mall, "tee-red-s", 7), mall.unknown(), line(mall, "mug", 5), line(mall, "cap-navy", 3)]
    assert {result.outcome for result in adapter.write_stock(lines)} == {Outcome.DONE}
    levels = adapter.read_stock([each.address for each in lines])
    assert [levels[mall.address(code)].quantity for code in ("tee-red-s", "mug", "cap-navy")] == [7, 5, 3]


@pytest.mark.parametrize("status", [1, 0])
def test_number_of_a_code_that_no_item_has_is_read_as_it_is_or_not_at_all(
    mall: YahooBench, adapter: Adapter, status: int
) -> None:
    mall.control("setting", orphan_status=status)
    unknown = mall.unknown()
    assert adapter.write_stock([unknown])[0].outcome is Outcome.DONE
    found = adapter.read_stock([unknown.address, mall.address("mug")])
    assert (unknown.address in found) is bool(status)
    assert all(level.quantity == 1 for address, level in found.items() if address == unknown.address)
    assert unknown.mall_code not in {product.mall_code for product in adapter.read_products()}


@pytest.mark.parametrize(
    ("omitted", "plus", "below_zero"),
    [("keep", "refuse", "keep"), ("reset", "trim", "clamp"), ("keep", "trim", "refuse")],
)
def test_a_bare_number_is_set_whatever_signs_and_flags_would_do(
    mall: YahooBench, adapter: Adapter, omitted: str, plus: str, below_zero: str
) -> None:
    mall.control("setting", overdraft_omitted=omitted, plus_as_space=plus, below_zero=below_zero)
    mall.control("edit_listing", code="mug", overdraft=1)
    for quantity in (5, 0, 7):
        assert adapter.write_stock([line(mall, "mug", quantity)])[0].outcome is Outcome.DONE
        assert adapter.read_stock([mall.address("mug")])[mall.address("mug")].quantity == quantity
    assert not mall.control("seen", text="allow_overdraft")


@pytest.mark.parametrize("sub_codes", [True, False])
def test_variants_are_imported_whether_or_not_the_item_file_names_them(
    mall: YahooBench, adapter: Adapter, sub_codes: bool
) -> None:
    mall.control("setting", item_sub_codes=sub_codes)
    found = {product.mall_code: product.address for product in adapter.read_products()}
    assert found["tee-red-m"] == ("tee", "tee-red-m")
    assert found["mug"] == ("mug", "")
    assert "tee" not in found


# --------------------------------------------------------------------------- orders


@pytest.mark.parametrize(
    ("warning", "groups", "by_update"), [(True, True, True), (False, False, False), (True, False, False)]
)
def test_order_is_the_same_whatever_stands_beside_it(
    mall: YahooBench, adapter: Adapter, warning: bool, groups: bool, by_update: bool
) -> None:
    mall.control("setting", order_warning=warning, unasked_groups=groups, update_time_search=by_update)
    order_id = mall.order("mug", 2)
    (order,) = adapter.read_orders(last_hours(mall))
    assert order.order_id == order_id
    assert [(each.mall_code, each.quantity) for each in order.lines] == [("mug", 2)]
    assert not [name for name in mall.personal if name in repr(order)]


@pytest.mark.parametrize("lag_s", [0.0, 1800.0])
def test_order_that_is_shown_late_is_found_within_the_lag_that_is_declared(
    mall: YahooBench, adapter: Adapter, lag_s: float
) -> None:
    mall.control("setting", order_lag_s=lag_s)
    order_id = mall.order("mug", 1)
    assert [order.order_id for order in adapter.read_orders(last_hours(mall))] == [order_id] * (lag_s == 0)
    mall.world.clock.advance(adapter.abilities.order_lag_s)
    assert [order.order_id for order in adapter.read_orders(last_hours(mall))] == [order_id]


@pytest.mark.parametrize("returns", [True, False])
def test_cancelled_order_gives_back_whatever_the_mall_does_with_its_own_number(
    mall: YahooBench, adapter: Adapter, returns: bool
) -> None:
    mall.control("setting", returns_stock_on_cancel=returns)
    order_id, mug = mall.order("mug", 2), mall.address("mug")
    mall.cancel(order_id)
    (order,) = adapter.read_orders_again([order_id])
    assert [(each.quantity, each.state) for each in order.lines] == [(2, LineState.CANCELLED)]
    assert adapter.read_stock([mug])[mug].quantity == (12 if returns else 10)


def test_page_larger_than_the_mall_gives_is_told_and_no_short_list(tmp_path) -> None:
    with running(tmp_path, rates=LOOSE, result_max=100) as mall:
        mall.order("mug", 1)
        too_many, right = mall.adapter(), mall.adapter(order_page=100)
        with pytest.raises(UnexpectedReplyError):
            too_many.read_orders(last_hours(mall))
        assert len(right.read_orders(last_hours(mall))) == 1
        too_many.close()
        right.close()


@pytest.mark.parametrize("told", ["refused", "ng"])
def test_order_that_the_mall_does_not_know_is_absent_however_it_says_so(
    mall: YahooBench, adapter: Adapter, told: str
) -> None:
    mall.control("setting", unknown_order=told)
    known = mall.order("mug", 1)
    found = adapter.read_orders_again(["sandbox-store-99999", known])
    assert [order.order_id for order in found] == [known]


# --------------------------------------------------------------------------- consent, tokens, key


@pytest.mark.parametrize("live", ["many", "one"])
def test_two_users_of_one_consent_both_get_on(tmp_path, live: str) -> None:
    with running(tmp_path, rates=LOOSE, access_tokens=live) as mall:
        both = mall.adapter(), mall.adapter()
        for quantity in (3, 4):
            for adapter in both:
                assert adapter.write_stock([line(mall, "mug", quantity)])[0].outcome is Outcome.DONE
        assert mall.functions().count("token") == (2 if live == "many" else 4)
        for adapter in both:
            adapter.close()


def test_code_of_an_error_decides_and_not_its_status(mall: YahooBench, adapter: Adapter) -> None:
    for error, hint in (
        ("px-04303", wire.ORDER_API),
        ("px-04306", wire.SOURCE_IP),
        ("px-14303", wire.PRIVILEGE),
        ("px-14304", wire.PRIVILEGE),
        ("ed-00004", wire.STORE_ACCOUNT),
    ):
        for status in (400, 401, 403, 404, 500):
            mall.control("fault", name="error", error=error, status=status)
            with pytest.raises(AuthError) as caught:
                adapter.read_orders(last_hours(mall))
            assert (caught.value.vendor_code, caught.value.hint) == (error, hint)
            mall.clear_faults()


@pytest.mark.parametrize("life_s", [600.0, 3600.0])
def test_access_token_is_renewed_by_the_life_that_it_came_with(tmp_path, life_s: float) -> None:
    with running(tmp_path, rates=LOOSE, access_token_s=life_s) as mall:
        adapter = mall.adapter()
        for _ in range(3):
            adapter.read_stock([mall.address("mug")])
            mall.world.clock.advance(life_s)
        assert mall.functions().count("token") == 3
        assert {entry["status"] for entry in mall.control("journal")} == {200}
        adapter.close()


@pytest.mark.parametrize(("scope", "hours"), [("order", 12), ("all", 12), ("order", 1)])
def test_session_without_a_key_ends_after_its_hours_for_orders_or_for_all(
    tmp_path, scope: str, hours: int
) -> None:
    life = {"short_session_scope": scope, "short_session_s": hours * 3600.0}
    with running(tmp_path, rates=LOOSE, **life) as mall:
        adapter = mall.adapter(without=("public_key", "public_key_version"))
        assert adapter.read_orders(last_hours(mall)) == []
        mall.world.clock.advance((hours + 0.1) * 3600)
        if scope == "order":
            assert mall.address("mug") in adapter.read_stock([mall.address("mug")])
        else:
            with pytest.raises(AuthError) as stock:
                adapter.read_stock([mall.address("mug")])
            assert stock.value.expired
        with pytest.raises(AuthError) as orders:
            adapter.read_orders(last_hours(mall))
        assert orders.value.expired
        adapter.close()


@pytest.mark.parametrize("kills", [True, False])
def test_invalid_grant_after_a_password_change_comes_at_once_or_within_the_hour(
    tmp_path, kills: bool
) -> None:
    with running(tmp_path, rates=LOOSE, password_kills_access=kills) as mall:
        adapter, mug = mall.adapter(), [mall.address("mug")]
        adapter.read_stock(mug)
        mall.control("change_password")
        if not kills:
            assert mug[0] in adapter.read_stock(mug)
            mall.world.clock.advance(3600)
        with pytest.raises(AuthError) as caught:
            adapter.read_stock(mug)
        assert (caught.value.vendor_code, caught.value.hint) == ("invalid_grant", wire.CONSENT)
        adapter.close()


@pytest.mark.parametrize("status", [400, 401])
def test_invalid_grant_is_an_ended_consent_at_either_status(
    mall: YahooBench, adapter: Adapter, status: int
) -> None:
    mall.control("fault", name="token_error", error="invalid_grant", status=status)
    with pytest.raises(AuthError) as caught:
        adapter.check()
    assert (caught.value.vendor_code, caught.value.expired) == ("invalid_grant", True)


@pytest.mark.parametrize("status", [400, 401])
def test_malformed_token_request_is_not_an_ended_consent_at_either_status(
    mall: YahooBench, adapter: Adapter, status: int
) -> None:
    mall.control("fault", name="token_error", error="invalid_request", status=status)
    with pytest.raises(UnexpectedReplyError):
        adapter.check()
    mall.clear_faults()
    assert adapter.check().detail


@pytest.mark.parametrize("days", [14, 28])
def test_consent_ends_with_invalid_grant_whenever_the_mall_ends_it(tmp_path, days: int) -> None:
    with running(tmp_path, rates=LOOSE, consent_days=days) as mall:
        adapter = mall.adapter()
        assert adapter.read_orders(last_hours(mall)) == []
        mall.world.clock.advance((days + 0.1) * 86_400)
        with pytest.raises(AuthError) as caught:
            adapter.read_orders(last_hours(mall))
        assert (caught.value.vendor_code, caught.value.expired) == ("invalid_grant", True)
        adapter.close()


@pytest.mark.parametrize("life_s", [60.0, 600.0])
def test_code_of_a_consent_is_good_for_its_minutes_alone(tmp_path, life_s: float) -> None:
    with running(tmp_path, rates=LOOSE, code_s=life_s) as mall:
        adapter = mall.adapter()
        adapter.consent_url("FAKE-STATE")
        early = mall.control("consent")["redirected_url"]
        mall.world.clock.advance(life_s - 1)
        assert adapter.redeem(early, "FAKE-STATE").values["refresh_token"]
        late = mall.control("consent")["redirected_url"]
        mall.world.clock.advance(life_s + 1)
        with pytest.raises(AuthError):
            adapter.redeem(late, "FAKE-STATE")
        adapter.close()


@pytest.mark.parametrize("status", [403, 401])
def test_scope_that_lacks_is_named_and_no_token_is_renewed_for_it(
    mall: YahooBench, adapter: Adapter, status: int
) -> None:
    mall.control("setting", scope_status=status)
    mall.control("fault", name="insufficient_scope")
    with pytest.raises(AuthError) as caught:
        adapter.read_stock([mall.address("mug")])
    assert caught.value.hint == wire.SCOPE
    assert mall.functions() == ["token", "get_stock"]


@pytest.mark.parametrize("said", ["unauthorized", "expired", ""])
def test_key_is_judged_by_x_sws_authorize_status_alone_as_no_call_fails(
    mall: YahooBench, adapter: Adapter, said: str
) -> None:
    mall.control("setting", failed_status=said)
    assert states(adapter)["public_key"] is CredentialState.OK
    mall.control("expire_public_keys")
    order_id = mall.order("mug", 1)
    assert [order.order_id for order in adapter.read_orders(last_hours(mall))] == [order_id]
    assert states(adapter)["public_key"] is CredentialState.REFUSED
    with pytest.raises(AuthError) as caught:
        adapter.check()
    assert caught.value.hint == wire.KEY_REFUSED


@pytest.mark.parametrize("days", [30, 365])
def test_key_that_is_over_ends_an_old_session_for_orders_and_stock_goes_on(tmp_path, days: int) -> None:
    with running(tmp_path, rates=LOOSE, public_key_days=days, consent_days=400) as mall:
        adapter = mall.adapter()
        assert states(adapter)["public_key"] is CredentialState.OK
        mall.world.clock.advance((days - 0.1) * 86_400)
        assert adapter.read_orders(last_hours(mall)) == []
        mall.world.clock.advance(0.2 * 86_400)
        with pytest.raises(AuthError) as caught:
            adapter.read_orders(last_hours(mall))
        assert (caught.value.vendor_code, caught.value.hint) == ("px-04102", wire.SHORT_SESSION)
        assert states(adapter)["refresh_token"] is CredentialState.REFUSED
        assert mall.address("mug") in adapter.read_stock([mall.address("mug")])
        adapter.close()


@pytest.mark.parametrize("skew_s", [60.0, 300.0])
def test_clock_that_is_too_far_off_costs_the_key_and_no_order(tmp_path, skew_s: float) -> None:
    with running(tmp_path, rates=LOOSE, clock_skew_s=skew_s) as mall:
        adapter = mall.adapter(clock=WrongTime(mall.world, -120))
        order_id = mall.order("mug", 1)
        mall.world.clock.advance(180)
        assert [order.order_id for order in adapter.read_orders(last_hours(mall))] == [order_id]
        good = CredentialState.OK if skew_s > 120 else CredentialState.REFUSED
        assert states(adapter)["public_key"] is good
        adapter.close()
