"""When something may be said: category timing, times of day, quiet hours, campaigns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Clock:
    """The merchant's clock.

    Attributes:
        zone: Where it hangs.
        quiet_from: From when on nobody is written to; the same as `quiet_until` for no quiet hours.
        quiet_until: Until when; that moment itself is not quiet.
    """

    zone: ZoneInfo
    quiet_from: time
    quiet_until: time

    def is_quiet(self, at: datetime) -> bool:
        """Whether customers are asleep."""
        return self.is_quiet_at(at.astimezone(self.zone).time())

    def is_quiet_at(self, now: time) -> bool:
        """Whether a time of day lies in the quiet hours."""
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= now < self.quiet_until
        return now >= self.quiet_from or now < self.quiet_until

    def out_of_quiet(self, at: datetime) -> datetime:
        """That moment, or the end of the quiet hours that it lies in."""
        if not self.is_quiet(at):
            return at
        local = at.astimezone(self.zone)
        end = datetime.combine(local.date(), self.quiet_until, self.zone)
        if end <= local:
            end = datetime.combine(local.date() + timedelta(days=1), self.quiet_until, self.zone)
        return end.astimezone(timezone.utc)

    def next_of(self, times: Sequence[time], at: datetime) -> datetime:
        """The first of some times of day that is not before a moment."""
        local = at.astimezone(self.zone)
        for days in range(3):
            for each in sorted(times):
                found = datetime.combine(local.date() + timedelta(days=days), each, self.zone)
                if found >= local:
                    return found.astimezone(timezone.utc)
        raise ValueError("there are no times of day")

    def due(self, moment: datetime, wait: timedelta, times: Sequence[time]) -> datetime:
        """When something is to be said.

        Args:
            moment: What it counts from.
            wait: How long after.
            times: The times of day at which it is said; at any when there are none.
        """
        at = moment + wait
        if times:
            at = self.next_of(times, at)
        return self.out_of_quiet(at)
