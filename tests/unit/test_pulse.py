"""A worker that hangs is told of by the others, and a turn can be had now."""

from __future__ import annotations

import threading

import pytest

from adapters.clock import SystemClock
from bot.pulse import STUCK, Pulse
from bot.scheduler import Worker
from tests.unit.house import House


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path)
    yield house
    house.close()


def test_a_worker_that_hangs_is_told_of_once_and_its_next_turn_ends_the_alert(house):
    pulse, heard = Pulse(house.incidents, house.clock), []
    pulse.heard = lambda: heard.append(1)
    pulse.beat("a")
    pulse.beat("b")
    house.clock.advance(STUCK.total_seconds() + 1)
    pulse.beat("b")
    pulse.look()
    pulse.look()
    assert (house.open_causes("a"), house.open_causes("b"), len(heard)) == (["stuck"], [], 3)
    [alert] = house.incidents.open()
    assert alert.count == 1
    pulse.beat("a")
    house.tick("a")
    assert house.open_causes("a") == []


def test_a_worker_in_a_hurry_takes_its_turn_now_and_keeps_its_grid():
    ticks, done, stop = [], threading.Event(), threading.Event()

    def turn(tick):
        ticks.append(tick)
        if tick:
            done.set()

    worker = Worker("shop a", turn, lambda: 3600, SystemClock(), stop, lambda *_: None)
    worker.start()
    assert done.wait(5)  # the first turn
    done.clear()
    worker.wake()
    worker.hurry()
    assert done.wait(5)
    stop.set()
    worker.wake()
    worker.join(5)
    assert ticks.count(True) == 2
