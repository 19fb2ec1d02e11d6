"""Which parts of a conversation were the bot's, and which a person's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.desk.assignments import Assignment
from sixty.desk.handoff_rows import HandOff
from sixty.ledger.models import Message
from sixty.tables import column

Whose = Literal["bot", "person"]


@dataclass(frozen=True)
class Stretch:
    """A run of messages.

    Attributes:
        from_id: The first message.
        to_id: The last one.
        who: Who had the conversation then.
        agent_id: Which person.
    """

    from_id: int
    to_id: int
    who: Whose
    agent_id: str | None


def whose(message: Message, assignments: Sequence[Assignment]) -> tuple[Whose, str | None]:
    """Who had the conversation when a message was written.

    Args:
        message: The message.
        assignments: Of its conversation.
    """
    if message.author == "agent":
        return "person", (message.payload or {}).get("agent")
    held = next(
        (each for each in assignments if each.at <= message.at and (each.until is None or message.at < each.until)),
        None,
    )
    return ("person", held.agent_id) if held is not None else ("bot", None)


def stretches(messages: Sequence[Message], assignments: Sequence[Assignment]) -> list[Stretch]:
    """The runs of a part of a conversation, in order.

    Args:
        messages: The part, in order.
        assignments: Of the conversation.
    """
    found: list[Stretch] = []
    for message in messages:
        who, agent_id = whose(message, assignments)
        if found and (found[-1].who, found[-1].agent_id) == (who, agent_id):
            found[-1] = Stretch(found[-1].from_id, message.id, who, agent_id)
        else:
            found.append(Stretch(message.id, message.id, who, agent_id))
    return found


def stretch_of(session: Session, hand_off: HandOff) -> dict[str, Any] | None:
    """What the bot keeps of the talk with a person; None where nobody has talked.

    Returns:
        `hand_off`, `agent`, `from` and `to` (ids of the ledger), `messages` (how many the person wrote), `summary`,
        `tags`.
    """
    if hand_off.assigned_at is None:
        return None
    here = column(Message.conversation_id) == hand_off.conversation_id
    within = [here, column(Message.at) >= hand_off.assigned_at]
    if hand_off.ended_at is not None:
        within.append(column(Message.at) <= hand_off.ended_at)
    said = func.count(Message.id).filter(column(Message.author) == "agent")
    first, last, count = session.execute(select(func.min(Message.id), func.max(Message.id), said).where(*within)).one()
    return {
        "hand_off": hand_off.id,
        "agent": hand_off.agent_id,
        "from": first,
        "to": last,
        "messages": count,
        "summary": hand_off.summary,
        "tags": list(hand_off.tags),
    }
