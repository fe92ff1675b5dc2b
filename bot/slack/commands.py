"""The slash command: from the typed text to one answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.slack.changing import Changing
from bot.slack.desk import Answer, Desk, Person
from bot.slack.mapping import MappingRoom
from bot.slack.parse import parse
from bot.slack.reading import Reading
from bot.slack.room import Words
from bot.slack.running import Running
from bot.slack.setup import SetupRoom
from bot.slack.verbs import LOOKUP

Command = Callable[[Person, Words], Answer | None]


class Commands:
    """Answers what people type. ``run`` gives the answer, or None where a modal was opened."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.reading = Reading(desk)
        self._changing = Changing(desk)
        self.setup = SetupRoom(desk)
        rooms = self.reading, self._changing, Running(desk), MappingRoom(desk), self.setup
        self._verbs = _verbs(*rooms)

    def run(self, person: Person, text: str) -> Answer | None:
        """Answer one command; raises ``Refused`` where the answer is no."""
        self._desk.people.admit(person.user, person.team)
        typed = parse(text, self._is_known)
        return self._verbs[(typed.verb or LOOKUP).name](person, typed.words)

    def _is_known(self, word: str) -> bool:
        """Tell whether a long word is a code or a shop of ours, and so no credential."""
        actions, bare = self._desk.actions, word.partition(":")[2]  # from:SHOP
        named = actions.resolve_target(word) or (bare and actions.resolve_target(bare))
        return bool(named) or actions.inquiries.is_listed(word)

    def pause(self, person: Person, target: str, until: datetime | None, reason: str) -> Answer:
        """Begin a pause: what the form does."""
        return self._changing.pause_target(person, target, until, reason)

    def resume(self, person: Person, target: str) -> Answer:
        """End a pause: what the button does."""
        return self._changing.resume_target(person, target)


def _verbs(
    reading: Reading, changing: Changing, running: Running, mapping: MappingRoom, setup: SetupRoom
) -> Mapping[str, Command]:
    return {
        "lookup": reading.lookup,
        "list": reading.codes,
        "status": reading.status,
        "why": reading.why,
        "pause": changing.pause,
        "resume": changing.resume,
        "on": changing.switch_on,
        "off": changing.switch_off,
        "sync": running.sync,
        "renew": changing.renew,
        "check": running.check,
        "ready": reading.ready,
        "map": mapping.map,
        "import": running.read_products,
        "orders": running.orders,
        "setup": setup.open,
        "audit": reading.audit,
        "help": reading.help,
    }
