"""The vault: one encrypted file, replaced whole; nothing of it can be read beside it."""

import json
import os
import stat
import threading

import pytest
from cryptography.fernet import Fernet

from adapters.errors import ConfigError, StateError
from adapters.secret import Secret
from bot.credentials.keys import make_key_file, read_key
from bot.credentials.vault import Vault

OLD, NEW = "planted-old-8f2c", "planted-new-91ab"


@pytest.fixture
def key_file(tmp_path):
    make_key_file(tmp_path / "keys" / "vault.key")
    return tmp_path / "keys" / "vault.key"


@pytest.fixture
def vault(tmp_path, key_file):
    (tmp_path / "state").mkdir()
    return Vault(tmp_path / "state", read_key(key_file, {}))


def opened(folder, key_file):
    """What the file really holds, as text."""
    return Fernet(key_file.read_bytes()).decrypt((folder / "vault").read_bytes()).decode()


def test_value_comes_back_and_cannot_be_read_in_the_folder(vault, tmp_path):
    vault.put("a", {"key": Secret(OLD)})
    assert vault.values("a") == {"key": Secret(OLD)}
    for path in (tmp_path / "state").iterdir():
        assert OLD.encode() not in path.read_bytes()


def test_replaced_value_is_nowhere_in_the_vault(vault, tmp_path, key_file):  # A24
    vault.put("a", {"key": Secret(OLD), "user": Secret("u")})
    vault.put("a", {"key": Secret(NEW)})
    assert OLD not in opened(tmp_path / "state", key_file)
    assert vault.values("a") == {"key": Secret(NEW), "user": Secret("u")}


def test_promoted_values_take_the_place_of_the_old_in_one_step(vault, tmp_path, key_file):  # A24
    vault.put("a", {"key": Secret(OLD), "user": Secret("u")})
    vault.stage("a", {"key": Secret(NEW)})
    assert vault.values("a")["key"] == Secret(OLD)
    vault.promote("a")
    content = opened(tmp_path / "state", key_file)
    assert (content.count(NEW), content.count(OLD)) == (1, 0)
    assert (vault.values("a"), vault.trial("a")) == ({"key": Secret(NEW), "user": Secret("u")}, {})


def test_dropped_trial_is_nowhere_in_the_vault(vault, tmp_path, key_file):
    vault.put("a", {"key": Secret(OLD)})
    vault.stage("a", {"key": Secret(NEW)})
    vault.drop_trial("a")
    assert NEW not in opened(tmp_path / "state", key_file)
    assert vault.values("a") == {"key": Secret(OLD)}


def test_owners_know_nothing_of_each_other(vault):  # A29
    vault.put("a", {"key": Secret(OLD)})
    vault.put("b", {"key": Secret(NEW)})
    vault.stage("b", {"key": Secret("third")})
    vault.promote("a")
    assert (vault.values("a"), vault.trial("a")) == ({"key": Secret(OLD)}, {})
    assert vault.trial("b") == {"key": Secret("third")}


def test_key_that_others_may_read_is_refused(key_file):
    key_file.chmod(0o640)
    with pytest.raises(ConfigError, match="may be read by others; run: chmod 600"):
        read_key(key_file, {})


def test_new_key_file_is_for_its_owner_only_and_is_never_replaced(key_file):
    before = key_file.read_bytes()
    make_key_file(key_file)
    assert key_file.read_bytes() == before
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600


def test_missing_key_says_what_to_run(tmp_path):
    with pytest.raises(ConfigError, match="tanaban init"):
        read_key(tmp_path / "vault.key", {})


def test_key_of_the_environment_goes_first(key_file):
    given = Fernet.generate_key().decode()
    assert read_key(key_file, {"TANABAN_VAULT_KEY": given}).reveal() == given


def test_something_that_is_no_key_is_refused_unseen(tmp_path):
    with pytest.raises(ConfigError) as caught:
        Vault(tmp_path, Secret("planted-and-not-a-key"))
    assert "planted" not in f"{caught.value} {caught.value!r}"


def test_other_key_is_refused_and_the_vault_stays_as_it_is(vault, tmp_path):
    vault.put("a", {"key": Secret(OLD)})
    before = (tmp_path / "state" / "vault").read_bytes()
    other = Vault(tmp_path / "state", Secret(Fernet.generate_key().decode()))
    for attempt in (lambda: other.values("a"), lambda: other.put("a", {"key": Secret(NEW)})):
        with pytest.raises(StateError, match="nothing was changed"):
            attempt()
    assert (tmp_path / "state" / "vault").read_bytes() == before


def test_vault_of_another_version_is_refused_and_stays_as_it_is(vault, tmp_path, key_file):
    content = {"version": 2, "values": {}, "trials": {}}
    sealed = Fernet(key_file.read_bytes()).encrypt(json.dumps(content).encode())
    (tmp_path / "state" / "vault").write_bytes(sealed)
    with pytest.raises(StateError, match="another version"):
        vault.put("a", {"key": Secret(NEW)})
    assert (tmp_path / "state" / "vault").read_bytes() == sealed


def test_vault_is_for_its_owner_only(vault, tmp_path):
    os.umask(os.umask(0o022))
    vault.put("a", {"key": Secret(OLD)})
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "state").iterdir()}
    assert modes == {0o600}


def test_changes_made_at_the_same_time_are_all_kept(tmp_path, key_file):
    """The bot and the shell each have a vault of their own over one file."""
    (tmp_path / "state").mkdir()

    def change(owner):
        vault = Vault(tmp_path / "state", read_key(key_file, {}))
        for number in range(5):
            vault.put(owner, {str(number): Secret(OLD)})

    threads = [threading.Thread(target=change, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    vault = Vault(tmp_path / "state", read_key(key_file, {}))
    assert [len(vault.values(name)) for name in "abcd"] == [5, 5, 5, 5]


def test_half_written_file_of_a_crash_is_in_nobodys_way(vault, tmp_path):
    vault.put("a", {"key": Secret(OLD)})
    (tmp_path / "state" / "vault.new").write_bytes(b"cut")
    assert vault.values("a") == {"key": Secret(OLD)}
    vault.put("a", {"key": Secret(NEW)})
    assert vault.values("a") == {"key": Secret(NEW)}
    assert not (tmp_path / "state" / "vault.new").exists()


def test_reader_that_has_the_file_open_sees_the_whole_of_the_old_one(vault, tmp_path):  # A24
    vault.put("a", {"key": Secret(OLD)})
    before = (tmp_path / "state" / "vault").read_bytes()
    with (tmp_path / "state" / "vault").open("rb") as reader:
        vault.put("a", {"key": Secret(NEW)})
        assert reader.read() == before


def test_fingerprint_tells_values_apart_and_shows_neither(vault):
    old, again, new = (vault.fingerprint(Secret(value)) for value in (OLD, OLD, NEW))
    assert old == again != new
    assert len(old) == 8
    assert old not in OLD and not any(part in OLD for part in (old[:4], old[4:]))


def test_every_change_gives_the_vault_another_version(vault):
    seen = [vault.version()]
    vault.put("a", {"key": Secret(OLD)})
    seen.append(vault.version())
    assert seen[0] != seen[1]
