"""Proposals for the mapping: a branch, and a pull request where a forge is set."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

from bot.cli.say import Commands, asked, config_option, open_bot, say, who

if TYPE_CHECKING:
    from bot.app import Bot
    from bot.proposing import Proposed, Proposing


def add_to(group: Commands) -> None:
    """Add the commands of this room to ``tanaban mapping``."""
    take = _command(group, "propose", "propose what a shop lists and the mapping does not know")
    take.add_argument("shop")
    take.set_defaults(run=_propose)
    copy = _command(group, "copy", "propose to link a shop's codes on another that lists the same SKUs")
    copy.add_argument("--from", dest="source", required=True, metavar="SHOP")
    copy.add_argument("--to", dest="target", required=True, metavar="SHOP")
    copy.add_argument(
        "--unlink-missing", action="store_true", help="propose 'not linked' for what it does not list"
    )
    copy.set_defaults(run=_copy)
    _add_set(group)


def _command(group: Commands, name: str, summary: str) -> argparse.ArgumentParser:
    made = config_option(group.add_parser(name, help=summary))
    made.add_argument("--dry-run", action="store_true", help="print what would change; reach no remote")
    return made


def _add_set(group: Commands) -> None:
    put = _command(group, "set", "propose another listing or value of one code")
    put.add_argument("code", help="a code, or a product's own code for all its choices")
    put.add_argument("--shop", default="")
    put.add_argument("--mall-code", default="", metavar="CODE", help="what the shop calls it")
    put.add_argument("--reason", default="", help="why a mall code is outside the rule for codes")
    put.add_argument("--unlink", action="store_true", help="the shop does not list it (取扱なし)")
    put.add_argument("--name")
    put.add_argument("--safety-stock", type=_pieces, metavar="N", help="pieces kept back everywhere")
    put.add_argument("--last-units", type=_last_units, metavar="auto|off|N")
    put.set_defaults(run=_set)


def _pieces(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,7}", text):
        raise argparse.ArgumentTypeError("wanted a whole number of pieces, from 0")
    return int(text)


def _last_units(text: str) -> str | int:
    from bot.mapping.propose import last_units_of

    try:
        return last_units_of(text)
    except ValueError:
        raise argparse.ArgumentTypeError("wanted auto, off or a number of pieces") from None


def _propose(options: argparse.Namespace) -> int:
    with open_bot(options) as bot:
        rooms, words = _proposing(bot), {"shop": options.shop, "dry_run": options.dry_run}
        made = asked(
            bot,
            "mapping propose",
            words,
            lambda: rooms.propose(options.shop, who(), dry_run=options.dry_run),
        )
    return _tell(made, options)


def _copy(options: argparse.Namespace) -> int:
    words = {"from": options.source, "to": options.target, "dry_run": options.dry_run}
    with open_bot(options) as bot:
        rooms = _proposing(bot)
        made = asked(
            bot,
            "mapping copy",
            words,
            lambda: rooms.copy(
                options.source,
                options.target,
                who(),
                unlink_missing=options.unlink_missing,
                dry_run=options.dry_run,
            ),
        )
    return _tell(made, options)


def _set(options: argparse.Namespace) -> int:
    from bot.mapping.propose import Wanted

    wanted = Wanted(
        shop=options.shop,
        mall_code=options.mall_code,
        reason=options.reason,
        unlink=options.unlink,
        name=options.name,
        safety_stock=options.safety_stock,
        last_units=options.last_units,
    )
    words = {"code": options.code, "shop": options.shop, "dry_run": options.dry_run}
    with open_bot(options) as bot:
        rooms = _proposing(bot)
        made = asked(
            bot,
            "mapping set",
            words,
            lambda: rooms.set_(options.code, wanted, who(), dry_run=options.dry_run),
        )
    return _tell(made, options)


def _proposing(bot: Bot) -> Proposing:
    from bot.app import CodeRules
    from bot.proposing import Proposing

    bot.restore_mapping()
    return Proposing(
        bot.engine,
        bot.repository,
        bot.following.in_force,
        bot.clock,
        malls=CodeRules(),
        forge=bot.new_forge,
        email=bot.config.forge.email,
    )


def _tell(made: Proposed, options: argparse.Namespace) -> int:
    print(f"{made.title}\n\n{made.text}")
    if not made.changes:
        print(say("proposal.nothing"))
    elif options.dry_run:
        print(f"{made.diff}\n{say('dry_run')}")
    else:
        print(_where(made))
    return 0


def _where(made: Proposed) -> str:
    if made.url is None:
        key = "proposal.branch_there" if made.already else "proposal.branch"
        return say(key, branch=made.branch, count=made.changes)
    return say("proposal.there" if made.already else "proposal.opened", url=made.url, count=made.changes)
