"""More seeded lives, in a file of their own: two processes share the work file by file."""

import pytest

from tests.simulation import test_schedules as lives


@pytest.mark.parametrize("first", range(lives.SEEDS, 2 * lives.SEEDS, lives.CHUNK))
def test_no_order_is_lost_or_doubled_and_every_mall_ends_at_its_number(first):  # C3
    lives.test_no_order_is_lost_or_doubled_and_every_mall_ends_at_its_number(first)
