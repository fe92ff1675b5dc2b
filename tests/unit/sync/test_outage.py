"""Outages: what was missed is taken in, what nobody can know is named, what may be gone is held back."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.errors import MaintenanceError
from adapters.memory import MEMORY_ABILITIES, with_abilities
from adapters.secret import Secret
from bot.store import outages
from bot.store.database import reading
from bot.sync.desk import Desk
from bot.sync.outage import is_at_risk, is_blind, rate_at
from bot.sync.values import Demand
from tests.unit.house import House
from tests.unit.sync.market import START, Market
from tests.unit.sync.test_lastunits import part

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("minutes", "poll_s", "blind"), [(4, 60, False), (6, 60, True), (8, 180, False), (10, 180, True)]
)
def test_blind_is_who_was_not_heard_for_five_minutes_and_three_polls(minutes, poll_s, blind):
    now = START + timedelta(minutes=minutes)
    assert is_blind(part(poll_s=poll_s), START, now) == blind


def test_who_was_never_heard_is_not_blind():
    assert not is_blind(part(), None, START)


@pytest.mark.parametrize(
    ("available", "an_hour", "hours", "risk"),
    [
        (1, 1, 1, True),
        (4, 1, 1, True),
        (5, 1, 1, False),
        (5, 1, 13, True),
        (23, 1, 13, False),
        (0, 1, 13, False),
    ],
)
def test_at_risk_is_what_may_be_sold_one_time_in_a_hundred(available, an_hour, hours, risk):  # D3
    assert is_at_risk(available, an_hour / 3600, hours * HOUR) == risk


def test_rate_of_a_shop_is_its_part_of_what_is_sold():
    demand = Demand({"a": 30, "b": 10}, last_hour=4, last_day=40)
    assert rate_at(demand, "a") * 3600 == pytest.approx(3)
    assert rate_at(demand, "c") == 0


class Cut(Market):
    """A market whose shop ``a`` can be cut off; its mall tells of orders of the last ``look_back``."""

    def __init__(self, folder, look_back=timedelta(days=63)):
        self.kind = with_abilities(replace(MEMORY_ABILITIES, look_back_s=look_back.total_seconds()))
        super().__init__(folder, quantity=2000)
        self.mapping = replace(self.mapping, shops=dict(self.mapping.shops))

    def desk(self, name):
        adapter = self.kind(self.malls[name], Secret("memory-key"))
        return Desk(self.mapping.shop(name), adapter, timedelta(seconds=30))

    def cut_off(self, hours, sell):
        """Pass so many hours, selling every five minutes, without shop ``a``."""
        for step in range(hours * 12):
            self.clock.advance(300)
            sell()
            if step % 6 == 5:
                self.turn("b")

    def outages(self):
        with reading(self.database) as connection:
            return outages.latest(connection, 10)

    def risks(self):
        with reading(self.database) as connection:
            return outages.all_risks(connection)


def sell_at_random(market, rng, orders):
    """Sell, re-issue, change and cancel at shop ``a``."""

    def sell():
        mall = market.malls["a"]
        for _ in range(4):
            if order := mall.order({rng.choice(("tee", "mug")): rng.randint(1, 2)}):
                orders.append(order)
        if orders and rng.random() < 0.5:
            chosen = rng.choice(orders)
            rng.choice([lambda: mall.cancel(chosen), lambda: mall.reduce(chosen, "1", 1)])()

    return sell


def test_thirteen_hours_and_five_hundred_orders_later_the_ledger_equals_the_truth(tmp_path):  # D3
    market, orders = Cut(tmp_path), []
    market.round(3)
    market.cut_off(13, sell_at_random(market, random.Random(7), orders))
    assert len(orders) > 500
    (account,) = market.turn("a").outages
    for _ in range(15):  # known orders are read again a hundred a turn
        market.clock.advance(250)
        market.round()
    for code in ("tee", "mug"):
        left = 2000 - market.malls["a"].sold()[code]
        assert market.available(code) == market.shown(code)["b"] == left
    assert account.orders == len(orders)
    assert account.blind_to - account.blind_from >= 13 * HOUR
    assert account.beyond is None
    assert account in market.outages()
    market.close()


def test_order_that_was_cancelled_before_it_was_seen_leaves_the_right_number_at_its_shop(tmp_path):  # C1
    market = Cut(tmp_path)
    market.round(2)
    market.clock.advance(120)
    order = market.malls["a"].order({"tee": 3})
    market.malls["a"].cancel(order)
    assert market.shown("tee") == {"a": 1997, "b": 2000}
    market.round(2)
    assert market.everywhere("tee") == 2000
    market.close()


def test_what_the_mall_no_longer_tells_is_named(tmp_path):  # D3
    market, orders = Cut(tmp_path, look_back=6 * HOUR), []
    market.round(2)
    known = market.malls["a"].order({"tee": 5})
    market.round()
    read_up_to = market.books.cursor("a")
    market.cut_off(13, sell_at_random(market, random.Random(8), orders))
    (account,) = market.turn("a").outages
    assert account.beyond == (read_up_to, account.blind_to - 6 * HOUR)
    assert account.uncertain == (known,)
    assert 0 < account.orders < len(orders)
    market.close()


def test_while_a_shop_is_blind_the_others_show_none_of_what_it_may_have_sold_out(tmp_path):  # D3
    market = Cut(tmp_path)
    market.count({"tee": 29, "mug": 524})
    market.round(2)
    for code in ("tee", "mug"):
        market.malls["a"].order({code: 24})  # an order an hour
    market.clock.advance(60)
    market.round(2)
    assert market.shown("tee")["b"] == 5
    market.cut_off(5, lambda: None)  # 11 in 5 hours, one time in a hundred
    market.turn("b")
    assert market.risks() == {("a", "tee")}
    assert market.shown("tee") == {"a": 5, "b": 0}
    assert market.shown("mug")["b"] == 500
    market.round(3)  # heard again
    assert market.risks() == set()
    assert market.everywhere("tee") == 5
    market.close()


def test_a_person_who_has_looked_lets_them_sell_again_for_this_outage(tmp_path):  # D3
    market = Cut(tmp_path)
    market.count({"tee": 29, "mug": 500})
    market.round(2)
    market.malls["a"].order({"tee": 24})
    market.clock.advance(60)
    market.round(2)
    market.cut_off(5, lambda: None)
    market.turn("b")
    assert market.engine.clear_risks("a") == 1
    market.turn("b")
    assert market.shown("tee")["b"] == 5
    market.cut_off(1, lambda: None)
    assert market.shown("tee")["b"] == 5
    market.round(2)
    market.cut_off(6, lambda: None)  # another outage
    assert market.shown("tee")["b"] == 0
    market.close()


def test_people_hear_of_the_outage_and_of_what_is_held_back(tmp_path):  # D3
    house = House(tmp_path, quantity=26).quiet()
    house.malls["a"].order({"tee": 24})
    house.tick()
    for _ in range(180):
        house.malls["a"].fail("read_orders", MaintenanceError("closed", operation="read_orders"))
        house.tick()
    assert "at_risk" in house.open_causes("a")
    assert house.shown("tee", "b") == 0
    house.malls["a"].clear_faults()
    house.tick()
    house.tick()
    assert "at_risk" not in house.open_causes("a")
    assert house.shown("tee", "b") == 2
    ((key, params),) = [said for said in house.said if said[0].startswith("outage")]
    assert key == "outage_over"
    assert params["shop"] == "a"
    assert params["end"] - params["begin"] >= 3 * HOUR
    house.close()


def test_a_time_that_the_mall_no_longer_tells_of_stays_open_until_a_person_has_checked(tmp_path):  # D3
    house = House(tmp_path, look_back_s=3600).quiet()
    house.malls["a"].order({"tee": 1})
    house.tick()
    house.clock.advance(3 * 3600)
    house.tick()
    house.tick()
    [alert] = [i for i in house.incidents.open() if (i.shop, i.cause) == ("a", "beyond")]
    assert (alert.shop, alert.params["uncertain"], alert.params["lines"]) == ("a", "1", "M-000001")
    assert not [said for said in house.said if said[0].startswith("outage_over_beyond")]
    house.close()
