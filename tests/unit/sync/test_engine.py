"""The engine with shops in memory: what a merchant relies on, one rule a test."""

import dataclasses
import random
from datetime import timedelta

import pytest

from adapters.errors import RateLimitedError, TemporaryError
from adapters.memory import Lost
from bot.mapping.model import Mapping, Product
from bot.store.books import SqlTransaction
from bot.sync import engine, writing
from bot.sync.desk import Orders, Report
from bot.sync.values import Why
from tests.unit.sync.market import CODES, Market


@pytest.fixture
def market(tmp_path):
    market = Market(tmp_path)
    yield market
    assert market.wrong_balances() == []
    market.close()


def test_a_sale_on_one_shop_lowers_the_others_once(market):
    market.round()
    market.malls["a"].order({"tee": 3})
    market.round(3)
    assert market.everywhere("tee") == 7


def test_a_second_turn_plans_nothing(market):
    market.round(2)
    writes = [mall.calls.count("write_stock") for mall in market.malls.values()]
    market.round(3)
    assert [mall.calls.count("write_stock") for mall in market.malls.values()] == writes


def test_own_sale_needs_no_write(market):
    market.round()
    market.clock.advance(120)
    before = market.malls["a"].calls.count("write_stock")
    market.malls["a"].order({"tee": 1})
    market.round()
    assert market.malls["a"].calls.count("write_stock") == before
    assert market.everywhere("tee") == 9


def test_order_is_counted_once_however_often_it_is_reported(market):  # C3
    market.malls["a"].order({"tee": 2})
    market.round(5)
    market.crash()
    market.round(5)
    assert market.everywhere("tee") == 8


def test_cancellation_comes_back_once(market):  # C1
    market.round()
    order = market.malls["a"].order({"tee": 2})
    market.round()
    market.malls["a"].cancel(order)
    market.round(4)
    assert market.everywhere("tee") == 10


@pytest.mark.parametrize("mall_returns_stock", [True, False])
def test_mall_that_returns_stock_itself_gives_the_same_number(tmp_path, mall_returns_stock):  # C2
    market = Market(tmp_path)
    market.malls["a"].returns_stock_on_cancel = mall_returns_stock
    shop = market.mapping.shop("a")
    on_cancel = dataclasses.replace(shop.on_cancel, mall_returns_stock=mall_returns_stock)
    shops = {**market.mapping.shops, "a": dataclasses.replace(shop, on_cancel=on_cancel)}
    market.mapping = dataclasses.replace(market.mapping, shops=shops)
    market.round()
    order = market.malls["a"].order({"tee": 2})
    market.round()
    market.malls["a"].cancel(order)
    market.round(3)
    assert market.everywhere("tee") == 10
    market.close()


def test_partial_cancellation_gives_back_the_difference(market):
    order = market.malls["a"].order({"tee": 3})
    market.round()
    market.malls["a"].reduce(order, "1", 1)
    market.round(3)
    assert market.everywhere("tee") == 9


def test_stock_that_was_never_counted_is_never_written(tmp_path):
    market = Market(tmp_path, count=False)
    market.malls["a"].order({"tee": 1})
    market.round(3)
    assert market.shown("tee") == {"a": 9, "b": 10}
    assert "write_stock" not in market.malls["b"].calls
    market.close()


def test_set_moves_its_components_and_they_move_the_set(tmp_path):  # E2
    market = Market(tmp_path, sets=[("gift", {"tee": 1, "mug": 2})])
    market.round()
    assert market.shown("gift") == {"a": 5, "b": 5}
    market.malls["a"].order({"gift": 1})
    market.round(2)
    assert (market.everywhere("tee"), market.everywhere("mug")) == (9, 8)
    assert market.shown("gift") == {"a": 4, "b": 4}
    market.close()


def test_unmapped_demand_is_kept_and_applied_when_the_code_is_mapped(market):
    known = market.mapping
    market.round()
    market.mapping = Mapping(known.shops, (Product("mug"),))
    market.malls["a"].order({"tee": 2})
    report = market.turn("a")
    assert set(report.unmapped) == {"tee"}
    market.mapping = known
    market.round(2)
    assert market.everywhere("tee") == 8


