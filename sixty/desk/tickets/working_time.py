"""Counts time by the clock of a group: only while somebody is at work, or around the clock."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sixty.desk.office_hours import OfficeHours

# No calendar has that many stretches of work in a time that anybody promises.
_MOST_STRETCHES = 2000
_NOTHING = timedelta(0)
# Who does not work on one day of so many does not work at all; then all days count.
_MOST_DAYS = 60


def moment_after(hours: OfficeHours, start: datetime, span: timedelta) -> datetime:
    """The moment at which so much time at work has passed since a start.

    Args:
        hours: When the group is at work.
        start: From when.
        span: How much; nothing or less of it is the start itself, moved back around the clock where it is less.

    Returns:
        The moment. Where work does not go on within two months, what is left counts around the clock.
    """
    if span <= _NOTHING:
        return start + span
    at, left = start, span
    for _ in range(_MOST_STRETCHES):
        opens = hours.opens_at(at)
        if opens is None:
            return at + left
        closes = hours.closes_at(opens)
        if closes is None or opens + left <= closes:
            return opens + left
        left -= closes - opens
        at = closes
    return at + left


def worked_between(hours: OfficeHours, start: datetime, end: datetime) -> timedelta:
    """How much time at work lies between two moments; less than nothing where the end comes first."""
    if end < start:
        return -worked_between(hours, end, start)
    at, worked = start, _NOTHING
    for _ in range(_MOST_STRETCHES):
        opens = hours.opens_at(at)
        if opens is None or opens >= end:
            return worked
        closes = hours.closes_at(opens)
        if closes is None or closes >= end:
            return worked + (end - opens)
        worked += closes - opens
        at = closes
    return worked


def days_after(hours: OfficeHours, start: datetime, days: int) -> datetime:
    """The same time of day so many days of work later, or when work next begins then.

    Args:
        hours: When the group is at work.
        start: From when; its own day does not count.
        days: How many days on which the group works.

    Returns:
        The moment, in the group's own zone. Where nobody works within two months all days count.
    """
    local = start.astimezone(hours.zone)
    day, left, passed = local.date(), days, 0
    while left and passed < days + _MOST_DAYS:
        day, passed = day + timedelta(days=1), passed + 1
        left -= hours.works_on(day)
    if left:
        day = local.date() + timedelta(days=days)
    at = datetime.combine(day, time(local.hour, local.minute, local.second), hours.zone)
    return hours.opens_at(at) or at
