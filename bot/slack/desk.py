"""What commands, buttons and modals share: who asks, whether they may, what is recorded."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from adapters.contract import Clock
from bot.answers import Refused, RenewalForm, Role
from bot.slack.blocks import Block, Message
from bot.slack.files import Files
from bot.slack.groups import Groups
from bot.slack.people import People
from bot.slack.ports import Actions
from bot.slack.renewal import renewal_modal
from bot.slack.tables import forms
from bot.slack.verbs import Verb
from bot.slack.views import refusal, sentence
from bot.slack.voice import Voice
from bot.store.incidents import Incidents
from bot.store.outbox import Outbox, Priority

log = logging.getLogger(__name__)

Result = TypeVar("Result")


@dataclass(frozen=True)
class Person:
    """Who asks, and from where; ``channel`` is "" in a modal or on Home."""

    user: str
    team: str
    channel: str = ""
    trigger_id: str = ""


@dataclass(frozen=True)
class Answer:
    """What a person hears; the channel hears it too if ``public``.

    Args:
        then: work that begins when this was said, and whose answer is heard after it.
    """

    message: Message
    public: bool = False
    then: Callable[[], Answer | None] | None = None

    def payload(self) -> dict[str, Any]:
        """Give the body for an acknowledgement or a response_url."""
        return {"response_type": "in_channel" if self.public else "ephemeral", **self.message.body()}

    def payloads(self) -> list[dict[str, Any]]:
        """Give the body and its simpler forms, for where Slack refuses the first."""
        return forms(self.payload())


@dataclass(frozen=True)
class Desk:
    """The things that a conversation needs. ``open_view(trigger_id, view)`` is False if too late."""

    actions: Actions
    people: People
    groups: Groups
    files: Files
    incidents: Incidents
    outbox: Outbox
    clock: Clock
    command: str
    open_view: Callable[[str, Block], bool]
    wake: Callable[[], None]
    retry: Callable[[str], bool] = lambda _shop: False  # has a shop take its turn now; False: not now

    def voice(self, person: Person | None = None) -> Voice:
        """Give the voice in the person's own language where Slack knows it, else in the team's."""
        own = self.people.language_of(person.user) if person else ""
        return Voice(own or self.actions.language(), self.command)

    def role(self, person: Person) -> Role:
        """Give the person's role: by name, else by the user groups they are in."""
        return self.actions.role_of(person.user, self.groups.of(person.user, self.actions.groups()))

    def allow(self, person: Person, verb: Verb, target: str | None = None) -> None:
        """Let the person use the verb on the target.

        Raises:
            Refused: not a member, or a role that does not cover it; this is recorded.
        """
        self.people.admit(person.user, person.team)
        mine, needed = self.role(person), verb.role_needed(target)
        if mine.covers(needed):
            return
        self.actions.audit(person.user, verb.name, {"target": target or ""}, f"refused: needs {needed}")
        voice = self.voice(person)
        raise Refused("need_role", role=voice(f"role.{needed}"), mine=voice(f"role.{mine}"))

    def change(
        self, person: Person, verb: Verb, arguments: Mapping[str, Any], act: Callable[[], Result]
    ) -> Result:
        """Do what changes something, with one line of record before and one after."""
        result = "failed"
        self.actions.audit(person.user, verb.name, arguments, "asked")
        try:
            changed = act()
            result = "already" if getattr(changed, "already", False) else "done"
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
        if self.open_view(person.trigger_id, renewal_modal(form, self.voice(person))):
            return None
        return Answer(sentence("modal_late", self.voice(person)))

    def guarded(self, job: Callable[[], Answer | None], person: Person | None = None) -> Answer | None:
        """Run a job; a refusal and an unforeseen error become answers to the person."""
        try:
            return job()
        except Refused as refused:
            return Answer(refusal(refused, self.voice(person)))
        except Exception:  # noqa: BLE001 - the entry point from Slack: the person must hear something
            log.exception("a request from Slack failed")
            return Answer(sentence("broken", self.voice(person)))
