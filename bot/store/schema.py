"""The tables of ``tanaban.sqlite3``. Times are aware UTC, stored as ISO text that sorts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Dialect,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)


class Moment(TypeDecorator[datetime]):
    """An aware time, stored as UTC text of one fixed width, so that text order is time order."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be kept")
        return value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        del dialect
        return None if value is None else datetime.fromisoformat(value)


metadata = MetaData()

# --- the ledger ---------------------------------------------------------------------------

entries = Table(
    "entries",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),  # order of intake
    Column("at", Moment, nullable=False),  # the mall's own time of the event
    Column("taken_in_at", Moment, nullable=False),
    Column("code", String, nullable=False),
    Column("on_hand", Integer, nullable=False),
    Column("reserved", Integer, nullable=False),
    Column("held", Integer, nullable=False),
    Column("cause", String, nullable=False),
    Column("shop", String, nullable=False, default=""),
    Column("order_id", String, nullable=False, default=""),
    Column("line_id", String, nullable=False, default=""),
    Column("revision", Moment),
    Column("who", String, nullable=False, default=""),
    Column("note", Text, nullable=False, default=""),
    Index("entries_by_code", "code", "at"),
    Index("entries_by_time", "at"),
    sqlite_autoincrement=True,
)

balances = Table(  # a cache of the sums, kept in the same transaction
    "balances",
    metadata,
    Column("code", String, primary_key=True),
    Column("on_hand", Integer, nullable=False),
    Column("reserved", Integer, nullable=False),
    Column("held", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("counted_at", Moment),  # "as of" of the latest count: earlier sales are in it
)

order_lines = Table(  # what each line of each order counts for; the key counts once, ever
    "order_lines",
    metadata,
    Column("shop", String, primary_key=True),
    Column("order_id", String, primary_key=True),
    Column("line_id", String, primary_key=True),
    Column("mall_code", String, nullable=False),
    Column("address", JSON, nullable=False),
    Column("code", String),  # None while the mapping does not know it: unmapped demand
    Column("state", String, nullable=False),
    Column("quantity", Integer, nullable=False),  # as last seen
    Column("reserved", Integer, nullable=False),  # what the line holds in the ledger now
    Column("sold", Integer, nullable=False),
    Column("parts", JSON, nullable=False),  # what one unit was made of when it was first counted
    Column("ordered_at", Moment, nullable=False),
    Column("revision", Moment, nullable=False),
    Column("first_seen_at", Moment, nullable=False),
    Column("read_at", Moment, nullable=False),
    Column("closed", Boolean, nullable=False),
    Index("order_lines_open", "shop", "closed", "ordered_at"),
    Index("order_lines_unmapped", "code"),
    Index("order_lines_by_time", "shop", "ordered_at"),
)

orders = Table(  # an order's own facts, without anything personal; names as the mall gave them
    "orders",
    metadata,
    Column("shop", String, primary_key=True),
    Column("order_id", String, primary_key=True),
    Column("ordered_at", Moment, nullable=False),
    Column("payment", String, nullable=False),
    Column("delivery", String, nullable=False),
)

order_names = Table(  # every payment and delivery name that a shop ever gave
    "order_names",
    metadata,
    Column("shop", String, primary_key=True),
    Column("kind", String, primary_key=True),  # payment | delivery
    Column("name", String, primary_key=True),
)

cursors = Table(
    "cursors",
    metadata,
    Column("shop", String, primary_key=True),
    Column("read_up_to", Moment, nullable=False),  # never past the moment a query began
)

# --- what the malls list and show ------------------------------------------------------------

products = Table(
    "products",
    metadata,
    Column("shop", String, primary_key=True),
    Column("address_key", String, primary_key=True),
    Column("address", JSON, nullable=False),
    Column("mall_code", String, nullable=False),
    Column("name", String, nullable=False),
    Column("on_sale", Boolean),
    Column("note", Text, nullable=False, default=""),
    Column("read_at", Moment, nullable=False),
    Index("products_by_code", "shop", "mall_code"),
)

shown = Table(  # last written and predicted numbers
    "shown",
    metadata,
    Column("shop", String, primary_key=True),
    Column("code", String, primary_key=True),
    Column("mall_code", String, nullable=False),  # the listing it was written to
    Column("written", Integer),
    Column("sent_at", Moment),
    Column("acked_at", Moment),
    Column("outcome", String, nullable=False, default=""),
    Column("ticket", String, nullable=False, default=""),
    Column("predicted", Integer),  # None: unknown, so it is written again
    Column("plan_id", String, nullable=False, default=""),
    Column("read_quantity", Integer),  # what the latest read-back found
    Column("read_at", Moment),  # None: to be read next
    Column("rebased_at", Moment),  # the reading that the prediction rests on; None: on the write
    Column("resync_by", String),  # who asked for it to be read back; None: nobody
    Index("shown_by_read", "shop", "read_at"),
    Index("shown_by_outcome", "shop", "outcome"),
    Index("shown_by_number", "shop", "predicted"),
    Index("shown_by_resync", "shop", "resync_by"),
)

movements = Table(  # what a shop's own orders did to its own number, for some days
    "movements",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("shop", String, nullable=False),
    Column("code", String, nullable=False),
    Column("since", Moment, nullable=False),  # not earlier
    Column("at", Moment, nullable=False),  # by its stamp
    Column("until", Moment, nullable=False),  # not later
    Column("units", Integer, nullable=False),  # taken off; below zero: put back
    Index("movements_by_code", "shop", "code"),
    sqlite_autoincrement=True,
)

doubts = Table(  # numbers read that are not as predicted, until the orders up to the reading are in
    "doubts",
    metadata,
    Column("shop", String, primary_key=True),
    Column("code", String, primary_key=True),
    Column("quantity", Integer, nullable=False),
    Column("read_from", Moment, nullable=False),
    Column("read_at", Moment, nullable=False),
    Column("predicted", Integer, nullable=False),
    Column("base_from", Moment, nullable=False),
    Column("base_until", Moment, nullable=False),
    Column("sent_at", Moment),
    Column("rebased_at", Moment),
    Column("moved_up_to", Integer, nullable=False),  # the latest movement that the prediction has
    Column("who", String, nullable=False, default=""),
)

drifts = Table(  # numbers at a mall that were not ours, and what became of them
    "drifts",
    metadata,
    Column("drift_id", Integer, primary_key=True, autoincrement=True),
    Column("shop", String, nullable=False),
    Column("code", String, nullable=False),
    Column("found", Integer, nullable=False),
    Column("expected", Integer, nullable=False),
    Column("read_at", Moment, nullable=False),
    Column("found_at", Moment, nullable=False),
    Column("state", String, nullable=False),
    Column("who", String, nullable=False, default=""),
    Column("decided_at", Moment),
    Column("until", Moment),
    Index("drifts_by_listing", "shop", "code", "found_at"),
    Index("drifts_by_state", "shop", "state"),
)

dirty = Table(  # codes whose number may have changed for a shop
    "dirty",
    metadata,
    Column("shop", String, primary_key=True),
    Column("code", String, primary_key=True),
    Column("seq", Integer, nullable=False),  # names the latest change, never two: a later one is not lost
    Column("since", Moment, nullable=False),
    Column("cause", String, nullable=False),
    Column("who", String, nullable=False, default=""),  # the person whose doing it is
    Index("dirty_by_urgency", "shop", "cause"),
)

looks = Table(  # codes that are compared again at a moment, as the demand for them fades
    "looks",
    metadata,
    Column("code", String, primary_key=True),
    Column("at", Moment, nullable=False),
)

plans = Table(
    "plans",
    metadata,
    Column("plan_id", String, primary_key=True),
    Column("shop", String, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Index("plans_open", "shop", "finished_at"),
    Index("plans_first", "shop", "made_at"),
)

plan_lines = Table(  # recorded before the first write to a mall, each outcome after it
    "plan_lines",
    metadata,
    Column("plan_id", String, primary_key=True),
    Column("code", String, primary_key=True),
    Column("mall_code", String, nullable=False),
    Column("address", JSON, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("predicted", Integer),
    Column("cause", String, nullable=False),
    Column("outcome", String, nullable=False, default=""),  # "" = not known
    Column("error", Text, nullable=False, default=""),
    Column("ticket", String, nullable=False, default=""),
    Column("decided_at", Moment),
    Index("plan_lines_by_code", "code"),
)

# --- outages ------------------------------------------------------------------------------------

outages = Table(  # those that are over, for people
    "outages",
    metadata,
    Column("outage_id", Integer, primary_key=True, autoincrement=True),
    Column("shop", String, nullable=False),
    Column("blind_from", Moment, nullable=False),
    Column("blind_to", Moment, nullable=False),
    Column("orders", Integer, nullable=False),
    Column("beyond_from", Moment),  # what the mall no longer tells of
    Column("beyond_to", Moment),
    Column("uncertain", JSON, nullable=False),  # ids of orders that may have changed unseen
)

risks = Table(  # codes that a blind shop may have sold out: the others show none
    "risks",
    metadata,
    Column("shop", String, primary_key=True),
    Column("code", String, primary_key=True),
    Column("since", Moment, nullable=False),
)

clearings = Table(  # the outage that a person cleared, by the moment it began
    "clearings",
    metadata,
    Column("shop", String, primary_key=True),
    Column("read_up_to", Moment, nullable=False),
)

holds = Table(  # plans that the guard holds, and what people decided
    "holds",
    metadata,
    Column("hold_id", Integer, primary_key=True, autoincrement=True),
    Column("shop", String, nullable=False),
    Column("plan_hash", String, nullable=False),
    Column("lines", JSON, nullable=False),  # [code, mall code, before, after, why]
    Column("reason", JSON, nullable=False),  # [what tripped it, codes changed, of them to zero, of all]
    Column("asked_at", Moment, nullable=False),
    Column("caused_by", JSON, nullable=False),
    Column("state", String, nullable=False),
    Column("decided_by", String, nullable=False, default=""),
    Column("decided_at", Moment),
    Index("holds_by_state", "shop", "state"),
)

# --- switches, pauses, shops ------------------------------------------------------------------

switches = Table(
    "switches",
    metadata,
    Column("target", String, primary_key=True),  # a shop's name, or "all"
    Column("on", Boolean, nullable=False),
    Column("who", String, nullable=False),
    Column("at", Moment, nullable=False),
)

pauses = Table(
    "pauses",
    metadata,
    Column("pause_id", Integer, primary_key=True, autoincrement=True),
    Column("target", String, nullable=False),  # a shop's name, a code, or "all"
    Column("reason", Text, nullable=False),
    Column("who", String, nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment),
    Column("ended_at", Moment),
    Column("ended_by", String, nullable=False, default=""),
)

shops = Table(
    "shops",
    metadata,
    Column("shop", String, primary_key=True),
    Column("orders_read_at", Moment),
    Column("written_at", Moment),
    Column("products_read_at", Moment),
    Column("blocked", Boolean, nullable=False, default=False),
    Column("failing_cause", String, nullable=False, default=""),
    Column("failing_since", Moment),
    Column("detail", Text, nullable=False, default=""),
)

credentials = Table(  # dates and states; the values are in the vault only
    "credentials",
    metadata,
    Column("shop", String, primary_key=True),  # or an owner of the bot's own: mapping, forge, slack
    Column("kind", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("stored_at", Moment),  # when and by whom the value in use was entered
    Column("stored_by", String, nullable=False, default=""),
    Column("issued_at", Moment),
    Column("expires_at", Moment),
    Column("end_by", String, nullable=False, default=""),  # who says when it ends: mall | person | life
    Column("checked_at", Moment),
    Column("proved_at", Moment),
    Column("trial", JSON),  # of the value on trial, until it is proved: what the columns above will be
    Column("pending_until", Moment),
    Column("detail", Text, nullable=False, default=""),
    Column("told_step", Integer),  # the last warning: days before the end, below zero after it
    Column("told_end", Moment),  # the end that it was of
    Column("told_at", Moment),  # and when
)

ticks = Table(  # what people have done of the set-up of a shop
    "ticks",
    metadata,
    Column("shop", String, primary_key=True),
    Column("step", String, primary_key=True),
    Column("who", String, nullable=False),
    Column("at", Moment, nullable=False),
)

# --- what people hear ---------------------------------------------------------------------------

incidents = Table(
    "incidents",
    metadata,
    Column("incident_id", Integer, primary_key=True, autoincrement=True),
    Column("shop", String, nullable=False),  # "" for the whole bot
    Column("cause", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("params", JSON, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("count", Integer, nullable=False),
    Column("closed_at", Moment),
    Column("times", Integer, nullable=False, default=1),  # how often it came back (flapping)
    Column("acked_by", String, nullable=False, default=""),
    Column("acked_at", Moment),
    Column("snoozed_until", Moment),
    Column("snoozed_by", String, nullable=False, default=""),
    Column("channel", String, nullable=False, default=""),
    Column("root_ts", String, nullable=False, default=""),
    Column("version", Integer, nullable=False, default=1),  # rises with every change
    Column("told_version", Integer, nullable=False, default=0),  # what Slack has
    Index("incidents_open", "shop", "cause", "closed_at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("message_id", Integer, primary_key=True, autoincrement=True),
    Column("priority", Integer, nullable=False),
    Column("channel", String, nullable=False),
    Column("thread_ts", String, nullable=False, default=""),
    Column("body", JSON, nullable=False),  # {"text": ..., "blocks": [...]}
    Column("queued_at", Moment, nullable=False),
    Column("sent_at", Moment),
    Column("ts", String, nullable=False, default=""),
    Column("attempts", Integer, nullable=False, default=0),
    Column("error", String, nullable=False, default=""),
)

audit = Table(
    "audit",
    metadata,
    Column("audit_id", Integer, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("who", String, nullable=False),
    Column("action", String, nullable=False),
    Column("arguments", JSON, nullable=False),
    Column("result", Text, nullable=False),
)

remembered = Table(  # small facts by key: the last good commit, the state's own id ...
    "remembered",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", Text, nullable=False),
)
