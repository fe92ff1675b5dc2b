"""How codes sell, measured from the ledger and the order lines."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Function, case, func, select

from bot.store.schema import entries, order_lines
from bot.sync.values import Demand, Habits

MONTH, DAY, HOUR = timedelta(days=28), timedelta(days=1), timedelta(hours=1)
SAMPLE = 1_000  # latest lines of a shop that its delay is measured from
ENOUGH = 20  # fewer tell nothing of one in a hundred

_PIECES = func.sum(entries.c.reserved - entries.c.on_hand)  # a reserved piece that is sold counts once


def of(connection: Connection, codes: Iterable[str], now: datetime) -> dict[str, Demand]:
    """Give the demand for single codes in the 28 days up to now; those without a sale are absent."""
    found: dict[str, Demand] = {}
    wanted = list(codes)
    for start in range(0, len(wanted), 500):
        found |= _demand(connection, wanted[start : start + 500], now)
    return found


def _demand(connection: Connection, codes: list[str], now: datetime) -> dict[str, Demand]:
    rows = connection.execute(
        select(
            entries.c.code,
            entries.c.shop,
            _PIECES.label("month"),
            _pieces_since(now - HOUR).label("hour"),
            _pieces_since(now - DAY).label("day"),
        )
        .where(entries.c.code.in_(codes), entries.c.at > now - MONTH, entries.c.order_id != "")
        .where(entries.c.held == 0)
        .group_by(entries.c.code, entries.c.shop)
        .order_by(entries.c.code, entries.c.shop)
    )
    found: dict[str, Demand] = {}
    for row in rows:
        before = found.get(row.code, Demand())
        by_shop = {**before.by_shop, row.shop: int(row.month)}
        found[row.code] = Demand(by_shop, before.last_hour + int(row.hour), before.last_day + int(row.day))
    return found


def _pieces_since(moment: datetime) -> Function[Any]:
    return func.sum(case((entries.c.at > moment, entries.c.reserved - entries.c.on_hand), else_=0))


def habits(connection: Connection, since: datetime) -> Habits:
    """Measure what each shop sells, and how long its orders stay unseen."""
    rows = connection.execute(
        select(entries.c.shop, _PIECES.label("pieces"))
        .where(entries.c.at > since, entries.c.order_id != "", entries.c.held == 0)
        .group_by(entries.c.shop)
    )
    sales = {row.shop: max(0, int(row.pieces)) for row in rows}
    delays = {shop: _seen_s(connection, shop, since) for shop in sorted(sales)}
    return Habits(sales, {shop: delay for shop, delay in delays.items() if delay is not None})


def _seen_s(connection: Connection, shop: str, since: datetime) -> float | None:
    """Give the delay in seconds that 99 of 100 lines keep to; None where there are too few."""
    rows = connection.execute(
        select(order_lines.c.ordered_at, order_lines.c.first_seen_at)
        .where(order_lines.c.shop == shop, order_lines.c.ordered_at > since)
        .order_by(order_lines.c.ordered_at.desc())
        .limit(SAMPLE)
    )
    delays: list[float] = sorted((row.first_seen_at - row.ordered_at).total_seconds() for row in rows)
    if len(delays) < ENOUGH:
        return None
    return max(0.0, delays[len(delays) * 99 // 100])