def test_answer_lost_after_the_effect_is_read_back(market):
    market.round()
    market.malls["b"].lose_answer("write_stock", Lost.AFTER)
    market.malls["a"].order({"tee": 1})
    market.round()
    market.clock.advance(120)
    writes = market.malls["b"].calls.count("write_stock")
    market.round()
    assert market.everywhere("tee") == 9
    assert market.malls["b"].calls.count("write_stock") == writes


def test_answer_lost_before_the_effect_is_written_again(market):
    market.round()
    market.malls["b"].lose_answer("write_stock", Lost.BEFORE)
    market.malls["a"].order({"tee": 1})
    market.round(3)
    assert market.everywhere("tee") == 9


def test_one_shops_trouble_delays_no_other(market):
    market.round()
    market.malls["a"].fail("read_orders", TemporaryError("a: try later"), times=10)
    market.malls["b"].order({"mug": 4})
    market.round()
    assert market.available("mug") == 6
    market.malls["a"].clear_faults()
    market.round()
    assert market.everywhere("mug") == 6


def test_refused_line_is_told_and_holds_nothing_back(market):
    market.malls["b"].refused.add("tee")
    market.malls["a"].order({"tee": 1, "mug": 1})
    market.turn("a")
    report = market.turn("b")
    assert list(report.refused) == ["tee"]
    assert market.everywhere("mug") == 9


def test_paused_code_keeps_waiting(market):
    market.round()
    market.malls["a"].order({"tee": 1})
    market.turn("a")
    report = Report("b")
    market.engine.write(market.desk("b"), report, Orders(held_back=lambda: frozenset({"tee"})))
    assert market.malls["b"].stock["tee"] == 10
    market.turn("b")
    assert market.everywhere("tee") == 9


def test_raise_waits_for_the_shops_own_orders(market):
    """A cancellation on one shop must not put back on sale what another has just sold."""
    market.round()
    order = market.malls["a"].order({"tee": 5})
    market.round(2)
    market.malls["a"].cancel(order)
    market.turn("a", write=False)
    market.malls["b"].order({"tee": 5})  # sold out there, and not taken in yet
    market.engine.write(market.desk("b"), Report("b"))
    assert market.malls["b"].stock["tee"] == 0
    market.round(2)
    assert market.everywhere("tee") == 5


def test_late_order_does_not_lower_a_count_made_meanwhile(market):  # TEMPOSTAR 2021-10-21
    market.malls["a"].order_lag_s = 600
    market.malls["a"].order({"tee": 4})
    market.clock.advance(300)
    market.count({"tee": 6})  # counted without the four that were set aside
    market.clock.advance(400)
    market.round(2)
    assert market.everywhere("tee") == 6


def test_code_that_moves_to_another_listing_is_written_there(market):
    market.malls["b"].stock["tee-new"] = 99
    market.round()
    listings = {"b": {"tee": "tee-new"}}
    market.mapping = Mapping(market.mapping.shops, (Product("tee", listings=listings), Product("mug")))
    market.engine.mark_all({"b": ["tee"]}, Why.MAPPING)
    market.round()
    assert market.malls["b"].stock["tee-new"] == 10


class Life:
    """A seeded life of three shops: shoppers, cancellations, lost answers, failures, crashes."""

    def __init__(self, folder, seed):
        self.chance = random.Random(seed)
        self.market = Market(folder, ("a", "b", "c"), quantity=30)
        self.orders = []

    def step(self):
        acts = (self.buy, self.cancel, self.lose, self.fail, self.market.crash, self.wait)
        self.chance.choices(acts, weights=(45, 10, 10, 10, 5, 20))[0]()
        if self.chance.random() < 0.6:
            self.market.round()

    def mall(self):
        return self.chance.choice(list(self.market.malls.values()))

    def buy(self):
        mall = self.mall()
        if order := mall.order({self.chance.choice(("tee", "mug")): self.chance.randint(1, 3)}):
            self.orders.append((mall, order))

    def cancel(self):
        if self.orders:
            mall, order = self.chance.choice(self.orders)
            mall.cancel(order)

    def lose(self):
        self.mall().lose_answer("write_stock", self.chance.choice(list(Lost)))

    def fail(self):
        method = self.chance.choice(("read_orders", "write_stock", "read_stock"))
        self.mall().fail(method, TemporaryError("no"))

    def wait(self):
        self.market.clock.advance(self.chance.choice((1, 30, 90, 400)))

    def calm_down(self):
        for mall in self.market.malls.values():
            mall.clear_faults()
        for _ in range(3):
            self.market.clock.advance(120)
            self.market.round()


