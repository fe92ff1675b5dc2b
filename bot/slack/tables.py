"""Tables and menus as Slack draws them, and a message's simpler forms where it refuses one. Pure.

Source: docs.slack.dev, table block, data_table block, static_select element; verified 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.slack.blocks import Block, cut
from bot.slack.charts import simpler

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


def forms(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give a body and its simpler forms, the richest first: pages, then a table or chart, then text."""
    blocks: list[Block] = list(body.get("blocks", ()))
    found = [dict(body)]
    if any(block["type"] == _DATA for block in blocks):
        body = {**body, "blocks": [_plainer(block) for block in blocks]}
        found.append(dict(body))
    if any(block["type"] in (_TABLE, "data_visualization") for block in body.get("blocks", ())):
        found += simpler(body)
    first, *plainer = found
    return [first, *({"blocks": [], **form} for form in plainer)]


def _plainer(block: Block) -> Block:
    if block["type"] != _DATA:
        return block
    texts = [[cell["text"] for cell in row] for row in block["rows"]]
    fitting = _fitting(texts, TABLE_ROWS + 1, TABLE_CHARACTERS)
    return {"type": _TABLE, "rows": [[_cell(text) for text in row] for row in fitting]}


def select(action_id: str, placeholder: str, options: Mapping[str, str]) -> Block:
    """Build a menu: what a person reads -> its value, of 150 characters at most."""
    made = [
        {"text": {"type": "plain_text", "text": cut(text, 75)}, "value": value}
        for text, value in list(options.items())[:OPTIONS]
    ]
    hint = {"type": "plain_text", "text": cut(placeholder, 150)}
    return {"type": "static_select", "action_id": action_id, "placeholder": hint, "options": made}
