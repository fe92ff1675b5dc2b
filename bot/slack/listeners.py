"""Bolt's listeners: acknowledge in time, hand the work over, answer exactly once.

A job that is done within a moment answers in the acknowledgement itself; a longer one
answers through the response_url, or by a message where there is none.
"""

from __future__ import annotations

import json
import logging
import re
import ssl
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from http.client import HTTPException
from threading import Event
from typing import Any

from slack_bolt import Ack, App
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackClientError
from slack_sdk.webhook import WebhookClient

from bot.slack.blocks import Block
from bot.slack.clicks import Click, Clicks, beside
from bot.slack.commands import Commands
from bot.slack.decisions import Approvals, Decisions
from bot.slack.desk import Answer, Desk, Person
from bot.slack.home import Homes
from bot.slack.home_view import PAUSE_CALLBACK
from bot.slack.modals import Modals, read_submission
from bot.slack.renewal import CALLBACK
from bot.slack.setup import CALLBACK as SETUP_CALLBACK
from bot.slack.tables import forms
from bot.slack.uploads import CALLBACK as UPLOAD_CALLBACK
from bot.slack.uploads import Uploads
from bot.slack.views import sentence
from bot.slack.work import Busy, Work

log = logging.getLogger(__name__)

QUICK_S = 0.05
"""How long an acknowledgement waits for its answer; a person waits 3 s at most."""
MOST_FORMS = 5
_UNTAKEN = (400, 500)
"""What Slack answers to an answer whose blocks it does not take: seen by clients, not documented."""

Submit = Callable[[Person, Mapping[str, Any]], dict[str, str]]
"""Takes a submitted view; gives the errors by block id, none where all was taken."""

FORM_S = 2.0
"""The same for a modal, whose errors can be shown in the acknowledgement only."""


class Listeners:
    """Connects the app to commands, clicks and modals."""

    def __init__(
        self,
        desk: Desk,
        work: Work,
        tls: ssl.SSLContext,
        publish: Callable[[str, Block], bool],
        stop: Event,
    ) -> None:
        self._desk = desk
        self._work = work
        self._tls = tls
        self._commands = Commands(desk)
        self._clicks = Clicks(desk, self._commands)
        self._modals = Modals(desk)
        decisions = Decisions(desk, self._commands)
        self._clicks.learn(decisions.buttons)
        self._approvals = Approvals(desk, decisions, work)
        self.homes = Homes(desk, self._commands, publish, stop)
        self._clicks.learn(self.homes.buttons)
        self._uploads = Uploads(desk)
        self._clicks.learn(self._uploads.buttons)

    def listen(self, app: App) -> None:
        """Register everything we hear; what we do not know is answered with nothing."""
        app.command(self._desk.command)(self.on_command)
        app.action(re.compile(""))(self.on_click)
        app.event("app_home_opened")(self.on_home)
        app.view(CALLBACK)(self.on_submission)
        app.view(SETUP_CALLBACK)(self._form(self._commands.setup.submit))
        app.view(UPLOAD_CALLBACK)(self._form(self._uploads.submit))
        app.view(PAUSE_CALLBACK)(self._form(self.homes.submit_pause))
        app.view(self._approvals.callback)(self._approvals.on_submission)
        app.error(on_error)

    def on_command(self, ack: Ack, body: dict[str, Any]) -> None:
        """Answer the slash command."""
        person = Person(body["user_id"], body["team_id"], body["channel_id"], body.get("trigger_id", ""))
        text, url = body.get("text", ""), body["response_url"]
        job = self._submit(lambda: self._desk.guarded(lambda: self._commands.run(person, text), person))
        if job is None:
            ack(**self._busy().payload())
        elif self._is_quick(job) and len(_forms(job)) == 1:
            ack(**_forms(job)[0])
            self._go_on(job.result(), url)
        else:
            # Slack says what it refuses of an answer only where that comes after the acknowledgement.
            ack()
            self._work.when_done(job, lambda done: self._late_answer(done, url))

    def _late_answer(self, done: Future[Answer | None], url: str) -> None:
        answer = None if done.cancelled() else done.result()
        if answer:
            self._respond_somehow(url, answer.payloads())
        self._go_on(answer, url)

    def _go_on(self, answer: Answer | None, url: str) -> None:
        """Begin what an answer promised; what comes of it is answered too."""
        work = answer.then if answer else None
        if work is None:
            return
        job = self._submit(lambda: self._desk.guarded(work))
        if job is None:
            self._respond(url, self._busy().payload())
        else:
            self._work.when_done(job, lambda done: self._late_answer(done, url))

    def on_home(self, ack: Ack, body: dict[str, Any]) -> None:
        """Publish a person's Home; an event that comes twice publishes it twice."""
        ack()
        event = body["event"]
        if event.get("tab") == "home":
            person = Person(event["user"], body["team_id"])
            self._submit(lambda: self._desk.guarded(lambda: self.homes.opened(person), person))

    def _form(self, run: Submit) -> Callable[[Ack, dict[str, Any]], None]:
        """Give the listener of a form; the sender's Home shows what came of it."""

        def on_form(ack: Ack, body: dict[str, Any]) -> None:
            person, view = Person(body["user"]["id"], body["team"]["id"]), body["view"]
            job = self._submit(lambda: run(person, view))
            if job is None:
                first = next(iter(view["state"]["values"]), "")
                ack(response_action="errors", errors={first: self._desk.voice()("busy")})
                return
            if _is_quick(job, FORM_S) and (errors := job.result()):
                ack(response_action="errors", errors=errors)
                return
            ack()
            self._work.when_done(job, lambda done: self._after_form(done, person))

        return on_form

    def _after_form(self, done: Future[dict[str, str]], person: Person) -> None:
        """Show the sender what came of a form that is closed."""
        errors = {} if done.cancelled() else done.result()
        bodies = [{"text": " ".join(dict.fromkeys(errors.values()))}] if errors else []
        show = self.homes.again if not errors else (lambda who: self.homes.answered(who, bodies))
        self._submit(lambda: self._desk.guarded(lambda: show(person), person))

    def on_click(self, ack: Ack, body: dict[str, Any]) -> None:
        """Answer a button."""
        ack()
        action = body["actions"][0]
        person = Person(
            body["user"]["id"],
            body["team"]["id"],
            body.get("channel", {}).get("id", ""),
            body.get("trigger_id", ""),
        )
        stands_in = body.get("message", {})
        value = _value(action.get("value") or action.get("selected_option", {}).get("value", ""))
        click = Click(action["action_id"], value, stands_in.get("text", ""), stands_in.get("blocks", ()))
        url = body.get("response_url", "")
        at_home = body.get("view", {}).get("type") == "home"
        if self._submit(lambda: self._click(person, click, url, at_home=at_home)) is None and url:
            self._work.answer(lambda: self._respond(url, beside(self._busy())))

    def _click(self, person: Person, click: Click, url: str, *, at_home: bool) -> None:
        bodies: list[dict[str, Any]] = []

        def run() -> None:
            bodies.extend(self._clicks.run(person, click))

        refused = self._desk.guarded(run, person)
        answers = [beside(refused)] if refused else bodies
        if at_home:
            self._desk.guarded(lambda: self.homes.answered(person, answers), person)
            return
        for payload in answers:
            self._respond_somehow(url, forms(payload))

    def on_submission(self, ack: Ack, body: dict[str, Any]) -> None:
        """Take the renewal modal."""
        person = Person(body["user"]["id"], body["team"]["id"])
        submission = read_submission(body["view"])
        job = self._submit(lambda: self._modals.run(person, submission))
        if job is None:
            first = next(iter(body["view"]["state"]["values"]), "")
            ack(response_action="errors", errors={first: self._desk.voice()("busy")})
        elif _is_quick(job, FORM_S):
            errors = job.result()
            ack(response_action="errors", errors=errors) if errors else ack()
        else:
            ack()
            self._work.when_done(job, lambda done: self._late_errors(done, person, submission))

    def _late_errors(self, done: Future[dict[str, str]], person: Person, submission: Any) -> None:
        errors = {} if done.cancelled() else done.result()
        if errors:
            self._modals.tell_late(person, submission, errors)

    # --- helpers

    def _is_quick(self, job: Future[Any]) -> bool:
        """Wait a moment for an answer; not where others wait before it: it would come too late."""
        return _is_quick(job, 0 if self._work.is_crowded() else QUICK_S)

    def _submit(self, job: Callable[[], Any]) -> Future[Any] | None:
        try:
            return self._work.submit(job)
        except Busy:
            return None

    def _busy(self) -> Answer:
        return Answer(sentence("busy", self._desk.voice()))

    def _respond_somehow(self, url: str, payloads: Sequence[Mapping[str, Any]]) -> None:
        post_somehow(url, payloads, self._tls)

    def _respond(self, url: str, payload: Mapping[str, Any]) -> None:
        post_somehow(url, [payload], self._tls)


