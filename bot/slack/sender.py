"""The one thread that posts to channels: alerts from the incidents, the rest from the outbox.

Everything it sends is in the database, so a restart sends what was due, and an hour without
Slack ends in one message per open incident. Slack has no idempotency key: after a lost
connection one double message is accepted rather than a silent loss.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlalchemy import Engine

from adapters.contract import Clock
from bot.slack import alerts
from bot.slack.alerts import PAGE, Card
from bot.slack.blocks import Message
from bot.slack.crowd import CROWDED, Crowd
from bot.slack.pace import ALL
from bot.slack.threads import details
from bot.slack.voice import Voice
from bot.slack.wire import NO_ACCESS, NO_CHANNEL, ROOT_GONE, Later, NotTaken, Wire, code_of
from bot.store.incidents import STORM, TOUCHED, Incident, Incidents
from bot.store.outbox import Outbox, Outgoing, Priority

log = logging.getLogger(__name__)

IDLE_S = 0.5  # also how soon a line written by another process is noticed
LEAST_IDLE_S = 0.02  # however fast the sandbox is
COUNTER_EVERY_S = 10.0
STORM_WITHIN = timedelta(seconds=60)
STORM_ABOVE = 5
"""More new incidents than this within a minute are told together."""
LASTING_EVERY_S = 60.0

_ENDED = "_ended_told"  # the recovery that the thread has


@dataclass(frozen=True)
class Surroundings:
    """What the sender asks of the bot at each message."""

    voice: Callable[[], Voice]
    channel: Callable[[], str]
    where: Callable[[str], str]
    now: Callable[[], datetime]
    cards: Callable[[Incident], Sequence[Card]] = lambda _: ()  # what waits for a decision in it
    address: Callable[[str, str], str] = lambda _channel, _ts: ""  # of a message, for a link


@dataclass(frozen=True)
class Sheet:
    """One message about one incident, or about some of a storm. ``thread_ts``: where it is to stand."""

    incidents: tuple[Incident, ...]
    channel: str
    ts: str = ""
    thread_ts: str = ""

    @property
    def first(self) -> Incident:
        """The incident that it is about, or the first of them."""
        return self.incidents[0]

    @property
    def is_page(self) -> bool:
        """Whether it stands in the thread of a storm."""
        return self.first.storm is not None


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
        watch: Callable[[Wire], None] = lambda _: None,
    ) -> None:
        """Make it.

        Args:
            watch: done at each turn; the dead man's switch.
        """
        self._engine = engine
        self._incidents, self._outbox = Incidents(engine), Outbox(engine)
        self._crowd = Crowd(self._incidents)
        self._around = around
        self._clock = clock
        self._stop = stop
        self._rates = rates
        self.wire = Wire(client, clock, rates)
        self._pace = self.wire.pace
        self._watch = watch
        self._woken = Event()
        self._shown: dict[int, tuple[float, tuple[Any, ...]]] = {}
        self._lasting_at = 0.0
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
                self._clock.wait(self._woken, max(LEAST_IDLE_S, IDLE_S / self._rates))

    def turn(self) -> bool:
        """Send the one thing that is due first; False if nothing could be sent."""
        try:
            self._watch(self.wire)
            self._end_what_is_due()
            job = self._next()
            if job is not None:
                job()
            return job is not None
        except Later:
            return True
        except Exception:  # noqa: BLE001 - whatever one message holds, the others must still leave
            log.exception("the sender could not send")
            return False

    def _end_what_is_due(self) -> None:
        now = self._around.now()
        self._incidents.end_snoozes(now)
        if self._clock.monotonic() >= self._lasting_at:
            self._lasting_at = self._clock.monotonic() + LASTING_EVERY_S
            self._incidents.move_lasting(now)

    # --- what is due

    def _next(self) -> Callable[[], None] | None:
        fresh, changed, counters = self._sheets()
        waiting = len(fresh) + len(changed) + self._outbox.waiting()
        if self._crowd.look(waiting, self._around.now()):
            fresh, changed, counters = self._sheets()
        job = self._first_free(fresh) or self._first_free(changed) or self._next_outgoing()
        # Of a count that is left out now the newest is shown when it is calm again.
        return job if job or self._crowd.holds else self._first_free(counters)

    def _sheets(self) -> tuple[list[Sheet], list[Sheet], list[Sheet]]:
        """Sort what is untold into new messages, changed ones, and those with other counts only."""
        untold = self._without_unheard(self._incidents.untold())
        if self._gather(untold):
            untold = self._incidents.untold()
        fresh = [self._alone(incident) for incident in untold if not incident.root_ts and not incident.storm]
        fresh.sort(key=_urgency, reverse=True)
        changed: list[Sheet] = []
        counters: list[Sheet] = []
        for sheet in self._standing(untold):
            (counters if self._only_counts(sheet) else changed).append(sheet)
        return fresh + self._new_pages(untold), changed, counters

    def _without_unheard(self, untold: Sequence[Incident]) -> list[Incident]:
        """Leave out what was over before anybody heard of it."""
        over = [i for i in untold if not i.root_ts and i.closed_at and not i.moved_from and not i.storm]
        for incident in over:
            self._incidents.told(incident.incident_id, incident.version, incident.channel, "")
        return [incident for incident in untold if incident not in over]

    def _gather(self, untold: Sequence[Incident]) -> bool:
        """Tell new incidents together where too many began at once."""
        began = self._around.now() - STORM_WITHIN
        new = [i for i in untold if not (i.root_ts or i.storm or i.moved_from) and i.opened_at > began]
        ids = [incident.incident_id for incident in new if incident.cause not in (STORM, CROWDED)]
        if not ids or self._incidents.opened_since(began) <= STORM_ABOVE:
            return False
        self._incidents.gather(ids, self._around.now())
        return True

    def _alone(self, incident: Incident) -> Sheet:
        return Sheet((incident,), incident.channel or self._around.channel(), incident.root_ts)

    def _standing(self, untold: Sequence[Incident]) -> list[Sheet]:
        """Give the messages that stand already, each once, with all that it shows."""
        found: dict[tuple[str, str], Sheet] = {}
        for incident in untold:
            key = (incident.channel, incident.root_ts)
            if incident.root_ts and key not in found:
                found[key] = self._page_of(incident) if incident.storm else self._alone(incident)
        return list(found.values())

    def _page_of(self, incident: Incident) -> Sheet:
        beside = [i for i in self._incidents.of_storm(incident.storm or 0) if i.root_ts == incident.root_ts]
        return Sheet(tuple(beside), incident.channel, incident.root_ts)

    def _new_pages(self, untold: Sequence[Incident]) -> list[Sheet]:
        """Give messages for the threads of storms, a few incidents in each."""
        new = [incident for incident in untold if incident.storm and not incident.root_ts]
        found = []
        for storm_id in dict.fromkeys(incident.storm for incident in new):
            root = self._incidents.get(storm_id or 0)
            mine = [incident for incident in new if incident.storm == storm_id]
            if root is not None and root.root_ts:
                for start in range(0, len(mine), PAGE):
                    part = tuple(mine[start : start + PAGE])
                    found.append(Sheet(part, root.channel, "", root.root_ts))
        return found

    def _only_counts(self, sheet: Sheet) -> bool:
        is_open = any(incident.closed_at is None for incident in sheet.incidents)
        return is_open and self._shown.get(sheet.first.incident_id, (0, ()))[1] == self._mark(sheet)

    def _mark(self, sheet: Sheet) -> tuple[Any, ...]:
        """Give what of a message is more than a counter."""
        shown = sheet.incidents
        if sheet.first.cause == STORM:
            shown += tuple(self._incidents.of_storm(sheet.first.incident_id))
        return tuple(_mark(incident) for incident in shown)

    def _first_free(self, sheets: Sequence[Sheet]) -> Callable[[], None] | None:
        now = self._clock.monotonic()
        for sheet in sheets:
            if sheet.channel and self._is_free(sheet, now):
                return lambda chosen=sheet: self._tell(chosen)  # type: ignore[misc]
        return None

    def _is_free(self, sheet: Sheet, now: float) -> bool:
        if not sheet.ts:
            return self._pace.post_wait(sheet.channel, now) == 0
        if self._only_counts(sheet):
            due = self._shown[sheet.first.incident_id][0] + COUNTER_EVERY_S / self._rates
            return now >= due and self._pace.update_wait(sheet.channel, now) == 0
        return self._pace.update_wait(sheet.channel, now) == 0

    def _next_outgoing(self) -> Callable[[], None] | None:
        now = self._clock.monotonic()
        if self._pace.post_wait(ALL, now) > 0:
            return None
        busy = self._pace.busy_channels(now)
        waiting = self._outbox.next(self._around.now(), busy=busy)
        return None if waiting is None else lambda: self._send(waiting)

    # --- incidents

    def _tell(self, sheet: Sheet) -> None:
        mark = self._mark(sheet)
        body = self._message(sheet).body()
        if sheet.ts:
            channel, ts = sheet.channel, self._edit(sheet, body)
        else:
            channel, ts = self._post_root(sheet, body)
        self._told(sheet, channel, ts, mark)
        self._shown[sheet.first.incident_id] = (self._clock.monotonic(), mark)
        for incident in sheet.incidents:
            if incident.moved_from:
                self._mark_moved(incident, self._around.address(channel, ts))

    def _message(self, sheet: Sheet) -> Message:
        voice, first = self._around.voice(), sheet.first
        if first.cause == STORM:
            return alerts.storm(first, self._named(self._incidents.of_storm(first.incident_id)), voice)
        if sheet.is_page:
            return alerts.page(self._named(sheet.incidents), voice)
        before = self._around.address(*first.moved_from) if first.moved_from else ""
        return alerts.alert(first, self._where(first), voice, self._around.cards(first), before)

    def _named(self, found: Sequence[Incident]) -> list[alerts.Named]:
        shops = {incident.shop: incident for incident in found}  # each is asked for once
        where = {shop: self._where(incident) for shop, incident in shops.items()}
        return [(incident, where[incident.shop]) for incident in found]

    def _where(self, incident: Incident) -> str:
        return self._around.where(incident.shop)

    def _post_root(self, sheet: Sheet, body: dict[str, Any]) -> tuple[str, str]:
        try:
            return self.wire.post(sheet.channel, body, sheet.thread_ts)
        except SlackApiError as error:
            self.wire.trouble(sheet.channel, error)
            raise Later from error

    def _edit(self, sheet: Sheet, body: dict[str, Any]) -> str:
        """Edit the root; where Slack has it no longer, post it anew."""
        try:
            self.wire.update(sheet.channel, sheet.ts, body)
            return sheet.ts
        except SlackApiError as error:
            if code_of(error) in ROOT_GONE:
                return self._post_root(sheet, body)[1]
            self.wire.trouble(f"update {sheet.channel}", error)
            raise Later from error

    def _told(self, sheet: Sheet, channel: str, ts: str, mark: tuple[Any, ...]) -> None:
        """Note what Slack shows; what belongs into the thread is queued in the same transaction."""
        now, before = self._around.now(), self._shown.get(sheet.first.incident_id, (0, ()))[1]
        with self._engine.begin() as work:
            for incident in sheet.incidents:
                put, kept = self._beside(incident, now) if not sheet.is_page else ((), {})
                for body, priority in put:
                    self._outbox.put(channel, body, priority, now, ts, connection=work)
                self._incidents.told(
                    incident.incident_id, incident.version, channel, ts, now=now, kept=kept, connection=work
                )
            if sheet.is_page and mark != before:
                self._incidents.touch(sheet.first.storm or 0, connection=work)
        if sheet.is_page:
            self._end_storm(sheet.first.storm or 0)

    def _beside(
        self, incident: Incident, now: datetime
    ) -> tuple[list[tuple[dict[str, Any], Priority]], dict[str, Any]]:
        """Give what its thread is to have by now, and what to remember of it."""
        voice, ended = self._around.voice(), incident.closed_at.isoformat() if incident.closed_at else ""
        bodies, kept = details(incident, voice, now)
        found = [(body, Priority.THREAD) for body in bodies]
        if ended and incident.kept.get(_ENDED) != ended:
            line = alerts.recovery_line(incident, self._where(incident), voice).body()
            return [*found, (line, Priority.NEWS)], {**kept, _ENDED: ended}
        return found, kept

    def _end_storm(self, storm_id: int) -> None:
        if all(member.closed_at for member in self._incidents.of_storm(storm_id)):
            self._incidents.recover("", STORM, self._around.now())

    def _mark_moved(self, incident: Incident, to: str) -> None:
        """Say in the old message where the alert stands now; one that shows others too loses it only."""
        channel, ts = incident.moved_from or ("", "")
        others = self._incidents.at(channel, ts)
        text = alerts.moved(incident, self._where(incident), self._around.voice(), to)
        if others:
            text = alerts.page(self._named(others), self._around.voice())
        try:
            self.wire.update(channel, ts, text.body())
        except (SlackApiError, Later) as error:
            log.info("the old alert %s stays as it was: %s", ts, type(error).__name__)

    # --- the outbox

    def _send(self, waiting: Outgoing) -> None:
        try:
            ts = self._deliver(waiting)
        except SlackApiError as error:
            self.wire.trouble(waiting.channel, error)
            if not code_of(error).startswith(NO_CHANNEL) and code_of(error) not in NO_ACCESS:
                self._outbox.failed(waiting.message_id, code_of(error))
            return
        self._outbox.sent(waiting.message_id, ts, self._around.now())

    def _deliver(self, waiting: Outgoing) -> str:
        """Post a message or a file; where Slack takes no file, its text with its first lines."""
        file = waiting.body.get("file")
        if file is None:
            return self.wire.post(waiting.channel, waiting.body, waiting.thread_ts)[1]
        try:
            text = str(waiting.body["text"])
            self.wire.upload(waiting.channel, file["name"], file["content"], text, waiting.thread_ts)
            return ""
        except NotTaken:
            return self.wire.post(waiting.channel, {"text": waiting.body["instead"]}, waiting.thread_ts)[1]


def _urgency(sheet: Sheet) -> tuple[bool, int]:
    """Rank what is new: that much waits, then the worst first."""
    return sheet.first.cause == CROWDED, list(alerts.MARKS).index(sheet.first.severity)


def _mark(incident: Incident) -> tuple[Any, ...]:
    snoozed, closed = incident.snoozed_until, incident.closed_at
    decided = incident.kept.get(TOUCHED, 0)
    return (incident.severity, incident.times, incident.acked_by, snoozed, closed, decided)
