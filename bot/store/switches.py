"""Switches and pauses: whether anything is written, and who decided so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from bot.store.schema import pauses, switches

ALL = "all"
_OF = "/"  # between shop and code; no code holds one


def listing_target(shop: str, code: str) -> str:
    """Give the target that pauses one listing: a code on one shop alone."""
    return f"{shop}{_OF}{code}"


def listing_of(target: str) -> tuple[str, str] | None:
    """Give (shop, code) of a target that is one listing."""
    shop, cut, code = target.partition(_OF)
    return (shop, code) if cut else None


@dataclass(frozen=True)
class Switch:
    """Who turned a switch which way, and when."""

    on: bool
    who: str
    at: datetime


@dataclass(frozen=True)
class Pause:
    """A pause in force. ``target``: a shop's name, a code, ``SHOP/CODE``, or ``all``."""

    pause_id: int
    target: str
    reason: str
    who: str
    since: datetime
    until: datetime | None


def switch(connection: Connection, target: str) -> Switch | None:
    """Give a switch; None if nobody ever touched it."""
    row = connection.execute(select(switches).where(switches.c.target == target)).first()
    return Switch(row.on, row.who, row.at) if row else None


def every_switch(connection: Connection) -> dict[str, Switch]:
    """Give every switch that somebody touched, by its target."""
    rows = connection.execute(select(switches))
    return {row.target: Switch(row.on, row.who, row.at) for row in rows}


def is_on(found: Mapping[str, Switch], shop: str) -> bool:
    """Tell whether a shop is written to: off until the whole is switched on, then on unless switched off."""
    everything, own = found.get(ALL), found.get(shop)
    return everything is not None and everything.on and (own is None or own.on)


def turn(connection: Connection, target: str, on: bool, who: str, now: datetime) -> None:  # noqa: FBT001
    """Turn a switch."""
    row = upsert(switches).values(target=target, on=on, who=who, at=now)
    connection.execute(
        row.on_conflict_do_update(index_elements=["target"], set_={"on": on, "who": who, "at": now})
    )


def pauses_in_force(connection: Connection, now: datetime) -> Sequence[Pause]:
    """Give the pauses that hold now; one whose end has come holds no longer."""
    rows = connection.execute(
        select(pauses)
        .where(pauses.c.ended_at.is_(None), or_(pauses.c.until.is_(None), pauses.c.until > now))
        .order_by(pauses.c.pause_id)
    )
    return [Pause(r.pause_id, r.target, r.reason, r.who, r.since, r.until) for r in rows]


def pauses_run_out(connection: Connection, now: datetime) -> Sequence[Pause]:
    """Give pauses whose end has come and is not recorded yet."""
    rows = connection.execute(select(pauses).where(pauses.c.ended_at.is_(None), pauses.c.until <= now))
    return [Pause(r.pause_id, r.target, r.reason, r.who, r.since, r.until) for r in rows]


def begin_pauses(
    connection: Connection,
    targets: Iterable[str],
    reason: str,
    who: str,
    now: datetime,
    until: datetime | None,
) -> None:
    """Begin a pause of each target, all at once."""
    rows = [
        {"target": target, "reason": reason, "who": who, "since": now, "until": until} for target in targets
    ]
    if rows:
        connection.execute(insert(pauses), rows)


def end_pauses(connection: Connection, targets: Iterable[str], who: str, now: datetime) -> int:
    """End every pause of some targets; give how many there were."""
    wanted, count = list(targets), 0
    for start in range(0, len(wanted), 500):
        some = pauses.c.target.in_(wanted[start : start + 500])
        ended = connection.execute(
            update(pauses).where(some, pauses.c.ended_at.is_(None)).values(ended_at=now, ended_by=who)
        )
        count += ended.rowcount
    return count


def end_pause(connection: Connection, pause_id: int, now: datetime) -> bool:
    """Record that a pause ran out; tells whether it was this call that did."""
    ended = connection.execute(
        update(pauses).where(pauses.c.pause_id == pause_id, pauses.c.ended_at.is_(None)).values(ended_at=now)
    )
    return ended.rowcount > 0


def last_ended(connection: Connection, target: str) -> tuple[str, datetime] | None:
    """Give who ended the latest pause of a target, and when; None if nobody ever did."""
    row = connection.execute(
        select(pauses.c.ended_by, pauses.c.ended_at)
        .where(pauses.c.target == target, pauses.c.ended_at.is_not(None))
        .order_by(pauses.c.ended_at.desc())
    ).first()
    return (row.ended_by, row.ended_at) if row else None


def together(found: Iterable[Pause]) -> list[list[Pause]]:
    """Put pauses that were begun as one together: many codes are one thing to tell of."""
    groups: dict[tuple[object, ...], list[Pause]] = {}
    for pause in found:
        groups.setdefault((pause.since, pause.until, pause.who, pause.reason), []).append(pause)
    return list(groups.values())
