"""What waits to be written, what was planned, and what each shop shows since."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    RowMapping,
    Select,
    String,
    Update,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import Insert
from sqlalchemy.dialects.sqlite import insert as upsert

from adapters.contract import LineResult, Outcome, StockLine
from bot.store.schema import dirty, looks, plan_lines, plans, shown
from bot.sync.values import PlannedLine, Shown, Waiting, Why

PLANNED = "planned"
_WRITTEN = (
    *("mall_code", "written", "sent_at", "acked_at", "outcome", "ticket", "predicted", "plan_id"),
    "rebased_at",
)
_NOBODY = func.coalesce(shown.c.resync_by, "").label("resync_by")
_SHOWN = tuple(shown.c[each.name] for each in fields(Shown)[:-1]) + (_NOBODY,)
_NOT_KNOWN = (PLANNED, Outcome.UNKNOWN.value)


def _mark_statement() -> Insert:
    row = upsert(dirty).values(
        # Random: a number that was counted up would begin anew for a code that waits again, and a plan
        # from before would take that for its own reason.
        {name: bindparam(name) for name in ("shop", "code", "since", "cause", "who")} | {"seq": func.random()}
    )
    more_urgent = bindparam("place") > _URGENCY
    return row.on_conflict_do_update(
        index_elements=["shop", "code"],
        set_={
            "seq": row.excluded.seq,
            "since": func.max(dirty.c.since, row.excluded.since),
            "cause": case((more_urgent, dirty.c.cause), else_=row.excluded.cause),
            "who": case((more_urgent, dirty.c.who), else_=row.excluded.who),
        },
    )


_URGENCY = case(*((dirty.c.cause == why.value, why.place) for why in Why))
_MARK = _mark_statement()  # built once: an order marks every shop of every code it has


# ---- waiting ---------------------------------------------------------------------------


def mark(
    connection: Connection, shop: str, codes: Iterable[str], why: Why, since: datetime, who: str = ""
) -> None:
    """Let codes wait; of two reasons the more urgent one stands, of two moments the later."""
    given = {"shop": shop, "since": since, "cause": why.value, "who": who, "place": why.place}
    rows = [{"code": code, **given} for code in codes]
    if rows:
        connection.execute(_MARK, rows)


def waiting(connection: Connection, shop: str, limit: int) -> list[Waiting]:
    """Give the waiting codes of a shop, the most urgent first, of those the oldest first."""
    return _waiting(
        connection,
        select(dirty)
        .where(dirty.c.shop == shop)
        .order_by(_URGENCY, dirty.c.since, dirty.c.code)
        .limit(limit),
    )


def waiting_sales(connection: Connection, shop: str, limit: int) -> list[Waiting]:
    """Give those of the waiting codes that were sold, the oldest first."""
    sold = select(dirty).where(dirty.c.shop == shop, dirty.c.cause == Why.SALE.value)
    return _waiting(connection, sold.order_by(dirty.c.since, dirty.c.code).limit(limit))


def _waiting(connection: Connection, query: Select[Any]) -> list[Waiting]:
    rows = connection.execute(query)
    return [Waiting(row.code, row.seq, row.since, Why(row.cause), row.who) for row in rows]


def waiting_count(connection: Connection, shop: str) -> int:
    """Count the waiting codes of a shop."""
    return int(
        connection.execute(select(func.count()).select_from(dirty).where(dirty.c.shop == shop)).scalar_one()
    )


def waiting_seqs(connection: Connection, shop: str, codes: Iterable[str]) -> dict[str, int]:
    """Give the ``seq`` of each of the codes that waits to be written to a shop."""
    found: dict[str, int] = {}
    wanted = list(codes)
    for start in range(0, len(wanted), 500):
        some = dirty.c.code.in_(wanted[start : start + 500])
        rows = connection.execute(select(dirty.c.code, dirty.c.seq).where(dirty.c.shop == shop, some))
        found.update({row.code: row.seq for row in rows})
    return found


def waiting_across(connection: Connection, shops: Iterable[str], code: str) -> set[str]:
    """Give those of some shops to which a code waits to be written."""
    query = select(dirty.c.shop).where(dirty.c.shop.in_(list(shops)), dirty.c.code == code)
    return set(connection.execute(query).scalars())


def settle_waiting(connection: Connection, shop: str, settled: Iterable[Waiting]) -> None:
    """Take codes off the list; one that has a newer reason stays."""
    rows = [{"b_code": item.code, "b_seq": item.seq} for item in settled]
    if rows:
        key = (dirty.c.shop == shop, dirty.c.code == bindparam("b_code"), dirty.c.seq == bindparam("b_seq"))
        connection.execute(delete(dirty).where(*key), rows)


# ---- looks -----------------------------------------------------------------------------


def look_again(connection: Connection, code: str, at: datetime) -> None:
    """Let a code be compared again at a moment; one that is earlier stands."""
    row = upsert(looks).values(code=code, at=at)
    connection.execute(
        row.on_conflict_do_update(index_elements=["code"], set_={"at": func.min(looks.c.at, row.excluded.at)})
    )


def looked_again(connection: Connection, code: str) -> None:
    """Forget that a code is to be compared again."""
    connection.execute(delete(looks).where(looks.c.code == code))


def due_looks(connection: Connection, now: datetime) -> list[str]:
    """Give the codes that are to be compared again by now."""
    return [row.code for row in connection.execute(select(looks.c.code).where(looks.c.at <= now))]


def watched(connection: Connection, limit: int) -> list[str]:
    """Give codes that are to be compared again: their last pieces are divided, and they sell."""
    return [row.code for row in connection.execute(select(looks.c.code).order_by(looks.c.at).limit(limit))]


# ---- shown -----------------------------------------------------------------------------


def shown_of(connection: Connection, shop: str, codes: Iterable[str]) -> dict[str, Shown]:
    """Give what a shop shows by code; codes never written are absent."""
    found: dict[str, Shown] = {}
    wanted = list(codes)
    for start in range(0, len(wanted), 500):
        some = shown.c.code.in_(wanted[start : start + 500])
        rows = connection.execute(select(shown.c.code, *_SHOWN).where(shown.c.shop == shop, some)).all()
        found |= {code: Shown(*known) for code, *known in rows}
    return found


def shown_across(connection: Connection, shops: Iterable[str], code: str) -> dict[str, Shown]:
    """Give what some shops show of one code, by shop; those never written are absent."""
    query = select(shown.c.shop, *_SHOWN).where(shown.c.shop.in_(list(shops)), shown.c.code == code)
    return {shop: Shown(*known) for shop, *known in connection.execute(query).all()}


def refused_of(connection: Connection, shops: Iterable[str], codes: Iterable[str]) -> set[tuple[str, str]]:
    """Give those of some codes whose latest number a shop refused: (shop, code)."""
    refused = (shown.c.shop.in_(list(shops)), shown.c.outcome == Outcome.REFUSED.value)
    found = set[tuple[str, str]]()
    wanted = list(codes)
    for start in range(0, len(wanted), 500):
        query = select(shown.c.shop, shown.c.code).where(
            *refused, shown.c.code.in_(wanted[start : start + 500])
        )
        found.update((shop, code) for shop, code in connection.execute(query).all())
    return found


def predict(connection: Connection, shop: str, code: str, predicted: int | None) -> None:
    """Change the predicted number of a code that was written before."""
    connection.execute(
        update(shown).where(shown.c.shop == shop, shown.c.code == code).values(predicted=predicted)
    )


# ---- plans -----------------------------------------------------------------------------


def begin_plan(connection: Connection, shop: str, lines: Sequence[PlannedLine], now: datetime) -> str:
    """Record a plan and its lines; from here on nothing is known of these numbers."""
    plan_id = uuid.uuid4().hex
    connection.execute(insert(plans).values(plan_id=plan_id, shop=shop, made_at=now))
    connection.execute(
        insert(plan_lines),
        [
            {
                "plan_id": plan_id,
                "code": planned.code,
                "mall_code": planned.line.mall_code,
                "address": list(planned.line.address),
                "quantity": planned.line.quantity,
                "predicted": planned.predicted,
                "cause": planned.why,
            }
            for planned in lines
        ],
    )
    row = upsert(shown)
    new = row.excluded
    connection.execute(
        row.on_conflict_do_update(
            index_elements=["shop", "code"],
            set_={name: new[name] for name in _WRITTEN},
        ),
        [
            {
                "shop": shop,
                "code": planned.code,
                "mall_code": planned.line.mall_code,
                "written": planned.line.quantity,
                "sent_at": now,
                "acked_at": None,
                "outcome": PLANNED,
                "ticket": "",
                "predicted": None,
                "plan_id": plan_id,
                "rebased_at": None,
                "read_at": now,  # of a listing that is new: its turn comes
            }
            for planned in lines
        ],
    )
    return plan_id


def settle_lines(
    connection: Connection,
    plan_id: str,
    results: Mapping[str, LineResult],
    now: datetime,
    lines: Sequence[PlannedLine],
) -> None:
    """Record the outcomes of lines, by code, and what the shop shows since."""
    shop = connection.execute(select(plans.c.shop).where(plans.c.plan_id == plan_id)).scalar_one()
    by_outcome: dict[Outcome, list[dict[str, object]]] = {}
    for planned in lines:
        result = results[planned.code]
        by_outcome.setdefault(result.outcome, []).append(
            {
                "b_code": planned.code,
                "b_quantity": planned.line.quantity,
                "b_error": str(result.error or ""),
                "b_ticket": result.ticket,
            }
        )
    for outcome, rows in by_outcome.items():
        connection.execute(_decided(plan_id, outcome, now), rows)
        connection.execute(_shown_since(shop, plan_id, outcome, now), rows)


def _decided(plan_id: str, outcome: Outcome, now: datetime) -> Update:
    error = bindparam("b_error", type_=String)
    # what got no answer and was read back later keeps that: it tells what was not known, and when
    kept = case((error == "", plan_lines.c.error), else_=error)
    return (
        update(plan_lines)
        .where(plan_lines.c.plan_id == plan_id, plan_lines.c.code == bindparam("b_code"))
        .values(outcome=outcome.value, error=kept, ticket=bindparam("b_ticket"), decided_at=now)
    )


def _shown_since(shop: str, plan_id: str, outcome: Outcome, now: datetime) -> Update:
    """Change what a shop shows, unless a newer plan has it: by its key, for a catalogue may be large."""
    quantity, ticket = bindparam("b_quantity", type_=Integer), bindparam("b_ticket", type_=String)
    values: dict[str, Any] = {"outcome": outcome.value}
    values["ticket"] = case((ticket == "", shown.c.ticket), else_=ticket)
    if outcome is Outcome.SENT:
        values |= {"acked_at": now, "predicted": quantity}
    elif outcome is Outcome.DONE:
        # What was sent before keeps its prediction: the shop may have sold since.
        kept = case((shown.c.acked_at.is_(None), quantity), else_=shown.c.predicted)
        values |= {"acked_at": now, "predicted": kept}
    else:
        values |= {"predicted": None}
    key = (shown.c.shop == shop, shown.c.code == bindparam("b_code"), shown.c.plan_id == plan_id)
    return update(shown).where(*key).values(**values)


def finish_plan(connection: Connection, plan_id: str, now: datetime) -> None:
    """Record that each line of the plan has had its turn."""
    connection.execute(update(plans).where(plans.c.plan_id == plan_id).values(finished_at=now))


def sent_lines(connection: Connection, shop: str) -> list[tuple[str, PlannedLine, LineResult, datetime]]:
    """Give the lines that were sent and have no answer yet, the latest of each code."""
    found = []
    for row in _latest_lines(connection, shop, (Outcome.SENT.value,)):
        planned = _planned(row)
        result = LineResult(planned.line, Outcome.SENT, ticket=row["ticket"])
        found.append((row["plan_id"], planned, result, row["sent_at"]))
    return found


def unknown_lines(connection: Connection, shop: str) -> list[tuple[str, PlannedLine]]:
    """Give the latest line of each code whose outcome is not known."""
    return [(row["plan_id"], _planned(row)) for row in _latest_lines(connection, shop, _NOT_KNOWN)]


def _latest_lines(connection: Connection, shop: str, outcomes: Iterable[str]) -> Sequence[RowMapping]:
    query = (
        select(plan_lines, shown.c.sent_at)
        .join(shown, and_(shown.c.plan_id == plan_lines.c.plan_id, shown.c.code == plan_lines.c.code))
        .where(shown.c.shop == shop, shown.c.outcome.in_(list(outcomes)))
        .order_by(plan_lines.c.code)
    )
    return connection.execute(query).mappings().all()


def _planned(row: RowMapping) -> PlannedLine:
    line = StockLine(row["mall_code"], tuple(row["address"]), row["quantity"])
    return PlannedLine(row["code"], line, row["predicted"], Why(row["cause"]), 0)


def refused_codes(connection: Connection, shop: str, sent_before: datetime) -> list[str]:
    """Give codes whose latest number the mall refused, sent before a moment."""
    refused = shown.c.outcome == Outcome.REFUSED.value
    query = select(shown.c.code).where(shown.c.shop == shop, refused, shown.c.sent_at <= sent_before)
    return sorted(connection.execute(query).scalars())  # sorted there, it would go through all codes


def refused_lines(connection: Connection, shop: str) -> list[tuple[str, str]]:
    """Give codes that the mall refused when they were written last, with the reason."""
    return [(row["code"], row["error"]) for row in _latest_lines(connection, shop, (Outcome.REFUSED.value,))]
