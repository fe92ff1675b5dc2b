"""Blocks as the text that a person reads: for the drivers, the tests and a terminal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Protocol

Json = dict[str, Any]

JST = timezone(timedelta(hours=9))
_LINK = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")
_MARK = re.compile(r"(?<![\w*_~`])([*_~])(?=\S)([^\n]*?\S)\1(?![\w*_~`])")
_EMOJI = re.compile(r":([a-z0-9_+-]+):")
_EMOJIS = {
    "white_check_mark": "✅",
    "heavy_check_mark": "✔️",
    "warning": "⚠️",
    "x": "❌",
    "rotating_light": "🚨",
    "double_vertical_bar": "⏸️",
    "arrow_forward": "▶️",
    "hourglass_flowing_sand": "⏳",
    "lock": "🔒",
    "key": "🔑",
    "bell": "🔔",
    "package": "📦",
    "large_green_circle": "🟢",
    "large_yellow_circle": "🟡",
    "red_circle": "🔴",
    "white_circle": "⚪",
}


class Names(Protocol):
    """Where the names of people and channels are looked up."""

    def display_name(self, user: str) -> str:
        """The name of a user id."""


def plain_blocks(blocks: Iterable[Json], names: Names | None = None) -> str:
    """Render blocks, one or more lines each."""
    return "\n".join(_block(block, names) for block in blocks)


def plain_mrkdwn(text: str, names: Names | None = None) -> str:
    """Render Slack's markup: links and mentions named, marks removed, entities undone."""

    def shown(match: re.Match[str]) -> str:
        return _reference(match[1], match[2], names)

    text = _MARK.sub(r"\2", _MARK.sub(r"\2", text))
    text = _LINK.sub(shown, text)
    return _emojis(text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _reference(target: str, label: str | None, names: Names | None) -> str:
    if target.startswith("!date^"):
        return _date(target, label or "")
    if target.startswith("@"):
        return "@" + (names.display_name(target[1:]) if names else label or target[1:])
    if target.startswith("!subteam^"):
        return label or "@group"
    if target.startswith("!"):
        return "@" + target[1:]
    return label or target.removeprefix("mailto:")


def _date(target: str, fallback: str) -> str:
    _, seconds, form, *_rest = target.split("^")
    local = datetime.fromtimestamp(int(seconds), UTC).astimezone(JST)
    parts = {
        "date_num": f"{local:%Y-%m-%d}",
        "date": f"{local.year}年{local.month}月{local.day}日",
        "date_short": f"{local.month}月{local.day}日",
        "time": f"{local:%H:%M}",
        "time_secs": f"{local:%H:%M:%S}",
    }
    try:
        return form.format_map(parts)
    except (KeyError, ValueError):
        return fallback


def _emojis(text: str) -> str:
    return _EMOJI.sub(lambda match: _EMOJIS.get(match[1], match[0]), text)


def text_of(value: Json | None, names: Names | None = None) -> str:
    """Render a text object (``plain_text``, ``mrkdwn``, a table's cell)."""
    if not value:
        return ""
    if value.get("type") == "mrkdwn":
        return plain_mrkdwn(value["text"], names)
    if value.get("type") == "rich_text":
        return _rich(value)
    return _emojis(str(value.get("text", value.get("value", ""))))


def _rich(value: Any) -> str:
    if isinstance(value, list):
        return "".join(_rich(item) for item in value)
    if "elements" in value:
        ending = "\n" if value["type"].startswith("rich_text_") else ""
        return _rich(value["elements"]) + ending
    return str(value.get("text") or value.get("url") or value.get("name") or value.get("user_id", ""))


def _block(block: Json, names: Names | None) -> str:
    renderer = _RENDERERS.get(block["type"])
    return renderer(block, names) if renderer else f"({block['type']})"


def _header(block: Json, names: Names | None) -> str:
    return f"■ {text_of(block['text'], names)}"


def _section(block: Json, names: Names | None) -> str:
    lines = [text_of(block["text"], names)] if block.get("text") else []
    lines += [text_of(field, names) for field in block.get("fields", [])]
    if block.get("accessory"):
        lines.append(_element(block["accessory"], names))
    return "\n".join(lines)


def _context(block: Json, names: Names | None) -> str:
    return "  ".join(_element(item, names) for item in block["elements"])


def _actions(block: Json, names: Names | None) -> str:
    return " ".join(_element(item, names) for item in block["elements"])


def _input(block: Json, names: Names | None) -> str:
    lines = [f"{text_of(block['label'], names)}: {_element(block['element'], names)}"]
    if block.get("hint"):
        lines.append(f"  {text_of(block['hint'], names)}")
    return "\n".join(lines)


def _table(block: Json, names: Names | None) -> str:
    rows = [" | ".join(text_of(cell, names) for cell in row) for row in block["rows"]]
    return "\n".join([block["caption"], *rows] if block.get("caption") else rows)


def _chart(block: Json, _names: Names | None) -> str:
    chart = block["chart"]
    series = chart.get("series") or [{"name": "", "data": chart.get("segments", [])}]
    lines = [
        f"{one['name']} " + " ".join(f"{p['label']}={p['value']}" for p in one["data"]) for one in series
    ]
    return "\n".join([f"[chart: {block['title']}]", *(line.strip() for line in lines)])


def _element(element: Json, names: Names | None) -> str:
    kind = element["type"]
    if kind in ("plain_text", "mrkdwn"):
        return text_of(element, names)
    if kind == "button":
        return f"[{text_of(element['text'], names)}]"
    if kind == "image":
        return f"({element['alt_text']})"
    if kind in ("overflow", "radio_buttons", "checkboxes"):
        return "[" + " / ".join(text_of(o["text"], names) for o in element["options"]) + "]"
    if kind.endswith("_input"):
        return f"[{element.get('initial_value') or '＿＿＿＿'}]"
    shown = element.get("initial_option", {}).get("text") or element.get("placeholder")
    return f"[{text_of(shown, names) or element.get('initial_date') or '　'}▾]"


_RENDERERS: dict[str, Callable[[Json, Names | None], str]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "table": _table,
    "data_table": _table,
    "data_visualization": _chart,
    "divider": lambda _block, _names: "─" * 12,
    "image": lambda block, _names: f"({block['alt_text']})",
    "markdown": lambda block, _names: str(block["text"]),
    "alert": lambda block, names: f"！ {text_of(block['text'], names)}",
    "rich_text": lambda block, _names: _rich(block).strip(),
}
