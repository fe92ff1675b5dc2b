"""Pieces that a person lists by a file."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.errors import ConfigError
from bot.cli.say import Commands, config_option, language, number, open_bot, open_desk, say, who

if TYPE_CHECKING:
    from adapters.contract import LineResult, ListingFile, ListingRun


def add(commands: Commands) -> None:
    """Add the commands of this room."""
    group = commands.add_parser("listing", help="pieces that a person lists by a file").add_subparsers(
        required=True
    )
    make = config_option(
        group.add_parser("make", help="write the file to upload, and hold its pieces for that shop")
    )
    make.add_argument("shop")
    make.add_argument("out", type=Path, help="the file to write, or the folder to write it into")
    make.add_argument("pieces", type=_pieces, nargs="+", metavar="CODE=N")
    make.add_argument("--dry-run", action="store_true", help="say what would be held; write no file")
    make.set_defaults(run=_listing_make)
    release = config_option(
        group.add_parser("release", help="give held pieces back when a listing is over and unsold")
    )
    release.add_argument("shop")
    release.add_argument("code")
    release.add_argument("pieces", type=number, nargs="?", metavar="N", help="so many; else all")
    release.add_argument("--dry-run", action="store_true", help="say what would come back")
    release.set_defaults(run=_listing_release)


def _pieces(text: str) -> tuple[str, int]:
    code, _, pieces = text.rpartition("=")
    if not code:
        raise argparse.ArgumentTypeError("wanted CODE=N, e.g. mug=1")
    return code, number(pieces)


def _listing_make(options: argparse.Namespace) -> int:
    quantities = dict(options.pieces)
    if len(quantities) < len(options.pieces):
        raise ConfigError("a code stands there twice; nothing was held")
    with open_bot(options) as bot:
        desk = open_desk(bot, options.shop)
        made = bot.actions.list_by_file(desk, quantities, who(), dry_run=options.dry_run)
        now = bot.actions.now()
    for code, result in zip(quantities, made.results, strict=True):
        print(f"{code}: {_listed(result, made.runs.get(result.line.mall_code), now)}")
    if options.dry_run:
        print(say("dry_run"))
    elif made.content:
        print(f"wrote {_write_listing(options.out, made)}: upload it once")
    return 1 if any(result.error for result in made.results) else 0


def _listed(result: LineResult, run: ListingRun | None, now: datetime) -> str:
    from bot.messages import moment

    if result.error:
        return f"not in the file: {result.error}"
    end = "its end is not known: release it when it is over"
    if run is not None:
        end = f"listed now and unsold, release it from {moment(run.over_by(now), language())} on"
    return f"{result.line.quantity} held; {end}"


def _write_listing(out: Path, made: ListingFile) -> Path:
    path = out / made.name if out.is_dir() else out
    try:
        path.write_bytes(made.content)
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written: {error.strerror}; the pieces are held, so run this again today"
        ) from error
    return path


def _listing_release(options: argparse.Namespace) -> int:
    with open_bot(options) as bot:
        desk = open_desk(bot, options.shop)
        given = bot.actions.release_listing(
            desk, options.code, options.pieces, who(), dry_run=options.dry_run
        )
    for code, pieces in given.items():
        print(f"{code}: {pieces} released")
    if not given:
        print(f"{options.code}: nothing is held for {options.shop}")
    if options.dry_run:
        print(say("dry_run"))
    return 0
