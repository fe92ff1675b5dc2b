"""The vault and the ledger of credentials: values go in, only fingerprints and dates are printed."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from adapters.errors import ConfigError
from adapters.secret import Secret
from bot.cli.say import Commands, config_option, language, open_bot, say, who
from bot.config import load_config

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from bot.answers import CredentialRow


def add(commands: Commands) -> None:
    """Add the commands of this room."""
    room = commands.add_parser("credentials", aliases=["vault"], help="the vault")
    group = room.add_subparsers(required=True)
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
    for name, summary, run in (
        ("list", "every credential: how it is, when it ends, when it was proved, who entered it", list_rows),
        ("rekey", "give the vault a new key; the bot may be running", _rekey),
        ("forget", "begin anew after the vault was lost: forget the dates of what was in it", _forget),
    ):
        config_option(group.add_parser(name, help=summary)).set_defaults(run=run)


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
    from adapters.clock import SystemClock
    from bot.credentials.opening import open_vault, refuse_lost_vault
    from bot.credentials.renewal import set_at_once
    from bot.store.database import open_database

    values = {owner: {kind: Secret(text) for kind, text in kinds.items()} for owner, kinds in typed.items()}
    if not values or not all(value for kinds in values.values() for value in kinds.values()):
        raise ConfigError("nothing was typed; nothing was changed")
    state = load_config(options.config).state
    vault = open_vault(state.folder, state.vault_key_file, os.environ)
    database = open_database(state.folder)
    refuse_lost_vault(vault, database)
    for owner, kinds in values.items():
        set_at_once(vault, database, owner, kinds, who(), SystemClock().now())
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


# ---------------------------------------------------------------------- the key


def _rekey(options: argparse.Namespace) -> int:
    from bot.credentials.opening import rekey

    state = load_config(options.config).state
    rekey(state.folder, state.vault_key_file, os.environ)
    print(say("credentials.rekeyed", path=state.vault_key_file))
    return 0


def _forget(options: argparse.Namespace) -> int:
    from bot.credentials.opening import open_vault
    from bot.store import credentials as records
    from bot.store.database import open_database

    state = load_config(options.config).state
    if open_vault(state.folder, state.vault_key_file, os.environ).exists():
        print(say("credentials.not_lost"), file=sys.stderr)
        return 1
    database = open_database(state.folder)
    with database.begin() as connection:
        count = records.forget(connection)
    database.dispose()
    print(say("credentials.forgotten", count=count))
    return 0


# ---------------------------------------------------------------------- the ledger


def list_rows(options: argparse.Namespace) -> int:
    """Print the ledger of credentials, what ends first first; 1 if something is refused or past its end."""
    with open_bot(options) as bot:
        with suppress(ConfigError):  # before the first good mapping there are no shops to list
            bot.restore_mapping()
        rows = bot.credential_rows()
    for row in rows:
        label = row.label_ja if language() == "ja" else row.label_en
        print("  ".join((f"{row.owner} {row.kind}", label, say(f"kind_state.{row.state}"), *_facts(row))))
    return 1 if any(row.state == "failed" or (row.days or 0) < 0 for row in rows) else 0


def _facts(row: CredentialRow) -> Iterator[str]:
    if row.state != "not_set":
        yield _end(row)
        if row.issued_at:
            yield say("credentials.issued", day=_day(row.issued_at, "day"))
        if row.proved_at:
            yield say("credentials.proved", at=_day(row.proved_at, "moment"))
        if row.stored_at:
            yield say("credentials.entered", day=_day(row.stored_at, "day"), who=row.stored_by)
    if row.activation_s:
        yield say("credentials.takes", span=_span(row.activation_s))
    yield say("credentials.stops", text=say(row.stops))


def _end(row: CredentialRow) -> str:
    if row.expires_at is None or row.days is None:
        return say("credentials.no_end")
    by = say(f"credentials.end_by.{row.end_by or 'person'}")
    key = "credentials.ends" if row.days >= 0 else "credentials.ended"
    return say(key, day=_day(row.expires_at, "day"), days=abs(row.days), by=by)


def _day(at: datetime, style: str) -> str:
    from bot.messages import moment

    return moment(at, language(), "day" if style == "day" else "moment")


def _span(seconds: int) -> str:
    from bot.messages import span

    return span(timedelta(seconds=seconds), language())
