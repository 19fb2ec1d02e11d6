"""The ledger: every message, what happened on its way, and what is still to be said."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OPEN = sa.text("state IN ('received', 'handling')")
_UNSENT = sa.text("state IN ('waiting', 'sending')")

# On PostgreSQL an id may be drawn before, and committed after, a higher one, so a reader that remembers the highest id
# it has seen would miss a row. Whoever draws an id therefore holds this lock, shared, until its transaction ends, and
# such a reader waits for those who hold it; see sixty/ledger/reading.py.
_NEXT_ID = """
CREATE FUNCTION next_message_id() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(6007);
    RETURN nextval('message_id_seq');
END $$
"""


def upgrade() -> None:
    """Makes the change."""
    op.create_table(
        "message",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("author", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=True),
        sa.Column("answers_id", _BIG_ID, nullable=True),
        sa.Column("ordinal", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("understood", sa.JSON(), nullable=True),
        sa.Column("actions", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.String(length=64), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("timings", sa.JSON(), nullable=False),
        sa.Column("masked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("author IN ('customer', 'bot', 'agent', 'system')", name=op.f("ck_message_author")),
        sa.CheckConstraint(
            "(author = 'customer' AND state IN"
            " ('received', 'handling', 'answered', 'apologised', 'handed_over', 'to_person'))"
            " OR (author <> 'customer' AND state IN ('written', 'delivered', 'read'))",
            name=op.f("ck_message_state"),
        ),
        sa.CheckConstraint("ordinal >= 0", name=op.f("ck_message_ordinal")),
        sa.ForeignKeyConstraint(
            ["answers_id"], ["message.id"], name=op.f("fk_message_answers_id_message"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("conversation_id", "client_id", name=op.f("uq_message_conversation_id_client_id")),
        sa.UniqueConstraint("answers_id", "ordinal", name=op.f("uq_message_answers_id_ordinal")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_message_conversation_id_id", "message", ["conversation_id", "id"])
    op.create_index("ix_message_at", "message", ["at"])
    op.create_index("ix_message_open", "message", ["conversation_id", "id"], sqlite_where=_OPEN, postgresql_where=_OPEN)
    if op.get_context().dialect.name == "postgresql":
        op.execute(_NEXT_ID)
        op.execute("ALTER TABLE message ALTER COLUMN id SET DEFAULT next_message_id()")
    op.create_table(
        "ledger_event",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("message_id", _BIG_ID, nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_ledger_event_message_id_message"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_event")),
        sa.UniqueConstraint("key", name=op.f("uq_ledger_event_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ledger_event_conversation_id_at", "ledger_event", ["conversation_id", "at"])
    op.create_index("ix_ledger_event_message_id", "ledger_event", ["message_id"])
    op.create_index("ix_ledger_event_at", "ledger_event", ["at"])
    op.create_table(
        "outbox",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("author", sa.String(length=16), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.String(length=64), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", _BIG_ID, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.CheckConstraint("author IN ('bot', 'agent', 'system')", name=op.f("ck_outbox_author")),
        sa.CheckConstraint("state IN ('waiting', 'sending', 'sent', 'failed')", name=op.f("ck_outbox_state")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_outbox_message_id_message"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_unsent", "outbox", ["due_at", "id"], sqlite_where=_UNSENT, postgresql_where=_UNSENT)
    op.create_index("ix_outbox_conversation_id", "outbox", ["conversation_id"])
    op.create_index("ix_outbox_message_id", "outbox", ["message_id"])
    op.create_index("ix_outbox_created_at", "outbox", ["created_at"])


def downgrade() -> None:
    """Takes it back."""
    op.drop_table("outbox")
    op.drop_table("ledger_event")
    op.drop_table("message")
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP FUNCTION next_message_id()")
