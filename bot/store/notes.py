"""Small facts by key, and the audit of what people did."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from bot.store.database import reading
from bot.store.schema import audit, remembered


class Remembered:
    """Remembers a text under a key, over restarts."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, key: str) -> str | None:
        """Give what was kept under a key."""
        with reading(self._engine) as connection:
            found = connection.execute(
                select(remembered.c.value).where(remembered.c.key == key)
            ).scalar_one_or_none()
        return None if found is None else str(found)

    def set(self, key: str, value: str) -> None:
        """Keep a text under a key."""
        row = upsert(remembered).values(key=key, value=value)
        with self._engine.begin() as connection:
            connection.execute(row.on_conflict_do_update(index_elements=["key"], set_={"value": value}))


def write_audit(
    connection: Connection, at: datetime, who: str, action: str, arguments: dict[str, Any], result: str
) -> None:
    """Add one line to the audit; the caller leaves secrets out."""
    connection.execute(
        insert(audit).values(at=at, who=who, action=action, arguments=arguments, result=result)
    )
