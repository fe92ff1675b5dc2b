"""Warns of credentials that end: at 30, 14, 7, 3, 1 and 0 days, and each day after, once each.

What was told is kept, so neither a restart nor a clock that jumps tells a step twice. A date is advice:
whether a credential works, only the mall's answer decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from adapters.contract import Clock, CredentialKind
from bot.desks import Desks
from bot.following import MappingInForce
from bot.mapping.model import Shop, ShopStatus
from bot.messages import JST, moment, say
from bot.store import credentials as records
from bot.store import shops
from bot.store.credentials import CredentialRecord
from bot.store.database import reading
from bot.store.incidents import Incidents, Severity

STEPS = (30, 14, 7, 3, 1, 0)
SHORT_LIFE = timedelta(days=3)
"""A credential that lives for less is warned of once, at once."""

AHEAD = timedelta(days=1)
"""A clock may be set back by less without a step being told again."""

EXPIRING, REFUSED = "expiring", "key_refused"
"""Causes; an incident's is followed by ``:`` and the kind."""

_SEVERITY = ((1, Severity.CRITICAL), (7, Severity.WARNING), (10_000, Severity.NOTICE))


def days_left(end: datetime, now: datetime) -> int:
    """Give the days to the end by Japan's calendar: 0 on its day, below zero after it."""
    return (end.astimezone(JST).date() - now.astimezone(JST).date()).days


def step_at(end: datetime, life: timedelta | None, now: datetime) -> int | None:
    """Give the step that is reached: one of ``STEPS``, or the days past the end below zero; None before all.

    Args:
        life: of the whole credential, where it is known: steps that are not shorter are none.
    """
    left = days_left(end, now)
    if end <= now:
        return min(left, -1) if left else 0
    if life is not None and life < SHORT_LIFE:
        return 0
    return min((step for step in STEPS if left <= step and _within(step, life)), default=None)


def _within(step: int, life: timedelta | None) -> bool:
    return life is None or timedelta(days=step) < life


def due(record: CredentialRecord, life: timedelta | None, lead: timedelta, now: datetime) -> int | None:
    """Give the step that people have to hear of now; None if there is none, or they have."""
    if record.expires_at is None:
        return None
    end = record.expires_at - lead
    step = step_at(end, life, now)
    return step if step is not None and not was_told(record, end, step, now) else None


def was_told(record: CredentialRecord, end: datetime, step: int, now: datetime) -> bool:
    """Tell whether people heard of this step, or a later one, of the same end; its hour does not count.

    What was told by a clock that was days ahead of now was told of nothing.
    """
    if record.told_step is None or record.told_end is None or days_left(record.told_end, end):
        return False
    return record.told_step <= step and (record.told_at is None or record.told_at < now + AHEAD)


def life_of(record: CredentialRecord, kind: CredentialKind) -> timedelta | None:
    """Give how long a credential lives in all: from its issue where that is known, else as its kind does."""
    begin = record.issued_at or record.stored_at
    if begin and record.expires_at and record.expires_at > begin:
        return record.expires_at - begin
    return timedelta(days=kind.life_days) if kind.life_days else None


@dataclass(frozen=True)
class _Kept:
    shop: Shop
    kind: CredentialKind
    record: CredentialRecord


