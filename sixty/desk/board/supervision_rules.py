"""Reads `playbook/supervision.yml`: when an alarm is given, how people's figures are counted, what a chat costs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConstrainedFloat, ConstrainedInt, ConstrainedStr, Extra, root_validator

from sixty.desk.desk_rules import Wait
from sixty.errors import OperatorError
from sixty.shop.located import Problem, read_document, read_soundly
from sixty.shop.written_values import Amount, Text

SUPERVISION_FILE = "supervision.yml"

What = Literal["waiting", "longest_wait", "first_response", "negative_mood", "agent_silent", "low_score", "overdue"]
Each = Literal["all", "group", "chat", "agent"]

WHATS: tuple[What, ...] = get_args(What)
_EACH: dict[str, tuple[Each, ...]] = {
    "waiting": ("all", "group"),
    "longest_wait": ("all", "group"),
    "first_response": ("chat",),
    "negative_mood": ("chat",),
    "agent_silent": ("chat",),
    "low_score": ("all", "group", "agent"),
    "overdue": ("all",),
}
_TIMED = ("longest_wait", "first_response", "agent_silent")


class SupervisionError(OperatorError):
    """The file can't be used; the message names every place."""


@dataclass(frozen=True)
class AlarmRule:
    """When an alarm is given.

    Attributes:
        what: What is measured.
        each: Of what: of the whole desk, of each group, chat or agent; each has alarms of its own.
        threshold: From which value on, in seconds where a time is measured; for `low_score` below which.
        calm_for: For how long the value must be harmless before the alarm closes, so that one that trembles around
            its threshold is one alarm.
        within: For `low_score` the ratings of so long a time.
        at_least: For `low_score` so many ratings.
    """

    id: str
    what: What
    title: str
    threshold: float
    each: Each = "all"
    calm_for: timedelta = timedelta(0)
    within: timedelta = timedelta(hours=1)
    at_least: int = 5
    urgent: bool = False

    def fires(self, measured: float) -> bool:
        """Whether a value is cause for alarm."""
        return measured < self.threshold if self.what == "low_score" else measured >= self.threshold

    def worse(self, one: float, other: float) -> float:
        """The worse one of two values."""
        return min(one, other) if self.what == "low_score" else max(one, other)


@dataclass(frozen=True)
class SavedRules:
    """What a chat that the bot answered alone would have cost.

    Attributes:
        minutes: Of a person, had they answered it; None for what the shop's own people take, as observed.
        hour_costs: Yuan for an hour of a person, all in.
        needs_person: The share of the bot's chats that would have been asked of a person at all.
    """

    minutes: Decimal | None = None
    hour_costs: Decimal = Decimal(40)
    needs_person: Decimal = Decimal(1)


@dataclass(frozen=True)
class ScheduleRules:
    """Which service is wanted.

    Attributes:
        share: Of the customers who shall be answered in time, 0 to 1.
        within: In which time.
        weeks: From how many weeks arrivals are taken.
        at_once: How many chats one agent holds at once.
        slower: By how much a chat takes longer with each further chat that its agent holds, as a share.
        absent: The share of their time in which agents who are at work take nobody: breaks, training, illness.
    """

    share: float = 0.8
    within: timedelta = timedelta(seconds=30)
    weeks: int = 4
    at_once: int = 3
    slower: float = 0.25
    absent: float = 0.15


@dataclass(frozen=True)
class SupervisionRules:
    """What a merchant sets; the defaults are those of a shop without the file.

    Attributes:
        orders_within: How long after a talk an order counts as its own.
        again_within: A customer who wants a person again within this time was not helped the first time.
        quiet_for: A chat of the bot counts as over after so long without a word.
    """

    alarms: tuple[AlarmRule, ...] = ()
    orders_within: timedelta = timedelta(hours=24)
    again_within: timedelta = timedelta(hours=24)
    quiet_for: timedelta = timedelta(minutes=10)
    schedule: ScheduleRules = field(default_factory=ScheduleRules)
    saved: SavedRules = field(default_factory=SavedRules)

    def alarm(self, rule_id: str) -> AlarmRule | None:
        """A rule by its id; None for one that is not there any more."""
        return next((each for each in self.alarms if each.id == rule_id), None)


class _Entry(BaseModel):
    class Config:
        extra = Extra.forbid
        allow_mutation = False


class _Count(ConstrainedInt):
    ge = 1
    le = 100_000


class _Score(ConstrainedFloat):
    gt = 1
    le = 5


class RuleId(ConstrainedStr):
    """A name such as `queue_long`."""

    regex = r"^[a-z][a-z0-9_]{1,31}$"


class Share(float):
    """A share, written `80%`."""

    @classmethod
    def __get_validators__(cls) -> Any:
        """Lets pydantic read it."""
        yield cls._of

    @classmethod
    def _of(cls, value: Any) -> float:
        found = re.fullmatch(r"(\d{1,3}(?:\.\d{1,2})?)%", str(value).strip())
        if found is None or float(found[1]) > 100:
            raise ValueError(f"{value!r} is no share such as 80%, from 0% to 100%")
        return float(found[1]) / 100


