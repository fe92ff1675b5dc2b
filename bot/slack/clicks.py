"""Buttons: the state is read anew and the person's role checked anew at every click.

An answer is a list of bodies for the click's response_url, often empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.answers import Refused, Role
from bot.slack.blocks import Message, context
from bot.slack.commands import Commands
from bot.slack.desk import Answer, Desk, Person
from bot.slack.verbs import BY_NAME, LOOKUP, Verb
from bot.slack.views import lookup_message, sentence
from bot.store.incidents import Incident

Bodies = list[dict[str, Any]]

SNOOZE = timedelta(hours=1)
ALERT = Verb("alert", Role.OPERATOR)  # pressing an alert's buttons; nothing that is typed
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
        self._buttons = {
            "do:resume": self._resume,
            "show:lookup": self._share,
            "alert:ack": self._acknowledge,
            "alert:snooze": self._snooze,
            "renew:open": self._renew,
            "say:again": self._say,
        }

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

    # --- alerts

    def _acknowledge(self, person: Person, click: Click) -> Bodies:
        incident = self._incident(person, click)
        if self._desk.incidents.acknowledge(incident.incident_id, person.user, self._actions.now()):
            return self._recorded(person, "ack", incident)
        incident = self._incident(person, click)
        voice = self._desk.voice()
        by, at = voice.person(incident.acked_by), voice.at(incident.acked_at)
        return [beside(Answer(sentence("alert.ack_already", voice, who=by, at=at)))]

    def _snooze(self, person: Person, click: Click) -> Bodies:
        incident = self._incident(person, click)
        until = self._actions.now() + SNOOZE
        if incident.snoozed_until is None and self._desk.incidents.snooze(
            incident.incident_id, until, person.user
        ):
            return self._recorded(person, "snooze", incident)
        incident = self._incident(person, click)
        voice = self._desk.voice()
        by, at = voice.person(incident.snoozed_by), voice.at(incident.snoozed_until)
        return [beside(Answer(sentence("alert.snooze_already", voice, who=by, until=at)))]

    def _incident(self, person: Person, click: Click) -> Incident:
        self._desk.allow(person, ALERT)
        incident = self._desk.incidents.get(int(click.value["incident"]))
        if incident is None or incident.closed_at is not None:
            raise Refused("alert.over")
        return incident

    def _recorded(self, person: Person, what: str, incident: Incident) -> Bodies:
        """Record it; the root itself shows it, edited by the sender."""
        arguments = {"incident": incident.incident_id, "shop": incident.shop, "cause": incident.cause}
        self._actions.audit(person.user, what, arguments, "done")
        self._desk.wake()
        return []


def _without_buttons(click: Click, done: Message) -> Message:
    """Give the message that was clicked, its buttons replaced by what came of it."""
    kept = [dict(block) for block in click.blocks if block.get("type") != "actions"]
    for block in kept:
        block.pop("block_id", None)  # an id must be new at each update of a message
    return Message(f"{click.text}\n{done.text}".strip(), (*kept, context(done.text)))
