"""The slash command: from the typed text to one answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.answers import Changed, Refused
from bot.slack.desk import Answer, Desk, Person
from bot.slack.parse import nearest_verb, parse, pause_words
from bot.slack.verbs import BY_NAME, BY_WORD, LOOKUP, Verb
from bot.slack.views import (
    already_message,
    changed_message,
    help_message,
    lookup_message,
    not_understood,
    paused_message,
    status_message,
    usage,
)

Words = Sequence[str]


class Commands:
    """Answers what people type. ``run`` gives the answer, or None where a modal was opened."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._actions = desk.actions
        self._verbs = {
            "lookup": self._lookup,
            "status": self._status,
            "pause": self._pause,
            "resume": self._resume,
            "on": self._switch_on,
            "off": self._switch_off,
            "renew": self._renew,
            "help": self._help,
        }

    def run(self, person: Person, text: str) -> Answer | None:
        """Answer one command; raises ``Refused`` where the answer is no."""
        self._desk.people.admit(person.user, person.team)
        typed = parse(text, lambda word: self._actions.resolve_target(word) is not None)
        return self._verbs[(typed.verb or LOOKUP).name](person, typed.words)

    # --- reading

    def _lookup(self, person: Person, words: Words) -> Answer:
        self._desk.allow(person, LOOKUP)
        found = self._actions.lookup(words[0])
        if found is None:
            return self._unknown(person, words)
        if len(words) > 2:
            raise Refused("too_many_words", text=" ".join(words[2:]))
        if len(words) == 2:
            shop = self._shop(words[1])
            levels = tuple(level for level in found.shops if level.shop == shop)
            if not levels:
                raise Refused("not_listed", code=found.code, shop=shop)
            found = replace(found, shops=levels)
        return Answer(lookup_message(found, self._actions.now(), self._desk.voice()))

    def _unknown(self, person: Person, words: Words) -> Answer:
        """Answer a first word that is neither a verb nor a code: a shop's state, or suggestions."""
        if len(words) == 1 and self._actions.resolve_target(words[0]) in self._actions.shops():
            return self._status(person, words)
        verb = nearest_verb(words[0])
        offers = [" ".join([verb.name, *words[1:]])] if verb else []
        offers += self._actions.nearest_codes(words[0])
        return Answer(not_understood(words[0], offers[:5], self._desk.voice()))

    def _status(self, person: Person, words: Words) -> Answer:
        self._desk.allow(person, BY_NAME["status"])
        shop = self._shop(words[0]) if words else ""
        status, now = self._actions.status(), self._actions.now()
        return Answer(status_message(status, now, self._desk.voice(), shop))

    def _help(self, person: Person, words: Words) -> Answer:
        role = self._actions.role_of(person.user)
        only = BY_WORD.get(words[0].lower()) if words else None
        return Answer(help_message(role, self._desk.voice(), only))

    # --- changing

    def _pause(self, person: Person, words: Words) -> Answer:
        verb = BY_NAME["pause"]
        if not words:
            return self._usage(verb)
        target = self._target(words[0])
        self._desk.allow(person, verb, target)
        typed = pause_words(words[1:], self._actions.now())
        arguments = {
            "target": target,
            "until": typed.until.isoformat() if typed.until else "",
            "reason": typed.reason,
        }
        changed = self._desk.change(
            person,
            verb,
            arguments,
            lambda: self._actions.pause(target, typed.until, typed.reason, person.user),
        )
        return self._done(person, verb, changed)

    def _resume(self, person: Person, words: Words) -> Answer:
        if not words:
            return self._usage(BY_NAME["resume"])
        self._no_more(words[1:])
        return self.resume(person, self._target(words[0]))

    def resume(self, person: Person, target: str) -> Answer:
        """End a pause: what the command and the button do."""
        verb = BY_NAME["resume"]
        self._desk.allow(person, verb, target)
        changed = self._desk.change(
            person, verb, {"target": target}, lambda: self._actions.resume(target, person.user)
        )
        return self._done(person, verb, changed)

    def _switch_on(self, person: Person, words: Words) -> Answer:
        return self._switch(person, BY_NAME["on"], words)

    def _switch_off(self, person: Person, words: Words) -> Answer:
        return self._switch(person, BY_NAME["off"], words)

    def _switch(self, person: Person, verb: Verb, words: Words) -> Answer:
        self._desk.allow(person, verb)
        self._no_more(words[1:])
        named = self._shop(words[0], all_too=True) if words else "all"
        shop = None if named == "all" else named
        changed = self._desk.change(
            person, verb, {"shop": named}, lambda: self._actions.switch(verb.name == "on", shop, person.user)
        )
        return self._done(person, verb, changed)

    def _done(self, person: Person, verb: Verb, changed: Changed) -> Answer:
        voice = self._desk.voice()
        if verb.name == "pause":
            message = paused_message(changed, person.user, voice)
        elif changed.already:
            return Answer(already_message(verb.name, changed, person.user, voice))
        else:
            message = changed_message(verb.name, changed, person.user, voice)
        self._desk.tell_ops(message, heard_in=person.channel)
        return Answer(message, public=True)

    def _renew(self, person: Person, words: Words) -> Answer | None:
        verb = BY_NAME["renew"]
        self._desk.allow(person, verb)
        if not words:
            return self._usage(verb)
        if len(words) > 2:  # what follows the kind can only be a value
            raise Refused("looks_secret")
        shop = self._shop(words[0], repeat=False)
        kind = self._kind(shop, words[1]) if len(words) == 2 else None
        return self._desk.open_renewal(person, self._actions.renewal_form(shop, kind))

    def _kind(self, shop: str, word: str) -> str:
        """Give the credential kind that ``word`` names; an unknown word is not repeated."""
        status = next(s for s in self._actions.status().shops if s.shop == shop)
        for credential in status.credentials:
            if word.lower() in (credential.kind, credential.label_ja.lower(), credential.label_en.lower()):
                return credential.kind
        raise Refused("renew_no_such_kind", shop=shop, kinds=", ".join(c.kind for c in status.credentials))

    # --- words

    def _usage(self, verb: Verb) -> Answer:
        return Answer(usage(verb, self._desk.voice()))

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
