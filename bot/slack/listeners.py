"""Bolt's listeners: acknowledge in time, hand the work over, answer exactly once.

A job that is done within a moment answers in the acknowledgement itself; a longer one
answers through the response_url, or by a message where there is none.
"""

from __future__ import annotations

import json
import logging
import re
import ssl
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from http.client import HTTPException
from typing import Any

from slack_bolt import Ack, App
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackClientError
from slack_sdk.webhook import WebhookClient

from bot.slack.blocks import Block
from bot.slack.clicks import Click, Clicks, beside
from bot.slack.commands import Commands
from bot.slack.desk import Answer, Desk, Person
from bot.slack.modals import Modals, read_submission
from bot.slack.renewal import CALLBACK
from bot.slack.views import sentence
from bot.slack.work import Busy, Work

log = logging.getLogger(__name__)

QUICK_S = 0.2
"""How long an acknowledgement waits for its answer; a person waits 3 s at most."""
FORM_S = 2.0
"""The same for a modal, whose errors can be shown in the acknowledgement only."""


class Listeners:
    """Connects the app to commands, clicks and modals."""

    def __init__(self, desk: Desk, work: Work, tls: ssl.SSLContext) -> None:
        self._desk = desk
        self._work = work
        self._tls = tls
        self._commands = Commands(desk)
        self._clicks = Clicks(desk, self._commands)
        self._modals = Modals(desk)

    def listen(self, app: App) -> None:
        """Register everything we hear; what we do not know is answered with nothing."""
        app.command(self._desk.command)(self.on_command)
        app.action(re.compile(""))(self.on_click)
        app.view(CALLBACK)(self.on_submission)
        app.error(on_error)

    def on_command(self, ack: Ack, body: dict[str, Any]) -> None:
        """Answer the slash command."""
        person = Person(body["user_id"], body["team_id"], body["channel_id"], body.get("trigger_id", ""))
        text, url = body.get("text", ""), body["response_url"]
        job = self._submit(lambda: self._desk.guarded(lambda: self._commands.run(person, text)))
        if job is None:
            ack(**self._busy().payload())
        elif _is_quick(job, QUICK_S):
            answer = job.result()
            ack(**answer.payload()) if answer else ack()
        else:
            ack()
            job.add_done_callback(lambda done: self._late_answer(done, url))

    def _late_answer(self, done: Future[Answer | None], url: str) -> None:
        answer = None if done.cancelled() else done.result()
        if answer:
            self._respond(url, answer.payload())

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
        value = _value(action.get("value", ""))
        click = Click(action["action_id"], value, stands_in.get("text", ""), stands_in.get("blocks", ()))
        url = body.get("response_url", "")
        if self._submit(lambda: self._click(person, click, url)) is None and url:
            self._respond(url, beside(self._busy()))

    def _click(self, person: Person, click: Click, url: str) -> None:
        bodies: list[dict[str, Any]] = []

        def run() -> None:
            bodies.extend(self._clicks.run(person, click))

        refused = self._desk.guarded(run)
        for payload in [beside(refused)] if refused else bodies:
            self._respond(url, payload)

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
            job.add_done_callback(lambda done: self._late_errors(done, person, submission))

    def _late_errors(self, done: Future[dict[str, str]], person: Person, submission: Any) -> None:
        errors = {} if done.cancelled() else done.result()
        if errors:
            self._modals.tell_late(person, submission, errors)

    # --- helpers

    def _submit(self, job: Callable[[], Any]) -> Future[Any] | None:
        try:
            return self._work.submit(job)
        except Busy:
            return None

    def _busy(self) -> Answer:
        return Answer(sentence("busy", self._desk.voice()))

    def _respond(self, url: str, payload: Mapping[str, Any]) -> None:
        """Post to a response_url. Slack keeps it for 30 minutes and 5 uses."""
        if not url:
            return
        try:
            reply = WebhookClient(url, ssl=self._tls, timeout=10).send_dict(dict(payload))
        except (OSError, HTTPException, SlackClientError) as error:
            log.warning("an answer did not reach Slack: %s", type(error).__name__)
            return
        if reply.status_code != 200:
            log.warning("Slack refused an answer: %s", reply.status_code)


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
