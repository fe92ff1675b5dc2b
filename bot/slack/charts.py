"""Charts as Slack draws them, and the simpler forms for a workspace that refuses them. Pure.

Source: docs.slack.dev, data_visualization block and table block; verified 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.slack.blocks import Block, cut, section

TITLE, LABEL, AXIS = 50, 20, 50
MOST_SERIES, MOST_CATEGORIES = 6, 20  # one page of Slack's says 12 series, another 6

_CHART, _TABLE = "data_visualization", "table"


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
    return {"type": _CHART, "title": cut(title, TITLE), "chart": drawn}


def _points(names: Sequence[str], values: Sequence[float]) -> list[Block]:
    return [{"label": name, "value": value} for name, value in zip(names, values, strict=False)]


def _unique(names: Sequence[str]) -> list[str]:
    """Keep cut names apart by a number."""
    found: list[str] = []
    for name in names:
        others = sum(name == other for other in found)
        found.append(name if not others else f"{name[: LABEL - 3]}~{others + 1}")
    return found


def as_table(block: Block) -> Block:
    """Give a chart's numbers as a table: a row for each category."""
    drawn = block["chart"]
    names = [series["name"] for series in drawn["series"]]
    rows = [[_cell(block["title"]), *map(_cell, names)]]
    for place, category in enumerate(drawn["axis_config"]["categories"]):
        values = [series["data"][place]["value"] for series in drawn["series"]]
        rows.append([_cell(category), *(_cell(f"{value:g}") for value in values)])
    return {"type": _TABLE, "rows": rows}


def _cell(text: str) -> Block:
    return {"type": "raw_text", "text": text}


def as_text(block: Block) -> Block:
    """Give a table as lines of text."""
    lines = ["  ".join(cell["text"] for cell in row) for row in block["rows"]]
    plain = "\n".join(lines).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return section(cut(f"```{plain}```", 2900))


def simpler(body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Give a message's simpler forms, where Slack refuses its blocks: tables for charts, then text."""
    blocks: list[Block] = list(body.get("blocks", ()))
    kinds = {block["type"] for block in blocks}
    if _CHART in kinds:
        blocks = [as_table(block) if block["type"] == _CHART else block for block in blocks]
        yield {**body, "blocks": blocks}
    if kinds & {_CHART, _TABLE}:
        blocks = [as_text(block) if block["type"] == _TABLE else block for block in blocks]
        yield {**body, "blocks": blocks}
    yield {"text": body["text"]}
