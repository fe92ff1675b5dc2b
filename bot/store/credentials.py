"""Dates and states of credentials. The values themselves are in the vault only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert as upsert

from bot.store.schema import credentials

OK, PENDING, FAILED = "ok", "pending", "failed"


@dataclass(frozen=True)
class CredentialRecord:
    """What is known of one credential."""

    shop: str
    kind: str
    state: str
    stored_at: datetime | None
    stored_by: str
    expires_at: datetime | None
    checked_at: datetime | None
    proved_at: datetime | None
    pending_until: datetime | None
    detail: str


def records(connection: Connection, shop: str) -> dict[str, CredentialRecord]:
    """Give the records of a shop by kind."""
    rows = connection.execute(select(credentials).where(credentials.c.shop == shop)).mappings()
    return {row["kind"]: CredentialRecord(**row) for row in rows}


def change(connection: Connection, shop: str, kind: str, **values: Any) -> None:
    """Change some columns of a credential's record."""
    row = upsert(credentials).values(shop=shop, kind=kind, **({"state": OK} | values))
    connection.execute(row.on_conflict_do_update(index_elements=["shop", "kind"], set_=values))
