"""What the front door writes about a customer's message: that it came, who answers it, and how it ended."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from sixty.channels.arrival import Said
from sixty.channels.ledger_output import deliver_later
from sixty.channels.numbered_choices import typed_choice
from sixty.channels.refusal import Refused
from sixty.desk.beside.ratings import read_rating, settle_rating
from sixty.desk.conversations import (
    WITH_A_PERSON,
    Conversation,
    ConversationState,
    context_of,
    move,
    state_of,
)
from sixty.desk.handoffs import open_handoff
from sixty.desk.trouble import apology
from sixty.ledger.claiming import IS_OPEN, claim
from sixty.ledger.models import OPEN_STATES, SETTLED_STATES, CustomerState, Message
from sixty.ledger.prepared import Prepared
from sixty.ledger.reading import Capsule, replies_to, shown_capsule
from sixty.ledger.receiving import Incoming, receive
from sixty.ledger.replying import finish, mark_delivered, write_reply
from sixty.ledger.unsaid import OPENED, RATED
from sixty.tables import column

READ_WITH = "read_with"
"""In the payload of a line that was read together with later ones: the id of the last one, which has the replies."""

TROUBLE = "trouble"
"""In the payload of an apology: what had gone wrong."""

# Until then the delivery that goes with the writing has come to its end.
_SAFELY_LATER = timedelta(seconds=30)

_CONVERSATIONS = Conversation.__table__
_MESSAGES = Message.__table__

_WHERE_IT_STANDS = Prepared(
    select(
        _CONVERSATIONS.c.channel,
        _CONVERSATIONS.c.state,
        select(_MESSAGES.c.id)
        .where(
            _MESSAGES.c.conversation_id == bindparam("conversation"),
            IS_OPEN,
            or_(_MESSAGES.c.claimed_by.is_(None), _MESSAGES.c.claimed_by != bindparam("taker")),
        )
        .exists()
        .label("others"),
    ).where(_CONVERSATIONS.c.id == bindparam("conversation"))
)
_HEARD = Prepared(
    update(_CONVERSATIONS).where(_CONVERSATIONS.c.id == bindparam("conversation")).values(last_at=bindparam("moment"))
)
_STATE = Prepared(select(_CONVERSATIONS.c.state).where(_CONVERSATIONS.c.id == bindparam("conversation")))


@dataclass(frozen=True)
class Claimant:
    """A process that answers messages, and how long it keeps one from the others.

    Attributes:
        name: The same for nobody else.
        lease: How long.
    """

    name: str
    lease: timedelta


@dataclass(frozen=True)
class Taken:
    """A message in the ledger.

    Attributes:
        message: Its row.
        new: Whether it has come just now.
        state: The conversation's state.
        claimed: Whether it may be answered at once.
    """

    message: Message
    new: bool
    state: ConversationState
    claimed: bool


@dataclass(frozen=True)
class Begun:
    """What one turn answers.

    Attributes:
        lines: The rows, the one that has the replies last.
        state: The conversation's state.
    """

    lines: Sequence[Message]
    state: ConversationState | None

    @property
    def message(self) -> Message:
        """The row that has the replies."""
        return self.lines[-1]

    @property
    def ids(self) -> list[int]:
        """All rows that the turn settles."""
        return [line.id for line in self.lines]


class Elsewhere(Exception):  # noqa: N818 - it passes by itself
    """Another process is still answering an earlier message of the conversation."""


class LeftBehind(Exception):  # noqa: N818 - it is mended by answering them
    """Earlier messages of the conversation have been left behind, and come first."""

    def __init__(self, ids: Sequence[int]) -> None:
        super().__init__(f"{len(ids)} earlier messages")
        self.ids = ids


def take_in(
    session: Session,
    conversation_id: str,
    said: Said,
    by: Claimant,
    now: datetime,
    *,
    at_once: bool,
    numbered: Container[str],
) -> Taken:
    """Writes a message that has come in.

    Args:
        session: A session that may write.
        conversation_id: The conversation.
        said: The message.
        by: The process that has taken it.
        now: The present moment.
        at_once: Claims it as well, if nothing is before it.
        numbered: The channels that show choices as numbers.

    Raises:
        Refused: There is no such conversation or capsule, or nothing to open.
    """
    asked = {"conversation": conversation_id, "taker": by.name}
    found = _WHERE_IT_STANDS.run(session, asked).row
    if found is None:
        raise Refused("unknown_conversation")
    channel: str = found[0]
    state: ConversationState = found[1]
    others = bool(found[2])
    if said.kind == OPENED:
        known = _known(session, conversation_id, said.client_id)
        if known is not None:
            return Taken(known, False, state, False)
        if _has_begun(session, conversation_id):
            raise Refused("opened_already")
    chosen = _chosen(session, conversation_id, said, channel in numbered)
    rating = read_rating(chosen.payload) if chosen is not None else None
    at_once = at_once and state != WITH_A_PERSON and not others
    received = receive(
        session,
        Incoming(
            conversation_id=conversation_id,
            channel=channel,
            kind=said.kind if chosen is None else "tap" if rating is None else RATED,
            # A typed number stays what the customer has typed; a tap shows its title.
            text=said.text or (chosen.title if chosen else ""),
            payload={"tap": _tap(chosen)} if chosen else said.payload,
            client_id=said.client_id,
        ),
        now,
        by.name,
        now + by.lease,
        at_once=at_once,
    )
    message = received.message
    if not received.new:
        return Taken(message, False, state, False)
    if rating is not None:
        # It asks nothing: it is answered here, and neither the bot nor whoever has the conversation is called for it.
        finish(session, message.id, "answered", now)
        session.refresh(message)
        settle_rating(session, conversation_id, rating, now)
        return Taken(message, True, state, False)
    _HEARD.run(session, {"conversation": conversation_id, "moment": now})
    if state == "closed":
        move(session, conversation_id, "bot", "customer", "wrote_again", now)
        state = "bot"
    if state == WITH_A_PERSON:
        finish(session, message.id, "to_person", now)
        session.refresh(message)
    return Taken(message, True, state, at_once)


def begin_turn(session: Session, ids: Sequence[int], by: Claimant, now: datetime) -> Begun | None:
    """Claims the lines that one turn shall answer.

    Args:
        session: A session that may write.
        ids: The lines, in order, of one conversation.
        by: The process that answers.
        now: The present moment.

    Returns:
        What there is to answer; None when it is settled, somebody else's, or a person's.

    Raises:
        Elsewhere: An earlier message is being answered by another process.
        LeftBehind: An earlier message is answered by nobody.
    """
    found = select(Message).where(column(Message.id).in_(list(ids))).order_by(Message.id)
    lines = list(session.scalars(found.execution_options(populate_existing=True)))
    if not lines:
        return None
    _nobody_waits_before(session, lines, by, now)
    lines = [line for line in lines if not _read_with_another(session, line, now)]
    if lines:
        lines = [*_read_with(session, lines[-1]), *lines]
    claimed = [line for line in lines if claim(session, line.id, by.name, now + by.lease, now)]
    if not claimed:
        return None
    state = state_of(session, claimed[-1].conversation_id)
    if state == WITH_A_PERSON:
        for line in claimed:
            finish(session, line.id, "to_person", now)
        return None
    for line in claimed:
        session.refresh(line)
    for line in claimed[:-1]:
        line.payload = {**line.payload, READ_WITH: claimed[-1].id}
    session.flush()
    return Begun(claimed, state)


def settle(
    session: Session, begun: Begun, state: CustomerState, delivered: Sequence[int], now: datetime, **timings: float
) -> ConversationState | None:
    """Writes that a turn has been answered, and which of its replies have reached the customer.

    Returns:
        The conversation's state now.
    """
    for message_id in begun.ids:
        finish(session, message_id, state, now, **timings)
    mark_delivered(session, delivered, now)
    after: ConversationState | None = _STATE.run(session, {"conversation": begun.message.conversation_id}).value
    return after


def apologise(
    session: Session,
    begun: Begun,
    ordinal: int,
    reason: str,
    state: CustomerState,
    delivered: Sequence[int],
    now: datetime,
    *,
    known_by_id: bool,
) -> tuple[Message, bool]:
    """Ends a turn that went wrong: apology, hand-off and end stand in the database together or not at all.

    Args:
        session: A session that may write.
        begun: What was to be answered.
        ordinal: The place of the apology behind the replies of the turn.
        reason: A word for what went wrong, such as `turn_too_slow`.
        state: `apologised` or `handed_over`.
        delivered: Replies that have reached the customer.
        now: The present moment.
        known_by_id: Whether delivering twice does no harm; else a delivery that a dying process has not begun is made
            good by the courier.

    Returns:
        The apology, and whether this call has written it.
    """
    message = begun.message
    form = {"text": apology(), "outcome": "handed_over", TROUBLE: reason}
    while True:
        row, new = write_reply(session, message.id, ordinal, message.conversation_id, message.channel, "bot", form, now)
        if new or TROUBLE in row.payload:
            break
        # A reply has taken the place, said by a turn that died or that nobody waits for any more.
        ordinal += 1
    context = context_of(session, message.conversation_id, now)
    open_handoff(
        session,
        conversation_id=message.conversation_id,
        reason=reason,
        question="\n".join(line.text for line in begun.lines if line.text),
        context={},
        channel=message.channel,
        customer_id=context.customer_id if context else None,
        now=now,
    )
    settle(session, begun, state, delivered, now)
    if not known_by_id:
        deliver_later(session, row, now, _SAFELY_LATER)
    return row, new


def said_already(session: Session, message_id: int) -> list[Message]:
    """The replies that a turn has left behind."""
    return replies_to(session, message_id)


def _known(session: Session, conversation_id: str, client_id: str | None) -> Message | None:
    if client_id is None:
        return None
    query = select(Message).where(
        column(Message.conversation_id) == conversation_id, column(Message.client_id) == client_id
    )
    found: Message | None = session.scalars(query).first()
    return found


def _has_begun(session: Session, conversation_id: str) -> bool:
    """Whether the bot has said something, or is about to."""
    begun = (column(Message.author) != "customer") | (column(Message.kind) == OPENED)
    query = select(Message.id).where(column(Message.conversation_id) == conversation_id, begun).limit(1)
    return session.scalar(query) is not None


def _chosen(session: Session, conversation_id: str, said: Said, numbers: bool) -> Capsule | None:
    if said.tapped is not None:
        shown = shown_capsule(session, *said.tapped)
        if shown is None or shown.conversation_id != conversation_id:
            raise Refused("unknown_capsule")
        return shown
    return typed_choice(session, conversation_id, said.text) if numbers and said.kind == "text" else None


def _tap(chosen: Capsule) -> dict[str, Any]:
    """A tap as the ledger keeps it: what it says and means, and which message showed it at which place."""
    return {"title": chosen.title, "payload": chosen.payload, "shown": [chosen.message_id, chosen.index]}


def _nobody_waits_before(session: Session, lines: Sequence[Message], by: Claimant, now: datetime) -> None:
    """Looks for earlier messages of the conversation that are not this process's own to answer."""
    query = select(Message).where(
        column(Message.conversation_id) == lines[0].conversation_id,
        column(Message.id) < lines[0].id,
        column(Message.state).in_(OPEN_STATES),
        or_(column(Message.claimed_by).is_(None), column(Message.claimed_by) != by.name),
    )
    ids = {line.id for line in lines}
    earlier = [each for each in session.scalars(query.order_by(Message.id)) if each.payload.get(READ_WITH) not in ids]
    if any(each.claimed_until is not None and each.claimed_until > now for each in earlier):
        raise Elsewhere
    if earlier:
        raise LeftBehind([each.id for each in earlier])


def _read_with_another(session: Session, line: Message, now: datetime) -> bool:
    """Whether a line is settled with a later one, which has its replies."""
    other_id = line.payload.get(READ_WITH)
    other: Message | None = session.get(Message, other_id) if other_id is not None else None
    if other is None:
        return False
    if other.state in SETTLED_STATES:
        finish(session, line.id, other.state, now)  # type: ignore[arg-type]  # a customer's, as it is in the query
    return True


def _read_with(session: Session, message: Message) -> list[Message]:
    """The earlier lines that a dead process had begun to read together with this one."""
    query = select(Message).where(
        column(Message.conversation_id) == message.conversation_id,
        column(Message.id) < message.id,
        column(Message.state).in_(OPEN_STATES),
    )
    return [each for each in session.scalars(query.order_by(Message.id)) if each.payload.get(READ_WITH) == message.id]
