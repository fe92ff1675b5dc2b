"""The buttons of alerts: seen, silent, again, paused; and the answers to what waits for a decision.

Every press is checked anew: the person's role, and whether the state is the one that was shown.
The root message is edited to show who decided what, and its thread has a line of it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import datetime
from typing import Any, TypeVar

from slack_bolt import Ack

from bot.answers import Answer as DriftAnswer
from bot.answers import Answered, DriftView, Refused, Role
from bot.slack import alerts
from bot.slack.blocks import Message, escape
from bot.slack.cards import (
    APPROVAL,
    HASH_BLOCK,
    approval_modal,
    drift_end,
    guard_decided,
    risk_codes,
    state_of,
)
from bot.slack.clicks import Bodies, Click, beside
from bot.slack.commands import Commands
from bot.slack.desk import Answer, Desk, Person
from bot.slack.verbs import Verb
from bot.slack.views import sentence
from bot.slack.work import Busy, Work
from bot.store.incidents import Incident
from bot.store.outbox import Priority
from bot.sync.guard import Hold

log = logging.getLogger(__name__)

T = TypeVar("T")

LOOK = Verb("alert_log", Role.READER)  # none of these is typed
ALERT = Verb("alert", Role.OPERATOR)
DECIDE = Verb("decide", Role.OPERATOR)
DECIDE_ALONE = Verb("guard_approve", Role.ADMIN)

PAUSED_FOR = "2h"
FORM_S = 2.0  # a form's errors can be shown in the acknowledgement only
_LOGGED = 15
_ANSWERED = ("written", "taken", "left")


class Decisions:
    """Answers the buttons of alerts. ``buttons`` are its handlers by action."""

    def __init__(self, desk: Desk, commands: Commands) -> None:
        self._desk = desk
        self._actions = desk.actions
        self._commands = commands
        self.buttons: dict[str, Callable[[Person, Click], Bodies]] = {
            "alert:ack": self._acknowledge,
            "alert:snooze": self._snooze,
            "alert:pause": self._pause,
            "alert:retry": self._retry,
            "alert:close": self._close,
            "alert:log": self._log,
            "drift:write": lambda person, click: self._drift(person, click, DriftAnswer.WRITE),
            "drift:take": lambda person, click: self._drift(person, click, DriftAnswer.TAKE),
            "drift:leave": lambda person, click: self._drift(person, click, DriftAnswer.LEAVE),
            "guard:approve": self._approve,
            "guard:drop": self._drop,
            "risk:clear": self._clear,
        }

    # --- alerts

    def _acknowledge(self, person: Person, click: Click) -> Bodies:
        incident = self._incident(person, click)
        if self._desk.incidents.acknowledge(incident.incident_id, person.user, self._actions.now()):
            return self._recorded(person, "ack", incident)
        incident = self._incident(person, click)
        return [self._said("alert.ack_already", **self._by(incident.acked_by, incident.acked_at))]

    def _snooze(self, person: Person, click: Click) -> Bodies:
        incident, now = self._incident(person, click), self._actions.now()
        until = alerts.snooze_until(str(click.value.get("for", "1h")), now)
        awake = incident.snoozed_until is None
        if awake and self._desk.incidents.snooze(incident.incident_id, until, person.user):
            return self._recorded(person, "snooze", incident, until=until.isoformat())
        incident = self._incident(person, click)
        who, at = self._by(incident.snoozed_by, incident.snoozed_until).values()
        return [self._said("alert.snooze_already", who=who, until=at)]

    def _pause(self, person: Person, click: Click) -> Bodies:
        incident, voice = self._incident(person, click), self._desk.voice()
        text = f"pause {incident.shop} {PAUSED_FOR} {voice('alert.pause_reason')}"
        answer = self._commands.run(person, text)
        return [beside(answer)] if answer else []

    def _retry(self, person: Person, click: Click) -> Bodies:
        incident = self._incident(person, click)
        soon = self._desk.retry(incident.shop)
        self._recorded(person, "retry", incident)
        return [self._said("alert.retried" if soon else "alert.retry_soon", shop=incident.shop)]

    def _close(self, person: Person, click: Click) -> Bodies:
        incident, now = self._incident(person, click), self._actions.now()
        if incident.kind not in alerts.CLOSED_BY_HAND:
            raise Refused("changed_meanwhile")
        self._desk.incidents.acknowledge(incident.incident_id, person.user, now)
        self._desk.incidents.recover(incident.shop, incident.cause, now)
        voice = self._desk.voice()
        where, title = escape(incident.shop) or voice("alert.bot"), alerts.title(incident, voice)
        closed = voice("alert.closed", who=voice.person(person.user), where=where, title=title)
        self._in_thread(incident, closed)
        return self._recorded(person, "close", incident)

    def _log(self, person: Person, click: Click) -> Bodies:
        self._desk.allow(person, LOOK)
        incident = self._desk.incidents.get(int(click.value["incident"]))
        if incident is None:
            raise Refused("changed_meanwhile")
        voice = self._desk.voice()
        head = voice(
            "alert.log_head",
            title=alerts.title(incident, voice),
            where=incident.shop or voice("alert.bot"),
            since=incident.opened_at,
            count=incident.count,
            last=incident.last_at,
        )
        logged = incident.logged[-_LOGGED:]
        body = alerts.log_message(logged, voice).text if logged else voice("alert.log_none")
        return [beside(Answer(Message(f"{head}\n{body}")))]

    def _incident(self, person: Person, click: Click) -> Incident:
        self._desk.allow(person, ALERT)
        incident = self._desk.incidents.get(int(click.value["incident"]))
        if incident is None or incident.closed_at is not None:
            raise Refused("alert.over")
        return incident

    def _recorded(self, person: Person, what: str, incident: Incident, **more: str) -> Bodies:
        """Record it; the root itself shows it, edited by the sender."""
        arguments = {"incident": incident.incident_id, "shop": incident.shop, "cause": incident.cause}
        self._actions.audit(person.user, what, {**arguments, **more}, "done")
        self._desk.wake()
        return []

    # --- numbers at a mall that are not ours

    def _drift(self, person: Person, click: Click, answer: DriftAnswer) -> Bodies:
        self._desk.allow(person, DECIDE)
        view = self._asked_drift(int(click.value["drift"]))
        if view.state in _ANSWERED:
            return [self._said("decide.already", **self._by(view.who, view.decided_at))]
        until = self._until(click) if answer is DriftAnswer.LEAVE else None
        arguments = {"shop": view.shop, "code": view.code, "answer": str(answer), "found": view.found}
        drifting = self._actions.drifting

        def act() -> Answered:
            return drifting.answer(view.shop, view.code, answer, person.user, until, drift_id=view.drift_id)

        try:
            done = self._audited(person, "drift", arguments, act)
        except Refused as refused:
            if refused.key != "drift_answered":
                raise
            view = self._asked_drift(view.drift_id)  # somebody was faster by a moment
            return [self._said("decide.already", **self._by(view.who, view.decided_at))]
        voice = self._desk.voice()
        numbers = {"found": done.found, "before": done.before, "after": done.after}
        end = drift_end(done.until, voice)
        text = voice(f"drift.{answer}", shop=done.shop, code=done.code, until=end, **numbers)
        return self._decided(person, view.shop, "drift", text)

    def _asked_drift(self, drift_id: int) -> DriftView:
        """Give the drift that was asked about; a newer one of the listing takes its place."""
        views = self._actions.drifting.drifts()
        view = next((view for view in views if view.drift_id == drift_id), None)
        if view is None or view.state in ("overtaken", "stopped"):
            raise Refused("changed_meanwhile")
        return view

    def _until(self, click: Click) -> datetime | None:
        word = str(click.value.get("for", ""))
        return None if word == "open" else alerts.snooze_until(word, self._actions.now())

    # --- plans that are held

    def _approve(self, person: Person, click: Click) -> Bodies:
        self._desk.allow(person, DECIDE)
        typed = str(click.value["plan"])
        hold = self._held(typed)
        if hold is None:
            return self._plan_is_decided(typed)
        try:
            return self._approve_as(person, hold, hold.short)
        except Refused as refused:
            if refused.key != "guard_own_full":
                raise
        self._desk.allow(person, DECIDE_ALONE)
        voice = self._desk.voice()
        is_open = self._desk.open_view(person.trigger_id, approval_modal(hold, voice))
        return [] if is_open else [self._said("modal_late")]

    def approve_typed(self, person: Person, plan_hash: str, typed: str) -> Bodies:
        """Approve a plan of one's own: its hash was typed."""
        self._desk.allow(person, DECIDE_ALONE)
        hold = self._held(plan_hash)
        if hold is None:
            raise Refused("guard_other_plan")
        return self._approve_as(person, hold, typed.strip())

    def _approve_as(self, person: Person, hold: Hold, typed: str) -> Bodies:
        guarding, arguments = self._actions.guarding, {"shop": hold.shop, "plan": hold.plan_hash}
        done = self._audited(person, "guard_approve", arguments, lambda: guarding.approve(typed, person.user))
        text = self._desk.voice()("guard.approved", shop=done.shop, count=f"{len(done.lines):,}")
        return self._decided(person, done.shop, "guard", text)

    def _drop(self, person: Person, click: Click) -> Bodies:
        self._desk.allow(person, DECIDE)
        typed, guarding = str(click.value["plan"]), self._actions.guarding
        hold = self._held(typed)
        if hold is None:
            return self._plan_is_decided(typed)
        arguments = {"shop": hold.shop, "plan": hold.plan_hash}
        done = self._audited(person, "guard_drop", arguments, lambda: guarding.drop(typed, person.user))
        text = self._desk.voice()("guard.dropped", shop=done.shop, count=f"{len(done.lines):,}")
        return self._decided(person, done.shop, "guard", text)

    def _held(self, plan_hash: str) -> Hold | None:
        asked = self._actions.guarding.asked()
        return next((hold for hold in asked if hold.plan_hash == plan_hash), None)

    def _plan_is_decided(self, plan_hash: str) -> Bodies:
        found = self._actions.guarding.named(plan_hash)
        if found is None or not found.decided_by:
            raise Refused("guard_other_plan")
        return [beside(Answer(Message(guard_decided(found, self._desk.voice()))))]

    # --- codes at risk

    def _clear(self, person: Person, click: Click) -> Bodies:
        self._desk.allow(person, DECIDE)
        shop, actions = str(click.value["shop"]), self._actions
        codes = risk_codes(actions, shop)
        if not codes:
            return [self._said("outages.not_blind", shop=shop)]
        if state_of(codes) != click.value.get("state"):
            self._touch(shop, "at_risk")
            raise Refused("changed_meanwhile")
        count = self._audited(
            person, "clear_risks", {"shop": shop}, lambda: actions.clear_risks(shop, person.user)
        )
        return self._decided(
            person, shop, "at_risk", self._desk.voice()("outages.cleared", shop=shop, count=count)
        )

    # --- what they share

    def _audited(self, person: Person, name: str, arguments: Mapping[str, Any], act: Callable[[], T]) -> T:
        """Do what changes something, with one line of record before and one after."""
        result = "failed"
        self._actions.audit(person.user, name, arguments, "asked")
        try:
            done = act()
            result = "done"
        except Refused as refused:
            result = f"refused: {refused.key}"
            raise
        finally:
            self._actions.audit(person.user, name, arguments, result)
        return done

    def _decided(self, person: Person, shop: str, cause: str, text: str) -> Bodies:
        """Show it: the alert is edited, and its thread says who did what."""
        voice, incident = self._desk.voice(), self._touch(shop, cause)
        line = f"{voice.person(person.user)}: {text}"
        if incident is not None:
            self._in_thread(incident, line)
        else:
            self._desk.tell_ops(Message(line))
        return []

    def _touch(self, shop: str, cause: str) -> Incident | None:
        """Have the alert of a shop and cause shown anew; give it, open or just over."""
        incident = self._desk.incidents.latest(shop, cause)
        if incident is not None:
            self._desk.incidents.touch(incident.incident_id)
        self._desk.wake()
        return incident

    def _in_thread(self, incident: Incident, text: str) -> None:
        if incident.root_ts:
            now = self._actions.now()
            self._desk.outbox.put(incident.channel, {"text": text}, Priority.NEWS, now, incident.root_ts)
            self._desk.wake()

    def _by(self, who: str, at: datetime | None) -> dict[str, str]:
        voice = self._desk.voice()
        return {"who": voice.person(who), "at": voice.at(at)}

    def _said(self, key: str, **params: str) -> dict[str, Any]:
        return beside(Answer(sentence(key, self._desk.voice(), **params)))


