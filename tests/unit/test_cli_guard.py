"""The shell: what is held, the answers to it, and dry runs."""

import csv
import getpass
import socket
from datetime import UTC, datetime, timedelta

import pytest

from bot.store import holds
from bot.store.database import open_database, reading
from bot.sync.guard import HeldLine, Hold, Reason, Trip, plan_hash
from bot.sync.values import Why

LINES = tuple(HeldLine(f"c{place:02}", f"c{place:02}", 10, 0, Why.STOCK) for place in range(25))
PLAN = plan_hash("a", LINES)
REASON = Reason(Trip.ZERO, changed=25, zero=25, of=100)


def keep(shell, **more):
    engine = open_database(shell.state)
    with engine.begin() as connection:
        asked_at = datetime.now(UTC)
        holds.ask(connection, Hold("a", PLAN, LINES, REASON, asked_at, **more))
    engine.dispose()
    return asked_at


def states(shell):
    engine = open_database(shell.state)
    with reading(engine) as connection:
        found = [hold.state.value for hold in holds.open_holds(connection)]
    engine.dispose()
    return found


def test_guard_lists_what_is_held_with_its_reason_and_the_next_step(shell):
    assert shell("guard") == (0, "Nothing is held.\n", "")
    keep(shell, caused_by=("U0ALICE01",))
    status, out, _ = shell("guard")
    assert status == 0
    assert f"plan {PLAN[:8]}" in out
    assert PLAN in out
    assert "25 of 100 codes would become 0" in out
    assert "caused by: U0ALICE01" in out
    assert "c00 (c00): 10 -> 0  stock" in out
    assert "5 more" in out
    assert f"tanaban guard approve {PLAN[:8]}" in out


def test_whole_plan_goes_into_a_file(shell):
    keep(shell)
    path = shell.folder / "plan.csv"
    assert shell("guard", "--csv", path)[0] == 0
    rows = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
    assert len(rows) == 25
    assert (rows[0]["plan"], rows[0]["code"], rows[0]["before"], rows[0]["after"]) == (PLAN, "c00", "10", "0")


@pytest.mark.parametrize(("answer", "left"), [("approve", ["approved"]), ("drop", [])])
def test_answer_decides_the_plan(shell, answer, left):  # D5
    keep(shell)
    status, out, _ = shell("guard", answer, PLAN[:8], "--dry-run")
    assert (status, states(shell)) == (0, ["asked"])
    assert "nothing was changed" in out
    assert shell("guard", answer, PLAN[:8])[0] == 0
    assert states(shell) == left


def test_answer_to_another_plan_is_refused_and_the_present_one_shown(shell):  # D5
    keep(shell)
    status, out, err = shell("guard", "approve", "0123abcd")
    assert (status, f"plan {PLAN[:8]}" in out, "No such plan is held now" in err) == (2, True, True)
    assert states(shell) == ["asked"]


def test_own_plan_is_not_approved_at_once(shell):  # D5
    asked_at = keep(shell, caused_by=(f"shell:{getpass.getuser()}",))
    status, _, err = shell("guard", "approve", PLAN)
    end = (asked_at + timedelta(hours=9, minutes=10)).strftime("%H:%M")
    assert (status, f"cannot approve it before {end} JST" in err) == (2, True)


def test_answer_without_a_plan_says_what_is_missing(shell):
    assert shell("guard", "approve")[2] == "tanaban: name the plan: tanaban guard approve HASH\n"


# ---------------------------------------------------------------------- dry runs


@pytest.fixture
def offline(monkeypatch):
    """No connection leaves this process."""

    def refuse(*_):
        raise AssertionError("a dry run made a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def test_dry_run_of_a_sync_prints_the_plan_and_opens_no_socket(shell, offline):  # E5
    shell("stock", "count", shell.file("code,quantity\ntee,7\n"))
    status, out, _ = shell("sync", "a", "--dry-run")
    assert status == 0
    assert "tee (tee): ? -> 7  stock" in out
    assert "mug: never counted" in out
    assert "a is not written now: credentials not set" in out
    assert out.endswith("A dry run: nothing was changed.\n")


def test_dry_run_of_pause_resume_and_adjust_says_so(shell):  # E5
    shell("stock", "count", shell.file("code,quantity\ntee,7\n"))
    assert "nothing was changed" in shell("pause", "a", "--dry-run")[1]
    assert shell("pauses")[1] == "Nothing is paused.\n"
    shell("pause", "a")
    assert "nothing was changed" in shell("resume", "a", "--dry-run")[1]
    assert shell("pauses")[1].startswith("a ")
    status, out, _ = shell("stock", "adjust", "tee", "-2", "--note", "lost", "--dry-run")
    assert (status, "on hand 7 -> 5, available 5" in out) == (0, True)
    assert "available 7" in shell("stock", "show", "tee")[1]
