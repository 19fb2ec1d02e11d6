"""How `playbook/routing.yml` is written, and the rules that it says."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConstrainedInt, ConstrainedStr, Extra, Field, root_validator, validator

from sixty.desk.office_hours import ALWAYS, WEEKDAYS, OfficeHours, Period, read_period
from sixty.desk.routing_plan import Condition, GroupRules, RoutingRules, SensitiveRule, SkillRule, Thresholds
from sixty.shop.models import Level
from sixty.shop.spans import WrittenSpan
from sixty.shop.written_values import Amount, Text


class Wait(WrittenSpan):
    """A time such as `45s`, `3m` or `2h`."""

    form = re.compile(r"(\d{1,5})([smh])")
    called = "time such as 45s, 3m or 2h"


class _Entry(BaseModel):
    class Config:
        extra = Extra.forbid
        allow_mutation = False


class _Count(ConstrainedInt):
    ge = 1


class GroupId(ConstrainedStr):
    """A name such as `aftersale`."""

    regex = r"^[a-z][a-z0-9_]{1,31}$"


class PeriodText(str):
    """A period such as `09:00-12:00`."""

    @classmethod
    def __get_validators__(cls) -> Any:
        """Lets pydantic read it."""
        yield cls._checked

    @classmethod
    def _checked(cls, value: Any) -> PeriodText:
        read_period(str(value))
        return cls(value)

    def made(self) -> Period:
        """The period that it says."""
        return read_period(self)


class DaysEntry(_Entry):
    """Weekdays and when they are worked."""

    days: list[str] = Field(min_items=1)
    open: list[PeriodText]

    @validator("days", each_item=True)
    def _is_a_weekday(cls, day: str) -> str:
        if day not in WEEKDAYS:
            raise ValueError(f"{day} is no weekday; use {', '.join(WEEKDAYS)}")
        return day


class HoursEntry(_Entry):
    """A calendar."""

    id: GroupId
    week: list[DaysEntry]
    breaks: list[PeriodText] = []

    @validator("week")
    def _each_day_once(cls, week: list[DaysEntry]) -> list[DaysEntry]:
        days = [day for entry in week for day in entry.days]
        for day in days:
            if days.count(day) > 1:
                raise ValueError(f"{day} stands here twice; put all its periods into one list")
        return week


class HolidayEntry(_Entry):
    """Days that are otherwise than their weekday."""

    name: Text
    first: date = Field(alias="from")
    last: date = Field(alias="to")
    open: list[PeriodText]
    hours: list[GroupId] | None = None

    @root_validator(skip_on_failure=True)
    def _ends_after_it_begins(cls, values: dict[str, Any]) -> dict[str, Any]:
        days = (values["last"] - values["first"]).days
        if not 0 <= days <= 366:
            raise ValueError(f"{values['name']} ends before it begins, or lasts for more than a year")
        return values


class ConditionEntry(_Entry):
    """What a topic must be."""

    intents: list[Text] = []
    reasons: list[Text] = []
    categories: list[Text] = []
    entries: list[Text] = []
    channels: list[Text] = []
    levels: list[Level] = []
    regions: list[Text] = []
    words: list[Text] = []
    at_least: Amount | None = None

    def made(self) -> Condition:
        """The condition that it says."""
        return Condition(
            intents=frozenset(self.intents),
            reasons=frozenset(self.reasons),
            categories=frozenset(self.categories),
            entries=frozenset(self.entries),
            channels=frozenset(self.channels),
            levels=frozenset(self.levels),
            regions=tuple(self.regions),
            words=tuple(self.words),
            at_least=None if self.at_least is None else Decimal(self.at_least),
        )


class OverflowEntry(_Entry):
    """Who else may answer after a while."""

    to: GroupId
    after: Wait


class GroupEntry(_Entry):
    """A group of agents."""

    id: GroupId
    title: Text
    hours: GroupId | None = None
    takes: ConditionEntry = ConditionEntry()
    sayings: list[Text] = []
    overflow: OverflowEntry | None = None


class SkillEntry(_Entry):
    """Which topic wants which skill."""

    skill: Text
    when: ConditionEntry


class VipEntry(_Entry):
    """Who is a VIP, and how far in front."""

    levels: list[Level] = Field(min_items=1)
    ahead: Wait


class AmountEntry(_Entry):
    """From which amount on, and how far in front."""

    at_least: Amount
    ahead: Wait


class FirstEntry(_Entry):
    """Who is answered first."""

    vip: VipEntry | None = None
    angry: Wait | None = None
    amount: AmountEntry | None = None
    reasons: dict[str, Wait] = {}


class ThresholdsEntry(_Entry):
    """When VIPs get a person."""

    misses: _Count = _Count(1)
    angry: _Count = _Count(1)


class SensitiveEntry(_Entry):
    """What a person has a look at."""

    id: GroupId
    intents: list[Text] = []
    words: list[Text] = []
    at_least: Amount | None = None
    say: Text

    @root_validator(skip_on_failure=True)
    def _says_something(cls, values: dict[str, Any]) -> dict[str, Any]:
        if not (values["intents"] or values["words"] or values["at_least"] is not None):
            raise ValueError("has no condition, so everything would be sensitive; give it words, intents or at_least")
        return values

    def made(self) -> SensitiveRule:
        """The rule that it says."""
        condition = ConditionEntry(intents=self.intents, words=self.words, at_least=self.at_least)
        return SensitiveRule(str(self.id), condition.made(), self.say)


class HandOffEntry(_Entry):
    """When a person is called."""

    misses: _Count = _Count(2)
    misses_in_all: _Count = _Count(3)
    angry: _Count = _Count(2)
    vip: ThresholdsEntry | None = None
    sensitive: list[SensitiveEntry] = []


class QueueEntry(_Entry):
    """How customers wait."""

    longest: _Count = _Count(200)
    longest_wait: Wait = Wait(minutes=15)
    tell_every: Wait = Wait(seconds=60)
    own_agent_wait: Wait = Wait(seconds=45)
    skill_wait: Wait = Wait(minutes=2)
    last_agent_within: Wait = Wait(hours=72)
    service_time: Wait = Wait(minutes=6)
    first_reply: Wait = Wait(seconds=60)
    alert_after: list[Wait] | None = None

    @validator("alert_after")
    def _grows(cls, waits: list[Wait] | None) -> list[Wait] | None:
        if waits is not None and not all(earlier < later for earlier, later in pairwise([timedelta(0), *waits])):
            raise ValueError("must grow, such as [1m, 5m]; write [] for no alerts")
        return waits

    @validator("longest_wait", "service_time", "tell_every")
    def _is_some_time(cls, wait: timedelta) -> timedelta:
        if wait <= timedelta(0):
            raise ValueError("must be longer than nothing")
        return wait


class AgentsEntry(_Entry):
    """How agents come and go."""

    gone_after: Wait = Wait(seconds=150)
    wrap_up: Wait = Wait(minutes=3)
    idle: Wait = Wait(minutes=30)

    @validator("gone_after")
    def _is_longer_than_a_heartbeat(cls, wait: timedelta) -> timedelta:
        if wait < timedelta(seconds=60):
            raise ValueError("must be at least 60s: a page is heard of every 20s, and may be slow once")
        return wait


class RoutingEntry(_Entry):
    """`playbook/routing.yml`."""

    zone: Text = Text("Asia/Shanghai")
    hours: list[HoursEntry] = []
    holidays: list[HolidayEntry] = []
    groups: list[GroupEntry] = Field(min_items=1)
    skills: list[SkillEntry] = []
    first: FirstEntry = FirstEntry()
    hand_off: HandOffEntry = HandOffEntry()
    queue: QueueEntry = QueueEntry()
    agents: AgentsEntry = AgentsEntry()
    tags: list[Text] = []

    @validator("zone")
    def _is_a_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"there is no time zone {zone}; write one such as Asia/Shanghai") from None
        return zone

    def made(self) -> RoutingRules:
        """The rules that it says."""
        calendars = {str(each.id): self._calendar(each) for each in self.hours}
        first, when, queue = self.first, self.hand_off, self.queue
        ahead = {str(reason): wait for reason, wait in first.reasons.items()}
        if first.angry is not None:
            ahead["angry"] = first.angry
        if first.vip is not None:
            ahead["vip"] = first.vip.ahead
        if first.amount is not None:
            ahead["amount"] = first.amount.ahead
        usual = Thresholds(int(when.misses), int(when.misses_in_all), int(when.angry))
        for_vips = usual
        if when.vip is not None:
            for_vips = Thresholds(int(when.vip.misses), int(when.misses_in_all), int(when.vip.angry))
        return RoutingRules(
            groups=tuple(
                GroupRules(
                    id=str(each.id),
                    title=each.title,
                    hours=calendars[str(each.hours)] if each.hours else ALWAYS,
                    takes=each.takes.made(),
                    sayings=tuple(each.sayings),
                    overflow_to=str(each.overflow.to) if each.overflow else None,
                    overflow_after=each.overflow.after if each.overflow else timedelta(0),
                )
                for each in self.groups
            ),
            skills=tuple(SkillRule(each.skill, each.when.made()) for each in self.skills),
            sensitive=tuple(each.made() for each in when.sensitive),
            vip_levels=frozenset(first.vip.levels) if first.vip else frozenset(),
            ahead=ahead,
            dear_from=Decimal(first.amount.at_least) if first.amount else None,
            usual=usual,
            for_vips=for_vips,
            longest_queue=int(queue.longest),
            longest_wait=queue.longest_wait,
            tell_every=queue.tell_every,
            own_agent_wait=queue.own_agent_wait,
            skill_wait=queue.skill_wait,
            last_agent_within=queue.last_agent_within,
            service_time=queue.service_time,
            first_reply=queue.first_reply,
            alert_after=_alerts(queue),
            gone_after=self.agents.gone_after,
            wrap_up=self.agents.wrap_up,
            idle=self.agents.idle or None,
            tags=tuple(self.tags),
        )

    def _calendar(self, entry: HoursEntry) -> OfficeHours:
        by_day = {day: tuple(each.made() for each in days.open) for days in entry.week for day in days.days}
        special: dict[date, tuple[Period, ...]] = {}
        for holiday in self.holidays:
            if holiday.hours is None or entry.id in holiday.hours:
                for ahead in range((holiday.last - holiday.first).days + 1):
                    special[holiday.first + timedelta(days=ahead)] = tuple(each.made() for each in holiday.open)
        return OfficeHours(
            zone=ZoneInfo(self.zone),
            week=tuple(by_day.get(day, ()) for day in WEEKDAYS),
            breaks=tuple(each.made() for each in entry.breaks),
            special=special,
        )


def _alerts(queue: QueueEntry) -> tuple[timedelta, ...]:
    """What is written; else the promise of the first reply, and five times as long."""
    if queue.alert_after is not None:
        return tuple(queue.alert_after)
    return (queue.first_reply, 5 * queue.first_reply) if queue.first_reply else ()
