"""Who is at work: what agents say of themselves, and whether their page is still heard of."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from sixty.desk.agents import PRESENCES, Agent, Presence, load_of, locked_agent
from sixty.desk.desk_errors import HasChatsError
from sixty.desk.desk_rules import RoutingRules, routing_rules
from sixty.desk.feed import announce
from sixty.desk.transfer import hand_back_chats_of
from sixty.tables import column


def set_presence(
    session: Session, agent_id: str, state: Presence, now: datetime, by: str, anyway: bool = False
) -> Agent:
    """Says whether an agent is there; that counts as a sign of life.

    Args:
        session: A session that may write.
        agent_id: Who.
        state: `online`, `busy`, `away` or `offline`.
        now: The present moment.
        by: Who says so: themselves, a supervisor, `system`.
        anyway: Lets somebody go who still has conversations: those go back into the queue, in front.

    Raises:
        UnknownAgentError: There is no such agent.
        HasChatsError: They want to go and still have conversations.
        ValueError: There is no such state.
    """
    if state not in PRESENCES:
        raise ValueError(f"{state!r} is none of {', '.join(PRESENCES)}")
    agent = locked_agent(session, agent_id)
    if state == "offline":
        chats = load_of(session, agent_id)
        if chats and not anyway:
            raise HasChatsError(chats)
    if by == agent_id:
        agent.heartbeat_at = now
    if agent.presence != state:
        agent.presence, agent.presence_since = state, now
        session.flush()
        announce(session, "presence", None, {"agent": agent_id, "state": state, "by": by}, now)
    if state == "offline":
        hand_back_chats_of(session, agent_id, "offline", now)
    return agent


def heartbeat(session: Session, agent_id: str, now: datetime) -> None:
    """Says that an agent's page was heard of; never moves back."""
    statement = (
        update(Agent)
        .where(
            column(Agent.id) == agent_id, or_(column(Agent.heartbeat_at).is_(None), column(Agent.heartbeat_at) < now)
        )
        .values(heartbeat_at=now)
        .execution_options(synchronize_session=False)
    )
    session.execute(statement)


def gone_agents(session: Session, now: datetime, rules: RoutingRules | None = None) -> list[Agent]:
    """Who has not been heard of for too long, and has not signed off."""
    rules = rules or routing_rules()
    query = select(Agent).where(
        column(Agent.presence) != "offline",
        or_(column(Agent.heartbeat_at).is_(None), column(Agent.heartbeat_at) <= now - rules.gone_after),
    )
    return list(session.scalars(query.order_by(Agent.id).execution_options(populate_existing=True)))


def send_home(session: Session, agent_id: str, now: datetime, rules: RoutingRules | None = None) -> bool:
    """Signs off somebody of whom nothing has been heard; their conversations go to others.

    Returns:
        False when they have been heard of meanwhile, or have been sent home by another desk.
    """
    rules = rules or routing_rules()
    agent = locked_agent(session, agent_id)
    alive = agent.heartbeat_at is not None and now - agent.heartbeat_at < rules.gone_after
    if agent.presence == "offline" or alive:
        return False
    agent.presence, agent.presence_since = "offline", now
    session.flush()
    announce(session, "presence", None, {"agent": agent_id, "state": "offline", "by": "system"}, now)
    hand_back_chats_of(session, agent_id, "gone", now)
    return True
