"""The vault: values go in, only fingerprints are printed."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from adapters.errors import ConfigError
from adapters.secret import Secret
from bot.cli.say import Commands, config_option
from bot.config import load_config

if TYPE_CHECKING:
    from sqlalchemy import Engine


def add(commands: Commands) -> None:
    """Add the commands of this room."""
    group = commands.add_parser("credentials", help="the vault").add_subparsers(required=True)
    put = config_option(
        group.add_parser("set", help="store a credential; asked for, or read from standard input")
    )
    put.add_argument("owner", help="a shop's name, or slack, or mapping")
    put.add_argument("kind", help="licence, password, bot_token ...")
    put.set_defaults(run=_set_credential)
    load = config_option(
        group.add_parser("load", help="store several: JSON by owner and kind on standard input")
    )
    load.set_defaults(run=_load_credentials)


def _set_credential(options: argparse.Namespace) -> int:
    typed = getpass.getpass(f"{options.owner} {options.kind}: ") if sys.stdin.isatty() else sys.stdin.read()
    return _store(options, {options.owner: {options.kind: typed.strip()}})


def _load_credentials(options: argparse.Namespace) -> int:
    try:
        found = json.load(sys.stdin)
    except ValueError:
        raise ConfigError("standard input holds no JSON; nothing was changed") from None
    texts = isinstance(found, dict) and all(
        isinstance(kinds, dict) and all(isinstance(value, str) for value in kinds.values())
        for kinds in found.values()
    )
    if not texts:
        raise ConfigError('wanted {"owner": {"kind": "value"}}; nothing was changed')
    return _store(options, found)


def _store(options: argparse.Namespace, typed: Mapping[str, Mapping[str, str]]) -> int:
    """Put values into the vault; only fingerprints are printed."""
    from bot.credentials.vault import Vault, read_key
    from bot.store.database import open_database

    values = {owner: {kind: Secret(text) for kind, text in kinds.items()} for owner, kinds in typed.items()}
    if not values or not all(value for kinds in values.values() for value in kinds.values()):
        raise ConfigError("nothing was typed; nothing was changed")
    config = load_config(options.config)
    vault = Vault(config.state.folder, read_key(config.state.vault_key_file, os.environ))
    database = open_database(config.state.folder)
    for owner, kinds in values.items():
        vault.put(owner, kinds)
        _let_try_again(database, owner)
        for kind, value in kinds.items():
            print(f"{owner} {kind}: stored, fingerprint {vault.fingerprint(value)}")
    database.dispose()
    return 0


def _let_try_again(database: Engine, shop: str) -> None:
    """Let a shop whose old value was refused be called with the new one; the mall's answer decides."""
    from bot.store import shops

    with database.begin() as connection:
        if shops.record(connection, shop).blocked:
            shops.change(connection, shop, blocked=False)
