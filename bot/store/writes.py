"""What waits to be written, what was planned, and what each shop shows since."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, case, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from adapters.contract import LineResult, Outcome, StockLine
from bot.store.schema import dirty, plan_lines, plans, shown
from bot.sync.values import PlannedLine, Shown, Waiting, Why

PLANNED = "planned"
_NOT_KNOWN = (PLANNED, Outcome.UNKNOWN.value)


# ---- waiting ---------------------------------------------------------------------------


def mark(connection: Connection, shop: str, code: str, why: Why, since: datetime) -> None:
    """Let a code wait; of two reasons the more urgent one stands, of two moments the later."""
    row = upsert(dirty).values(shop=shop, code=code, seq=1, since=since, cause=why)
    urgent = case((dirty.c.cause == Why.SALE.value, dirty.c.cause), else_=row.excluded.cause)
    connection.execute(
        row.on_conflict_do_update(
            index_elements=["shop", "code"],
            set_={
                "seq": dirty.c.seq + 1,
                "since": func.max(dirty.c.since, row.excluded.since),
                "cause": urgent,
            },
        )
    )


def waiting(connection: Connection, shop: str, limit: int) -> list[Waiting]:
    """Give the waiting codes of a shop, those of sales first, the oldest first."""
    rows = connection.execute(
        select(dirty)
        .where(dirty.c.shop == shop)
        .order_by(case((dirty.c.cause == Why.SALE.value, 0), else_=1), dirty.c.since, dirty.c.code)
        .limit(limit)
    )
    return [Waiting(row.code, row.seq, row.since, Why(row.cause)) for row in rows]


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


def settle_waiting(connection: Connection, shop: str, settled: Iterable[Waiting]) -> None:
    """Take codes off the list; one that has a newer reason stays."""
    for item in settled:
        connection.execute(
            delete(dirty).where(dirty.c.shop == shop, dirty.c.code == item.code, dirty.c.seq == item.seq)
        )


# ---- shown -----------------------------------------------------------------------------


def shown_of(connection: Connection, shop: str, codes: Iterable[str]) -> dict[str, Shown]:
    """Give what a shop shows by code; codes never written are absent."""
    found: dict[str, Shown] = {}
    wanted = list(codes)
    for start in range(0, len(wanted), 500):
        rows = connection.execute(
            select(shown).where(shown.c.shop == shop, shown.c.code.in_(wanted[start : start + 500]))
        )
        for row in rows:
            found[row.code] = Shown(
                row.written,
                row.sent_at,
                row.acked_at,
                row.outcome,
                row.ticket,
                row.predicted,
                row.mall_code,
            )
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
            set_={column.name: new[column.name] for column in shown.c if not column.primary_key},
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
    for planned in lines:
        result = results[planned.code]
        outcome = result.outcome.value
        connection.execute(
            update(plan_lines)
            .where(plan_lines.c.plan_id == plan_id, plan_lines.c.code == planned.code)
            .values(outcome=outcome, error=str(result.error or ""), ticket=result.ticket, decided_at=now)
        )
        connection.execute(
            update(shown)
            .where(shown.c.plan_id == plan_id, shown.c.code == planned.code)  # not of a newer plan
            .values(**_shows(result, planned.line.quantity, now))
        )


def _shows(result: LineResult, quantity: int, now: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {"outcome": result.outcome.value}
    if result.ticket:
        values["ticket"] = result.ticket
    if result.outcome is Outcome.SENT:
        values |= {"acked_at": now, "predicted": quantity}
    elif result.outcome is Outcome.DONE:
        # What was sent before keeps its prediction: the shop may have sold since.
        values |= {
            "acked_at": now,
            "predicted": case((shown.c.acked_at.is_(None), quantity), else_=shown.c.predicted),
        }
    else:
        values |= {"predicted": None}
    return values


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
    return [row.code for row in connection.execute(query.order_by(shown.c.code))]


def refused_lines(connection: Connection, shop: str) -> list[tuple[str, str]]:
    """Give codes that the mall refused when they were written last, with the reason."""
    return [(row["code"], row["error"]) for row in _latest_lines(connection, shop, (Outcome.REFUSED.value,))]
