"""Incidents: one row per shop and cause that people hear of, from its opening to its recovery.

A row's ``version`` rises with every change that Slack has to show; ``told_version`` is what
Slack shows. So whatever happens between, the newest state is what is sent, and nothing that was
sent is sent again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, insert, or_, select, update

from bot.store.database import reading
from bot.store.schema import incidents

FLAPPING = timedelta(minutes=10)
"""An incident that comes back sooner than this after its recovery is the same incident."""

_NEXT = incidents.c.version + 1  # counted by the database, so that no change is lost
_MOVED_FROM = "_moved_from"  # kept among the parameters: where the root stood before it moved


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
    moved_from: tuple[str, str] | None = None


def _incident(row: Row[Any]) -> Incident:
    values = dict(row._mapping)
    params = dict(values.pop("params"))
    moved = params.pop(_MOVED_FROM, None)
    severity = Severity(values.pop("severity"))
    return Incident(**values, severity=severity, params=params, moved_from=tuple(moved) if moved else None)


def _storable(params: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in params.items()}


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
        row = {"shop": shop, "cause": cause, "severity": severity.value, "params": params}
        times = {"opened_at": now, "last_at": now, "count": 1}
        added = insert(incidents).values(**row, **times).returning(incidents.c.incident_id)
        return int(work.execute(added).scalar_one())

    def _again(
        self, work: Connection, known: Incident, params: dict[str, Any], now: datetime, severity: Severity
    ) -> None:
        worse = severity.above(known.severity)
        merged = {**known.params, **params}
        if known.moved_from:
            merged[_MOVED_FROM] = list(known.moved_from)
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
        self, incident_id: int, version: int, channel: str, ts: str, *, connection: Connection | None = None
    ) -> None:
        """Note what Slack shows now, and where."""
        with self._within(connection) as work:
            known = self.get(incident_id, connection=work)
            if known is None:
                return
            changes: dict[str, Any] = {"told_version": version, "channel": channel, "root_ts": ts}
            if known.moved_from:
                changes["params"] = known.params
            self._change(work, incident_id, changes)

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
                self._change(work, incident.incident_id, changes | _moved(incident, dict(incident.params)))
            return [incident.incident_id for incident in found]


def _moved(known: Incident, params: dict[str, Any]) -> dict[str, Any]:
    """Give the changes that make the sender post a new root and mark the old one as moved."""
    if not known.root_ts:
        return {"params": params}
    return {"root_ts": "", "params": {**params, _MOVED_FROM: [known.channel, known.root_ts]}}
