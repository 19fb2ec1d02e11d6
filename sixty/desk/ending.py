"""How a conversation with a person, or the wait for one, ends: back with the bot, closed, given up, a message left."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from sixty.desk.agents import names_of
from sixty.desk.assignments import end_assignment
from sixty.desk.conversations import Conversation, ConversationState, move
from sixty.desk.desk_errors import NotInWrapUpError, NotWaitingError
from sixty.desk.desk_words import back_with_the_bot, ended, given_up, idle
from sixty.desk.feed import announce
from sixty.desk.handoff_rows import HandOff, locked_handoff
from sixty.desk.returning import return_to_bot
from sixty.desk.speaking import tell, yours

LONGEST_SUMMARY = 2000


def to_bot(
    session: Session, conversation_id: str, agent_id: str, summary: str, tags: Iterable[str], now: datetime
) -> HandOff:
    """Gives a conversation back to the bot, which goes on from the summary with all forms cleared.

    Raises:
        NotYoursError: Somebody else has it.
        EndedError: No person has it.
        ValueError: The summary is too long.
    """
    hand_off = yours(session, conversation_id, agent_id)
    _note(hand_off, summary, tags)
    if hand_off.wrap_up_at is None:
        name = names_of(session, [agent_id]).get(agent_id)
        tell(session, conversation_id, "to_bot", back_with_the_bot(name), f"{hand_off.id}:to_bot", now, "bot")
    _close(session, hand_off, "to_bot", agent_id, "to_bot", now, "bot")
    return_to_bot(session, hand_off, now)
    return hand_off


def close(
    session: Session,
    conversation_id: str,
    agent_id: str,
    now: datetime,
    summary: str = "",
    tags: Iterable[str] = (),
    then: Literal["wrap_up", "done"] = "wrap_up",
) -> HandOff:
    """Says goodbye. From then on the bot answers; the agent may still write down what it was about.

    Args:
        session: A session that may write.
        conversation_id: The conversation.
        agent_id: Who has it.
        now: The present moment.
        summary: What came of it.
        tags: Of those in the playbook.
        then: `wrap_up` leaves time to write; `done` ends it at once.

    Raises:
        NotYoursError: Somebody else has it.
        EndedError: No person has it.
        ValueError: The summary is too long.
    """
    hand_off = yours(session, conversation_id, agent_id)
    _note(hand_off, summary, tags)
    said_goodbye = hand_off.wrap_up_at is not None
    if not said_goodbye:
        name = names_of(session, [agent_id]).get(agent_id, "")
        state: ConversationState = "wrap_up" if then == "wrap_up" else "closed"
        tell(session, conversation_id, "ended", ended(name), f"{hand_off.id}:ended:{hand_off.agent_id}", now, state)
    if then == "wrap_up":
        if not said_goodbye:
            hand_off.wrap_up_at = now
            end_assignment(session, hand_off.id, "ended", now)
            session.flush()
            _move(session, conversation_id, "wrap_up", agent_id, "closed", now)
            announce(session, "chat", conversation_id, {}, now)
        return hand_off
    _close(session, hand_off, "solved", agent_id, "closed", now, "closed")
    return_to_bot(session, hand_off, now)
    return hand_off


def finish_wrap_up(
    session: Session, conversation_id: str, agent_id: str, summary: str, tags: Iterable[str], now: datetime
) -> HandOff:
    """Writes down what a conversation was about, and is done with it.

    Raises:
        NotYoursError: Somebody else has it.
        EndedError: No person has it.
        NotInWrapUpError: Goodbye has not been said yet.
        ValueError: The summary is too long.
    """
    hand_off = yours(session, conversation_id, agent_id)
    if hand_off.wrap_up_at is None:
        raise NotInWrapUpError(conversation_id)
    _note(hand_off, summary, tags)
    _close(session, hand_off, "solved", agent_id, "wrapped_up", now, "closed")
    return_to_bot(session, hand_off, now)
    return hand_off


def end_wrap_up(session: Session, hand_off: HandOff, now: datetime) -> None:
    """Ends a wrap-up whose time is over; the row is locked by the caller."""
    _close(session, hand_off, "solved", "system", "wrap_up_over", now, "closed")
    return_to_bot(session, hand_off, now)


def end_idle(session: Session, hand_off: HandOff, now: datetime) -> None:
    """Ends a conversation whose customer has not written for long; the row is locked by the caller."""
    tell(session, hand_off.conversation_id, "ended", idle(), f"{hand_off.id}:idle:{hand_off.agent_id}", now, "closed")
    _close(session, hand_off, "solved", "system", "idle", now, "closed")
    return_to_bot(session, hand_off, now)


def cut_off(session: Session, hand_off: HandOff, by: str, words: str, now: datetime) -> None:
    """Ends a conversation with a person, or the wait for one, from outside; the row is locked by the caller.

    Args:
        session: A session that may write.
        hand_off: What ends.
        by: Who ends it.
        words: What the customer reads.
        now: The present moment.
    """
    had_somebody = hand_off.state == "taken"
    state: ConversationState = "closed" if had_somebody else "bot"
    tell(session, hand_off.conversation_id, "ended", words, f"{hand_off.id}:cut_off", now, state)
    _close(session, hand_off, "cut_off", by, "cut_off", now, state)
    if had_somebody:
        return_to_bot(session, hand_off, now)


def leave_queue(session: Session, conversation_id: str, now: datetime, told: bool = False) -> HandOff:
    """Takes a customer who does not want to wait any longer out of the queue; also drops the message they left.

    Args:
        session: A session that may write.
        conversation_id: The conversation.
        now: The present moment.
        told: Whether the caller tells them so.

    Raises:
        NotWaitingError: They do not wait.
    """
    hand_off = locked_handoff(session, conversation_id)
    if hand_off is None or hand_off.state not in ("queued", "left"):
        raise NotWaitingError(conversation_id)
    _close(session, hand_off, "given_up", "customer", "given_up", now, "bot")
    if not told:
        tell(session, conversation_id, "given_up", given_up(), f"{hand_off.id}:given_up", now, "bot")
    return hand_off


def leave_message(session: Session, hand_off: HandOff, now: datetime, why: str, text: str) -> None:
    """Turns a wait into a message left; the row is locked by the caller.

    Args:
        session: A session that may write.
        hand_off: Who waits.
        now: The present moment.
        why: A word for the reason, such as `waited_too_long`.
        text: What the customer is told.
    """
    hand_off.state = "left"
    hand_off.wanted_agent_id, hand_off.wanted_until = None, None
    session.flush()
    _move(session, hand_off.conversation_id, "bot", "system", why, now)
    key = f"{hand_off.id}:left:{int(hand_off.queued_at.timestamp())}"
    tell(session, hand_off.conversation_id, "left", text, key, now, "bot")
    announce(session, "chat", hand_off.conversation_id, {"was": "queued"}, now, group=hand_off.group_id)


def _note(hand_off: HandOff, summary: str, tags: Iterable[str]) -> None:
    text = summary.strip()
    if len(text) > LONGEST_SUMMARY:
        raise ValueError(f"a summary has at most {LONGEST_SUMMARY} characters")
    if text:
        hand_off.summary = text
    chosen = list(dict.fromkeys(tags))
    if chosen:
        hand_off.tags = chosen


def _close(
    session: Session, hand_off: HandOff, end: str, by: str, why: str, now: datetime, state: ConversationState
) -> None:
    hand_off.state, hand_off.end, hand_off.ended_at = "closed", end, now
    end_assignment(session, hand_off.id, "ended", now)
    session.flush()
    _move(session, hand_off.conversation_id, state, by, why, now)
    data = {"why": end, "by": by, "agent": hand_off.agent_id}
    announce(session, "chat_gone", hand_off.conversation_id, data, now, group=hand_off.group_id)


def _move(session: Session, conversation_id: str, state: ConversationState, by: str, why: str, now: datetime) -> None:
    if session.get(Conversation, conversation_id) is not None:
        move(session, conversation_id, state, by, why, now)
