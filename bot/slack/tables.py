"""Tables and menus as Slack draws them, and a message's simpler forms where it refuses one. Pure.

Source: docs.slack.dev, table block, data_table block, static_select element; verified 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bot.slack.blocks import Block, cut, section
from bot.slack.charts import CHART, rows_of

DATA_ROWS, DATA_CHARACTERS = 200, 18_000  # of 20,000: characters may be counted otherwise there
TABLE_ROWS, TABLE_CHARACTERS = 99, 9_000
PAGE = 10
OPTIONS = 100

_DATA, _TABLE = "data_table", "table"


def data_table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Block:
    """Build a table with pages; what is too much for one is left out."""
    fitting = list(_fitting([head, *rows], DATA_ROWS + 1, DATA_CHARACTERS))
    made = [[_cell(text) for text in row] for row in fitting]
    return {"type": _DATA, "caption": cut(caption, 200), "page_size": PAGE, "rows": made}


def fits(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether one table with pages can hold all of these rows."""
    return len(rows) <= DATA_ROWS and len(list(_fitting(rows, DATA_ROWS, DATA_CHARACTERS))) == len(rows)


def _fitting(rows: Sequence[Sequence[str]], most: int, characters: int) -> Iterator[Sequence[str]]:
    used = 0
    for row in rows[:most]:
        used += sum(map(len, row))
        if used > characters:
            return
        yield row


def _cell(text: str) -> Block:
    return {"type": "raw_text", "text": text or "-"}  # an empty cell is refused


# --- simpler forms


def forms(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give a body and its simpler forms, the richest first; an answer without blocks says so."""
    plainer = simpler(body) if any(b["type"] in _REFUSED for b in body.get("blocks", ())) else ()
    return [dict(body), *({"blocks": [], **form} for form in plainer)]


def simpler(body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Give a message's simpler forms, where Slack refuses its blocks.

    A chart becomes a table with pages, that a plain table, that text in a block; the last is text alone.
    """
    blocks: list[Block] = list(body.get("blocks", ()))
    for kind, plainer in _REFUSED.items():
        if any(block["type"] == kind for block in blocks):
            blocks = [plainer(block) if block["type"] == kind else block for block in blocks]
            yield {**body, "blocks": blocks}
    yield {"text": body["text"]}


def _chart_as_pages(block: Block) -> Block:
    head, *rows = rows_of(block)
    return data_table(block["title"], head, rows)


def _pages_as_table(block: Block) -> Block:
    texts = [[cell["text"] for cell in row] for row in block["rows"]]
    fitting = _fitting(texts, TABLE_ROWS + 1, TABLE_CHARACTERS)
    return {"type": _TABLE, "rows": [[_cell(text) for text in row] for row in fitting]}


def _table_as_text(block: Block) -> Block:
    lines = ["  ".join(cell["text"] for cell in row) for row in block["rows"]]
    plain = "\n".join(lines).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return section(cut(f"```{cut(plain, 2900)}```", 3000))


_REFUSED: Mapping[str, Callable[[Block], Block]] = {
    CHART: _chart_as_pages,
    _DATA: _pages_as_table,
    _TABLE: _table_as_text,
}
"""What a workspace may refuse -> the next simpler form of it; in this order."""


# --- menus


def select(action_id: str, placeholder: str, options: Mapping[str, str]) -> Block:
    """Build a menu: what a person reads -> its value, of 150 characters at most."""
    made = [
        {"text": {"type": "plain_text", "text": cut(text, 75)}, "value": value}
        for text, value in list(options.items())[:OPTIONS]
    ]
    hint = {"type": "plain_text", "text": cut(placeholder, 150)}
    return {"type": "static_select", "action_id": action_id, "placeholder": hint, "options": made}
