"""The history of one code: what moved it in the ledger, and what was written to each shop."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, func, select

from bot.answers import HistoryLine
from bot.store.schema import entries, plan_lines, plans


def history(connection: Connection, code: str, parts: Iterable[str], limit: int) -> list[HistoryLine]:
    """Give the latest lines of a code, the oldest of them first.

    Args:
        parts: single codes whose entries belong to it: its own, and those of a set's parts.
    """
    found = _entries(connection, [*dict.fromkeys((code, *parts))], limit) + _writes(connection, code, limit)
    return sorted(found, key=_place)[-limit:]


def _place(line: HistoryLine) -> tuple[datetime, bool]:
    return line.at, line.is_write  # what moved the stock stands before what was written for it


def _entries(connection: Connection, codes: list[str], limit: int) -> list[HistoryLine]:
    after = func.sum(entries.c.on_hand).over(partition_by=entries.c.code, order_by=entries.c.seq)
    query = select(entries, after.label("after")).where(entries.c.code.in_(codes))
    rows = connection.execute(query.order_by(entries.c.seq.desc()).limit(limit)).all()
    return [
        HistoryLine(
            at=row.taken_in_at,
            what=row.cause,
            code=row.code,
            shop=row.shop,
            order_id=row.order_id,
            who=row.who,
            note=row.note,
            happened_at=row.at,
            on_hand=row.on_hand,
            reserved=row.reserved,
            held=row.held,
            on_hand_after=int(row.after),
        )
        for row in reversed(rows)
    ]


def _writes(connection: Connection, code: str, limit: int) -> list[HistoryLine]:
    query = (
        select(plan_lines, plans.c.shop, plans.c.made_at)
        .join(plans, plans.c.plan_id == plan_lines.c.plan_id)
        .where(plan_lines.c.code == code)
        .order_by(plans.c.made_at.desc(), plans.c.shop)
        .limit(limit)
    )
    return [
        HistoryLine(
            at=row.made_at,
            what=row.cause,
            code=row.code,
            shop=row.shop,
            mall_code=row.mall_code,
            happened_at=row.decided_at or row.made_at,
            note=row.error,
            quantity=row.quantity,
            before=row.predicted,
            outcome=row.outcome or "unknown",
        )
        for row in connection.execute(query)
    ]
