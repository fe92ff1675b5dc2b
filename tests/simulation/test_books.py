"""The books in dictionaries behave as the real ones do."""

import pytest

from benchmarks.simulated.life import Life, Troubles
from tests.simulation.sql_keeper import SqlKeeper

SHORT = Troubles(orders=16, faults=6, crashes=2, counts=3, pauses=1, remaps=1, replays=1, edits=2)


def lived(seed, **given):
    """The trace of some minutes."""
    life = Life(seed, SHORT, trace=[], noise_s=200, **given)
    life.begin()
    life.acts.plan(life.noise_s)
    life.live(life.noise_s)
    life.calm_down()
    life.live(100)
    return life.trace


@pytest.mark.parametrize("seed", range(2))
def test_a_life_goes_the_same_way_whichever_books_are_kept(tmp_path, seed):
    """Every write, every entry of the ledger and every answer, moment by moment."""
    keepers = []

    def sql_books(clock):
        keepers.append(SqlKeeper(tmp_path, clock))
        return keepers[-1]

    traces = lived(seed), lived(seed, make_books=sql_books)
    assert keepers[0].wrong_balances() == []
    keepers[0].close()
    for memory, sql in zip(*traces, strict=True):
        assert memory == sql
