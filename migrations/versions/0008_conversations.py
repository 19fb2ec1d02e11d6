"""Conversations: who is in each, and who answers it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the change."""
    op.create_table(
        "conversation",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("external_id", sa.String(length=160), nullable=True),
        sa.Column("visitor_id", sa.String(length=64), nullable=True),
        sa.Column("customer_id", sa.String(length=64), nullable=True),
        sa.Column("level", sa.String(length=16), nullable=True),
        sa.Column("region", sa.String(length=64), nullable=True),
        sa.Column("entry", sa.String(length=16), nullable=False),
        sa.Column("product_no", sa.String(length=64), nullable=True),
        sa.Column("order_no", sa.String(length=64), nullable=True),
        sa.Column("known_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('bot', 'queued', 'assigned', 'wrap_up', 'closed')", name=op.f("ck_conversation_state")
        ),
        sa.CheckConstraint("entry IN ('shop', 'product', 'order')", name=op.f("ck_conversation_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
        sa.UniqueConstraint("channel", "external_id", name=op.f("uq_conversation_channel_external_id")),
    )
    op.create_index("ix_conversation_state_last_at", "conversation", ["state", "last_at"], unique=False)
    op.create_index("ix_conversation_customer_id_last_at", "conversation", ["customer_id", "last_at"], unique=False)
    op.create_index("ix_conversation_visitor_id", "conversation", ["visitor_id"], unique=False)
    op.create_table(
        "conversation_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("before", sa.String(length=16), nullable=False),
        sa.Column("after", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("why", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_conversation_change_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_change")),
    )
    op.create_index(
        "ix_conversation_change_conversation_id_at", "conversation_change", ["conversation_id", "at"], unique=False
    )


def downgrade() -> None:
    """Takes it back."""
    op.drop_table("conversation_change")
    op.drop_table("conversation")
