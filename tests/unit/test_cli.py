"""The shell: what each command prints, and the exit status that scripts rely on."""

import io
import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.config import load_config
from bot.store import shops
from bot.store.database import open_database, reading
from bot.store.lock import StateLock
from tests.unit.shell import MAPPING, SETTINGS

ROOT = Path(__file__).parent.parent.parent

# ---------------------------------------------------------------------- init


def test_init_makes_settings_key_and_state_for_their_owner_only(fresh):
    fresh.config.unlink()
    status, out, _ = fresh("init")
    assert status == 0
    assert f"wrote {fresh.config}" in out
    load_config(fresh.config)
    assert stat.S_IMODE((fresh.folder / "vault.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(fresh.state.stat().st_mode) == 0o700


def test_second_init_changes_nothing(shell):
    before = shell.config.read_bytes(), (shell.folder / "vault.key").read_bytes()
    assert shell("init")[0] == 0
    assert (shell.config.read_bytes(), (shell.folder / "vault.key").read_bytes()) == before


# ---------------------------------------------------------------------- what is wrong is said


def test_wrong_setting_ends_with_2_and_names_the_file_and_the_setting(fresh):
    fresh.config.write_text("[sync]\npol_interval_s = 5\n", encoding="utf-8")
    status, _, err = fresh("status")
    assert status == 2
    assert err.startswith(f"tanaban: {fresh.config}: unknown setting sync.pol_interval_s; did you mean")


def test_missing_settings_say_what_to_run(fresh):
    fresh.config.unlink()
    assert fresh("status")[0::2] == (
        2,
        f"tanaban: {fresh.config} does not exist; run 'tanaban init' or give --config\n",
    )


def test_vault_key_that_others_may_read_is_refused(shell):
    (shell.folder / "vault.key").chmod(0o644)
    status, _, err = shell("status")
    assert (status, "may be read by others; run: chmod 600" in err) == (2, True)


def test_vault_key_inside_the_state_folder_is_refused(shell):
    text = shell.config.read_text() + '[state]\nvault_key_file = "state/vault.key"\n'
    shell.config.write_text(text, encoding="utf-8")
    status, _, err = shell("status")
    assert (status, "must lie outside the state folder" in err) == (2, True)


def test_unknown_command_ends_with_2(fresh):
    assert fresh("stok")[0] == 2


def test_demo_without_a_mapping_to_begin_with_says_where_it_looked(fresh):
    folder = fresh.folder / "nothing"
    folder.mkdir()
    status, _, error = fresh("demo", "--mapping", str(folder))
    assert status == 2
    assert f"{folder} has no mappings.yaml" in error


def test_demo_in_the_folder_of_another_is_refused(fresh):
    (fresh.folder / "old" / "world").mkdir(parents=True)
    where = ["--mapping", str(ROOT), "--folder", str(fresh.folder / "old")]
    for command in (["demo"], ["sandbox", "maintenance"]):
        status, _, error = fresh(*command, *where)
        assert status == 2
        assert "holds an earlier demo" in error


# ---------------------------------------------------------------------- run


def test_second_run_is_refused_and_told_who_runs(shell):
    with StateLock(shell.state) as lock:
        lock.acquire(datetime(2026, 11, 22, 3, 0, tzinfo=UTC))
        status, _, err = shell("run")
    assert status == 2
    assert f"another bot holds {shell.state}/lock: pid {os.getpid()} on " in err
    assert "since 2026-11-22" in err


def test_other_commands_work_while_the_bot_runs(shell):
    with StateLock(shell.state) as lock:
        lock.acquire(datetime.now(UTC))
        assert shell("status")[0] == 0


def test_run_without_slacks_tokens_says_how_to_set_them(shell):
    status, _, err = shell("run")
    assert (status, err.splitlines()[-1]) == (
        2,
        "tanaban: no Slack bot_token; run: tanaban credentials set slack bot_token",
    )


def test_run_without_a_mapping_repository_says_so(shell):
    shell.config.write_text("", encoding="utf-8")
    status, _, err = shell("run")
    assert (status, "mapping.url is not set" in err) == (2, True)


# ---------------------------------------------------------------------- credentials


def test_credential_is_stored_and_never_printed(shell):  # A16
    status, out, err = shell("credentials", "set", "a", "key", typed="planted-value-5d0c\n")
    assert (status, "planted" in out + err) == (0, False)
    assert out.startswith("a key: stored, fingerprint ")
    assert all(b"planted" not in path.read_bytes() for path in shell.state.iterdir())


def test_nothing_typed_changes_nothing(shell):
    shell("credentials", "set", "a", "key", typed="planted-value-5d0c\n")
    before = (shell.state / "vault").read_bytes()
    status, _, err = shell("credentials", "set", "a", "key", typed=" \n")
    assert (status, "nothing was changed" in err) == (2, True)
    assert (shell.state / "vault").read_bytes() == before


def test_credential_may_be_set_before_anything_else_where_the_key_is_in_the_environment(fresh, monkeypatch):
    monkeypatch.setenv("TANABAN_VAULT_KEY", "bWFkZS11cC1tYWRlLXVwLW1hZGUtdXAtbWFkZS11cC0=")
    assert fresh("credentials", "set", "slack", "bot_token", typed="made-up")[0] == 0
    assert stat.S_IMODE(fresh.state.stat().st_mode) == 0o700


def test_shop_that_was_blocked_is_asked_again_with_a_value_set_in_the_shell(shell):  # A25
    database = open_database(shell.state)
    with database.begin() as connection:
        shops.change(connection, "a", blocked=True, failing_cause="auth")
        shops.change(connection, "b", blocked=True, failing_cause="auth")
    shell("credentials", "set", "a", "key", typed="made-up-new")
    with reading(database) as connection:
        assert [shops.record(connection, name).blocked for name in "ab"] == [False, True]
    database.dispose()


# ---------------------------------------------------------------------- check


def test_check_logs_in_and_says_what_the_mall_said(shell):  # A19
    shell("credentials", "set", "a", "key", typed="made-up-key")
    status, out, _ = shell("check", "a")
    assert (status, out.startswith("a: ok in "), ": memory\n" in out) == (0, True, True)


def test_check_of_a_shop_without_credentials_names_what_is_missing(shell):  # A4
    status, _, err = shell("check", "a")
    assert (status, "a: not set: key; see 'tanaban credentials set'" in err) == (2, True)


def test_check_of_an_unknown_shop_names_those_there_are(shell):
    status, _, err = shell("check", "z")
    assert (status, "no shop 'z'; known: a" in err) == (2, True)


def test_command_without_a_good_mapping_says_so(shell):
    shell.commit(MAPPING + "  - code: t_shirt\n")
    status, _, err = shell("stock", "show", "mug")
    assert (status, "no good mapping yet" in err) == (2, True)


# ---------------------------------------------------------------------- import


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def importing(shell):
    """Give a function that sets how many rows the shop has."""
    shell("credentials", "set", "a", "key", typed="made-up-key")

    def rows(count):
        stock = ",".join(f"code-{n}=1" for n in range(count))
        settings = SETTINGS.replace("mug=3,tee=5,gift=1", stock)
        shell.config.write_text(settings.format(repository=shell.repository), encoding="utf-8")

    return rows


def heard(text):
    """The words of progress, without what the log says between them."""
    return [part.strip() for part in text.replace("\r", "\n").splitlines() if part.startswith("a: ")]


def test_long_import_tells_each_thousand_rows_and_its_end(shell, importing):  # E13 A15
    importing(10_000)
    status, out, err = shell("import", "a")
    assert (status, out) == (0, "a: 10000 products\n")
    assert heard(err) == [f"a: {n},000 / 10,000" for n in range(1, 11)]
    importing(2_500)
    assert heard(shell("import", "a", "--accept")[2])[-2:] == ["a: 2,000 / 2,500", "a: 2,500 / 2,500"]


def test_long_import_counts_in_one_line_of_a_terminal(shell, importing, monkeypatch):  # E13 A15
    importing(10_000)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert shell("import", "a")[:2] == (0, "a: 10000 products\n")
    line = next(line for line in terminal.getvalue().split("\n") if "\r" in line)
    assert heard(line) == [f"a: {n},000 / 10,000" for n in range(1, 11)]
    assert terminal.getvalue().endswith("\n")


def test_short_import_tells_its_end_only(shell, importing):
    importing(3)
    status, out, err = shell("import", "a")
    assert (status, out, heard(err)) == (0, "a: 3 products\n", [])


# ---------------------------------------------------------------------- stock


def test_count_is_entered_and_shown(shell):  # E3
    file = shell.file("code,quantity\nmug,4\ntee,0\n")
    status, out, _ = shell("stock", "count", file)
    assert (status, out.splitlines()) == (
        0,
        [
            "mug: 0 -> 4",
            "tee: 0 -> 0",
            "total: 0 -> 4",
            "Pieces set aside for open orders are not counted.",
            "2 codes counted, 1 changed",
        ],
    )
    assert shell("stock", "show", "mug")[1].splitlines()[0] == "mug  Mug  available 4  on hand 4"
    found = json.loads(shell("stock", "show", "gift", "--json")[1])
    assert (found["code"], found["available"], found["shops"]) == (
        "gift",
        0,
        {"a": {"shown": None, "target": None}},
    )


def test_count_with_an_unknown_code_is_refused_whole_and_near_codes_are_named(shell):
    file = shell.file("code,quantity\nmug,4\nmog,1\ngift,1\n")
    status, _, err = shell("stock", "count", file)
    assert status == 2
    assert err.splitlines()[-3:] == [
        f"{file}:3: There is no code “mog”. Near it: mug",
        f"{file}:4: “gift” is a set and is not counted. Enter the numbers of its parts.",
        "2 wrong lines. Nothing was done.",
    ]
    assert "on hand 0" in shell("stock", "show", "mug")[1]


def test_unknown_code_is_refused_in_the_language_of_the_shell(shell, monkeypatch):
    status, _, err = shell("stock", "show", "tea")
    assert (status, err.splitlines()[-1]) == (2, "There is no code “tea”. Near it: tee")
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    assert shell("stock", "show", "tea")[2] == "商品コード「tea」は見つかりません。近いもの：tee\n"


def test_count_dated_in_the_future_is_refused(shell):
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    status, _, err = shell("stock", "count", shell.file("code,quantity\nmug,4\n"), "--as-of", later)
    assert (status, "dated in the future" in err) == (2, True)


def test_time_of_a_count_needs_its_zone(shell):
    file = shell.file("code,quantity\nmug,4\n")
    status, _, err = shell("stock", "count", file, "--as-of", "2026-11-21T09:00")
    assert (status, "give the zone too" in err) == (2, True)


def test_every_wrong_line_of_a_count_is_named_with_its_file(shell):  # E3
    file = shell.file("code,quantity\nmug,-4\ntee\nmug,3\nmug,4\n")
    status, _, err = shell("stock", "count", file)
    assert status == 2
    assert err.splitlines()[-4:] == [
        f"{file}:2: wanted a code and a whole number of pieces",
        f"{file}:3: wanted 2 cells, as in the first line",
        f"{file}:5: mug stands here twice",
        "3 wrong lines. Nothing was done.",
    ]
    assert "on hand 0" in shell("stock", "show", "mug")[1]


def test_dry_run_of_a_count_shows_the_numbers_and_enters_nothing(shell):  # E3
    file = shell.file("商品名,商品コード,在庫数\nマグ,mug,4\n", "cp932")
    status, out, _ = shell("stock", "count", file, "--dry-run")
    assert (status, out.splitlines()[0], out.splitlines()[-1]) == (
        0,
        "mug: 0 -> 4",
        "1 codes, 1 would change; nothing was entered",
    )
    assert "on hand 0" in shell("stock", "show", "mug")[1]


def test_count_that_cannot_be_read_is_named(shell):
    missing = shell.folder / "none.csv"
    assert shell("stock", "count", missing)[0::2] == (
        2,
        f"tanaban: {missing} cannot be read: No such file or directory\n",
    )
    broken = shell.folder / "count.csv"
    broken.write_bytes(b"code,quantity\nmug\x81 ,1\n")
    status, _, err = shell("stock", "count", broken)
    assert (status, f"{broken}:1: the file is neither UTF-8 nor CP932" in err) == (2, True)


# ---------------------------------------------------------------------- state, mapping


def test_status_shows_each_shop_and_that_nobody_has_switched_on(shell):  # A5
    shell("stock", "show", "mug")  # takes the mapping up
    status, out, _ = shell("status")
    assert (status, out.splitlines()[0].split()[:2]) == (0, ["sync:", "off"])
    assert out.splitlines()[1].split()[:2] == ["a", "not_set"]


def test_state_check_compares_balances_with_the_ledger(shell):
    shell("stock", "count", shell.file("code,quantity\nmug,4\n"))
    assert shell("state", "check")[:2] == (0, "ok\n")
    database = open_database(shell.state)
    with database.begin() as connection:
        connection.exec_driver_sql("UPDATE balances SET on_hand = 5 WHERE code = 'mug'")
    database.dispose()
    assert shell("state", "check")[:2] == (1, "mug: balance differs from its entries\n")


def test_mapping_check_prints_every_problem_and_ends_with_1(fresh):  # A2 A8
    fresh.commit(MAPPING + "  - code: t_shirt\n  - code: mug\n")
    status, out, _ = fresh("mapping", "check", fresh.repository)
    assert status == 1
    assert [line.split(":")[:2] for line in out.splitlines() if "error" in line] == [
        ["mappings.yaml", "8"],
        ["mappings.yaml", "9"],
    ]
    fresh.commit()
    assert fresh("mapping", "check", fresh.repository)[0] == 0


def test_mapping_accept_wants_a_commit(shell):
    assert shell("mapping", "accept", "main")[0] == 2
    assert shell("mapping", "accept", "0123456789")[0] == 0


# ---------------------------------------------------------------------- as a process


def test_command_ends_with_its_status_as_a_process_of_its_own(shell):
    command = [sys.executable, "-m", "bot.cli", "status", "--config", str(shell.folder / "none.toml")]
    ended = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    )
    assert (ended.returncode, ended.stderr.startswith("tanaban: ")) == (2, True)


def test_several_credentials_are_stored_at_once_and_never_printed(shell):
    typed = json.dumps({"a": {"key": "first-secret"}, "slack": {"bot_token": "second-secret"}})
    status, out, err = shell("credentials", "load", typed=typed)
    assert status == 0
    assert "a key: stored, fingerprint" in out
    assert "secret" not in out + err


@pytest.mark.parametrize("typed", ["", "[]", '{"a": "x"}', '{"a": {"key": 1}}', '{"a": {"key": ""}}', "{}"])
def test_credentials_in_another_form_change_nothing(shell, typed):
    assert shell("credentials", "load", typed=typed)[0] == 2
