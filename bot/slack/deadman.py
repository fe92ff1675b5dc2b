"""The dead man's switch: an alarm that Slack itself posts when the bot no longer puts it off.

A message is scheduled a quarter of an hour ahead. As long as the workers turn, the next one is
scheduled and then the last one deleted, so there is no moment without one. Only a turn of a
worker puts it off: a bot that runs and does nothing is as good as dead.

Source: docs.slack.dev, chat.scheduleMessage (120 days ahead at most, 30 messages in 5 minutes
and channel), chat.deleteScheduledMessage (refused within 60 s of its time),
chat.scheduledMessages.list (needs no scope); verified 2026-11-22.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlalchemy import Engine

from adapters.contract import Clock
from bot.slack.pace import ALL
from bot.slack.voice import Voice
from bot.slack.wire import Later, Wire, code_of
from bot.store.notes import Remembered
from bot.store.outbox import Outbox, Priority

log = logging.getLogger(__name__)

AHEAD = timedelta(minutes=15)
RENEWED_EVERY = timedelta(minutes=5)
FRESH_S = 120.0  # a worker has turned within so long, or two of its intervals
FIXED = timedelta(seconds=60)  # so close to its time Slack deletes no message

SCHEDULE, UNSCHEDULE, LIST = (
    "chat.scheduleMessage",
    "chat.deleteScheduledMessage",
    "chat.scheduledMessages.list",
)
_KEY = "slack.deadman"
_GONE = "invalid_scheduled_message_id"


@dataclass(frozen=True)
class Alarm:
    """One scheduled message."""

    alarm_id: str
    channel: str
    post_at: int

    @property
    def at(self) -> datetime:
        """When Slack posts it."""
        return datetime.fromtimestamp(self.post_at, UTC)


class DeadMan:
    """Keeps one alarm scheduled. ``beat`` is for the workers, ``turn`` for the sender's thread.

    Args:
        longest_s: gives the seconds that may pass between two turns of the busiest worker.
    """

    def __init__(
        self,
        client: WebClient,
        engine: Engine,
        clock: Clock,
        channel: Callable[[], str],
        voice: Callable[[], Voice],
        longest_s: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._client = client
        self._clock = clock
        self._channel = channel
        self._voice = voice
        self._longest_s = longest_s
        self._remembered = Remembered(engine)
        self._outbox = Outbox(engine)
        self._beat_at: float | None = None
        self._alarms: list[Alarm] | None = None  # None until what an earlier process left is known
        self._renewed_at: datetime | None = None

    def beat(self) -> None:
        """Say that a worker has done its turn."""
        self._beat_at = self._clock.monotonic()

    def turn(self, wire: Wire) -> None:
        """Put the alarm off, if that is due and a worker has turned just now."""
        if not self._is_alive() or not self._is_free(wire):
            return
        try:
            if self._alarms is None:
                self._take_over(wire)
            if self._is_due():
                self._renew(wire)
            self._drop_old(wire)
        except SlackApiError as error:
            wire.trouble(SCHEDULE, error)
        except Later:
            self._alarms = None  # a call whose answer was lost may have left one: Slack is asked
            log.info("the alarm is put off later")

    def _is_alive(self) -> bool:
        fresh_s = max(FRESH_S, 2 * self._longest_s())
        return self._beat_at is not None and self._clock.monotonic() - self._beat_at <= fresh_s

    def _is_free(self, wire: Wire) -> bool:
        now = self._clock.monotonic()
        return not any(wire.pace.wait_for(name, now) for name in (ALL, SCHEDULE, UNSCHEDULE, LIST))

    def _is_due(self) -> bool:
        return self._renewed_at is None or self._clock.now() >= self._renewed_at + RENEWED_EVERY

    # --- what an earlier process left

    def _take_over(self, wire: Wire) -> None:
        """Learn of the alarms that stand: those kept, and one whose keeping a crash prevented."""
        record = json.loads(self._remembered.get(_KEY) or "{}")
        known = [Alarm(**item) for item in record.get("alarms", ())]
        now = self._clock.now()
        over = [alarm for alarm in known if alarm.at <= now]
        standing = [alarm for alarm in known if alarm.at > now]
        found = {alarm.alarm_id: alarm for alarm in (*standing, *self._listed(wire))}
        self._alarms = sorted(found.values(), key=lambda alarm: alarm.post_at)
        self._keep()
        if over:
            self._say("deadman.back", at=max(alarm.at for alarm in over))
        elif record.get("stopped"):
            self._say("deadman.started")

    def _listed(self, wire: Wire) -> list[Alarm]:
        """Give what Slack holds of ours in the channel: nothing else of ours is ever scheduled."""
        channel = self._channel()
        if not channel:
            return []
        try:
            reply = wire.call(LIST, lambda: self._client.chat_scheduledMessages_list(channel=channel))
        except SlackApiError as error:
            log.warning("scheduled messages cannot be listed: %s", code_of(error))
            return []
        return [
            Alarm(str(item["id"]), str(item["channel_id"]), int(item["post_at"]))
            for item in reply["scheduled_messages"]
        ]

    # --- putting it off

    def _renew(self, wire: Wire) -> None:
        channel, now = self._channel(), self._clock.now()
        if not channel:
            return
        ahead = max(AHEAD, timedelta(seconds=3 * self._longest_s()))
        post_at = math.ceil((now + ahead).timestamp())
        text = self._voice()("deadman.alarm", at=now)
        reply = wire.call(
            SCHEDULE,
            lambda: self._client.chat_scheduleMessage(
                channel=channel, post_at=post_at, text=text, unfurl_links=False, unfurl_media=False
            ),
        )
        alarm = Alarm(str(reply["scheduled_message_id"]), channel, post_at)
        self._alarms = [*(self._alarms or ()), alarm]
        self._keep()
        self._renewed_at = now

    def _drop_old(self, wire: Wire) -> None:
        """Delete all but the newest; what stands too close to its time is left to come."""
        for alarm in (self._alarms or [])[:-1]:
            if alarm.at - self._clock.now() > FIXED:
                self._delete(wire, alarm)
            elif alarm.at <= self._clock.now():
                self._forget(alarm)
                self._say("deadman.back", at=alarm.at)

    def _delete(self, wire: Wire, alarm: Alarm) -> None:
        def delete() -> Any:
            return self._client.chat_deleteScheduledMessage(
                channel=alarm.channel, scheduled_message_id=alarm.alarm_id
            )

        try:
            wire.call(UNSCHEDULE, delete)
        except SlackApiError as error:
            if code_of(error) != _GONE:
                raise
        self._forget(alarm)

    def _forget(self, alarm: Alarm) -> None:
        self._alarms = [other for other in self._alarms or () if other != alarm]
        self._keep()

    def _keep(self, *, stopped: bool = False) -> None:
        alarms = [asdict(alarm) for alarm in self._alarms or ()]
        self._remembered.set(_KEY, json.dumps({"alarms": alarms, "stopped": stopped}))

    def _say(self, key: str, **params: datetime) -> None:
        text = self._voice()(key, **params)
        if channel := self._channel():
            self._outbox.put(channel, {"text": text}, Priority.NEWS, self._clock.now())

    # --- an orderly stop

    def stop(self, wire: Wire) -> None:
        """Take the alarm back and say that the bot was stopped; nothing if it never ran."""
        if not self._alarms:
            return
        voice, channel = self._voice(), self._channel()
        try:
            for alarm in list(self._alarms):
                if alarm.at - self._clock.now() > FIXED:
                    self._delete(wire, alarm)
            left = max((alarm.at for alarm in self._alarms), default=None)
            text = voice("deadman.stopped_alarm", at=left) if left else voice("deadman.stopped")
            self._keep(stopped=True)
            if channel:
                wire.post(channel, {"text": text})
        except (SlackApiError, Later) as error:
            log.warning("the alarm could not be taken back: %s", type(error).__name__)
