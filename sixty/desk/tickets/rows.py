"""The tables of tickets, of what happened to them, and of what customers were promised."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
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

EntryKind = Literal["created", "moved", "changed", "comment", "file", "told", "overdue", "escalated"]
PromiseState = Literal["proposed", "open", "kept", "dropped"]

ENTRY_KINDS: tuple[EntryKind, ...] = get_args(EntryKind)
PROMISE_STATES: tuple[PromiseState, ...] = get_args(PromiseState)

LONGEST_TITLE = 80
LONGEST_KEY = 64

_BigId = BigInteger().with_variant(Integer(), "sqlite")
_OPEN = text("closed_at IS NULL")
_WATCHED = text("watch_at IS NOT NULL")


def _one_of(attribute: str, values: tuple[str, ...]) -> str:
    return f"{attribute} IN ({', '.join(repr(each) for each in values)})"


class Ticket(Base):
    """Something that has to be done for a customer, until it is done.

    Attributes:
        key: Under which it was raised; the same one twice is the same ticket.
        type: Of `playbook/tickets.yml`; says which states there are, who solves it and by when.
        state: Of the same file.
        group_id: The group of `playbook/routing.yml` that solves it.
        agent_id: Who is at it; None until somebody of the group takes it.
        fields: What the type asks for, by the field's id, as text.
        channel: Where the customer came by, and is told how it goes.
        by: Who raised it: an agent's id, or `bot`.
        version: One more with each change; who changes an older one is told so.
        state_since: When it came into its state.
        due_at: By when it has to be done; None while it waits for the customer, and where the type sets no time.
        seconds_left: While it waits for the customer, how much of its time is left; negative when it was late.
        overdue_since: Its due time, once that has passed without its being done; stays when it is done after all.
        step: How many of its type's escalation steps have been taken.
        watch_at: When somebody has to look at it next: it is about to be due, is due, or the next step is.
        closed_at: When it was done; None while it is open.
        searched: What it is found by, cut into words.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("version >= 1", name="version"),
        Index("ix_ticket_state_due_at", "state", "due_at"),
        Index("ix_ticket_group_id_state", "group_id", "state"),
        Index("ix_ticket_agent_id_state", "agent_id", "state"),
        Index("ix_ticket_conversation_id", "conversation_id"),
        Index("ix_ticket_customer_id", "customer_id"),
        Index("ix_ticket_order_no", "order_no"),
        Index("ix_ticket_created_at", "created_at"),
        Index("ix_ticket_open_due_at", "due_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_ticket_watch_at", "watch_at", sqlite_where=_WATCHED, postgresql_where=_WATCHED),
        {"sqlite_autoincrement": True},
    )

    id: int = Column(Integer, primary_key=True)
    key: str = Column(String(LONGEST_KEY), nullable=False)
    type: str = Column(String(32), nullable=False)
    state: str = Column(String(32), nullable=False)
    group_id: str = Column(String(32), nullable=False)
    agent_id: str | None = Column(String(32), ForeignKey("agent.id"))
    urgent: bool = Column(Boolean, nullable=False, default=False)
    title: str = Column(String(LONGEST_TITLE), nullable=False)
    text: str = Column(Text, nullable=False, default="")
    fields: dict[str, str] = Column(JSON, nullable=False, default=dict)
    conversation_id: str | None = Column(String(64))
    hand_off_id: int | None = Column(Integer)
    message_ids: list[int] = Column(JSON, nullable=False, default=list)
    customer_id: str | None = Column(String(64))
    channel: str | None = Column(String(32))
    order_no: str | None = Column(String(64))
    product_no: str | None = Column(String(64))
    by: str = Column(String(32), nullable=False)
    version: int = Column(Integer, nullable=False, default=1)
    created_at: datetime = Column(UtcDateTime, nullable=False)
    updated_at: datetime = Column(UtcDateTime, nullable=False)
    state_since: datetime = Column(UtcDateTime, nullable=False)
    due_at: datetime | None = Column(UtcDateTime)
    seconds_left: int | None = Column(Integer)
    overdue_since: datetime | None = Column(UtcDateTime)
    step: int = Column(Integer, nullable=False, default=0)
    watch_at: datetime | None = Column(UtcDateTime)
    closed_at: datetime | None = Column(UtcDateTime)
    searched: str = Column(Text, nullable=False, default="")

    @property
    def no(self) -> str:
        """What people call it, customers too."""
        return f"GD{self.id:06d}"


