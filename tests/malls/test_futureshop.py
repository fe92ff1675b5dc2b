"""futureshop against its simulator: the contract, then what is futureshop's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest

from adapters.clock import SystemClock
from adapters.contract import (
    Adapter,
    LineState,
    Outcome,
    ShopSettings,
    StockLine,
    Window,
)
from adapters.errors import (
    AuthError,
    ConfigError,
    LineRejectedError,
    UnexpectedReplyError,
    UnsupportedError,
)
from adapters.futureshop import stock, wire
from adapters.futureshop.adapter import FutureshopAdapter, create
from adapters.secret import Secret
from tests.contract import AdapterContract, last_hours, line
from tests.malls.futureshop_shop import LOOSE, FutureshopBench, running


@pytest.fixture
def mall(tmp_path) -> Iterator[FutureshopBench]:
    with running(tmp_path, rates=LOOSE) as bench:
        yield bench


@pytest.fixture
def adapter(mall: FutureshopBench) -> Iterator[Adapter]:
    made = mall.adapter()
    yield made
    made.close()


class TestFutureshop(AdapterContract):
    @pytest.fixture
    def mall(self, tmp_path) -> Iterator[FutureshopBench]:
        with running(tmp_path, rates=LOOSE) as bench:
            yield bench


DONE, REFUSED, UNKNOWN = Outcome.DONE, Outcome.REFUSED, Outcome.UNKNOWN


# --------------------------------------------------------------------------- codes and products


def test_joined_code_is_looked_up_and_the_write_touches_its_row_alone(
    mall: FutureshopBench, adapter: Adapter
) -> None:
    # A12
    before = mall.control("stock")
    assert mall.address("gd3sgray") == ("gd3", "s", "gray")
    assert mall.outcomes(adapter, [line(mall, "gd3sgray", 1)]) == [DONE]
    assert mall.control("stock") == {**before, "gd3sgray": 1}


def test_write_that_came_too_early_takes_another_slot(mall: FutureshopBench, adapter: Adapter) -> None:
    mall.control("fault", name="rate_limit", count=2)
    assert adapter.write_stock([line(mall, "mug", 4)])[0].outcome is Outcome.DONE
    assert mall.stock("mug") == 4


def test_product_without_stock_control_is_no_listing(mall: FutureshopBench, adapter: Adapter) -> None:
    (found,) = [product for product in adapter.read_products() if product.address[0] == "gd5"]
    assert (found.mall_code, found.note) == ("", "not managed: gd5")
    (result,) = adapter.write_stock([StockLine("gd5", found.address, 1)])
    assert result.outcome is REFUSED
    assert result.error is not None
    assert result.error.vendor_code == "NotManagementSettings"


def test_every_page_of_the_products_is_read(mall: FutureshopBench, adapter: Adapter) -> None:
    # A15, C10
    listed, before = len(adapter.read_products()), mall.times("read_inventory")
    mall.control("add_numbered", count=250)
    assert len(adapter.read_products()) == listed + 250
    assert mall.times("read_inventory") - before == 3


def test_product_without_a_name_is_listed(mall: FutureshopBench, adapter: Adapter) -> None:
    # C5
    mall.control("edit_product", product_no="mug", name="")
    assert "mug" in {product.mall_code for product in adapter.read_products()}
    assert mall.outcomes(adapter, [line(mall, "mug", 2)]) == [DONE]


def test_list_that_leads_to_another_host_is_refused(mall: FutureshopBench, adapter: Adapter) -> None:
    mall.control("add_numbered", count=150)
    mall.control("fault", name="foreign_next_url")
    with pytest.raises(UnexpectedReplyError, match="elsewhere"):
        adapter.read_products()


def test_redirect_is_not_followed(mall: FutureshopBench, adapter: Adapter) -> None:
    mall.control("fault", name="redirect", function="read_inventory")
    with pytest.raises(UnexpectedReplyError, match="30"):
        adapter.read_products()


# --------------------------------------------------------------------------- stock


def test_number_is_written_as_a_number_which_sets(mall: FutureshopBench, adapter: Adapter) -> None:
    for _ in range(2):
        assert mall.outcomes(adapter, [line(mall, "mug", 7)]) == [DONE]
        assert mall.stock("mug") == 7
    (product,) = mall.control("last_write")["productList"]
    (row,) = product["inventoryInfo"]["regular"]["inventoryList"]
    assert type(row["count"]) is int


def test_text_with_a_sign_would_add(mall: FutureshopBench, adapter: FutureshopAdapter) -> None:
    mall.set_stock("mug", 12)
    form = stock.write_form([line(mall, "mug", 1)])
    form["productList"][0]["inventoryInfo"]["regular"]["inventoryList"][0]["count"] = "+1"
    assert adapter._api.send(wire.Call(wire.WRITE, form=form)).status == 200
    assert mall.stock("mug") == 13
    assert not adapter.abilities.relative_write.able


@pytest.mark.parametrize("fault", ["cut_after", "cut_before", "truncate_json", "applied_but_timeout"])
def test_write_is_never_repeated_after_a_lost_answer(mall: FutureshopBench, fault: str) -> None:
    patience = {"timeout_s": 1.0} if fault == "applied_but_timeout" else {}
    hasty, adapter = mall.adapter(**patience), mall.adapter()
    mall.control("fault", name=fault, function="write_inventory")
    results = hasty.write_stock([line(mall, "mug", 2), line(mall, "gd1", 3)])
    assert [result.outcome for result in results] == [UNKNOWN] * 2
    assert mall.times("write_inventory") == 1
    mall.clear_faults()
    shown = 12 if fault == "cut_before" else 2
    assert adapter.read_stock([mall.address("mug")])[mall.address("mug")].quantity == shown
    hasty.close()
    adapter.close()


def test_hundred_products_go_in_a_call_and_the_cells_of_one_product_together(
    mall: FutureshopBench, adapter: Adapter
) -> None:
    # C10
    mall.control("add_numbered", count=118)
    numbered = [p for p in adapter.read_products() if p.mall_code not in mall.addresses and p.mall_code]
    lines = [StockLine(product.mall_code, product.address, 9) for product in numbered]
    both = [line(mall, "gd3sgray", 8), *lines, line(mall, "mug", 8), line(mall, "gd3lred", 8)]
    assert mall.outcomes(adapter, both) == [DONE] * 121
    assert mall.times("write_inventory") == 2
    assert len(mall.control("last_write")["productList"]) == 20
    assert (mall.stock("gd3lred"), mall.stock("mug")) == (8, 8)


def test_one_product_in_a_hundred_fails_alone(mall: FutureshopBench, adapter: Adapter) -> None:
    mall.control("add_numbered", count=100)
    numbered = [p for p in adapter.read_products() if p.mall_code not in mall.addresses and p.mall_code]
    mall.control("fault", name="partial", nth=40)
    results = adapter.write_stock([StockLine(p.mall_code, p.address, 9) for p in numbered])
    assert [place for place, result in enumerate(results, 1) if result.outcome is not DONE] == [40]
    assert isinstance(results[39].error, LineRejectedError)
    assert (results[39].error.code, results[39].error.vendor_code) == (
        numbered[39].mall_code,
        "ProductNotFound",
    )


@pytest.mark.parametrize(
    "setting",
    [
        {"business_status": 200},
        {"business_status": 400},
        {"business_status": 422},
        {"partial_top": "success"},
        {"partial_top": "failed"},
        {"product_atomic": True},
        {"product_atomic": False},
    ],
    ids=lambda setting: "-".join(map(str, *setting.items())),
)
def test_cell_that_a_product_lacks_holds_back_no_other(
    mall: FutureshopBench, adapter: Adapter, setting: dict[str, Any]
) -> None:
    mall.control("setting", **setting)
    lines = [line(mall, "tee-red-s", 1), mall.refused(), line(mall, "tee-red-m", 2), line(mall, "mug", 3)]
    assert mall.outcomes(adapter, lines) == [DONE, REFUSED, DONE, DONE]
    assert [mall.stock(code) for code in ("tee-red-s", "tee-red-m", "mug")] == [1, 2, 3]
    assert mall.outcomes(adapter, [mall.refused()]) == [REFUSED]


def test_reason_that_is_not_known_leaves_each_line_unknown(mall: FutureshopBench, adapter: Adapter) -> None:
    mall.control("fault", name="reject")
    for result in adapter.write_stock([line(mall, "mug", 1), line(mall, "gd1", 1)]):
        assert result.outcome is UNKNOWN
        assert isinstance(result.error, UnexpectedReplyError)
        assert result.error.vendor_code == "SystemError"


def test_product_without_a_result_of_its_own_is_not_called_done(
    mall: FutureshopBench, adapter: Adapter
) -> None:
    mall.control("fault", name="omit", nth=2)
    assert mall.outcomes(adapter, [line(mall, "gd1", 1), line(mall, "mug", 1)]) == [DONE, UNKNOWN]


def test_number_of_too_many_bytes_makes_no_call(mall: FutureshopBench, adapter: Adapter) -> None:
    before = mall.calls()
    long = [("あ" * 11, "", ""), ("gd3", "横" * 4, ""), ("gd3", "s", "x" * 10), ("gd3", "s"), ("", "s", "m")]
    long += [("a,b", "", ""), ("a b", "", "")]
    for address in long:
        (result,) = adapter.write_stock([StockLine("gd3sgray", address, 1)])
        assert result.outcome is REFUSED
        assert adapter.read_stock([address]) == {}
    assert mall.calls() == before


def test_same_cell_twice_is_refused_the_second_time(mall: FutureshopBench, adapter: Adapter) -> None:
    assert mall.outcomes(adapter, [line(mall, "mug", 4), line(mall, "mug", 9)]) == [DONE, REFUSED]
    assert mall.stock("mug") == 4


def test_closing_ends_a_call_that_waits_for_its_answer(mall: FutureshopBench) -> None:
    adapter, results = mall.adapter(timeout_s=60), []
    mall.control("fault", name="hold", function="write_inventory")
    work = Thread(target=lambda: results.extend(adapter.write_stock([line(mall, "mug", 2)])))
    work.start()
    with mall.world.changed:
        assert mall.world.changed.wait_for(lambda: mall.control("held"), timeout=10)
    adapter.close()
    work.join(5)
    mall.control("release")
    assert [result.outcome for result in results] == [UNKNOWN]


def test_pace_at_the_published_rate_is_never_refused(tmp_path) -> None:
    with running(tmp_path, rates=LOOSE) as mall:
        mall.control("add_numbered", count=100)
        mall.control("setting", rates=1.0)
        mall.world.clock.advance(10)
        adapter = mall.adapter(rates=1.0, margin=0.3)  # more than a busy test machine is late
        assert len(adapter.read_products()) > 100
        assert mall.outcomes(adapter, [line(mall, "mug", 2)]) == [DONE]
        adapter.close()


# --------------------------------------------------------------------------- the access token


def test_token_is_asked_for_once(mall: FutureshopBench, adapter: Adapter) -> None:
    before = mall.times("token")
    for _ in range(20):
        adapter.read_stock([mall.address("mug")])
    assert mall.times("token") - before == 1


def test_token_is_renewed_before_its_end(tmp_path) -> None:
    with running(tmp_path, rates=LOOSE, expires_in=300) as mall:
        adapter, before = mall.adapter(), mall.times("token")
        adapter.check()
        mall.world.clock.advance(241)  # 59 s are left
        adapter.check()
        assert mall.times("token") - before == 2
        assert 401 not in {row["status"] for row in mall.control("journal")}
        adapter.close()


def test_threads_that_find_no_token_ask_once(mall: FutureshopBench, adapter: Adapter) -> None:
    before, seen = mall.times("token"), []
    read = lambda: seen.append(adapter.read_stock([mall.address("mug")]))  # noqa: E731
    threads = [Thread(target=read) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(10)
    assert len(seen) == 4
    assert mall.times("token") - before == 1


def test_token_that_ended_early_is_replaced_once_and_the_write_is_done(
    mall: FutureshopBench, adapter: Adapter
) -> None:
    adapter.check()
    before = mall.times("token")
    mall.control("expire_tokens")
    assert mall.outcomes(adapter, [line(mall, "mug", 2)]) == [DONE]
    assert mall.stock("mug") == 2
    assert mall.times("token") - before == 1


def test_second_refusal_in_a_row_means_refused_credentials(mall: FutureshopBench, adapter: Adapter) -> None:
    adapter.check()
    mall.control("fault", name="unauthorised", function="write_inventory")
    with pytest.raises(AuthError):
        adapter.write_stock([line(mall, "mug", 2)])
    assert mall.times("write_inventory") == 2
    assert mall.stock("mug") == 12


@pytest.mark.parametrize("function", ["token", "read_inventory", "list_orders"])
def test_check_names_an_api_that_was_not_granted(
    mall: FutureshopBench, adapter: Adapter, function: str
) -> None:
    mall.control("fault", name="not_granted", function=function)
    with pytest.raises(AuthError) as caught:
        adapter.check()
    assert caught.value.hint == "api_not_granted"


@pytest.mark.parametrize("token_type", ["Bearer", "bearer", "BEARER"])
def test_token_type_is_compared_without_case(tmp_path, token_type: str) -> None:
    with running(tmp_path, rates=LOOSE, token_type=token_type) as mall:
        adapter = mall.adapter()
        assert adapter.check().detail
        adapter.close()


# --------------------------------------------------------------------------- orders


def test_order_counts_each_sku_with_its_joined_code(mall: FutureshopBench, adapter: Adapter) -> None:
    # E12: payment and delivery come as the mall says them
    wanted = [("gd3sgray", 2), ("mug", 1), ("gd3sgray", 1)]
    lines = [{"code": code, "quantity": quantity} for code, quantity in wanted]
    order_id = mall.control("order", lines=lines)["order_id"]
    (order,) = adapter.read_orders(last_hours(mall))
    assert [(each.mall_code, each.quantity) for each in order.lines] == [("gd3sgray", 3), ("mug", 1)]
    assert order.payment
    assert order.delivery
    assert adapter.read_orders_again([order_id]) == [order]


def test_window_holds_its_first_second(mall: FutureshopBench, adapter: Adapter) -> None:
    order_id = mall.order("mug", 1)
    (order,) = adapter.read_orders(last_hours(mall))
    window = Window(order.ordered_at + timedelta(milliseconds=900), mall.now())
    assert [found.order_id for found in adapter.read_orders(window)] == [order_id]
    assert adapter.read_orders(Window(order.ordered_at + timedelta(seconds=1), mall.now())) == []


@pytest.mark.parametrize("newest_first", [True, False])
def test_more_orders_than_a_page_are_all_read(
    mall: FutureshopBench, adapter: Adapter, newest_first: bool
) -> None:
    mall.control("setting", newest_first=newest_first)
    mall.set_stock("mug", 500)
    bought = [mall.order("mug", 1) for _ in range(130)]
    assert [order.order_id for order in adapter.read_orders(last_hours(mall))] == bought
    assert [order.order_id for order in adapter.read_orders_again([*bought, *bought])] == bought


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize("status", ["CANCELLED", "CANCELED"])
def test_cancelled_order_is_found_in_the_list_or_by_itself(
    mall: FutureshopBench, adapter: Adapter, listed: bool, status: str
) -> None:
    mall.control("setting", cancelled_listed=listed, cancel_status=status)
    order_id, other = mall.order("mug", 1), mall.order("mug", 1)
    mall.cancel(order_id)
    first, second = adapter.read_orders_again([order_id, other])
    assert [each.state for each in first.lines] == [LineState.CANCELLED]
    assert first.closed
    assert [each.state for each in second.lines] == [LineState.SOLD]
    assert not second.closed


@pytest.mark.parametrize("status", [404, 200])
def test_order_that_the_mall_does_not_know_is_absent(
    mall: FutureshopBench, adapter: Adapter, status: int
) -> None:
    mall.control("setting", missing_order_status=status)
    known = mall.order("mug", 1)
    found = adapter.read_orders_again(["999999999999", known, "no/order", "1" * 13])
    assert [order.order_id for order in found] == [known]


def test_order_in_a_state_that_is_not_known_still_counts(mall: FutureshopBench, adapter: Adapter) -> None:
    order_id = mall.order("mug", 1)
    mall.control("status", order_id=order_id, status="SOMETHING_NEW")
    (order,) = adapter.read_orders(last_hours(mall))
    assert [(each.state, each.quantity) for each in order.lines] == [(LineState.SOLD, 1)]


def test_own_word_for_a_cancel_is_a_setting(mall: FutureshopBench) -> None:
    adapter, order_id = mall.adapter(cancel_statuses="VOID, GONE"), mall.order("mug", 1)
    mall.control("status", order_id=order_id, status="GONE")
    (order,) = adapter.read_orders(last_hours(mall))
    assert order.closed
    adapter.close()


def test_partial_cancel_leaves_what_stands(mall: FutureshopBench, adapter: Adapter) -> None:
    order_id = mall.order("mug", 3)
    (before,) = adapter.read_orders_again([order_id])
    mall.control("partial_cancel", order_id=order_id, line=0, quantity=1)
    (order,) = adapter.read_orders_again([order_id])
    assert order.lines[0].state is LineState.SOLD
    assert order.lines[0].quantity == 2
    assert order.lines[0].line_id == before.lines[0].line_id


# --------------------------------------------------------------------------- credentials and settings


def test_form_alone_tells_whether_credentials_may_belong() -> None:
    belongs = FutureshopAdapter.belongs
    assert (
        belongs({}, {"shop_key": Secret("shop"), "client_id": Secret("id.x"), "client_secret": Secret("s")})
        == ""
    )
    for kind, value in [
        ("client_id", "a:b"),
        ("client_secret", "s t"),
        ("shop_key", "店舗"),
        ("client_id", ""),
    ]:
        assert belongs({}, {kind: Secret(value)}) == "renew_wrong_form"


def test_credentials_of_another_shop_are_refused_by_the_check(mall: FutureshopBench) -> None:
    foreign = mall.control("foreign_key")
    mall._use(foreign["client_id"], foreign["client_secret"])
    adapter = mall.adapter()
    with pytest.raises(AuthError):
        adapter.check()
    adapter.close()


@pytest.mark.parametrize("value", ["", "鍵", "a b", "a\nb"])
def test_credential_that_no_header_can_hold_makes_no_call(mall: FutureshopBench, value: str) -> None:
    settings = ShopSettings("futureshop-main", {"base_url": mall.found["base_url"]})
    credentials = {**mall.credentials(), "client_secret": Secret(value)}
    adapter, before = create(settings, credentials, SystemClock(), Event()), mall.calls()
    with pytest.raises(AuthError) as caught:
        adapter.check()
    assert caught.value.hint == ("renew_wrong_form" if value else "credential_missing")
    assert mall.calls() == before
    adapter.close()


@pytest.mark.parametrize(
    "options",
    [
        {"base_url": ""},
        {"base_url": "http://127.0.0.1:1"},
        {"ca_file": "/nowhere.pem"},
        {"rates": 0},
        {"transport": "fax"},
        {"transport": "csv", "ftp_host": ""},
        {"transport": "csv", "ftp_tls": "none"},
        {"transport": "csv", "variation_file": ""},
    ],
    ids=lambda options: "-".join(map(str, options.values())),
)
def test_wrong_setting_is_named_at_once(options: dict[str, Any]) -> None:
    good = {"base_url": "https://127.0.0.1:1", "ftp_host": "127.0.0.1", "variation_file": "x.csv"}
    with pytest.raises(ConfigError, match=list(options)[-1]):
        create(ShopSettings("futureshop-main", {**good, **options}), {}, SystemClock(), Event())


def test_api_domain_is_never_guessed() -> None:
    with pytest.raises(ConfigError, match="base_url"):
        create(ShopSettings("futureshop-main", {}), {}, SystemClock(), Event())


def test_there_is_no_order_file(adapter: Adapter) -> None:
    with pytest.raises(UnsupportedError):
        adapter.parse_orders("orders.csv", b"")
