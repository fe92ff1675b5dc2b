"""The one thread that posts to channels: alerts from the incidents, the rest from the outbox.

Everything it sends is in the database, so a restart sends what was due, and an hour without
Slack ends in one message per open incident. Slack has no idempotency key: after a lost
connection one double message is accepted rather than a silent loss.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPException
from threading import Event, Thread
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from sqlalchemy import Engine

from adapters.contract import Clock
from bot.slack import alerts
from bot.slack.blocks import cut
from bot.slack.pace import ALL, POST, UPDATE, Pace
from bot.slack.voice import Voice
from bot.store.incidents import Incident, Incidents
from bot.store.outbox import Outbox, Outgoing, Priority

log = logging.getLogger(__name__)

IDLE_S = 0.5  # also how soon a line written by another process is noticed
COUNTER_EVERY_S = 10.0
TROUBLE_S = 60.0
PLAIN_TEXT = 3000

_LIMITED = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
_ROOT_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
_TOO_BIG = ("invalid_blocks", "msg_blocks_too_long", "msg_too_long", "invalid_attachments")
_NO_CHANNEL = ("channel_not_found", "not_in_channel", "is_archived", "restricted_action")
_NO_ACCESS = frozenset({"invalid_auth", "account_inactive", "token_revoked", "token_expired", "not_authed"})


class _Later(Exception):
    """Not sent now; the pace says when again."""


@dataclass(frozen=True)
class Surroundings:
    """What the sender asks of the bot at each message."""

    voice: Callable[[], Voice]
    channel: Callable[[], str]
    where: Callable[[str], str]
    now: Callable[[], datetime]


class Sender:
    """Sends what is due, in order: new alerts, changed ones, the outbox, counters."""

    def __init__(
        self,
        client: WebClient,
        engine: Engine,
        around: Surroundings,
        clock: Clock,
        *,
        stop: Event,
        rates: float = 1.0,
    ) -> None:
        self._client = client
        self._engine = engine
        self._incidents, self._outbox = Incidents(engine), Outbox(engine)
        self._around = around
        self._clock = clock
        self._stop = stop
        self._rates = rates
        self._pace = Pace(rates)
        self._woken = Event()
        self._lost = 0  # connections lost in a row
        self._shown: dict[int, tuple[float, tuple[Any, ...]]] = {}
        self._thread = Thread(target=self._run, name="slack-sender", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def wake(self) -> None:
        """Look at the database now, not at the next look."""
        self._woken.set()

    def join(self, timeout_s: float = 15.0) -> None:
        """Wait for the end, after ``stop`` was set."""
        self.wake()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._woken.clear()
            if not self.turn():
                self._clock.wait(self._woken, IDLE_S / max(1.0, self._rates))

    def turn(self) -> bool:
        """Send the one thing that is due first; False if nothing could be sent."""
        try:
            self._incidents.end_snoozes(self._around.now())
            job = self._next()
            if job is not None:
                job()
            return job is not None
        except _Later:
            return True
        except Exception:  # noqa: BLE001 - whatever one message holds, the others must still leave
            log.exception("the sender could not send")
            return False

    # --- what is due

    def _next(self) -> Callable[[], None] | None:
        fresh, changed, counters = self._sorted_incidents()
        job = self._first_free(fresh) or self._first_free(changed)
        return job or self._next_outgoing() or self._first_free(counters)

    def _sorted_incidents(self) -> tuple[list[Incident], list[Incident], list[Incident]]:
        fresh, changed, counters = [], [], []
        for incident in self._incidents.untold():
            if not incident.root_ts and incident.closed_at and not incident.moved_from:
                self._told(incident, incident.channel, "")  # over before anybody heard of it
            elif not incident.root_ts:
                fresh.append(incident)
            elif self._only_counts(incident):
                counters.append(incident)
            else:
                changed.append(incident)
        fresh.sort(key=lambda incident: list(alerts.MARKS).index(incident.severity), reverse=True)
        return fresh, changed, counters

    def _only_counts(self, incident: Incident) -> bool:
        return incident.closed_at is None and self._shown.get(incident.incident_id, (0, ()))[1] == _mark(
            incident
        )

    def _first_free(self, incidents: list[Incident]) -> Callable[[], None] | None:
        now = self._clock.monotonic()
        for incident in incidents:
            channel = incident.channel or self._around.channel()
            if not channel or not self._is_free(incident, channel, now):
                continue
            return lambda chosen=incident, to=channel: self._tell(chosen, to)  # type: ignore[misc]
        return None

    def _is_free(self, incident: Incident, channel: str, now: float) -> bool:
        if not incident.root_ts:
            return self._pace.post_wait(channel, now) == 0
        if self._only_counts(incident):
            due = self._shown[incident.incident_id][0] + COUNTER_EVERY_S / self._rates
            return now >= due and self._pace.update_wait(channel, now) == 0
        return self._pace.update_wait(channel, now) == 0

    def _next_outgoing(self) -> Callable[[], None] | None:
        now = self._clock.monotonic()
        if self._pace.post_wait(ALL, now) > 0:
            return None
        busy = self._pace.busy_channels(now)
        waiting = self._outbox.next(self._around.now(), busy=busy)
        return None if waiting is None else lambda: self._send(waiting)

    # --- incidents

    def _tell(self, incident: Incident, channel: str) -> None:
        voice, where = self._around.voice(), self._where(incident)
        body = alerts.alert(incident, where, voice).body()
        if incident.root_ts:
            ts = self._edit(incident, channel, body)
        else:
            channel, ts = self._post_root(channel, body)
        self._told(incident, channel, ts)
        self._shown[incident.incident_id] = (self._clock.monotonic(), _mark(incident))
        if incident.moved_from:
            self._mark_moved(incident, where, voice)

    def _where(self, incident: Incident) -> str:
        return self._around.where(incident.shop)

    def _post_root(self, channel: str, body: Mapping[str, Any]) -> tuple[str, str]:
        try:
            return self._post(channel, body)
        except SlackApiError as error:
            self._trouble(channel, error)
            raise _Later from error

    def _edit(self, incident: Incident, channel: str, body: Mapping[str, Any]) -> str:
        """Edit the root; where Slack has it no longer, post it anew."""
        try:
            self._update(channel, incident.root_ts, body)
            return incident.root_ts
        except SlackApiError as error:
            if _code(error) in _ROOT_GONE:
                return self._post_root(channel, body)[1]
            self._trouble(f"update {channel}", error)
            raise _Later from error

    def _told(self, incident: Incident, channel: str, ts: str) -> None:
        """Note what Slack shows; a recovery's thread line is queued in the same transaction."""
        with self._engine.begin() as work:
            self._incidents.told(incident.incident_id, incident.version, channel, ts, connection=work)
            if incident.closed_at and ts:
                line = alerts.recovery_line(incident, self._where(incident), self._around.voice())
                now = self._around.now()
                self._outbox.put(channel, line.body(), Priority.NEWS, now, ts, connection=work)

    def _mark_moved(self, incident: Incident, where: str, voice: Voice) -> None:
        channel, ts = incident.moved_from or ("", "")
        try:
            self._update(channel, ts, alerts.moved(incident, where, voice).body())
        except (SlackApiError, _Later) as error:
            log.info("the old alert %s stays as it was: %s", ts, type(error).__name__)

    # --- the outbox

    def _send(self, waiting: Outgoing) -> None:
        try:
            _, ts = self._post(waiting.channel, waiting.body, waiting.thread_ts)
        except SlackApiError as error:
            self._trouble(waiting.channel, error)
            if not _code(error).startswith(_NO_CHANNEL) and _code(error) not in _NO_ACCESS:
                self._outbox.failed(waiting.message_id, _code(error))
            return
        self._outbox.sent(waiting.message_id, ts, self._around.now())

    # --- the wire

    def _post(self, channel: str, body: Mapping[str, Any], thread_ts: str = "") -> tuple[str, str]:
        place: dict[str, Any] = {"channel": channel, "unfurl_links": False, "unfurl_media": False}
        if thread_ts:
            place["thread_ts"] = thread_ts

        def post(chosen: Mapping[str, Any]) -> Any:
            return self._call(POST, lambda: self._client.chat_postMessage(**place, **chosen))

        try:
            reply = _with_fall_back(post, body)
            return str(reply["channel"]), str(reply["ts"])
        finally:
            self._pace.posted(channel, self._clock.monotonic())

    def _update(self, channel: str, ts: str, body: Mapping[str, Any]) -> None:
        def edit(chosen: Mapping[str, Any]) -> None:
            whole = {"blocks": [], **chosen}
            self._call(UPDATE, lambda: self._client.chat_update(channel=channel, ts=ts, **whole))

        try:
            _with_fall_back(edit, body)
        finally:
            self._pace.updated(self._clock.monotonic())

    def _call(self, method: str, call: Callable[[], Any]) -> Any:
        """Make a call; a lost connection and a 429 become waits."""
        try:
            reply = call()
        except SlackApiError as error:
            if error.response.status_code >= 500:
                raise self._unreachable(error) from error
            if _code(error) not in _LIMITED:
                raise
            seconds = float(error.response.headers.get("Retry-After", 30)) + 0.5
            self._pace.hold(method, self._clock.monotonic(), seconds)
            raise _Later from error
        except (OSError, HTTPException, SlackClientError) as error:
            raise self._unreachable(error) from error
        self._lost = 0
        return reply

    def _unreachable(self, error: Exception) -> _Later:
        """Hold everything back for 1, 2, 4 ... 60 s."""
        self._lost = min(self._lost + 1, 7)
        self._pace.hold(ALL, self._clock.monotonic(), min(60.0, 2.0 ** (self._lost - 1)) / self._rates)
        log.warning("Slack cannot be reached: %s", type(error).__name__)
        return _Later()

    def _trouble(self, name: str, error: SlackApiError) -> None:
        """Hold back what Slack refuses for a reason that a person must mend; nothing is dropped."""
        held = ALL if _code(error) in _NO_ACCESS else name
        self._pace.hold(held, self._clock.monotonic(), TROUBLE_S / self._rates)
        log.error("Slack refused a message for %s: %s", name, _code(error))


def _with_fall_back(send: Callable[[Mapping[str, Any]], Any], body: Mapping[str, Any]) -> Any:
    """Send a body, or its text alone where Slack refuses the blocks."""
    try:
        return send(body)
    except SlackApiError as error:
        if not _code(error).startswith(_TOO_BIG):
            raise
        log.error("Slack refused the blocks of a message: %s", _code(error))
        return send({"text": cut(str(body["text"]), PLAIN_TEXT)})


def _code(error: SlackApiError) -> str:
    answer = error.response.get("error") if error.response else None
    return str(answer or ("ratelimited" if getattr(error.response, "status_code", 0) == 429 else "unknown"))


def _mark(incident: Incident) -> tuple[Any, ...]:
    """Give what of an incident is more than a counter."""
    snoozed, closed = incident.snoozed_until, incident.closed_at
    return (incident.severity, incident.times, incident.acked_by, snoozed, closed)
