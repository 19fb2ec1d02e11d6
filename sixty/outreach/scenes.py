"""Reads `playbook/outreach.yml`: when the bot speaks first, to whom, what it says, and when it keeps silent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    ConstrainedDecimal,
    ConstrainedFloat,
    ConstrainedInt,
    ConstrainedStr,
    Extra,
    Field,
    root_validator,
    validator,
)

from sixty.errors import OperatorError
from sixty.forbidden_words import forbidden_in
from sixty.outreach.models import WAYS, Way
from sixty.outreach.sms_words import is_signed
from sixty.outreach.telling_the_bot import Answers
from sixty.outreach.timing import Clock
from sixty.outreach.triggers import TRIGGERS, WHYS, GoalName, TriggerName
from sixty.shop.located import Located, Problem, read_document, read_soundly
from sixty.shop.models import Level
from sixty.shop.policies.rows import Amount, Text
from sixty.shop.pricing.phases import Campaign, PhaseName, phases_at
from sixty.shop.pricing.playbook import check_rules
from sixty.shop.spans import WrittenSpan

OUTREACH_FILE = "outreach.yml"
DEFAULT = "default"
MOST_IN_A_CAMPAIGN = timedelta(minutes=30)
"""In a campaign what can be bought now is gone in an hour."""

Crowd = Literal["new", "returning", "member"]
Card = Literal["product", "order", "substitute"]
Kind = Literal["selling", "service"]

_EVERYWHERE = frozenset({"shop"})
_LINK = frozenset({"link"})
LONGEST_SMS = 500
"""How many characters the words of an SMS may have."""

_LONGEST_TEMPLATE = 64


class OutreachFileError(OperatorError):
    """The file can't be used; the message names every place."""


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
        share: How much of that audience it gets, beside the others of it.
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

    def variant(self, name: str) -> Variant | None:
        """A wording by its name; None when the file has it no more."""
        return next((each for each in self.variants if each.id == name), None)

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
    gt = 0
    le = 100


class _Count(ConstrainedInt):
    ge = 1
    le = 100


class _Cost(ConstrainedDecimal):
    ge = Decimal(0)
    decimal_places = 2


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
    cost: dict[Way, _Cost]
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


def check_outreach(folder: Path, problems: list[Problem]) -> Book | None:
    """Reads the file of a playbook; what is wrong goes into `problems`. Without the file the bot never speaks first."""
    if not (folder / OUTREACH_FILE).exists():
        return _NO_BOOK
    before = len(problems)
    found = read_document(folder / OUTREACH_FILE, OutreachEntry, problems)
    if found is None:
        return None
    for name, scene in found.entry.scenes.items():
        _check_scene(found, str(name), scene, problems)
    rules = check_rules(folder, [])
    campaigns = tuple(rules.campaigns.values())
    return _made(found.entry, campaigns) if len(problems) == before else None


def intents_of(folder: Path, problems: list[Problem]) -> list[tuple[str, Problem]]:
    """The intents that capsules name, each with the problem that it would be if there were none of that name."""
    file = folder / OUTREACH_FILE
    found = read_document(file, OutreachEntry, problems) if file.exists() else None
    if found is None:
        return []
    remedy = "mend its spelling, or add it to intents in domain.yml"
    named = []
    for name, scene in found.entry.scenes.items():
        for place, variant in enumerate(scene.variants):
            for number, capsule in enumerate(variant.capsules):
                intent = capsule.payload[1:].partition("{")[0]
                path = ("scenes", str(name), "variants", place, "capsules", number, "payload")
                named.append((intent, found.problem(f"there is no intent {intent}", remedy, *path)))
    return named


def read_scenes(folder: Path) -> Book:
    """Reads the file of a playbook.

    Raises:
        OutreachFileError: It is wrong; names every place.
    """
    return read_soundly(check_outreach, folder, OutreachFileError)


@lru_cache(maxsize=4)
def _kept(folder: Path, changed: int) -> Book:
    return read_scenes(folder)


def shop_book() -> Book:
    """The scenes of this deployment, read again when the file has changed.

    Raises:
        OutreachFileError: The file is wrong.
    """
    from sixty.settings import get_settings

    folder = get_settings().playbook
    file = folder / OUTREACH_FILE
    return _kept(folder, file.stat().st_mtime_ns if file.exists() else 0)


def words_in(text: str) -> list[str]:
    """The names in braces of a text.

    Raises:
        ValueError: A brace is left open, holds more than a name, or would be read by customers.
    """
    found = []
    for plain, name, form, conversion in Formatter().parse(text):
        if form or conversion or "{" in plain or "}" in plain:
            raise ValueError(f"braces hold a name and nothing else: {text!r}")
        if name is not None:
            found.append(name)
    return found


