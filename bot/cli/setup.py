"""The set-up of a shop as a check-list: what to do at the mall, and what was done."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from bot.cli.say import Commands, asked, config_option, known_shop, language, number, open_bot, say, who

if TYPE_CHECKING:
    from bot.setting_up import SetupItem, SetupList


def add(commands: Commands) -> None:
    """Add the commands of this room."""
    summary = "the check-list of a shop's set-up; exit 1 while something is left"
    setup = config_option(commands.add_parser("setup", help=summary, description=summary))
    setup.add_argument("shop")
    setup.add_argument("--tick", type=number, nargs="+", default=[], metavar="N", help="these are done")
    setup.add_argument("--untick", type=number, nargs="+", default=[], metavar="N", help="these are not")
    setup.set_defaults(run=_setup)


def _setup(options: argparse.Namespace) -> int:
    with open_bot(options) as bot:
        shop, setting_up = known_shop(bot, options.shop).name, bot.actions.setting_up
        if options.tick or options.untick:
            arguments = {"shop": shop, "done": options.tick, "undone": options.untick}

            def work() -> SetupList:
                done, undone = (
                    setting_up.numbered(shop, options.tick),
                    setting_up.numbered(shop, options.untick),
                )
                return setting_up.tick(shop, done, who(), undone=undone)

            found = asked(bot, "setup", arguments, work)
        else:
            found = setting_up.list_of(shop)
    _print(found)
    return 0 if found.done == len(found.items) else 1


def _print(found: SetupList) -> None:
    mall = found.mall_ja if language() == "ja" else found.mall_en
    print(say("setup.head", mall=mall, shop=found.shop, done=found.done, count=len(found.items)))
    for stage in found.stages:
        print(f"\n{stage.ja if language() == 'ja' else stage.en}")
        for item in stage.items:
            print(f"  {'✓' if item.who else ' '} {item.number:2}. {_line(item)}")


def _line(item: SetupItem) -> str:
    from bot.messages import moment
    from bot.setting_up import OWN

    step = item.step
    lead = "tanaban " if step.key.startswith(OWN) else ""
    values = "  ".join(f"[{lead}{value}]" for value in step.values)
    ticked = f"  ({item.who}, {moment(item.at, language())})" if item.at else ""
    return f"{step.ja if language() == 'ja' else step.en}  {values}{ticked}".rstrip()
