"""How `playbook/outreach.yml` is written."""

from __future__ import annotations

import re
from datetime import time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    ConstrainedFloat,
    ConstrainedInt,
    ConstrainedStr,
    Extra,
    Field,
    root_validator,
    validator,
)

from sixty.outreach.models import WAYS, Way
from sixty.outreach.scenes import Audience, Card, Crowd, Kind
from sixty.outreach.telling_the_bot import Answers
from sixty.outreach.timing import Clock
from sixty.outreach.triggers import WHYS, GoalName, TriggerName
from sixty.shop.models import Level
from sixty.shop.pricing.phases import PhaseName
from sixty.shop.spans import WrittenSpan
from sixty.shop.written_values import Amount, Text


class Span(WrittenSpan):
    """A time such as `45s`, `20m`, `2h` or `3d`."""

    form = re.compile(r"(\d{1,5})([smhd])")
    called = "time such as 45s, 20m, 2h or 3d"


class Name(ConstrainedStr):
    """A name such as `unpaid`."""

    regex = r"^[a-z][a-z0-9_]{1,31}$"


class _Share(ConstrainedFloat):
    ge = 0
    le = 0.5


class _Part(ConstrainedFloat):
    ge = 0
    le = 100


class _Count(ConstrainedInt):
    ge = 1
    le = 100


class _Entry(BaseModel):
    class Config:
        extra = Extra.forbid
        allow_mutation = False


class QuietEntry(_Entry):
    """From when to when nobody is written to."""

    begins: time = Field(alias="from")
    ends: time = Field(alias="until")


class CapsEntry(_Entry):
    """How much one customer hears."""

    per_day: _Count
    per_week: _Count
    apart: Span

    @root_validator(skip_on_failure=True)
    def _fit(cls, values: dict[str, Any]) -> dict[str, Any]:
        if values["per_day"] > values["per_week"]:
            raise ValueError("a day's messages are more than a week's; make per_week as large as per_day at least")
        return values


class RestEntry(_Entry):
    """How long somebody is not sold anything."""

    angry: Span
    abandoned: Span


class AudienceEntry(_Entry):
    """Whom words are for."""

    at_least: Amount | None = None
    below: Amount | None = None
    products: list[Text] = []
    categories: list[Text] = []
    regions: list[Text] = []
    not_regions: list[Text] = []
    levels: list[Level] = []
    crowds: list[Crowd] = []
    phases: list[PhaseName] = []
    why: list[Text] = []

    @validator("why", each_item=True)
    def _is_a_reason(cls, why: str) -> str:
        if why not in WHYS:
            raise ValueError(f"{why} is no reason why somebody did not buy; use {', '.join(WHYS)}")
        return why

    @root_validator(skip_on_failure=True)
    def _is_somebody(cls, values: dict[str, Any]) -> dict[str, Any]:
        least, below = values["at_least"], values["below"]
        if least is not None and below is not None and least >= below:
            raise ValueError(f"no amount is at least {least} and below {below}")
        return values

    def made(self) -> Audience:
        """The audience that it says."""
        return Audience(
            self.at_least,
            self.below,
            frozenset(map(str, self.products)),
            frozenset(map(str, self.categories)),
            tuple(map(str, self.regions)),
            tuple(map(str, self.not_regions)),
            frozenset(map(str, self.levels)),
            frozenset(self.crowds),
            frozenset(self.phases),
            frozenset(map(str, self.why)),
        )


class CapsuleEntry(_Entry):
    """Something to tap: what it shows, and what it says."""

    title: Text
    payload: Text

    @validator("payload")
    def _is_one(cls, payload: str) -> str:
        if not re.fullmatch(r"/[a-z_]+(\{.*\})?", payload):
            raise ValueError(f"{payload!r} is no payload such as /affirm")
        return payload


class VariantEntry(_Entry):
    """One wording."""

    id: Name
    audience: Name = Field(alias="for", default=Name("all"))
    share: _Part = _Part(1)
    text: Text
    capsules: list[CapsuleEntry] = []
    card: Card | None = None


class RungEntry(_Entry):
    """One step of the ladder."""

    way: Way
    wait: Span | None = None
    at_least: Amount | None = None
    text: Text | None = None
    template: Text | None = None


class SceneEntry(_Entry):
    """How a scene is written."""

    title: Text
    on: list[TriggerName] = Field(min_items=1)
    kind: Kind
    wait: dict[str, Span] = {}
    at: list[time] = []
    in_campaigns: Span | None = None
    audiences: dict[Name, AudienceEntry] = {}
    variants: list[VariantEntry] = []
    ladder: list[RungEntry] = []
    late: Span | None = None
    capped: bool = True
    control: _Share = _Share(0)
    goal: GoalName = "none"
    attributed_within: Span | None = None
    answers: Answers | None = None


class OutreachEntry(_Entry):
    """How `playbook/outreach.yml` is written."""

    zone: Text
    quiet: QuietEntry
    late: Span
    caps: CapsEntry
    rest: RestEntry
    talking: Span
    chat_within: Span
    campaign_phases: list[PhaseName] = []
    cost: dict[Way, Amount]
    sms_signature: Text
    link: Text
    scenes: dict[Name, SceneEntry]

    @validator("zone")
    def _is_a_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"{zone!r} is no time zone; write Asia/Shanghai") from None
        return zone

    @validator("cost")
    def _costs_all(cls, cost: dict[Way, Decimal]) -> dict[Way, Decimal]:
        missing = [way for way in WAYS if way not in cost]
        if missing:
            raise ValueError(f"{', '.join(missing)} missing: say what each way costs, 0 for nothing")
        return cost

    def clock(self) -> Clock:
        """The merchant's clock with its quiet hours."""
        return Clock(ZoneInfo(self.zone), self.quiet.begins, self.quiet.ends)
