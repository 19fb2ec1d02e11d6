"""Campaigns and their phases: presale, warm-up, sale, balance payment, after."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

PhaseName = Literal["presale", "warm_up", "sale", "balance", "after"]

PHASES: dict[PhaseName, str] = {
    "presale": "预售",
    "warm_up": "预热",
    "sale": "开卖",
    "balance": "付尾款",
    "after": "返场",
}
"""All phases in the order in which they usually begin, and how a customer calls them."""

_FORM = re.compile(r"(?:(\d{4})-)?(\d{1,2})-(\d{1,2}) (\d{1,2}):(\d{2})")


@dataclass(frozen=True)
class CampaignTime:
    """A time on the campaign's clock: of every year (`10-31 20:00`) or of one (`2026-10-31 20:00`)."""

    month: int
    day: int
    hour: int
    minute: int
    year: int | None = None

    @classmethod
    def parse(cls, text: str) -> CampaignTime:
        """Reads a time.

        Raises:
            ValueError: It has another form, or there is no such day.
        """
        found = _FORM.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"{text!r} is no time: write 10-31 20:00, or 2026-10-31 20:00 for one year only")
        year, month, day, hour, minute = (None if part is None else int(part) for part in found.groups())
        assert month is not None
        assert day is not None
        assert hour is not None
        assert minute is not None
        try:
            # 2023 is no leap year: a day of every year must be in every year.
            datetime(year or 2023, month, day, hour, minute)  # noqa: DTZ001
        except ValueError as error:
            raise ValueError(f"{text!r} is no time: {error}") from None
        return cls(month, day, hour, minute, year)

    def at(self, year: int, zone: ZoneInfo) -> datetime:
        """Works out the moment in a year; a time of one year is always in that one."""
        return datetime(self.year or year, self.month, self.day, self.hour, self.minute, tzinfo=zone)


@dataclass(frozen=True)
class PlannedPhase:
    """A phase as it is planned: from a time until just before another one."""

    phase: PhaseName
    starts: CampaignTime
    ends: CampaignTime


@dataclass(frozen=True)
class PhaseWindow:
    """A phase as it takes place."""

    campaign: str
    phase: PhaseName
    starts_at: datetime
    ends_at: datetime

    def holds(self, at: datetime) -> bool:
        """Tells whether a moment is in it."""
        return self.starts_at <= at < self.ends_at


@dataclass(frozen=True)
class Campaign:
    """A campaign such as 双11. Its phases may overlap: balances are paid while the sale runs.

    Attributes:
        name: What it is called.
        aliases: What else customers call it.
        phases: When what is.
        zone: Whose clock the times are on.
    """

    name: str
    phases: tuple[PlannedPhase, ...]
    aliases: tuple[str, ...] = ()
    zone: str = "Asia/Shanghai"

    def windows(self, at: datetime) -> tuple[PhaseWindow, ...]:
        """The phases of last year, this year and next, seen from a moment, in order."""
        year = at.astimezone(ZoneInfo(self.zone)).year
        if year not in self._of_years:
            self._of_years[year] = _windows(self, year)
        return self._of_years[year]

    @cached_property
    def _of_years(self) -> dict[int, tuple[PhaseWindow, ...]]:
        # Kept here: to be found in a cache of everybody's, the whole campaign would be hashed for each promotion.
        return {}

    def running(self, at: datetime) -> tuple[PhaseWindow, ...]:
        """The phases that a moment is in."""
        return tuple(window for window in self.windows(at) if window.holds(at))

    def upcoming(self, phase: PhaseName, at: datetime) -> PhaseWindow | None:
        """The window of a phase that a moment is in, else the next one."""
        return next((each for each in self.windows(at) if each.phase == phase and at < each.ends_at), None)


def _windows(campaign: Campaign, year: int) -> tuple[PhaseWindow, ...]:
    zone = ZoneInfo(campaign.zone)
    found: set[PhaseWindow] = set()
    for each in (year - 1, year, year + 1):
        first: datetime | None = None
        for planned in campaign.phases:
            starts_at, ends_at = planned.starts.at(each, zone), planned.ends.at(each, zone)
            # A campaign may go on beyond New Year: what seems to be before its beginning is in the next year.
            if planned.starts.year is None and first is not None and starts_at < first:
                starts_at = planned.starts.at(each + 1, zone)
            if planned.ends.year is None and ends_at <= starts_at:
                ends_at = planned.ends.at(starts_at.year, zone)
                if ends_at <= starts_at:
                    ends_at = planned.ends.at(starts_at.year + 1, zone)
            first = first or starts_at
            found.add(PhaseWindow(campaign.name, planned.phase, starts_at, ends_at))
    return tuple(sorted(found, key=lambda window: (window.starts_at, window.ends_at, window.phase)))


Campaigns = Mapping[str, Campaign]


def phases_at(campaigns: Iterable[Campaign], at: datetime) -> tuple[PhaseWindow, ...]:
    """All phases of all campaigns that a moment is in, the one that ends first in front.

    Replies and capsules that differ by phase ask this.
    """
    running = (window for campaign in campaigns for window in campaign.running(at))
    return tuple(sorted(running, key=lambda window: (window.ends_at, window.starts_at, window.campaign)))


def campaign_named(campaigns: Iterable[Campaign], text: str) -> Campaign | None:
    """Finds the campaign whose name or alias stands in a text, the longest one first.

    A name is no part of a longer number or word of letters: there is no 618 in an order's number.
    """
    folded = text.casefold()
    names = [
        (name.casefold(), campaign) for campaign in campaigns for name in (campaign.name, *campaign.aliases) if name
    ]
    names.sort(key=lambda pair: -len(pair[0]))
    for name, campaign in names:
        if re.search(rf"(?<![0-9a-z]){re.escape(name)}(?![0-9a-z])", folded):
            return campaign
    return None


def next_sale(campaigns: Iterable[Campaign], at: datetime) -> PhaseWindow | None:
    """The sale that runs or begins next, of all campaigns."""
    found = [window for campaign in campaigns if (window := campaign.upcoming("sale", at)) is not None]
    return min(found, key=lambda window: (window.starts_at, window.campaign), default=None)
