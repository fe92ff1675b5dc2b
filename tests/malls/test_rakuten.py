"""楽天市場 against its simulator: the contract, then what is Rakuten's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest

from adapters.clock import SystemClock
from adapters.contract import (
    Adapter,
    CredentialState,
    LineState,
    Outcome,
    ShopSettings,
    StockLine,
    Window,
)
from adapters.errors import (
    AuthError,
    ConfigError,
    RateLimitedError,
    TemporaryError,
)
from adapters.rakuten.adapter import RakutenAdapter, create
from adapters.secret import Secret
from tests.contract import AdapterContract, last_hours, line
from tests.malls.rakuten_shop import LOOSE, RakutenBench, running


@pytest.fixture
def mall(tmp_path) -> Iterator[RakutenBench]:
    with running(tmp_path, rates=LOOSE) as bench:
        yield bench
        assert bench.control("violations") == [], "the adapter keeps to the mall's forms"


@pytest.fixture
def adapter(mall: RakutenBench) -> Iterator[Adapter]:
    made = mall.adapter()
    yield made
    made.close()


class TestRakuten(AdapterContract):
    @pytest.fixture
    def mall(self, tmp_path) -> Iterator[RakutenBench]:
        with running(tmp_path, rates=LOOSE) as bench:
            yield bench
            assert bench.control("violations") == [], "the adapter keeps to the mall's forms"


# --------------------------------------------------------------------------- codes and products


def test_link_code_is_matched_and_a_single_sku_falls_back(mall: RakutenBench, adapter: Adapter) -> None:
    # A12
    found = {product.mall_code: product for product in adapter.read_products()}
    assert "tee_red_m" in found, "the code is given as it is, nothing is folded"
    assert found["tee_red_m"].address[0] == "tee"
    assert found["mug"].address == ("mug", "normal-inventory")
    assert "red" in found["tee-red-s"].name


def test_every_page_of_the_products_is_read(mall: RakutenBench, adapter: Adapter) -> None:
    before = len(adapter.read_products())
    for number in range(205):
        mall.control("add_product", code=f"extra-{number:03d}", name="追加", quantity=1)
    assert len(adapter.read_products()) == before + 205


# --------------------------------------------------------------------------- stock


def test_pace_at_the_published_rates_is_never_refused(tmp_path) -> None:
    with running(tmp_path, pace=1.0) as mall:
        adapter = mall.adapter(margin=0.3)  # more than a busy test machine is late
        for quantity in (1, 2):
            assert adapter.write_stock([line(mall, "mug", quantity)])[0].outcome is Outcome.DONE
        levels = adapter.read_stock([mall.address("mug"), *(each.address for each in mall.filler(5500))])
        assert levels[mall.address("mug")].quantity == 2
        adapter.close()


def test_manage_number_is_folded_and_its_double_is_refused(mall: RakutenBench, adapter: Adapter) -> None:
    manage, variant = mall.address("tee-red-s")
    upper = StockLine("tee-red-s", (manage.upper(), variant), 4)
    results = adapter.write_stock([upper, line(mall, "tee-red-s", 9)])
    assert [result.outcome for result in results] == [Outcome.DONE, Outcome.REFUSED]
    assert mall.stock("tee-red-s") == 4
    assert adapter.read_stock([upper.address])[upper.address].quantity == 4
    assert adapter.normalise(upper).address == (manage, variant)


def test_address_that_is_no_stock_key_makes_no_call(mall: RakutenBench, adapter: Adapter) -> None:
    before = mall.calls()
    for address in [("tee", ""), ("tee",), ("商品", "v"), ("x" * 33, "v")]:
        (result,) = adapter.write_stock([StockLine("tee-red-s", address, 1)])
        assert result.outcome is Outcome.REFUSED
        assert adapter.read_stock([address]) == {}
    assert mall.calls() == before


def test_lost_answer_leaves_each_line_unknown(mall: RakutenBench, adapter: Adapter) -> None:
    mall.fault("cut_after", function="bulk_upsert")
    results = adapter.write_stock([line(mall, "mug", 2), line(mall, "tee-red-s", 3)])
    assert [result.outcome for result in results] == [Outcome.UNKNOWN] * 2
    assert mall.stock("mug") == 2, "it had its effect, which nobody could know"


def test_conflict_leaves_each_line_unknown(mall: RakutenBench, adapter: Adapter) -> None:
    mall.control("fault", name="conflict", function="bulk_upsert", count=1)
    (result,) = adapter.write_stock([line(mall, "mug", 2)])
    assert result.outcome is Outcome.UNKNOWN
    assert isinstance(result.error, TemporaryError)
    assert result.error.vendor_code == "CE0001"


def test_stock_and_orders_fail_apart(mall: RakutenBench, adapter: Adapter) -> None:
    order_id = mall.order("mug", 1)
    mall.control("fault", name="maintenance", api="inventory")
    (result,) = adapter.write_stock([line(mall, "mug", 2)])
    assert result.outcome is Outcome.UNKNOWN
    assert [order.order_id for order in adapter.read_orders(last_hours(mall))] == [order_id]


def test_closing_ends_a_call_that_waits_for_its_answer(mall: RakutenBench) -> None:
    adapter, results = mall.adapter(timeout_s=60), []
    mall.control("fault", name="hold", function="bulk_upsert")
    work = Thread(target=lambda: results.extend(adapter.write_stock([line(mall, "mug", 2)])))
    work.start()
    with mall.world.changed:
        assert mall.world.changed.wait_for(lambda: mall.control("held"), timeout=10)
    adapter.close()
    work.join(5)
    mall.control("release")
    assert [result.outcome for result in results] == [Outcome.UNKNOWN]


# --------------------------------------------------------------------------- orders


def test_order_line_has_the_address_and_the_code_as_listed(mall: RakutenBench, adapter: Adapter) -> None:
    order_id = mall.order("tee-red-m", 2)
    mall.order("mug", 1)
    found = {order.order_id: order for order in adapter.read_orders(last_hours(mall))}
    (red,) = found.pop(order_id).lines
    assert (red.mall_code, red.address, red.quantity) == ("tee_red_m", mall.address("tee_red_m"), 2)
    (mug,) = found.popitem()[1].lines
    assert (mug.mall_code, mug.address) == ("mug", mall.address("mug"))


def test_partial_cancel_leaves_what_stands(mall: RakutenBench, adapter: Adapter) -> None:
    order_id = mall.order("mug", 3)
    mall.control("partial_cancel", order_id=order_id, line=0, quantity=1)
    (order,) = adapter.read_orders_again([order_id])
    assert order.lines[0].state is LineState.SOLD
    assert order.lines[0].quantity in (1, 2)


@pytest.mark.parametrize("progress", [100, 300, 500, 800])
def test_order_counts_until_its_cancel_is_fixed(mall: RakutenBench, adapter: Adapter, progress: int) -> None:
    order_id = mall.order("mug", 1)
    mall.control("progress", order_id=order_id, code=progress)
    (order,) = adapter.read_orders_again([order_id])
    assert [each.state for each in order.lines] == [LineState.SOLD]
    assert not order.closed
    mall.cancel(order_id)
    (order,) = adapter.read_orders_again([order_id])
    assert order.closed


def test_more_orders_than_one_call_gives_are_all_read(mall: RakutenBench, adapter: Adapter) -> None:
    bought = {mall.order("cap-navy" if n < 5 else "mug", 1) for n in range(5)}
    mall.set_stock("mug", 500)
    bought |= {mall.order("mug", 1) for _ in range(230)}
    found = adapter.read_orders(last_hours(mall))
    assert {order.order_id for order in found} == bought
    assert len(adapter.read_orders_again([*bought, *bought])) == len(bought)


def test_long_window_is_read_in_pieces(mall: RakutenBench, adapter: Adapter) -> None:
    old = mall.order("mug", 1)
    mall.world.clock.advance(150 * 86_400)
    mall.renew()
    renewed, new = mall.adapter(), mall.order("mug", 1)
    window = Window(mall.now() - timedelta(days=1000), mall.now() + timedelta(minutes=1))
    assert [order.order_id for order in renewed.read_orders(window)] == [old, new]
    renewed.close()


def test_order_that_is_not_known_is_absent_when_read_again(mall: RakutenBench, adapter: Adapter) -> None:
    known = mall.order("mug", 1)
    found = adapter.read_orders_again([known, "999999-20260101-0000000001"])
    assert [order.order_id for order in found] == [known]


# --------------------------------------------------------------------------- credentials


def test_end_of_the_key_is_read_from_the_mall(mall: RakutenBench) -> None:  # A17
    issued = mall.control("issue_key", valid_days=30, activation_s=0)
    mall._use(issued["licence_key"])
    adapter = mall.adapter()
    status = {found.kind: found for found in adapter.credential_status()}["licence"]
    assert status.state is CredentialState.OK
    assert status.expires_at is not None
    assert timedelta(days=29) < status.expires_at - mall.now() < timedelta(days=31)
    adapter.close()


def test_new_key_is_refused_until_it_lives_and_the_old_one_goes_on(mall: RakutenBench) -> None:
    old = mall.adapter()
    mall._use(mall.control("issue_key", activation_s=1800)["licence_key"])
    new = mall.adapter()
    with pytest.raises(AuthError):
        new.check()
    assert old.check().detail
    mall.world.clock.advance(1801)
    assert new.check().detail
    old.close()
    new.close()


def test_expiry_that_is_not_ticked_is_unknown_and_not_expired(mall: RakutenBench, adapter: Adapter) -> None:
    mall.control("fault", name="not_ticked", function="expiry_date")
    status = {found.kind: found for found in adapter.credential_status()}["licence"]
    assert (status.state, status.expires_at) == (CredentialState.OK, None)
    assert "not ticked" in status.note


def test_key_of_another_shop_does_not_belong(mall: RakutenBench) -> None:  # A22
    current = {"licence": Secret(mall.licence)}
    foreign = mall.control("foreign_key")["licence_key"]
    own = mall.control("issue_key", activation_s=0)["licence_key"]
    assert RakutenAdapter.belongs(current, {"licence": Secret(foreign)}) == "renew_other_shop"
    assert RakutenAdapter.belongs(current, {"licence": Secret(own)}) == ""
    assert RakutenAdapter.belongs(current, {"licence": Secret(own + "\n")}) == "renew_wrong_form"
    assert RakutenAdapter.belongs({}, {"licence": Secret("hello")}) == "renew_wrong_form"
    assert RakutenAdapter.belongs(current, {"service_secret": Secret("x")}) == ""


def test_forbidden_is_the_limit_three_times_and_then_refused_credentials(mall: RakutenBench) -> None:
    adapter = mall.adapter()
    mall.control("fault", name="status", code=403, function="items_search")
    seen = []
    for _ in range(4):
        try:
            adapter.read_products()
        except (RateLimitedError, AuthError) as error:
            seen.append(type(error))
    assert seen == [RateLimitedError] * 3 + [AuthError]
    adapter.close()


def test_write_that_came_too_early_takes_another_slot(mall: RakutenBench, adapter: Adapter) -> None:
    mall.control("fault", name="rate_limit", count=2)
    assert adapter.write_stock([line(mall, "mug", 4)])[0].outcome is Outcome.DONE
    assert mall.stock("mug") == 4


def test_without_credentials_no_call_is_made(mall: RakutenBench) -> None:
    settings = ShopSettings("rakuten-main", {"base_url": mall.base_url, "ca_file": str(mall.world.ca_file)})
    adapter, before = create(settings, {}, SystemClock(), Event()), mall.calls()
    with pytest.raises(AuthError) as caught:
        adapter.check()
    assert caught.value.hint == "credential_missing"
    assert {found.state for found in adapter.credential_status()} == {CredentialState.UNKNOWN}
    assert mall.calls() == before
    adapter.close()


@pytest.mark.parametrize(
    "options", [{"base_url": "http://127.0.0.1:1"}, {"ca_file": "/nowhere.pem"}, {"rates": 0}]
)
def test_wrong_setting_is_named_at_once(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(options))):
        create(ShopSettings("rakuten-main", options), {}, SystemClock(), Event())