class Warnings:
    """Tells of credentials that end, and of those that a mall refuses without stopping the shop.

    Args:
        notify: says a message key with its parameters in the ops channel: a step after the first one.
        lead: how much earlier than its date each credential is taken to end.
    """

    def __init__(
        self,
        engine: Engine,
        in_force: Callable[[], MappingInForce],
        desks: Desks,
        clock: Clock,
        notify: Callable[[str, Mapping[str, str]], None],
        lead: timedelta = timedelta(0),
    ) -> None:
        self._engine = engine
        self._in_force = in_force
        self._desks = desks
        self._clock = clock
        self._notify = notify
        self._lead = lead
        self._incidents = Incidents(engine)

    def look(self) -> None:
        """Tell what is due now, and end what is over; may be called as often as one likes."""
        now, standing = self._clock.now(), set[tuple[str, str]]()
        for kept in self._kept():
            standing |= {(kept.shop.name, cause) for cause in self._look_at(kept, now)}
        for incident in self._incidents.open():
            cause, _, kind = incident.cause.partition(":")
            mine = cause in (EXPIRING, REFUSED) and kind
            if mine and (incident.shop, incident.cause) not in standing:
                self._incidents.recover(incident.shop, incident.cause, now)

    def _kept(self) -> Iterator[_Kept]:
        for shop in self._in_force().mapping.shops.values():
            if shop.status is ShopStatus.ARCHIVED:
                continue
            with reading(self._engine) as connection:
                known = records.records(connection, shop.name)
            for kind in self._desks.abilities(shop).credentials:
                if kind.name in known:
                    yield _Kept(shop, kind, self._dated(known[kind.name], kind))

    def _dated(self, record: CredentialRecord, kind: CredentialKind) -> CredentialRecord:
        """Give the record with an end: where nobody told one, its kind's usual life."""
        begin = record.issued_at or record.stored_at
        if record.expires_at or not begin or not kind.life_days:
            return record
        made = {"expires_at": begin + timedelta(days=kind.life_days), "end_by": records.BY_LIFE}
        with self._engine.begin() as connection:
            records.change(connection, record.shop, record.kind, **made)
            return records.records(connection, record.shop)[record.kind]

    def _look_at(self, kept: _Kept, now: datetime) -> list[str]:
        """Tell of one credential what is due; give the causes that stand."""
        standing, record, life = [], kept.record, life_of(kept.record, kept.kind)
        end = record.expires_at - self._lead if record.expires_at else None
        if end is not None and step_at(end, life, now) is not None:
            standing.append(f"{EXPIRING}:{kept.kind.name}")
            step = due(record, life, self._lead, now)
            if step is not None:
                self._tell(kept, end, step, now)
        if record.state == records.FAILED and not self._is_blocked(kept.shop.name):
            standing.append(f"{REFUSED}:{kept.kind.name}")
            self._tell_refused(kept, now)
        return standing

    def _tell(self, kept: _Kept, end: datetime, step: int, now: datetime) -> None:
        """Note the step and show it in the incident; a line of its own where that posts nothing new."""
        shop, kind = kept.shop.name, kept.kind.name
        severity = next(found for limit, found in _SEVERITY if step <= limit)
        known = self._open(shop, f"{EXPIRING}:{kind}")
        params = self._params(kept, kept.record.expires_at or end, now)
        with self._engine.begin() as connection:
            if not _is_new(connection, kept, end, step, now):
                return
            records.change(connection, shop, kind, told_step=step, told_end=end, told_at=now)
            self._incidents.raise_(shop, f"{EXPIRING}:{kind}", params, now, severity, connection=connection)
        if known is not None and not severity.above(known):
            self._notify("expiring_step", params)

    def _open(self, shop: str, cause: str) -> Severity | None:
        found = (item for item in self._incidents.open() if (item.shop, item.cause) == (shop, cause))
        return next((item.severity for item in found), None)

    def _params(self, kept: _Kept, ends: datetime, now: datetime) -> dict[str, str]:
        language = self._in_force().team.language
        key = "expiring.over" if ends <= now else "expiring.left"
        left = say(key, language, days=abs(days_left(ends, now)))
        day = moment(ends, language, "day")
        label = kept.kind.label_ja if language == "ja" else kept.kind.label_en
        return {
            "shop": kept.shop.name,
            "kind": kept.kind.name,
            "label": label,
            "left": left,
            "day": day,
            "detail": say("expiring.detail", language, label=label, day=day, left=left),
        }

    def _tell_refused(self, kept: _Kept, now: datetime) -> None:
        cause = f"{REFUSED}:{kept.kind.name}"
        if self._open(kept.shop.name, cause) is None:
            language = self._in_force().team.language
            label = kept.kind.label_ja if language == "ja" else kept.kind.label_en
            params = {"kind": kept.kind.name, "label": label, "detail": kept.record.detail}
            self._incidents.raise_(kept.shop.name, cause, params, now, Severity.WARNING)

    def _is_blocked(self, shop: str) -> bool:
        with reading(self._engine) as connection:
            return shops.record(connection, shop).blocked


def _is_new(connection: Connection, kept: _Kept, end: datetime, step: int, now: datetime) -> bool:
    """Tell whether nobody told this step since it was looked at."""
    record = records.records(connection, kept.shop.name).get(kept.kind.name)
    same = record is not None and record.expires_at == kept.record.expires_at
    return same and record is not None and not was_told(record, end, step, now)
