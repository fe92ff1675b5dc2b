"""What the rooms of commands share: the words of a command read against what there is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from bot.answers import Refused
from bot.slack.desk import Answer, Desk, Person
from bot.slack.verbs import BY_NAME
from bot.slack.views import not_understood, usage

Words = Sequence[str]
MOST_OFFERS = 5


class Room:
    """Some commands that belong together. Each takes the person and the words after the verb."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._actions = desk.actions

    def _usage(self, person: Person, name: str) -> Answer:
        return Answer(usage(BY_NAME[name], self._desk.voice(person)))

    def _offered(self, person: Person, word: str, before: str = "", after: Iterable[str] = ()) -> Answer:
        """Say that there is no such code, with the nearest as buttons that say the whole again."""
        rest = " ".join(after)
        near = self._actions.nearest_codes(word)[:MOST_OFFERS]
        offers = [" ".join(part for part in (before, code, rest) if part) for code in near]
        return Answer(not_understood(word, offers, self._desk.voice(person)))

    def _is_code(self, word: str) -> bool:
        found = self._actions.resolve_target(word)
        return found == word and word not in self._actions.shops() and found != "all"

    def _target(self, word: str) -> str:
        target = self._actions.resolve_target(word)
        if target is None:
            raise Refused("unknown_target", text=word, shops=", ".join(self._actions.shops()))
        return target

    def _shop(self, word: str, *, all_too: bool = False, repeat: bool = True) -> str:
        target, shops = self._actions.resolve_target(word), self._actions.shops()
        if target in shops or (all_too and target == "all"):
            return str(target)
        if repeat:
            raise Refused("unknown_shop", text=word, shops=", ".join(shops))
        raise Refused("unknown_shop_unnamed", shops=", ".join(shops))

    def _no_more(self, words: Words) -> None:
        if words:
            raise Refused("too_many_words", text=" ".join(words))


def flags(words: Words, known: Collection[str]) -> tuple[set[str], list[str]]:
    """Part the flags of a command from its other words.

    A keyboard may make one long dash of two, so one is as good.

    Raises:
        Refused: a flag that the command does not have.
    """
    found, rest = set[str](), list[str]()
    for word in words:
        name = word.lstrip("-").lower()
        if not word.startswith("-") or not name:
            rest.append(word)
        elif name in known:
            found.add(name)
        else:
            raise Refused("too_many_words", text=word)
    return found, rest
