"""How many agents are needed so that customers are answered in time, where one agent holds several chats at once.

An agent who holds k chats is k slots of a queue M/M/c, and each chat takes longer the more of them there are: with j of
them at once it takes `alone * (1 + slower * (j - 1))`. The advice counts every chat as if its agent were full, so that
it does not promise more than customers get; a simulation in which a chat's pace changes with each chat that its agent
begins or ends says how much more they get (tests/desk/people_figures/test_staffing.py).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from sixty.desk.people_figures.erlang import service_of

MOST_AGENTS = 2000


@dataclass(frozen=True)
class Wanted:
    """The service that is wanted.

    Attributes:
        share: Of customers who shall be answered in time, between 0 and 1.
        within: Seconds.
        at_once: How many chats an agent holds at once, 1 at least.
        slower: By how much a chat takes longer with each further one, as a share.
        absent: The share of working time in which agents take nobody.
    """

    share: float
    within: float
    at_once: int = 1
    slower: float = 0.0
    absent: float = 0.0


@dataclass(frozen=True)
class Advice:
    """How many are needed.

    Attributes:
        agents: Who take customers at the same time.
        on_duty: Who are at work for that, those on a break included.
        in_time: The share of customers who are then answered in time.
        mean_wait: Seconds.
        used: The share of the slots that are taken on average.
        seconds: How long a chat takes with an agent who is full.
    """

    agents: int
    on_duty: int
    in_time: float
    mean_wait: float
    used: float
    seconds: float


def alone(seconds: float, at_once: float, slower: float) -> float:
    """How long a chat would take an agent who has no other, from how long it takes who holds so many on average."""
    return seconds / (1 + slower * max(0.0, at_once - 1))


def agents_for(arrivals: float, seconds_alone: float, wanted: Wanted) -> Advice:
    """The fewest agents who give the service that is wanted.

    Args:
        arrivals: Customers a second.
        seconds_alone: How long a chat takes an agent who has no other.
        wanted: The service.
    """
    seconds = seconds_alone * (1 + wanted.slower * (wanted.at_once - 1))
    if arrivals <= 0 or seconds <= 0:
        return Advice(0, 0, 1.0, 0.0, 0.0, seconds)
    agents = max(1, math.ceil(arrivals * seconds / wanted.at_once))
    service = service_of(agents * wanted.at_once, arrivals, seconds, wanted.within)
    while service.in_time < wanted.share and agents < MOST_AGENTS:
        agents += 1
        service = service_of(agents * wanted.at_once, arrivals, seconds, wanted.within)
    return Advice(agents, on_duty(agents, wanted.absent), service.in_time, service.mean_wait, service.used, seconds)


def on_duty(agents: int, absent: float) -> int:
    """How many have to be at work so that so many take customers."""
    # A hair less, so that 17 / 0.85 is 20 and not, by rounding, 21.
    return math.ceil(agents / (1 - absent) - 1e-9)
