"""The commands that begin long work: it is acknowledged at once, and its end is told afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.answers import Refused, ShopState
from bot.slack.asked_views import checked_lines, forecast_message
from bot.slack.blocks import Message, escape, message, plain, section
from bot.slack.desk import Answer, Person
from bot.slack.reports import Report
from bot.slack.room import Room, Words, flags
from bot.slack.verbs import BY_NAME, Verb
from bot.slack.views import sentence
from bot.slack.voice import Voice

_FULL = ("full", "全件")
_NEVER = ("never_written", ShopState.ARCHIVED.value)
_IMPORT = ("import", "取込", "取り込み")


class Running(Room):
    """``sync``, ``check``, ``import``, ``orders import``."""

    # --- sync

    def sync(self, person: Person, words: Words) -> Answer:
        """Compare every code of a shop, or of all, and write what differs."""
        verb = BY_NAME["sync"]
        wanted, rest = flags(words, ("dry-run",))
        full = bool(rest) and rest[-1].lower() in _FULL
        named = rest[:-1] if full else rest
        self._no_more(named[1:])
        shop = self._shop(named[0], all_too=True) if named else "all"
        self._desk.allow(person, verb)
        shops = [name for name in self._actions.shops() if shop in ("all", name)]
        if "dry-run" in wanted:
            return self._foreseen(person, shops)
        stopped = {name: self._actions.forecast(name).stopped for name in shops}
        written = [name for name in shops if stopped[name] not in _NEVER]
        if not written:
            raise Refused("sync.never_written", shop=", ".join(shops))
        reports = [self._resync(person, verb, name, stopped[name], full=full) for name in written]
        return self._begun(person, reports[0])

    def _foreseen(self, person: Person, shops: list[str]) -> Answer:
        voice = self._desk.voice(person)
        shown, lines = forecast_message([self._actions.forecast(shop) for shop in shops], voice)
        if not lines:
            return Answer(shown)
        content, count = "\n".join(lines) + "\n", f"{len(lines):,}"
        title = voice("file.here", title="sync --dry-run")
        sent = self._desk.files.send(person.user, "plan.txt", content, title)
        told = voice("file.sent", count=count) if sent else voice("file.not_sent")
        return Answer(message([shown.text, told], [*shown.blocks, section(told)]))

    def _resync(self, person: Person, verb: Verb, shop: str, stopped: str, *, full: bool) -> Report:
        made = self._desk.change(
            person,
            verb,
            {"shop": shop, "full": full},
            lambda: self._actions.drifting.resync(shop, person.user, full=full),
        )
        how = "read" if made.reads else "write" if full else "look"
        voice = self._desk.voice()
        names = {"shop": escape(shop), "who": voice.person(person.user)}
        lines = [voice(f"errand.sync_{how}", count=f"{made.codes:,}", **names)]
        if stopped:
            state = voice(f"state.{stopped}")
            lines.append(voice("errand.stopped_shop", shop=escape(shop), state=state))
        report = Report(self._desk, person, plain(lines)).about(shop)
        self._actions.errands.follow_sync(shop, report)
        return report

    # --- products and orders

    def read_products(self, person: Person, words: Words) -> Answer:
        """Read what a shop sells into the snapshot."""
        verb = BY_NAME["import"]
        self._desk.allow(person, verb)
        wanted, rest = flags(words, ("accept", "dry-run"))
        if not rest:
            return self._usage(person, "import")
        self._no_more(rest[1:])
        shop, dry_run = self._shop(rest[0]), "dry-run" in wanted
        arguments = {"shop": shop, "accept": "accept" in wanted, "dry_run": dry_run}
        errands = self._actions.errands
        return self._errand(
            person,
            verb,
            arguments,
            lambda: errands.refuse_import(shop),
            lambda report: errands.read_products(shop, report, accept="accept" in wanted, dry_run=dry_run),
        )

    def orders(self, person: Person, words: Words) -> Answer:
        """Take a shop's orders in now."""
        verb = BY_NAME["orders"]
        self._desk.allow(person, verb)
        rest = words[1:] if words and words[0].lower() in _IMPORT else ()
        if not rest:
            return self._usage(person, "orders")
        self._no_more(rest[1:])
        shop = self._shop(rest[0])
        errands = self._actions.errands
        return self._errand(
            person,
            verb,
            {"shop": shop},
            lambda: errands.refuse_orders(shop),
            lambda report: errands.take_orders(shop, report),
        )

    def _errand(
        self,
        person: Person,
        verb: Verb,
        arguments: Mapping[str, Any],
        refuse: Callable[[], None],
        begin: Callable[[Report], None],
    ) -> Answer:
        """Begin an errand; its record gets a second line when it ends, or is refused at once."""

        def over(result: str) -> None:
            self._actions.audit(person.user, verb.name, arguments, result)

        over("asked")
        try:
            refuse()
        except Refused as refused:
            over(f"refused: {refused.key}")
            raise
        shop, voice = str(arguments["shop"]), self._desk.voice()
        root = voice(f"errand.{verb.name}", shop=escape(shop), who=voice.person(person.user))
        report = Report(self._desk, person, plain([root]), lambda key: over(_result(key))).about(shop)
        begin(report)
        return self._begun(person, report)

    def _begun(self, person: Person, report: Report) -> Answer:
        voice, channel = self._desk.voice(person), report.channel
        if channel == person.user:
            return Answer(sentence("errand.begun_here", voice))
        return Answer(sentence("errand.begun", voice, channel=f"<#{channel}>"))

    # --- check

    def check(self, person: Person, words: Words) -> Answer:
        """Log in to a shop, or to all, and read."""
        self._desk.allow(person, BY_NAME["check"])
        self._no_more(words[1:])
        shop = self._shop(words[0], all_too=True) if words else "all"
        shops = [name for name in self._actions.shops() if shop in ("all", name)]
        voice = self._desk.voice(person)
        names = voice("list.join").join(map(escape, shops))
        begun = sentence("checked.begun", voice, shops=names)
        return Answer(begun, then=lambda: Answer(self._checked(shops, voice)))

    def _checked(self, shops: list[str], voice: Voice) -> Message:
        states = {shop.shop: shop.state for shop in self._actions.status().shops}
        return plain([line for shop in shops for line in self._checked_lines(shop, states[shop], voice)])

    def _checked_lines(self, shop: str, state: ShopState, voice: Voice) -> list[str]:
        if state in (ShopState.ARCHIVED, ShopState.NOT_SET):
            return [voice(f"checked.{state}", shop=escape(shop))]
        try:
            return checked_lines(self._actions.checking.check(shop), voice)
        except Refused as refused:
            return [voice(refused.key, **{name: escape(value) for name, value in refused.params.items()})]


def _result(key: str) -> str:
    """Give the word of the record for the key of an end."""
    if not key.startswith("errand."):
        return f"refused: {key}"
    return {"errand.failed": "failed", "errand.stopped": "stopped"}.get(key, "done")