@pytest.mark.parametrize("seed", range(8))  # many more in tests/simulation
def test_whatever_happens_nothing_is_lost_or_doubled(tmp_path, seed):
    """When all is quiet again every shop shows what the ledger holds: the count less the sales."""
    life = Life(tmp_path, seed)
    for _ in range(40):
        life.step()
    life.calm_down()
    market = life.market
    for code in ("tee", "mug"):
        sold = sum(mall.sold()[code] for mall in market.malls.values())
        assert market.available(code) == 30 - sold
        assert set(market.shown(code).values()) == {max(0, 30 - sold)}
    assert market.wrong_balances() == []
    market.close()


def test_a_whole_catalogue_is_marked_a_part_at_a_time(market, monkeypatch):
    """An order that comes meanwhile waits for one part, not for all."""
    monkeypatch.setattr(engine, "_CODES_A_PART", 2)
    monkeypatch.setattr(engine, "_REST_S", 0)
    sizes, mark_many = [], SqlTransaction.mark_many

    def noted(books, shop, codes, *rest):
        sizes.append(len(codes))
        mark_many(books, shop, codes, *rest)

    monkeypatch.setattr(SqlTransaction, "mark_many", noted)
    codes = list(market.mapping.listings("a"))
    market.engine.mark_all({"a": iter(codes)}, Why.RESUME)
    assert sizes == [2] * (len(codes) // 2) + [1] * (len(codes) % 2)
    assert sorted(item.code for item in market.books.waiting("a", 100)) == sorted(codes)


@pytest.fixture
def long_write(market, monkeypatch):
    """Everything waits to be written to a shop, and that is a long write here."""
    monkeypatch.setattr(writing, "CODES_A_LOOK", 1)
    market.round(2)
    market.count(dict.fromkeys(CODES, 7))
    return market


def test_orders_are_read_and_sales_written_while_a_long_write_is_planned(long_write):
    """A plan of a whole catalogue takes minutes; the shop's own last piece may go meanwhile."""
    shown, desk = [], long_write.desk("a")
    writes = long_write.malls["a"].calls.count

    def between():
        if not shown:
            with long_write.books.transaction() as books:
                books.mark("a", "tee", Why.SALE, long_write.clock.now())
        shown.append((writes("write_stock"), long_write.malls["a"].stock["tee"]))

    before = writes("write_stock")
    long_write.engine.write(desk, Report("a"), Orders(between=between))
    assert shown[0] == (before, 10)
    assert shown[1][1] == 7
    assert {long_write.malls["a"].stock[code] for code in CODES} == {7}


def test_a_mall_that_asks_for_a_moment_in_a_long_write_gets_it(long_write):
    mall, report = long_write.malls["a"], Report("a")
    mall.fail("write_stock", RateLimitedError("too many", retry_after_s=2), times=2)
    before = long_write.clock.now()
    long_write.engine.write(long_write.desk("a"), report, Orders())
    assert {mall.stock[code] for code in CODES} == {7}
    assert long_write.clock.now() - before >= timedelta(seconds=4)


def test_a_mall_that_keeps_refusing_a_long_write_is_left_alone_for_now(long_write):
    long_write.malls["a"].fail("write_stock", RateLimitedError("too many"), times=3)
    with pytest.raises(RateLimitedError):
        long_write.engine.write(long_write.desk("a"), Report("a"), Orders())
    long_write.round(2)
    assert {long_write.malls["a"].stock[code] for code in CODES} == {7}
