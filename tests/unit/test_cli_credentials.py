"""The shell's part in credentials: the ledger, checks, renewal, the vault's key."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from adapters.contract import CredentialKind
from adapters.memory import MEMORY_ABILITIES, MemoryAdapter
from bot.cli import renewing
from bot.store import credentials as records
from bot.store.database import open_database


def change(shell, **values):
    database = open_database(shell.state)
    with database.begin() as connection:
        records.change(connection, "a", "key", **values)
    database.dispose()


@pytest.fixture
def keyed(shell):
    shell("credentials", "set", "a", "key", typed="planted-key-31d8\n")
    return shell


# ---------------------------------------------------------------------- the ledger


def test_list_names_every_credential_with_its_state(keyed):  # D2 A23
    status, out, _ = keyed("credentials", "list")
    lines = {line.split("  ")[0]: line for line in out.splitlines()}
    assert {"a key", "slack bot_token", "slack app_token", "mapping token", "forge token"} <= set(lines)
    assert "not proved" in lines["a key"]
    assert "by shell:" in lines["a key"]
    assert "not set" in lines["slack bot_token"]
    assert (status, "planted" in out) == (0, False)


def test_list_says_when_a_credential_ends_and_who_says_so(keyed):  # A17
    ends = database_now() + timedelta(days=5)
    change(keyed, expires_at=ends, end_by=records.BY_MALL)
    out = keyed("check", "--list")[1]
    assert "(in 5 days, as the mall says)" in out
    assert out == keyed("credentials", "list")[1]
    change(keyed, expires_at=ends - timedelta(days=8))
    status, out, _ = keyed("credentials", "list")
    assert (status, "(3 days over" in out) == (1, True)


def database_now():
    from adapters.clock import SystemClock

    return SystemClock().now()


def test_tokens_of_the_environment_are_there_though_the_vault_has_none(keyed, monkeypatch):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-planted")
    out = keyed("credentials", "list")[1]
    line = next(line for line in out.splitlines() if line.startswith("slack bot_token"))
    assert ("not set" in line, "planted" in out) == (False, False)


def test_check_proves_the_credential_in_the_ledger(keyed):  # A19 D2
    assert keyed("check", "a")[0] == 0
    assert "proved " in next(line for line in keyed("credentials", "list")[1].splitlines() if "a key" in line)


def test_check_without_a_shop_checks_them_all(keyed):  # A19
    status, out, _ = keyed("check")
    assert (status, out.startswith("a: ok in")) == (0, True)


def test_check_of_all_names_what_is_not_set(shell):  # A4
    status, out, _ = shell("check")
    assert (status, out) == (1, "a: not set: key\n")


# ---------------------------------------------------------------------- renewal


def test_renewal_is_tried_here_where_no_bot_runs(keyed):  # A16 D2
    status, out, err = keyed("renew", "a", typed="planted-new-77f0\n")
    assert (status, "it works, and is in use now" in out) == (0, True)
    assert "planted" not in out + err
    assert all(b"planted" not in path.read_bytes() for path in keyed.state.rglob("*") if path.is_file())


def test_renewal_in_the_shell_takes_the_date(keyed):  # A16 A18
    keyed("renew", "a", "key", "--date", "2031-02-03", typed="planted-new-77f0")
    database = open_database(keyed.state)
    with database.connect() as connection:
        record = records.records(connection, "a")["key"]
    database.dispose()
    assert record.stored_by.startswith("shell:")
    assert record.state == "ok"


def test_issue_is_told_to_the_shell_and_shown_by_it(keyed, monkeypatch):
    lived = replace(MEMORY_ABILITIES, credentials=(CredentialKind("key", "", "key", life_days=90),))
    monkeypatch.setattr(MemoryAdapter, "abilities", lived)
    issued = (database_now() - timedelta(days=30)).date()
    assert keyed("renew", "a", "--issued", issued, typed="planted-new-77f0")[0] == 0
    line = next(line for line in keyed("check", "--list")[1].splitlines() if line.startswith("a key"))
    assert "issued " in line and "by its usual life" in line
    assert re.search(r"\(in (59|60|61) days", line)


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        (("renew", "a", "--date", "3.2.2031"), "x", "YYYY-MM-DD"),
        (("renew", "a", "--issued", "2199-01-01"), "x", "still to come"),
        (("renew", "a"), " \n", "Please fill this in"),
        (("renew", "a", "license"), "x", "Kinds: key"),
        (("renew", "z"), "x", "no shop 'z'; known: a"),
    ],
)
def test_renewal_that_cannot_be_taken_says_why(keyed, words, typed, said):
    status, _, err = keyed(*words, typed=typed)
    assert (status, said in err) == (2, True)


def test_value_is_typed_unseen_at_a_terminal(keyed, monkeypatch):  # A16
    asked = []
    monkeypatch.setattr(renewing.sys, "stdin", Terminal())
    monkeypatch.setattr(renewing.getpass, "getpass", lambda prompt: asked.append(prompt) or "planted-9")
    status, out, err = keyed("renew", "a")
    assert (status, asked, "planted" in out + err) == (0, ["key: "], False)


class Terminal:
    def isatty(self):
        return True


def test_last_day_is_read_as_a_day():
    assert renewing._date("2031-02-03") == date(2031, 2, 3)
    assert renewing._date(" ") is None


# ---------------------------------------------------------------------- the vault's key


def test_vault_gets_a_new_key_and_stays_as_it_is(keyed):
    before = (keyed.folder / "vault.key").read_bytes()
    status, out, _ = keyed("vault", "rekey")
    assert (status, "The vault has a new key" in out) == (0, True)
    assert (keyed.folder / "vault.key").read_bytes() != before
    assert keyed("check", "a")[0] == 0


def test_start_with_a_lost_vault_is_refused_until_it_is_said_to_be_lost(keyed):
    (keyed.state / "vault").unlink()
    status, _, err = keyed("status")
    assert (status, "the vault is gone, and a had credentials in it" in err) == (2, True)
    status, out, _ = keyed("credentials", "forget")
    assert (status, "records were forgotten" in out) == (0, True)
    assert keyed("status")[0] == 0


def test_nothing_is_forgotten_while_the_vault_is_there(keyed):
    status, _, err = keyed("credentials", "forget")
    assert (status, "nothing was forgotten" in err) == (1, True)


def test_open_state_folder_is_refused_at_the_start(keyed):
    keyed.state.chmod(0o755)
    status, _, err = keyed("status")
    assert (status, f"run: chmod 700 {keyed.state}" in err) == (2, True)


def test_init_makes_no_new_key_beside_a_vault(keyed):
    (keyed.folder / "vault.key").unlink()
    status, _, err = keyed("init")
    assert (status, "put the key file back" in err) == (2, True)
    assert not (keyed.folder / "vault.key").exists()
