"""Drifts: numbers at a mall that were not ours, and what became of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from bot.store.schema import drifts
from bot.sync.values import Drift, DriftState

BOT = "tanaban"
"""Who pauses a listing that another system writes to."""
REASON = "another system writes here"


def add(connection: Connection, shop: str, drift: Drift) -> None:
    """Keep a drift; an open question of the same listing is overtaken by it."""
    close_question(connection, shop, drift.code, drift.found_at)
    connection.execute(
        insert(drifts).values(
            shop=shop,
            code=drift.code,
            found=drift.found,
            expected=drift.expected,
            read_at=drift.read_at,
            found_at=drift.found_at,
            state=drift.state.value,
            who=drift.who,
            decided_at=drift.decided_at,
        )
    )


def close_question(connection: Connection, shop: str, code: str, now: datetime) -> None:
    """Take back the open question of a listing."""
    open_ = (drifts.c.shop == shop, drifts.c.code == code, drifts.c.state == DriftState.ASKED.value)
    closed = {"state": DriftState.OVERTAKEN.value, "decided_at": now}
    connection.execute(update(drifts).where(*open_).values(**closed))


def decide(
    connection: Connection,
    drift: Drift,
    state: DriftState,
    who: str,
    now: datetime,
    until: datetime | None = None,
) -> None:
    """Keep what a person decided."""
    values = {"state": state.value, "who": who, "decided_at": now, "until": until}
    connection.execute(update(drifts).where(drifts.c.drift_id == drift.drift_id).values(**values))


def of_listing(connection: Connection, shop: str, code: str, since: datetime) -> list[Drift]:
    """Give the drifts of a listing found since a moment, the oldest first."""
    query = select(drifts).where(drifts.c.shop == shop, drifts.c.code == code, drifts.c.found_at > since)
    return [_drift(row) for row in connection.execute(query.order_by(drifts.c.drift_id))]


def latest(connection: Connection, shop: str, code: str) -> Drift | None:
    """Give the latest drift of a listing."""
    query = select(drifts).where(drifts.c.shop == shop, drifts.c.code == code)
    row = connection.execute(query.order_by(drifts.c.drift_id.desc()).limit(1)).first()
    return _drift(row) if row else None


def asked(connection: Connection, shop: str) -> dict[str, Drift]:
    """Give the open questions of a shop, by code."""
    query = select(drifts).where(drifts.c.shop == shop, drifts.c.state == DriftState.ASKED.value)
    return {row.code: _drift(row) for row in connection.execute(query.order_by(drifts.c.code))}


def to_tell(connection: Connection, shop: str, moment: datetime) -> list[Drift]:
    """Give the open questions of a shop, and the repairs since a moment that nobody has answered."""
    state = drifts.c.state
    repaired = (state == DriftState.REPAIRED.value) & (drifts.c.found_at > moment)
    query = select(drifts).where(drifts.c.shop == shop, (state == DriftState.ASKED.value) | repaired)
    return [_drift(row) for row in connection.execute(query.order_by(drifts.c.drift_id))]


def since(connection: Connection, moment: datetime) -> list[tuple[str, Drift]]:
    """Give (shop, drift) for what was found since a moment, and every open question."""
    open_ = drifts.c.state == DriftState.ASKED.value
    query = select(drifts).where((drifts.c.found_at > moment) | open_).order_by(drifts.c.drift_id)
    return [(row.shop, _drift(row)) for row in connection.execute(query)]


def _drift(row: Row[Any]) -> Drift:
    return Drift(
        row.code,
        row.found,
        row.expected,
        row.read_at,
        row.found_at,
        DriftState(row.state),
        row.who,
        row.decided_at,
        row.until,
        row.drift_id,
    )
