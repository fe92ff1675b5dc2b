"""The mapping files."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from bot.cli.say import Commands, config_option, language, open_bot


def add(commands: Commands) -> None:
    """Add the commands of this room."""
    group = commands.add_parser("mapping", help="the mapping files").add_subparsers(required=True)
    check = group.add_parser("check", help="print every problem of a mapping folder")
    check.add_argument("path", type=Path, nargs="?", default=Path())
    check.set_defaults(run=_mapping_check)
    accept = config_option(group.add_parser("accept", help="follow a branch whose history was rewritten"))
    accept.add_argument("commit", type=_commit, help="its head, as the alert names it")
    accept.set_defaults(run=_mapping_accept)


def _commit(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{10,64}", text):
        raise argparse.ArgumentTypeError("a commit is at least ten characters of 0-9 and a-f")
    return text


def _mapping_check(options: argparse.Namespace) -> int:
    from bot.app import CodeRules
    from bot.mapping.check import check
    from bot.mapping.problem import has_errors
    from bot.mapping.source import FolderSource

    checked = check(FolderSource(options.path), CodeRules())
    for problem in checked.problems:
        print(problem.render(language()))
    return 1 if has_errors(checked.problems) else 0


def _mapping_accept(options: argparse.Namespace) -> int:
    with open_bot(options) as bot:
        bot.following.accept(options.commit)
    print(f"{options.commit} comes into force when the bot looks next")
    return 0
