"""The commands that ask and change nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.answers import CodeRow, Refused
from bot.slack.asked_views import (
    AUDIT_HEAD,
    audit_message,
    audit_rows,
    chart_message,
    history_message,
    list_head,
    list_message,
    list_rows,
    list_title,
    ready_message,
    why_message,
)
from bot.slack.blocks import Message, message, section
from bot.slack.desk import Answer, Person
from bot.slack.files import csv_text
from bot.slack.lookup_view import lookup_message
from bot.slack.parse import nearest_verb, verb_of
from bot.slack.room import MOST_OFFERS, Room, Words, flags
from bot.slack.tables import fits
from bot.slack.verbs import BY_NAME, BY_WORD, LOOKUP
from bot.slack.views import help_message, not_understood, sentence, status_message

HISTORY_LINES = 50
AUDIT_DAYS, MOST_DAYS = 7, 366


class Reading(Room):
    """A bare code, ``list``, ``status``, ``why``, ``ready``, ``audit``, ``help``."""

    # --- one code

    def lookup(self, person: Person, words: Words) -> Answer:
        """Show what there is of a code, here and on every shop."""
        self._desk.allow(person, LOOKUP)
        found = self._actions.lookup(words[0])
        if found is None:
            return self._unknown(person, words)
        if len(words) > 2:
            raise Refused("too_many_words", text=" ".join(words[2:]))
        if len(words) == 2:
            shop = self._shop(words[1])
            levels = tuple(level for level in found.shops if level.shop == shop)
            absent = tuple(other for other in found.not_listed if other.shop == shop)
            if not levels and not absent:
                raise Refused("not_listed", code=found.code, shop=shop)
            found = replace(found, shops=levels, not_listed=absent)
        return Answer(lookup_message(found, self._actions.now(), self._desk.voice(person)))

    def _unknown(self, person: Person, words: Words) -> Answer:
        """Answer a first word that is neither a verb nor a code: a shop's state, or suggestions."""
        is_shop = self._actions.resolve_target(words[0]) in self._actions.shops()
        if is_shop and len(words) == 1:
            return self.status(person, words)
        verb = nearest_verb(words[0])
        offers = [" ".join([verb.name, *words[1:]])] if verb else []
        offers += self._turned_round(words) or self._actions.nearest_codes(words[0])
        text = " ".join(words) if is_shop else words[0]
        return Answer(not_understood(text, offers[:MOST_OFFERS], self._desk.voice(person)))

    def _turned_round(self, words: Words) -> list[str]:
        """Give what the words may mean in another order: a shop or code first, or a word too many before."""
        first, *rest = words
        if rest and (verb := verb_of(rest[0])):
            return [" ".join([verb.name, first, *rest[1:]])]
        return [" ".join(rest)] if rest and self._is_code(rest[0]) else []

    def history(self, person: Person, code: str) -> Answer:
        """Show what moved a code and what was written of it."""
        self._desk.allow(person, LOOKUP)
        found = self._actions.stockroom.history(code, HISTORY_LINES)
        return Answer(history_message(code, found, self._desk.voice(person)))

    def chart(self, person: Person, code: str) -> Answer:
        """Draw the stock and the sales of a code."""
        self._desk.allow(person, LOOKUP)
        days = self._actions.inquiries.course(code)
        return Answer(chart_message(code, days, self._actions.now(), self._desk.voice(person)))

    def why(self, person: Person, words: Words) -> Answer:
        """Say why a shop does not show what it should of a code."""
        self._desk.allow(person, BY_NAME["why"])
        if len(words) < 2:
            return self._usage(person, "why")
        self._no_more(words[2:])
        if not self._is_code(words[0]):
            return self._offered(person, words[0], "why", words[1:])
        found = self._actions.inquiries.why(words[0], self._shop(words[1]))
        return Answer(why_message(found, self._desk.voice(person)))

    # --- many

    def codes(self, person: Person, words: Words) -> Answer:
        """List codes with what may be sold and the worst state."""
        self._desk.allow(person, BY_NAME["list"])
        wanted, rest = flags(words, ("csv",))
        self._no_more(rest[1:])
        part = rest[0] if rest else ""
        rows, voice = self._actions.inquiries.codes(part), self._desk.voice(person)
        if not rows:
            key = "list.none" if part else "list.empty"
            return self._offered(person, part) if part else Answer(sentence(key, voice))
        cells = list(list_rows(rows, voice))
        whole = "csv" not in wanted and fits(cells)
        shown = list_message(rows, part, self._actions.now(), voice, whole=whole)
        if whole:
            return Answer(shown)
        return self._with_file(person, shown, "codes.csv", lambda: self._list_csv(person, rows, part))

    def _list_csv(self, person: Person, rows: Sequence[CodeRow], part: str) -> tuple[str, str, int]:
        voice = self._desk.voice(person)
        return list_title(rows, part, voice), csv_text(list_head(voice), list_rows(rows, voice)), len(rows)

    def _with_file(
        self, person: Person, shown: Message, name: str, make: Callable[[], tuple[str, str, int]]
    ) -> Answer:
        """Send a file (title, content, rows) to the person, and show what fits into a message."""
        voice = self._desk.voice(person)
        title, content, count = make()
        sent = self._desk.files.send(person.user, name, content, voice("file.here", title=title))
        told = voice("file.sent", count=f"{count:,}") if sent else voice("file.not_sent")
        return Answer(message([shown.text, told], [*shown.blocks, section(told)]))

    def audit(self, person: Person, words: Words) -> Answer:
        """Show who did what."""
        self._desk.allow(person, BY_NAME["audit"])
        self._no_more(words[1:])
        days = _days(words[0]) if words else AUDIT_DAYS
        lines = self._actions.inquiries.audit(days)
        shown = audit_message(lines, days, self._desk.voice(person))
        if not lines:
            return Answer(shown)
        title, content = f"audit {days}", csv_text(AUDIT_HEAD, audit_rows(lines))
        return self._with_file(person, shown, "audit.csv", lambda: (title, content, len(lines)))

    # --- shops

    def status(self, person: Person, words: Words) -> Answer:
        """Show the state of the shops."""
        self._desk.allow(person, BY_NAME["status"])
        shop = self._shop(words[0]) if words else ""
        status, now = self._actions.status(), self._actions.now()
        return Answer(status_message(status, now, self._desk.voice(person), shop))

    def ready(self, person: Person, words: Words) -> Answer:
        """Show what each shop still lacks."""
        self._desk.allow(person, BY_NAME["ready"])
        self._no_more(words[1:])
        wanted = self._shop(words[0]) if words else ""
        shops = [shop for shop in self._actions.readiness.shops() if wanted in ("", shop.shop)]
        return Answer(ready_message(shops, self._desk.voice(person)))

    def help(self, person: Person, words: Words) -> Answer:
        """Show how the verbs are typed."""
        only = BY_WORD.get(words[0].lower()) if words else None
        return Answer(help_message(self._desk.role(person), self._desk.voice(person), only))


def _days(word: str) -> int:
    if not (word.isascii() and word.isdigit() and 1 <= int(word) <= MOST_DAYS):
        raise Refused("audit_days")
    return int(word)
