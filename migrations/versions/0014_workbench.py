"""What the workbench keeps beside conversations: drafts, quick replies, satisfaction, what became of suggestions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the change."""
    big_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "draft",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_draft_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "conversation_id", name=op.f("pk_draft")),
    )
    op.create_index("ix_draft_conversation_id", "draft", ["conversation_id"])
    op.create_table(
        "quick_reply",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("folder", sa.String(length=64), nullable=False),
        sa.Column("initials", sa.String(length=128), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_quick_reply_account_id_account")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_quick_reply_created_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quick_reply")),
    )
    op.create_index("ix_quick_reply_account_id", "quick_reply", ["account_id"])
    op.create_table(
        "satisfaction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("hand_off_id", sa.Integer(), nullable=True),
        sa.Column("agent_id", sa.String(length=32), nullable=True),
        sa.Column("customer_id", sa.String(length=64), nullable=True),
        sa.Column("by", sa.String(length=16), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", big_id, nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("\"by\" IN ('bot', 'agent')", name=op.f("ck_satisfaction_by")),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name=op.f("ck_satisfaction_score")),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_satisfaction_agent_id_agent")),
        sa.ForeignKeyConstraint(
            ["hand_off_id"], ["hand_off.id"], name=op.f("fk_satisfaction_hand_off_id_hand_off"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_satisfaction")),
        sa.UniqueConstraint("hand_off_id", name=op.f("uq_satisfaction_hand_off_id")),
    )
    op.create_index("ix_satisfaction_conversation_id", "satisfaction", ["conversation_id"])
    op.create_index("ix_satisfaction_agent_id_rated_at", "satisfaction", ["agent_id", "rated_at"])
    op.create_index("ix_satisfaction_asked_at", "satisfaction", ["asked_at"])
    op.create_table(
        "suggestion_use",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("message_id", big_id, nullable=False),
        sa.Column("suggestion", sa.String(length=64), nullable=False),
        sa.Column("agent_id", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("how", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("how IN ('sent', 'edited', 'dismissed')", name=op.f("ck_suggestion_use_how")),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_suggestion_use_agent_id_agent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion_use")),
        sa.UniqueConstraint(
            "message_id",
            "suggestion",
            "agent_id",
            name=op.f("uq_suggestion_use_message_id_suggestion_agent_id"),
        ),
    )
    op.create_index("ix_suggestion_use_conversation_id", "suggestion_use", ["conversation_id"])


def downgrade() -> None:
    """Takes it back."""
    for table in ("suggestion_use", "satisfaction", "quick_reply", "draft"):
        op.drop_table(table)
