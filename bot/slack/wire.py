"""The Web API calls of the one sender: paced, with lost connections and 429 as waits."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from adapters.contract import Clock
from bot.slack.blocks import cut
from bot.slack.pace import ALL, POST, UPDATE, Pace
from bot.slack.tables import simpler

log = logging.getLogger(__name__)

TROUBLE_S = 60.0
PLAIN_TEXT = 3000

ROOT_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
NO_CHANNEL = ("channel_not_found", "not_in_channel", "is_archived", "restricted_action")
NO_ACCESS = frozenset({"invalid_auth", "account_inactive", "token_revoked", "token_expired", "not_authed"})

_LIMITED = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
_TOO_BIG = ("invalid_blocks", "msg_blocks_too_long", "msg_too_long", "invalid_attachments")


class Later(Exception):  # noqa: N818 - a wait, not an error
    """Not sent now; the pace says when again."""


class NotTaken(Exception):  # noqa: N818 - told otherwise
    """Slack did not take a file; its text can still be told."""


class Wire:
    """Posts, edits and uploads. Everything raises ``Later`` where it has to wait."""

    def __init__(self, client: WebClient, clock: Clock, rates: float) -> None:
        self._client = client
        self._clock = clock
        self._rates = rates
        self.pace = Pace(rates)
        self._lost = 0  # connections lost in a row
        self.heard: Callable[[str], None] = lambda _refusal: None  # told whether Slack knew the token

    def post(self, channel: str, body: Mapping[str, Any], thread_ts: str = "") -> tuple[str, str]:
        """Post a message; gives its channel and time stamp."""
        place: dict[str, Any] = {"channel": channel, "unfurl_links": False, "unfurl_media": False}
        if thread_ts:
            place["thread_ts"] = thread_ts

        def send(chosen: Mapping[str, Any]) -> Any:
            return self.call(POST, lambda: self._client.chat_postMessage(**place, **chosen))

        try:
            reply = _with_fall_back(send, body)
            return str(reply["channel"]), str(reply["ts"])
        finally:
            self.pace.posted(channel, self._clock.monotonic())

    def update(self, channel: str, ts: str, body: Mapping[str, Any]) -> None:
        """Edit a message."""

        def send(chosen: Mapping[str, Any]) -> None:
            whole = {"blocks": [], **chosen}
            self.call(UPDATE, lambda: self._client.chat_update(channel=channel, ts=ts, **whole))

        try:
            _with_fall_back(send, body)
        finally:
            self.pace.updated(self._clock.monotonic())

    def upload(self, channel: str, name: str, content: str, text: str, thread_ts: str = "") -> None:
        """Put a file into a channel or thread, with a line of text.

        Raises:
            NotTaken: a scope is missing, or the files' own host cannot be reached: that says nothing
                of the rest of Slack.
        """
        data = content.encode("utf-8-sig")  # with its mark Excel reads it

        try:
            self._client.files_upload_v2(
                channel=channel,
                filename=name,
                title=name,
                content=data,
                initial_comment=text,
                thread_ts=thread_ts or None,
            )
        except (OSError, HTTPException, SlackClientError) as error:
            log.warning("Slack did not take a file: %s", error.__class__.__name__)
            raise NotTaken from error
        finally:
            self.pace.posted(channel, self._clock.monotonic())

    def call(self, method: str, call: Callable[[], Any]) -> Any:
        """Make a call; a lost connection and a 429 become waits.

        Raises:
            Later: not now. SlackApiError: Slack said no.
        """
        try:
            reply = call()
        except SlackApiError as error:
            if error.response.status_code >= 500:
                raise self._unreachable(error) from error
            if code_of(error) in NO_ACCESS:
                self.heard(code_of(error))
            if code_of(error) not in _LIMITED:
                raise
            seconds = float(error.response.headers.get("Retry-After", 30)) + 0.5
            self.pace.hold(method, self._clock.monotonic(), seconds)
            raise Later from error
        except (OSError, HTTPException, SlackClientError) as error:
            raise self._unreachable(error) from error
        self._lost = 0
        self.heard("")
        return reply

    def _unreachable(self, error: Exception) -> Later:
        """Hold everything back for 1, 2, 4 ... 60 s."""
        self._lost = min(self._lost + 1, 7)
        self.pace.hold(ALL, self._clock.monotonic(), min(60.0, 2.0 ** (self._lost - 1)) / self._rates)
        log.warning("Slack cannot be reached: %s", type(error).__name__)
        return Later()

    def trouble(self, name: str, error: SlackApiError) -> None:
        """Hold back what Slack refuses for a reason that a person must mend; nothing is dropped."""
        held = ALL if code_of(error) in NO_ACCESS else name
        self.pace.hold(held, self._clock.monotonic(), TROUBLE_S / self._rates)
        log.error("Slack refused a message for %s: %s", name, code_of(error))


def _with_fall_back(send: Callable[[Mapping[str, Any]], Any], body: Mapping[str, Any]) -> Any:
    """Send a body, or the first of its simpler forms that Slack takes."""
    for form in (body, *simpler(body)):
        try:
            return send(form if form.get("blocks") else {"text": cut(str(form["text"]), PLAIN_TEXT)})
        except SlackApiError as error:
            if not code_of(error).startswith(_TOO_BIG) or not form.get("blocks"):
                raise
            log.error("Slack refused the blocks of a message: %s", code_of(error))
    raise AssertionError("the last form has no blocks")  # pragma: no cover


def code_of(error: SlackApiError) -> str:
    """Give Slack's word for what was wrong."""
    answer = error.response.get("error") if error.response else None
    return str(answer or ("ratelimited" if getattr(error.response, "status_code", 0) == 429 else "unknown"))
