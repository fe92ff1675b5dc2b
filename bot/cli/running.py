"""The bot itself: set up, run, looked at."""

from __future__ import annotations

import argparse
import os

from bot.cli.say import Commands, config_option, open_bot, say
from bot.config import load_config

SETTINGS = """\
# tanaban: the settings of this machine. No secret stands here: see 'tanaban credentials set'.
[state]
folder = "state"
vault_key_file = "vault.key"          # keep it outside the state folder, and back it up

[mapping]
url = ""                              # https://... or ssh://... of the mapping repository
branch = "main"

# [shops.rakuten-main]                # addresses and timing of one shop, where they are not the usual ones
# poll_interval_s = 60
"""


def add(commands: Commands) -> None:
    """Add the commands of this room."""
    for name, summary, run in (
        ("init", "make the settings file, the state folder and the vault key", _init),
        ("run", "run the bot until SIGTERM", _run),
        ("status", "show the state of every shop", _status),
    ):
        config_option(commands.add_parser(name, help=summary, description=summary)).set_defaults(run=run)


def _init(options: argparse.Namespace) -> int:
    from bot.credentials.opening import make_key
    from bot.store.database import open_database

    if not options.config.exists():
        options.config.write_text(SETTINGS, encoding="utf-8")
        print(f"wrote {options.config}")
    config = load_config(options.config)
    make_key(config.state.folder, config.state.vault_key_file, os.environ)
    open_database(config.state.folder).dispose()
    print(f"vault key: {config.state.vault_key_file}\nstate: {config.state.folder}")
    return 0


def _run(options: argparse.Namespace) -> int:
    with open_bot(options) as bot:
        bot.run()
    return 0


def _status(options: argparse.Namespace) -> int:
    with open_bot(options) as bot:
        bot.following.restore()
        status = bot.actions.status()
    print(f"sync: {'on' if status.on else 'off'}   mapping: {status.mapping_commit[:10] or '-'}")
    for shop in status.shops:
        read = shop.orders_read_at.isoformat(timespec="seconds") if shop.orders_read_at else "-"
        print(f"{shop.shop:20} {shop.state:10} orders read {read}  waiting {shop.waiting}  {shop.detail}")
        for pause in shop.pauses:
            until = say("pause.until", until=pause.until) if pause.until else say("pause.no_end")
            print(f"  {until}  {say('pause.reason', reason=pause.reason or '-')}  {pause.who}")
    if status.paused_codes:
        print(say("pauses.status", count=f"{status.paused_codes:,}"))
    return 0
