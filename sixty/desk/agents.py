"""The people who answer: what they can do, how much at once, and whether they are there."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import JSON, Boolean, CheckConstraint, Column, Integer, String, func, select
from sqlalchemy.orm import Session

from sixty.desk.desk_errors import UnknownAgentError
from sixty.desk.handoff_rows import HandOff
from sixty.tables import Base, UtcDateTime, column

Presence = Literal["online", "busy", "away", "offline"]

PRESENCES: tuple[Presence, ...] = get_args(Presence)
DEFAULT_CAPACITY = 5
LONGEST_NAME = 32

_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")


class Agent(Base):
    """Somebody of the shop who talks to customers.

    Attributes:
        id: Known to colleagues and in the log; never said to customers.
        name: What customers read.
        groups: Of `playbook/routing.yml`, those they answer for; none means all.
        skills: What they know more of than others, as routing.yml asks for it.
        languages: As `zh`, `en`.
        capacity: How many conversations they hold at once.
        presence: `online` gets new ones, `busy` only goes on with theirs, `away` is on a break.
        heartbeat_at: When their page was heard of last.
        last_assigned_at: When they were given a conversation last; who has had none for longest comes first.
        active: False once they have left the shop. Their name stands under what they said.
    """

    __tablename__ = "agent"
    __table_args__ = (
        CheckConstraint(f"presence IN ({', '.join(repr(each) for each in PRESENCES)})", name="presence"),
        CheckConstraint("capacity >= 0", name="capacity"),
    )

    id: str = Column(String(32), primary_key=True)
    name: str = Column(String(LONGEST_NAME), nullable=False)
    groups: list[str] = Column(JSON, nullable=False, default=list)
    skills: list[str] = Column(JSON, nullable=False, default=list)
    languages: list[str] = Column(JSON, nullable=False, default=list)
    capacity: int = Column(Integer, nullable=False, default=DEFAULT_CAPACITY)
    presence: Presence = Column(String(16), nullable=False, default="offline")
    presence_since: datetime = Column(UtcDateTime, nullable=False)
    heartbeat_at: datetime | None = Column(UtcDateTime)
    last_assigned_at: datetime | None = Column(UtcDateTime)
    active: bool = Column(Boolean, nullable=False, default=True)
    created_at: datetime = Column(UtcDateTime, nullable=False)


def add_agent(
    session: Session,
    agent_id: str,
    name: str,
    now: datetime,
    groups: Iterable[str] = (),
    skills: Iterable[str] = (),
    languages: Iterable[str] = ("zh",),
    capacity: int | None = None,
) -> Agent:
    """Adds somebody, who is not there yet.

    Args:
        session: A session that may write.
        agent_id: 1 to 32 of a–z, 0–9 and hyphens.
        name: What customers read.
        now: The present moment.
        groups: Those they answer for; none means all.
        skills: What they know more of.
        languages: What they can write.
        capacity: How many conversations at once; `DEFAULT_CAPACITY` when left out.

    Raises:
        ValueError: The id or the name can't be used.
    """
    if not _ID.fullmatch(agent_id):
        raise ValueError(f"{agent_id!r} is no id: 1 to 32 of a-z, 0-9, hyphen, a letter or number at both ends")
    made = Agent(
        id=agent_id,
        name=_checked_name(name),
        groups=_listed(groups),
        skills=_listed(skills),
        languages=_listed(languages),
        capacity=_checked_capacity(DEFAULT_CAPACITY if capacity is None else capacity),
        presence="offline",
        presence_since=now,
        active=True,
        created_at=now,
    )
    session.add(made)
    session.flush()
    return made


def change_agent(
    session: Session,
    agent_id: str,
    *,
    name: str | None = None,
    groups: Iterable[str] | None = None,
    skills: Iterable[str] | None = None,
    languages: Iterable[str] | None = None,
    capacity: int | None = None,
) -> Agent:
    """Changes what is known of somebody; what is left out stays.

    Raises:
        UnknownAgentError: There is nobody of that id.
        ValueError: The name or the capacity can't be used.
    """
    agent = locked_agent(session, agent_id)
    if name is not None:
        agent.name = _checked_name(name)
    for attribute, values in (("groups", groups), ("skills", skills), ("languages", languages)):
        if values is not None:
            setattr(agent, attribute, _listed(values))
    if capacity is not None:
        agent.capacity = _checked_capacity(capacity)
    session.flush()
    return agent


def find_agent(session: Session, agent_id: str) -> Agent:
    """Finds somebody, also who has left.

    Raises:
        UnknownAgentError: There is nobody of that id.
    """
    found: Agent | None = session.get(Agent, agent_id)
    if found is None:
        raise UnknownAgentError(agent_id)
    return found


def locked_agent(session: Session, agent_id: str) -> Agent:
    """Finds somebody who works here, as they are now, for nobody else to change until the transaction ends.

    Raises:
        UnknownAgentError: There is nobody of that id, or they have left.
    """
    query = select(Agent).where(column(Agent.id) == agent_id, column(Agent.active)).with_for_update(key_share=True)
    found: Agent | None = session.scalars(query.execution_options(populate_existing=True)).first()
    if found is None:
        raise UnknownAgentError(agent_id)
    return found


def agents_of(session: Session, groups: Collection[str] | None = None) -> list[Agent]:
    """Who works here, by name; only those who answer for one of the groups where any are named."""
    everybody: list[Agent] = list(session.scalars(select(Agent).where(column(Agent.active)).order_by(Agent.name)))
    return [each for each in everybody if groups is None or not each.groups or set(each.groups) & set(groups)]


def somebody_works_here(session: Session) -> bool:
    """Whether the shop has anybody at all who could take over."""
    return session.scalar(select(Agent.id).where(column(Agent.active)).limit(1)) is not None


def names_of(session: Session, agent_ids: Iterable[str | None]) -> dict[str, str]:
    """What agents are called, by id, also of those who have left."""
    wanted = {each for each in agent_ids if each}
    if not wanted:
        return {}
    return dict(session.execute(select(Agent.id, Agent.name).where(column(Agent.id).in_(wanted))).all())


def loads(session: Session) -> dict[str, int]:
    """How many conversations each agent is in, by id; who is in none is left out. Wrapping up is work done."""
    query = (
        select(HandOff.agent_id, func.count())
        .where(column(HandOff.state) == "taken", column(HandOff.wrap_up_at).is_(None))
        .group_by(HandOff.agent_id)
    )
    return {agent_id: count for agent_id, count in session.execute(query) if agent_id}


def load_of(session: Session, agent_id: str) -> int:
    """How many conversations an agent is in."""
    query = select(func.count()).where(
        column(HandOff.agent_id) == agent_id,
        column(HandOff.state) == "taken",
        column(HandOff.wrap_up_at).is_(None),
    )
    return int(session.scalar(query) or 0)


def _listed(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(each.strip() for each in values if each.strip()))


def _checked_name(name: str) -> str:
    plain = " ".join(name.split())
    if not 1 <= len(plain) <= LONGEST_NAME:
        raise ValueError(f"a name has 1 to {LONGEST_NAME} characters")
    return plain


def _checked_capacity(capacity: Any) -> int:
    if isinstance(capacity, bool) or not isinstance(capacity, int) or not 0 <= capacity <= 99:
        raise ValueError("capacity is a whole number from 0 to 99")
    return capacity
