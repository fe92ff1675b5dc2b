"""The weekly report as a message: a chart of how fast, the figures, what comes due. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

from bot.figures import Figure
from bot.messages import span
from bot.slack.blocks import Block, Message, context, escape, header, message, section
from bot.slack.charts import MOST_CATEGORIES, chart
from bot.slack.voice import Voice
from bot.weekly import Week

_MINUTE = 60.0


def weekly_message(week: Week, where: Callable[[str], str], voice: Voice) -> Message:
    """Show a week.

    Args:
        where: names a shop as people call it, ready for mrkdwn.
    """
    title = voice("weekly.title", begin=voice.at(week.begin, "day"), end=voice.at(week.end, "day"))
    lines = [
        voice("weekly.counts", orders=f"{week.orders:,}", writes=f"{week.writes:,}"),
        voice("weekly.trouble", oversells=f"{week.oversells:,}", drifts=f"{week.drifts:,}"),
    ]
    fast = list(_fast(week.everywhere, where, voice))
    due = list(_due(week, where, voice))
    step = voice("weekly.next_due") if week.endings else voice("weekly.next_none")
    blocks: list[Block] = [header(title), section("\n".join(lines))]
    if week.everywhere:
        blocks.append(_chart(week.everywhere, voice))
    blocks.append(section("\n".join(fast)))
    blocks.append(section("\n".join([*due, f"*{voice('alert.next')}* {step}"])))
    blocks.append(context(voice("weekly.how")))
    return message([title, *lines, *fast, *due, f"{voice('alert.next')} {step}"], blocks)


def _chart(found: Mapping[str, Figure], voice: Voice) -> Block:
    shops = list(found)[:MOST_CATEGORIES]
    series = {
        "p50": [round(found[shop].p50_s / _MINUTE, 1) for shop in shops],
        "p95": [round(found[shop].p95_s / _MINUTE, 1) for shop in shops],
    }
    return chart("bar", voice("weekly.chart"), shops, series, voice("weekly.minutes"))


def _fast(found: Mapping[str, Figure], where: Callable[[str], str], voice: Voice) -> Iterator[str]:
    yield f"*{voice('weekly.fast')}*" if found else voice("weekly.nothing")
    for shop, figure in found.items():
        times = {"p50": _span(figure.p50_s, voice), "p95": _span(figure.p95_s, voice)}
        yield "• " + voice("weekly.shop", where=where(shop), count=f"{figure.count:,}", **times)


def _span(seconds: float, voice: Voice) -> str:
    return span(timedelta(seconds=seconds), voice.lang)


def _due(week: Week, where: Callable[[str], str], voice: Voice) -> Iterator[str]:
    if not week.endings:
        yield voice("weekly.none_due")
        return
    yield f"*{voice('weekly.due')}*"
    for ending in week.endings[:10]:
        at = voice.at(ending.at, "day")
        yield "• " + voice("weekly.ending", where=where(ending.shop), kind=escape(ending.kind), at=at)
