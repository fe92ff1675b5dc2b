"""The vault is opened by its key alone, never taken for an empty one, and changes its key whole."""

import stat

import pytest
from cryptography.fernet import Fernet

from adapters.errors import ConfigError, StateError
from adapters.secret import Secret
from bot.credentials.keys import make_key_file, read_key
from bot.credentials.opening import make_key, open_vault, refuse_lost_vault, rekey
from bot.credentials.renewal import set_at_once
from bot.credentials.vault import Vault
from bot.store import credentials as records
from bot.store.database import open_database
from tests.unit.credentials.dying import run_until
from tests.unit.house import ADMIN, House

VALUE = {"key": Secret("planted-value-5a3f")}


@pytest.fixture
def place(tmp_path):
    """A state folder, its key file, and a vault with a value."""
    folder, key_file = tmp_path / "state", tmp_path / "keys" / "vault.key"
    folder.mkdir(mode=0o700)
    make_key(folder, key_file, {})
    open_vault(folder, key_file, {}).put("a", VALUE)
    return folder, key_file


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


# ---------------------------------------------------------------------- where the key comes from


def test_key_comes_from_the_environment_the_service_manager_or_the_file_in_that_order(tmp_path):
    given, service = tmp_path / "given", tmp_path / "service"
    service.mkdir()
    given.write_text("of-the-file")
    given.chmod(0o600)
    (service / "vault.key").write_text("of-the-service\n")
    environment = {"TANABAN_VAULT_KEY": "of-the-environment", "CREDENTIALS_DIRECTORY": str(service)}
    assert read_key(given, environment) == Secret("of-the-environment")
    del environment["TANABAN_VAULT_KEY"]
    assert read_key(given, environment) == Secret("of-the-service")
    (service / "vault.key").unlink()
    assert read_key(given, environment) == Secret("of-the-file")


def test_vault_opens_with_the_key_of_the_service_manager(place, tmp_path):
    folder, key_file = place
    (tmp_path / "service").mkdir()
    key_file.rename(tmp_path / "service" / "vault.key")
    environment = {"CREDENTIALS_DIRECTORY": str(tmp_path / "service")}
    assert open_vault(folder, key_file, environment).values("a") == VALUE


# ---------------------------------------------------------------------- refusals


def test_wrong_key_is_a_refusal_and_no_empty_vault(place):
    folder, key_file = place
    before = (folder / "vault").read_bytes()
    key_file.unlink()
    make_key_file(key_file)
    with pytest.raises(StateError, match="cannot be opened with this key; nothing was changed"):
        open_vault(folder, key_file, {})
    assert (folder / "vault").read_bytes() == before


def test_missing_key_beside_a_vault_is_a_refusal_and_no_new_key_is_made(place):
    folder, key_file = place
    key_file.unlink()
    for attempt in (open_vault, make_key, rekey):
        with pytest.raises(StateError, match="its key .* is gone; put the key file back"):
            attempt(folder, key_file, {})
    assert not key_file.exists()


def test_vault_that_is_gone_is_no_empty_vault_where_credentials_were_entered(tmp_path):
    house = House(tmp_path, keys=False)
    refuse_lost_vault(house.vault, house.engine)
    set_at_once(house.vault, house.engine, "a", VALUE, ADMIN, house.clock.now())
    refuse_lost_vault(house.vault, house.engine)
    (house.folder / "vault").unlink()
    with pytest.raises(StateError, match="the vault is gone, and a had credentials in it"):
        refuse_lost_vault(house.vault, house.engine)
    with house.engine.begin() as connection:
        assert records.forget(connection) > 0
    refuse_lost_vault(house.vault, house.engine)
    house.close()


def test_tokens_of_the_environment_make_no_vault_seem_lost(tmp_path):
    house = House(tmp_path, keys=False)
    house.renewals.note_proved("slack", ["bot_token"], house.clock.now())
    refuse_lost_vault(house.vault, house.engine)
    house.close()


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o711])
def test_open_state_folder_is_refused_with_the_line_that_closes_it(place, mode):
    folder, key_file = place
    folder.chmod(mode)
    with pytest.raises(StateError, match=f"run: chmod 700 {folder}"):
        open_vault(folder, key_file, {})
    folder.chmod(0o700)
    assert open_vault(folder, key_file, {}).values("a") == VALUE


