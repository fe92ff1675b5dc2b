"""Numbers edited at a mall are found, and nothing else is: orders, cancels and writes go on meanwhile."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.contract import Ability, LowersOwnStock
from adapters.memory import MEMORY_ABILITIES, with_abilities
from adapters.secret import Secret
from bot.mapping.model import Defaults, LastUnits, Mapping, OnCancel, OrderSource, Product, Shop
from bot.store import drifts, readback, switches
from bot.store.database import reading
from bot.sync.desk import Desk, Orders, Report
from bot.sync.values import DriftState
from tests.unit.house import make_state
from tests.unit.sync.market import Market

TICK_S = 60
PASS = 12  # ticks of a rolling pass: every listing is read every ten minutes
SLOW_TICK_S, SLOW_PASS = 200, 6


class Edited(Market):
    """A market where people edit numbers at the malls by hand; ``tick`` is a minute of it."""

    def __init__(self, folder, codes=("mug", "tee"), *, quantity=10, on_cancel=OnCancel(), **abilities):  # noqa: B008
        self.codes, self.on_cancel = codes, on_cancel
        self.adapter_class = with_abilities(replace(MEMORY_ABILITIES, **abilities))
        super().__init__(folder, quantity=quantity, count=False)
        self.mapping = Mapping(
            {name: Shop(name, "memory", on_cancel=on_cancel) for name in self.malls},
            tuple(Product(code) for code in codes),
            defaults=Defaults(last_units=LastUnits.OFF),
        )
        for mall in self.malls.values():
            mall.stock = dict.fromkeys(codes, quantity)
            mall.returns_stock_on_cancel = on_cancel.mall_returns_stock
        self.count(dict.fromkeys(codes, quantity))
        self.tick_s = TICK_S

    def desk(self, name):
        adapter = self.adapter_class(self.malls[name], Secret("memory-key"))
        return Desk(self.mapping.shop(name), adapter, timedelta(seconds=30))

    def tick(self, times=1):
        for _ in range(times):
            self.clock.advance(self.tick_s)
            for name in self.malls:
                self.do(name, tick=True)
        return self

    def do(self, name, *, tick):
        report = Report(name)
        orders = Orders(held_back=lambda: self.stopped(name))
        self.engine.turn(self.desk(name), report, tick=tick, orders=orders)
        return report

    def stopped(self, name):
        with reading(self.database) as connection:
            targets = [pause.target for pause in switches.pauses_in_force(connection, self.clock.now())]
        pairs = [pair for target in targets if (pair := switches.listing_of(target))]
        return frozenset(code for shop, code in pairs if shop == name)

    def edit(self, name, code, quantity):
        self.malls[name].stock[code] = quantity

    def drifts(self, name="a", code="tee"):
        with self.database.begin() as connection:
            found = drifts.of_listing(connection, name, code, self.clock.now() - timedelta(days=30))
        return [(drift.found, drift.expected, drift.state.value) for drift in found]

    def all_drifts(self):
        with reading(self.database) as connection:
            return drifts.since(connection, self.clock.now() - timedelta(days=300))

    def read_next(self, name, code):
        with self.database.begin() as connection:
            readback.read_again(connection, name, [code])

    def answer(self, name, code, state):
        with self.database.begin() as connection:
            drifts.decide(connection, drifts.latest(connection, name, code), state, "alice", self.clock.now())


@pytest.fixture
def edited(tmp_path):
    made = []

    def make(**settings):
        make_state(tmp_path / "state")
        made.append(Edited(tmp_path / "state", **settings))
        return made[-1].tick(2)

    yield make
    for market in made:
        market.close()


def test_number_raised_by_hand_is_lowered_at_once_and_told(edited):  # D1
    market = edited()
    market.edit("a", "tee", 13)
    market.tick(PASS)
    assert market.drifts() == [(13, 10, "repaired")]
    assert market.shown("tee") == {"a": 10, "b": 10}


def test_number_lowered_by_hand_is_asked_about_and_stays(edited):  # D1
    market = edited()
    market.edit("a", "tee", 7)
    market.tick(2 * PASS)
    assert market.drifts() == [(7, 10, "asked")]
    assert market.shown("tee") == {"a": 7, "b": 10}


def test_open_question_holds_raises_back_and_lets_lowering_go_on(edited):  # D1
    market = edited()
    market.edit("a", "tee", 7)
    market.tick(PASS)
    market.malls["b"].order({"tee": 1})
    market.tick(2)
    assert market.shown("tee") == {"a": 7, "b": 9}
    market.malls["b"].order({"tee": 5})
    market.tick(2)
    assert market.shown("tee") == {"a": 4, "b": 4}
    assert market.drifts() == [(7, 10, "overtaken")]


def test_question_is_over_when_the_number_falls_to_what_is_there(edited):
    market = edited()
    market.edit("a", "tee", 7)
    market.tick(PASS)
    market.malls["b"].order({"tee": 3})
    market.tick(2)
    assert market.drifts() == [(7, 10, "overtaken")]
    assert market.everywhere("tee") == 7


def test_own_sales_of_a_shop_go_on_while_it_is_asked_about(edited):
    market = edited()
    market.edit("a", "tee", 7)
    market.tick(PASS)
    market.malls["a"].order({"tee": 2})
    market.tick(PASS)
    assert market.drifts() == [(7, 10, "asked")]
    assert market.shown("tee") == {"a": 5, "b": 8}


def test_third_drift_in_a_day_stops_the_listing_until_a_person_resumes(edited):  # D1
    market = edited()
    for _ in range(3):
        market.edit("a", "tee", 13)
        market.tick(PASS)
    assert [state for _, _, state in market.drifts()] == ["repaired", "repaired", "stopped"]
    assert market.stopped("a") == {"tee"}
    market.malls["b"].order({"tee": 4})
    market.edit("a", "tee", 12)
    market.tick(PASS)
    assert market.shown("tee") == {"a": 12, "b": 6}
    assert len(market.drifts()) == 3, "a stopped listing is left alone"


def test_resumed_listing_is_read_first_and_counts_anew(edited):
    market = edited()
    for _ in range(3):
        market.edit("a", "tee", 13)
        market.tick(PASS)
    with market.database.begin() as connection:
        switches.end_pauses(connection, ["a/tee"], "alice", market.clock.now())
    market.tick(1)
    assert market.everywhere("tee") == 10
    market.edit("a", "tee", 13)
    market.tick(PASS)
    assert market.drifts()[-1] == (13, 10, "repaired")


def test_edit_that_our_own_write_overtook_is_kept_in_the_list(edited):
    market = edited()
    market.edit("a", "tee", 13)
    market.read_next("a", "tee")
    market.tick(1)
    market.malls["b"].order({"tee": 1})
    market.clock.advance(TICK_S)
    market.do("b", tick=True)
    market.do("a", tick=False)  # woken by the order before the reading could be judged
    market.tick(2)
    assert market.everywhere("tee") == 9
    assert market.drifts() == [(13, 10, "overtaken")]


def test_mall_that_cannot_be_read_is_not_asked(edited):
    market = edited(readable=Ability(False, "there is no such call", "here", "2026-11-22"))
    market.edit("a", "tee", 7)
    market.tick(PASS)
    assert "read_stock" not in market.malls["a"].calls
    assert market.drifts() == []


def test_orders_that_come_by_file_leave_nothing_to_judge(edited):
    market = edited()
    shops = {name: replace(shop, orders=OrderSource.FILE) for name, shop in market.mapping.shops.items()}
    market.mapping = replace(market.mapping, shops=shops)
    before = market.malls["a"].calls.count("read_stock")
    market.edit("a", "tee", 7)
    market.tick(PASS)
    assert market.malls["a"].calls.count("read_stock") == before


def test_write_that_shows_late_is_no_drift(edited):
    market = edited(visible_after_s=300)
    market.tick(8)
    real = market.malls["a"].stock["tee"]
    market.malls["b"].order({"tee": 2})
    for _ in range(4):  # the page shows the old number for some minutes
        market.clock.advance(TICK_S)
        market.do("b", tick=True)
        market.malls["a"].stock["tee"] = real - 2
        market.do("a", tick=False)
        market.malls["a"].stock["tee"] = real
        market.do("a", tick=True)
    market.malls["a"].stock["tee"] = real - 2
    market.tick(PASS)
    assert market.all_drifts() == []


def test_piece_that_the_mall_puts_back_is_heard_of_before_it_is_judged(edited):
    market = edited(on_cancel=OnCancel(return_stock=True, mall_returns_stock=True))
    order = market.malls["a"].order({"tee": 3})
    market.tick(30)
    market.malls["a"].cancel(order)
    market.tick(2 * PASS)
    assert market.all_drifts() == []
    assert market.everywhere("tee") == 10


def test_piece_that_comes_back_at_the_mall_alone_is_taken_off_again(edited):
    """on_cancel: the mall puts it back, the merchant does not."""
    market = edited(on_cancel=OnCancel(return_stock=False, mall_returns_stock=True))
    order = market.malls["a"].order({"tee": 3})
    market.tick(3)
    market.malls["a"].cancel(order)
    market.tick(2 * PASS)
    assert market.all_drifts() == []
    assert market.everywhere("tee") == 7


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("returns", [True, False])
def test_every_edit_is_found_within_a_pass_and_no_echo_is(edited, own, returns):  # D1
    """Edits that are still there when they are read; before, between and after orders and cancels."""
    chance = random.Random(f"{own} {returns}")
    codes = tuple(f"tee-{place}" for place in range(30))
    lowers = LowersOwnStock.AT_ORDER if own else LowersOwnStock.NO
    market = edited(codes=codes, quantity=60, on_cancel=OnCancel(True, returns), lowers_own_stock=lowers)
    for mall in market.malls.values():
        mall.lowers_own_stock, mall.returns_stock_on_cancel = own, returns and own
    market.tick_s = SLOW_TICK_S
    busy = Busy(market, chance, codes[:10])
    quiet, edits = list(codes[10:]), 0
    for _ in range(3):
        busy.go(2)
        chosen = [(name, code) for name in market.malls for code in chance.sample(quiet, 9)]
        truth = set()
        for name, code in chosen:
            market.edit(name, code, market.malls[name].stock[code] + chance.choice((-7, -3, 2, 5)))
            truth.add((name, code, market.malls[name].stock[code]))
        before = len(market.all_drifts())
        busy.go(SLOW_PASS)
        found = [(shop, drift.code, drift.found) for shop, drift in market.all_drifts()[before:]]
        assert sorted(found) == sorted(truth)
        edits += len(truth)
        for shop, drift in market.all_drifts()[before:]:
            if drift.state is DriftState.ASKED:
                market.answer(shop, drift.code, DriftState.WRITTEN)
        market.clock.advance(25 * 3600)  # another day
        market.tick(3)
    assert edits == 54


class Busy:
    """Shoppers who buy and cancel some codes at both malls, minute by minute."""

    def __init__(self, market, chance, codes):
        self._market, self._chance, self._codes = market, chance, codes
        self._orders = []

    def go(self, minutes):
        for _ in range(minutes):
            for _ in range(self._chance.randrange(4)):
                self._market.clock.advance(self._chance.randrange(1, 9))
                self._shop()
            for name in self._market.malls:
                if self._chance.random() < 0.3:
                    self._market.do(name, tick=False)
            self._market.tick()

    def _shop(self):
        name = self._chance.choice(sorted(self._market.malls))
        mall = self._market.malls[name]
        if self._orders and self._chance.random() < 0.3:
            where, order = self._orders.pop(self._chance.randrange(len(self._orders)))
            self._market.malls[where].cancel(order)
            return
        order = mall.order({self._chance.choice(self._codes): self._chance.randrange(1, 3)})
        if order:
            self._orders.append((name, order))
