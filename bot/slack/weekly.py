"""The weekly report as a message: charts of how fast, the figures, what comes due. Pure."""

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
    last = week.end - timedelta(days=1)
    title = voice("weekly.title", begin=voice.at(week.begin, "day"), end=voice.at(last, "day"))
    lines = [
        voice("weekly.counts", orders=f"{week.orders:,}", writes=f"{week.writes:,}"),
        voice("weekly.trouble", oversells=f"{week.oversells:,}", drifts=f"{week.drifts:,}"),
    ]
    fast = list(_fast("fast", week.everywhere, where, voice)) or [voice("weekly.nothing")]
    fresh = list(_fast("fresh", week.shown, where, voice))
    due = list(_due(week, where, voice))
    step = voice("weekly.next_due") if week.endings else voice("weekly.next_none")
    blocks: list[Block] = [header(title), section("\n".join(lines))]
    for name, found, said in (("fast", week.everywhere, fast), ("fresh", week.shown, fresh)):
        blocks += [_chart(name, found, voice)] if found else []
        blocks += [section("\n".join(said))] if said else []
    blocks.append(section("\n".join([*due, f"*{voice('alert.next')}* {step}"])))
    blocks.append(context(voice("weekly.how")))
    return message([title, *lines, *fast, *fresh, *due, f"{voice('alert.next')} {step}"], blocks)


def _chart(name: str, found: Mapping[str, Figure], voice: Voice) -> Block:
    shops = list(found)[:MOST_CATEGORIES]
    series = {
        "p50": [round(found[shop].p50_s / _MINUTE, 1) for shop in shops],
        "p95": [round(found[shop].p95_s / _MINUTE, 1) for shop in shops],
    }
    return chart("bar", voice(f"weekly.{name}_chart"), shops, series, voice("weekly.minutes"))


def _fast(name: str, found: Mapping[str, Figure], where: Callable[[str], str], voice: Voice) -> Iterator[str]:
    if found:
        yield f"*{voice(f'weekly.{name}')}*"
    for shop, figure in found.items():
        times = {"p50": _span(figure.p50_s, voice), "p95": _span(figure.p95_s, voice)}
        yield "• " + voice(f"weekly.{name}_shop", where=where(shop), count=f"{figure.count:,}", **times)


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
