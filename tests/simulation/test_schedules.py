"""Seeded lives: whatever goes wrong, and whenever the bot's process ends, every rule holds."""

import pytest

from benchmarks.simulated.__main__ import live_all
from benchmarks.simulated.life import Life
from benchmarks.simulated.watch import Broken
from bot.sync import productlist

SEEDS, CHUNK = 250, 25  # as many in test_more_schedules, for a second process; ten thousand: make long


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_no_order_is_lost_or_doubled_and_every_mall_ends_at_its_number(first):  # C3
    """The other rules are in ``watch`` and ``ending``; a failure names the command that lives it again."""
    assert live_all(range(first, first + CHUNK)) == {}


def test_a_life_is_the_same_each_time():
    traces = [], []
    for trace in traces:
        Life(7, trace=trace, noise_s=200).run()
    assert traces[0] == traces[1]


def test_a_list_that_comes_empty_would_be_noticed(monkeypatch):  # D5
    monkeypatch.setattr(productlist, "is_cut_short", lambda *_: False)
    with pytest.raises(Broken, match="a list of 0 took the place of one of"):
        Life(904).run()


def test_what_is_sold_again_amid_a_long_write_goes_out_again():  # C2
    """Here a plan made before a sale took the reason of a later one for its own, and settled it."""
    Life(1656).run()