def post_somehow(url: str, payloads: Sequence[Mapping[str, Any]], tls: ssl.SSLContext) -> None:
    """Post the first form of an answer that Slack takes to a response_url.

    Slack keeps the address for 30 minutes and 5 uses.
    """
    for payload in payloads[:MOST_FORMS] if url else ():
        status = _post(url, payload, tls)
        if status != 200:
            log.warning("Slack refused an answer: %s", status or "it could not be reached")
        if status not in _UNTAKEN:
            return


def _post(url: str, payload: Mapping[str, Any], tls: ssl.SSLContext) -> int:
    try:
        reply = WebhookClient(url, ssl=tls, timeout=10).send_dict(dict(payload))
    except (OSError, HTTPException, SlackClientError) as error:
        log.warning("an answer did not reach Slack: %s", type(error).__name__)
        return 0
    return int(reply.status_code)


def _forms(job: Future[Answer | None]) -> list[dict[str, Any]]:
    """Give the forms of the answer that a job gave; one empty form for none."""
    answer = job.result()
    return answer.payloads() if answer else [{}]


def _is_quick(job: Future[Any], within_s: float) -> bool:
    try:
        job.exception(within_s)
    except TimeoutError:
        return False
    return True


def _value(text: str) -> dict[str, Any]:
    """Read a button's value; anything but an object of ours counts as empty."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def on_error(error: Exception) -> BoltResponse:
    """Answer a request that nobody listens to, or that failed, without showing its body."""
    if isinstance(error, BoltUnhandledRequestError):
        log.info("a request from Slack that nobody listens to")
        return BoltResponse(status=404)
    log.error("a request from Slack failed: %s", type(error).__name__)
    return BoltResponse(status=500)


def open_view(client: Any, trigger_id: str, view: Block) -> bool:
    """Open a modal; False where Slack would not take it (a trigger lives 3 s)."""
    try:
        client.views_open(trigger_id=trigger_id, view=view)
    except (OSError, HTTPException, SlackClientError) as error:
        log.warning("a modal could not be opened: %s", type(error).__name__)
        return False
    return True


def publish_home(client: Any, user: str, view: Block) -> bool:
    """Set a person's Home; False where Slack would not take it."""
    try:
        client.views_publish(user_id=user, view=view)
    except (OSError, HTTPException, SlackClientError) as error:
        log.warning("a Home tab could not be published: %s", type(error).__name__)
        return False
    return True
