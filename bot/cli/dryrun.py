"""The dry run of a sync: what would be written, and what waits. Reaches no mall."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cli.say import say

if TYPE_CHECKING:
    from bot.app import Bot
    from bot.sync.desk import Desk


def tell_dry_run(bot: Bot, desk: Desk) -> int:
    """Print what a sync of a shop would write, line by line, and what waits for what."""
    from bot.lines import forecast_lines

    for line in forecast_lines(bot.actions.dry_run.of(desk), say):
        print(line)
    return 0
