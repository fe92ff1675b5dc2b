"""Opens the vault, and changes its key; never takes a lost vault for an empty one.

A change of the key (``rekey``) works on three files beside each other: ``vault.key``,
``vault.key.new`` and ``vault.key.old``. At every moment ``vault.key`` or ``vault.key.old`` opens the
vault as it stands, so whatever cuts the change off, the next opening (``settle``) ends it or takes it back.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from cryptography.fernet import Fernet
from sqlalchemy import Engine

from adapters.errors import ConfigError, StateError
from adapters.secret import Secret
from bot.credentials.keys import is_file, make_key_file, read_key, refuse_open_folder, sync_folder, write_key
from bot.credentials.vault import VAULT, Vault, file_lock
from bot.store import credentials as records
from bot.store.database import reading


def open_vault(folder: Path, key_file: Path, environment: Mapping[str, str]) -> Vault:
    """Give the vault, once it is known that the key opens it.

    Raises:
        ConfigError: there is no key, or others may read it.
        StateError: the key is another vault's, or others may look into the folder.
    """
    refuse_open_folder(folder)
    if is_file(environment):
        _refuse_lost_key(folder, key_file)
        settle(folder, key_file)
    key = partial(read_key, key_file, environment)
    vault = Vault(folder, key(), key)
    try:
        vault.prove()
    except StateError:
        with file_lock(folder):  # the key may be changed this moment: then it opens after that
            vault.prove()
    return vault


def make_key(folder: Path, key_file: Path, environment: Mapping[str, str]) -> None:
    """Make a key file where there is no key yet.

    Raises:
        StateError: a vault is there whose key is gone: a new key would not open it.
    """
    if is_file(environment):
        _refuse_lost_key(folder, key_file)
        make_key_file(key_file)


def refuse_lost_vault(vault: Vault, engine: Engine) -> None:
    """Refuse to take a vault that is gone for an empty one.

    Raises:
        StateError: the file is not there, and credentials were entered.
    """
    if vault.exists():
        return
    with reading(engine) as connection:
        entered = records.entered(connection)
    if entered:
        raise StateError(
            f"the vault is gone, and {', '.join(entered)} had credentials in it; restore state/{VAULT} from "
            "a backup, or run 'tanaban credentials forget' and enter them all again; nothing was changed"
        )


def rekey(folder: Path, key_file: Path, environment: Mapping[str, str]) -> None:
    """Give the vault a new key, and the key file with it; a bot that runs goes on by itself.

    Raises:
        ConfigError: the key does not come from the key file.
    """
    if not is_file(environment):
        raise ConfigError(
            "the vault key is given by the environment or the service manager, which cannot be changed from "
            f"here; put it into {key_file} (chmod 600), run this without it, and take the new key from there"
        )
    vault, new = open_vault(folder, key_file, environment), _beside(key_file, "new")
    with file_lock(folder):
        key = Secret(Fernet.generate_key().decode())
        write_key(new, key)
        os.link(key_file, _beside(key_file, "old"))
        sync_folder(key_file.parent)  # the old key has its second name before it loses the first
        new.replace(key_file)
        sync_folder(key_file.parent)
        vault.reseal(key)
        _tidy(key_file)


def settle(folder: Path, key_file: Path) -> None:
    """End a change of the key that was cut off, or take it back."""
    new, old = _beside(key_file, "new"), _beside(key_file, "old")
    if not new.exists() and not old.exists():
        return
    with file_lock(folder):  # somebody may be at it this moment
        now = Vault(folder, read_key(key_file, {}))
        if old.exists() and not now.opens():
            before = Vault(folder, read_key(old, {}))
            before.prove()
            before.reseal(read_key(key_file, {}))
        _tidy(key_file)


def _tidy(key_file: Path) -> None:
    for name in ("new", "old"):
        _beside(key_file, name).unlink(missing_ok=True)
    sync_folder(key_file.parent)


def _beside(key_file: Path, name: str) -> Path:
    return key_file.with_name(f"{key_file.name}.{name}")


def _refuse_lost_key(folder: Path, key_file: Path) -> None:
    if (folder / VAULT).exists() and not key_file.exists():
        raise StateError(
            f"{folder / VAULT} is there and its key {key_file} is gone; put the key file back from a backup. "
            "Without it nobody can open the vault: to enter everything anew, move the vault away, run "
            "'tanaban init' and 'tanaban credentials forget'; nothing was changed"
        )
