"""Who could answer now: whether a group is at work, whether anybody of it is there, and whether there is room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.desk.agents import Agent, agents_of
from sixty.desk.desk_rules import GroupRules, RoutingRules
from sixty.desk.handoff_rows import HandOff
from sixty.tables import column

Reception = Literal["open", "closed", "nobody", "full", "unstaffed"]
"""`open`: somebody will come. `closed`: it is outside hours. `nobody`: nobody is there though it is not. `full`: too
many wait. `unstaffed`: the shop has no agents at all, so that nobody knows when somebody looks."""


@dataclass(frozen=True)
class Received:
    """How a customer who wants a person is received.

    Attributes:
        group: Who answers.
        reception: Whether they wait, or leave a message.
        opens_at: When the group is at work next; None where that is not known, or where it is.
    """

    group: GroupRules
    reception: Reception
    opens_at: datetime | None = None

    @property
    def waits(self) -> bool:
        """Whether the customer is queued."""
        return self.reception in ("open", "unstaffed")


def is_reachable(agent: Agent, rules: RoutingRules, now: datetime) -> bool:
    """Whether an agent is there, be it on a break: not signed off, and heard of lately."""
    return (
        agent.active
        and agent.presence != "offline"
        and agent.heartbeat_at is not None
        and now - agent.heartbeat_at < rules.gone_after
    )


def serves(agent: Agent, group_id: str | None) -> bool:
    """Whether an agent answers for a group."""
    return group_id is None or not agent.groups or group_id in agent.groups


def receive(session: Session, group: GroupRules, rules: RoutingRules, now: datetime) -> Received:
    """Finds out who would answer.

    A group that is not at work, or of which nobody is there, leaves its customers to the one it overflows to.

    Args:
        session: Any session.
        group: Who should answer.
        rules: The merchant's.
        now: The present moment.
    """
    agents = agents_of(session)
    if not agents:
        return Received(group, "unstaffed")
    candidates = [group]
    if group.overflow_to is not None:
        candidates.append(rules.group(group.overflow_to))
    at_work = [each for each in candidates if each.hours.is_open(now)]
    if not at_work:
        openings = [each.hours.opens_at(now) for each in candidates]
        return Received(group, "closed", min((each for each in openings if each is not None), default=None))
    staffed = [each for each in at_work if _somebody(agents, each.id, rules, now)]
    if not staffed:
        return Received(at_work[0], "nobody")
    room = [each for each in staffed if _waiting(session, each.id) < _most(rules, each.id)]
    return Received(room[0], "open") if room else Received(staffed[0], "full")


def _somebody(agents: Sequence[Agent], group_id: str, rules: RoutingRules, now: datetime) -> bool:
    return any(serves(each, group_id) and each.capacity > 0 and is_reachable(each, rules, now) for each in agents)


def _most(rules: RoutingRules, group_id: str) -> int:
    return rules.longest_queue_of.get(group_id, rules.longest_queue)


def _waiting(session: Session, group_id: str) -> int:
    query = select(func.count()).where(column(HandOff.state) == "queued", column(HandOff.group_id) == group_id)
    return int(session.scalar(query) or 0)
