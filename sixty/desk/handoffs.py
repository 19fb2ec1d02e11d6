"""Marks a conversation for a person to take over: who answers, how soon, whether one waits or leaves a message."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from sixty.desk.agents import Agent, somebody_works_here
from sixty.desk.assignments import end_assignment
from sixty.desk.board.overrides import in_force
from sixty.desk.conversations import ConversationState, move, state_of
from sixty.desk.desk_rules import RoutingRules, Topic, routing_rules
from sixty.desk.desk_words import LEAVE_QUEUE, left, queued, still_left, still_queued
from sixty.desk.feed import announce
from sixty.desk.handoff_rows import HandOff, HandOffState, current_handoff, locked_handoff
from sixty.desk.named_agents import named_agent_of
from sixty.desk.queue import place_of
from sixty.desk.reception import Received, receive
from sixty.desk.speaking import tell
from sixty.desk.topic import topic_of
from sixty.tables import column

__all__ = [
    "HandOff",
    "HandOffState",
    "current_handoff",
    "may_leave",
    "open_handoff",
    "queue_again",
    "received_for",
    "say_how_received",
    "say_if_nobody_comes",
    "say_still_waiting",
]

_WITHOUT_A_PERSON: frozenset[ConversationState] = frozenset({"bot", "wrap_up", "closed"})


def open_handoff(
    session: Session,
    conversation_id: str,
    reason: str,
    question: str,
    context: Mapping[str, Any],
    channel: str,
    customer_id: str | None,
    now: datetime,
    *,
    told: bool = False,
    rules: RoutingRules | None = None,
) -> tuple[HandOff, bool]:
    """Puts a conversation into the queue for a person, once.

    The conversation itself is then `queued`, unless a person has it already; the bot goes on answering meanwhile. Where
    nobody can come now, the hand-off is a message left (`left`) and the conversation stays with the bot.

    Args:
        session: A session that may write.
        conversation_id: The server's id of the conversation.
        reason: Why: `asked`, `misunderstood`, `failed` …
        question: What the customer wants, in their own words.
        context: What the person needs to know, so that nothing is asked twice.
        channel: Where the customer writes.
        customer_id: Who it is, as far as it is proved.
        now: The present moment.
        told: Whether the caller says to the customer what happens next; otherwise what they would not expect, that
            nobody comes now, is said here.
        rules: The merchant's; those of the playbook when left out.

    Returns:
        The open hand-off, and whether it was made by this call.
    """
    rules = in_force(session, rules or routing_rules(), now)
    existing = locked_handoff(session, conversation_id)
    before: HandOff | None = None
    if existing is not None and _over(session, existing):
        _end_for_the_next(session, existing, now)
        before, existing = existing, None
    if existing is not None:
        _again(session, existing, rules, now)
        return existing, False
    topic = topic_of(session, conversation_id, reason, question, context, rules, now)
    received = receive(session, rules.group_for(topic), rules, now)
    made = _made(session, conversation_id, reason, question, context, channel, customer_id, topic, received, rules, now)
    wanted = before.agent_id if before is not None else _own_agent(session, customer_id, conversation_id, rules, now)
    if wanted is not None:
        made.wanted_agent_id, made.wanted_until = wanted, now + rules.own_agent_wait
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:
        # Another process was faster; its row is the one that counts.
        existing = current_handoff(session, conversation_id)
        if existing is None:
            raise
        return existing, False
    _show(session, made, reason, now)
    if not told:
        _tell_what_comes(session, made, received, now)
    return made, True


def received_for(session: Session, hand_off: HandOff, now: datetime, rules: RoutingRules | None = None) -> Received:
    """Who would answer a hand-off now."""
    rules = in_force(session, rules or routing_rules(), now)
    return receive(session, rules.group(hand_off.group_id), rules, now)


def queue_again(session: Session, hand_off: HandOff, now: datetime) -> None:
    """Puts a message left into the queue: its customer is there, and so is somebody who answers."""
    hand_off.state = "queued"
    hand_off.queued_at = now
    hand_off.counts_from = now - timedelta(minutes=hand_off.priority)
    hand_off.told_place, hand_off.told_at = None, None
    session.flush()


def _made(
    session: Session,
    conversation_id: str,
    reason: str,
    question: str,
    context: Mapping[str, Any],
    channel: str,
    customer_id: str | None,
    topic: Topic,
    received: Received,
    rules: RoutingRules,
    now: datetime,
) -> HandOff:
    raised = rules.raised(topic)
    ahead = sum(raised.values(), timedelta(0))
    return HandOff(
        conversation_id=conversation_id,
        channel=channel,
        customer_id=customer_id,
        reason=reason,
        question=question,
        context=dict(context),
        state="queued" if received.waits else "left",
        created_at=now,
        group_id=received.group.id,
        skill=rules.skill_for(topic),
        language="zh",
        region=topic.region,
        priority=int(ahead / timedelta(minutes=1)),
        raised_by=list(raised),
        counts_from=now - ahead,
        queued_at=now,
    )


def _over(session: Session, hand_off: HandOff) -> bool:
    """Whether a hand-off is as good as ended: its agent has said goodbye, or nobody has the conversation any more."""
    if hand_off.state != "taken":
        return False
    state = state_of(session, hand_off.conversation_id)
    return hand_off.wrap_up_at is not None or (state is not None and state != "assigned")


def _end_for_the_next(session: Session, hand_off: HandOff, now: datetime) -> None:
    hand_off.state, hand_off.end, hand_off.ended_at = "closed", hand_off.end or "replaced", now
    end_assignment(session, hand_off.id, "ended", now)
    announce(session, "chat_gone", hand_off.conversation_id, {"why": "closed"}, now, agent_id=hand_off.agent_id)
    session.flush()


def _again(session: Session, hand_off: HandOff, rules: RoutingRules, now: datetime) -> None:
    """Somebody who waits, or whose message is kept, wants a person again."""
    if hand_off.state == "left" and received_for(session, hand_off, now, rules).waits:
        queue_again(session, hand_off, now)
    if hand_off.state != "left":
        _show(session, hand_off, hand_off.reason, now)


def _show(session: Session, hand_off: HandOff, why: str, now: datetime) -> None:
    """Moves the conversation where the hand-off has it, and tells the workbench."""
    if hand_off.state == "queued" and state_of(session, hand_off.conversation_id) is not None:
        move(session, hand_off.conversation_id, "queued", "bot", why, now, only_from=_WITHOUT_A_PERSON)
    announce(session, "chat", hand_off.conversation_id, {}, now, group=hand_off.group_id)


def _own_agent(
    session: Session, customer_id: str | None, conversation_id: str, rules: RoutingRules, now: datetime
) -> str | None:
    """Whom the customer knows: their own agent, else who has talked to them last, not too long ago."""
    named = named_agent_of(session, customer_id)
    if named is not None:
        return named
    theirs = (
        column(HandOff.customer_id) == customer_id
        if customer_id is not None
        else column(HandOff.conversation_id) == conversation_id
    )
    query = (
        select(HandOff.agent_id)
        .join(Agent, column(Agent.id) == column(HandOff.agent_id))
        .where(
            theirs,
            column(HandOff.state) == "closed",
            column(HandOff.ended_at) > now - rules.last_agent_within,
            column(Agent.active),
        )
        .order_by(column(HandOff.id).desc())
        .limit(1)
    )
    found: str | None = session.scalar(query)
    return found


def _tell_what_comes(session: Session, hand_off: HandOff, received: Received, now: datetime) -> None:
    """Says what somebody who has just read "a colleague will look" would not expect: that it is not now."""
    if hand_off.state == "left":
        tell(session, hand_off.conversation_id, "left", left(received, now), f"{hand_off.id}:left", now)


def say_how_received(session: Session, hand_off: HandOff, now: datetime, rules: RoutingRules | None = None) -> str:
    """What a customer who has just been put into the queue, or has left a message, is told."""
    rules = in_force(session, rules or routing_rules(), now)
    if hand_off.state == "left":
        return left(received_for(session, hand_off, now, rules), now)
    place = place_of(session, hand_off, now, rules)
    if place is None:
        return queued(None, None)
    hand_off.told_place, hand_off.told_at = place.position, now
    return queued(place.position, place.expected_wait, "vip" in hand_off.raised_by)


def say_if_nobody_comes(session: Session, hand_off: HandOff, now: datetime, rules: RoutingRules | None = None) -> str:
    """What somebody has to know who would think that a person is on the way: that nobody is; empty where one is."""
    received = received_for(session, hand_off, now, rules)
    comes = hand_off.state == "queued" and received.reception != "unstaffed"
    return "" if comes else left(received, now)


def say_still_waiting(session: Session, hand_off: HandOff, now: datetime, rules: RoutingRules | None = None) -> str:
    """What a customer who waits already, or has left a message, is told when they ask again."""
    rules = in_force(session, rules or routing_rules(), now)
    if hand_off.state == "left":
        return still_left(received_for(session, hand_off, now, rules), now)
    place = place_of(session, hand_off, now, rules)
    if place is None:
        return still_queued(None, None)
    hand_off.told_place, hand_off.told_at = place.position, now
    return still_queued(place.position, place.expected_wait)


def may_leave(session: Session, hand_off: HandOff) -> list[dict[str, str]]:
    """What a customer who waits may tap; nothing where nobody has told them of a queue."""
    return [dict(LEAVE_QUEUE)] if hand_off.state == "queued" and somebody_works_here(session) else []
