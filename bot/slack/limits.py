"""What Slack refuses, in one table, and a check of a whole message or view against it.

Counted in code points. The check is what the tests run on every message we can build.

Source: docs.slack.dev, the page of each block and element, and slack_sdk/models; verified 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
TEXT = 3000  # our own bound on a message's text; Slack cuts at 40,000 and updates refuse over 4,000
ALL_TEXTS = 9000  # our own bound: Slack refuses a message somewhere between 11,300 and 13,300
IDS = 255
PRIVATE_METADATA = 3000
VIEW_WORDS = 24  # title, submit, close

LENGTHS: Mapping[tuple[str, str], int] = {
    ("section", "text"): 3000,
    ("header", "text"): 150,
    ("button", "text"): 75,
    ("button", "value"): 2000,
    ("button", "url"): 3000,
    ("button", "accessibility_label"): 75,
    ("confirm", "title"): 100,
    ("confirm", "text"): 300,
    ("confirm", "confirm"): 30,
    ("confirm", "deny"): 30,
    ("option", "text"): 75,
    ("option", "value"): 150,
    ("option", "description"): 75,
    ("input", "label"): 2000,
    ("input", "hint"): 2000,
    ("plain_text_input", "placeholder"): 150,
    ("datepicker", "placeholder"): 150,
}
COUNTS: Mapping[tuple[str, str], int] = {
    ("section", "fields"): 10,
    ("context", "elements"): 10,
    ("actions", "elements"): 25,
    ("overflow", "options"): 5,
    ("checkboxes", "options"): 10,
    ("static_select", "options"): 100,
}
FIELD = 2000  # one field of a section


def problems(body: Mapping[str, Any]) -> list[str]:
    """Name everything in a message (``text``, ``blocks``) or a view that Slack would refuse."""
    return [*_view(body)] if "type" in body else [*_message(body)]


def _message(body: Mapping[str, Any]) -> Iterator[str]:
    text, blocks = body.get("text", ""), body.get("blocks", [])
    if not 1 <= len(text) <= TEXT:
        yield f"/text: {len(text)} characters"
    if len(blocks) > MESSAGE_BLOCKS:
        yield f"/blocks: {len(blocks)} blocks"
    yield from _blocks(blocks)


def _view(body: Mapping[str, Any]) -> Iterator[str]:
    for key in ("title", "submit", "close"):
        if key in body and not 1 <= len(body[key]["text"]) <= VIEW_WORDS:
            yield f"/{key}: {len(body[key]['text'])} characters"
    if len(body.get("private_metadata", "")) > PRIVATE_METADATA:
        yield "/private_metadata: too long"
    if len(body["blocks"]) > VIEW_BLOCKS:
        yield f"/blocks: {len(body['blocks'])} blocks"
    if any(block["type"] == "input" for block in body["blocks"]) and "submit" not in body:
        yield "/submit: a view with an input needs it"
    yield from _blocks(body["blocks"])


def _blocks(blocks: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for i, block in enumerate(blocks):
        yield from _walk(block, f"/blocks/{i}")
    total = sum(len(text) for block in blocks for text in texts(block))
    if total > ALL_TEXTS:
        yield f"/blocks: {total} characters in all"
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(ids) != len(set(ids)):
        yield "/blocks: a block_id comes twice"


def _walk(node: Any, place: str, kind: str = "") -> Iterator[str]:
    """Check one block or element and all that is inside it."""
    if isinstance(node, list):
        for i, inner in enumerate(node):
            yield from _walk(inner, f"{place}/{i}", kind)
        return
    if not isinstance(node, Mapping):
        return
    name = str(node.get("type") or kind)
    for key, value in node.items():
        yield from _value(name, key, value, f"{place}/{key}")
        yield from _walk(value, f"{place}/{key}", "option" if key == "options" else str(key))


def _value(name: str, key: str, value: Any, place: str) -> Iterator[str]:
    text = value["text"] if isinstance(value, Mapping) and isinstance(value.get("text"), str) else value
    limit = LENGTHS.get((name, key)) or (IDS if key in ("block_id", "action_id", "callback_id") else None)
    if limit and isinstance(text, str) and not 1 <= len(text) <= limit:
        yield f"{place}: {len(text)} characters, not 1 to {limit}"
    most = COUNTS.get((name, key))
    if most and not 1 <= len(value) <= most:
        yield f"{place}: {len(value)} of them, not 1 to {most}"
    if key == "fields":
        yield from (f"{place}/{i}: too long" for i, f in enumerate(value) if len(f["text"]) > FIELD)


def texts(node: Any) -> Iterator[str]:
    """Give every text inside a block, an element or several."""
    if isinstance(node, list):
        for inner in node:
            yield from texts(inner)
    elif isinstance(node, Mapping):
        for key, value in node.items():
            if key == "text" and isinstance(value, str):
                yield value
            else:
                yield from texts(value)
