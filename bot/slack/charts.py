"""Charts as Slack draws them. Pure.

Source: docs.slack.dev, data_visualization block; verified 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.slack.blocks import Block, cut

TITLE, LABEL, AXIS = 50, 20, 50
MOST_SERIES, MOST_CATEGORIES = 6, 20  # one page of Slack's says 12 series, another 6

CHART = "data_visualization"


def chart(
    kind: str,
    title: str,
    categories: Sequence[str],
    series: Mapping[str, Sequence[float]],
    y_label: str = "",
) -> Block:
    """Build a bar, line or area chart.

    Args:
        series: by name, one value for each category; what is too much is left out.
    """
    names = _unique([cut(category, LABEL) for category in categories[:MOST_CATEGORIES]])
    made = [
        {"name": cut(name, LABEL), "data": _points(names, values)}
        for name, values in list(series.items())[:MOST_SERIES]
    ]
    axis = {"categories": names} | ({"y_label": cut(y_label, AXIS)} if y_label else {})
    drawn = {"type": kind, "series": made, "axis_config": axis}
    return {"type": CHART, "title": cut(title, TITLE), "chart": drawn}


def _points(names: Sequence[str], values: Sequence[float]) -> list[Block]:
    return [{"label": name, "value": value} for name, value in zip(names, values, strict=False)]


def _unique(names: Sequence[str]) -> list[str]:
    """Keep cut names apart by a number."""
    found: list[str] = []
    for name in names:
        others = sum(name == other for other in found)
        found.append(name if not others else f"{name[: LABEL - 3]}~{others + 1}")
    return found


def rows_of(block: Block) -> list[list[str]]:
    """Give a chart's numbers as rows of text: a head, then one for each category."""
    drawn = block["chart"]
    found = [[block["title"], *(series["name"] for series in drawn["series"])]]
    for place, category in enumerate(drawn["axis_config"]["categories"]):
        values = [series["data"][place]["value"] for series in drawn["series"]]
        found.append([category, *(f"{value:g}" for value in values)])
    return found
