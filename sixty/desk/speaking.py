"""What agents and the desk itself say to customers: written into the ledger at once, delivered by the courier."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.agents import find_agent
from sixty.desk.board.guests import guest_of
from sixty.desk.conversations import Conversation, ConversationState
from sixty.desk.desk_errors import EndedError, NotYoursError, TalkedMeanwhileError
from sixty.desk.handoff_rows import HandOff, locked_handoff
from sixty.desk.tickets.promises import note_promises
from sixty.ledger.models import Author, Message
from sixty.ledger.outbox import deliver_written
from sixty.ledger.receiving import blank_message
from sixty.ledger.replying import kind_of
from sixty.ledger.rows import add_new
from sixty.tables import column

LONGEST_CLIENT_ID = 40
LONGEST_TEXT = 2000

AGENTS_OWN = "agent:"
"""In front of an agent's client id in the ledger, where those of customers stand as well."""

STATE = "state"
"""In the payload of what is said: the state that the conversation has gone to with it."""

NOTICE = "notice"
"""In the payload of what the desk itself says: a word for what has happened."""

FROM = "from"
"""In the payload of what an agent says: who they are, as customers know them."""


def say(
    session: Session,
    conversation_id: str,
    agent_id: str,
    client_id: str,
    form: Mapping[str, Any],
    now: datetime,
    seen: int | None = None,
) -> tuple[Message, bool]:
    """Says something in a conversation that an agent has, once under its client id.

    Args:
        session: A session that may write.
        conversation_id: The conversation.
        agent_id: Who says it.
        client_id: What their page calls it: 1 to `LONGEST_CLIENT_ID` printable characters.
        form: What is said: `text`, `attachment`, `card`, `image`, `capsules`; one of them at least.
        now: The present moment.
        seen: The last message that the agent has seen, where it matters that nobody else has spoken since.

    Returns:
        The message, and whether this call has written it. What was said before under that id is returned also where
        the conversation has passed on since.

    Raises:
        NotYoursError: Somebody else has the conversation.
        EndedError: No person has it.
        TalkedMeanwhileError: Somebody else of the shop has spoken behind `seen`.
        ValueError: There is nothing to say, too much, or the id can't be one.
    """
    if not (0 < len(client_id) <= LONGEST_CLIENT_ID and client_id.isascii() and client_id.isprintable()):
        raise ValueError(f"client_id has 1 to {LONGEST_CLIENT_ID} printable ASCII characters")
    said = {name: value for name, value in form.items() if value}
    text = str(said.get("text") or "").strip()
    if not (text or any(said.get(name) for name in ("attachment", "card", "image"))):
        raise ValueError("there is nothing to say")
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"a message has at most {LONGEST_TEXT} characters")
    key = f"{AGENTS_OWN}{client_id}"
    known = _known(session, conversation_id, key)
    if known is not None:
        return known, False
    hand_off = may_speak(session, conversation_id, agent_id)
    if seen is not None:
        _nobody_spoke_since(session, conversation_id, agent_id, seen)
    conversation = _conversation(session, conversation_id)
    payload = {**said, "text": text, FROM: {"name": find_agent(session, agent_id).name}, "agent": agent_id}
    message, new = write(session, conversation, "agent", payload, key, agent_id, now)
    if new and hand_off.wrap_up_at is None:
        conversation.last_at = now
    if new:
        note_promises(session, message, conversation.customer_id, now)
    return message, new


def tell(
    session: Session,
    conversation_id: str,
    notice: str,
    text: str,
    key: str,
    now: datetime,
    state: ConversationState | None = None,
    capsules: list[dict[str, str]] | None = None,
) -> Message | None:
    """Says something on the desk's own behalf, once under its key.

    Args:
        session: A session that may write.
        conversation_id: The conversation.
        notice: A word for what has happened, such as `queued`.
        text: What the customer reads.
        key: The same for the same thing to say; at most 57 characters.
        now: The present moment.
        state: The state that the conversation has gone to with it, which the customer's page shows.
        capsules: What may be tapped: title and payload.

    Returns:
        The message; None where nobody has come through the front door, so that nothing can be delivered.
    """
    conversation: Conversation | None = session.get(Conversation, conversation_id)
    if conversation is None:
        return None
    payload = {"text": text, NOTICE: notice, STATE: state, "capsules": capsules}
    message, _ = write(session, conversation, "system", payload, f"notice:{key}"[:64], "desk", now)
    return message


def write(
    session: Session,
    conversation: Conversation,
    author: Author,
    form: Mapping[str, Any],
    client_id: str,
    by: str,
    now: datetime,
) -> tuple[Message, bool]:
    """Writes a message and has it delivered, once under its id."""
    attachment = form.get("attachment") or {}
    values = blank_message(
        conversation_id=conversation.id,
        author=author,
        channel=conversation.channel,
        kind=str(attachment.get("kind") or kind_of(form)),
        client_id=client_id,
        text=str(form.get("text") or ""),
        payload={name: value for name, value in form.items() if name != "text" and value},
        state="written",
        at=now,
    )
    made = add_new(session, Message, values, ("conversation_id", "client_id"))
    if made is None:
        known = _known(session, conversation.id, client_id)
        assert known is not None
        return known, False
    deliver_written(session, made, now, now, by)
    return made, True


def yours(session: Session, conversation_id: str, agent_id: str) -> HandOff:
    """The open hand-off of a conversation that an agent has, also while they wrap it up; locked.

    Raises:
        NotYoursError: Somebody else has it.
        EndedError: No person has it.
    """
    hand_off = locked_handoff(session, conversation_id)
    if hand_off is None or hand_off.state != "taken":
        raise EndedError(conversation_id)
    if hand_off.agent_id != agent_id:
        raise NotYoursError(hand_off.agent_id)
    return hand_off


def may_speak(session: Session, conversation_id: str, agent_id: str) -> HandOff:
    """The open hand-off of a conversation that an agent has, or has joined beside whoever has it; locked.

    Raises:
        NotYoursError: Somebody else has it.
        EndedError: No person has it.
    """
    hand_off = locked_handoff(session, conversation_id)
    if guest_of(session, hand_off, agent_id) is not None and hand_off is not None:
        return hand_off
    return yours(session, conversation_id, agent_id)


def _known(session: Session, conversation_id: str, client_id: str) -> Message | None:
    query = select(Message).where(
        column(Message.conversation_id) == conversation_id, column(Message.client_id) == client_id
    )
    found: Message | None = session.scalars(query.execution_options(populate_existing=True)).first()
    return found


def _nobody_spoke_since(session: Session, conversation_id: str, agent_id: str, seen: int) -> None:
    query = select(Message).where(
        column(Message.conversation_id) == conversation_id,
        column(Message.id) > seen,
        column(Message.author) == "agent",
    )
    others = [each.id for each in session.scalars(query) if (each.payload or {}).get("agent") != agent_id]
    if others:
        raise TalkedMeanwhileError(others)


def _conversation(session: Session, conversation_id: str) -> Conversation:
    conversation: Conversation | None = session.get(Conversation, conversation_id)
    if conversation is None:
        raise LookupError(f"there is no conversation {conversation_id}")
    return conversation
