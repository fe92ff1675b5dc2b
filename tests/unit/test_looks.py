"""A look between two ticks: it writes what waits, and leaves no trace where there is nothing to do."""

from dataclasses import replace

import pytest

from adapters.errors import TemporaryError
from adapters.memory import Lost
from tests.unit.house import ADMIN, House

DAY_S = 86_400


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path)
    yield house
    house.close()


def test_unknown_outcome_is_read_back_before_it_is_written_again(house):
    house.quiet().malls["a"].lose_answer("write_stock", Lost.AFTER)
    house.malls["b"].order({"tee": 1})
    house.tick("b", "a")
    writes = house.calls("write_stock")
    for _ in range(5):
        house.look("a")
    assert house.calls("write_stock") == writes
    house.tick("a")
    assert (house.shown(), house.waiting(), house.calls("write_stock")) == (9, [], writes)


def test_unknown_outcome_holds_back_no_other_code(house):
    house.quiet().malls["a"].lose_answer("write_stock", Lost.BEFORE)
    house.malls["b"].order({"tee": 1})
    house.tick("b", "a")
    house.malls["b"].order({"mug": 1})
    house.tick("b")
    house.look("a")
    assert (house.shown("tee"), house.shown("mug")) == (10, 9)
    house.tick("a")
    assert house.shown("tee") == 9


def idle_paused(house):
    house.actions.pause("a", None, "", ADMIN)
    house.malls["b"].order({"tee": 1})
    house.tick()


def idle_refused(house):
    house.malls["a"].refused.add("tee")
    house.malls["b"].order({"tee": 1})
    house.tick()
    house.tick()


def idle_raise(house):
    """A raise that waits until the shop's own orders are in."""
    order = house.malls["b"].order({"tee": 1})
    house.tick()
    house.malls["b"].cancel(order)
    house.tick("b")
    house.clock.advance(300)
    house.turns.turn("b", tick=True)
    assert house.waiting() == ["tee"]


def idle_unknown(house):
    house.malls["a"].lose_answer("write_stock", Lost.BEFORE, times=9)
    house.malls["b"].order({"tee": 1})
    house.tick("b", "a")


def idle_blocked(house):
    house.malls["a"].key = ""
    house.tick("a")


def idle_failing(house):
    house.malls["a"].fail("read_orders", TemporaryError("no"), times=9)
    house.tick("a")


def idle_unlisted(house):
    house.adapter_class.abilities = replace(house.adapter_class.abilities, address_is_code=False)
    house.malls["a"].stock |= {f"other-{number}": 0 for number in range(8)}  # a list of two that loses one
    house.clock.advance(2 * DAY_S)  # would be taken for a list that was cut short
    house.tick("a")
    del house.malls["a"].stock["tee"]
    for _ in range(2):
        house.clock.advance(2 * DAY_S)
        house.malls["b"].order({"tee": 1})
        house.tick("b", "a")
    assert house.open_causes() == ["unlisted"]


IDLE = (
    lambda house: None,
    idle_paused,
    idle_refused,
    idle_raise,
    idle_unknown,
    idle_blocked,
    idle_failing,
    idle_unlisted,
)


@pytest.mark.parametrize("idle", IDLE, ids=lambda idle: idle.__name__)
def test_look_that_finds_nothing_to_do_leaves_no_trace(house, idle):
    """Every commit wakes every worker: a look that commits would wake itself for ever."""
    idle(house.quiet())
    house.look("a")
    house.look("b")
    house.watch.changed()
    calls = house.calls()
    for _ in range(3):
        house.look("a")
        house.look("b")
    assert not house.watch.changed()
    assert house.calls() == calls
