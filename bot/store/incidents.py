"""Incidents: one row per shop and cause that people hear of, from its opening to its recovery.

A row's ``version`` rises with every change that Slack has to show; ``told_version`` is what
Slack shows. So whatever happens between, the newest state is what is sent, and nothing that was
sent is sent again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, func, insert, or_, select, update

from bot.store.database import reading
from bot.store.schema import incidents

FLAPPING = timedelta(minutes=10)
"""An incident that comes back sooner than this after its recovery is the same incident."""

LASTING = timedelta(hours=24)
"""An incident that is open so long is posted anew, so that nobody loses sight of it."""
STEPPED = "expiring"
"""The kind of incident that speaks up by itself, step by step."""
STORM = "storm"
"""The cause of the incident that stands for many that began together."""

_NEXT = incidents.c.version + 1  # counted by the database, so that no change is lost
# Kept among the parameters, for the sender alone; their names begin with a line.
_MOVED_FROM = "_moved_from"  # where the root stood before it moved
_ROOTED = "_rooted"  # when the root was posted
_NUMBERED = re.compile(r"(?=[\w-]*\d)[\w-]{8,}", re.ASCII)
_LOG = "_log"  # [when, detail], each time that the detail was another one
_STORM = "_storm"  # the incident that it is told with
TOUCHED = "_touched"
"""How often something beside the incident changed that its message shows."""
_MOST_LOGGED = 50


class Severity(StrEnum):
    """How bad an incident is, least first."""

    NOTICE = "notice"
    WARNING = "warning"
    CRITICAL = "critical"

    def above(self, other: Severity) -> bool:
        """Tell whether this is worse than ``other``."""
        order = list(Severity)
        return order.index(self) > order.index(other)


@dataclass(frozen=True)
class Incident:
    """One incident as it stands. ``shop`` is "" for the whole bot; ``params`` hold no secret."""

    incident_id: int
    shop: str
    cause: str
    severity: Severity
    params: Mapping[str, Any]
    opened_at: datetime
    last_at: datetime
    count: int
    closed_at: datetime | None
    times: int
    acked_by: str
    acked_at: datetime | None
    snoozed_until: datetime | None
    snoozed_by: str
    channel: str
    root_ts: str
    version: int
    told_version: int
    kept: Mapping[str, Any] = field(default_factory=dict)  # what the sender keeps with it

    @property
    def kind(self) -> str:
        """The cause without what it is about: ``oversold:mug`` is of the kind ``oversold``."""
        return self.cause.partition(":")[0]

    @property
    def moved_from(self) -> tuple[str, str] | None:
        """Where the root stood before it moved."""
        moved = self.kept.get(_MOVED_FROM)
        return (moved[0], moved[1]) if moved else None

    @property
    def storm(self) -> int | None:
        """The incident that this one is told with."""
        return self.kept.get(_STORM)

    @property
    def logged(self) -> Sequence[tuple[datetime, str]]:
        """What was wrong in detail, and since when, the oldest first."""
        return [(datetime.fromisoformat(at), detail) for at, detail in self.kept.get(_LOG, ())]


def _incident(row: Row[Any]) -> Incident:
    values = dict(row._mapping)
    stored = values.pop("params")
    params = {name: value for name, value in stored.items() if not name.startswith("_")}
    kept = {name: value for name, value in stored.items() if name.startswith("_")}
    return Incident(**values | {"severity": Severity(values["severity"])}, params=params, kept=kept)


def _storable(params: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in params.items()}


def _log_of(kept: Mapping[str, Any], params: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Give the log with the newest detail in it, where that is another one than before."""
    log, detail = kept.get(_LOG, []), str(params.get("detail", ""))
    if not detail or len(log) >= _MOST_LOGGED or (log and _is_same(log[-1][1], detail)):
        return {}
    return {_LOG: [*log, [now.isoformat(), detail]]}


