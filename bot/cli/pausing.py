"""Switches and pauses: whether numbers go out, who stopped them, and until when."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.errors import ConfigError
from bot.answers import Changed, PauseView, Refused
from bot.cli.say import (
    Commands,
    asked,
    bytes_of,
    config_option,
    language,
    open_bot,
    print_problems,
    say,
    who,
)

if TYPE_CHECKING:
    from bot.app import Bot

LISTED = 20  # codes of one pause that are named; --json gives them all


def add(commands: Commands) -> None:
    """Add the commands of this room."""
    for name, summary in (
        ("on", "switch sync on, of all shops or of one; refused where nobody reads a shop's orders"),
        ("off", "switch sync off, of all shops or of one; orders are still taken in"),
    ):
        turn = config_option(commands.add_parser(name, help=summary, description=summary))
        turn.add_argument("shop", nargs="?")
        turn.set_defaults(run=_switch, on=name == "on")
    pause = _targets(commands, "pause", "stop writing to shops, of products or codes, or of all")
    pause.add_argument("--until", metavar="TIME", help="18:00, 2h, or 2026-11-22T09:00+09:00")
    pause.add_argument("--reason", default="", metavar="TEXT")
    pause.set_defaults(run=_pause)
    _targets(commands, "resume", "end pauses; the right numbers go out").set_defaults(run=_resume)
    listed = config_option(commands.add_parser("pauses", help="what is paused: by whom, why, until when"))
    listed.add_argument("--json", action="store_true")
    listed.set_defaults(run=_pauses)


def _targets(commands: Commands, name: str, summary: str) -> argparse.ArgumentParser:
    parser = config_option(commands.add_parser(name, help=summary, description=summary))
    parser.add_argument("targets", nargs="*", help="all, shops, malls, products, codes")
    parser.add_argument("--file", type=Path, metavar="CSV", help="codes, in a column headed code or コード")
    parser.add_argument("--dry-run", action="store_true", help="say what it would do, and do nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask where several codes are meant")
    return parser


# ---------------------------------------------------------------------- on, off


def _switch(options: argparse.Namespace) -> int:
    verb = "on" if options.on else "off"
    with open_bot(options) as bot:
        bot.restore_mapping()
        shop = _shop(bot, options.shop) if options.shop else None
        arguments = {"shop": shop or "all"}
        changed = asked(bot, verb, arguments, lambda: bot.actions.switch(options.on, shop, who()))
    _tell(verb, changed)
    return 0


def _shop(bot: Bot, word: str) -> str | None:
    target, shops = bot.actions.resolve_target(word), bot.actions.shops()
    if target == "all":
        return None
    if target not in shops:
        raise Refused("unknown_shop", text=word, shops=", ".join(shops))
    return target


def _named(targets: Sequence[str]) -> str:
    first = say("target.all") if targets[0] == "all" else targets[0]
    return first if len(targets) == 1 else say("changed.targets", first=first, count=f"{len(targets):,}")


def _tell(verb: str, changed: Changed) -> None:
    """Print what was done; of what was so before, by whom."""
    targets = _named(changed.targets)
    if not changed.already:
        print(say(f"{verb}.done", targets=targets))
        print(say(f"{verb}.next"))
    elif verb == "resume" and not changed.by:
        print(say("resume.not_paused", targets=targets))
    else:
        print(say(f"{verb}.already", targets=targets, by=changed.by, at=changed.at))


# ---------------------------------------------------------------------- pause, resume


def _pause(options: argparse.Namespace) -> int:
    with open_bot(options) as bot:
        bot.restore_mapping()
        until = end_of(options.until, bot.actions.now()) if options.until else None
        targets = _meant(bot, options)
        if targets is None:
            return 2
        arguments = {
            "targets": targets,
            "until": until.isoformat() if until else "",
            "reason": options.reason,
            "dry_run": options.dry_run,
        }
        changed = asked(
            bot,
            "pause",
            arguments,
            lambda: bot.actions.pausing.pause(targets, until, options.reason, who(), dry_run=options.dry_run),
        )
    end = say("pause.until", until=until) if until else say("pause.no_end")
    print(say("pause.changed" if changed.already else "pause.done", targets=_named(targets)), end)
    print(say("dry_run" if options.dry_run else "pause.intake"))
    return 0


def _resume(options: argparse.Namespace) -> int:
    with open_bot(options) as bot:
        bot.restore_mapping()
        targets = _meant(bot, options)
        if targets is None:
            return 2
        changed = asked(
            bot,
            "resume",
            {"targets": targets, "dry_run": options.dry_run},
            lambda: bot.actions.pausing.resume(targets, who(), dry_run=options.dry_run),
        )
        left = len(bot.actions.pausing.pauses())
    _tell("resume", changed)
    if options.dry_run:
        print(say("dry_run"))
        return 0
    if left:
        print(say("pauses.left", count=f"{left:,}"))
    return 0


def end_of(text: str, now: datetime) -> datetime:
    """Read the end of a pause: a time of day, a length, or a moment with its zone."""
    from bot.slack.parse import MAX_PAUSE, MIN_PAUSE, pause_words

    try:
        moment = datetime.fromisoformat(text) if "T" in text.upper() else None
    except ValueError:
        raise Refused("bad_time", text=text) from None
    if moment is not None:
        if moment.tzinfo is None:
            raise Refused("bad_time", text=text)
        if not MIN_PAUSE <= moment - now <= MAX_PAUSE:
            raise Refused("bad_length")
        return moment
    text = text.removesuffix("まで")
    is_time = ":" in text or ("時" in text and "時間" not in text)
    found = pause_words(["until", text] if is_time else [text], now)
    if found.until is None:
        raise Refused("bad_time", text=text)
    return found.until


def _meant(bot: Bot, options: argparse.Namespace) -> list[str] | None:
    """Give the targets of the line and of the file, agreed to by a person where they are many codes.

    Returns:
        None where nothing is to be done; that was said.
    """
    targets = [_target(bot, word) for word in options.targets]
    if options.file is not None:
        listed = _codes_of(bot, options.file)
        if listed is None:
            return None
        targets += listed
    if not targets:
        raise ConfigError("name what is meant: all, a shop, a product, a code, or --file")
    targets = list(dict.fromkeys(targets))
    reach = bot.actions.pausing.reach(targets)
    if reach.codes > 1 and not options.yes and not options.dry_run and not _agreed(reach.codes, reach.shops):
        print(say("confirm.not"), file=sys.stderr)
        return None
    return targets


def _target(bot: Bot, word: str) -> str:
    target = bot.actions.resolve_target(word)
    if target is None:
        raise Refused("unknown_target", text=word, shops=", ".join(bot.actions.shops()))
    return target


def _codes_of(bot: Bot, path: Path) -> list[str] | None:
    from bot.countfile import read_codes

    found = read_codes(bytes_of(path))
    problems = [*found.problems, *bot.actions.pausing.unknown(found.rows)]
    if problems:
        print_problems(path, problems)
        return None
    return [row.code for row in found.rows]


def _agreed(codes: int, shops: int) -> bool:
    """Ask for the number itself: what is typed without reading is rarely 1,200."""
    print(say("confirm", codes=f"{codes:,}", shops=shops, number=codes), end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().replace(",", "") == str(codes)


# ---------------------------------------------------------------------- pauses


def _pauses(options: argparse.Namespace) -> int:
    with open_bot(options) as bot:
        bot.restore_mapping()
        found = bot.actions.pausing.pauses()
    if options.json:
        print(json.dumps([_as_json(pause) for pause in found], ensure_ascii=False))
        return 0
    for group in _together(found):
        print(_line(group))
    if not found:
        print(say("pauses.none"))
    return 0


def _together(found: Sequence[PauseView]) -> list[list[PauseView]]:
    """Put the many codes of one pause into one line; a few have a line each."""
    groups: dict[tuple[object, ...], list[PauseView]] = {}
    for pause in found:
        groups.setdefault((pause.since, pause.until, pause.who, pause.reason), []).append(pause)
    lines: list[list[PauseView]] = []
    for group in groups.values():
        lines += [group] if len(group) > LISTED else [[pause] for pause in group]
    return lines


def _line(group: Sequence[PauseView]) -> str:
    from bot.messages import moment

    first = group[0]
    return say(
        "pauses.line",
        target=_named([pause.target for pause in group]),
        until=say("pause.until", until=first.until) if first.until else say("pause.no_end"),
        reason=first.reason or "-",
        who=first.who,
        since=moment(first.since, language()),
    )


def _as_json(pause: PauseView) -> dict[str, str | None]:
    until = pause.until.isoformat() if pause.until else None
    return {
        "target": pause.target,
        "reason": pause.reason,
        "who": pause.who,
        "since": pause.since.isoformat(),
        "until": until,
    }
