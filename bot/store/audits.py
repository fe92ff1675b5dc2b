"""The audit as people read it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from bot.answers import AuditLine
from bot.store.schema import audit


def since(connection: Connection, moment: datetime, limit: int) -> list[AuditLine]:
    """Give the latest lines since a moment, the oldest of them first."""
    query = select(audit).where(audit.c.at >= moment).order_by(audit.c.audit_id.desc()).limit(limit)
    rows = connection.execute(query).all()
    return [AuditLine(row.at, row.who, row.action, row.arguments, row.result) for row in reversed(rows)]
