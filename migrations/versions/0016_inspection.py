"""Inspection: what the rules have found in closed chats, plans of samples, scores by people, appeals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the change."""
    big_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "inspection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("hand_off_id", sa.Integer(), nullable=True),
        sa.Column("who", sa.String(length=8), nullable=False),
        sa.Column("agent_id", sa.String(length=32), nullable=True),
        sa.Column("group_id", sa.String(length=32), nullable=True),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("from_id", big_id, nullable=True),
        sa.Column("to_id", big_id, nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("customer_lines", sa.Integer(), nullable=False),
        sa.Column("own_lines", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("risk", sa.String(length=8), nullable=False),
        sa.Column("rules", sa.String(length=16), nullable=False),
        sa.Column("inspected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("look_again_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("who IN ('person', 'bot')", name=op.f("ck_inspection_who")),
        sa.CheckConstraint("state IN ('done', 'failed')", name=op.f("ck_inspection_state")),
        sa.CheckConstraint("risk IN ('none', 'low', 'medium', 'high')", name=op.f("ck_inspection_risk")),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name=op.f("ck_inspection_score")),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_inspection_agent_id_agent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection")),
        sa.UniqueConstraint("key", name=op.f("uq_inspection_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_inspection_conversation_id", "inspection", ["conversation_id"])
    op.create_index("ix_inspection_agent_id_ended_at", "inspection", ["agent_id", "ended_at"])
    op.create_index("ix_inspection_ended_at", "inspection", ["ended_at", "id"])
    op.create_index("ix_inspection_look_again_at", "inspection", ["look_again_at"])
    op.create_table(
        "inspection_finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("inspection_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=96), nullable=False),
        sa.Column("rule", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("message_id", big_id, nullable=True),
        sa.Column("start", sa.Integer(), nullable=True),
        sa.Column("end", sa.Integer(), nullable=True),
        sa.Column("further", sa.JSON(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('standing', 'withdrawn')", name=op.f("ck_inspection_finding_state")),
        sa.CheckConstraint("severity IN ('minor', 'major', 'fatal')", name=op.f("ck_inspection_finding_severity")),
        sa.ForeignKeyConstraint(
            ["inspection_id"],
            ["inspection.id"],
            name=op.f("fk_inspection_finding_inspection_id_inspection"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_finding")),
        sa.UniqueConstraint("inspection_id", "key", name=op.f("uq_inspection_finding_inspection_id_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_inspection_finding_rule", "inspection_finding", ["rule", "inspection_id"])
    op.create_table(
        "inspection_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=64), nullable=False),
        sa.Column("form", sa.String(length=32), nullable=False),
        sa.Column("groups", sa.JSON(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("at_least", sa.Integer(), nullable=False),
        sa.Column("by_risk", sa.JSON(), nullable=False),
        sa.Column("double_share", sa.Float(), nullable=False),
        sa.Column("inspectors", sa.JSON(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_inspection_plan_created_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_plan")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "inspection_draw",
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chats", sa.Integer(), nullable=False),
        sa.Column("tasks", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["inspection_plan.id"],
            name=op.f("fk_inspection_draw_plan_id_inspection_plan"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("plan_id", "week", name=op.f("pk_inspection_draw")),
    )
    op.create_table(
        "inspection_task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("inspection_id", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("inspector_id", sa.Integer(), nullable=False),
        sa.Column("form", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'scored', 'withdrawn')", name=op.f("ck_inspection_task_state")),
        sa.CheckConstraint("ordinal IN (1, 2)", name=op.f("ck_inspection_task_ordinal")),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name=op.f("ck_inspection_task_score")),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["inspection_plan.id"],
            name=op.f("fk_inspection_task_plan_id_inspection_plan"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["inspection_id"],
            ["inspection.id"],
            name=op.f("fk_inspection_task_inspection_id_inspection"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["inspector_id"], ["account.id"], name=op.f("fk_inspection_task_inspector_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_task")),
        sa.UniqueConstraint(
            "plan_id", "inspection_id", "ordinal", name=op.f("uq_inspection_task_plan_id_inspection_id_ordinal")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_inspection_task_inspector_id_state", "inspection_task", ["inspector_id", "state"])
    op.create_index("ix_inspection_task_inspection_id", "inspection_task", ["inspection_id"])
    op.create_table(
        "inspection_appeal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("inspection_id", sa.Integer(), nullable=False),
        sa.Column("finding_id", sa.Integer(), nullable=True),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'upheld', 'withdrawn')", name=op.f("ck_inspection_appeal_state")),
        sa.CheckConstraint("(finding_id IS NULL) <> (task_id IS NULL)", name=op.f("ck_inspection_appeal_against_one")),
        sa.ForeignKeyConstraint(
            ["inspection_id"],
            ["inspection.id"],
            name=op.f("fk_inspection_appeal_inspection_id_inspection"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["finding_id"],
            ["inspection_finding.id"],
            name=op.f("fk_inspection_appeal_finding_id_inspection_finding"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["task_id"],
            ["inspection_task.id"],
            name=op.f("fk_inspection_appeal_task_id_inspection_task"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_inspection_appeal_account_id_account")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_inspection_appeal_decided_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_appeal")),
        sa.UniqueConstraint("finding_id", name=op.f("uq_inspection_appeal_finding_id")),
        sa.UniqueConstraint("task_id", name=op.f("uq_inspection_appeal_task_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_inspection_appeal_state", "inspection_appeal", ["state", "id"])
    op.create_index("ix_inspection_appeal_inspection_id", "inspection_appeal", ["inspection_id"])


def downgrade() -> None:
    """Takes it back."""
    for table in (
        "inspection_appeal",
        "inspection_task",
        "inspection_draw",
        "inspection_plan",
        "inspection_finding",
        "inspection",
    ):
        op.drop_table(table)
