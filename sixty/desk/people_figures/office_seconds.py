"""How much of a stretch of time lies in office hours."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from itertools import pairwise

from sixty.desk.office_hours import OfficeHours


def office_seconds(hours: OfficeHours, start: datetime, end: datetime) -> float:
    """The seconds from `start` to `end` in which somebody was at work, breaks taken out.

    Args:
        hours: Of the group.
        start: From when.
        end: Until when; in front of `start` there are none.
    """
    if end <= start:
        return 0.0
    first, last = start.astimezone(hours.zone).date(), end.astimezone(hours.zone).date()
    marks = {start, end}
    for ahead in range((last - first).days + 1):
        day = first + timedelta(days=ahead)
        # By the wall clock: where clocks are put forward or back, work still begins at nine.
        midnight = datetime.combine(day, time())
        marks |= {(midnight + timedelta(minutes=minute)).replace(tzinfo=hours.zone) for minute in hours.edges(day)}
    inside = sorted(mark for mark in marks if start <= mark <= end)
    open_for = (later - earlier for earlier, later in pairwise(inside) if hours.is_open(earlier))
    return sum(open_for, timedelta(0)).total_seconds()
