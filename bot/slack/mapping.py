"""The commands about the mapping: where a code stands, and proposals for a change."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from adapters.errors import TanabanError
from bot.answers import Refused
from bot.mapping.propose import Wanted
from bot.proposing import Proposed, Proposing
from bot.slack.asked_views import mapped_message
from bot.slack.blocks import escape, plain
from bot.slack.desk import Answer, Person
from bot.slack.room import Room, Words
from bot.slack.verbs import BY_NAME
from bot.slack.views import sentence

_COPY, _SET = ("copy", "複製", "コピー"), ("set", "変更")
_NONE = ("none", "なし", "取扱なし")


class MappingRoom(Room):
    """``map CODE``, ``map copy``, ``map set``."""

    def map(self, person: Person, words: Words) -> Answer:
        """Show where a code stands in the mapping, or propose a change."""
        self._desk.allow(person, BY_NAME["map"])
        if not words:
            return self._usage(person, "map")
        if words[0].lower() in _COPY:
            return self._copy(person, words[1:])
        if words[0].lower() in _SET:
            return self._set(person, words[1:])
        self._no_more(words[1:])
        try:
            found = self._actions.inquiries.mapped(words[0])
        except Refused:
            return self._offered(person, words[0], "map")
        return Answer(mapped_message(found, self._desk.voice(person)))

    def _copy(self, person: Person, words: Words) -> Answer:
        ends = dict(word.split(":", 1) for word in words if ":" in word)
        if len(words) != 2 or ends.keys() != {"from", "to"}:
            return self._usage(person, "map")
        source, target = self._shop(ends["from"]), self._shop(ends["to"])
        arguments = {"what": "copy", "from": source, "to": target}
        return self._propose(person, arguments, lambda room: room.copy(source, target, person.user))

    def _set(self, person: Person, words: Words) -> Answer:
        if len(words) != 3:
            return self._usage(person, "map")
        code, shop, mall_code = words[0], self._shop(words[1]), words[2]
        if not self._is_code(code):
            return self._offered(person, code, "map set", words[1:])
        unlink = mall_code.lower() in _NONE
        wanted = Wanted(shop=shop, unlink=True) if unlink else Wanted(shop=shop, mall_code=mall_code)
        arguments = {"what": "set", "code": code, "shop": shop, "mall_code": "" if unlink else mall_code}
        return self._propose(person, arguments, lambda room: room.set_(code, wanted, person.user))

    def _propose(
        self, person: Person, arguments: Mapping[str, str], make: Callable[[Proposing], Proposed]
    ) -> Answer:
        """Make a proposal after an answer at once: the branch is read from the remote, and pushed to it."""
        room = self._actions.proposing
        if room is None:
            raise Refused("map_unable")

        def work() -> Answer:
            try:
                made = self._desk.change(person, BY_NAME["map"], arguments, lambda: make(room))
            except TanabanError as error:
                voice = self._desk.voice(person)
                return Answer(sentence("map.failed", voice, detail=escape(str(error))))
            return self._proposed(person, made)

        begun = sentence("map.begun", self._desk.voice(person))
        return Answer(begun, then=lambda: self._desk.guarded(work, person))

    def _proposed(self, person: Person, made: Proposed) -> Answer:
        own, voice = self._desk.voice(person), self._desk.voice()
        if not made.branch:
            return Answer(sentence("map.nothing", own))
        place = made.url or f"`{escape(made.branch)}`"
        if made.already:
            return Answer(sentence("map.again", own, place=place))
        who, title = voice.person(person.user), escape(made.title)
        told = plain([voice("map.request", who=who, title=title, count=made.changes, place=place)])
        self._desk.tell_ops(told, heard_in=person.channel)
        return Answer(told, public=True)
