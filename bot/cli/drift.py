"""Numbers at a mall that are not ours: what was found, and what a person decides."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from bot.answers import Answer, Refused
from bot.cli.pausing import end_of
from bot.cli.say import Commands, asked, config_option, language, open_bot, open_desk, say, who

if TYPE_CHECKING:
    from bot.answers import Answered, DriftView


def add(commands: Commands) -> None:
    """Add the command of this room."""
    drift = config_option(
        commands.add_parser(
            "drift",
            help="numbers at a mall that are not ours: list them, or decide about one",
            description="Without words: what was found in the last week. With a shop, a code and an answer: "
            "write (our number goes out), take (the mall's number becomes the stock), or leave "
            "(nothing is written to that listing for now).",
        )
    )
    drift.add_argument("shop", nargs="?")
    drift.add_argument("code", nargs="?")
    drift.add_argument("answer", nargs="?", choices=[str(answer) for answer in Answer])
    drift.add_argument("--until", metavar="TIME", help="of leave: 18:00, 2h, or 2026-11-22T09:00+09:00")
    drift.add_argument("--json", action="store_true")
    drift.set_defaults(run=_drift)


def _drift(options: argparse.Namespace) -> int:
    if options.shop is None:
        return _list(options)
    if options.answer is None:
        raise Refused("drift_words")
    answer = Answer(options.answer)
    if options.until and answer is not Answer.LEAVE:
        raise Refused("drift_until")
    with open_bot(options) as bot:
        shop, code = open_desk(bot, options.shop).shop.name, options.code
        until = end_of(options.until, bot.actions.now()) if options.until else None
        arguments = {"shop": shop, "code": code, "answer": str(answer)}
        arguments["until"] = until.isoformat() if until else ""
        done = asked(
            bot, "drift", arguments, lambda: bot.actions.drifting.answer(shop, code, answer, who(), until)
        )
    print(_told(done))
    return 0


def _told(done: Answered) -> str:
    numbers = {"found": done.found, "before": done.before, "after": done.after}
    return say(f"drift.{done.answer}", shop=done.shop, code=done.code, until=_end(done.until), **numbers)


def _end(until: datetime | None) -> str:
    return say("pause.until", until=until) if until else say("pause.no_end")


def _list(options: argparse.Namespace) -> int:
    with open_bot(options) as bot:
        found = bot.actions.drifting.drifts()
    if options.json:
        print(json.dumps([_as_json(view) for view in found], ensure_ascii=False))
        return 0
    for view in found:
        print(_line(view))
    if not found:
        print(say("drift.none"))
    return 0


def _line(view: DriftView) -> str:
    from bot.messages import moment

    state = say(f"drift.state.{view.state}", who=view.who, until=_end(view.until))
    numbers = {"found": view.found, "expected": view.expected}
    at = moment(view.read_at, language())
    return say("drift.line", at=at, shop=view.shop, code=view.code, state=state, **numbers)


def _as_json(view: DriftView) -> dict[str, object]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(view).items()
    }
