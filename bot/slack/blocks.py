"""The few kinds of Slack blocks we use, and a message made of them. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.slack import limits

Block = dict[str, Any]

_OPENS = re.compile(r"(?<![A-Za-z0-9])[*_~`]")


@dataclass(frozen=True)
class Message:
    """A message: ``text`` is complete by itself, for notifications and screen readers."""

    text: str
    blocks: tuple[Block, ...] = ()

    def body(self) -> dict[str, Any]:
        """Give the fields of a post or an update."""
        return {"text": self.text, "blocks": list(self.blocks)} if self.blocks else {"text": self.text}


def escape(value: str) -> str:
    """Make a foreign value show as typed: it pings nobody and formats nothing.

    Slack asks for its three signs only. Its formatting signs have no escape in mrkdwn, so one
    that could open a format is kept apart by a word joiner; one inside a word, as in a code, is
    left alone and can be copied.
    """
    signs = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _OPENS.sub("\\g<0>\u2060", signs)


def cut(text: str, most: int) -> str:
    """Shorten a text to ``most`` characters, with a mark where something is missing."""
    return text if len(text) <= most else text[: most - 1] + "…"


def message(lines: Sequence[str], blocks: Sequence[Block]) -> Message:
    """Make a message whose text is these lines; the blocks show the same."""
    return Message(cut("\n".join(line for line in lines if line), limits.TEXT), tuple(blocks))


def plain(lines: Sequence[str]) -> Message:
    """Make a message of text alone."""
    return message(lines, [section("\n".join(line for line in lines if line))])


def header(text: str) -> Block:
    """A headline; plain text."""
    return {"type": "header", "text": {"type": "plain_text", "text": cut(text, 150), "emoji": True}}


def section(text: str) -> Block:
    """A paragraph of mrkdwn; foreign values in it are escaped by the caller.

    Bold and code need a blank or a line's end on both sides to take effect: Japanese has none.
    """
    return {"type": "section", "text": {"type": "mrkdwn", "text": cut(text, 3000)}}


def context(*texts: str) -> Block:
    """Small print."""
    return {
        "type": "context",
        "elements": [{"type": "mrkdwn", "text": cut(t, 2000)} for t in texts[:10] if t],
    }


def divider() -> Block:
    """A line."""
    return {"type": "divider"}


def actions(*elements: Block) -> Block:
    """A row of buttons."""
    return {"type": "actions", "elements": list(elements)}


def button(text: str, action_id: str, value: Mapping[str, Any], style: str = "") -> Block:
    """A button. ``value`` holds ids and marks of state, never a secret, and is not trusted on return."""
    made = {
        "type": "button",
        "text": {"type": "plain_text", "text": cut(text, 75), "emoji": True},
        "action_id": action_id,
        "value": json.dumps(value, ensure_ascii=False),
    }
    return {**made, "style": style} if style else made


def link(text: str, action_id: str, url: str) -> Block:
    """A button that opens a page."""
    label = {"type": "plain_text", "text": cut(text, 75), "emoji": True}
    return {"type": "button", "text": label, "action_id": action_id, "url": url}


def confirm(title: str, text: str, yes: str, no: str) -> Block:
    """A question that is asked before a button does what it does."""
    words = {"title": _plain(cut(title, 100)), "text": {"type": "mrkdwn", "text": cut(text, 300)}}
    return {**words, "confirm": _plain(cut(yes, 30)), "deny": _plain(cut(no, 30))}


def menu(action_id: str, options: Mapping[str, Mapping[str, Any]]) -> Block:
    """A small menu of up to five entries: text -> value, of 150 characters at most."""
    made = [
        {"text": _plain(cut(text, 75)), "value": json.dumps(value, ensure_ascii=False)}
        for text, value in list(options.items())[:5]
    ]
    return {"type": "overflow", "action_id": action_id, "options": made}


def text_input(block_id: str, label: str) -> Block:
    """A single-line input of a modal, never filled in beforehand."""
    element = {"type": "plain_text_input", "action_id": "value", "multiline": False}
    return {"type": "input", "block_id": block_id, "label": _plain(label), "element": element}


def date_input(block_id: str, label: str, hint: str, first: date | None = None) -> Block:
    """A date of a modal, which may be left empty; ``first`` stands there at the beginning."""
    element = {"type": "datepicker", "action_id": "value"}
    if first:
        element["initial_date"] = first.isoformat()
    made = {"type": "input", "block_id": block_id, "optional": True, "label": _plain(label)}
    return {**made, "hint": _plain(hint), "element": element}


def checks_input(block_id: str, label: str, options: Mapping[str, str], ticked: Collection[str]) -> Block:
    """Boxes of a modal: value -> what a person reads, up to ten; none need be ticked."""
    made = {value: {"text": _plain(cut(text, 75)), "value": value} for value, text in options.items()}
    element: Block = {"type": "checkboxes", "action_id": "value", "options": list(made.values())}
    if first := [made[value] for value in options if value in ticked]:
        element["initial_options"] = first
    return {
        "type": "input",
        "block_id": block_id,
        "optional": True,
        "label": _plain(label),
        "element": element,
    }


def choice_input(block_id: str, label: str, options: Mapping[str, str]) -> Block:
    """A menu of a modal: value -> what a person reads; the first is chosen."""
    made = [{"text": _plain(cut(text, 75)), "value": value} for value, text in options.items()]
    element = {"type": "static_select", "action_id": "value", "options": made, "initial_option": made[0]}
    return {"type": "input", "block_id": block_id, "label": _plain(label), "element": element}


def file_input(block_id: str, label: str, types: Sequence[str]) -> Block:
    """A place of a modal for one file."""
    element = {"type": "file_input", "action_id": "value", "filetypes": list(types), "max_files": 1}
    return {"type": "input", "block_id": block_id, "label": _plain(label), "element": element}


def home(blocks: Sequence[Block]) -> Block:
    """A person's Home tab."""
    return {"type": "home", "blocks": list(blocks)}


def beside_button(text: str, *buttons: Block) -> Block:
    """A paragraph with a button or a menu at its side, if there is one."""
    return {**section(text), "accessory": buttons[0]} if buttons else section(text)


def modal(title: str, submit: str, close: str, blocks: Sequence[Block], metadata: Mapping[str, Any]) -> Block:
    """A dialogue. ``metadata`` comes back on submission and holds ids only."""
    return {
        "type": "modal",
        "title": _plain(cut(title, 24)),
        "submit": _plain(cut(submit, 24)),
        "close": _plain(cut(close, 24)),
        "blocks": list(blocks),
        "private_metadata": json.dumps(metadata, ensure_ascii=False),
    }


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": True}
