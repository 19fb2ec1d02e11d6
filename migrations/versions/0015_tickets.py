"""Tickets, what happened to them, and what customers were promised."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the change."""
    big_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)
    watched = sa.text("watch_at IS NOT NULL")
    is_open = sa.text("closed_at IS NULL")
    op.create_table(
        "ticket",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("group_id", sa.String(length=32), nullable=False),
        sa.Column("agent_id", sa.String(length=32), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=True),
        sa.Column("hand_off_id", sa.Integer(), nullable=True),
        sa.Column("message_ids", sa.JSON(), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=True),
        sa.Column("channel", sa.String(length=32), nullable=True),
        sa.Column("order_no", sa.String(length=64), nullable=True),
        sa.Column("product_no", sa.String(length=64), nullable=True),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.Column("state_since", moment, nullable=False),
        sa.Column("due_at", moment, nullable=True),
        sa.Column("seconds_left", sa.Integer(), nullable=True),
        sa.Column("overdue_since", moment, nullable=True),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("watch_at", moment, nullable=True),
        sa.Column("closed_at", moment, nullable=True),
        sa.Column("searched", sa.Text(), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_ticket_version")),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_ticket_agent_id_agent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("key", name=op.f("uq_ticket_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ticket_state_due_at", "ticket", ["state", "due_at"])
    op.create_index("ix_ticket_group_id_state", "ticket", ["group_id", "state"])
    op.create_index("ix_ticket_agent_id_state", "ticket", ["agent_id", "state"])
    op.create_index("ix_ticket_conversation_id", "ticket", ["conversation_id"])
    op.create_index("ix_ticket_customer_id", "ticket", ["customer_id"])
    op.create_index("ix_ticket_order_no", "ticket", ["order_no"])
    op.create_index("ix_ticket_created_at", "ticket", ["created_at"])
    op.create_index("ix_ticket_open_due_at", "ticket", ["due_at"], sqlite_where=is_open, postgresql_where=is_open)
    op.create_index("ix_ticket_watch_at", "ticket", ["watch_at"], sqlite_where=watched, postgresql_where=watched)
    op.create_table(
        "ticket_entry",
        sa.Column("id", big_id, nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("before", sa.String(length=32), nullable=True),
        sa.Column("after", sa.String(length=32), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.CheckConstraint(
            "kind IN ('created', 'moved', 'changed', 'comment', 'file', 'told', 'overdue', 'escalated')",
            name=op.f("ck_ticket_entry_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_entry_ticket_id_ticket"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_entry")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ticket_entry_ticket_id", "ticket_entry", ["ticket_id", "id"])
    op.create_index("ix_ticket_entry_kind_at", "ticket_entry", ["kind", "at"])
    op.create_table(
        "promise",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("message_id", big_id, nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=True),
        sa.Column("agent_id", sa.String(length=32), nullable=True),
        sa.Column("group_id", sa.String(length=32), nullable=True),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("said_at", moment, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("overdue_since", moment, nullable=True),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("watch_at", moment, nullable=True),
        sa.Column("settled_at", moment, nullable=True),
        sa.Column("settled_by", sa.String(length=32), nullable=True),
        sa.CheckConstraint("state IN ('proposed', 'open', 'kept', 'dropped')", name=op.f("ck_promise_state")),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_promise_agent_id_agent")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_promise_ticket_id_ticket"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise")),
        sa.UniqueConstraint("key", name=op.f("uq_promise_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_promise_conversation_id_state", "promise", ["conversation_id", "state"])
    op.create_index("ix_promise_state_due_at", "promise", ["state", "due_at"])
    op.create_index("ix_promise_agent_id_said_at", "promise", ["agent_id", "said_at"])
    op.create_index("ix_promise_ticket_id", "promise", ["ticket_id"])
    op.create_index("ix_promise_watch_at", "promise", ["watch_at"], sqlite_where=watched, postgresql_where=watched)


def downgrade() -> None:
    """Takes it back."""
    for table in ("promise", "ticket_entry", "ticket"):
        op.drop_table(table)
