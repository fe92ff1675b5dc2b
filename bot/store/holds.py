"""Plans that the guard holds: asked about, decided by people, restarts included."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from bot.store.schema import dirty, holds, plans, shown
from bot.sync.guard import EXEMPT, HeldLine, Hold, HoldState, Reason, Trip
from bot.sync.values import Why

_OPEN = (HoldState.ASKED.value, HoldState.APPROVED.value)


def open_holds(connection: Connection, shop: str | None = None) -> list[Hold]:
    """Give the holds of a shop, or of all, that are asked about or approved; the oldest first."""
    query = select(holds).where(holds.c.state.in_(_OPEN)).order_by(holds.c.hold_id)
    rows = connection.execute(query if shop is None else query.where(holds.c.shop == shop))
    return [_hold(row) for row in rows]


def decided_since(connection: Connection, shop: str, since: datetime) -> list[Hold]:
    """Give the plans of a shop that people approved or dropped since a moment, the oldest first."""
    mine = (holds.c.shop == shop, holds.c.decided_by != "", holds.c.decided_at >= since)
    return [_hold(row) for row in connection.execute(select(holds).where(*mine).order_by(holds.c.hold_id))]


def named(connection: Connection, plan_hash: str) -> Hold | None:
    """Give the latest plan of a hash, whatever became of it."""
    query = select(holds).where(holds.c.plan_hash == plan_hash).order_by(holds.c.hold_id.desc()).limit(1)
    row = connection.execute(query).first()
    return _hold(row) if row else None


def asked_hash(connection: Connection, shop: str) -> str:
    """Give the hash of the plan that is asked about at a shop, "" for none."""
    query = select(holds.c.plan_hash).where(holds.c.shop == shop, holds.c.state == HoldState.ASKED.value)
    return connection.execute(query).scalars().first() or ""


def _hold(row: Row[Any]) -> Hold:
    trip, changed, zero, of = row.reason
    return Hold(
        row.shop,
        row.plan_hash,
        tuple(HeldLine(code, at, was, after, Why(why)) for code, at, was, after, why in row.lines),
        Reason(Trip(trip), changed, zero, of),
        row.asked_at,
        tuple(row.caused_by),
        HoldState(row.state),
        row.decided_by,
        row.decided_at,
    )


def ask(connection: Connection, hold: Hold) -> None:
    """Keep a plan that people are asked about."""
    reason = hold.reason
    connection.execute(
        insert(holds).values(
            shop=hold.shop,
            plan_hash=hold.plan_hash,
            lines=[[line.code, line.mall_code, line.before, line.after, line.why] for line in hold.lines],
            reason=[reason.trip, reason.changed, reason.zero, reason.of],
            asked_at=hold.asked_at,
            caused_by=list(hold.caused_by),
            state=hold.state.value,
        )
    )


def decide(connection: Connection, hold: Hold, state: HoldState, who: str, now: datetime) -> bool:
    """Close an open hold, or approve it; tells whether it still stood as it was known."""
    decided = connection.execute(
        update(holds)
        .where(
            holds.c.shop == hold.shop,
            holds.c.plan_hash == hold.plan_hash,
            holds.c.state == hold.state.value,
        )
        .values(state=state.value, decided_by=who or hold.decided_by, decided_at=now)
    )
    return decided.rowcount > 0


def drop_waiting(connection: Connection, shop: str, codes: Iterable[str]) -> None:
    """Let codes wait no more, but for those that were sold meanwhile."""
    wanted = list(codes)
    for start in range(0, len(wanted), 500):
        some = dirty.c.code.in_(wanted[start : start + 500])
        sold = dirty.c.cause.in_([why.value for why in EXEMPT])
        connection.execute(delete(dirty).where(dirty.c.shop == shop, some, ~sold))


def first_plan_at(connection: Connection, shop: str) -> datetime | None:
    """Give when a shop was written to first; None before."""
    query = select(func.min(plans.c.made_at)).where(plans.c.shop == shop)
    found: datetime | None = connection.execute(query).scalar_one()
    return found


def showing(connection: Connection, shop: str) -> list[str]:
    """Give the codes of which a shop shows pieces, as far as anybody knows."""
    pieces = or_(shown.c.predicted.is_(None), shown.c.predicted != 0)
    return [row.code for row in connection.execute(select(shown.c.code).where(shown.c.shop == shop, pieces))]
