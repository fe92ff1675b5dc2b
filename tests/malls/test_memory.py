"""The memory mall passes the contract first; then its own rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from threading import Event
from typing import Any

import pytest

from adapters import registry
from adapters.clock import ManualClock
from adapters.contract import Adapter, Address, LineState, Outcome, ShopSettings, StockLine, Window
from adapters.errors import (
    ConfigError,
    MaintenanceError,
    NotSentError,
    RateLimitedError,
    TemporaryError,
    UnexpectedReplyError,
)
from adapters.memory import MEMORY_ABILITIES, Lost, MemoryAdapter, MemoryMall, with_abilities
from adapters.secret import Secret
from tests.contract import AdapterContract

METHODS = (
    "check",
    "read_products",
    "read_stock",
    "write_stock",
    "confirm",
    "read_orders",
    "read_orders_again",
    "credential_status",
)
ERRORS = {
    "server_error": TemporaryError("HTTP 500"),
    "maintenance": MaintenanceError("closed"),
    "html": UnexpectedReplyError("HTML"),
}


class MemoryBench:
    secrets = ("memory-key-1", "memory-key-2")
    personal = ("山田 花子",)
    faults = frozenset({*ERRORS, "rate_limit", "cut_before", "cut_after"})
    missing_faults: Mapping[str, str] = {}
    codes = ("tee-red-s", "mug", "cap-navy")

    def __init__(self, kind: type[MemoryAdapter] = MemoryAdapter) -> None:
        self.clock = ManualClock()
        self.kind = kind
        self.key = "memory-key-1"
        names = {code: "マグカップ" for code in self.codes}
        self.mall = MemoryMall(
            self.clock,
            {**dict.fromkeys(self.codes, 20), "full": 1},
            key=self.key,
            names=names,
            refused={"full"},
        )

    def adapter(self) -> Adapter:
        return self.kind(self.mall, Secret(self.key))

    def unreachable(self) -> Adapter:
        mall = MemoryMall(self.clock, {}, key=self.key)
        for method in METHODS:
            mall.fail(method, NotSentError("no connection"))
        return self.kind(mall, Secret(self.key))

    def address(self, code: str) -> Address:
        return (code,)

    def unknown(self) -> StockLine:
        return StockLine("nothing", ("nothing",), 1)

    def refused(self) -> StockLine:
        return StockLine("full", ("full",), 1)

    def filler(self, count: int) -> list[StockLine]:
        return [StockLine(f"filler-{n}", (f"filler-{n}",), 1) for n in range(count)]

    def stock(self, code: str) -> int:
        return self.mall.stock[code]

    def set_stock(self, code: str, quantity: int) -> None:
        self.mall.stock[code] = quantity

    def order(self, code: str, quantity: int) -> str:
        self.clock.advance(1)
        return self.mall.order({code: quantity})

    def cancel(self, order_id: str) -> None:
        self.mall.cancel(order_id)

    def settle(self) -> None:
        self.mall.settle(everything=True)

    def fault(self, name: str, **arguments: Any) -> None:
        for method in METHODS:
            if name.startswith("cut"):
                write = method == "write_stock"
                where = Lost.BEFORE if name == "cut_before" else Lost.AFTER
                if write:
                    self.mall.lose_answer(method, where)
                else:
                    self.mall.fail(method, TemporaryError("cut"))
            elif name == "rate_limit":
                self.mall.fail(method, RateLimitedError("429", retry_after_s=arguments.get("retry_after")))
            else:
                self.mall.fail(method, ERRORS[name])

    def clear_faults(self) -> None:
        self.mall.clear_faults()

    def expire(self) -> None:
        self.mall.key = ""

    def renew(self) -> None:
        self.mall.key = self.key = "memory-key-2"

    def calls(self) -> int:
        return len(self.mall.calls)

    def now(self):
        return self.clock.now()


class TestMemory(AdapterContract):
    @pytest.fixture
    def mall(self) -> MemoryBench:
        return MemoryBench()


class TestMemoryThatConfirmsLate(AdapterContract):
    @pytest.fixture
    def mall(self) -> MemoryBench:
        return MemoryBench(with_abilities(replace(MEMORY_ABILITIES, late_confirm=True, write_batch=None)))


class TestMemoryThatTellsNothing(AdapterContract):
    @pytest.fixture
    def mall(self) -> MemoryBench:
        no = replace(MEMORY_ABILITIES.readable, able=False)
        return MemoryBench(with_abilities(replace(MEMORY_ABILITIES, readable=no, products=no, orders=no)))


def test_late_order_is_not_shown_before_its_lag() -> None:
    clock = ManualClock()
    mall = MemoryMall(clock, {"mug": 5}, order_lag_s=60)
    adapter = MemoryAdapter(mall, Secret("memory-key"))
    start = clock.now()
    mall.order({"mug": 2})
    window = Window(start, start + timedelta(hours=1))
    assert adapter.read_orders(window) == []
    clock.advance(60)
    assert len(adapter.read_orders(window)) == 1
    assert mall.stock["mug"] == 3


def test_late_write_shows_after_its_time_and_not_before() -> None:
    clock = ManualClock()
    mall = MemoryMall(clock, {"mug": 5}, take_up_s=300)
    kind = with_abilities(replace(MEMORY_ABILITIES, late_confirm=True))
    adapter = kind(mall, Secret("memory-key"))
    sent = adapter.write_stock([StockLine("mug", ("mug",), 9)])
    clock.advance(299)
    assert [result.outcome for result in adapter.confirm(sent)] == [Outcome.SENT]
    assert mall.stock["mug"] == 5
    clock.advance(1)
    assert [result.outcome for result in adapter.confirm(sent)] == [Outcome.DONE]
    assert mall.stock["mug"] == 9


def test_mall_sells_no_more_than_it_shows() -> None:
    mall = MemoryMall(ManualClock(), {"mug": 1})
    assert mall.order({"mug": 1})
    assert not mall.order({"mug": 1})
    assert mall.sold() == {"mug": 1}


def test_cancel_returns_stock_only_where_the_mall_does() -> None:
    for returns, left in ((False, 3), (True, 5)):
        mall = MemoryMall(ManualClock(), {"mug": 5}, returns_stock_on_cancel=returns)
        order_id = mall.order({"mug": 2})
        mall.cancel(order_id)
        mall.cancel(order_id)
        assert mall.stock["mug"] == left
        assert mall.sold() == {"mug": 0}


def test_reduced_line_has_what_stands_now() -> None:
    mall = MemoryMall(ManualClock(), {"mug": 5})
    order_id = mall.order({"mug": 3})
    mall.reduce(order_id, "1", 1)
    (order,) = MemoryAdapter(mall, Secret("memory-key")).read_orders_again([order_id])
    assert [(line.quantity, line.state) for line in order.lines] == [(1, LineState.SOLD)]


def test_registry_makes_a_mall_by_name() -> None:
    settings = ShopSettings("memory-main", {"stock": "mug=4,tee=0"})
    adapter = registry.create("memory", settings, {"key": Secret("k")}, ManualClock(), Event())
    assert {product.mall_code for product in adapter.read_products()} == {"mug", "tee"}
    assert registry.abilities("memory") is MEMORY_ABILITIES


def test_registry_names_the_malls_it_knows() -> None:
    with pytest.raises(ConfigError, match="rakuten"):
        registry.abilities("takeshi-mart")
