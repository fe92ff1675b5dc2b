"""Buttons: the state is read anew and the person's role checked anew at every click.

An answer is a list of bodies for the click's response_url, often empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.answers import Refused
from bot.slack.blocks import Message, context
from bot.slack.commands import Commands
from bot.slack.desk import Answer, Desk, Person
from bot.slack.lookup_view import lookup_message
from bot.slack.verbs import BY_NAME, LOOKUP

Bodies = list[dict[str, Any]]

DELETE: dict[str, Any] = {"delete_original": True}


@dataclass(frozen=True)
class Click:
    """One press of a button. ``value`` is what the button carried; not trusted."""

    action_id: str
    value: Mapping[str, Any]
    text: str = ""  # the message it stands in
    blocks: Sequence[Mapping[str, Any]] = ()


def beside(answer: Answer) -> dict[str, Any]:
    """Give the body that answers without touching the message with the button."""
    return {**answer.payload(), "replace_original": False}


class Clicks:
    """Answers the buttons of our messages."""

    def __init__(self, desk: Desk, commands: Commands) -> None:
        self._desk = desk
        self._actions = desk.actions
        self._commands = commands
        self._buttons: dict[str, Callable[[Person, Click], Bodies]] = {
            "do:resume": self._resume,
            "show:lookup": self._share,
            "show:history": self._history,
            "show:chart": self._chart,
            "why:shop": self._why,
            "renew:open": self._renew,
            "say:again": self._say,
        }

    def learn(self, buttons: Mapping[str, Callable[[Person, Click], Bodies]]) -> None:
        """Answer more buttons: their handlers by action."""
        self._buttons |= buttons

    def run(self, person: Person, click: Click) -> Bodies:
        """Answer one click; raises ``Refused`` where the answer is no."""
        name = ":".join(click.action_id.split(":")[:2])
        act = self._buttons.get(name)
        return act(person, click) if act else []

    def _resume(self, person: Person, click: Click) -> Bodies:
        target = str(click.value["target"])
        self._desk.allow(person, BY_NAME["resume"], target)
        self._same_pause(target, str(click.value.get("until", "")))
        answer = self._commands.resume(person, target)
        if not answer.public:  # somebody was faster: the message tells by whom already
            return [beside(answer)]
        return [{"replace_original": True, **_without_buttons(click, answer.message).body()}]

    def _same_pause(self, target: str, until: str) -> None:
        """Refuse to end another pause than the one whose button was pressed."""
        views = {pause for shop in self._actions.status().shops for pause in shop.pauses}
        running = [view for view in views if view.target == target]
        if running and until not in {view.until.isoformat() if view.until else "" for view in running}:
            raise Refused("changed_meanwhile")

    def _share(self, person: Person, click: Click) -> Bodies:
        self._desk.allow(person, LOOKUP)
        found = self._actions.lookup(str(click.value["code"]))
        if found is None:
            raise Refused("changed_meanwhile")
        now, voice = self._actions.now(), self._desk.voice()
        shown = lookup_message(found, now, voice, shared_by=person.user)
        return [beside(Answer(shown, public=True)), DELETE]

    def _history(self, person: Person, click: Click) -> Bodies:
        return [beside(self._commands.reading.history(person, str(click.value["code"])))]

    def _chart(self, person: Person, click: Click) -> Bodies:
        return [beside(self._commands.reading.chart(person, str(click.value["code"])))]

    def _why(self, person: Person, click: Click) -> Bodies:
        code = click.action_id.split(":", 2)[2]  # a menu's own value is too short for it
        return [beside(self._commands.reading.why(person, (code, str(click.value["shop"]))))]

    def _say(self, person: Person, click: Click) -> Bodies:
        answer = self._commands.run(person, str(click.value["say"]))
        if answer is None:
            return [DELETE]
        if answer.public:
            return [beside(answer), DELETE]
        return [{**answer.payload(), "replace_original": True}]

    def _renew(self, person: Person, click: Click) -> Bodies:
        self._desk.allow(person, BY_NAME["renew"])
        shop, kind = str(click.value["shop"]), str(click.value.get("kind", "")) or None
        answer = self._desk.open_renewal(person, self._actions.renewal_form(shop, kind))
        return [beside(answer)] if answer else []


def _without_buttons(click: Click, done: Message) -> Message:
    """Give the message that was clicked, its buttons replaced by what came of it."""
    kept = [dict(block) for block in click.blocks if block.get("type") != "actions"]
    for block in kept:
        block.pop("block_id", None)  # an id must be new at each update of a message
    return Message(f"{click.text}\n{done.text}".strip(), (*kept, context(done.text)))
