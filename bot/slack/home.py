"""The Home tabs: published when a person opens theirs, kept fresh for those who look, and their buttons.

A press on Home has no message to answer in, so what comes of it stands at the top of that Home.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event, Lock, Thread
from typing import Any

from bot.answers import Refused, Role, Status
from bot.slack.alerts import Card
from bot.slack.blocks import Block, escape
from bot.slack.cards import drift_cards, guard_cards, risk_cards
from bot.slack.clicks import Bodies, Click, beside
from bot.slack.commands import Commands
from bot.slack.desk import Answer, Desk, Person
from bot.slack.home_view import (
    MOST_CARDS,
    REASON_BLOCK,
    UNTIL_BLOCK,
    Facts,
    home_view,
    pause_end,
    pause_modal,
    refused_home,
)
from bot.slack.parse import MAX_REASON
from bot.slack.verbs import BY_NAME
from bot.slack.views import refusal, sentence
from bot.slack.voice import Voice

log = logging.getLogger(__name__)

FRESH_S = 30.0
"""A Home that nobody presses on is published no more often than this."""
WATCHED_S = 3600.0  # Slack does not tell when a person looks away
LOOK_S = 5.0
NOTICE_S = 600.0
STOP_S = 2.0  # a stop does not wait longer for a Home that is on its way
_OUTAGES_FOR = timedelta(days=7)


@dataclass
class _Viewer:
    """One person who opened their Home; ``shown`` is what Slack has."""

    person: Person
    opened: float
    looked: float = float("-inf")
    shown: str = ""
    page: int = 0
    notice: str = ""
    noticed: float = float("-inf")
    lock: Lock = field(default_factory=Lock)


class Homes:
    """The Homes of the people who opened theirs lately.

    Args:
        publish: sets a person's Home; False where Slack would not take it.
    """

    def __init__(
        self, desk: Desk, commands: Commands, publish: Callable[[str, Block], bool], stop: Event
    ) -> None:
        self._desk = desk
        self._actions = desk.actions
        self._commands = commands
        self._publish = publish
        self._stop = stop
        self._viewers: dict[str, _Viewer] = {}
        self._lock = Lock()
        self._thread = Thread(target=self._run, name="slack-home", daemon=True)
        self.buttons: dict[str, Callable[[Person, Click], Bodies]] = {
            "home:on": lambda person, _click: self._say(person, "on"),
            "home:off": lambda person, _click: self._say(person, "off"),
            "home:pause": lambda person, click: self._ask_pause(person, str(click.value["target"])),
            "home:shop": self._shop,
            "home:page": self._turn_page,
            "home:look": lambda _person, _click: [],
            "setup:open": lambda person, click: self._set_up(person, str(click.value["shop"])),
        }

    # --- publishing

    def start(self) -> None:
        """Begin to keep the Homes fresh, until the bot's stop is set."""
        self._thread.start()

    def join(self) -> None:
        """Wait for the end, after the bot's stop was set."""
        if self._thread.is_alive():
            self._thread.join(STOP_S)

    def _run(self) -> None:
        while not self._desk.clock.wait(self._stop, LOOK_S):
            try:
                self.refresh()
            except Exception:  # noqa: BLE001 - the thread goes on: the next look may be good
                log.exception("the Home tabs could not be refreshed")

    def opened(self, person: Person) -> None:
        """Publish the Home of a person who opened it."""
        now = self._desk.clock.monotonic()
        with self._lock:
            viewer = self._viewers.setdefault(person.user, _Viewer(person, now))
            viewer.opened = now
        self._show(viewer, always=True)

    def again(self, person: Person) -> None:
        """Publish the Home of a person who has just done something, if they have one open."""
        with self._lock:
            viewer = self._viewers.get(person.user)
        if viewer is not None:
            self._show(viewer)

    def refresh(self) -> None:
        """Publish what changed to those who opened their Home within the last hour."""
        now = self._desk.clock.monotonic()
        with self._lock:
            self._viewers = {u: v for u, v in self._viewers.items() if now - v.opened <= WATCHED_S}
            due = [viewer for viewer in self._viewers.values() if now - viewer.looked >= FRESH_S]
        for viewer in due:
            if not self._stop.is_set():
                self._show(viewer)

    def answered(self, person: Person, bodies: Bodies) -> None:
        """Say on the person's Home what came of a press on it."""
        texts = [str(body["text"]) for body in bodies if body.get("text")]
        with self._lock:
            now = self._desk.clock.monotonic()
            viewer = self._viewers.setdefault(person.user, _Viewer(person, now))
            viewer.notice, viewer.noticed = "\n".join(texts), now
        self._show(viewer)

    def _show(self, viewer: _Viewer, *, always: bool = False) -> None:
        with viewer.lock:
            viewer.looked = self._desk.clock.monotonic()
            view = self._view(viewer)
            made = json.dumps(view, ensure_ascii=False, sort_keys=True)
            if (always or made != viewer.shown) and self._publish(viewer.person.user, view):
                viewer.shown = made

    def _view(self, viewer: _Viewer) -> Block:
        person = viewer.person
        try:
            self._desk.people.admit(person.user, person.team)
            role, voice = self._desk.role(person), self._desk.voice(person)
            if not role.covers(Role.READER):
                needs = {"role": voice(f"role.{Role.READER}"), "mine": voice(f"role.{role}")}
                raise Refused("need_role", **needs)
            return home_view(self._facts(viewer, role, voice), voice)
        except Refused as refused:
            return refused_home(refusal(refused, self._desk.voice(person)).text)

    # --- what it shows

    def _facts(self, viewer: _Viewer, role: Role, voice: Voice) -> Facts:
        status, now = self._actions.status(), self._actions.now()
        waiting = list(self._waiting(now, voice))
        is_new = self._desk.clock.monotonic() - viewer.noticed <= NOTICE_S
        return Facts(
            status=status,
            role=role,
            now=now,
            open_alerts=self._desk.incidents.open(),
            waiting=[(shop, card()) for shop, card in waiting[:MOST_CARDS]],
            waiting_more=max(0, len(waiting) - MOST_CARDS),
            setups=self._actions.setting_up.progress(),
            where=_names(status, voice),
            notice=viewer.notice if is_new else "",
            page=viewer.page,
            own=self._actions.own_credentials(),
        )

    def _waiting(self, now: datetime, voice: Voice) -> Iterator[tuple[str, Callable[[], Card]]]:
        """Give what waits for a decision, each by its shop; a card is made only if it is shown."""
        actions = self._actions
        for incident in self._desk.incidents.open():
            if incident.kind == "mapping_rewritten":
                commit = escape(str(incident.params.get("commit", "")))
                yield "", lambda commit=commit: Card(voice("home.rewritten", commit=commit))  # type: ignore[misc]
        for hold in actions.guarding.asked():
            yield hold.shop, lambda hold=hold: guard_cards([hold], [], voice)[0]  # type: ignore[misc]
        accounts, risks = actions.outages()
        for shop in sorted({shop for shop, _ in risks}):
            codes = sorted(code for blind, code in risks if blind == shop)
            yield shop, lambda shop=shop, codes=codes: risk_cards(shop, codes, voice)[0]  # type: ignore[misc]
        for one in accounts:
            if one.beyond and one.blind_to > now - _OUTAGES_FOR:
                words = {"shop": escape(one.shop), "begin": one.beyond[0], "end": one.beyond[1]}
                yield "", lambda words=words: Card(voice("home.outage", **words))  # type: ignore[misc]
        yield from self._drifts(now, voice)

    def _drifts(self, now: datetime, voice: Voice) -> Iterator[tuple[str, Callable[[], Card]]]:
        latest = {(view.shop, view.code): view for view in self._actions.drifting.drifts()}
        asked = [view for view in latest.values() if view.state == "asked"]
        numbers = self._actions.targets([(view.shop, view.code) for view in asked[:MOST_CARDS]])
        for view in asked:
            ours = {view.code: numbers.get((view.shop, view.code))}.get
            yield view.shop, lambda view=view, ours=ours: drift_cards([view], now, ours, voice)[0]  # type: ignore[misc]

    # --- buttons

    def _say(self, person: Person, text: str) -> Bodies:
        """Do what a command does; what it still works on is waited for."""
        answer, bodies = self._commands.run(person, text), []
        while answer is not None:
            bodies = [beside(answer)]
            answer = answer.then() if answer.then else None
        return bodies

    def _shop(self, person: Person, click: Click) -> Bodies:
        word, shop = str(click.value["do"]), str(click.value["shop"])
        if word == "pause":
            return self._ask_pause(person, shop)
        if word == "setup":
            return self._set_up(person, shop)
        if word in ("on", "off", "check", "renew"):
            return self._say(person, f"{word} {shop}")
        return []

    def _set_up(self, person: Person, shop: str) -> Bodies:
        self._known(shop)
        answer = self._commands.setup.open_list(person, shop)
        return [beside(answer)] if answer else []

    def _ask_pause(self, person: Person, target: str) -> Bodies:
        self._desk.allow(person, BY_NAME["pause"], target)
        if target != "all":
            self._known(target)
        voice, stops = self._desk.voice(person), self._actions.pausing.stops(target)
        if self._desk.open_view(person.trigger_id, pause_modal(target, stops, self._actions.now(), voice)):
            return []
        return [beside(Answer(sentence("modal_late", voice)))]

    def _known(self, shop: str) -> None:
        if shop not in self._actions.shops():
            raise Refused("changed_meanwhile")

    def _turn_page(self, person: Person, click: Click) -> Bodies:
        with self._lock:
            viewer = self._viewers.get(person.user)
        if viewer is not None:
            viewer.page = max(0, int(click.value["page"]))
        return []

    # --- the form of a pause

    def submit_pause(self, person: Person, view: Mapping[str, Any]) -> dict[str, str]:
        """Begin the pause of a form; errors by block id, none where it began."""
        values = view["state"]["values"]
        word = (values[UNTIL_BLOCK]["value"].get("selected_option") or {}).get("value", "")
        reason = str(values[REASON_BLOCK]["value"].get("value") or "")[:MAX_REASON]
        about = json.loads(view["private_metadata"])
        try:
            until = pause_end(word, datetime.fromisoformat(about["at"]))
            self._commands.pause(person, str(about["target"]), until, reason)
        except Refused as refused:
            return {REASON_BLOCK: self._desk.voice(person)(refused.key, **refused.params)}
        except Exception:  # noqa: BLE001 - the entry point from Slack: the person must hear something
            log.exception("a pause failed")
            return {REASON_BLOCK: self._desk.voice(person)("broken")}
        return {}


def _names(status: Status, voice: Voice) -> dict[str, str]:
    return {
        shop.shop: voice("lookup.shop", mall=voice.label(shop.mall_ja, shop.mall_en), shop=escape(shop.shop))
        for shop in status.shops
    }
