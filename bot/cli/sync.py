"""A sync that a person asks for: every code of a shop is compared, and what differs is written."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from bot.cli.dryrun import tell_dry_run
from bot.cli.say import Commands, asked, config_option, open_bot, open_desk, say, who

if TYPE_CHECKING:
    from bot.app import Bot

LOOK_EVERY_S = 0.5
STUCK_AFTER_S = 120.0


def add(commands: Commands) -> None:
    """Add the command of this room."""
    summary = "compare every code of a shop with what is there, and write what differs"
    sync = config_option(commands.add_parser("sync", help=summary, description=summary))
    sync.add_argument("shop")
    sync.add_argument("how", nargs="?", choices=["full"], help="full: believe no record, read all back")
    sync.add_argument("--wait", action="store_true", help="show how far it is, until it is done")
    sync.add_argument("--dry-run", action="store_true", help="print the plan and reach no mall")
    sync.set_defaults(run=_sync)


def _sync(options: argparse.Namespace) -> int:
    with open_bot(options) as bot:
        desk = open_desk(bot, options.shop)
        if options.dry_run:
            return tell_dry_run(bot, desk)
        name = desk.shop.name
        full = options.how == "full"
        arguments = {"shop": name, "full": full}
        made = asked(bot, "sync", arguments, lambda: bot.actions.drifting.resync(name, who(), full=full))
        how = "read" if made.reads else "write" if full else "look"
        print(say(f"resync.{how}", shop=name, count=f"{made.codes:,}"))
        return _wait(bot, name) if options.wait else 0


def _wait(bot: Bot, shop: str) -> int:
    """Print how many codes are left, whenever that changes, until none is."""
    before, moved_at = -1, bot.clock.monotonic()
    while left := bot.actions.drifting.resync_left(shop):
        if left != before:
            print(say("resync.left", left=f"{left:,}"), flush=True)
            before, moved_at = left, bot.clock.monotonic()
        if bot.clock.monotonic() - moved_at > STUCK_AFTER_S:
            print(say("resync.stuck"), file=sys.stderr)
            return 1
        bot.clock.wait(bot.stop, LOOK_EVERY_S)
    print(say("resync.done"))
    return 0