def test_open_vault_and_open_key_are_refused_with_the_line_that_closes_them(place):
    folder, key_file = place
    (folder / "vault").chmod(0o640)
    with pytest.raises(StateError, match=f"run: chmod 600 {folder}/vault"):
        open_vault(folder, key_file, {})
    (folder / "vault").chmod(0o600)
    key_file.chmod(0o604)
    with pytest.raises(ConfigError, match=f"run: chmod 600 {key_file}"):
        open_vault(folder, key_file, {})


# ---------------------------------------------------------------------- another key


def test_new_key_opens_everything_and_the_old_one_nothing(place):
    folder, key_file = place
    old, vault = key_file.read_bytes(), open_vault(folder, key_file, {})
    vault.stage("a", {"key": Secret("on-trial")})
    rekey(folder, key_file, {})
    assert key_file.read_bytes() != old
    with pytest.raises(StateError):
        Vault(folder, Secret(old.decode())).prove()
    again = open_vault(folder, key_file, {})
    assert (again.values("a"), again.trial("a")) == (VALUE, {"key": Secret("on-trial")})
    assert sorted(path.name for path in key_file.parent.iterdir()) == ["vault.key"]
    assert mode_of(key_file) == 0o600


def test_bot_that_runs_goes_on_with_the_new_key_and_writes_with_it(place):
    folder, key_file = place
    running = open_vault(folder, key_file, {})
    rekey(folder, key_file, {})
    assert running.values("a") == VALUE
    rekey(folder, key_file, {})
    running.put("b", {"key": Secret("written-after")})
    assert open_vault(folder, key_file, {}).values("b") == {"key": Secret("written-after")}


def test_key_of_the_environment_is_not_changed_from_here(place):
    folder, key_file = place
    environment = {"TANABAN_VAULT_KEY": key_file.read_text()}
    with pytest.raises(ConfigError, match="given by the environment"):
        rekey(folder, key_file, environment)
    assert open_vault(folder, key_file, environment).values("a") == VALUE


def test_key_is_changed_before_anything_was_put_in(tmp_path):
    (tmp_path / "state").mkdir(mode=0o700)
    make_key(tmp_path / "state", tmp_path / "vault.key", {})
    rekey(tmp_path / "state", tmp_path / "vault.key", {})
    open_vault(tmp_path / "state", tmp_path / "vault.key", {}).put("a", VALUE)


def test_kill_at_any_line_of_a_change_leaves_a_vault_that_opens(place):
    """And the next command ends the change or takes it back: one key file, one vault, all values."""
    folder, key_file = place
    line, died, seen = 0, True, set()
    while died:
        before = key_file.read_bytes()
        died = run_until(line, lambda: rekey(folder, key_file, {}))
        names = {path.name.removeprefix("vault.key") for path in key_file.parent.iterdir()}
        seen.add((frozenset(names), key_file.read_bytes() == before))
        assert _opens(folder, key_file), f"at line {line}"
        assert open_vault(folder, key_file, {}).values("a") == VALUE
        assert [path.name for path in key_file.parent.iterdir()] == ["vault.key"]
        line += 1
    assert line > 60
    for leftovers in ({""}, {"", ".new"}, {"", ".new", ".old"}, {"", ".old"}):
        assert any(names == leftovers for names, _ in seen), leftovers
    assert {same for _, same in seen} == {True, False}


def test_kill_in_the_settling_of_a_change_that_was_killed_is_settled_too(place):
    folder, key_file = place
    key = Secret(Fernet.generate_key().decode())
    line, died = 0, True
    while died:
        old = key_file.with_name("vault.key.old")
        old.write_bytes(key_file.read_bytes())
        old.chmod(0o600)
        key_file.write_text(key.reveal())  # as if killed right before the vault was written
        died = run_until(line, lambda: open_vault(folder, key_file, {}))
        assert open_vault(folder, key_file, {}).values("a") == VALUE
        key = Secret(Fernet.generate_key().decode())
        line += 3
    assert line > 30


def _opens(folder, key_file):
    keys = [path for path in (key_file, key_file.with_name("vault.key.old")) if path.exists()]
    return any(Vault(folder, read_key(path, {})).opens() for path in keys)


def test_database_and_vault_agree_on_who_entered_what(tmp_path):
    house = House(tmp_path, keys=False)
    set_at_once(house.vault, house.engine, "mapping", {"token": Secret("t")}, "shell:ops", house.clock.now())
    house.close()
    engine = open_database(house.folder)
    with engine.begin() as connection:
        assert records.entered(connection) == ["mapping"]
        assert records.records(connection, "mapping")["token"].stored_by == "shell:ops"
    engine.dispose()
