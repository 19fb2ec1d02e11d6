"""Which agent gets a conversation: pure, on what is known of both.

In this order: whom the customer knows or was passed to, who answers for the group (which is where regions, products
and questions have been looked at), who has the skill, who writes the language, and of those the one with most room,
who has been without a new one for longest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from sixty.desk.desk_rules import RoutingRules

_NEVER = datetime.min.replace(tzinfo=timezone.utc)


@dataclass(frozen=True)
class Waiting:
    """What is known of who waits, as of `HandOff`.

    Attributes:
        given_back_by: The agent who had it last and has put it into the queue again.
    """

    group_id: str | None
    skill: str | None
    language: str
    wanted_agent_id: str | None
    wanted_until: datetime | None
    queued_at: datetime
    given_back_by: str | None = None


@dataclass(frozen=True)
class Free:
    """What is known of an agent who is there.

    Attributes:
        groups: Those they answer for; none means all.
        takes: Whether they get new conversations now.
        load: How many they have.
    """

    id: str
    groups: frozenset[str]
    skills: frozenset[str]
    languages: frozenset[str]
    capacity: int
    takes: bool
    load: int
    last_assigned_at: datetime | None

    @property
    def has_room(self) -> bool:
        """Whether one more may be given to them."""
        return self.takes and self.load < self.capacity


def choose(waiting: Waiting, agents: Iterable[Free], rules: RoutingRules, now: datetime) -> str | None:
    """Chooses who gets a conversation.

    Args:
        waiting: Who waits.
        agents: Who is there, whether they take anybody or not.
        rules: The merchant's.
        now: The present moment.

    Returns:
        The id of an agent with room; None where the customer goes on waiting.
    """
    there = list(agents)
    wanted = next((each for each in there if each.id == waiting.wanted_agent_id), None)
    if wanted is not None and wanted.has_room:
        return wanted.id
    if wanted is not None and waiting.wanted_until is not None and now < waiting.wanted_until:
        # They are there, and will have room in a moment.
        return None
    able = [each for each in there if _answers_for(each, waiting, rules, now)]
    if now - waiting.queued_at < rules.skill_wait:
        able = _having(able, lambda each: each.id != waiting.given_back_by)
        able = _having(able, lambda each: waiting.skill is None or waiting.skill in each.skills)
    able = _having(able, lambda each: not each.languages or waiting.language in each.languages)
    free = [each for each in able if each.has_room]
    return min(free, key=_rank).id if free else None


def _answers_for(agent: Free, waiting: Waiting, rules: RoutingRules, now: datetime) -> bool:
    if waiting.group_id is None or not agent.groups or waiting.group_id in agent.groups:
        return True
    group = rules.group(waiting.group_id)
    long_enough = now - waiting.queued_at >= group.overflow_after
    return group.overflow_to is not None and long_enough and group.overflow_to in agent.groups


def _having(agents: Sequence[Free], has: Callable[[Free], bool]) -> list[Free]:
    """Those who have something, also while they are busy: they are waited for. All, where nobody there has it."""
    having = [each for each in agents if has(each)]
    return having or list(agents)


def _rank(agent: Free) -> tuple[float, datetime, str]:
    return agent.load / agent.capacity, agent.last_assigned_at or _NEVER, agent.id
