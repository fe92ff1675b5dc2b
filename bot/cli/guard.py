"""The guard: what it holds, and the answer to it."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.errors import ConfigError
from bot.answers import Refused
from bot.cli.say import Commands, asked, config_option, language, open_bot, say, who

if TYPE_CHECKING:
    from bot.app import Bot
    from bot.sync.guard import Hold

LISTED = 20  # lines of one plan that are printed; --csv gives them all
COLUMNS = ("shop", "plan", "code", "mall_code", "before", "after", "why")


def add(commands: Commands) -> None:
    """Add the command of this room."""
    summary = "large changes that are held; approve or drop one by its hash"
    guard = config_option(commands.add_parser("guard", help=summary, description=summary))
    guard.add_argument("answer", nargs="?", choices=("approve", "drop"))
    guard.add_argument("hash", nargs="?", help="of the plan, at least its first eight characters")
    guard.add_argument("--csv", type=Path, metavar="FILE", help="write every line of every plan there")
    guard.add_argument("--dry-run", action="store_true", help="say what the answer would do, and do nothing")
    guard.set_defaults(run=_guard)


def _guard(options: argparse.Namespace) -> int:
    if options.answer and not options.hash:
        raise ConfigError(f"name the plan: tanaban guard {options.answer} HASH")
    with open_bot(options) as bot:
        bot.following.restore()
        if options.answer:
            return _answer(bot, options)
        found = bot.actions.guarding.asked()
    if options.csv is not None:
        _write_csv(options.csv, found)
        return 0
    _tell(found)
    return 0


def _answer(bot: Bot, options: argparse.Namespace) -> int:
    guarding = bot.actions.guarding
    decide = guarding.approve if options.answer == "approve" else guarding.drop
    arguments = {"plan": options.hash, "dry_run": options.dry_run}
    try:
        hold = asked(
            bot,
            f"guard_{options.answer}",
            arguments,
            lambda: decide(options.hash, who(), dry_run=options.dry_run),
        )
    except Refused:
        _tell(guarding.asked())
        raise
    done = "guard.approved" if options.answer == "approve" else "guard.dropped"
    if options.dry_run:
        _tell([hold])
    print(say("dry_run") if options.dry_run else say(done, shop=hold.shop, count=f"{len(hold.lines):,}"))
    return 0


def _tell(found: Sequence[Hold]) -> None:
    from bot.messages import moment

    for hold in found:
        reason = hold.reason
        print(say("guard.head", shop=hold.shop, hash=hold.short, asked=moment(hold.asked_at, language())))
        print(say("guard.full", hash=hold.plan_hash))
        print(say(f"guard.reason.{reason.trip}", changed=reason.changed, zero=reason.zero, of=reason.of))
        if hold.caused_by:
            print(say("guard.caused_by", who=say("list.join").join(hold.caused_by)))
        for line in hold.lines[:LISTED]:
            before = "?" if line.before is None else line.before
            why = say(f"why.{line.why}")
            numbers = {"before": before, "after": line.after, "why": why}
            print("  " + say("dry.line", code=line.code, mall_code=line.mall_code, **numbers))
        if len(hold.lines) > LISTED:
            print(say("guard.more", count=f"{len(hold.lines) - LISTED:,}"))
        print(say("guard.next", hash=hold.short))
    if not found:
        print(say("guard.none"))


def _write_csv(path: Path, found: Sequence[Hold]) -> None:
    rows = [
        (hold.shop, hold.plan_hash, line.code, line.mall_code, line.before, line.after, line.why.value)
        for hold in found
        for line in hold.lines
    ]
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:  # with its mark Excel reads it
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows(rows)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error
    print(say("guard.wrote", count=f"{len(rows):,}", file=path))
