"""Gives conversations to agents, each to one: by hand, the next in the queue, or as the routing has it.

The agent and the hand-off are locked, in this order, while one is given to the other. SQLite lets one writer in at a
time; PostgreSQL passes over what another one has locked, so that several desks give out different ones and none is
given out twice.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.agents import Agent, load_of, loads, locked_agent
from sixty.desk.assignments import Why, begin_assignment, end_assignment, given_back_by
from sixty.desk.board.overrides import in_force
from sixty.desk.conversations import Conversation, move
from sixty.desk.desk_errors import FullError, NotOnlineError, NotWaitingError, TakenError
from sixty.desk.desk_rules import RoutingRules, routing_rules
from sixty.desk.desk_words import claimed, taken_over
from sixty.desk.feed import announce
from sixty.desk.handoff_rows import HandOff, locked_handoff
from sixty.desk.queue import in_order, waiting
from sixty.desk.reception import is_reachable, serves
from sixty.desk.routing import Free, Waiting, choose
from sixty.desk.speaking import tell
from sixty.tables import column

MOST_AT_ONCE = 50


def claim(session: Session, conversation_id: str, agent_id: str, now: datetime) -> HandOff:
    """Takes a conversation that waits, or answers a message left. Twice is once.

    Whoever wants one by hand may have more than their capacity.

    Raises:
        UnknownAgentError: There is no such agent.
        NotOnlineError: They are not at work.
        TakenError: Somebody else was faster.
        NotWaitingError: Nobody waits there.
    """
    agent = locked_agent(session, agent_id)
    hand_off = locked_handoff(session, conversation_id)
    if hand_off is None:
        raise NotWaitingError(conversation_id)
    if hand_off.state == "taken":
        if hand_off.agent_id == agent_id:
            return hand_off
        raise TakenError(hand_off.agent_id)
    if agent.presence == "offline":
        raise NotOnlineError(agent_id)
    _give(session, hand_off, agent, agent_id, "claimed", now)
    return hand_off


def claim_next(
    session: Session, agent_id: str, now: datetime, group: str | None = None, rules: RoutingRules | None = None
) -> HandOff | None:
    """Takes the next conversation that an agent may have; None where none waits.

    What is kept for somebody else who is there is left to them.

    Raises:
        UnknownAgentError: There is no such agent.
        NotOnlineError: They are not at work.
        FullError: They have as many as they can hold.
    """
    rules = in_force(session, rules or routing_rules(), now)
    agent = locked_agent(session, agent_id)
    if agent.presence in ("offline", "away"):
        raise NotOnlineError(agent_id)
    load = load_of(session, agent_id)
    if load >= agent.capacity:
        raise FullError(load, agent.capacity)
    candidates = waiting(session, None if group is None else [group])
    givers = given_back_by(session, [each.id for each in candidates])
    for candidate in candidates:
        if givers.get(candidate.id) == agent_id and now - candidate.queued_at < rules.skill_wait:
            continue
        own = candidate.wanted_agent_id == agent_id
        kept = candidate.wanted_until is not None and now < candidate.wanted_until
        if not own and (kept or not _may_have(agent, candidate, rules, now)):
            continue
        # One at a time: the others are left to whoever reaches for them at the same moment.
        hand_off = _lock_one(session, candidate.id)
        if hand_off is not None:
            _give(session, hand_off, agent, agent_id, "claimed", now)
            return hand_off
    return None


def assign_waiting(
    session: Session, now: datetime, limit: int = MOST_AT_ONCE, rules: RoutingRules | None = None
) -> list[HandOff]:
    """Gives those who wait to those who have room, in the order of the queue.

    Args:
        session: A session that may write.
        now: The present moment.
        limit: How many who wait are looked at.
        rules: The merchant's; those of the playbook when left out.

    Returns:
        The hand-offs that have been given to somebody.
    """
    rules = in_force(session, rules or routing_rules(), now)
    queue = _lock_waiting(session, limit)
    if not queue:
        return []
    agents = {each.id: each for each in _lock_agents(session, rules, now)}
    load = loads(session)
    givers = given_back_by(session, [each.id for each in queue])
    free = {each.id: _as_free(each, load.get(each.id, 0)) for each in agents.values()}
    given = []
    for hand_off in queue:
        chosen = choose(_as_waiting(hand_off, givers.get(hand_off.id)), free.values(), rules, now)
        if chosen is None:
            continue
        _give(session, hand_off, agents[chosen], "system", "routed", now)
        free[chosen] = _as_free(agents[chosen], free[chosen].load + 1)
        given.append(hand_off)
    return given


def take_over(session: Session, conversation_id: str, agent_id: str, why: str, now: datetime) -> HandOff:
    """Takes a conversation from another agent, or from the bot, without anybody having asked for a person.

    Args:
        session: A session that may write.
        conversation_id: The conversation.
        agent_id: Who takes it.
        why: For the log, and for whoever had it.
        now: The present moment.

    Raises:
        UnknownAgentError: There is no such agent.
        NotOnlineError: They are not at work.
        LookupError: There is no such conversation.
    """
    agent = locked_agent(session, agent_id)
    hand_off = locked_handoff(session, conversation_id)
    if agent.presence == "offline":
        raise NotOnlineError(agent_id)
    if hand_off is None:
        hand_off = _begun_by_hand(session, conversation_id, now)
    if hand_off.state == "taken" and hand_off.agent_id == agent_id and hand_off.wrap_up_at is None:
        return hand_off
    before = hand_off.agent_id if hand_off.state == "taken" else None
    if before is not None:
        end_assignment(session, hand_off.id, "taken_over", now)
        announce(session, "chat_gone", conversation_id, {"why": "taken_over", "by": agent_id}, now, agent_id=before)
    _give(session, hand_off, agent, agent_id, "taken_over", now, note=why)
    return hand_off


def hand_to(session: Session, hand_off: HandOff, agent: Agent, by: str, now: datetime, note: str, text: str) -> None:
    """Gives a conversation that an agent has to another one; both rows are locked by the caller."""
    end_assignment(session, hand_off.id, "transferred", now)
    announce(
        session,
        "chat_gone",
        hand_off.conversation_id,
        {"why": "transferred", "by": by},
        now,
        agent_id=hand_off.agent_id,
    )
    _give(session, hand_off, agent, by, "transferred", now, note=note, text=text)


def _give(
    session: Session,
    hand_off: HandOff,
    agent: Agent,
    by: str,
    why: Why,
    now: datetime,
    note: str = "",
    text: str | None = None,
) -> None:
    message_left = hand_off.state == "left"
    hand_off.state = "taken"
    hand_off.agent_id = agent.id
    hand_off.assigned_at = now
    hand_off.wrap_up_at = None
    hand_off.wanted_agent_id, hand_off.wanted_until = None, None
    agent.last_assigned_at = now
    session.flush()
    assignment = begin_assignment(session, hand_off.id, hand_off.conversation_id, agent.id, by, why, now, note)
    conversation: Conversation | None = session.get(Conversation, hand_off.conversation_id)
    if conversation is not None:
        move(session, conversation.id, "assigned", by, why, now)
    if text is None:
        text = taken_over(agent.name) if why == "taken_over" else claimed(agent.name, message_left)
    tell(session, hand_off.conversation_id, "claimed", text, f"{assignment.id}:claimed", now, state="assigned")
    announce(session, "chat", hand_off.conversation_id, {"was": "left" if message_left else "queued"}, now)
    if by != agent.id:
        kind = "transferred" if why == "transferred" else "assigned"
        announce(session, "alert", hand_off.conversation_id, {"kind": kind, "note": note}, now, agent_id=agent.id)


def _begun_by_hand(session: Session, conversation_id: str, now: datetime) -> HandOff:
    conversation: Conversation | None = session.get(Conversation, conversation_id)
    if conversation is None:
        raise LookupError(f"there is no conversation {conversation_id}")
    made = HandOff(
        conversation_id=conversation_id,
        channel=conversation.channel,
        customer_id=conversation.customer_id,
        reason="taken_over",
        question="",
        context={},
        state="queued",
        created_at=now,
        language="zh",
        region=conversation.region,
        counts_from=now,
        queued_at=now,
    )
    session.add(made)
    session.flush()
    return made


def _lock_waiting(session: Session, limit: int) -> list[HandOff]:
    """The next ones in the queue, those left out that another desk is giving out just now."""
    query = in_order(select(HandOff).where(column(HandOff.state) == "queued")).limit(limit)
    query = query.with_for_update(skip_locked=True, of=HandOff).execution_options(populate_existing=True)
    return list(session.scalars(query))


def _lock_one(session: Session, hand_off_id: int) -> HandOff | None:
    """One that waits; None where it does not any more, or somebody else is taking it just now."""
    query = select(HandOff).where(column(HandOff.id) == hand_off_id, column(HandOff.state) == "queued")
    query = query.with_for_update(skip_locked=True, of=HandOff).execution_options(populate_existing=True)
    found: HandOff | None = session.scalars(query).first()
    return found


def _lock_agents(session: Session, rules: RoutingRules, now: datetime) -> list[Agent]:
    """Who is there; those left out to whom somebody else gives a conversation just now."""
    query = (
        select(Agent)
        .where(column(Agent.active), column(Agent.presence) != "offline")
        .order_by(Agent.id)
        .with_for_update(skip_locked=True, of=Agent, key_share=True)
        .execution_options(populate_existing=True)
    )
    return [each for each in session.scalars(query) if is_reachable(each, rules, now)]


def _as_free(agent: Agent, load: int) -> Free:
    return Free(
        id=agent.id,
        groups=frozenset(agent.groups),
        skills=frozenset(agent.skills),
        languages=frozenset(agent.languages),
        capacity=agent.capacity,
        takes=agent.presence == "online" and agent.capacity > 0,
        load=load,
        last_assigned_at=agent.last_assigned_at,
    )


def _as_waiting(hand_off: HandOff, given_back_by: str | None) -> Waiting:
    return Waiting(
        group_id=hand_off.group_id,
        skill=hand_off.skill,
        language=hand_off.language,
        wanted_agent_id=hand_off.wanted_agent_id,
        wanted_until=hand_off.wanted_until,
        queued_at=hand_off.queued_at,
        given_back_by=given_back_by,
    )


def _may_have(agent: Agent, hand_off: HandOff, rules: RoutingRules, now: datetime) -> bool:
    if serves(agent, hand_off.group_id):
        return True
    group = rules.group(hand_off.group_id)
    long_enough = now - hand_off.queued_at >= group.overflow_after
    return group.overflow_to is not None and long_enough and group.overflow_to in agent.groups
