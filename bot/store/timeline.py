"""What is kept of one code around a moment: orders, numbers written and read, what stood still."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, func, or_, select

from bot.store.schema import (
    balances,
    drifts,
    entries,
    incidents,
    order_lines,
    pauses,
    plan_lines,
    plans,
    shown,
    switches,
)

_CHANGE = entries.c.on_hand - entries.c.reserved - entries.c.held


def newest(connection: Connection) -> int:
    """Give the number of the latest entry of the ledger."""
    return int(connection.execute(select(func.coalesce(func.max(entries.c.seq), 0))).scalar_one())


def oversold_since(connection: Connection, seq: int) -> list[tuple[str, int]]:
    """Give (code, pieces) of what is below nothing and was ordered after an entry of the ledger."""
    ordered = select(entries.c.code).where(entries.c.seq > seq, entries.c.order_id != "", _CHANGE < 0)
    left = balances.c.on_hand - balances.c.reserved - balances.c.held
    counted = (balances.c.counted_at.is_not(None), left < 0, balances.c.code.in_(ordered.distinct()))
    rows = connection.execute(select(balances.c.code, left.label("left")).where(*counted))
    return [(row.code, int(row.left)) for row in rows]


def before(connection: Connection, code: str, since: datetime) -> int:
    """Give the pieces that might be sold before a moment, by the malls' own times."""
    query = select(func.coalesce(func.sum(_CHANGE), 0))
    return int(connection.execute(query.where(entries.c.code == code, entries.c.at < since)).scalar_one())


def sales(connection: Connection, code: str, since: datetime) -> list[dict[str, object]]:
    """Give what each order line took of a code since a moment, cancelled ones left out."""
    e, o = entries.c, order_lines.c
    same = and_(o.shop == e.shop, o.order_id == e.order_id, o.line_id == e.line_id)
    query = (
        select(
            e.shop,
            e.order_id,
            o.code.label("listed"),
            o.mall_code,
            o.quantity.label("units"),
            (-func.sum(_CHANGE)).label("pieces"),
            o.ordered_at,
            o.first_seen_at.label("seen_at"),
            func.min(e.taken_in_at, type_=e.taken_in_at.type).label("counted_at"),
        )
        .join(order_lines, same)
        .where(e.code == code, e.order_id != "", e.at >= since)
        .group_by(e.shop, e.order_id, e.line_id)
        .having(func.sum(_CHANGE) < 0)
        .order_by(o.ordered_at)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def moves(connection: Connection, code: str, since: datetime) -> list[dict[str, object]]:
    """Give what changed a code's stock since a moment and was no order."""
    e = entries.c
    query = select(e.taken_in_at.label("at"), e.cause, _CHANGE.label("pieces"), e.who)
    mine = (e.code == code, e.order_id == "", e.at >= since, _CHANGE != 0)
    return [dict(row) for row in connection.execute(query.where(*mine).order_by(e.seq)).mappings()]


def writes(connection: Connection, codes: Iterable[str], since: datetime) -> list[dict[str, object]]:
    """Give the numbers of some codes that were sent since a moment."""
    line = plan_lines.c
    query = (
        select(
            plans.c.shop,
            line.code.label("listed"),
            line.mall_code,
            line.quantity,
            line.predicted.label("before"),
            plans.c.made_at.label("sent_at"),
            line.decided_at.label("answered_at"),
            line.outcome,
            line.error,
        )
        .join(plans, plans.c.plan_id == line.plan_id)
        .where(line.code.in_(list(codes)), plans.c.made_at >= since)
        .order_by(plans.c.made_at)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def readings(
    connection: Connection, codes: Sequence[str], since: datetime
) -> list[tuple[str, str, int, datetime]]:
    """Give (shop, code, number, when) of what was read at the malls since a moment."""
    d, s = drifts.c, shown.c
    drifted = select(d.shop, d.code, d.found, d.read_at).where(d.code.in_(codes), d.read_at >= since)
    latest = select(s.shop, s.code, s.read_quantity, s.read_at).where(
        s.code.in_(codes), s.read_at >= since, s.read_quantity.is_not(None)
    )
    rows = [*connection.execute(drifted), *connection.execute(latest)]
    return sorted({(row[0], row[1], row[2], row[3]) for row in rows}, key=lambda row: row[3])


def failures(connection: Connection, since: datetime) -> list[tuple[str, str, datetime, datetime | None]]:
    """Give (shop, cause, begin, end) of what went wrong at shops since a moment, or still does."""
    i = incidents.c
    standing = or_(i.closed_at.is_(None), i.closed_at >= since)
    rows = connection.execute(select(i.shop, i.cause, i.opened_at, i.closed_at).where(i.shop != "", standing))
    return [(row.shop, row.cause, row.opened_at, row.closed_at) for row in rows]


def pauses_since(connection: Connection, since: datetime) -> list[dict[str, object]]:
    """Give the pauses that held at some moment since one, ended or not."""
    p = pauses.c
    end = func.coalesce(p.ended_at, p.until, type_=p.until.type)
    held = or_(end.is_(None), end >= since)
    query = select(p.target, p.reason, p.who, p.since.label("begin"), end.label("end")).where(held)
    return [dict(row) for row in connection.execute(query).mappings()]


def switched_off(connection: Connection) -> list[tuple[str, str, datetime]]:
    """Give (shop or "all", who, since) of what is switched off now."""
    rows = connection.execute(select(switches).where(switches.c.on.is_(False)))
    return [(row.target, row.who, row.at) for row in rows]
