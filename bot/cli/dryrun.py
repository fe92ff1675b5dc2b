"""The dry run of a sync: what would be written, and what waits. Reaches no mall."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cli.say import say

if TYPE_CHECKING:
    from bot.answers import Forecast, ForecastLine
    from bot.app import Bot
    from bot.sync.desk import Desk


def tell_dry_run(bot: Bot, desk: Desk) -> int:
    """Print what a sync of a shop would write, line by line, and what waits for what."""
    found = bot.actions.dry_run.of(desk)
    for line in found.lines:
        print(_line(line))
    if found.trip:
        numbers = {"changed": found.changed, "zero": found.zero, "of": found.of}
        print(say(f"guard.reason.{found.trip}", **numbers).strip())
    if found.stopped:
        print(say("dry.stopped", shop=found.shop, state=_state(found)))
    print(_counted(found))
    print(say("dry_run"))
    return 0


def _line(line: ForecastLine) -> str:
    waits = say(f"dry.waits.{line.waits}") if line.waits else ""
    if line.after is None:
        return say("dry.waiting", code=line.code, waits=waits)
    before = "?" if line.before is None else line.before
    numbers = {"before": before, "after": line.after, "why": say(f"why.{line.why}")}
    text = say("dry.line", code=line.code, mall_code=line.mall_code, **numbers)
    return text + (say("dry.waits", waits=waits) if waits else "")


def _state(found: Forecast) -> str:
    return say("note.never_written" if found.stopped == "never_written" else f"state.{found.stopped}")


def _counted(found: Forecast) -> str:
    waits = [line.waits for line in found.lines if line.after is not None]
    later = sum(why in ("orders", "others", "drift") for why in waits)
    return say("dry.count", shop=found.shop, now=waits.count(""), later=later, held=waits.count("guard"))