def fill_words(text: str, values: Mapping[str, str]) -> str:
    """A text with its gaps filled; formats, which `sixty validate` refuses, count for nothing."""
    parts = Formatter().parse(text)
    return "".join(literal + (values[name] if name is not None else "") for literal, name, _, _ in parts)


def _check_scene(found: Located[OutreachEntry], name: str, scene: SceneEntry, problems: list[Problem]) -> None:
    if "silence" in scene.on:
        if scene.variants or scene.ladder or scene.wait or scene.on != ["silence"]:
            message, remedy = "what is said into silence stands in minutes.yml", "leave wait, variants and ladder out"
            problems.append(found.problem(f"scenes.{name}: {message}", remedy, "scenes", name, "on"))
        return
    for message, remedy, path in (*_wrong_goals(scene), *_wrong_times(found.entry, scene)):
        problems.append(found.problem(f"scenes.{name}: {message}", remedy, "scenes", name, *path))
    _check_variants(found, name, scene, problems)
    _check_ladder(found, name, scene, problems)


def _wrong_goals(scene: SceneEntry) -> Iterator[tuple[str, str, tuple[str | int, ...]]]:
    """What is wrong about what a scene is for: message, remedy, place."""
    subjects = [TRIGGERS[each].subject for each in scene.on]
    goals = frozenset.intersection(*(TRIGGERS[each].goals for each in scene.on))
    if len(set(subjects)) < len(subjects):
        yield f"{', '.join(scene.on)} are about the same", "make a scene of each", ("on",)
    if scene.goal not in goals:
        yield f"{scene.goal} cannot come of {', '.join(scene.on)}", f"use {', '.join(sorted(goals))}", ("goal",)
    if scene.goal != "none" and scene.attributed_within is None:
        yield "nobody says how long the goal counts", "add attributed_within, such as 24h", ()
    if scene.goal == "none" and scene.control > 0:
        yield "without a goal there is nothing to compare", "remove control, or give a goal", ("control",)


def _wrong_times(book: OutreachEntry, scene: SceneEntry) -> Iterator[tuple[str, str, tuple[str | int, ...]]]:
    """What is wrong about when a scene speaks."""
    if DEFAULT not in scene.wait:
        yield "categories without a wait of their own need one", f"add {DEFAULT} to wait", ("wait",)
    if scene.in_campaigns is not None and scene.in_campaigns > MOST_IN_A_CAMPAIGN:
        yield "in a campaign it comes within 30 minutes", "write 30m or less", ("in_campaigns",)
    if scene.in_campaigns is not None and not book.campaign_phases:
        yield "no phase of a campaign hurries", "name campaign_phases at the top", ("in_campaigns",)
    clock = _clock(book)
    for place, each in enumerate(scene.at):
        if clock.is_quiet_at(each):
            yield f"{each:%H:%M} lies in the quiet hours", "choose a time at which customers are up", ("at", place)


def _check_variants(found: Located[OutreachEntry], name: str, scene: SceneEntry, problems: list[Problem]) -> None:
    known = _EVERYWHERE | frozenset.intersection(*(TRIGGERS[each].variables for each in scene.on))
    audiences = list(map(str, scene.audiences)) or ["all"]
    if not scene.variants:
        problems.append(
            found.problem(f"scenes.{name}: nothing is said", "add at least one entry to variants", "scenes", name)
        )
    seen: set[str] = set()
    for place, each in enumerate(scene.variants):
        path = ("scenes", name, "variants", place)
        if each.id in seen:
            problems.append(found.problem(f"{each.id} stands here twice", "name one of them otherwise", *path, "id"))
        seen.add(str(each.id))
        for number, capsule in enumerate(each.capsules):
            if "{" in capsule.title or "}" in capsule.title:
                message, remedy = "what is tapped is shown as it is written", "leave braces out"
                problems.append(found.problem(message, remedy, *path, "capsules", number, "title"))
        if each.audience not in audiences:
            remedy = f"use {', '.join(map(str, audiences))}, or add it to audiences"
            problems.append(found.problem(f"there is no audience {each.audience}", remedy, *path, "for"))
        _check_words(found, each.text, known, problems, *path, "text")
    for audience in audiences:
        if scene.variants and audience not in {str(each.audience) for each in scene.variants}:
            remedy = f"add a variant with for: {audience}"
            problems.append(
                found.problem(f"nothing is said to {audience}", remedy, "scenes", name, "audiences", str(audience))
            )


def _check_ladder(found: Located[OutreachEntry], name: str, scene: SceneEntry, problems: list[Problem]) -> None:
    known = _EVERYWHERE | _LINK | frozenset.intersection(*(TRIGGERS[each].variables for each in scene.on))
    if not scene.ladder:
        problems.append(found.problem(f"scenes.{name}: the ladder is empty", "begin with chat", "scenes", name))
    for place, each in enumerate(scene.ladder):
        path = ("scenes", name, "ladder", place)
        for message, remedy, key in _wrong_step(each, first=place == 0):
            problems.append(found.problem(message, remedy, *path, *key))
        if each.text is not None and each.way != "chat":
            _check_words(found, each.text, known, problems, *path, "text")


