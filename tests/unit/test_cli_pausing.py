"""The shell's switches, pauses, adjustments and readiness: what they print, and what stays behind."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.answers import HistoryLine
from bot.cli.say import say
from bot.lines import history_line
from bot.store.database import open_database, reading
from bot.store.schema import audit
from tests.unit.shell import MAPPING

CAPS = MAPPING + "  - {code: cap, axes: [{name: 色, values: [%s]}]}\n"


@pytest.fixture
def caps(shell):
    """A product of 1,200 codes."""
    shell.commit(CAPS % ", ".join(f"c{n}" for n in range(1_200)))
    return shell


def audits(shell):
    database = open_database(shell.state)
    with reading(database) as connection:
        found = [(row.action, row.result, row.arguments) for row in connection.execute(select(audit))]
    database.dispose()
    return found


def pauses(shell):
    return json.loads(shell("pauses", "--json")[1])


# ---------------------------------------------------------------------- on, off, ready


def test_first_start_is_off_and_on_is_refused_until_orders_can_be_read(shell):  # A1 A5 C4
    status, _, err = shell("on")
    assert status == 2
    assert "orders of a cannot be read, key not set" in err
    assert shell("status")[1].startswith("sync: off")
    assert shell("off", "a")[0] == 0
    shell("credentials", "set", "a", "key", typed="made-up-key")
    assert shell("on", "a")[0] == 0
    status, out, _ = shell("on")
    assert (status, out.splitlines()[0]) == (0, "🟢 Sync of all shops is on")
    assert shell("status")[1].startswith("sync: on")
    assert "is on already (shell:" in shell("on")[1]
    assert [(action, result) for action, result, _ in audits(shell)] == [
        ("on", "refused: on_orders_no_keys"),
        ("off", "done"),
        ("on", "done"),
        ("on", "done"),
        ("on", "already"),
    ]


def test_switch_of_an_unknown_shop_names_those_there_are(shell):
    status, _, err = shell("off", "z")
    assert (status, err.splitlines()[-1]) == (2, "There is no shop “z”. Shops: a")


def test_ready_says_what_is_missing_and_ends_with_1(shell):  # A1 A2 A3 A4
    status, out, _ = shell("ready")
    assert status == 1
    assert [line.strip()[0] for line in out.splitlines()[1:-1]] == ["✗", "!", "✗", "✗"]
    shell("credentials", "set", "a", "key", typed="made-up-key")
    shell("import", "a")
    shell("check", "a")
    status, out, _ = shell("ready")
    assert (status, [line.strip()[0] for line in out.splitlines()[1:-1]]) == (0, ["!", "✓", "✓", "✓"])
    shell.commit(MAPPING + "  - {code: hat}\n")
    shell(
        "mapping", "accept", "0123456789"
    )  # the mapping is fetched by the bot; here a new state takes it up
    assert shell("ready")[0] == 0


def test_code_that_is_not_in_the_product_list_is_named(fresh):  # A2
    fresh.commit(MAPPING + "  - {code: hat}\n")
    fresh("init")
    fresh("credentials", "set", "a", "key", typed="made-up-key")
    fresh("import", "a")
    status, out, _ = fresh("ready")
    assert (status, "1 codes are not in the product list of a: hat" in out) == (1, True)


# ---------------------------------------------------------------------- pause, resume


def test_pause_has_an_end_and_a_reason_and_is_seen(shell):  # B21 D9
    status, out, _ = shell("pause", "a", "--until", "2h", "--reason", "棚卸")
    assert (status, out.startswith("⏸ a paused until ")) == (0, True)
    (pause,) = pauses(shell)
    assert (pause["target"], pause["reason"], pause["who"][:6]) == ("a", "棚卸", "shell:")
    assert "reason: 棚卸" in shell("pauses")[1]
    assert "reason: 棚卸" in shell("status")[1]
    assert shell("resume", "a")[1].startswith("▶️ a resumed")
    assert shell("pauses")[1] == "Nothing is paused.\n"
    assert shell("resume", "a")[1].startswith("a: resumed already, by shell:")
    assert shell("resume", "mug")[1] == "mug: not paused.\n"


def test_resume_says_what_else_is_still_paused(shell):  # D9
    shell("pause", "mug", "--reason", "傷")
    shell("pause", "all")
    assert shell("resume", "a")[0] == 2
    out = shell("resume", "all")[1]
    assert out.splitlines()[-1] == "1 other pauses hold on (see tanaban pauses)."


@pytest.mark.parametrize("text", ["18:00", "2h", "1h30m", "2時間", "18時", "18時まで"])
def test_end_of_a_pause_may_be_a_time_or_a_length(shell, text):  # B21
    assert shell("pause", "a", "--until", text)[0] == 0
    until = datetime.fromisoformat(pauses(shell)[0]["until"])
    assert timedelta(0) < until - datetime.now(UTC) <= timedelta(days=1)


def test_end_of_a_pause_may_be_a_moment_with_its_zone(shell):
    moment = (datetime.now(UTC) + timedelta(days=3)).replace(microsecond=0)
    assert shell("pause", "a", "--until", moment.isoformat())[0] == 0
    assert datetime.fromisoformat(pauses(shell)[0]["until"]) == moment


@pytest.mark.parametrize("text", ["soon", "25:00", "2026-11-22T09:00", "2001-01-01T00:00Z", "90d", "0m"])
def test_end_that_is_none_pauses_nothing(shell, text):
    assert shell("pause", "a", "--until", text)[0] == 2
    assert pauses(shell) == []


def test_unknown_target_pauses_nothing_at_all(shell):
    status, _, err = shell("pause", "mug", "tea", "--yes")
    assert (status, err.splitlines()[-1]) == (2, "There is no shop and no code “tea”. Shops: a")
    assert pauses(shell) == []
    assert shell("pause")[0] == 2


def test_many_codes_are_one_question_one_change_and_one_line_of_audit(caps):  # B13
    status, out, err = caps("pause", "cap", typed="1200\n")
    assert status == 0
    assert err.endswith("1,200 codes on 1 shops: type 1200 to go on: ")
    assert [(action, result) for action, result, _ in audits(caps)] == [("pause", "done")]
    assert "paused codes: 1,200" in caps("status")[1]


@pytest.mark.parametrize("typed", ["", "\n", "y\n", "121\n"])
def test_another_answer_than_the_number_changes_nothing(shell, typed):  # B13
    shell.commit(CAPS % ", ".join(f"c{n}" for n in range(120)))
    status, _, err = shell("pause", "cap", typed=typed)
    assert (status, err.splitlines()[-1].endswith("Nothing was changed.")) == (2, True)
    assert (pauses(shell), audits(shell)) == ([], [])


def test_codes_may_come_from_a_file(caps):  # B13
    file = caps.file("コード,商品名\n" + "".join(f"cap-c{n},帽子\n" for n in range(1_200)), "cp932")
    status, out, _ = caps("pause", "--file", file, "--until", "3h", "--yes")
    assert (status, out.splitlines()[0].startswith("⏸ 1,200 targets (cap-c0 ...) paused until ")) == (0, True)
    assert len(pauses(caps)) == 1_200
    assert len(caps("pauses")[1].splitlines()) == 1
    assert caps("resume", "--file", file, typed="1200\n")[0] == 0
    assert pauses(caps) == []
    assert len(audits(caps)) == 2


def test_wrong_lines_of_a_file_are_all_named_and_nothing_is_paused(shell):
    file = shell.file("code\nmug\nmog\n\ntea\n")
    status, _, err = shell("pause", "--file", file, "--yes")
    assert status == 2
    assert err.splitlines()[-4:] == [
        f"{file}:3: there is no code and no product “mog”",
        f"{file}:4: wanted 1 cells, as in the first line",
        f"{file}:5: there is no code and no product “tea”",
        "3 wrong lines. Nothing was done.",
    ]
    assert pauses(shell) == []


def test_maintenance_of_the_team_file_is_seen(fresh):  # D9
    fresh.repository.mkdir()
    times = [(datetime.now(UTC) + timedelta(hours=h)).isoformat(timespec="seconds") for h in (-1, 1)]
    window = f"{{kind: maintenance, from: {times[0]}, until: {times[1]}, reason: 定期メンテナンス}}"
    (fresh.repository / "team.yaml").write_text(f"version: 1\nwindows:\n  - {window}\n", "utf-8")
    fresh.commit()
    fresh("init")
    assert "reason: 定期メンテナンス  by team.yaml" in fresh("pauses")[1]
    assert "定期メンテナンス" in fresh("status")[1]


# ---------------------------------------------------------------------- adjust, history


def test_adjustment_needs_its_reason_and_says_what_is_left(shell):  # E3
    shell("stock", "count", shell.file("code,quantity\nmug,4\n"))
    assert shell("stock", "adjust", "mug", "+3")[0] == 2
    assert shell("stock", "adjust", "mug", "3", "--note", "x")[0] == 2
    assert shell("stock", "adjust", "mug", "+3", "--note", "入荷", "--receipt")[:2] == (
        0,
        "mug: on hand 4 -> 7, available 7\n",
    )
    assert shell("stock", "adjust", "mug", "-2", "--note", "破損")[1] == "mug: on hand 7 -> 5, available 5\n"
    status, _, err = shell("stock", "adjust", "mog", "+1", "--note", "x")
    assert (status, err.splitlines()[-1]) == (2, "There is no code “mog”. Near it: mug")


def test_history_shows_who_did_what_and_why(shell):  # E4
    shell("stock", "count", shell.file("code,quantity\nmug,4\n"))
    shell("stock", "adjust", "mug", "-1", "--note", "破損")
    count, adjusted = shell("stock", "history", "mug")[1].splitlines()
    assert "count  on hand +4 (-> 4)  shell:" in count
    assert "adjusted  on hand -1 (-> 3)  shell:" in adjusted
    assert adjusted.endswith("破損")
    (last,) = json.loads(shell("stock", "history", "mug", "--limit", "1", "--json")[1])
    assert (last["kind"], last["what"], last["on_hand"], last["note"]) == ("entry", "adjusted", -1, "破損")
    assert shell("stock", "history", "tee")[1] == "tee: nothing is recorded yet.\n"
    assert shell("stock", "history", "mog")[0] == 2


def test_write_in_the_history_says_what_stood_there_before(shell):  # E4
    at = datetime(2026, 11, 21, 0, 5, tzinfo=UTC)
    line = HistoryLine(at, "sale", "mug", "a", quantity=3, outcome="refused", note="no such item")
    said = history_line(line, "mug", say)
    assert said == "2026-11-21 09:05:00  write  a  written ? -> 3  refused by the mall  no such item"


def test_count_may_be_dated_by_the_time_of_today(shell):  # E3
    file = shell.file("code,quantity\nmug,4\n")
    assert shell("stock", "count", file, "--as-of", "00:00")[0] == 0
    assert shell("stock", "count", file, "--as-of", "24:00")[0] == 2
