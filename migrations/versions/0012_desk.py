"""The desk: agents, who had a conversation when, notes, what happens there, and what a hand-off is routed by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_HAND_OFF_INDEXES = (
    ("ix_hand_off_state_counts_from", ["state", "counts_from", "id"]),
    ("ix_hand_off_agent_id_state", ["agent_id", "state"]),
    ("ix_hand_off_conversation_id", ["conversation_id"]),
    ("ix_hand_off_group_id_ended_at", ["group_id", "ended_at"]),
    ("ix_hand_off_customer_id", ["customer_id"]),
)
_DEFAULTED = ("language", "priority", "raised_by", "summary", "tags")


def _hand_off_columns() -> tuple[sa.Column, ...]:
    return (
        sa.Column("group_id", sa.String(length=32), nullable=True),
        sa.Column("skill", sa.String(length=32), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False, server_default="zh"),
        sa.Column("region", sa.String(length=64), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("raised_by", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("counts_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wanted_agent_id", sa.String(length=32), nullable=True),
        sa.Column("wanted_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agent_id", sa.String(length=32), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wrap_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end", sa.String(length=16), nullable=True),
        sa.Column("summary", sa.Text(), nullable=False, server_default=""),
        sa.Column("tags", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("told_place", sa.Integer(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
    )


def upgrade() -> None:
    """Makes the change."""
    op.create_table(
        "agent",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("groups", sa.JSON(), nullable=False),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("presence", sa.String(length=16), nullable=False),
        sa.Column("presence_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_assigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("presence IN ('online', 'busy', 'away', 'offline')", name=op.f("ck_agent_presence")),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_agent_capacity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent")),
    )
    with op.batch_alter_table("hand_off") as hand_off:
        for each in _hand_off_columns():
            hand_off.add_column(each)
    # Who waits already has waited since they were handed over.
    op.execute("UPDATE hand_off SET counts_from = created_at, queued_at = created_at")
    op.execute("UPDATE hand_off SET ended_at = created_at WHERE state = 'closed'")
    with op.batch_alter_table("hand_off") as hand_off:
        hand_off.alter_column("counts_from", existing_type=sa.DateTime(timezone=True), nullable=False)
        hand_off.alter_column("queued_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        for each in _hand_off_columns():
            if each.name in _DEFAULTED:
                hand_off.alter_column(each.name, existing_type=each.type, existing_nullable=False, server_default=None)
        hand_off.create_foreign_key(op.f("fk_hand_off_agent_id_agent"), "agent", ["agent_id"], ["id"])
        hand_off.create_foreign_key(op.f("fk_hand_off_wanted_agent_id_agent"), "agent", ["wanted_agent_id"], ["id"])
    for name, columns in _HAND_OFF_INDEXES:
        op.create_index(name, "hand_off", columns, unique=False)
    op.create_table(
        "assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hand_off_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("agent_id", sa.String(length=32), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("why", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_for", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_assignment_agent_id_agent")),
        sa.ForeignKeyConstraint(
            ["hand_off_id"], ["hand_off.id"], name=op.f("fk_assignment_hand_off_id_hand_off"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    op.create_index("ix_assignment_hand_off_id", "assignment", ["hand_off_id"], unique=False)
    op.create_index("ix_assignment_conversation_id", "assignment", ["conversation_id"], unique=False)
    op.create_index("ix_assignment_agent_id_at", "assignment", ["agent_id", "at"], unique=False)
    op.create_table(
        "desk_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=True),
        sa.Column("agent_id", sa.String(length=32), nullable=False),
        sa.Column("about", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("about IN ('chat', 'customer')", name=op.f("ck_desk_note_about")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_note")),
    )
    op.create_index("ix_desk_note_conversation_id", "desk_note", ["conversation_id"], unique=False)
    op.create_index("ix_desk_note_customer_id", "desk_note", ["customer_id"], unique=False)
    op.create_table(
        "desk_event",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=True),
        sa.Column("agent_id", sa.String(length=32), nullable=True),
        sa.Column("group_id", sa.String(length=32), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_event")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_desk_event_at", "desk_event", ["at"], unique=False)
    op.create_table(
        "typing_mark",
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("who", sa.String(length=32), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "who", name=op.f("pk_typing_mark")),
    )
    op.create_table(
        "named_agent",
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("agent_id", sa.String(length=32), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_named_agent_agent_id_agent")),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_named_agent")),
    )


def downgrade() -> None:
    """Takes it back."""
    for table in ("named_agent", "typing_mark", "desk_event", "desk_note", "assignment"):
        op.drop_table(table)
    for name, _ in reversed(_HAND_OFF_INDEXES):
        op.drop_index(name, table_name="hand_off")
    # A message left was unknown before: somebody still has to answer it.
    op.execute("UPDATE hand_off SET state = 'queued' WHERE state = 'left'")
    with op.batch_alter_table("hand_off") as hand_off:
        hand_off.drop_constraint(op.f("fk_hand_off_wanted_agent_id_agent"), type_="foreignkey")
        hand_off.drop_constraint(op.f("fk_hand_off_agent_id_agent"), type_="foreignkey")
        for each in reversed(_hand_off_columns()):
            hand_off.drop_column(each.name)
    op.drop_table("agent")
