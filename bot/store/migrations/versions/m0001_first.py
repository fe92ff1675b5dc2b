"""The first form of the state."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("audit_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("audit_id"),
    )
    op.create_table(
        "balances",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.String(32), nullable=False),
        sa.Column("counted_at", sa.String(32), nullable=True),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "clearings",
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("read_up_to", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("shop"),
    )
    op.create_table(
        "credentials",
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("stored_at", sa.String(32), nullable=True),
        sa.Column("stored_by", sa.String(), nullable=False),
        sa.Column("issued_at", sa.String(32), nullable=True),
        sa.Column("expires_at", sa.String(32), nullable=True),
        sa.Column("end_by", sa.String(), nullable=False),
        sa.Column("checked_at", sa.String(32), nullable=True),
        sa.Column("proved_at", sa.String(32), nullable=True),
        sa.Column("trial", sa.JSON(), nullable=True),
        sa.Column("pending_until", sa.String(32), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("told_step", sa.Integer(), nullable=True),
        sa.Column("told_end", sa.String(32), nullable=True),
        sa.Column("told_at", sa.String(32), nullable=True),
        sa.PrimaryKeyConstraint("shop", "kind"),
    )
    op.create_table(
        "cursors",
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("read_up_to", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("shop"),
    )
    op.create_table(
        "dirty",
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("since", sa.String(32), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "code"),
    )
    op.create_index("dirty_by_urgency", "dirty", ["shop", "cause"], unique=False)
    op.create_table(
        "doubts",
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("read_from", sa.String(32), nullable=False),
        sa.Column("read_at", sa.String(32), nullable=False),
        sa.Column("predicted", sa.Integer(), nullable=False),
        sa.Column("base_from", sa.String(32), nullable=False),
        sa.Column("base_until", sa.String(32), nullable=False),
        sa.Column("sent_at", sa.String(32), nullable=True),
        sa.Column("rebased_at", sa.String(32), nullable=True),
        sa.Column("moved_up_to", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "code"),
    )
    op.create_table(
        "drifts",
        sa.Column("drift_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.String(32), nullable=False),
        sa.Column("found_at", sa.String(32), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("decided_at", sa.String(32), nullable=True),
        sa.Column("until", sa.String(32), nullable=True),
        sa.PrimaryKeyConstraint("drift_id"),
    )
    op.create_index("drifts_by_listing", "drifts", ["shop", "code", "found_at"], unique=False)
    op.create_index("drifts_by_state", "drifts", ["shop", "state"], unique=False)
    op.create_table(
        "entries",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("taken_in_at", sa.String(32), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("revision", sa.String(32), nullable=True),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_autoincrement=True,
    )
    op.create_index("entries_by_code", "entries", ["code", "at"], unique=False)
    op.create_index("entries_by_time", "entries", ["at"], unique=False)
    op.create_table(
        "holds",
        sa.Column("hold_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("plan_hash", sa.String(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("reason", sa.JSON(), nullable=False),
        sa.Column("asked_at", sa.String(32), nullable=False),
        sa.Column("caused_by", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", sa.String(32), nullable=True),
        sa.PrimaryKeyConstraint("hold_id"),
    )
    op.create_index("holds_by_state", "holds", ["shop", "state"], unique=False)
    op.create_table(
        "incidents",
        sa.Column("incident_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("opened_at", sa.String(32), nullable=False),
        sa.Column("last_at", sa.String(32), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.String(32), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("acked_by", sa.String(), nullable=False),
        sa.Column("acked_at", sa.String(32), nullable=True),
        sa.Column("snoozed_until", sa.String(32), nullable=True),
        sa.Column("snoozed_by", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("root_ts", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("told_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("incident_id"),
    )
    op.create_index("incidents_open", "incidents", ["shop", "cause", "closed_at"], unique=False)
    op.create_table(
        "looks",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "movements",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("since", sa.String(32), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("until", sa.String(32), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_autoincrement=True,
    )
    op.create_index("movements_by_code", "movements", ["shop", "code"], unique=False)
    op.create_table(
        "order_lines",
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("mall_code", sa.String(), nullable=False),
        sa.Column("address", sa.JSON(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("sold", sa.Integer(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("ordered_at", sa.String(32), nullable=False),
        sa.Column("revision", sa.String(32), nullable=False),
        sa.Column("first_seen_at", sa.String(32), nullable=False),
        sa.Column("read_at", sa.String(32), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "order_id", "line_id"),
    )
    op.create_index("order_lines_by_time", "order_lines", ["shop", "ordered_at"], unique=False)
    op.create_index("order_lines_open", "order_lines", ["shop", "closed", "ordered_at"], unique=False)
    op.create_index("order_lines_unmapped", "order_lines", ["code"], unique=False)
    op.create_table(
        "order_names",
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "kind", "name"),
    )
    op.create_table(
        "orders",
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("ordered_at", sa.String(32), nullable=False),
        sa.Column("payment", sa.String(), nullable=False),
        sa.Column("delivery", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "order_id"),
    )
    op.create_table(
        "outages",
        sa.Column("outage_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("blind_from", sa.String(32), nullable=False),
        sa.Column("blind_to", sa.String(32), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("beyond_from", sa.String(32), nullable=True),
        sa.Column("beyond_to", sa.String(32), nullable=True),
        sa.Column("uncertain", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("outage_id"),
    )
    op.create_table(
        "outbox",
        sa.Column("message_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("thread_ts", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("queued_at", sa.String(32), nullable=False),
        sa.Column("sent_at", sa.String(32), nullable=True),
        sa.Column("ts", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("message_id"),
    )
    op.create_table(
        "pauses",
        sa.Column("pause_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("since", sa.String(32), nullable=False),
        sa.Column("until", sa.String(32), nullable=True),
        sa.Column("ended_at", sa.String(32), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("pause_id"),
    )
    op.create_table(
        "plan_lines",
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("mall_code", sa.String(), nullable=False),
        sa.Column("address", sa.JSON(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("predicted", sa.Integer(), nullable=True),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("ticket", sa.String(), nullable=False),
        sa.Column("decided_at", sa.String(32), nullable=True),
        sa.PrimaryKeyConstraint("plan_id", "code"),
    )
    op.create_index("plan_lines_by_code", "plan_lines", ["code"], unique=False)
    op.create_table(
        "plans",
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("made_at", sa.String(32), nullable=False),
        sa.Column("finished_at", sa.String(32), nullable=True),
        sa.PrimaryKeyConstraint("plan_id"),
    )
    op.create_index("plans_first", "plans", ["shop", "made_at"], unique=False)
    op.create_index("plans_open", "plans", ["shop", "finished_at"], unique=False)
    op.create_table(
        "products",
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("address_key", sa.String(), nullable=False),
        sa.Column("address", sa.JSON(), nullable=False),
        sa.Column("mall_code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("on_sale", sa.Boolean(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("read_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("shop", "address_key"),
    )
    op.create_index("products_by_code", "products", ["shop", "mall_code"], unique=False)
    op.create_table(
        "remembered",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "risks",
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("since", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("shop", "code"),
    )
    op.create_table(
        "shops",
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("orders_read_at", sa.String(32), nullable=True),
        sa.Column("written_at", sa.String(32), nullable=True),
        sa.Column("products_read_at", sa.String(32), nullable=True),
        sa.Column("blocked", sa.Boolean(), nullable=False),
        sa.Column("failing_cause", sa.String(), nullable=False),
        sa.Column("failing_since", sa.String(32), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("shop"),
    )
    op.create_table(
        "shown",
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("mall_code", sa.String(), nullable=False),
        sa.Column("written", sa.Integer(), nullable=True),
        sa.Column("sent_at", sa.String(32), nullable=True),
        sa.Column("acked_at", sa.String(32), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("ticket", sa.String(), nullable=False),
        sa.Column("predicted", sa.Integer(), nullable=True),
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("read_quantity", sa.Integer(), nullable=True),
        sa.Column("read_at", sa.String(32), nullable=True),
        sa.Column("rebased_at", sa.String(32), nullable=True),
        sa.Column("resync_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("shop", "code"),
    )
    op.create_index("shown_by_number", "shown", ["shop", "predicted"], unique=False)
    op.create_index("shown_by_outcome", "shown", ["shop", "outcome"], unique=False)
    op.create_index("shown_by_read", "shown", ["shop", "read_at"], unique=False)
    op.create_index("shown_by_resync", "shown", ["shop", "resync_by"], unique=False)
    op.create_table(
        "switches",
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("on", sa.Boolean(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("target"),
    )
    op.create_table(
        "ticks",
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("shop", "step"),
    )
