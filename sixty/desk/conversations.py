"""The one table of conversations: who is in each, where it was opened, and who answers it, the bot or a person.

What stands here was proved when it was written: a signed token, a signed request, a platform's own number of a chat.
Whoever acts in a conversation reads it here and believes nothing that came along with a message.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast, get_args

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, String, UniqueConstraint, bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from sixty.context import Context, Entry
from sixty.tables import Base, UtcDateTime, column

ConversationState = Literal["bot", "queued", "assigned", "wrap_up", "closed"]

STATES: tuple[ConversationState, ...] = get_args(ConversationState)
TRANSITIONS: Mapping[ConversationState, frozenset[ConversationState]] = {
    "bot": frozenset({"queued", "assigned", "closed"}),
    "queued": frozenset({"bot", "assigned", "closed"}),
    # Who takes a conversation ends it, passes it on, or gives it back.
    "assigned": frozenset({"bot", "queued", "wrap_up", "closed"}),
    "wrap_up": frozenset({"bot", "queued", "assigned", "closed"}),
    # A customer who writes again is with the bot again, or waits again.
    "closed": frozenset({"bot", "queued", "assigned"}),
}
"""Where a conversation may go from where it is."""

WITH_A_PERSON: ConversationState = "assigned"
"""The one state in which messages are kept from the bot; while a customer waits, the bot goes on answering."""

_ID_BYTES = 24
# A context that stands on the server cannot be carried off, so its end says only how long one turn may rely on it.
_TURN = timedelta(minutes=30)


class ForbiddenMoveError(Exception):
    """A conversation may not go from the state it is in to that one."""


class AnotherCustomerError(Exception):
    """The conversation belongs to another customer, and what was said in it is not for this one."""


class Conversation(Base):
    """A conversation on one channel.

    `external_id` is the platform's own name for it, unique in its channel. `known_until` is how long the customer
    counts as proved; without it, or after it, they are an unknown visitor.
    """

    __tablename__ = "conversation"
    __table_args__ = (
        UniqueConstraint("channel", "external_id"),
        CheckConstraint(f"state IN ({', '.join(repr(each) for each in STATES)})", name="state"),
        CheckConstraint("entry IN ('shop', 'product', 'order')", name="entry"),
        Index("ix_conversation_state_last_at", "state", "last_at"),
        Index("ix_conversation_customer_id_last_at", "customer_id", "last_at"),
        Index("ix_conversation_visitor_id", "visitor_id"),
    )

    id: str = Column(String(64), primary_key=True)
    channel: str = Column(String(32), nullable=False)
    external_id: str | None = Column(String(160))
    visitor_id: str | None = Column(String(64))
    customer_id: str | None = Column(String(64))
    level: str | None = Column(String(16))
    region: str | None = Column(String(64))
    entry: Entry = Column(String(16), nullable=False, default="shop")
    product_no: str | None = Column(String(64))
    order_no: str | None = Column(String(64))
    known_until: datetime | None = Column(UtcDateTime)
    state: ConversationState = Column(String(16), nullable=False, default="bot")
    created_at: datetime = Column(UtcDateTime, nullable=False)
    last_at: datetime = Column(UtcDateTime, nullable=False)


class ConversationChange(Base):
    """That a conversation went from one state to another: who moved it, why and when."""

    __tablename__ = "conversation_change"
    __table_args__ = (Index("ix_conversation_change_conversation_id_at", "conversation_id", "at"),)

    id: int = Column(Integer, primary_key=True)
    conversation_id: str = Column(String(64), ForeignKey("conversation.id", ondelete="CASCADE"), nullable=False)
    before: ConversationState = Column(String(16), nullable=False)
    after: ConversationState = Column(String(16), nullable=False)
    by: str = Column(String(64), nullable=False)
    why: str = Column(String(64), nullable=False)
    at: datetime = Column(UtcDateTime, nullable=False)


_ROWS = Conversation.__table__
# Asked with every message, so made once.
_STATE = select(_ROWS.c.state).where(_ROWS.c.id == bindparam("conversation"))


@dataclass(frozen=True)
class Who:
    """A customer who is proved.

    Attributes:
        customer_id: The merchant's number of the customer; None for an unknown visitor.
        level: Their membership level.
        region: Where they live.
        known_until: Until when that counts. None goes with None as the customer.
    """

    customer_id: str | None = None
    level: str | None = None
    region: str | None = None
    known_until: datetime | None = None

    def __post_init__(self) -> None:
        """Refuses a customer who would be known for ever.

        Raises:
            ValueError: `customer_id` and `known_until` are not given together.
        """
        if (self.customer_id is None) != (self.known_until is None):
            raise ValueError("a customer is known until some moment, and nobody is known without being a customer")


@dataclass(frozen=True)
class Where:
    """The page on which a conversation was opened. It proves nothing."""

    entry: Entry = "shop"
    product_no: str | None = None
    order_no: str | None = None


NOBODY = Who()
SHOP_FRONT = Where()


def begin(
    session: Session,
    channel: str,
    now: datetime,
    *,
    external_id: str | None = None,
    visitor_id: str | None = None,
    who: Who = NOBODY,
    where: Where = SHOP_FRONT,
) -> tuple[Conversation, bool]:
    """Begins a conversation, or finds the one that the platform calls so.

    Args:
        session: A session that may write.
        channel: The channel's name.
        now: The present moment.
        external_id: The platform's own, stable name of the conversation, where it has one.
        visitor_id: The browser or account that it is with, as far as that is proved.
        who: The customer, as far as that is proved.
        where: The page on which it was opened.

    Returns:
        The conversation, and whether it has begun just now. One that was there keeps who and where it is: see
        `recognise` and `opened_on`.
    """
    if external_id is not None:
        there = find(session, channel, external_id)
        if there is not None:
            return there, False
    made = Conversation(
        id=secrets.token_hex(_ID_BYTES),
        channel=channel,
        external_id=external_id,
        visitor_id=visitor_id,
        customer_id=who.customer_id,
        level=who.level,
        region=who.region,
        entry=where.entry,
        product_no=where.product_no,
        order_no=where.order_no,
        known_until=who.known_until,
        state="bot",
        created_at=now,
        last_at=now,
    )
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:
        # Two first messages at the same moment; the other one's row is the one that counts.
        there = find(session, channel, external_id) if external_id is not None else None
        if there is None:
            raise
        return there, False
    return made, True


def find(session: Session, channel: str, external_id: str) -> Conversation | None:
    """The conversation that a platform calls so."""
    query = select(Conversation).where(
        column(Conversation.channel) == channel, column(Conversation.external_id) == external_id
    )
    found: Conversation | None = session.scalars(query).first()
    return found


def recognise(session: Session, conversation_id: str, who: Who) -> None:
    """Writes down who the customer has proved to be, or proved again.

    A visitor may turn out to be a customer in the middle of a conversation; a customer never turns into another.

    Args:
        session: A session that may write.
        conversation_id: The conversation.
        who: The customer.

    Raises:
        AnotherCustomerError: The conversation is another customer's; begin a new one.
        LookupError: There is no such conversation.
    """
    conversation = _locked(session, conversation_id)
    if who.customer_id is None:
        conversation.known_until = None
        return
    if conversation.customer_id not in (None, who.customer_id):
        raise AnotherCustomerError(conversation_id)
    conversation.customer_id = who.customer_id
    conversation.level = who.level
    conversation.region = who.region
    conversation.known_until = who.known_until


def opened_on(session: Session, conversation_id: str, where: Where) -> None:
    """Writes down the page on which the customer goes on with a conversation.

    Raises:
        LookupError: There is no such conversation.
    """
    conversation = _locked(session, conversation_id)
    conversation.entry = where.entry
    conversation.product_no = where.product_no
    conversation.order_no = where.order_no


def context_of(session: Session, conversation_id: str, now: datetime) -> Context | None:
    """What is known of a conversation; the one thing that actions may rely on.

    Args:
        session: Any session.
        conversation_id: Rasa's sender id.
        now: The present moment.

    Returns:
        The context; without a customer when none was proved or the proof has run out. None where nobody has come
        through the front door, as in `rasa shell`.
    """
    conversation: Conversation | None = session.get(Conversation, conversation_id)
    if conversation is None:
        return None
    known = conversation.known_until is not None and now < conversation.known_until
    return Context(
        conversation_id=conversation.id,
        customer_id=conversation.customer_id if known else None,
        level=conversation.level if known else None,
        region=conversation.region if known else None,
        entry=conversation.entry,
        product_no=conversation.product_no,
        order_no=conversation.order_no,
        expires_at=cast(datetime, conversation.known_until) if known else now + _TURN,
    )


def state_of(session: Session, conversation_id: str) -> ConversationState | None:
    """Who answers a conversation now; None when there is none of that name."""
    state: ConversationState | None = session.execute(_STATE, {"conversation": conversation_id}).scalar()
    return state


def move(
    session: Session,
    conversation_id: str,
    to: ConversationState,
    by: str,
    why: str,
    now: datetime,
    only_from: Collection[ConversationState] = STATES,
) -> bool:
    """Moves a conversation to another state, and writes down who did so.

    Args:
        session: A session that may write.
        conversation_id: The conversation.
        to: The state it shall be in.
        by: `customer`, `bot`, `system`, or an agent's name.
        why: A word for the reason, such as `asked` or `idle`.
        now: The present moment.
        only_from: Leaves it where it is when that is none of these.

    Returns:
        Whether it has moved: False when it was there already, or is in none of the states asked for.

    Raises:
        ForbiddenMoveError: There is no way from where it is; see `TRANSITIONS`.
        LookupError: There is no such conversation.
    """
    conversation = _locked(session, conversation_id)
    before = conversation.state
    if before == to or before not in only_from:
        return False
    if to not in TRANSITIONS[before]:
        raise ForbiddenMoveError(f"a conversation that is {before} does not become {to}")
    conversation.state = to
    session.add(ConversationChange(conversation_id=conversation_id, before=before, after=to, by=by, why=why, at=now))
    session.flush()
    return True


def changes_of(session: Session, conversation_id: str) -> list[ConversationChange]:
    """Who moved a conversation where, the first move first."""
    query = (
        select(ConversationChange)
        .where(column(ConversationChange.conversation_id) == conversation_id)
        .order_by(column(ConversationChange.id))
    )
    return list(session.scalars(query))


def _locked(session: Session, conversation_id: str) -> Conversation:
    """The row as it is now, for nobody else to change until the transaction ends."""
    query = select(Conversation).where(column(Conversation.id) == conversation_id).with_for_update()
    found: Conversation | None = session.scalars(query.execution_options(populate_existing=True)).first()
    if found is None:
        raise LookupError(f"there is no conversation {conversation_id}")
    return found
