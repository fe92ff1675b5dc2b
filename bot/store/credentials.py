"""Dates and states of credentials. The values themselves are in the vault only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from bot.store.schema import credentials

OK, PENDING, FAILED = "ok", "pending", "failed"
BY_MALL, BY_PERSON, BY_LIFE = "mall", "person", "life"

OWN = ("slack", "mapping", "forge")
"""Owners of the bot's own credentials, beside the shops."""

_MOMENTS = ("stored_at", "issued_at", "expires_at")


@dataclass(frozen=True)
class CredentialRecord:
    """What is known of one credential: of the value in use, but for ``trial`` and ``pending_until``.

    Args:
        end_by: who says when it ends: the mall, a person, or the kind's usual life; "" for nobody.
        trial: of the value on trial: ``stored_at``, ``stored_by``, ``issued_at``, ``expires_at``, ``end_by``.
        told_step: the last warning told, of ``told_end``, at ``told_at``.
    """

    shop: str
    kind: str
    state: str
    stored_at: datetime | None
    stored_by: str
    issued_at: datetime | None
    expires_at: datetime | None
    end_by: str
    checked_at: datetime | None
    proved_at: datetime | None
    trial: Mapping[str, Any] | None
    pending_until: datetime | None
    detail: str
    told_step: int | None
    told_end: datetime | None
    told_at: datetime | None

    @property
    def entered_at(self) -> datetime | None:
        """When a value was entered last, on trial or not."""
        return (self.trial or {}).get("stored_at") or self.stored_at


def records(connection: Connection, shop: str) -> dict[str, CredentialRecord]:
    """Give the records of a shop by kind."""
    rows = connection.execute(select(credentials).where(credentials.c.shop == shop)).mappings()
    return {row["kind"]: _record(row) for row in rows}


def all_records(connection: Connection) -> list[CredentialRecord]:
    """Give every record, by owner and kind."""
    rows = connection.execute(select(credentials).order_by(credentials.c.shop, credentials.c.kind))
    return [_record(row) for row in rows.mappings()]


def entered(connection: Connection) -> list[str]:
    """Give the owners of whom a value was put into the vault."""
    found = (item for item in all_records(connection) if item.entered_at or item.shop not in OWN)
    return sorted({item.shop for item in found})


def change(connection: Connection, shop: str, kind: str, **values: Any) -> None:
    """Change some columns of a credential's record."""
    if values.get("trial"):
        values["trial"] = {key: _text(value) for key, value in values["trial"].items()}
    row = upsert(credentials).values(shop=shop, kind=kind, **({"state": OK} | values))
    connection.execute(row.on_conflict_do_update(index_elements=["shop", "kind"], set_=values))


def forget(connection: Connection) -> int:
    """Forget every record; gives how many there were."""
    return connection.execute(delete(credentials)).rowcount


def _record(row: RowMapping) -> CredentialRecord:
    trial = row["trial"]
    if trial:
        moments = {key: datetime.fromisoformat(trial[key]) for key in _MOMENTS if trial.get(key)}
        trial = {**trial, **moments}
    return CredentialRecord(**{str(key): value for key, value in row.items()} | {"trial": trial})


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
