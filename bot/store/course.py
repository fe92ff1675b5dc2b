"""The course of a code over days: what moved its pieces, and what was sold of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, func, select

from adapters.contract import LineState
from bot.store.schema import entries, order_lines


def moves(connection: Connection, codes: Iterable[str], since: datetime) -> list[tuple[str, datetime, int]]:
    """Give (single code, moment, change of what may be sold) since a moment."""
    c = entries.c
    change = (c.on_hand - c.reserved - c.held).label("change")
    query = select(c.code, c.at, change).where(c.code.in_(list(codes)), c.at >= since)
    return [(row.code, row.at, row.change) for row in connection.execute(query.order_by(c.seq))]


def first_at(connection: Connection, codes: Iterable[str]) -> datetime | None:
    """Give when all of some codes had an entry: before, nobody knew how many there were."""
    wanted = list(codes)
    query = select(func.min(entries.c.at).label("at")).where(entries.c.code.in_(wanted))
    found = [row.at for row in connection.execute(query.group_by(entries.c.code))]
    return max(found) if len(found) == len(wanted) else None


def sales(connection: Connection, code: str, since: datetime) -> list[tuple[datetime, int]]:
    """Give (moment, pieces) of the order lines of a code that stand, ordered since a moment."""
    c = order_lines.c
    stands = (c.code == code, c.ordered_at >= since, c.state != LineState.CANCELLED.value)
    return [
        (row.ordered_at, row.quantity)
        for row in connection.execute(select(c.ordered_at, c.quantity).where(*stands))
    ]
