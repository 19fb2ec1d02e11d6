"""The board: routing changed on the spot, alarms, whispers, who has joined a talk, and each talk's figures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the change."""
    op.create_table(
        "routing_override",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("target", sa.String(length=32), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.Column("end", sa.String(length=16), nullable=True),
        sa.CheckConstraint(
            "kind IN ('overflow', 'hours', 'ahead', 'longest', 'capacity', 'help')",
            name=op.f("ck_routing_override_kind"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_routing_override_account_id_account")),
        sa.ForeignKeyConstraint(["ended_by"], ["account.id"], name=op.f("fk_routing_override_ended_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_override")),
    )
    op.create_index(
        "uq_routing_override_in_force",
        "routing_override",
        ["kind", "target"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "alarm",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=32), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=True),
        sa.Column("agent_id", sa.String(length=32), nullable=True),
        sa.Column("group_id", sa.String(length=32), nullable=True),
        sa.Column("title", sa.String(length=64), nullable=False),
        sa.Column("measured", sa.Float(), nullable=False),
        sa.Column("worst", sa.Float(), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("calm_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'acknowledged', 'closed')", name=op.f("ck_alarm_state")),
        sa.ForeignKeyConstraint(["acknowledged_by"], ["account.id"], name=op.f("fk_alarm_acknowledged_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm")),
    )
    op.create_index(
        "uq_alarm_standing",
        "alarm",
        ["rule", "subject"],
        unique=True,
        sqlite_where=sa.text("state <> 'closed'"),
        postgresql_where=sa.text("state <> 'closed'"),
    )
    op.create_index("ix_alarm_opened_at", "alarm", ["opened_at"])
    op.create_table(
        "whisper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("hand_off_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["hand_off_id"], ["hand_off.id"], name=op.f("fk_whisper_hand_off_id_hand_off"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_whisper_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_whisper")),
    )
    op.create_index("ix_whisper_conversation_id", "whisper", ["conversation_id"])
    op.create_index("ix_whisper_hand_off_id", "whisper", ["hand_off_id"])
    op.create_table(
        "chat_guest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("hand_off_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.String(length=32), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["hand_off_id"], ["hand_off.id"], name=op.f("fk_chat_guest_hand_off_id_hand_off"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_chat_guest_agent_id_agent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_guest")),
    )
    op.create_index(
        "uq_chat_guest_there",
        "chat_guest",
        ["hand_off_id", "agent_id"],
        unique=True,
        sqlite_where=sa.text("left_at IS NULL"),
        postgresql_where=sa.text("left_at IS NULL"),
    )
    op.create_index("ix_chat_guest_conversation_id", "chat_guest", ["conversation_id"])
    op.create_table(
        "talk_figure",
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("hand_off_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("agent_id", sa.String(length=32), nullable=False),
        sa.Column("group_id", sa.String(length=32), nullable=True),
        sa.Column("customer_id", sa.String(length=64), nullable=True),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_for", sa.String(length=16), nullable=True),
        sa.Column("first_reply", sa.Float(), nullable=True),
        sa.Column("first_reply_office", sa.Float(), nullable=True),
        sa.Column("replies", sa.Integer(), nullable=False),
        sa.Column("reply_seconds", sa.Float(), nullable=False),
        sa.Column("reply_seconds_office", sa.Float(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignment.id"],
            name=op.f("fk_talk_figure_assignment_id_assignment"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("assignment_id", name=op.f("pk_talk_figure")),
    )
    op.create_index("ix_talk_figure_began_at", "talk_figure", ["began_at"])
    op.create_index("ix_talk_figure_agent_id_began_at", "talk_figure", ["agent_id", "began_at"])
    # What the board asks for once a second.
    op.create_index("ix_assignment_at", "assignment", ["at"])
    op.create_index("ix_hand_off_created_at", "hand_off", ["created_at"])
    op.create_index("ix_satisfaction_rated_at", "satisfaction", ["rated_at"])


def downgrade() -> None:
    """Takes it back."""
    op.drop_index("ix_satisfaction_rated_at", "satisfaction")
    op.drop_index("ix_hand_off_created_at", "hand_off")
    op.drop_index("ix_assignment_at", "assignment")
    for table in ("talk_figure", "chat_guest", "whisper", "alarm", "routing_override"):
        op.drop_table(table)
