"""Passes a conversation on: to a colleague, to a group, back into the queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.agents import find_agent, load_of, locked_agent
from sixty.desk.assignments import assignments_of, end_assignment
from sixty.desk.board.overrides import in_force
from sixty.desk.claims import hand_to
from sixty.desk.conversations import move, state_of
from sixty.desk.desk_errors import NotReachableError, SameError, UnknownGroupError
from sixty.desk.desk_rules import RoutingRules, routing_rules
from sixty.desk.desk_words import agent_gone, returned, signed_off, transferred_to, transferred_to_group
from sixty.desk.feed import announce
from sixty.desk.handoff_rows import HandOff
from sixty.desk.reception import is_reachable
from sixty.desk.speaking import tell, yours
from sixty.tables import column

_IN_FRONT = timedelta(days=1)


@dataclass(frozen=True)
class ToAgent:
    """To a colleague."""

    id: str


@dataclass(frozen=True)
class ToGroup:
    """To whoever of a group has room."""

    id: str


def transfer(
    session: Session,
    conversation_id: str,
    by: str,
    to: ToAgent | ToGroup,
    note: str,
    now: datetime,
    anyway: bool = False,
    rules: RoutingRules | None = None,
) -> HandOff:
    """Passes a conversation on.

    Args:
        session: A session that may write.
        conversation_id: The conversation.
        by: The agent who has it.
        to: To whom.
        note: What they should know.
        now: The present moment.
        anyway: Lets it wait for a colleague who is not there or has no room.
        rules: The merchant's; those of the playbook when left out.

    Raises:
        NotYoursError: Somebody else has it.
        EndedError: No person has it.
        UnknownAgentError: There is no such colleague.
        UnknownGroupError: There is no such group.
        NotReachableError: The colleague is not there or has no room, and it shall not wait for them.
        SameError: It is there already.
    """
    rules = in_force(session, rules or routing_rules(), now)
    hand_off = yours(session, conversation_id, by)
    if isinstance(to, ToGroup):
        if not rules.knows(to.id):
            raise UnknownGroupError(to.id)
        hand_off.group_id = to.id
        hand_off.skill = None
        _into_queue(session, hand_off, by, "transferred", note, now)
        text = transferred_to_group(rules.group(to.id).title)
        tell(session, conversation_id, "transferred", text, _key(session, hand_off), now)
        return hand_off
    if to.id == by:
        raise SameError(to.id)
    colleague = locked_agent(session, to.id)
    has_room = colleague.presence == "online" and load_of(session, to.id) < colleague.capacity
    if has_room and is_reachable(colleague, rules, now):
        hand_to(session, hand_off, colleague, by, now, note, transferred_to(colleague.name))
        return hand_off
    if not anyway:
        raise NotReachableError(to.id)
    _into_queue(session, hand_off, by, "transferred", note, now)
    hand_off.wanted_agent_id, hand_off.wanted_until = to.id, now + rules.longest_wait
    tell(session, conversation_id, "transferred", transferred_to(colleague.name), _key(session, hand_off), now)
    session.flush()
    return hand_off


def back_to_queue(session: Session, conversation_id: str, by: str, note: str, now: datetime) -> HandOff:
    """Gives a conversation back into the queue, in front of all others.

    Raises:
        NotYoursError: Somebody else has it.
        EndedError: No person has it.
    """
    hand_off = yours(session, conversation_id, by)
    _into_queue(session, hand_off, by, "returned", note, now)
    tell(session, conversation_id, "transferred", returned(), _key(session, hand_off), now)
    return hand_off


def hand_back_chats_of(session: Session, agent_id: str, why: str, now: datetime) -> list[HandOff]:
    """Puts the conversations of an agent who is not there any more into the queue, in front of all others.

    Args:
        session: A session that may write.
        agent_id: Who has left.
        why: `gone` where nothing was heard of them, `offline` where they have signed off.
        now: The present moment.

    Returns:
        Those that wait now. What they were wrapping up is ended by the ticker, not given to others.
    """
    query = (
        select(HandOff)
        .where(
            column(HandOff.agent_id) == agent_id,
            column(HandOff.state) == "taken",
            column(HandOff.wrap_up_at).is_(None),
        )
        .order_by(HandOff.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = list(session.scalars(query))
    words = agent_gone() if why == "gone" else signed_off(find_agent(session, agent_id).name)
    for hand_off in found:
        _into_queue(session, hand_off, "system", why, "", now)
        tell(session, hand_off.conversation_id, "returned", words, _key(session, hand_off), now)
    return found


def _into_queue(session: Session, hand_off: HandOff, by: str, why: str, note: str, now: datetime) -> None:
    before = hand_off.agent_id
    end_assignment(session, hand_off.id, "queue" if why != "gone" else "gone", now)
    hand_off.state = "queued"
    hand_off.queued_at = now
    hand_off.counts_from = now - _IN_FRONT - timedelta(minutes=hand_off.priority)
    hand_off.wrap_up_at = None
    hand_off.wanted_agent_id, hand_off.wanted_until = None, None
    hand_off.told_place, hand_off.told_at = None, None
    if note:
        hand_off.context = {**hand_off.context, "notes": [*hand_off.context.get("notes", ()), {"by": by, "text": note}]}
    session.flush()
    if state_of(session, hand_off.conversation_id) is not None:
        move(session, hand_off.conversation_id, "queued", by, why, now)
    announce(session, "chat_gone", hand_off.conversation_id, {"why": why, "by": by}, now, agent_id=before)
    announce(session, "chat", hand_off.conversation_id, {}, now, group=hand_off.group_id)


def _key(session: Session, hand_off: HandOff) -> str:
    return f"{hand_off.id}:{_count(session, hand_off)}:queue"


def _count(session: Session, hand_off: HandOff) -> int:
    """How often it was with somebody, by which one leaving is told from another."""
    return sum(each.hand_off_id == hand_off.id for each in assignments_of(session, hand_off.conversation_id))
