"""When the bot speaks first: cases, rungs of their ladders, who is left alone, SMS and calls; indexes for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the change."""
    big_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "outreach_case",
        sa.Column("id", big_id, nullable=False),
        sa.Column("scene", sa.String(length=32), nullable=False),
        sa.Column("subject_kind", sa.String(length=16), nullable=False),
        sa.Column("subject_id", sa.String(length=160), nullable=False),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=True),
        sa.Column("conversation_id", sa.String(length=64), nullable=True),
        sa.Column("order_no", sa.String(length=64), nullable=True),
        sa.Column("product_no", sa.String(length=64), nullable=True),
        sa.Column("sku_code", sa.String(length=48), nullable=True),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("region", sa.String(length=64), nullable=False),
        sa.Column("audience", sa.String(length=32), nullable=False),
        sa.Column("variant", sa.String(length=32), nullable=False),
        sa.Column("arm", sa.String(length=16), nullable=False),
        sa.Column("why", sa.String(length=32), nullable=True),
        sa.Column("moment", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("exposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("watch_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("converted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("converted_order_no", sa.String(length=64), nullable=True),
        sa.Column("recovered", sa.BigInteger(), nullable=True),
        sa.Column("unsubscribed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_because", sa.String(length=32), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("arm IN ('reminded', 'control')", name=op.f("ck_outreach_case_arm")),
        sa.CheckConstraint("state IN ('open', 'ended')", name=op.f("ck_outreach_case_state")),
        sa.CheckConstraint(
            "subject_kind IN ('order', 'parcel', 'refund', 'visit', 'cart', 'wish')",
            name=op.f("ck_outreach_case_subject_kind"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outreach_case")),
        sa.UniqueConstraint(
            "scene", "subject_kind", "subject_id", name=op.f("uq_outreach_case_scene_subject_kind_subject_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outreach_case_conversation_id", "outreach_case", ["conversation_id"], unique=False)
    op.create_index(
        "ix_outreach_case_open",
        "outreach_case",
        ["who"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_outreach_case_order_no", "outreach_case", ["order_no"], unique=False)
    op.create_index("ix_outreach_case_scene_exposed_at", "outreach_case", ["scene", "exposed_at"], unique=False)
    op.create_index(
        "ix_outreach_case_watched",
        "outreach_case",
        ["watch_until"],
        unique=False,
        sqlite_where=sa.text("exposed_at IS NOT NULL AND settled_at IS NULL"),
        postgresql_where=sa.text("exposed_at IS NOT NULL AND settled_at IS NULL"),
    )
    op.create_index("ix_outreach_case_who_moment", "outreach_case", ["who", "moment"], unique=False)
    op.create_table(
        "outreach_cursor",
        sa.Column("scene", sa.String(length=32), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("scene", name=op.f("pk_outreach_cursor")),
    )
    op.create_table(
        "outreach_edit",
        sa.Column("id", big_id, nullable=False),
        sa.Column("scene", sa.String(length=32), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outreach_edit")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outreach_edit_scene_place_id", "outreach_edit", ["scene", "place", "id"], unique=False)
    op.create_table(
        "outreach_pause",
        sa.Column("scene", sa.String(length=32), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("scene", name=op.f("pk_outreach_pause")),
    )
    op.create_table(
        "outreach_stop",
        sa.Column("id", big_id, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=160), nullable=False),
        sa.Column("scenes", sa.String(length=32), nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("why", sa.String(length=32), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('customer', 'conversation', 'order', 'product')", name=op.f("ck_outreach_stop_kind")
        ),
        sa.CheckConstraint("way IN ('*', 'chat', 'sms', 'phone')", name=op.f("ck_outreach_stop_way")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outreach_stop")),
        sa.UniqueConstraint("kind", "subject", "scenes", "way", name=op.f("uq_outreach_stop_kind_subject_scenes_way")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "outreach_rung",
        sa.Column("id", big_id, nullable=False),
        sa.Column("case_id", big_id, nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("scene", sa.String(length=32), nullable=False),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("latest_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("message_id", big_id, nullable=True),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('planned', 'queued', 'sent', 'held', 'skipped', 'failed')", name=op.f("ck_outreach_rung_state")
        ),
        sa.CheckConstraint("way IN ('chat', 'sms', 'phone')", name=op.f("ck_outreach_rung_way")),
        sa.CheckConstraint("rung >= 1", name=op.f("ck_outreach_rung_rung")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["outreach_case.id"], name=op.f("fk_outreach_rung_case_id_outreach_case"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outreach_rung")),
        sa.UniqueConstraint("case_id", "rung", name=op.f("uq_outreach_rung_case_id_rung")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outreach_rung_message_id", "outreach_rung", ["message_id"], unique=False)
    op.create_index(
        "ix_outreach_rung_planned",
        "outreach_rung",
        ["due_at", "priority", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'planned'"),
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.create_index("ix_outreach_rung_scene_decided_at", "outreach_rung", ["scene", "decided_at"], unique=False)
    op.create_index("ix_outreach_rung_who_decided_at", "outreach_rung", ["who", "decided_at"], unique=False)
    op.create_table(
        "outreach_contact",
        sa.Column("id", big_id, nullable=False),
        sa.Column("rung_id", big_id, nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("template", sa.String(length=64), nullable=False),
        sa.Column("variables", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("provider_ref", sa.String(length=128), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_by", sa.String(length=64), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=32), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'sent', 'delivered', 'failed', 'taken', 'done')",
            name=op.f("ck_outreach_contact_state"),
        ),
        sa.CheckConstraint("way IN ('sms', 'phone')", name=op.f("ck_outreach_contact_way")),
        sa.ForeignKeyConstraint(
            ["rung_id"],
            ["outreach_rung.id"],
            name=op.f("fk_outreach_contact_rung_id_outreach_rung"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outreach_contact")),
        sa.UniqueConstraint("provider", "provider_ref", name=op.f("uq_outreach_contact_provider_provider_ref")),
        sa.UniqueConstraint("rung_id", name=op.f("uq_outreach_contact_rung_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outreach_contact_created_at", "outreach_contact", ["created_at"], unique=False)
    op.create_index("ix_outreach_contact_number", "outreach_contact", ["number"], unique=False)
    op.create_index(
        "ix_outreach_contact_unsent",
        "outreach_contact",
        ["way", "due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('waiting', 'sending')"),
        postgresql_where=sa.text("state IN ('waiting', 'sending')"),
    )
    op.create_index(
        "ix_customer_order_confirmed",
        "customer_order",
        ["confirmed_at"],
        unique=False,
        sqlite_where=sa.text("state = 'confirmed'"),
        postgresql_where=sa.text("state = 'confirmed'"),
    )
    op.create_index(
        "ix_customer_order_delivered",
        "customer_order",
        ["delivered_at"],
        unique=False,
        sqlite_where=sa.text("state = 'delivered'"),
        postgresql_where=sa.text("state = 'delivered'"),
    )
    op.create_index(
        "ix_customer_order_under_way",
        "customer_order",
        ["shipped_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('part_shipped', 'shipped')"),
        postgresql_where=sa.text("state IN ('part_shipped', 'shipped')"),
    )
    op.create_index(
        "ix_customer_order_unpaid",
        "customer_order",
        ["placed_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('unpaid', 'deposit_paid')"),
        postgresql_where=sa.text("state IN ('unpaid', 'deposit_paid')"),
    )
    op.add_column("parcel", sa.Column("since", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE parcel SET since = (SELECT max(at) FROM parcel_trace WHERE parcel_no = parcel.no)")
    op.create_index(
        "ix_parcel_notable",
        "parcel",
        ["state"],
        unique=False,
        sqlite_where=sa.text("state IN ('stuck', 'out_for_delivery')"),
        postgresql_where=sa.text("state IN ('stuck', 'out_for_delivery')"),
    )
    op.create_index("ix_refund_updated_at", "refund", ["updated_at"], unique=False)
    op.create_index("ix_visit_ended_at", "visit", ["ended_at"], unique=False)


def downgrade() -> None:
    """Takes it back."""
    op.drop_index("ix_visit_ended_at", table_name="visit")
    op.drop_index("ix_refund_updated_at", table_name="refund")
    op.drop_index("ix_parcel_notable", table_name="parcel")
    op.drop_column("parcel", "since")
    for name in ("unpaid", "under_way", "delivered", "confirmed"):
        op.drop_index(f"ix_customer_order_{name}", table_name="customer_order")
    for table in (
        *("outreach_edit", "outreach_contact", "outreach_cursor", "outreach_pause", "outreach_stop"),
        *("outreach_rung", "outreach_case"),
    ):
        op.drop_table(table)
