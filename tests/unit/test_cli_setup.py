"""The set-up check-list in the shell."""

import sqlite3

from adapters.roomclip.setup import WAYS

MAPPING = """\
version: 1
shops:
  room: {mall: roomclip, orders: api}
products:
  - code: tee
"""


def test_list_is_printed_ticked_and_kept_with_who(shell):  # B2
    shell.commit(MAPPING)  # and no settings: those come of what is done at the mall
    status, out, _ = shell("setup", "room")
    assert status == 1
    for step in (step for stage in WAYS[""] for step in stage.steps):
        assert all(f"[{value}]" in out for value in step.values), step
    assert "[tanaban renew room]" in out
    status, out, _ = shell("setup", "room", "--tick", "1", "2")
    assert "✓  1." in out
    _, out, _ = shell("setup", "room", "--untick", "1")
    assert "✓  1." not in out
    assert "✓  2." in out
    assert "shell:" in out
    with sqlite3.connect(shell.state / "tanaban.sqlite3") as database:
        rows = database.execute("select action, result from audit").fetchall()
    database.close()
    assert rows == [("setup", "done")] * 2


def test_step_that_there_is_not_and_an_unknown_shop_are_refused(shell):
    shell.commit(MAPPING)
    status, _, err = shell("setup", "room", "--tick", "999")
    assert status == 2
    assert "999" in err
    assert shell("setup", "nowhere")[0] == 2
