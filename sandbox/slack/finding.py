"""Finds the button or menu that a person means: by label or id, where that person can see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.slack.inputs import elements, is_stateful, options
from sandbox.slack.render import text_of
from sandbox.slack.room import Message
from sandbox.slack.state import State
from sandbox.slack.views import View

Json = dict[str, Any]


@dataclass
class Wanted:
    """What a person points at: any of these, the given ones together."""

    label: str = ""
    action_id: str = ""
    block_id: str = ""
    message_ts: str = ""
    view_id: str = ""
    home: bool = False
    stale: bool = False


@dataclass
class Target:
    """What was found, and in what: a message or a view."""

    block: Json
    element: Json
    option: Json | None = None
    message: Message | None = None
    view: View | None = None


def find_target(state: State, user: str, wanted: Wanted, takes: Callable[[Json], bool]) -> Target:
    """Find the element: in the open modal, else in messages (newest first), else on the Home tab.

    Args:
        takes: tells which elements are of the right kind.
    Raises:
        ValueError: there is none; says what there is.
    """
    candidates = [target for target in _places(state, user, wanted) if takes(target.element)]
    for is_match in (_matches_exactly, _matches_partly):
        for target in candidates:
            if is_match(target, wanted):
                return target
    seen = ", ".join(dict.fromkeys(_label(target) for target in candidates)) or "nothing"
    raise ValueError(f"{wanted.label or wanted.action_id!r} is not there; there is: {seen}")


def _places(state: State, user: str, wanted: Wanted) -> Iterator[Target]:
    anywhere = not (wanted.message_ts or wanted.view_id or wanted.home)
    modal = state.views.top(user)
    if modal and (anywhere or wanted.view_id == modal.id):
        yield from _in_view(modal)
    if anywhere or wanted.message_ts:
        for message in reversed(state.room.visible(user)):
            if wanted.message_ts in ("", message.ts):
                yield from _in_message(message, stale=wanted.stale)
    home = state.views.homes.get(user)
    if home and (anywhere or wanted.home or wanted.view_id == home.id):
        yield from _in_view(home)


def _in_view(view: View) -> Iterator[Target]:
    for block, element in elements(view.blocks):
        for option in _choices(element):
            yield Target(block, element, option, view=view)


def _in_message(message: Message, *, stale: bool) -> Iterator[Target]:
    versions = [message.all_blocks()]
    if stale:
        versions += [blocks for _text, blocks in reversed(message.history)]
    for blocks in versions:
        for block, element in elements(blocks):
            for option in _choices(element):
                yield Target(block, element, option, message=message)


def _choices(element: Json) -> list[Json | None]:
    return list(options(element)) if element["type"] == "overflow" else [None]


def _label(target: Target) -> str:
    if target.option:
        return text_of(target.option["text"])
    if target.element["type"] == "button":
        return text_of(target.element["text"])
    return text_of(target.block.get("label")) or text_of(target.element.get("placeholder"))


def _matches_exactly(target: Target, wanted: Wanted) -> bool:
    return (
        wanted.label in ("", _label(target))
        and wanted.action_id in ("", target.element["action_id"])
        and wanted.block_id in ("", target.block["block_id"])
        and bool(wanted.label or wanted.action_id)
    )


def _matches_partly(target: Target, wanted: Wanted) -> bool:
    return bool(wanted.label) and not wanted.action_id and wanted.label in _label(target)


def find_field(blocks: list[Json], key: str) -> Target:
    """Find a field by its label, block_id or action_id; ValueError if there is none."""
    fields = [(block, element) for block, element in elements(blocks) if is_stateful(element)]
    for block, element in fields:
        names = (text_of(block.get("label")), block["block_id"], element["action_id"])
        if key in names:
            return Target(block, element)
    for block, element in fields:
        if key in text_of(block.get("label")):
            return Target(block, element)
    known = ", ".join(text_of(block.get("label")) or element["action_id"] for block, element in fields)
    raise ValueError(f"no field {key!r}; there are: {known}")
