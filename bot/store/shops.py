"""How each shop is: last reading and writing, blocked, failing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert as upsert

from bot.store.schema import shops


@dataclass(frozen=True)
class ShopRecord:
    """One shop's row; a shop that was never run has none of it."""

    orders_read_at: datetime | None = None
    written_at: datetime | None = None
    products_read_at: datetime | None = None
    blocked: bool = False
    failing_cause: str = ""
    failing_since: datetime | None = None
    detail: str = ""


def record(connection: Connection, shop: str) -> ShopRecord:
    """Give a shop's record."""
    row = connection.execute(select(shops).where(shops.c.shop == shop)).mappings().first()
    return ShopRecord() if row is None else _record(row)


def records(connection: Connection) -> dict[str, ShopRecord]:
    """Give the records of all shops that were run, by name."""
    return {row["shop"]: _record(row) for row in connection.execute(select(shops)).mappings()}


def _record(row: Mapping[Any, Any]) -> ShopRecord:
    return ShopRecord(**{name: value for name, value in row.items() if name != "shop"})


def change(connection: Connection, shop: str, **values: Any) -> None:
    """Change some columns of a shop's record."""
    row = upsert(shops).values(shop=shop, **values)
    connection.execute(row.on_conflict_do_update(index_elements=["shop"], set_=values))
