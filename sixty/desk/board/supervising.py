"""A supervisor's hand in a talk: join it, leave it again, end it; each guarded, told to whom it concerns, written down.

Taking it away and giving it to somebody else are `sixty.desk.claims.take_over` and `sixty.desk.transfer.transfer`.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from sixty.desk.agents import locked_agent
from sixty.desk.board.guests import ChatGuest, guest_of, guests_of
from sixty.desk.desk_errors import EndedError, NotOnlineError, SameError
from sixty.desk.ending import cut_off
from sixty.desk.feed import announce
from sixty.desk.handoff_rows import HandOff, locked_handoff
from sixty.desk.speaking import tell

LONGEST_WORDS = 500


def join(session: Session, conversation_id: str, agent_id: str, now: datetime) -> tuple[ChatGuest, bool]:
    """Lets somebody write in a colleague's talk; the customer is told their name. Twice is once.

    Returns:
        Their row, and whether they have come with this call.

    Raises:
        UnknownAgentError: There is no such agent.
        NotOnlineError: They are not at work.
        EndedError: Nobody has the talk.
        SameError: It is their own.
    """
    agent = locked_agent(session, agent_id)
    hand_off = locked_handoff(session, conversation_id)
    if hand_off is None or hand_off.state != "taken" or hand_off.wrap_up_at is not None:
        raise EndedError(conversation_id)
    if agent.presence == "offline":
        raise NotOnlineError(agent_id)
    if hand_off.agent_id == agent_id:
        raise SameError(agent_id)
    there = guest_of(session, hand_off, agent_id)
    if there is not None:
        return there, False
    made = ChatGuest(conversation_id=conversation_id, hand_off_id=hand_off.id, agent_id=agent_id, joined_at=now)
    session.add(made)
    session.flush()
    words = f"{agent.name}也来帮您了，和刚才的同事一起为您处理～"
    tell(session, conversation_id, "joined", words, f"{made.id}:joined", now)
    announce(session, "chat", conversation_id, {}, now)
    announce(session, "alert", conversation_id, {"kind": "joined", "note": agent.name}, now, agent_id=hand_off.agent_id)
    return made, True


def leave(session: Session, conversation_id: str, agent_id: str, now: datetime) -> bool:
    """Lets somebody who has joined go again, without a word to the customer; returns whether they were there."""
    hand_off = locked_handoff(session, conversation_id)
    there = guest_of(session, hand_off, agent_id)
    if there is None:
        return False
    there.left_at = now
    session.flush()
    announce(session, "chat", conversation_id, {}, now)
    return True


def end_by_force(session: Session, conversation_id: str, by: str, words: str, now: datetime) -> HandOff:
    """Ends a talk, or a wait for one, whoever has it (强拆).

    Args:
        session: A session that may write.
        conversation_id: The conversation.
        by: Who ends it: an agent's id.
        words: What the customer reads; 1 to `LONGEST_WORDS` characters.
        now: The present moment.

    Raises:
        EndedError: There is nothing to end.
        ValueError: The customer would read nothing, or too much.
    """
    said = words.strip()
    if not 1 <= len(said) <= LONGEST_WORDS:
        raise ValueError(f"words: the customer reads 1 to {LONGEST_WORDS} characters")
    hand_off = locked_handoff(session, conversation_id)
    if hand_off is None:
        raise EndedError(conversation_id)
    before = hand_off.agent_id if hand_off.state == "taken" else None
    for guest in guests_of(session, hand_off):
        guest.left_at = now
    cut_off(session, hand_off, by, said, now)
    if before is not None and before != by:
        announce(session, "alert", conversation_id, {"kind": "cut_off", "note": ""}, now, agent_id=before)
    return hand_off
