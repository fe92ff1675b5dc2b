"""What commands, buttons and modals share: who asks, whether they may, what is recorded."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.contract import Clock
from bot.answers import Changed, Refused, RenewalForm
from bot.slack.blocks import Block, Message
from bot.slack.people import People
from bot.slack.ports import Actions
from bot.slack.renewal import renewal_modal
from bot.slack.verbs import Verb
from bot.slack.views import refusal, sentence
from bot.slack.voice import Voice
from bot.store.incidents import Incidents
from bot.store.outbox import Outbox, Priority

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Person:
    """Who asks, and from where; ``channel`` is "" in a modal or on Home."""

    user: str
    team: str
    channel: str = ""
    trigger_id: str = ""


@dataclass(frozen=True)
class Answer:
    """What a person hears; the channel hears it too if ``public``."""

    message: Message
    public: bool = False

    def payload(self) -> dict[str, Any]:
        """Give the body for an acknowledgement or a response_url."""
        return {"response_type": "in_channel" if self.public else "ephemeral", **self.message.body()}


@dataclass(frozen=True)
class Desk:
    """The things that a conversation needs. ``open_view(trigger_id, view)`` is False if too late."""

    actions: Actions
    people: People
    incidents: Incidents
    outbox: Outbox
    clock: Clock
    command: str
    open_view: Callable[[str, Block], bool]
    wake: Callable[[], None]

    def voice(self) -> Voice:
        """Give the voice in the team's language."""
        return Voice(self.actions.language(), self.command)

    def allow(self, person: Person, verb: Verb, target: str | None = None) -> None:
        """Let the person use the verb on the target.

        Raises:
            Refused: not a member, or a role that does not cover it; this is recorded.
        """
        self.people.admit(person.user, person.team)
        mine, needed = self.actions.role_of(person.user), verb.role_needed(target)
        if mine.covers(needed):
            return
        self.actions.audit(person.user, verb.name, {"target": target or ""}, f"refused: needs {needed}")
        voice = self.voice()
        raise Refused("need_role", role=voice(f"role.{needed}"), mine=voice(f"role.{mine}"))

    def change(
        self, person: Person, verb: Verb, arguments: Mapping[str, Any], act: Callable[[], Changed]
    ) -> Changed:
        """Do what changes something, with one line of record before and one after."""
        result = "failed"
        self.actions.audit(person.user, verb.name, arguments, "asked")
        try:
            changed = act()
            result = "already" if changed.already else "done"
        except Refused as refused:
            result = f"refused: {refused.key}"
            raise
        finally:
            self.actions.audit(person.user, verb.name, arguments, result)
        return changed

    def tell_ops(self, message: Message, *, heard_in: str = "") -> None:
        """Queue a line for the ops channel, unless it was heard there already."""
        channel = self.actions.ops_channel()
        if channel and channel != heard_in:
            self.outbox.put(channel, message.body(), Priority.NEWS, self.actions.now())
            self.wake()

    def open_renewal(self, person: Person, form: RenewalForm) -> Answer | None:
        """Open the renewal modal; an answer only where that came too late."""
        if self.open_view(person.trigger_id, renewal_modal(form, self.voice())):
            return None
        return Answer(sentence("modal_late", self.voice()))

    def guarded(self, job: Callable[[], Answer | None]) -> Answer | None:
        """Run a job; a refusal and an unforeseen error become answers."""
        try:
            return job()
        except Refused as refused:
            return Answer(refusal(refused, self.voice()))
        except Exception:  # noqa: BLE001 - the entry point from Slack: the person must hear something
            log.exception("a request from Slack failed")
            return Answer(sentence("broken", self.voice()))
