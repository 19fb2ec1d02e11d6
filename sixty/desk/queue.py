"""Who waits for a person, in which order, and how long it will take."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from sixty.desk.agents import Agent, agents_of, loads
from sixty.desk.board.overrides import in_force
from sixty.desk.desk_rules import GroupRules, RoutingRules, routing_rules
from sixty.desk.handoff_rows import HandOff
from sixty.desk.reception import is_reachable, serves
from sixty.tables import column

_OBSERVED = 50
_OBSERVED_WITHIN = timedelta(days=14)
# So many conversations of the usual length are added to those observed, so that one odd one says little.
_PRIOR = 5


@dataclass(frozen=True)
class Place:
    """Where somebody stands.

    Attributes:
        position: 1 is next.
        expected_wait: How long it will take; None while nobody is there to take anybody.
    """

    position: int
    expected_wait: timedelta | None


@dataclass(frozen=True)
class GroupNow:
    """A group at a moment: how many wait, how many messages were left, and who of it is there."""

    group: GroupRules
    open: bool
    opens_at: datetime | None
    queued: int
    left: int
    online: int
    busy: int
    away: int


def in_order(query: Any) -> Any:
    """Puts hand-offs into the order in which they are taken."""
    return query.order_by(HandOff.counts_from, HandOff.id)


def waiting(session: Session, groups: Collection[str] | None = None, limit: int | None = None) -> list[HandOff]:
    """Who waits now, the next one first; only for some groups where any are named."""
    query = in_order(select(HandOff).where(column(HandOff.state) == "queued"))
    if groups is not None:
        query = query.where(column(HandOff.group_id).in_(list(groups)))
    return list(session.scalars(query.limit(limit) if limit is not None else query))


def place_of(session: Session, hand_off: HandOff, now: datetime, rules: RoutingRules | None = None) -> Place | None:
    """Where somebody stands in the queue of their group; None where they do not wait, or nobody works here at all.

    Args:
        session: Any session.
        hand_off: Who waits.
        now: The present moment.
        rules: The merchant's; those of the playbook when left out.
    """
    rules = rules or routing_rules()
    if hand_off.state != "queued":
        return None
    agents = agents_of(session)
    if not agents:
        return None
    before = or_(
        column(HandOff.counts_from) < hand_off.counts_from,
        and_(column(HandOff.counts_from) == hand_off.counts_from, column(HandOff.id) < hand_off.id),
    )
    ahead = dict(
        session.execute(
            select(HandOff.group_id, func.count())
            .where(column(HandOff.state) == "queued", before)
            .group_by(HandOff.group_id)
        ).all()
    )
    position = ahead.get(hand_off.group_id, 0) + 1
    outlook = outlook_of(session, hand_off.group_id, agents, loads(session), rules, now)
    rivals = sum(count for group, count in ahead.items() if outlook.shares(group))
    return Place(position, outlook.wait(rivals + 1))


@dataclass(frozen=True)
class Outlook:
    """What a wait for a group depends on.

    Attributes:
        service: How long a conversation lasts.
        slots: How many conversations those who are at it hold together.
        free: How many of them are free now.
        groups: The groups that the same agents answer for; None for all.
    """

    service: timedelta
    slots: int
    free: int
    groups: frozenset[str] | None

    def shares(self, group_id: str | None) -> bool:
        """Whether who waits for that group is taken by the same agents."""
        return self.groups is None or group_id is None or group_id in self.groups

    def wait(self, place: int) -> timedelta | None:
        """How long the one at a place waits.

        While all of `c` slots are taken, and conversations last `s` on average, one ends every `s / c`: in a queue
        M/M/c the k-th who waits is taken after k such ends (Kleinrock, Queueing Systems I, 3.5).
        """
        if not self.slots:
            return None
        return max(0, place - self.free) * self.service / self.slots


def outlook_of(
    session: Session,
    group_id: str | None,
    agents: Sequence[Agent],
    load: dict[str, int],
    rules: RoutingRules,
    now: datetime,
) -> Outlook:
    """What a wait for a group depends on now."""
    there = [
        each
        for each in agents
        if serves(each, group_id) and each.presence == "online" and each.capacity and is_reachable(each, rules, now)
    ]
    groups: frozenset[str] | None = frozenset()
    for each in there:
        groups = None if groups is None or not each.groups else groups | frozenset(each.groups)
    return Outlook(
        service=service_time(session, group_id, rules, now),
        slots=sum(each.capacity for each in there),
        free=sum(max(0, each.capacity - load.get(each.id, 0)) for each in there),
        groups=groups,
    )


def service_time(session: Session, group_id: str | None, rules: RoutingRules, now: datetime) -> timedelta:
    """How long a conversation with a person of the group lasts, as observed lately."""
    query = (
        select(HandOff.assigned_at, HandOff.wrap_up_at, HandOff.ended_at)
        .where(
            column(HandOff.group_id) == group_id,
            column(HandOff.ended_at) > now - _OBSERVED_WITHIN,
            column(HandOff.assigned_at).isnot(None),
        )
        .order_by(column(HandOff.ended_at).desc())
        .limit(_OBSERVED)
    )
    lasted = [(said_goodbye or ended) - began for began, said_goodbye, ended in session.execute(query)]
    lasted = [each for each in lasted if each > timedelta(0)]
    return (sum(lasted, timedelta(0)) + _PRIOR * rules.service_time) / (len(lasted) + _PRIOR)


def groups_now(session: Session, now: datetime, rules: RoutingRules | None = None) -> list[GroupNow]:
    """All groups, with how many wait and who is there."""
    rules = in_force(session, rules or routing_rules(), now)
    counts: dict[tuple[str | None, str], int] = {
        (group, state): count
        for group, state, count in session.execute(
            select(HandOff.group_id, HandOff.state, func.count())
            .where(column(HandOff.state).in_(("queued", "left")))
            .group_by(HandOff.group_id, HandOff.state)
        )
    }
    agents = agents_of(session)
    found = []
    for group in rules.groups:
        there = [each for each in agents if serves(each, group.id) and is_reachable(each, rules, now)]
        presences = [each.presence for each in there]
        is_open = group.hours.is_open(now)
        found.append(
            GroupNow(
                group=group,
                open=is_open,
                opens_at=None if is_open else group.hours.opens_at(now),
                queued=counts.get((group.id, "queued"), 0),
                left=counts.get((group.id, "left"), 0),
                online=presences.count("online"),
                busy=presences.count("busy"),
                away=presences.count("away"),
            )
        )
    return found
