"""Numbers read back from the malls: which are due, what was read, and what cannot be judged yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from adapters.contract import Outcome
from bot.store.schema import doubts, movements, order_lines, shown
from bot.sync.values import Doubt, Movement

FEW = 5  # pieces: a wrong number oversells soonest where few are shown
KEPT = timedelta(days=3)  # as long as a movement may bear on a reading
_KEPT_OF_DOUBT = (
    *("code", "quantity", "read_from", "read_at", "predicted", "base_from", "base_until"),
    *("sent_at", "rebased_at", "who"),
)


# ---- what is due -----------------------------------------------------------------------


def to_read(
    connection: Connection, shop: str, limit: int, landed_by: datetime, read_before: datetime
) -> list[str]:
    """Give codes to read back: those marked, those with few pieces, those unread for longest."""
    landed = and_(_stands(shop), shown.c.acked_at <= landed_by)
    old, few = shown.c.read_at < read_before, shown.c.predicted <= FEW
    queries = (
        select(shown.c.code).where(landed, shown.c.read_at.is_(None)),
        select(shown.c.code).where(landed, few, old).order_by(shown.c.predicted, shown.c.read_at),
        select(shown.c.code).where(landed, old).order_by(shown.c.read_at),
    )
    found: dict[str, None] = {}
    for query in queries:
        if len(found) < limit:
            found |= dict.fromkeys(connection.execute(query.limit(limit)).scalars())
    return list(found)[:limit]


def _stands(shop: str) -> ColumnElement[bool]:
    """Say of which listings a number is known that a reading can be held against."""
    done = shown.c.outcome == Outcome.DONE.value
    return and_(shown.c.shop == shop, done, shown.c.predicted.is_not(None))


def mark_resync(connection: Connection, shop: str, who: str) -> int:
    """Let every listing that is known to show a number be read back; give how many there are."""
    marked = connection.execute(
        update(shown)
        .where(shown.c.shop == shop, shown.c.written.is_not(None))
        .values(read_at=None, resync_by=who)
    )
    return marked.rowcount


def resync_left(connection: Connection, shop: str, most: int | None = None) -> int:
    """Count the listings that a resync has still to read, up to ``most``."""
    left: Select[Any] = select(shown.c.code).where(_stands(shop), shown.c.resync_by.is_not(None))
    rows = left.limit(most).subquery() if most else left.subquery()
    return int(connection.execute(select(func.count()).select_from(rows)).scalar_one())


def read_again(connection: Connection, shop: str, codes: Iterable[str]) -> None:
    """Let listings be read back next."""
    for code in codes:
        connection.execute(update(shown).where(*_is(shop, code)).values(read_at=None))


# ---- what was read ---------------------------------------------------------------------


def note_readings(connection: Connection, shop: str, read: Mapping[str, int | None], at: datetime) -> None:
    """Keep what was read, by code; a person who asked for it has been served."""
    values = {"read_quantity": bindparam("found"), "read_at": at, "resync_by": None}
    rows = [{"of": code, "found": quantity} for code, quantity in read.items()]
    if rows:
        mine = (shown.c.shop == shop, shown.c.code == bindparam("of"))
        connection.execute(update(shown).where(*mine).values(**values), rows)


def rebase(connection: Connection, shop: str, code: str, predicted: int, read_at: datetime) -> None:
    """Let the prediction rest on a reading."""
    values = {"predicted": predicted, "rebased_at": read_at}
    connection.execute(update(shown).where(*_is(shop, code)).values(**values))


def forget_predictions(connection: Connection, shop: str) -> int:
    """Let nothing be known of a shop's numbers, so that each is written again; give how many."""
    known = and_(shown.c.shop == shop, shown.c.written.is_not(None))
    return connection.execute(update(shown).where(known).values(predicted=None)).rowcount


def _is(shop: str, code: str) -> tuple[ColumnElement[bool], ...]:
    return shown.c.shop == shop, shown.c.code == code


# ---- movements -------------------------------------------------------------------------


def moved(connection: Connection, shop: str, code: str, move: Movement, now: datetime) -> None:
    """Keep a movement, and have the listing read again if its last reading knew it not."""
    mine = (movements.c.shop == shop, movements.c.code == code)
    connection.execute(delete(movements).where(*mine, movements.c.until < now - KEPT))
    row = {"since": move.since, "at": move.at, "until": move.until, "units": move.units}
    connection.execute(insert(movements).values(shop=shop, code=code, **row))
    stale = and_(shown.c.read_quantity.is_not(None), shown.c.read_at >= move.since)
    connection.execute(update(shown).where(*_is(shop, code), stale).values(read_at=None))


def movements_of(connection: Connection, shop: str, code: str) -> list[Movement]:
    """Give the movements of a listing; ``known`` where the prediction of its doubt has them."""
    mine = (doubts.c.shop == shop, doubts.c.code == code)
    up_to = connection.execute(select(doubts.c.moved_up_to).where(*mine)).scalar_one_or_none()
    rows = connection.execute(
        select(movements)
        .where(movements.c.shop == shop, movements.c.code == code)
        .order_by(movements.c.at, movements.c.seq)
    )
    return [
        Movement(row.since, row.at, row.until, row.units, known=up_to is None or row.seq <= up_to)
        for row in rows
    ]


# ---- doubts ----------------------------------------------------------------------------


def put_doubt(connection: Connection, shop: str, doubt: Doubt) -> None:
    """Keep a doubt in the place of an earlier one of the same listing."""
    latest = select(func.coalesce(func.max(movements.c.seq), 0)).scalar_subquery()
    values: dict[str, Any] = {name: getattr(doubt, name) for name in _KEPT_OF_DOUBT}
    forget_doubt(connection, shop, doubt.code)
    connection.execute(insert(doubts).values(shop=shop, moved_up_to=latest, **values))


def forget_doubt(connection: Connection, shop: str, code: str) -> None:
    """Forget a doubt."""
    connection.execute(delete(doubts).where(doubts.c.shop == shop, doubts.c.code == code))


def doubts_of(connection: Connection, shop: str) -> list[Doubt]:
    """Give the doubts of a shop."""
    rows = connection.execute(select(doubts).where(doubts.c.shop == shop).order_by(doubts.c.code))
    return [_doubt(row) for row in rows]


def _doubt(row: Row[Any]) -> Doubt:
    return Doubt(**{name: getattr(row, name) for name in _KEPT_OF_DOUBT})


def doubted_orders(connection: Connection, shop: str) -> list[tuple[str, str]]:
    """Give (order, code) of doubted codes for open orders that were read before the doubt arose."""
    query = (
        select(order_lines.c.order_id, order_lines.c.code)
        .join(doubts, and_(doubts.c.shop == order_lines.c.shop, doubts.c.code == order_lines.c.code))
        .where(
            order_lines.c.shop == shop,
            order_lines.c.closed.is_(False),
            order_lines.c.reserved + order_lines.c.sold > 0,
            order_lines.c.read_at <= doubts.c.read_at,
        )
        .order_by(order_lines.c.ordered_at.desc())
    )
    return [(row.order_id, row.code) for row in connection.execute(query)]


def doubt_count(connection: Connection, shop: str) -> int:
    """Count the doubts of a shop."""
    query = select(func.count()).select_from(doubts).where(doubts.c.shop == shop)
    return int(connection.execute(query).scalar_one())
