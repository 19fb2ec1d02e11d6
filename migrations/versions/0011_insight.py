"""What chats teach: visits and their turns, related questions, capsules shown, and how far each is followed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes the change."""
    op.create_table(
        "follower",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_follower")),
    )
    op.create_table(
        "related_question",
        sa.Column("question", sa.String(length=97), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("following", sa.String(length=97), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("rank_score", sa.Float(), nullable=False),
        sa.Column("mined_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("place IN (1, 2)", name=op.f("ck_related_question_place")),
        sa.PrimaryKeyConstraint("question", "category", "place", "following", name=op.f("pk_related_question")),
    )
    op.create_index(
        "ix_related_question_rank", "related_question", ["question", "category", "place", "rank_score"], unique=False
    )

    op.create_table(
        "visit",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("first_message_id", _BIG_ID, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=True),
        sa.Column("product_no", sa.String(length=64), nullable=True),
        sa.Column("entry", sa.String(length=16), nullable=True),
        sa.Column("pages", sa.JSON(), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("arm", sa.String(length=8), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=True),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("segment", sa.String(length=16), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("curve", sa.JSON(), nullable=False),
        sa.Column("line", sa.String(length=2), nullable=True),
        sa.Column("next_questions", sa.JSON(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("order_no", sa.String(length=64), nullable=True),
        sa.Column("order_amount", sa.BigInteger(), nullable=True),
        sa.Column("order_lines", sa.Integer(), nullable=True),
        sa.Column("handed_over", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("arm IN ('pushes', 'quiet')", name=op.f("ck_visit_arm")),
        sa.CheckConstraint("line IN ('A', 'B', 'B+', 'C', 'C+', 'Z')", name=op.f("ck_visit_line")),
        sa.CheckConstraint("segment IN ('ask', 'answer', 'win_back')", name=op.f("ck_visit_segment")),
        sa.CheckConstraint("score >= 0 AND score <= 1", name=op.f("ck_visit_score")),
        sa.ForeignKeyConstraint(
            ["first_message_id"], ["message.id"], name=op.f("fk_visit_first_message_id_message"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("first_message_id", name=op.f("uq_visit_first_message_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_visit_category_started_at", "visit", ["category", "started_at"], unique=False)
    op.create_index("ix_visit_conversation_id_started_at", "visit", ["conversation_id", "started_at"], unique=False)
    op.create_index("ix_visit_customer_id_ended_at", "visit", ["customer_id", "ended_at"], unique=False)
    op.create_index("ix_visit_started_at", "visit", ["started_at"], unique=False)

    op.create_table(
        "capsule_showing",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("message_id", _BIG_ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("visit_id", _BIG_ID, nullable=True),
        sa.Column("question", sa.String(length=97), nullable=False),
        sa.Column("after", sa.String(length=97), server_default="", nullable=False),
        sa.Column("title", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("arm", sa.String(length=8), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=True),
        sa.Column("entry", sa.String(length=16), nullable=True),
        sa.Column("phase", sa.String(length=16), nullable=True),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tapped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tapped_message_id", _BIG_ID, nullable=True),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("arm IN ('pushes', 'quiet')", name=op.f("ck_capsule_showing_arm")),
        sa.CheckConstraint(
            "source IN ('playbook', 'pinned', 'mined', 'welcome')", name=op.f("ck_capsule_showing_source")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_capsule_showing_message_id_message"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name=op.f("fk_capsule_showing_visit_id_visit"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capsule_showing")),
        sa.UniqueConstraint("message_id", "position", name=op.f("uq_capsule_showing_message_id_position")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_capsule_showing_conversation_id_shown_at", "capsule_showing", ["conversation_id", "shown_at"], unique=False
    )
    op.create_index("ix_capsule_showing_question_shown_at", "capsule_showing", ["question", "shown_at"], unique=False)
    op.create_index(
        "ix_capsule_showing_after_category_shown_at",
        "capsule_showing",
        ["after", "category", "shown_at"],
        unique=False,
    )
    op.create_index("ix_capsule_showing_shown_at", "capsule_showing", ["shown_at"], unique=False)
    op.create_index("ix_capsule_showing_visit_id", "capsule_showing", ["visit_id"], unique=False)

    op.create_table(
        "chat_turn",
        sa.Column("message_id", _BIG_ID, nullable=False),
        sa.Column("visit_id", _BIG_ID, nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("intent", sa.String(length=64), nullable=False),
        sa.Column("topic", sa.String(length=32), nullable=True),
        sa.Column("question", sa.String(length=97), nullable=True),
        sa.Column("category", sa.String(length=32), nullable=True),
        sa.Column("product_no", sa.String(length=64), nullable=True),
        sa.Column("mood", sa.String(length=16), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("tapped", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("pushed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("answered_already", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("response_ms", sa.Integer(), nullable=True),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("segment", sa.String(length=16), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('answered', 'asked_back', 'missed', 'apologised', 'handed_over', 'to_person')",
            name=op.f("ck_chat_turn_outcome"),
        ),
        sa.CheckConstraint("segment IN ('ask', 'answer', 'win_back')", name=op.f("ck_chat_turn_segment")),
        sa.CheckConstraint("score >= 0 AND score <= 1", name=op.f("ck_chat_turn_score")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_chat_turn_message_id_message"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name=op.f("fk_chat_turn_visit_id_visit"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_chat_turn")),
    )
    op.create_index("ix_chat_turn_at", "chat_turn", ["at"], unique=False)
    op.create_index("ix_chat_turn_question_category_at", "chat_turn", ["question", "category", "at"], unique=False)
    op.create_index("ix_chat_turn_visit_id_ordinal", "chat_turn", ["visit_id", "ordinal"], unique=False)
    # Who was won for an own channel is asked by conversation.
    op.create_index("ix_own_channel_mark_conversation_id", "own_channel_mark", ["conversation_id"], unique=False)


def downgrade() -> None:
    """Takes it back."""
    op.drop_index("ix_own_channel_mark_conversation_id", table_name="own_channel_mark")
    for table in ("chat_turn", "capsule_showing", "visit", "related_question", "follower"):
        op.drop_table(table)
