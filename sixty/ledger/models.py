"""The tables of what was said."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)

from sixty.tables import Base, UtcDateTime

Author = Literal["customer", "bot", "agent", "system"]
CustomerState = Literal["received", "handling", "answered", "apologised", "handed_over", "to_person"]
ReplyState = Literal["written", "delivered", "read"]
OutboxState = Literal["waiting", "sending", "sent", "failed"]

OPEN_STATES = ("received", "handling")
"""A customer's message in one of these still waits for its answer."""

SETTLED_STATES = ("answered", "apologised", "handed_over", "to_person")
"""A customer's message in one of these is dealt with; it stays so."""

_OPEN = text("state IN ('received', 'handling')")
_UNSENT = text("state IN ('waiting', 'sending')")

# SQLite counts rows in INTEGER columns only.
_BigId = BigInteger().with_variant(Integer(), "sqlite")


class Message(Base):
    """One message of a conversation, whoever wrote it.

    `id` grows in the order of writing and is never used twice: it is the cursor of every reader.

    Attributes:
        client_id: What the sender calls it; the same one twice in a conversation is the same message.
        answers_id: The customer's message that this one replies to.
        ordinal: The how-manieth reply to it, from 0.
        payload: What isn't text. Of the bot: capsules, card, image, outcome. Of a customer: the tapped capsule
            (title, payload), the attachment.
        understood: Intent, confidence and entities of a customer's message, once they are known.
        actions: Names of the actions that answered a customer's message, in order.
        state: Of a customer's message how far its answer is, of all others how far its delivery is.
        attempts: How often somebody began to answer it.
        claimed_until: Until when `claimed_by` alone deals with it.
        timings: Milliseconds, by name.
        masked_at: When phones, addresses and the like were taken out of it for good; see `sixty.ledger.retention`.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("conversation_id", "client_id"),
        UniqueConstraint("answers_id", "ordinal"),
        CheckConstraint("author IN ('customer', 'bot', 'agent', 'system')", name="author"),
        CheckConstraint(
            "(author = 'customer' AND state IN"
            " ('received', 'handling', 'answered', 'apologised', 'handed_over', 'to_person'))"
            " OR (author <> 'customer' AND state IN ('written', 'delivered', 'read'))",
            name="state",
        ),
        CheckConstraint("ordinal >= 0", name="ordinal"),
        Index("ix_message_conversation_id_id", "conversation_id", "id"),
        Index("ix_message_at", "at"),
        Index("ix_message_open", "conversation_id", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        {"sqlite_autoincrement": True},
    )

    id: int = Column(_BigId, primary_key=True)
    conversation_id: str = Column(String(64), nullable=False)
    author: Author = Column(String(16), nullable=False)
    channel: str = Column(String(32), nullable=False)
    kind: str = Column(String(16), nullable=False, default="text")
    client_id: str | None = Column(String(64))
    answers_id: int | None = Column(_BigId, ForeignKey("message.id", ondelete="SET NULL"))
    ordinal: int | None = Column(Integer)
    text: str = Column(Text, nullable=False, default="")
    payload: dict[str, Any] = Column(JSON, nullable=False, default=dict)
    understood: dict[str, Any] | None = Column(JSON(none_as_null=True))
    actions: list[str] = Column(JSON, nullable=False, default=list)
    state: CustomerState | ReplyState = Column(String(16), nullable=False)
    attempts: int = Column(Integer, nullable=False, default=0)
    claimed_by: str | None = Column(String(64))
    claimed_until: datetime | None = Column(UtcDateTime)
    at: datetime = Column(UtcDateTime, nullable=False)
    handled_at: datetime | None = Column(UtcDateTime)
    delivered_at: datetime | None = Column(UtcDateTime)
    read_at: datetime | None = Column(UtcDateTime)
    timings: dict[str, Any] = Column(JSON, nullable=False, default=dict)
    masked_at: datetime | None = Column(UtcDateTime)


class LedgerEvent(Base):
    """One thing that happened while a message was dealt with: understood, an action run, a slot set.

    Attributes:
        key: The same for the same event, however often and by whichever way it comes.
        message_id: The customer's message that it belongs to.
        at: When it happened, not when we heard of it.
    """

    __tablename__ = "ledger_event"
    __table_args__ = (
        UniqueConstraint("key"),
        Index("ix_ledger_event_conversation_id_at", "conversation_id", "at"),
        Index("ix_ledger_event_message_id", "message_id"),
        Index("ix_ledger_event_at", "at"),
        {"sqlite_autoincrement": True},
    )

    id: int = Column(_BigId, primary_key=True)
    key: str = Column(String(64), nullable=False)
    conversation_id: str = Column(String(64), nullable=False)
    message_id: int | None = Column(_BigId, ForeignKey("message.id", ondelete="CASCADE"))
    kind: str = Column(String(32), nullable=False)
    data: dict[str, Any] = Column(JSON, nullable=False, default=dict)
    at: datetime = Column(UtcDateTime, nullable=False)


class OutboxRow(Base):
    """Something that a person, a reminder or a deed has to say, until it is said.

    Attributes:
        key: The same for the same thing to say; a second one is not taken.
        payload: What is said, in the form of a reply: text, capsules, card, image.
        due_at: Not before; later after each failure.
        by: Who wants it said: an agent's id, a scene, a deed.
        message_id: The message that it became.
        problem: Why the last attempt failed.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("author IN ('bot', 'agent', 'system')", name="author"),
        CheckConstraint("state IN ('waiting', 'sending', 'sent', 'failed')", name="state"),
        Index("ix_outbox_unsent", "due_at", "id", sqlite_where=_UNSENT, postgresql_where=_UNSENT),
        Index("ix_outbox_conversation_id", "conversation_id"),
        Index("ix_outbox_message_id", "message_id"),
        Index("ix_outbox_created_at", "created_at"),
        {"sqlite_autoincrement": True},
    )

    id: int = Column(_BigId, primary_key=True)
    key: str = Column(String(128), nullable=False)
    conversation_id: str = Column(String(64), nullable=False)
    author: Author = Column(String(16), nullable=False)
    payload: dict[str, Any] = Column(JSON, nullable=False, default=dict)
    due_at: datetime = Column(UtcDateTime, nullable=False)
    state: OutboxState = Column(String(16), nullable=False, default="waiting")
    attempts: int = Column(Integer, nullable=False, default=0)
    claimed_by: str | None = Column(String(64))
    claimed_until: datetime | None = Column(UtcDateTime)
    message_id: int | None = Column(_BigId, ForeignKey("message.id", ondelete="SET NULL"))
    created_at: datetime = Column(UtcDateTime, nullable=False)
    by: str = Column(String(64), nullable=False, default="")
    problem: str | None = Column(Text)
