"""The append-only ledger and the balances that are its sums."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, insert, or_, select
from sqlalchemy.dialects.sqlite import insert as upsert

from bot.store.schema import balances, entries
from bot.sync.ledger import count_change
from bot.sync.values import Balance, Cause, Change, Entry

_BALANCE = tuple(balances.c[each.name] for each in fields(Balance))


def balance_of(connection: Connection, code: str) -> Balance:
    """Give the balance of one code; zeros, never counted, if it has no entry."""
    return balances_of(connection, [code]).get(code, Balance())


def balances_of(connection: Connection, codes: Iterable[str]) -> dict[str, Balance]:
    """Give balances by code; codes without any entry are absent."""
    found: dict[str, Balance] = {}
    wanted = list(codes)
    for start in range(0, len(wanted), 500):
        some = balances.c.code.in_(wanted[start : start + 500])
        rows = connection.execute(select(balances.c.code, *_BALANCE).where(some)).all()
        found |= {code: Balance(*known) for code, *known in rows}
    return found


def enter(connection: Connection, entry: Entry, now: datetime, counted_at: datetime | None = None) -> None:
    """Append an entry and move its balance, in the caller's transaction."""
    key = entry.key
    result = connection.execute(
        insert(entries).values(
            at=entry.at,
            taken_in_at=now,
            code=entry.code,
            on_hand=entry.change.on_hand,
            reserved=entry.change.reserved,
            held=entry.change.held,
            cause=entry.cause,
            shop=key.shop if key else "",
            order_id=key.order_id if key else "",
            line_id=key.line_id if key else "",
            revision=entry.revision,
            who=entry.who,
            note=entry.note,
        )
    )
    _move(connection, entry, result.lastrowid, now, counted_at)


def _move(connection: Connection, entry: Entry, seq: int, now: datetime, counted_at: datetime | None) -> None:
    moved = upsert(balances).values(
        code=entry.code,
        on_hand=entry.change.on_hand,
        reserved=entry.change.reserved,
        held=entry.change.held,
        seq=seq,
        changed_at=now,
        counted_at=counted_at,
    )
    new = moved.excluded
    connection.execute(
        moved.on_conflict_do_update(
            index_elements=["code"],
            set_={
                "on_hand": balances.c.on_hand + new.on_hand,
                "reserved": balances.c.reserved + new.reserved,
                "held": balances.c.held + new.held,
                "seq": new.seq,
                "changed_at": new.changed_at,
                "counted_at": func.coalesce(new.counted_at, balances.c.counted_at),
            },
        )
    )


def enter_count(
    connection: Connection, code: str, quantity: int, as_of: datetime, now: datetime, who: str, note: str = ""
) -> Change:
    """Enter a stock count: ``quantity`` pieces as of a moment; what moved later is kept on top.

    Pieces that are set aside for orders placed until then are not among them.
    """
    moved_since = connection.execute(
        select(func.coalesce(func.sum(entries.c.on_hand), 0)).where(
            entries.c.code == code, entries.c.at > as_of
        )
    ).scalar_one()
    set_aside = connection.execute(
        select(func.coalesce(func.sum(entries.c.reserved), 0)).where(
            entries.c.code == code, entries.c.at <= as_of
        )
    ).scalar_one()
    on_hand = balance_of(connection, code).on_hand
    change = count_change(quantity, int(set_aside), on_hand, int(moved_since))
    enter(connection, Entry(as_of, code, change, Cause.COUNT, who=who, note=note), now, counted_at=as_of)
    return change


def held(connection: Connection, shop: str, listed: str, code: str, until: datetime) -> int:
    """Give the pieces of ``code`` that a shop holds for its listing of ``listed``.

    Counted are those held up to a moment, less all that were given back: an order placed before a
    listing does not end it.
    """
    found = connection.execute(
        select(func.coalesce(func.sum(entries.c.held), 0)).where(
            *_held_for(shop, listed, code), or_(entries.c.at <= until, entries.c.held < 0)
        )
    ).scalar_one()
    return max(0, int(found))


def held_movements(connection: Connection, shop: str, listed: str, code: str) -> list[tuple[str, int]]:
    """Give what moved the pieces that a shop holds, the oldest first: (ticket or order, pieces)."""
    rows = connection.execute(
        select(entries.c.order_id, entries.c.held)
        .where(*_held_for(shop, listed, code))
        .order_by(entries.c.seq)
    )
    return [(row.order_id, row.held) for row in rows]


def _held_for(shop: str, listed: str, code: str) -> tuple[ColumnElement[bool], ...]:
    # a hold and its release have the listed code in the place of an order's line
    return (
        entries.c.code == code,
        entries.c.shop == shop,
        entries.c.line_id == listed,
        entries.c.cause.in_((Cause.HELD, Cause.RELEASED)),
    )


def counted_since(connection: Connection) -> datetime | None:
    """Give the moment of the oldest count in force."""
    found: datetime | None = connection.execute(select(func.min(balances.c.counted_at))).scalar_one()
    return found


def wrong_balances(connection: Connection) -> list[str]:
    """Give codes whose cached balance is not the sum of their entries: should be none."""
    sums = select(
        entries.c.code,
        func.sum(entries.c.on_hand).label("on_hand"),
        func.sum(entries.c.reserved).label("reserved"),
        func.sum(entries.c.held).label("held"),
    ).group_by(entries.c.code)
    summed = {row.code: (row.on_hand, row.reserved, row.held) for row in connection.execute(sums)}
    cached = {row.code: (row.on_hand, row.reserved, row.held) for row in connection.execute(select(balances))}
    return sorted(code for code in summed.keys() | cached.keys() if summed.get(code) != cached.get(code))


def changed_at(connection: Connection, codes: Iterable[str]) -> datetime | None:
    """Give when any of some codes last moved."""
    found: datetime | None = connection.execute(
        select(func.max(balances.c.changed_at)).where(balances.c.code.in_(list(codes)))
    ).scalar_one()
    return found


def moved_since(connection: Connection, code: str, moment: datetime) -> int:
    """Give by how many pieces what may be sold has changed since a moment, by all but counts."""
    change = entries.c.on_hand - entries.c.reserved - entries.c.held
    mine = (entries.c.code == code, entries.c.at > moment, entries.c.cause != Cause.COUNT.value)
    return int(connection.execute(select(func.coalesce(func.sum(change), 0)).where(*mine)).scalar_one())
