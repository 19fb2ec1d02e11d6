"""How long customers wait where so many come and so many answer: the queue M/M/c.

A. K. Erlang, *Solution of some problems in the theory of probabilities* (1917); the recursion of the loss formula, and
the waiting times, as in Kleinrock, *Queueing Systems I*, 3.5 and 3.6, and Cooper, *Introduction to Queueing Theory*.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Service:
    """What customers get.

    Attributes:
        in_time: The share of them who are answered in time.
        mean_wait: Seconds they wait on average; infinite where the queue grows without end.
        used: The share of the slots that are taken on average.
    """

    in_time: float
    mean_wait: float
    used: float


def waits_at_all(slots: int, load: float) -> float:
    """The chance that somebody has to wait (Erlang C).

    Args:
        slots: How many can be served at once.
        load: How many would be served at once if nobody had to wait: arrivals by time, times the time each takes.
    """
    if load <= 0:
        return 0.0
    if slots <= load:
        return 1.0
    blocked = 1.0
    for number in range(1, slots + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked / (1 - load / slots * (1 - blocked))


def service_of(slots: int, arrivals: float, seconds: float, within: float) -> Service:
    """What customers get from so many slots.

    Args:
        slots: How many can be served at once.
        arrivals: Customers a second.
        seconds: How long each is served on average.
        within: In how many seconds they are to be answered.
    """
    load = arrivals * seconds
    if load <= 0:
        return Service(1.0, 0.0, 0.0)
    if slots <= load:
        return Service(0.0, math.inf, 1.0)
    waits = waits_at_all(slots, load)
    faster = (slots - load) / seconds
    return Service(1 - waits * math.exp(-faster * within), waits / faster, load / slots)
