"""Seeded lives: whatever goes wrong, and whenever the bot's process ends, every rule holds."""

import pytest

from benchmarks.simulated.__main__ import live_all
from benchmarks.simulated.life import Life

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
