"""The mapping files."""

from __future__ import annotations

import argparse
import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.errors import ConfigError
from bot.cli import proposing
from bot.cli.say import Commands, config_option, language, open_bot

if TYPE_CHECKING:
    from bot.mapping.problem import Problem

SCHEMAS = ("mapping", "products", "team")


def add(commands: Commands) -> None:
    """Add the commands of this room."""
    group = commands.add_parser("mapping", help="the mapping files").add_subparsers(required=True)
    summary = "print every problem of a mapping folder; exit 1 on an error, 2 where it cannot be checked"
    check = group.add_parser("check", help=summary, description=summary)
    check.add_argument("path", type=Path, nargs="?", default=Path(), help="the folder; this one if not named")
    check.add_argument(
        "--against", type=Path, metavar="SNAPSHOT", help="compare with the lists of 'tanaban products export'"
    )
    check.add_argument("--json", action="store_true", help="one JSON object a line")
    check.set_defaults(run=_mapping_check)
    summary = "print the JSON Schema of mappings.yaml, of an included file, or of team.yaml"
    schema = group.add_parser("schema", help=summary, description=summary)
    schema.add_argument("file", choices=SCHEMAS, nargs="?", default="mapping")
    schema.set_defaults(run=_mapping_schema)
    accept = config_option(group.add_parser("accept", help="follow a branch whose history was rewritten"))
    accept.add_argument("commit", type=_commit, help="its head, as the alert names it")
    accept.set_defaults(run=_mapping_accept)
    proposing.add_to(group)


def _commit(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{10,64}", text):
        raise argparse.ArgumentTypeError("a commit is at least ten characters of 0-9 and a-f")
    return text


def _mapping_check(options: argparse.Namespace) -> int:
    from bot.mapping.problem import has_errors

    problems = _problems(_folder(options.path), options.against)
    for problem in problems:
        if options.json:
            print(json.dumps(problem.record(), ensure_ascii=False))
        else:
            print(problem.render(language()))
    return 1 if has_errors(problems) else 0


def _folder(path: Path) -> Path:
    from bot.mapping.check import MAPPING_FILE

    folder = path.parent if path.name == MAPPING_FILE and not path.is_dir() else path
    if not folder.is_dir():
        raise ConfigError(f"there is no folder {folder}")
    if not (folder / MAPPING_FILE).exists() and not (folder / MAPPING_FILE).is_symlink():
        raise ConfigError(f"there is no {MAPPING_FILE} in {folder.absolute()}")
    return folder


def _problems(folder: Path, against: Path | None) -> tuple[Problem, ...]:
    from bot.app import CodeRules
    from bot.mapping.check import check
    from bot.mapping.snapshot import read_snapshot
    from bot.mapping.snapshot_check import check_snapshot
    from bot.mapping.source import FolderSource

    source, rules, snapshot = FolderSource(folder), CodeRules(), None
    try:
        if against is not None:
            with against.open("rb") as lines:
                snapshot = read_snapshot(str(against), lines)
        checked = check(source, rules)
    except OSError as error:
        raise ConfigError(f"{error.filename} cannot be read: {error.strerror}") from error
    if snapshot is None:
        return checked.problems
    if checked.mapping is None:
        print("not compared with the product lists: the errors come first", file=sys.stderr)
        return checked.problems
    differing = check_snapshot(source, checked.mapping, snapshot, rules, datetime.now(UTC))
    return (*checked.problems, *differing)


def _mapping_schema(options: argparse.Namespace) -> int:
    from bot.app import CodeRules
    from bot.mapping.schema import SCHEMAS

    print(json.dumps(SCHEMAS[options.file](CodeRules()), ensure_ascii=False, indent=2))
    return 0


def _mapping_accept(options: argparse.Namespace) -> int:
    with open_bot(options) as bot:
        bot.following.accept(options.commit)
    print(f"{options.commit} comes into force when the bot looks next")
    return 0
