"""What happened in the merchant's system, and numbers as long as the platforms' are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_PENDING = sa.text("applied_at IS NULL")

# Table, column, length before. An order number of Taobao has 19 digits, one of Youzan 24 characters.
_LONGER = (
    ("customer", "id", 32),
    ("customer_order", "no", 18),
    ("customer_order", "customer_id", 32),
    ("order_line", "order_no", 18),
    ("parcel", "no", 32),
    ("parcel", "order_no", 18),
    ("parcel_trace", "parcel_no", 32),
    ("refund", "no", 32),
    ("refund", "order_no", 18),
    ("order_proof", "order_no", 18),
    ("hand_off", "customer_id", 32),
)
_LENGTH = 64


def upgrade() -> None:
    """Makes the change."""
    for table, name, before in _LONGER:
        _set_length(table, name, before, _LENGTH)
    op.create_table(
        "order_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("external_id", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("object_id", sa.String(length=64), nullable=False),
        sa.Column("order_no", sa.String(length=64), nullable=True),
        sa.Column("customer_id", sa.String(length=64), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("way", sa.String(length=16), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('order', 'payment', 'parcel', 'refund', 'cart', 'favourite')", name=op.f("ck_order_event_kind")
        ),
        sa.CheckConstraint("way IN ('webhook', 'poll')", name=op.f("ck_order_event_way")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_event")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_order_event_source_external_id")),
    )
    op.create_index("ix_order_event_order_no_occurred_at", "order_event", ["order_no", "occurred_at"], unique=False)
    op.create_index(
        "ix_order_event_customer_id_occurred_at", "order_event", ["customer_id", "occurred_at"], unique=False
    )
    op.create_index("ix_order_event_kind_occurred_at", "order_event", ["kind", "occurred_at"], unique=False)
    op.create_index(
        "ix_order_event_pending",
        "order_event",
        ["tried_at"],
        unique=False,
        sqlite_where=_PENDING,
        postgresql_where=_PENDING,
    )
    op.create_table(
        "order_event_mark",
        sa.Column("consumer", sa.String(length=32), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["order_event.id"], name=op.f("fk_order_event_mark_event_id_order_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("consumer", "event_id", name=op.f("pk_order_event_mark")),
    )
    op.create_index(op.f("ix_order_event_mark_event_id"), "order_event_mark", ["event_id"], unique=False)
    op.create_table(
        "poll_cursor",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("polled_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_poll_cursor")),
    )


def downgrade() -> None:
    """Takes the change back; numbers that have become longer stand in its way on PostgreSQL."""
    op.drop_table("poll_cursor")
    op.drop_index(op.f("ix_order_event_mark_event_id"), table_name="order_event_mark")
    op.drop_table("order_event_mark")
    op.drop_index("ix_order_event_pending", table_name="order_event", sqlite_where=_PENDING, postgresql_where=_PENDING)
    op.drop_index("ix_order_event_kind_occurred_at", table_name="order_event")
    op.drop_index("ix_order_event_customer_id_occurred_at", table_name="order_event")
    op.drop_index("ix_order_event_order_no_occurred_at", table_name="order_event")
    op.drop_table("order_event")
    for table, name, before in _LONGER:
        _set_length(table, name, _LENGTH, before)


def _set_length(table: str, name: str, before: int, after: int) -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column(table, name, existing_type=sa.String(length=before), type_=sa.String(length=after))
        return
    # SQLite keeps text of any length, so only the declaration changes. Making the table anew, its other way, would
    # drop the old one, and with it all that refers to it (https://www.sqlite.org/lang_altertable.html#otheralter).
    connection = op.get_bind()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    connection.execute(
        sa.text("UPDATE sqlite_master SET sql = replace(sql, :old, :new) WHERE type = 'table' AND name = :name"),
        {"old": f"\t{name} VARCHAR({before})", "new": f"\t{name} VARCHAR({after})", "name": table},
    )
    connection.exec_driver_sql(f"PRAGMA schema_version={int(version) + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=OFF")
