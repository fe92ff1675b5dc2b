"""Outages: when a shop was not heard, what came in after, and what is held back meanwhile."""

from __future__ import annotations

import argparse

from bot.cli.say import Commands, asked, config_option, open_bot, open_desk, say, who


def add(commands: Commands) -> None:
    """Add the commands of this room."""
    summary = "when a shop could not be heard, and what is held back because of it"
    outages = config_option(commands.add_parser("outages", help=summary, description=summary))
    outages.add_argument("--clear", metavar="SHOP", help="sell again what this shop may have sold out")
    outages.set_defaults(run=_outages)


def _outages(options: argparse.Namespace) -> int:
    with open_bot(options) as bot:
        bot.restore_mapping()
        if options.clear:
            shop = open_desk(bot, options.clear).shop.name
            count = asked(bot, "clear_risks", {"shop": shop}, lambda: bot.actions.clear_risks(shop, who()))
            print(say("outages.cleared" if count else "outages.not_blind", shop=shop, count=count))
            return 0
        found, risks = bot.actions.outages()
    for outage in found:
        print(
            say(
                "outages.line",
                shop=outage.shop,
                begin=outage.blind_from,
                end=outage.blind_to,
                orders=outage.orders,
            )
        )
        if outage.beyond:
            print(say("outages.beyond", begin=outage.beyond[0], end=outage.beyond[1]))
        if outage.uncertain:
            print(say("outages.uncertain", orders=", ".join(outage.uncertain)))
    if not found:
        print(say("outages.none"))
    for shop in sorted({shop for shop, _ in risks}):
        print(
            say("outages.risk", shop=shop, codes=", ".join(sorted(code for at, code in risks if at == shop)))
        )
    return 0
