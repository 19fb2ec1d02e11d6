"""When people of the shop are at work: several periods a day, breaks, holidays, and days that are worked instead."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

MINUTES = 24 * 60
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
"""In the order of `date.weekday`."""

_PERIOD = re.compile(r"(\d{1,2}):(\d{2})\s*[-–~]\s*(\d{1,2}):(\d{2})")
_LOOK_AHEAD_DAYS = 60


@dataclass(frozen=True, order=True)
class Period:
    """From one minute of a day to another one, which doesn't belong to it.

    Attributes:
        start: Minutes since midnight, 0 to 1439.
        end: Minutes since that midnight; more than 1440 where the period goes on into the next day.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        """Refuses what is none.

        Raises:
            ValueError: It ends before it starts, or after a whole day.
        """
        if not (0 <= self.start < MINUTES and self.start < self.end <= self.start + MINUTES):
            raise ValueError(f"no period: {self.start} to {self.end} minutes")


def read_period(text: str) -> Period:
    """Reads `09:00-12:00`; `22:00-02:00` goes on into the next day, `00:00-24:00` is the whole one.

    Raises:
        ValueError: It is no such period.
    """
    found = _PERIOD.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no period such as 09:00-12:00")
    first_hour, first_minute, last_hour, last_minute = (int(part) for part in found.groups())
    start, end = first_hour * 60 + first_minute, last_hour * 60 + last_minute
    if first_minute > 59 or last_minute > 59 or start >= MINUTES or end > MINUTES:
        raise ValueError(f"{text!r} is no time of a day: 00:00 to 24:00")
    if start == end:
        raise ValueError(f"{text!r} is no time at all; write 00:00-24:00 for the whole day")
    return Period(start, end if end > start else end + MINUTES)


@dataclass(frozen=True)
class OfficeHours:
    """A calendar.

    Attributes:
        zone: Where the clock hangs.
        week: The periods of each weekday, Monday first.
        breaks: What is taken out of every day.
        special: Days that are otherwise than their weekday: none for a holiday. Breaks count there as well.
    """

    zone: ZoneInfo
    week: tuple[tuple[Period, ...], ...]
    breaks: tuple[Period, ...] = ()
    special: Mapping[date, tuple[Period, ...]] = field(default_factory=dict)

    def is_open(self, at: datetime) -> bool:
        """Whether somebody is at work at a moment."""
        local = at.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        today = local.date()
        return self._open_in(today, minute) or self._open_in(today - timedelta(days=1), minute + MINUTES)

    def opens_at(self, at: datetime) -> datetime | None:
        """When work begins next; the moment itself while it is on, None where it does not within two months."""
        if self.is_open(at):
            return at
        return next((edge for edge in self._edges_after(at, _LOOK_AHEAD_DAYS) if self.is_open(edge)), None)

    def closes_at(self, at: datetime) -> datetime | None:
        """When work stops next, be it for a break; None where it is not on, or does not stop within two days."""
        if not self.is_open(at):
            return None
        return next((edge for edge in self._edges_after(at, 3) if not self.is_open(edge)), None)

    def works_on(self, day: date) -> bool:
        """Whether work begins at any time of a day."""
        return bool(self._periods(day))

    def _periods(self, day: date) -> Sequence[Period]:
        return self.special[day] if day in self.special else self.week[day.weekday()]

    def _open_in(self, day: date, minute: int) -> bool:
        """Whether a minute counted from that day's midnight is in one of its periods, and in none of its breaks."""
        within = any(period.start <= minute < period.end for period in self._periods(day))
        return within and not any(
            period.start <= minute - shift < period.end for period in self.breaks for shift in (0, MINUTES)
        )

    def edges(self, day: date) -> list[int]:
        """The minutes of a day at which work or a break may begin or end, in order, also what began the day before."""
        return sorted(
            {edge for edge in self._begun_on(day) if edge < MINUTES}
            | {edge - MINUTES for edge in self._begun_on(day - timedelta(days=1)) if edge >= MINUTES}
        )

    def _begun_on(self, day: date) -> set[int]:
        """The edges of what begins on a day, in minutes since its midnight."""
        return {edge for period in (*self._periods(day), *self.breaks) for edge in (period.start, period.end)}

    def _edges_after(self, at: datetime, days: int) -> Iterator[datetime]:
        """The edges behind a moment, in order."""
        today = at.astimezone(self.zone).date()
        for ahead in range(days):
            for minute in self.edges(today + timedelta(days=ahead)):
                moment = self._moment(today + timedelta(days=ahead), minute)
                if moment > at:
                    yield moment

    def _moment(self, day: date, minute: int) -> datetime:
        midnight = datetime.combine(day, time(), self.zone)
        # By the wall clock: where clocks are put forward or back, work still begins at nine.
        return (midnight.replace(tzinfo=None) + timedelta(minutes=minute)).replace(tzinfo=self.zone)


ALWAYS = OfficeHours(ZoneInfo("Asia/Shanghai"), ((Period(0, MINUTES),),) * 7)
"""Somebody is there day and night."""


def say_hours(hours: OfficeHours, at: datetime) -> str:
    """The periods of a day as they are said: `9:00–12:00、13:00–21:00`; empty for a day without any."""
    day = at.astimezone(hours.zone).date()
    midnight = datetime.combine(day, time(), hours.zone)
    edges = sorted({0, MINUTES, *hours.edges(day)})
    said: list[tuple[int, int]] = []
    for start, end in pairwise(edges):
        if hours.is_open(midnight + timedelta(minutes=start)):
            goes_on = said and said[-1][1] == start
            said = [*said[:-1], (said[-1][0], end)] if goes_on else [*said, (start, end)]
    return "、".join(f"{_clock(start)}–{_clock(end)}" for start, end in said)


def _clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02d}"