class TicketEntry(Base):
    """One thing that happened to a ticket, with who and why; never changed.

    Attributes:
        by: An agent's id, `bot`, or `system`.
        before: Of `moved`: the state that it left.
        after: Of `moved`: the state that it came into.
        text: Of `comment` what was written, of `moved` why, of `told` what the customer reads.
        data: Of `changed` each name with `[before, after]`; of `file` the upload; of `escalated` the step and to whom.
    """

    __tablename__ = "ticket_entry"
    __table_args__ = (
        CheckConstraint(_one_of("kind", ENTRY_KINDS), name="kind"),
        Index("ix_ticket_entry_ticket_id", "ticket_id", "id"),
        Index("ix_ticket_entry_kind_at", "kind", "at"),
        {"sqlite_autoincrement": True},
    )

    id: int = Column(_BigId, primary_key=True)
    ticket_id: int = Column(Integer, ForeignKey("ticket.id", ondelete="CASCADE"), nullable=False)
    kind: EntryKind = Column(String(16), nullable=False)
    by: str = Column(String(32), nullable=False)
    before: str | None = Column(String(32))
    after: str | None = Column(String(32))
    text: str = Column(Text, nullable=False, default="")
    data: dict[str, Any] = Column(JSON, nullable=False, default=dict)
    at: datetime = Column(UtcDateTime, nullable=False)


class Promise(Base):
    """What a customer was promised, by an agent's words or by a deed of the bot, and by when.

    Attributes:
        key: The same for the same promise: the message and its kind, or the deed.
        kind: Of `promises` in `playbook/tickets.yml`, or `deed`.
        words: What was said, in one line.
        agent_id: Who promised; None for the bot.
        group_id: Whose business it is once it is late.
        ticket_id: The ticket that was raised for it.
        said_at: When it was promised.
        state: `proposed` is found and waits for the agent's yes; `open` is watched; `kept` has been done; `dropped`
            was none, or does not count any more.
        overdue_since: Its due time, once that has passed without its having been kept; stays when it is kept late.
        step: How many of its kind's escalation steps have been taken.
        watch_at: When somebody has to look at it next.
        settled_at: When it was kept or dropped.
        settled_by: Who said so: an agent's id, or `system`.
    """

    __tablename__ = "promise"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint(_one_of("state", PROMISE_STATES), name="state"),
        Index("ix_promise_conversation_id_state", "conversation_id", "state"),
        Index("ix_promise_state_due_at", "state", "due_at"),
        Index("ix_promise_agent_id_said_at", "agent_id", "said_at"),
        Index("ix_promise_ticket_id", "ticket_id"),
        Index("ix_promise_watch_at", "watch_at", sqlite_where=_WATCHED, postgresql_where=_WATCHED),
        {"sqlite_autoincrement": True},
    )

    id: int = Column(Integer, primary_key=True)
    key: str = Column(String(160), nullable=False)
    conversation_id: str = Column(String(64), nullable=False)
    message_id: int | None = Column(_BigId)
    kind: str = Column(String(32), nullable=False)
    words: str = Column(String(200), nullable=False)
    customer_id: str | None = Column(String(64))
    agent_id: str | None = Column(String(32), ForeignKey("agent.id"))
    group_id: str | None = Column(String(32))
    ticket_id: int | None = Column(Integer, ForeignKey("ticket.id", ondelete="SET NULL"))
    state: PromiseState = Column(String(16), nullable=False)
    said_at: datetime = Column(UtcDateTime, nullable=False)
    due_at: datetime = Column(UtcDateTime, nullable=False)
    overdue_since: datetime | None = Column(UtcDateTime)
    step: int = Column(Integer, nullable=False, default=0)
    watch_at: datetime | None = Column(UtcDateTime)
    settled_at: datetime | None = Column(UtcDateTime)
    settled_by: str | None = Column(String(32))
