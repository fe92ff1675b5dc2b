"""An oversell is found, told once, and the right race is named: ten causes, each brought about."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.errors import MaintenanceError
from adapters.memory import Lost
from bot.answers import Refused
from bot.autopsy import Case, Race, judge
from bot.mapping.model import Product
from bot.oversells import KIND, Oversells
from tests.unit.house import ADMIN, House

ORDER_AT_ONCE = 5  # seconds between two orders that no poll can tell apart


class Scene:
    """A house with one product, and what looks for oversells."""

    def __init__(self, folder, quantity=1, **abilities):
        self.house = House(folder, quantity=quantity, **abilities)
        self.house.quiet()
        self.looker = Oversells(
            self.house.engine, self.house.incidents, self.house.in_force, self.house.desks
        )
        self.look()

    def look(self):
        self.looker.look(self.house.clock.now())

    def tick(self, *names):
        self.house.tick(*names)
        self.look()

    def settle(self):
        """Let the shops be read as often as it takes until the verdict is sure."""
        for _ in range(15):
            self.tick()

    def sells(self, name, code="tee", pieces=1, after=ORDER_AT_ONCE):
        self.house.clock.advance(after)
        order = self.house.malls[name].order({code: pieces})
        assert order, f"{name} shows none"
        return order

    @property
    def alerts(self):
        return [item for item in self.house.incidents.open() if item.kind == KIND]

    def race(self):
        [alert] = self.alerts
        assert alert.cause == f"{KIND}:tee"
        return alert.params["race"]


def poll_delay(folder):
    scene = Scene(folder)
    scene.sells("b")
    scene.sells("a")
    scene.tick()
    return scene


def lost_write(folder):
    scene = Scene(folder)
    scene.sells("b")
    scene.tick("b")
    scene.house.malls["a"].put = lambda lines: None  # says done, and keeps its number
    scene.house.look("a")
    del scene.house.malls["a"].put
    scene.sells("a")
    scene.settle()
    return scene


def unknown_outcome(folder):
    scene = Scene(folder)
    scene.sells("b")
    scene.tick("b")
    scene.house.malls["a"].lose_answer("write_stock", Lost.BEFORE)
    scene.house.look("a")
    scene.sells("a")
    scene.tick()
    return scene


def edit(folder):
    scene = Scene(folder)
    scene.sells("b")
    scene.tick()
    scene.tick()
    scene.house.malls["a"].stock["tee"] = 5
    scene.sells("a")
    scene.settle()
    return scene


def wrong_code(folder):
    scene = Scene(folder)
    house = scene.house
    house.malls["b"].stock["tee-old"] = 1  # another listing of the same thing, of which nobody wrote
    scene.sells("b", "tee-old")
    scene.tick()
    scene.sells("a")
    scene.tick()
    assert not scene.alerts
    old = {**house.mapping.product_of("tee").listings, "b": {"tee": "tee-old"}}
    house.mapping = replace(house.mapping, products=(Product("mug"), Product("tee", listings=old)))
    scene.tick()
    return scene


def set_miscount(folder):
    scene = Scene(folder, quantity=4)
    house = scene.house
    for name in ("a", "b"):
        house.malls[name].stock["duo"] = 0
    recipe(house, 1)
    scene.tick()
    scene.tick()
    assert house.shown("duo") == 4
    recipe(house, 2)  # two in truth; nobody has told the shops yet
    scene.sells("a", "duo", 3)
    scene.tick()
    return scene


def recipe(house, pieces):
    products = (Product("mug"), Product("tee"), Product("duo", parts={"tee": pieces}))
    house.mapping = replace(house.mapping, products=products)
    house.actions.look_again(["a", "b"], house_why())


def house_why():
    from bot.sync.values import Why

    return Why.MAPPING


def expired_key(folder):
    scene = Scene(folder)
    mall, key = scene.house.malls["b"], scene.house.malls["b"].key
    mall.key = "another"
    scene.tick()
    scene.sells("b")
    scene.sells("a")
    scene.tick()
    mall.key = key
    scene.house.health.unblock("b", scene.house.clock.now())
    scene.settle()
    return scene


def maintenance(folder):
    scene = Scene(folder)
    scene.house.malls["a"].fail("write_stock", MaintenanceError("closed"))
    scene.sells("b")
    scene.tick("b")
    scene.house.look("a")
    scene.sells("a")
    scene.tick()
    scene.tick()
    return scene


def overwritten(folder):
    scene = Scene(folder, quantity=2)
    house = scene.house
    scene.sells("a")
    house.actions.stockroom.adjust("tee", -1, "damaged", ADMIN)
    house.look("a")
    scene.sells("a")
    scene.tick()
    return scene


def paused(folder):
    scene = Scene(folder)
    scene.house.actions.pause("a", None, "棚卸", ADMIN)
    scene.sells("b")
    scene.tick()
    scene.sells("a")
    scene.tick()
    return scene


CAUSES = {
    Race.POLL_DELAY: poll_delay,
    Race.LOST_WRITE: lost_write,
    Race.UNKNOWN_OUTCOME: unknown_outcome,
    Race.EDIT: edit,
    Race.WRONG_CODE: wrong_code,
    Race.SET_MISCOUNT: set_miscount,
    Race.EXPIRED_KEY: expired_key,
    Race.MAINTENANCE: maintenance,
    Race.OVERWRITTEN: overwritten,
    Race.PAUSED: paused,
}


@pytest.mark.parametrize("cause", CAUSES)
def test_the_right_race_is_named(tmp_path, cause):  # D7
    scene = CAUSES[cause](tmp_path)
    assert scene.race() == cause
    scene.house.close()


def test_an_oversell_is_one_alert_with_its_timeline_and_ends_by_itself(tmp_path):  # D7
    scene = poll_delay(tmp_path)
    scene.tick()
    [alert] = scene.alerts
    assert (alert.shop, alert.count, alert.params["pieces"]) == ("a", 1, "1")
    for word in ("b 注文 M-000001", "a 注文 M-000001", "を把握", "売り越しを検出"):
        assert word in alert.params["timeline"], word
    assert "M-000001" in alert.params["lines"]
    scene.house.malls["a"].cancel("M-000001")
    for _ in range(10):
        scene.tick()
    assert not scene.alerts
    scene.house.close()


def test_what_was_below_nothing_before_the_first_look_is_not_told_again(tmp_path):
    scene = poll_delay(tmp_path)
    [alert] = scene.alerts
    scene.house.incidents.recover(alert.shop, alert.cause, scene.house.clock.now())
    scene.house.clock.advance(3600)
    again = Oversells(scene.house.engine, scene.house.incidents, scene.house.in_force, scene.house.desks)
    again.look(scene.house.clock.now() + timedelta(hours=1))
    assert not scene.alerts
    scene.house.close()


def test_nothing_is_named_where_no_order_took_anything(tmp_path):
    scene = Scene(tmp_path)
    now = scene.house.clock.now()
    assert judge(Case("tee", now, -1, 0)) is None
    with pytest.raises(Refused):
        scene.house.actions.stockroom.adjust("nothing", -1, "", ADMIN)
    scene.house.close()
