"""The commands that change how a shop is written to: pauses, switches, credentials."""

from __future__ import annotations

from datetime import datetime

from bot.answers import Changed, Refused
from bot.slack.desk import Answer, Person
from bot.slack.parse import pause_words
from bot.slack.room import Room, Words
from bot.slack.verbs import BY_NAME, Verb
from bot.slack.views import already_message, changed_message, paused_message


class Changing(Room):
    """``pause``, ``resume``, ``on``, ``off``, ``renew``."""

    def pause(self, person: Person, words: Words) -> Answer:
        """Stop writing to a shop, of a code, or everything."""
        if not words:
            return self._usage(person, "pause")
        target = self._target(words[0])
        self._desk.allow(person, BY_NAME["pause"], target)
        typed = pause_words(words[1:], self._actions.now())
        return self.pause_target(person, target, typed.until, typed.reason)

    def pause_target(self, person: Person, target: str, until: datetime | None, reason: str) -> Answer:
        """Begin a pause: what the command and the form do."""
        verb = BY_NAME["pause"]
        self._desk.allow(person, verb, target)
        arguments = {"target": target, "until": until.isoformat() if until else "", "reason": reason}
        changed = self._desk.change(
            person, verb, arguments, lambda: self._actions.pause(target, until, reason, person.user)
        )
        return self._done(person, verb, changed)

    def resume(self, person: Person, words: Words) -> Answer:
        """End a pause."""
        if not words:
            return self._usage(person, "resume")
        self._no_more(words[1:])
        return self.resume_target(person, self._target(words[0]))

    def resume_target(self, person: Person, target: str) -> Answer:
        """End a pause: what the command and the button do."""
        verb = BY_NAME["resume"]
        self._desk.allow(person, verb, target)
        changed = self._desk.change(
            person, verb, {"target": target}, lambda: self._actions.resume(target, person.user)
        )
        return self._done(person, verb, changed)

    def switch_on(self, person: Person, words: Words) -> Answer:
        """Switch sync on."""
        return self._switch(person, BY_NAME["on"], words)

    def switch_off(self, person: Person, words: Words) -> Answer:
        """Switch sync off."""
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
        voice = self._desk.voice()  # the channel's, not the person's: all of it hears
        if verb.name == "pause":
            stops = self._actions.pausing.stops(changed.targets[0])
            message = paused_message(changed, person.user, voice, stops)
        elif changed.already:
            return Answer(already_message(verb.name, changed, person.user, self._desk.voice(person)))
        else:
            message = changed_message(verb.name, changed, person.user, voice)
        self._desk.tell_ops(message, heard_in=person.channel)
        return Answer(message, public=True)

    def renew(self, person: Person, words: Words) -> Answer | None:
        """Open the form for a new credential."""
        self._desk.allow(person, BY_NAME["renew"])
        if not words:
            return self._usage(person, "renew")
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
