"""Outages that are over, and codes that a blind shop may have sold out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from bot.store.schema import clearings, cursors, entries, order_lines, outages, risks
from bot.sync.outage import Account


def cursors_of_all(connection: Connection) -> dict[str, datetime]:
    """Give, by shop, the moment up to which its orders are in."""
    return {row.shop: row.read_up_to for row in connection.execute(select(cursors))}


def sold_on(connection: Connection, shop: str, since: datetime) -> list[str]:
    """Give the single codes that a shop sold since a moment."""
    rows = connection.execute(
        select(entries.c.code)
        .distinct()
        .where(entries.c.shop == shop, entries.c.at > since, entries.c.order_id != "")
        .order_by(entries.c.code)
    )
    return list(rows.scalars())


def stale_orders(connection: Connection, shop: str, before: datetime) -> list[str]:
    """Give orders of a shop that were not closed and are older than a moment."""
    rows = connection.execute(
        select(order_lines.c.order_id)
        .distinct()
        .where(order_lines.c.shop == shop, order_lines.c.closed.is_(False), order_lines.c.ordered_at < before)
        .order_by(order_lines.c.order_id)
    )
    return list(rows.scalars())


def all_risks(connection: Connection) -> set[tuple[str, str]]:
    """Give (blind shop, code) of what is at risk."""
    return {(row.shop, row.code) for row in connection.execute(select(risks))}


def put_risk(connection: Connection, shop: str, code: str, now: datetime) -> None:
    """Put a code at risk."""
    connection.execute(upsert(risks).values(shop=shop, code=code, since=now).on_conflict_do_nothing())


def drop_risk(connection: Connection, shop: str, code: str) -> None:
    """Take a code out of risk."""
    connection.execute(delete(risks).where(risks.c.shop == shop, risks.c.code == code))


def clear(connection: Connection, shop: str, read_up_to: datetime) -> None:
    """Remember that a person cleared the outage that began at a moment."""
    row = upsert(clearings).values(shop=shop, read_up_to=read_up_to)
    connection.execute(row.on_conflict_do_update(index_elements=["shop"], set_={"read_up_to": read_up_to}))


def cleared(connection: Connection, shop: str) -> datetime | None:
    """Give the beginning of the outage that a person cleared last; None if nobody ever did."""
    found: datetime | None = connection.execute(
        select(clearings.c.read_up_to).where(clearings.c.shop == shop)
    ).scalar_one_or_none()
    return found


def put(connection: Connection, account: Account) -> None:
    """Keep the account of an outage."""
    beyond = account.beyond or (None, None)
    connection.execute(
        insert(outages).values(
            shop=account.shop,
            blind_from=account.blind_from,
            blind_to=account.blind_to,
            orders=account.orders,
            beyond_from=beyond[0],
            beyond_to=beyond[1],
            uncertain=list(account.uncertain),
        )
    )


def latest(connection: Connection, limit: int) -> list[Account]:
    """Give the latest outages, the newest first."""
    rows = connection.execute(select(outages).order_by(outages.c.outage_id.desc()).limit(limit))
    return [_account(row) for row in rows.mappings()]


def _account(row: RowMapping) -> Account:
    beyond = (row["beyond_from"], row["beyond_to"]) if row["beyond_from"] else None
    return Account(
        row["shop"], row["blind_from"], row["blind_to"], row["orders"], beyond, tuple(row["uncertain"])
    )
