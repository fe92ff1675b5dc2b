"""Why a shop does not show what it should of a code."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from bot.cli.say import Commands, config_option, open_bot, open_desk, say

if TYPE_CHECKING:
    from bot.why import Reason


def add(commands: Commands) -> None:
    """Add the command of this room."""
    summary = "walk all that may keep a code's stock from a shop; name the first thing that is wrong"
    why = config_option(commands.add_parser("why", help=summary, description=summary + "; exit 1 if one is"))
    why.add_argument("code")
    why.add_argument("shop")
    why.add_argument("--json", action="store_true")
    why.set_defaults(run=_why)


def _why(options: argparse.Namespace) -> int:
    from bot.lines import reason_lines

    with open_bot(options) as bot:
        shop = open_desk(bot, options.shop).shop.name
        reason = bot.actions.inquiries.why(options.code, shop)
    if options.json:
        print(json.dumps(_as_json(reason), ensure_ascii=False))
    else:
        for line in reason_lines(reason, say):
            print(line)
    return 1 if reason.failed else 0


def _as_json(reason: Reason) -> dict[str, object]:
    found = reason.found
    params = {name: value if isinstance(value, int) else str(value) for name, value in found.params.items()}
    names = {"code": reason.facts.code, "shop": reason.facts.shop, "passed": list(reason.passed)}
    return {**names, "failed": reason.failed, "found": found.key, "params": params, "next": found.step}