def _wrong_step(step: RungEntry, first: bool) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """What is wrong about a step of a ladder: message, remedy, place."""
    if first and step.wait is not None:
        yield "the first step waits as the scene does", "remove wait", ("wait",)
    if not first and step.wait is None:
        yield "a further step waits first", "add wait, such as 2h", ()
    if step.way == "chat" and step.text is not None:
        yield "in the chat a variant is said", "remove text", ("text",)
    if step.way == "phone" and step.at_least is None:
        yield "a call is for high amounts", "add at_least, such as 500", ()
    if step.way != "chat" and step.text is None:
        yield f"nobody knows what the {step.way} says", "add text", ()
    if step.way == "sms" and step.template is None:
        yield "an SMS needs the provider's template", "add template", ()
    if len(step.template or "") > _LONGEST_TEMPLATE:
        yield (
            "no provider's template has so long a name",
            f"write at most {_LONGEST_TEMPLATE} characters",
            ("template",),
        )
    if step.way == "sms" and len(step.text or "") > LONGEST_SMS:
        yield "is longer than an SMS may be", f"write at most {LONGEST_SMS} characters", ("text",)
    if step.way == "sms" and is_signed(step.text or ""):
        yield "is signed by itself", "remove what stands in 【】: sms_signature is put in front", ("text",)


def _check_words(
    found: Located[OutreachEntry], text: str, known: frozenset[str], problems: list[Problem], *path: str | int
) -> None:
    try:
        unknown = next((each for each in words_in(text) if each not in known), None)
    except ValueError:
        remedy = "close it, and write no more than a name into it, such as {product}"
        problems.append(found.problem(f"a brace is left open or misused in {text!r}", remedy, *path))
        return
    if unknown is not None:
        problems.append(found.problem(f"nothing is known as {{{unknown}}}", f"use {', '.join(sorted(known))}", *path))
    for word in forbidden_in(text):
        problems.append(found.problem(f"“{word}” may not be said in an advertisement", "say it otherwise", *path))


def _clock(entry: OutreachEntry) -> Clock:
    return Clock(ZoneInfo(entry.zone), entry.quiet.begins, entry.quiet.ends)


def _made(entry: OutreachEntry, campaigns: Sequence[Campaign]) -> Book:
    scenes = {
        str(name): _scene(str(name), place, each, entry) for place, (name, each) in enumerate(entry.scenes.items())
    }
    return Book(
        _clock(entry),
        frozenset(entry.campaign_phases),
        tuple(campaigns),
        Caps(int(entry.caps.per_day), int(entry.caps.per_week), entry.caps.apart),
        entry.rest.angry,
        entry.rest.abandoned,
        entry.talking,
        entry.chat_within,
        {way: Decimal(each) for way, each in entry.cost.items()},
        str(entry.sms_signature),
        str(entry.link),
        scenes,
    )


def _scene(name: str, place: int, entry: SceneEntry, book: OutreachEntry) -> Scene:
    audiences = {str(each): audience.made() for each, audience in entry.audiences.items()} or {"all": Audience()}
    return Scene(
        id=name,
        place=place,
        title=str(entry.title),
        triggers=tuple(entry.on),
        kind=entry.kind,
        waits=dict(entry.wait) or {DEFAULT: timedelta(0)},
        at=tuple(sorted(entry.at)),
        in_campaign=entry.in_campaigns,
        audiences=audiences,
        variants=tuple(
            Variant(
                str(each.id),
                str(each.audience),
                float(each.share),
                str(each.text),
                tuple((str(capsule.title), str(capsule.payload)) for capsule in each.capsules),
                each.card,
            )
            for each in entry.variants
        ),
        ladder=tuple(
            Rung(each.way, each.wait or timedelta(0), each.at_least, str(each.text or ""), str(each.template or ""))
            for each in entry.ladder
        ),
        late=entry.late or book.late,
        capped=entry.capped,
        control=float(entry.control),
        goal=entry.goal,
        attributed_within=entry.attributed_within or timedelta(0),
        answers=entry.answers,
    )


_NO_BOOK = Book(
    Clock(ZoneInfo("Asia/Shanghai"), time(0), time(0)),
    frozenset(),
    (),
    Caps(1, 1, timedelta(0)),
    timedelta(0),
    timedelta(0),
    timedelta(0),
    timedelta(0),
    dict.fromkeys(get_args(Way), Decimal(0)),
    "",
    "",
)
