"""What a stretch of time looked like: orders, numbers that went out, and what went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Table, and_, func, or_, select

from bot.figures import Lowered, Sold
from bot.store.schema import credentials, drifts, entries, incidents, order_lines, orders, plan_lines, plans

_TAKEN = entries.c.on_hand - entries.c.reserved - entries.c.held
_DONE = ("done", "sent")


def sold(connection: Connection, since: datetime, until: datetime) -> list[Sold]:
    """Give what was ordered in a stretch of time, each line once."""
    e, o = entries.c, order_lines.c
    same = and_(o.shop == e.shop, o.order_id == e.order_id, o.line_id == e.line_id)
    counted = func.min(e.taken_in_at, type_=e.taken_in_at.type)
    rows = connection.execute(
        select(e.shop, e.code, o.ordered_at, counted.label("counted_at"))
        .join(order_lines, same)
        .where(e.order_id != "", _TAKEN < 0, o.ordered_at >= since, o.ordered_at < until)
        .group_by(e.shop, e.order_id, e.line_id, e.code)
    )
    return [Sold(row.shop, row.code, row.ordered_at, row.counted_at) for row in rows]


def lowered(connection: Connection, since: datetime, visible_s: Mapping[str, float]) -> list[Lowered]:
    """Give the numbers that went out since a moment and were lower than those before.

    Args:
        visible_s: by shop, the seconds from its answer until buyers see the number.
    """
    line = plan_lines.c
    lower = or_(line.predicted.is_(None), line.quantity < line.predicted)
    rows = connection.execute(
        select(plans.c.shop, line.code, plans.c.made_at, line.decided_at)
        .join(plans, plans.c.plan_id == line.plan_id)
        .where(plans.c.made_at >= since, line.outcome.in_(_DONE), line.decided_at.is_not(None), lower)
    )
    return [
        Lowered(
            row.shop,
            row.code,
            row.made_at,
            row.decided_at + timedelta(seconds=visible_s.get(row.shop, 0)),
        )
        for row in rows
    ]


def counts(connection: Connection, since: datetime, until: datetime) -> dict[str, int]:
    """Count orders, numbers written, oversells and numbers changed at malls in a stretch of time."""
    line = plan_lines.c
    written = (line.outcome.in_(_DONE), line.decided_at >= since, line.decided_at < until)
    return {
        "orders": _count(connection, orders, *_in(orders.c.ordered_at, since, until)),
        "writes": _count(connection, plan_lines, *written),
        "oversells": _count(
            connection,
            incidents,
            incidents.c.cause.like("oversold:%"),
            *_in(incidents.c.opened_at, since, until),
        ),
        "drifts": _count(connection, drifts, *_in(drifts.c.found_at, since, until)),
    }


def _in(column: ColumnElement[datetime], since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return column >= since, column < until


def _count(connection: Connection, table: Table, *where: ColumnElement[bool]) -> int:
    return int(connection.execute(select(func.count()).select_from(table).where(*where)).scalar_one())


def ending(connection: Connection, until: datetime) -> list[tuple[str, str, datetime]]:
    """Give (shop, kind, end) of the credentials that end before a moment, the next to end first."""
    c = credentials.c
    query = select(c.shop, c.kind, c.expires_at).where(c.expires_at.is_not(None), c.expires_at < until)
    return [(row.shop, row.kind, row.expires_at) for row in connection.execute(query.order_by(c.expires_at))]
