"""Modals and Home tabs: what is open for whom, and what was typed into it."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from sandbox.slack.inputs import blank_values, elements, kept_values
from sandbox.slack.people import APP, BOT, TEAM, People
from sandbox.slack.render import plain_blocks, text_of
from sandbox.slack.room import with_ids

Json = dict[str, Any]


@dataclass
class View:
    """One modal or Home: ``body`` as the bot sent it, ``values`` as the person filled it."""

    id: str
    user: str
    body: Json
    hash: str
    values: Json
    revision: int
    previous_id: str | None = None
    root_id: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    trouble: str = ""

    @property
    def blocks(self) -> list[Json]:
        """The blocks, each with its ids."""
        found: list[Json] = self.body["blocks"]
        return found


class Views:
    """The open modals (a stack for each person) and the Home tabs; callers hold the world's lock."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._count = 0
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}

    def open(self, user: str, body: Json) -> View:
        """Open a modal; one that was open is gone."""
        self.stacks[user] = []
        return self.push(user, body)

    def push(self, user: str, body: Json) -> View:
        """Put a modal on top of the person's stack."""
        stack = self.stacks.setdefault(user, [])
        view = self._new(user, body)
        view.previous_id = stack[-1].id if stack else None
        view.root_id = stack[0].id if stack else view.id
        stack.append(view)
        return view

    def publish(self, user: str, body: Json) -> View:
        """Set a person's Home tab; it keeps its id."""
        old = self.homes.get(user)
        if old:
            self.replace(old, body)
            return old
        self.homes[user] = self._new(user, body)
        return self.homes[user]

    def replace(self, view: View, body: Json) -> None:
        """Give a view new content; inputs that keep their ids keep their values."""
        view.revision = self._next()
        view.body = self._accepted(body)
        view.hash = f"{view.revision}.sandbox"
        view.values = kept_values(view.blocks, view.values)
        view.errors, view.trouble = {}, ""

    def close(self, user: str, view: View) -> None:
        """Close one modal, showing the one below it."""
        self._next()
        self.stacks[user] = [other for other in self.stacks.get(user, []) if other is not view]

    def clear(self, user: str) -> list[View]:
        """Close all modals of a person and give them, top first."""
        self._next()
        return list(reversed(self.stacks.pop(user, [])))

    def top(self, user: str) -> View | None:
        """The modal that a person looks at."""
        stack = self.stacks.get(user)
        return stack[-1] if stack else None

    def find(self, view_id: str = "", external_id: str = "") -> View | None:
        """Find an open modal or a Home by one of its ids."""
        everything = [view for stack in self.stacks.values() for view in stack] + list(self.homes.values())
        for view in everything:
            if view_id == view.id or (external_id and external_id == view.body.get("external_id")):
                return view
        return None

    def _new(self, user: str, body: Json) -> View:
        number = self._next()
        body = self._accepted(body)
        view = View(f"V0SANDBOX{number}", user, body, f"{number}.sandbox", {}, number)
        view.root_id = view.id
        view.values = blank_values(view.blocks)
        return view

    def _accepted(self, body: Json) -> Json:
        body = copy.deepcopy(body)
        body["blocks"] = with_ids(body["blocks"], self._count)
        return body

    def _next(self) -> int:
        self._count += 1
        return self._count

    def as_json(self, view: View) -> Json:
        """Give a view as the drivers and the page read it."""
        errors = {label_of(view, block_id): text for block_id, text in view.errors.items()}
        return {
            "view_id": view.id,
            "title": text_of(view.body.get("title")),
            "submit": text_of(view.body.get("submit")),
            "close": text_of(view.body.get("close")),
            "blocks": view.blocks,
            "values": view.values,
            "errors": errors,
            "block_errors": view.errors,
            "trouble": view.trouble,
            "plain": self.plain(view),
            "revision": view.revision,
        }

    def plain(self, view: View) -> str:
        """Give a view as the text that a person reads."""
        title, submit = text_of(view.body.get("title")), text_of(view.body.get("submit"))
        parts = [f"【{title}】" if title else "", plain_blocks(view.blocks, self._people)]
        parts += [f"！ {label_of(view, block_id)}: {text}" for block_id, text in view.errors.items()]
        parts += [view.trouble, f"[{submit}]" if submit else ""]
        return "\n".join(part for part in parts if part)


def label_of(view: View, block_id: str) -> str:
    """The label of an input block, or its id when it has none."""
    for block in view.blocks:
        if block["block_id"] == block_id:
            return text_of(block.get("label")) or block_id
    return block_id


def input_blocks(view: View) -> dict[str, Json]:
    """The input blocks of a view by their id."""
    return {block["block_id"]: block for block, _element in elements(view.blocks) if block["type"] == "input"}


def view_object(view: View) -> Json:
    """Build a view as Slack sends it. Source: spec 5.1."""
    body = view.body
    return {
        "id": view.id,
        "team_id": TEAM,
        "type": body["type"],
        "blocks": view.blocks,
        "private_metadata": body.get("private_metadata", ""),
        "callback_id": body.get("callback_id", ""),
        "state": {"values": view.values},
        "hash": view.hash,
        "title": body.get("title"),
        "clear_on_close": bool(body.get("clear_on_close")),
        "notify_on_close": bool(body.get("notify_on_close")),
        "close": body.get("close"),
        "submit": body.get("submit"),
        "previous_view_id": view.previous_id,
        "root_view_id": view.root_id,
        "app_id": APP,
        "external_id": body.get("external_id", ""),
        "app_installed_team_id": TEAM,
        "bot_id": BOT,
    }
