"""The scenes in which the bot speaks first: when, to whom, what it says, and when it keeps silent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Literal

from sixty.outreach.models import Way
from sixty.outreach.telling_the_bot import Answers
from sixty.outreach.timing import Clock
from sixty.outreach.triggers import GoalName, TriggerName
from sixty.shop.pricing.phases import Campaign, PhaseName, phases_at

DEFAULT = "default"
"""The category of the wait for all that have none of their own."""

Crowd = Literal["new", "returning", "member"]
Card = Literal["product", "order", "substitute"]
Kind = Literal["selling", "service"]


@dataclass(frozen=True)
class Facts:
    """What is known of a case when its audience is chosen."""

    amount: Decimal | None = None
    products: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    region: str = ""
    level: str | None = None
    crowds: frozenset[Crowd] = frozenset()
    phases: frozenset[PhaseName] = frozenset()
    why: str | None = None


@dataclass(frozen=True)
class Audience:
    """Whom words are for; what is left empty may be anything.

    Attributes:
        regions: What the region must begin with or hold; `not_regions` what it must not.
        crowds: One of these is enough.
    """

    at_least: Decimal | None = None
    below: Decimal | None = None
    products: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    regions: tuple[str, ...] = ()
    not_regions: tuple[str, ...] = ()
    levels: frozenset[str] = frozenset()
    crowds: frozenset[Crowd] = frozenset()
    phases: frozenset[PhaseName] = frozenset()
    whys: frozenset[str] = frozenset()

    def fits(self, facts: Facts) -> bool:
        """Whether all that is asked for is so."""
        return (
            (self.at_least is None or (facts.amount is not None and facts.amount >= self.at_least))
            and (self.below is None or (facts.amount is not None and facts.amount < self.below))
            and (not self.products or not self.products.isdisjoint(facts.products))
            and (not self.categories or not self.categories.isdisjoint(facts.categories))
            and (not self.regions or any(each in facts.region for each in self.regions))
            and not any(each in facts.region for each in self.not_regions)
            and (not self.levels or facts.level in self.levels)
            and (not self.crowds or not self.crowds.isdisjoint(facts.crowds))
            and (not self.phases or not self.phases.isdisjoint(facts.phases))
            and (not self.whys or facts.why in self.whys)
        )


@dataclass(frozen=True)
class Variant:
    """One wording.

    Attributes:
        id: Its name in the scene.
        audience: The name of whom it is for.
        share: How much of that audience it gets, beside the others of it; 0 of one that is said only where another
            cannot be.
        text: What is said; `{product}` and the like are filled in.
        capsules: What can be tapped: title and payload.
        card: What is shown with it.
    """

    id: str
    audience: str
    share: float
    text: str
    capsules: tuple[tuple[str, str], ...] = ()
    card: Card | None = None


@dataclass(frozen=True)
class Rung:
    """One step of a ladder.

    Attributes:
        way: How it is said.
        wait: How long after the step before it; of the first one the scene's own.
        at_least: Only from this amount on.
        text: Of an SMS or a call, what is said.
        template: The provider's name of those words.
    """

    way: Way
    wait: timedelta = timedelta(0)
    at_least: Decimal | None = None
    text: str = ""
    template: str = ""


@dataclass(frozen=True)
class Scene:
    """One scene.

    Attributes:
        id: Its name.
        place: Its place in the file; of what is due at one moment the first goes first.
        title: What staff call it.
        triggers: What it is about.
        kind: Whether it sells or serves: who is angry is not sold anything for a while, but hears of the parcel.
        waits: How long after the moment, by category.
        at: The times of day at which it speaks; at any time when there are none.
        in_campaign: The wait while a campaign runs, when it speaks at any time.
        audiences: In order; the first that fits counts. Who fits none is left alone.
        variants: The wordings.
        ladder: The steps.
        late: How late it may be said.
        capped: Whether it counts for the caps, and keeps to them.
        control: The share of customers that are left alone, to see what it does.
        goal: What it is for.
        attributed_within: How long what the customer does counts.
        answers: What the dialogue takes an answer for; None for nothing.
    """

    id: str
    place: int
    title: str
    triggers: tuple[TriggerName, ...]
    kind: Kind
    waits: Mapping[str, timedelta]
    at: tuple[time, ...]
    in_campaign: timedelta | None
    audiences: Mapping[str, Audience]
    variants: tuple[Variant, ...]
    ladder: tuple[Rung, ...]
    late: timedelta
    capped: bool
    control: float
    goal: GoalName
    attributed_within: timedelta
    answers: Answers | None = None

    @property
    def shortest_wait(self) -> timedelta:
        """The earliest after a moment that it may speak."""
        waits = [*self.waits.values(), *([self.in_campaign] if self.in_campaign is not None else [])]
        return min(waits)

    @property
    def longest_wait(self) -> timedelta:
        """The latest after a moment that its first step may be due, but for times of day."""
        return max(self.waits.values())

    def wait(self, category: str) -> timedelta:
        """How long after the moment, for goods of a category."""
        return self.waits.get(category, self.waits[DEFAULT])

    def audience_of(self, facts: Facts) -> str | None:
        """The name of the first audience that fits; None where the scene is for nobody like that."""
        return next((name for name, each in self.audiences.items() if each.fits(facts)), None)

    def variants_for(self, audience: str) -> list[Variant]:
        """The wordings that an audience may get."""
        return [each for each in self.variants if each.audience == audience]

    def wordings(self, audience: str, drawn: str) -> list[Variant]:
        """The wordings to try, in turn: the one that was drawn, then those kept for when that cannot be said.

        Where the file has the drawn one no more, the first of the audience takes its place.
        """
        own = self.variants_for(audience)
        first = next((each for each in self.variants if each.id == drawn), next(iter(own), None))
        return [] if first is None else [first, *(each for each in own if not each.share and each != first)]

    def rung(self, ordinal: int) -> Rung | None:
        """The how-manieth step, from 1; None beyond the last one."""
        return self.ladder[ordinal - 1] if 0 < ordinal <= len(self.ladder) else None


@dataclass(frozen=True)
class Caps:
    """How much one customer hears of all capped scenes together.

    Attributes:
        per_day: Within 24 hours.
        per_week: Within seven days.
        apart: The least time between two.
    """

    per_day: int
    per_week: int
    apart: timedelta


@dataclass(frozen=True)
class Book:
    """`playbook/outreach.yml`.

    Attributes:
        clock: The merchant's clock with its quiet hours.
        campaign_phases: The phases in which scenes with `in_campaign` hurry.
        campaigns: The merchant's calendar.
        caps: How much one customer hears.
        angry_rest: How long an angry customer is not sold anything.
        abandoned_rest: The same of one who does not want it any more.
        talking: How long after their last line somebody is in the middle of a chat.
        chat_within: How old a conversation may be in which something is said.
        cost: What one step costs, in yuan.
        link: Where an SMS leads.
        scenes: By name, in the file's order.
    """

    clock: Clock
    campaign_phases: frozenset[PhaseName]
    campaigns: tuple[Campaign, ...]
    caps: Caps
    angry_rest: timedelta
    abandoned_rest: timedelta
    talking: timedelta
    chat_within: timedelta
    cost: Mapping[Way, Decimal]
    sms_signature: str
    link: str
    scenes: Mapping[str, Scene] = field(default_factory=dict)

    def phases(self, at: datetime) -> frozenset[PhaseName]:
        """The phases of campaigns that a moment lies in."""
        return frozenset(window.phase for window in phases_at(self.campaigns, at))

    def hurries(self, scene: Scene, moment: datetime) -> bool:
        """Whether a scene hurries because of a campaign."""
        return scene.in_campaign is not None and not self.campaign_phases.isdisjoint(self.phases(moment))

    def due(self, scene: Scene, moment: datetime, category: str) -> datetime:
        """When the first step of a case is due.

        Args:
            scene: The scene.
            moment: When what it is about came to be.
            category: Of the goods.
        """
        if self.hurries(scene, moment):
            assert scene.in_campaign is not None  # only then it hurries
            return self.clock.due(moment, min(scene.in_campaign, scene.wait(category)), ())
        return self.clock.due(moment, scene.wait(category), scene.at)

    def capped(self) -> list[str]:
        """The names of the scenes that count for the caps."""
        return [each.id for each in self.scenes.values() if each.capped]