def _is_same(detail: str, other: str) -> bool:
    """Tell whether two say the same, but for the number that a mall gives each request."""
    return _NUMBERED.sub("", detail) == _NUMBERED.sub("", other)


class Incidents:
    """The incidents of the database. Every method takes a caller's transaction or opens its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def _within(self, connection: Connection | None) -> Iterator[Connection]:
        if connection is not None:
            yield connection
            return
        with self._engine.begin() as own:
            yield own

    @contextmanager
    def _looking(self, connection: Connection | None) -> Iterator[Connection]:
        if connection is not None:
            yield connection
            return
        with reading(self._engine) as own:
            yield own

    def raise_(
        self,
        shop: str,
        cause: str,
        params: Mapping[str, Any],
        now: datetime,
        severity: Severity | str = Severity.WARNING,
        *,
        connection: Connection | None = None,
    ) -> int:
        """Note that something is wrong, anew or again; gives the incident's id.

        An open incident of the same shop and cause counts one more. One that was closed less than
        ten minutes ago opens again. While snoozed it only counts, unless it gets worse.

        Args:
            params: JSON values and times for the sentence people read; merged over the older ones.
        """
        with self._within(connection) as work:
            known = self._latest(work, shop, cause, now)
            if known is None:
                return self._open_new(work, shop, cause, _storable(params), now, Severity(severity))
            self._again(work, known, _storable(params), now, Severity(severity))
            return known.incident_id

    def _latest(self, work: Connection, shop: str, cause: str, now: datetime) -> Incident | None:
        still = or_(incidents.c.closed_at.is_(None), incidents.c.closed_at > now - FLAPPING)
        key = and_(incidents.c.shop == shop, incidents.c.cause == cause, still)
        newest = select(incidents).where(key).order_by(incidents.c.incident_id.desc()).limit(1)
        row = work.execute(newest).first()
        return _incident(row) if row else None

    def _open_new(
        self,
        work: Connection,
        shop: str,
        cause: str,
        params: dict[str, Any],
        now: datetime,
        severity: Severity,
    ) -> int:
        params |= _log_of({}, params, now)
        row = {"shop": shop, "cause": cause, "severity": severity.value, "params": params}
        times = {"opened_at": now, "last_at": now, "count": 1}
        added = insert(incidents).values(**row, **times).returning(incidents.c.incident_id)
        return int(work.execute(added).scalar_one())

    def _again(
        self, work: Connection, known: Incident, params: dict[str, Any], now: datetime, severity: Severity
    ) -> None:
        worse = severity.above(known.severity)
        merged = {**known.params, **params, **known.kept, **_log_of(known.kept, params, now)}
        changes: dict[str, Any] = {"last_at": now, "count": incidents.c.count + 1, "params": merged}
        if known.closed_at is not None:
            changes |= {"closed_at": None, "times": known.times + 1, "acked_by": "", "acked_at": None}
        if worse:
            changes |= {"severity": severity.value, "snoozed_until": None, "snoozed_by": "", "acked_by": ""}
            changes |= _moved(known, merged)
        asleep = known.snoozed_until is not None and known.snoozed_until > now and not worse
        if not asleep:
            changes["version"] = _NEXT
        self._change(work, known.incident_id, changes)

    def _change(self, work: Connection, incident_id: int, changes: Mapping[str, Any]) -> None:
        work.execute(update(incidents).where(incidents.c.incident_id == incident_id).values(**changes))

    def recover(
        self, shop: str, cause: str | None, now: datetime, *, connection: Connection | None = None
    ) -> list[int]:
        """Close the open incidents of a shop, of one cause or (None) of all; gives their ids."""
        with self._within(connection) as work:
            query = select(incidents).where(incidents.c.shop == shop, incidents.c.closed_at.is_(None))
            if cause is not None:
                query = query.where(incidents.c.cause == cause)
            found = [_incident(row) for row in work.execute(query)]
            for incident in found:
                changes = {"closed_at": now, "snoozed_until": None, "version": _NEXT}
                self._change(work, incident.incident_id, changes)
            return [incident.incident_id for incident in found]

    def get(self, incident_id: int, *, connection: Connection | None = None) -> Incident | None:
        """Give one incident, open or closed."""
        with self._looking(connection) as work:
            row = work.execute(select(incidents).where(incidents.c.incident_id == incident_id)).first()
            return _incident(row) if row else None

    def latest(self, shop: str, cause: str) -> Incident | None:
        """Give the newest incident of a shop and cause, open or closed."""
        mine = (incidents.c.shop == shop, incidents.c.cause == cause)
        newest = select(incidents).where(*mine).order_by(incidents.c.incident_id.desc()).limit(1)
        with reading(self._engine) as work:
            row = work.execute(newest).first()
        return _incident(row) if row else None

    def open(self, *, connection: Connection | None = None) -> list[Incident]:
        """Give the open incidents, oldest first."""
        with self._looking(connection) as work:
            query = select(incidents).where(incidents.c.closed_at.is_(None)).order_by(incidents.c.opened_at)
            return [_incident(row) for row in work.execute(query)]

    def untold(self, *, connection: Connection | None = None) -> list[Incident]:
        """Give the incidents that changed since Slack last heard of them, oldest first."""
        with self._looking(connection) as work:
            query = select(incidents).where(incidents.c.version > incidents.c.told_version)
            return [_incident(row) for row in work.execute(query.order_by(incidents.c.incident_id))]

    def told(
        self,
        incident_id: int,
        version: int,
        channel: str,
        ts: str,
        *,
        now: datetime | None = None,
        kept: Mapping[str, Any] | None = None,
        connection: Connection | None = None,
    ) -> None:
        """Note what Slack shows now, and where.

        Args:
            now: when the root was posted, if it is a new one.
            kept: what the sender keeps with it; the names begin with a line.
        """
        with self._within(connection) as work:
            known = self.get(incident_id, connection=work)
            if known is None:
                return
            changes: dict[str, Any] = {"told_version": version, "channel": channel, "root_ts": ts}
            stays = {name: value for name, value in known.kept.items() if name != _MOVED_FROM}
            new = {**stays, **(kept or {})}
            if now is not None and ts != known.root_ts:
                new[_ROOTED] = now.isoformat()
            if new != known.kept:
                changes["params"] = {**known.params, **new}
            self._change(work, incident_id, changes)

    def touch(self, incident_id: int, *, connection: Connection | None = None) -> None:
        """Let an incident be shown anew: what stands in its message beside it has changed."""
        with self._within(connection) as work:
            if known := self.get(incident_id, connection=work):
                touched = {**known.kept, TOUCHED: int(known.kept.get(TOUCHED, 0)) + 1}
                self._change(work, incident_id, {"version": _NEXT, "params": {**known.params, **touched}})

    def at(self, channel: str, ts: str) -> list[Incident]:
        """Give the incidents that one message shows, the oldest first."""
        there = (incidents.c.channel == channel, incidents.c.root_ts == ts)
        with reading(self._engine) as work:
            rows = work.execute(select(incidents).where(*there).order_by(incidents.c.incident_id))
            return [_incident(row) for row in rows]

    # --- many at once

    def opened_since(self, moment: datetime, *, connection: Connection | None = None) -> int:
        """Count the incidents that began after a moment."""
        newer = (incidents.c.opened_at > moment, incidents.c.cause != STORM)
        with self._looking(connection) as work:
            count = select(func.count()).select_from(incidents).where(*newer)
            return int(work.execute(count).scalar_one())

    def gather(self, incident_ids: Iterable[int], now: datetime) -> int:
        """Tell some incidents as one storm from now on; gives its id."""
        with self._engine.begin() as work:
            storm = self.raise_("", STORM, {}, now, Severity.WARNING, connection=work)
            for incident_id in incident_ids:
                if known := self.get(incident_id, connection=work):
                    self._change(work, incident_id, {"params": {**known.params, **known.kept, _STORM: storm}})
            return storm

    def of_storm(self, storm_id: int, *, connection: Connection | None = None) -> list[Incident]:
        """Give the incidents that are told as one storm, open and over, the oldest first."""
        member = incidents.c.params[_STORM].as_integer() == storm_id
        with self._looking(connection) as work:
            rows = work.execute(select(incidents).where(member).order_by(incidents.c.incident_id))
            return [_incident(row) for row in rows]

    def acknowledge(
        self, incident_id: int, who: str, now: datetime, *, connection: Connection | None = None
    ) -> bool:
        """Note that a person has seen it; False if somebody had before, or it is over."""
        with self._within(connection) as work:
            known = self.get(incident_id, connection=work)
            if known is None or known.closed_at is not None or known.acked_by:
                return False
            changes = {"acked_by": who, "acked_at": now, "version": _NEXT}
            self._change(work, incident_id, changes)
            return True

    def snooze(
        self, incident_id: int, until: datetime, who: str, *, connection: Connection | None = None
    ) -> bool:
        """Only count until ``until``; False if it is snoozed already that long, or over."""
        with self._within(connection) as work:
            known = self.get(incident_id, connection=work)
            if known is None or known.closed_at is not None:
                return False
            if known.snoozed_until is not None and known.snoozed_until >= until:
                return False
            changes = {"snoozed_until": until, "snoozed_by": who, "version": _NEXT}
            self._change(work, incident_id, changes)
            return True

    def end_snoozes(self, now: datetime, *, connection: Connection | None = None) -> list[int]:
        """End the snoozes whose time is up: what is still broken is posted anew; gives the ids."""
        due = select(incidents).where(incidents.c.closed_at.is_(None), incidents.c.snoozed_until <= now)
        with self._looking(connection) as work:
            if work.execute(due).first() is None:
                return []
        with self._within(connection) as work:
            found = [_incident(row) for row in work.execute(due)]
            for incident in found:
                changes = {"snoozed_until": None, "snoozed_by": "", "version": _NEXT}
                stored = {**incident.params, **incident.kept}
                self._change(work, incident.incident_id, changes | _moved(incident, stored))
            return [incident.incident_id for incident in found]

    def move_lasting(self, now: datetime, *, connection: Connection | None = None) -> list[int]:
        """Have what is open for a day posted anew, and again each day; gives the ids."""
        c = incidents.c
        awake = (c.closed_at.is_(None), c.snoozed_until.is_(None), c.root_ts != "")
        told_daily = (c.cause != STORM, c.cause.not_like(f"{STEPPED}:%"))
        query = select(incidents).where(*awake, *told_daily, c.opened_at <= now - LASTING)
        with self._looking(connection) as work:
            found = [item for item in map(_incident, work.execute(query)) if _is_lasting(item, now)]
        if found:
            with self._within(connection) as work:
                for item in found:
                    changes = _moved(item, {**item.params, **item.kept})
                    self._change(work, item.incident_id, {"version": _NEXT, **changes})
        return [item.incident_id for item in found]


def _is_lasting(incident: Incident, now: datetime) -> bool:
    rooted = incident.kept.get(_ROOTED)
    return now - (datetime.fromisoformat(rooted) if rooted else incident.opened_at) >= LASTING


def _moved(known: Incident, stored: dict[str, Any]) -> dict[str, Any]:
    """Give the changes that make the sender post a new root and mark the old one as moved."""
    stored = {name: value for name, value in stored.items() if name != _STORM}
    if not known.root_ts:
        return {"params": stored}
    return {"root_ts": "", "params": {**stored, _MOVED_FROM: [known.channel, known.root_ts]}}
