"""The auction store beside Yahoo!ショッピング: whose items it delegates, and where its orders arrive."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from adapters import registry
from adapters.clock import SystemClock
from adapters.contract import Address, LineState, Order, ShopSettings
from adapters.errors import UnsupportedError
from sandbox.malls.yahuoku.part import YahuokuMall
from tests.contract import last_hours
from tests.malls.yahoo_bench import LOOSE, YahooBench, running
from tests.malls.yahuoku_store import line


class Both:
    """A Yahoo!ショッピング shop and the auction store of the same merchant."""

    def __init__(self, shopping: YahooBench) -> None:
        self.shopping = shopping
        self.adapter = shopping.adapter()
        self.store = YahuokuMall(shopping.world, shopping=shopping.part)

    def sell(self, *wishes: tuple[str, int]) -> str:
        lines = [{"code": code, "quantity": quantity} for code, quantity in wishes]
        placed = self.store.control("order", {"lines": lines})
        self.shopping.world.clock.advance(1)
        return str(placed["shopping_order_id"])

    def orders(self) -> list[Order]:
        return self.adapter.read_orders(last_hours(self.shopping))

    def shown(self, address: Address) -> int:
        return self.adapter.read_stock([address])[address].quantity


@pytest.fixture
def both(tmp_path) -> Iterator[Both]:
    with running(tmp_path, rates=LOOSE) as shopping:
        made = Both(shopping)
        yield made
        made.adapter.close()


def lines_of(order: Order) -> list[tuple[str, int, bool]]:
    return [(each.mall_code, each.quantity, bool(each.auction_id)) for each in order.lines]


def test_delegated_sale_is_read_once_and_lowers_the_one_stock_once(both: Both) -> None:
    address = both.shopping.address("tee-red-m")
    before = both.shown(address)
    order_id = both.sell(("tee-red-m", 2))
    (order,) = both.orders()
    assert (order.order_id, lines_of(order)) == (order_id, [("tee-red-m", 2, True)])
    assert both.shown(address) == before - 2
    settings = ShopSettings("yahuoku-main", {"mode": "cross_listed"})
    delegated = registry.create("yahuoku", settings, {}, SystemClock(), threading.Event())
    for call in (
        lambda: delegated.write_stock([line("tee-red-m", before - 2)]),
        lambda: delegated.read_orders(last_hours(both.shopping)),
        lambda: delegated.parse_orders("orders.csv", b"OrderId"),
    ):
        with pytest.raises(UnsupportedError):
            call()
    assert "set_stock" not in both.shopping.functions(), "the sale itself has lowered it"


def test_order_of_an_auction_comes_through_shopping_under_its_management_number(both: Both) -> None:
    address = both.shopping.address("mug")
    before = both.shown(address)
    order_id = both.sell(("mug", 1))
    (order,) = both.orders()
    assert (order.order_id, lines_of(order)) == (order_id, [("mug", 1, True)])
    assert both.shown(address) == before, "the piece was at auction, not in the shop's stock"
    both.store.control("cancel", {"order_id": order_id})
    (again,) = both.adapter.read_orders_again([order_id])
    assert [each.state for each in again.lines] == [LineState.CANCELLED]


def test_auctions_sold_together_come_under_codes_that_nobody_has_rather_than_a_guess(both: Both) -> None:
    both.store.control("setting", {"several": "any"})
    both.sell(("mug", 1), ("cap-navy", 2))
    (order,) = both.orders()
    known: set[Any] = {row["code"] for row in both.store.control("listings", {})}
    assert sorted(each.quantity for each in order.lines) == [1, 2]
    assert not {each.mall_code for each in order.lines} & known, "which are told as not mapped"
