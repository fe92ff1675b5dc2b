"""Readiness: what each shop still lacks before sync is switched on."""

from __future__ import annotations

import argparse

from bot.answers import Ready
from bot.cli.say import Commands, config_option, language, open_bot, say

MARKS = {Ready.GOOD: "✓", Ready.WARNING: "!", Ready.BAD: "✗"}


def add(commands: Commands) -> None:
    """Add the commands of this room."""
    summary = "what each shop still lacks: orders, codes, product list, credentials; exit 1 on ✗"
    config_option(commands.add_parser("ready", help=summary, description=summary)).set_defaults(run=_ready)


def _ready(options: argparse.Namespace) -> int:
    with open_bot(options) as bot:
        bot.restore_mapping()
        shops = bot.actions.readiness.shops()
    bad = 0
    for shop in shops:
        print(say("ready.title", shop=shop.shop, mall=shop.mall_ja if language() == "ja" else shop.mall_en))
        for condition in shop.conditions:
            print(f"  {MARKS[condition.ready]} {say(condition.key, **condition.params)}")
            bad += condition.ready is Ready.BAD
    print(say("ready.not", count=bad) if bad else say("ready.all"))
    return 1 if bad else 0