class AlarmEntry(_Entry):
    """When an alarm is given."""

    id: RuleId
    what: What
    title: Text
    each: Each | None = None
    at_least: _Count | None = None
    over: Wait | None = None
    below: _Score | None = None
    within: Wait = Wait(hours=1)
    ratings: _Count = _Count(5)
    calm_for: Wait = Wait(0)
    urgent: bool = False

    @root_validator(skip_on_failure=True)
    def _has_its_threshold(cls, values: dict[str, Any]) -> dict[str, Any]:
        what = values["what"]
        wanted = "over" if what in _TIMED else "below" if what == "low_score" else "at_least"
        given = [name for name in ("at_least", "over", "below") if values[name] is not None]
        if given != [wanted]:
            found = ", ".join(given) or "nothing"
            raise ValueError(f"{what} is measured with {wanted}, and has {found}")
        if values["each"] is not None and values["each"] not in _EACH[what]:
            raise ValueError(f"{what} is measured for each of: {', '.join(_EACH[what])}")
        if len(values["title"]) > 64:
            raise ValueError("a title has at most 64 characters")
        return values

    def made(self) -> AlarmRule:
        """The rule that it says."""
        threshold = (
            self.over.total_seconds()
            if self.over is not None
            else float(self.below if self.below is not None else self.at_least or 0)
        )
        return AlarmRule(
            id=str(self.id),
            what=self.what,
            title=self.title,
            threshold=threshold,
            each=self.each or _EACH[self.what][0],
            calm_for=self.calm_for,
            within=self.within,
            at_least=int(self.ratings),
            urgent=self.urgent,
        )


class PeopleEntry(_Entry):
    """How people's figures are counted."""

    orders_within: Wait = Wait(hours=24)
    again_within: Wait = Wait(hours=24)
    quiet_for: Wait = Wait(minutes=10)


class ScheduleEntry(_Entry):
    """Which service is wanted."""

    share: Share = Share(0.8)
    within: Wait = Wait(seconds=30)
    weeks: _Count = _Count(4)
    at_once: _Count = _Count(3)
    slower: Share = Share(0.25)
    absent: Share = Share(0.15)

    @root_validator(skip_on_failure=True)
    def _can_be(cls, values: dict[str, Any]) -> dict[str, Any]:
        if not 0 < values["share"] < 1:
            raise ValueError("share lies between 0% and 100%: nobody can promise that everybody is answered in time")
        if values["absent"] >= 1:
            raise ValueError("absent is below 100%, or nobody would ever be there")
        if values["within"] <= timedelta(0):
            raise ValueError("within must be longer than nothing")
        return values


class SavedEntry(_Entry):
    """What a chat costs."""

    minutes: Amount | None = None
    hour_costs: Amount = Amount("40")
    needs_person: Share = Share(1.0)


class SupervisionEntry(_Entry):
    """`playbook/supervision.yml`."""

    alarms: list[AlarmEntry] = []
    people: PeopleEntry = PeopleEntry()
    schedule: ScheduleEntry = ScheduleEntry()
    saved: SavedEntry = SavedEntry()

    def made(self) -> SupervisionRules:
        """The rules that it says."""
        return SupervisionRules(
            alarms=tuple(each.made() for each in self.alarms),
            orders_within=self.people.orders_within,
            again_within=self.people.again_within,
            quiet_for=self.people.quiet_for,
            schedule=ScheduleRules(
                share=float(self.schedule.share),
                within=self.schedule.within,
                weeks=int(self.schedule.weeks),
                at_once=int(self.schedule.at_once),
                slower=float(self.schedule.slower),
                absent=float(self.schedule.absent),
            ),
            saved=SavedRules(
                minutes=None if self.saved.minutes is None else Decimal(self.saved.minutes),
                hour_costs=Decimal(self.saved.hour_costs),
                needs_person=Decimal(str(round(float(self.saved.needs_person), 4))),
            ),
        )


def check_supervision(folder: Path, problems: list[Problem]) -> SupervisionRules:
    """Reads the rules of a playbook; what is wrong goes into `problems`, a missing file leaves the usual ones."""
    file = folder / SUPERVISION_FILE
    if not file.exists():
        return SupervisionRules()
    found = read_document(file, SupervisionEntry, problems)
    if found is None:
        return SupervisionRules()
    before = len(problems)
    known: set[str] = set()
    for number, each in enumerate(found.entry.alarms):
        if each.id in known:
            problems.append(found.problem(f"{each.id} stands here twice", "rename one", "alarms", number, "id"))
        known.add(str(each.id))
    return found.entry.made() if len(problems) == before else SupervisionRules()


@lru_cache(maxsize=4)
def read_supervision(folder: Path) -> SupervisionRules:
    """Reads the rules of a playbook, once.

    Raises:
        SupervisionError: The file is wrong; names every place.
    """
    return read_soundly(check_supervision, folder, SupervisionError)


def supervision_rules() -> SupervisionRules:
    """The rules of this deployment's playbook.

    Raises:
        SupervisionError: The file is wrong.
    """
    from sixty.settings import get_settings

    return read_supervision(get_settings().playbook)
