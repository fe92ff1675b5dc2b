"""Order lines and what they count for, and the cursors up to which orders are in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from adapters.contract import LineState, Order
from bot.store.schema import cursors, order_lines, order_names, orders
from bot.sync.values import CountedLine, LineKey, SeenLine


def counted_line(connection: Connection, key: LineKey) -> CountedLine | None:
    """Give what a line counts for, None if it was never seen."""
    row = connection.execute(select(order_lines).where(*_is(key))).mappings().first()
    if row is None:
        return None
    return CountedLine(row["code"], row["reserved"], row["sold"], row["revision"], row["parts"])


def lines_of(connection: Connection, shop: str, order_id: str) -> list[SeenLine]:
    """Give the known lines of an order, as they were seen last."""
    rows = connection.execute(
        select(order_lines).where(order_lines.c.shop == shop, order_lines.c.order_id == order_id)
    ).mappings()
    return [_seen(row) for row in rows]


def put_order(connection: Connection, shop: str, order: Order) -> None:
    """Keep an order's own facts, and the names of its payment and delivery."""
    facts = {"ordered_at": order.ordered_at, "payment": order.payment, "delivery": order.delivery}
    row = upsert(orders).values(shop=shop, order_id=order.order_id, **facts)
    connection.execute(row.on_conflict_do_update(index_elements=["shop", "order_id"], set_=facts))
    for kind, name in (("payment", order.payment), ("delivery", order.delivery)):
        if name:
            known = upsert(order_names).values(shop=shop, kind=kind, name=name)
            connection.execute(known.on_conflict_do_nothing())


def order_facts(connection: Connection, shop: str, order_id: str) -> RowMapping | None:
    """Give an order's own facts; None if it was never taken in."""
    query = select(orders).where(orders.c.shop == shop, orders.c.order_id == order_id)
    return connection.execute(query).mappings().first()


def names_of(connection: Connection, shop: str) -> list[tuple[str, str]]:
    """Give every (kind, name) of payment and delivery that a shop ever gave."""
    rows = connection.execute(select(order_names).where(order_names.c.shop == shop))
    return [(row.kind, row.name) for row in rows]


def put_line(connection: Connection, seen: SeenLine, counted: CountedLine, now: datetime) -> None:
    """Keep what a line was seen as and what it counts for."""
    values: dict[str, Any] = {
        "code": counted.code,
        "mall_code": seen.mall_code,
        "address": list(seen.address),
        "state": seen.state,
        "quantity": seen.quantity,
        "reserved": counted.reserved,
        "sold": counted.sold,
        "parts": dict(counted.parts),
        "revision": counted.revision,
        "read_at": now,
        "closed": seen.closed,
    }
    key = seen.key
    row = upsert(order_lines).values(
        shop=key.shop,
        order_id=key.order_id,
        line_id=key.line_id,
        ordered_at=seen.ordered_at,
        first_seen_at=now,
        **values,
    )
    connection.execute(row.on_conflict_do_update(index_elements=["shop", "order_id", "line_id"], set_=values))


def open_order_ids(
    connection: Connection, shop: str, read_before: datetime, ordered_after: datetime, limit: int
) -> list[str]:
    """Give orders that may still change, last read before a moment, the longest unread first."""
    rows = connection.execute(
        select(order_lines.c.order_id)
        .where(
            order_lines.c.shop == shop,
            order_lines.c.closed.is_(False),
            order_lines.c.ordered_at > ordered_after,
        )
        .group_by(order_lines.c.order_id)
        .having(func.max(order_lines.c.read_at) <= read_before)
        .order_by(func.max(order_lines.c.read_at))
        .limit(limit)
    )
    return [row.order_id for row in rows]


def unmapped_lines(connection: Connection, shop: str) -> list[SeenLine]:
    """Give the lines that count for nothing yet, because their listing is not mapped.

    Those that ask for no piece any more are left out: nothing is owed for them.
    """
    rows = connection.execute(
        select(order_lines)
        .where(
            order_lines.c.shop == shop,
            order_lines.c.code.is_(None),
            order_lines.c.state != LineState.CANCELLED,
            order_lines.c.quantity > 0,
        )
        .order_by(order_lines.c.ordered_at)
    ).mappings()
    return [_seen(row) for row in rows]


def cursor(connection: Connection, shop: str) -> datetime | None:
    """Give the moment up to which a shop's orders are in."""
    found: datetime | None = connection.execute(
        select(cursors.c.read_up_to).where(cursors.c.shop == shop)
    ).scalar_one_or_none()
    return found


def set_cursor(connection: Connection, shop: str, read_up_to: datetime, was: datetime | None) -> None:
    """Move a shop's cursor, unless it is no longer where it was when the reading began."""
    row = upsert(cursors).values(shop=shop, read_up_to=read_up_to)
    connection.execute(
        row.on_conflict_do_update(
            index_elements=["shop"], set_={"read_up_to": read_up_to}, where=cursors.c.read_up_to == was
        )
    )


def put_cursors_back(connection: Connection, to: datetime) -> None:
    """Let every shop's orders since ``to`` be read, where they were not yet or not so far back."""
    connection.execute(update(cursors).where(cursors.c.read_up_to > to).values(read_up_to=to))


def note_read(connection: Connection, shop: str, order_ids: Sequence[str], now: datetime) -> None:
    """Note that orders were asked for: one that the mall has forgotten takes its turn like the others."""
    asked = order_lines.c.order_id.in_(order_ids)
    connection.execute(update(order_lines).where(order_lines.c.shop == shop, asked).values(read_at=now))


def _is(key: LineKey) -> tuple[Any, ...]:
    table = order_lines.c
    return (table.shop == key.shop, table.order_id == key.order_id, table.line_id == key.line_id)


def _seen(row: RowMapping) -> SeenLine:
    return SeenLine(
        key=LineKey(row["shop"], row["order_id"], row["line_id"]),
        mall_code=row["mall_code"],
        address=tuple(row["address"]),
        quantity=row["quantity"],
        state=LineState(row["state"]),
        ordered_at=row["ordered_at"],
        revision=row["revision"],
        closed=row["closed"],
    )