class Approvals:
    """Takes the form in which a person approves a plan of their own."""

    callback = APPROVAL

    def __init__(self, desk: Desk, decisions: Decisions, work: Work) -> None:
        self._desk = desk
        self._decisions = decisions
        self._work = work

    def on_submission(self, ack: Ack, body: dict[str, Any]) -> None:
        """Answer the form: closed where it was right, else with what was wrong."""
        person = Person(body["user"]["id"], body["team"]["id"])
        about, view = str(body["view"].get("private_metadata", "")), body["view"]
        typed = str(view["state"]["values"][HASH_BLOCK]["value"].get("value") or "")
        try:
            error = _result(self._work.submit(lambda: self._run(person, about, typed)))
        except Busy:
            error = self._desk.voice()("busy")
        ack(response_action="errors", errors={HASH_BLOCK: error}) if error else ack()

    def _run(self, person: Person, about: str, typed: str) -> str:
        voice = self._desk.voice()
        try:
            self._decisions.approve_typed(person, _plan_of(about), typed)
        except Refused as refused:
            return voice(refused.key, **refused.params)
        except Exception:  # noqa: BLE001 - the entry point from Slack: the person must hear something
            log.exception("an approval failed")
            return voice("broken")
        return ""


def _result(job: Future[str]) -> str:
    try:
        return job.result(FORM_S)
    except TimeoutError:
        return ""  # it goes on; the alert shows what came of it


def _plan_of(metadata: str) -> str:
    found = json.loads(metadata or "{}")
    return str(found.get("plan", "")) if isinstance(found, dict) else ""
