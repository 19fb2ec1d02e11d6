"""Days at a desk, made up: who comes with what, who is there, who falls away; the same for every way of routing."""

from __future__ import annotations

import math
import random
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

OPENS = 9 * 3600
CLOSES = 22 * 3600
"""Seconds of the day, in China."""

MIDNIGHT = datetime(2026, 11, 22, 16, 0, tzinfo=timezone.utc)
"""The beginning of the first day, which is a Monday there."""

GROUPS = {"presale": 0.45, "aftersale": 0.35, "general": 0.20}
INTENT = {"presale": "ask_size", "aftersale": "request_after_sales", "general": "ask_invoice"}
SKILL = "投诉"

# How many come in each hour of the day, as weights: a morning, an afternoon and the evening that shops live by.
_BY_HOUR = {9: 5, 10: 9, 11: 8, 12: 5, 13: 6, 14: 8, 15: 8, 16: 7, 17: 5, 18: 5, 19: 9, 20: 13, 21: 12}
_AT_NIGHT = 0.02
_SERVICE_MEAN, _SERVICE_SPREAD = 360.0, 0.6
_PATIENCE_MEAN = 40 * 60.0
_PASSED_ON = 0.04
_SKILLED_WISH = 0.08
_VIP = 0.05


@dataclass(frozen=True)
class Leg:
    """A part of a conversation that one person has: who shall have it, and how long it takes."""

    group: str
    seconds: float


@dataclass(frozen=True)
class Coming:
    """A customer.

    Attributes:
        at: Seconds since the first midnight.
        legs: One, or two where the first person passes them on.
        patience: Seconds of waiting after which they give up.
    """

    number: int
    at: float
    legs: tuple[Leg, ...]
    skilled: bool
    vip: bool
    patience: float


@dataclass(frozen=True)
class Shift:
    """When somebody works: from, to, the break between, and when their line goes dead, if it does."""

    start: float
    end: float
    break_start: float
    break_end: float
    dies_at: float | None

    def there(self, at: float) -> bool:
        """Whether they take customers at a moment."""
        return self.start <= at < self.end and not self.break_start <= at < self.break_end and not self.dead(at)

    def dead(self, at: float) -> bool:
        """Whether their line is dead; it comes back after half an hour."""
        return self.dies_at is not None and self.dies_at <= at < self.dies_at + 1800


@dataclass(frozen=True)
class Worker:
    """An agent."""

    id: str
    groups: tuple[str, ...]
    skilled: bool
    capacity: int
    shifts: tuple[Shift, ...]

    def there(self, at: float) -> bool:
        """Whether they take customers at a moment."""
        return any(shift.there(at) for shift in self.shifts)

    def seconds(self, until: float) -> float:
        """For how long they are there up to a moment."""
        total = 0.0
        for shift in self.shifts:
            total += max(0.0, min(shift.end, until) - shift.start) - max(
                0.0, min(shift.break_end, until) - shift.break_start
            )
        return total


@dataclass(frozen=True)
class Days:
    """All of it."""

    customers: tuple[Coming, ...]
    workers: tuple[Worker, ...]
    days: int

    @property
    def ends(self) -> float:
        """When the last shift is over."""
        return max(shift.end for worker in self.workers for shift in worker.shifts)


def moment(seconds: float) -> datetime:
    """A time of the days as a moment."""
    return MIDNIGHT + timedelta(seconds=seconds)


def make_days(chats: int, agents: int, days: int, seed: int) -> Days:
    """Makes days.

    Args:
        chats: Customers in all.
        agents: Agents in all, of whom the evening has most.
        days: On so many days.
        seed: The same gives the same.
    """
    chance = random.Random(seed)
    customers = sorted(_arrivals(chats, days, chance))
    return Days(
        customers=tuple(_customer(number, at, chance) for number, at in enumerate(customers)),
        workers=tuple(_worker(number, days, chance) for number in range(agents)),
        days=days,
    )


def _arrivals(chats: int, days: int, chance: random.Random) -> list[float]:
    hours, weights = list(_BY_HOUR), list(_BY_HOUR.values())
    found = []
    for _ in range(chats):
        day = chance.randrange(days)
        at_night = chance.random() < _AT_NIGHT
        hour = chance.choice((0, 7, 23)) if at_night else chance.choices(hours, weights)[0]
        found.append(day * 86400 + hour * 3600 + chance.random() * 3600)
    return found


def _customer(number: int, at: float, chance: random.Random) -> Coming:
    group = chance.choices(list(GROUPS), list(GROUPS.values()))[0]
    # A lognormal with that mean: most are short, some are very long.
    service = chance.lognormvariate(math.log(_SERVICE_MEAN) - _SERVICE_SPREAD**2 / 2, _SERVICE_SPREAD)
    legs: tuple[Leg, ...] = (Leg(group, service),)
    if chance.random() < _PASSED_ON:
        other = chance.choice([name for name in GROUPS if name != group])
        legs = (Leg(group, service / 2), Leg(other, service / 2))
    return Coming(
        number=number,
        at=at,
        legs=legs,
        skilled=chance.random() < _SKILLED_WISH,
        vip=chance.random() < _VIP,
        patience=chance.expovariate(1 / _PATIENCE_MEAN),
    )


def _worker(number: int, days: int, chance: random.Random) -> Worker:
    # Two of five in the morning, three of five in the evening, as the customers come; breaks are staggered.
    groups: Sequence[tuple[str, ...]] = (("presale",), ("aftersale",), ("presale", "general"), ("aftersale", "general"))
    evening = number % 5 >= 2
    start, end = (13.0, 22.25) if evening else (9.0, 18.0)
    rest = (17.0 if evening else 12.0) + (number % 3) * 0.5
    shifts = []
    for day in range(days + 1):
        midnight = day * 86400
        dies = midnight + chance.uniform(start + 1, end - 2) * 3600 if chance.random() < 0.04 else None
        shifts.append(
            Shift(
                midnight + start * 3600,
                midnight + end * 3600,
                midnight + rest * 3600,
                midnight + rest * 3600 + 1800,
                dies,
            )
        )
    return Worker(f"agent-{number}", groups[number % 4], number % 5 == 0, 3 + number % 3, tuple(shifts))


class Rotation:
    """Whose turn it is: one after the other."""

    def __init__(self, ids: Sequence[str]) -> None:
        """Begins with the first."""
        self._ids = sorted(ids)
        self._last = ""

    def next_of(self, able: Sequence[str]) -> str | None:
        """The next one of those who can; None where nobody can."""
        if not able:
            return None
        ordered = sorted(able)
        place = bisect(ordered, self._last)
        self._last = ordered[place % len(ordered)]
        return self._last
