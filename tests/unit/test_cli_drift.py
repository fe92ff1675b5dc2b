"""The shell: numbers at a mall that are not ours, and a shop looked at again."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, insert, select

from bot.store import drifts, ledger
from bot.store.database import open_database
from bot.store.schema import dirty, shown
from bot.sync.values import Drift, DriftState

NOW = datetime.now(UTC) - timedelta(minutes=5)


def keep(shell, code="tee", state=DriftState.ASKED):
    engine = open_database(shell.state)
    with engine.begin() as connection:
        ledger.enter_count(connection, "tee", 10, NOW - timedelta(hours=1), NOW, "clerk")
        drifts.add(connection, "a", Drift(code, 7, 10, NOW, NOW, state))
    engine.dispose()


def write(shell, *codes):
    """As if these had been written long ago."""
    row = {"written": 10, "predicted": 10, "outcome": "done", "sent_at": NOW, "acked_at": NOW, "read_at": NOW}
    engine = open_database(shell.state)
    with engine.begin() as connection:
        for code in codes:
            connection.execute(insert(shown).values(shop="a", code=code, mall_code=code, **row))
    engine.dispose()


@pytest.fixture
def settled(shell):
    """The mapping is in force, and nothing waits."""
    shell("pauses")
    engine = open_database(shell.state)
    with engine.begin() as connection:
        connection.execute(delete(dirty))
    engine.dispose()
    return shell


def rows(shell, table):
    engine = open_database(shell.state)
    with engine.begin() as connection:
        found = connection.execute(select(table)).mappings().all()
    engine.dispose()
    return found


def test_drifts_are_listed_with_their_numbers(shell):  # D1
    assert shell("drift") == (0, "No number was changed at a mall.\n", "")
    keep(shell)
    out = shell("drift")[1]
    assert "a  tee  found 7, expected 10  write / take / leave?" in out
    assert json.loads(shell("drift", "--json")[1])[0]["state"] == "asked"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["write"], "Our number goes out to a, tee (the mall had "),
        (["take"], "The 7 found at a is right: tee on hand 10 -> 7"),
        (["leave", "--until", "2h"], "found there is left (until "),
        (["leave"], "found there is left ("),
    ],
)
def test_answer_says_what_it_did(settled, words, said):  # D1
    keep(settled)
    status, out, _ = settled("drift", "a", "tee", *words)
    assert (status, said in out) == (0, True), out
    assert "tee" in {row["code"] for row in rows(settled, dirty)}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["a", "mug", "write"], "No change at the mall is known of mug on a."),
        (["a", "tee"], "write, take or leave"),
        (["a", "tee", "write", "--until", "2h"], "Only leave takes --until."),
        (["z", "tee", "write"], "no shop 'z'"),
        (["a", "gift", "take"], "“gift” is a set"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_the_reason(shell, words, said):  # D1
    keep(shell)
    keep(shell, "gift")
    status, _, err = shell("drift", *words)
    assert (status, said in err) == (2, True), err


def test_listing_that_is_left_can_be_resumed_by_its_name(shell):
    keep(shell)
    shell("drift", "a", "tee", "leave")
    assert "a/tee" in shell("pauses")[1]
    assert shell("resume", "a/tee")[0] == 0
    assert "Nothing is paused." in shell("pauses")[1]


def test_sync_says_how_many_codes_and_marks_them(shell):  # C14
    write(shell, "tee", "mug")
    status, out, _ = shell("sync", "a")
    assert (status, out) == (0, "a: 3 codes are compared; only differences are written.\n")
    assert {row["code"] for row in rows(shell, dirty)} == {"tee", "mug", "gift"}


def test_full_sync_reads_back_what_was_written_and_looks_at_the_rest(settled):  # C14
    write(settled, "tee", "mug")
    status, out, _ = settled("sync", "a", "full")
    assert (status, out) == (0, "a: 3 codes are read back from the mall; only differences are written.\n")
    assert {row["code"] for row in rows(settled, dirty)} == {"gift"}
    marked = {row["code"]: row["read_at"] for row in rows(settled, shown) if row["resync_by"]}
    assert marked == {"tee": None, "mug": None}


def test_waiting_for_a_sync_shows_how_far_it_is_and_says_when_nothing_moves(settled, monkeypatch):  # E13
    monkeypatch.setattr("bot.cli.sync.STUCK_AFTER_S", 0.2)
    monkeypatch.setattr("bot.cli.sync.LOOK_EVERY_S", 0.1)
    write(settled, "tee", "mug", "gift")
    status, out, err = settled("sync", "a", "full", "--wait")
    assert (status, "3 to go" in out, "tanaban run" in err) == (1, True, True)
