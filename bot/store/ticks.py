"""The set-up check-lists: which steps of a shop are ticked, by whom and when."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from bot.store.schema import ticks


@dataclass(frozen=True)
class Tick:
    """One step that somebody ticked."""

    step: str
    who: str
    at: datetime


def of_shop(connection: Connection, shop: str) -> dict[str, Tick]:
    """Give the ticked steps of a shop, by step."""
    rows = connection.execute(select(ticks).where(ticks.c.shop == shop))
    return {row.step: Tick(row.step, row.who, row.at) for row in rows}


def put(connection: Connection, shop: str, steps: Collection[str], who: str, at: datetime) -> None:
    """Tick steps; who ticked one first stays."""
    rows = [{"shop": shop, "step": step, "who": who, "at": at} for step in steps]
    if rows:
        connection.execute(upsert(ticks).values(rows).on_conflict_do_nothing())


def take_back(connection: Connection, shop: str, steps: Collection[str]) -> None:
    """Take the ticks of steps away."""
    connection.execute(delete(ticks).where(ticks.c.shop == shop, ticks.c.step.in_(steps)))
