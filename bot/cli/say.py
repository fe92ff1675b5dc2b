"""What the rooms of the shell share: common options, the language, who types, the bot."""

from __future__ import annotations

import argparse
import getpass
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from adapters.errors import ConfigError
from bot.answers import FileProblem, Refused
from bot.config import CONFIG, load_config

if TYPE_CHECKING:
    from bot.app import Bot
    from bot.mapping.model import Shop
    from bot.sync.desk import Desk

Result = TypeVar("Result")
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def config_option(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Give a command the option that names the settings file."""
    parser.add_argument("--config", type=Path, default=Path(CONFIG), help="settings file (tanaban.toml)")
    return parser


def number(text: str) -> int:
    """Read a number of pieces, from 1."""
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise argparse.ArgumentTypeError("wanted a whole number of pieces, from 1")
    return int(text)


def moment(text: str) -> datetime:
    """Read a time with its zone."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise argparse.ArgumentTypeError("give the zone too, e.g. +09:00")
    return found


def language() -> str:
    """Give the language of this shell: English where the machine speaks it, else Japanese."""
    return "en" if os.environ.get("LANG", "ja").startswith("en") else "ja"


def say(key: str, **params: object) -> str:
    """Give a sentence in the language of this shell."""
    from bot import messages

    return messages.say(key, language(), **{"command": "tanaban", **params})


def bytes_of(path: Path) -> bytes:
    """Read a file that a person named."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error


def print_problems(path: Path, problems: Sequence[FileProblem]) -> None:
    """Print all that is wrong with a file, a line each, in the order of the file."""
    for problem in sorted(problems, key=lambda problem: problem.line):
        print(f"{path}:{problem.line}: {say(problem.key, **problem.params)}", file=sys.stderr)
    print(say("file.nothing_done", count=len(problems)), file=sys.stderr)


def asked(bot: Bot, action: str, arguments: Mapping[str, object], work: Callable[[], Result]) -> Result:
    """Do what a person asked for, and leave one line of it in the audit, refused or done."""
    result = "failed"
    try:
        found = work()
        result = "already" if getattr(found, "already", False) else "done"
        return found
    except Refused as refused:
        result = f"refused: {refused.key}"
        raise
    finally:
        bot.actions.audit(who(), action, arguments, result)


def who() -> str:
    """Give the name that the audit and the ledger keep for who types here."""
    return f"shell:{getpass.getuser()}"


def open_bot(options: argparse.Namespace) -> Bot:
    """Open the bot over the state of the settings file."""
    from bot.app import Bot

    return Bot(load_config(options.config), os.environ)


def known_shop(bot: Bot, name: str) -> Shop:
    """Give a shop of the mapping, or say which shops there are."""
    bot.restore_mapping()
    shops = bot.following.mapping().shops
    if name not in shops:
        raise ConfigError(f"no shop {name!r}; known: {', '.join(shops)}")
    return shops[name]


def open_desk(bot: Bot, name: str) -> Desk:
    """Give a shop's desk, or say which shops there are."""
    return bot.desks.desk(known_shop(bot, name))
