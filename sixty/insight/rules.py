"""Reads `playbook/willingness.yml`: what a merchant sets about the golden minute, the score and the lines."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Extra, Field, root_validator, validator

from sixty.errors import OperatorError
from sixty.insight.models import Outcome, Segment
from sixty.shop.located import Problem, read_document, read_soundly

WILLINGNESS_FILE = "willingness.yml"

Moment = Literal["again", "waited", "slow", "tapped", "cart", "favourite", "own_channel", "ordered"]
Mood = Literal["negative", "angry", "abandoning"]

_CONDITIONS = ("intents", "moods", "outcomes", "says", "when")
_MOST_POINTS = 60.0


class WillingnessRulesError(OperatorError):
    """The file can't be used; the message names every place."""


class _Entry(BaseModel):
    class Config:
        """How pydantic reads it."""

        extra = Extra.forbid
        allow_mutation = False


class Steps(_Entry):
    """After how many questions the minute moves on, however quick they come."""

    answer: int = Field(default=2, ge=1)
    win_back: int = Field(default=4, ge=1)

    @root_validator(skip_on_failure=True)
    def _in_order(cls, values: dict[str, Any]) -> dict[str, Any]:
        if values["answer"] > values["win_back"]:
            raise ValueError("answer comes before win_back: give it the smaller number")
        return values


class ClockRules(_Entry):
    """When the golden minute moves from one segment to the next, in seconds since the customer's first message.

    Attributes:
        answer_from: Up to here the customer asks.
        win_back_from: From here on it is time to win the customer back or to sell on.
        minute: How long the minute is: who orders within it has not needed winning back.
        questions: The same by questions, for customers who are quicker.
        stretch: How many times as long it all takes, by category.
    """

    answer_from: float = Field(default=15, gt=0)
    win_back_from: float = Field(default=35, gt=0)
    minute: float = Field(default=60, gt=0)
    questions: Steps = Steps()
    stretch: dict[str, float] = {}

    @root_validator(skip_on_failure=True)
    def _in_order(cls, values: dict[str, Any]) -> dict[str, Any]:
        if not values["answer_from"] <= values["win_back_from"] <= values["minute"]:
            raise ValueError("answer_from, win_back_from and minute follow one another: none may be less than before")
        return values

    @validator("stretch")
    def _some_length(cls, stretch: dict[str, float]) -> dict[str, float]:
        for category, times in stretch.items():
            if not 0 < times <= 1440:
                raise ValueError(
                    f"{category}: {times:g} is no length; write 1 for the usual minute, 3 for three of them"
                )
        return stretch

    def stretch_of(self, category: str | None) -> float:
        """How many times as long the minute of a category is."""
        return self.stretch.get(category or "", 1.0)

    def minute_of(self, category: str | None) -> float:
        """How many seconds the golden minute of a category has."""
        return self.minute * self.stretch_of(category)

    def bounds_of(self, category: str | None) -> dict[Segment, float]:
        """At which second each segment of a category begins."""
        times = self.stretch_of(category)
        return {"ask": 0.0, "answer": self.answer_from * times, "win_back": self.win_back_from * times}


class Rule(_Entry):
    """One thing that moves the score, by what it looks at: intents, moods, outcomes, words, or what happened.

    Attributes:
        points: By how much; above 0 is towards buying.
        words: What it means, for the people at the desk.
        intents: The customer's message means one of these.
        moods: It is in one of these moods.
        outcomes: This came of it.
        says: It holds one of these words.
        when: `again` the same was asked although it was answered; `waited` the customer wrote again before the answer
            came; `slow` the answer took longer than `slow_after`; `tapped` a capsule was tapped; `cart`, `favourite`,
            `own_channel`, `ordered` the customer did so.
    """

    points: float = Field(default=..., ge=-_MOST_POINTS, le=_MOST_POINTS)
    words: str = Field(default=..., min_length=1, max_length=40)
    intents: tuple[str, ...] = ()
    moods: tuple[Mood, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    says: tuple[str, ...] = ()
    when: Moment | None = None

    @root_validator(skip_on_failure=True)
    def _looks_at_one_thing(cls, values: dict[str, Any]) -> dict[str, Any]:
        given = [name for name in _CONDITIONS if values[name]]
        if len(given) != 1:
            what = "at " + " and ".join(given) if given else "at nothing"
            raise ValueError(f"a rule looks at one of {', '.join(_CONDITIONS)}; this one looks {what}")
        return values

    @validator("says")
    def _words_say_something(cls, says: tuple[str, ...]) -> tuple[str, ...]:
        if not all(word.strip() for word in says):
            raise ValueError("has an empty word, which would be in every message")
        return says


class ScoreRules(_Entry):
    """How points become a score.

    Attributes:
        start: With how many points a visit begins, by entry: `shop`, `product`, `order`.
        scale: So many points are one step of the log odds: from 0.5 to 0.73, or from 0.73 to 0.88.
        kept: How much of what was gathered is left when the customer writes again, as a share: what was said last
            counts most.
        slow_after: Seconds from which an answer was slow.
    """

    start: dict[Literal["shop", "product", "order"], float] = {}
    scale: float = Field(default=10, gt=0)
    kept: float = Field(default=0.6, gt=0, le=1)
    slow_after: float = Field(default=8, gt=0)

    @validator("start")
    def _some_points(cls, start: dict[str, float]) -> dict[str, float]:
        for entry, points in start.items():
            if not -_MOST_POINTS <= points <= _MOST_POINTS:
                raise ValueError(f"{entry}: {points:g} points are too many; stay within {_MOST_POINTS:g}")
        return start

    def starting(self, entry: str | None) -> float:
        """With how many points a visit by an entry begins."""
        return {str(name): points for name, points in self.start.items()}.get(entry or "", self.start.get("shop", 0.0))


class LineRules(_Entry):
    """What the six lines are told by.

    Attributes:
        dip: One thing that lowers the score by so much is a dip: the customer hesitates.
        lost: Who has not ordered and whose score ends below this is lost.
        aftersales: Intents that are about an order already made: a visit with nothing else has no line.
    """

    dip: float = Field(default=0.08, gt=0, lt=1)
    lost: float = Field(default=0.25, gt=0, lt=1)
    aftersales: frozenset[str] = frozenset()


class OrderRules(_Entry):
    """Which orders count as a visit's.

    Attributes:
        same_product_hours: After its end, for an order with a product that it was about.
        other_product_minutes: After its end, for any other order.
    """

    same_product_hours: float = Field(default=72, gt=0, le=24 * 90)
    other_product_minutes: float = Field(default=60, gt=0, le=60 * 24 * 90)

    @property
    def same_product(self) -> timedelta:
        """How long an order with a product of the visit counts."""
        return timedelta(hours=self.same_product_hours)

    @property
    def other_product(self) -> timedelta:
        """How long any other order counts."""
        return timedelta(minutes=self.other_product_minutes)

    @property
    def longest(self) -> timedelta:
        """How long after a visit an order may come that still counts."""
        return max(self.same_product, self.other_product)


class WillingnessRules(_Entry):
    """`playbook/willingness.yml`; without the file, the clock is the usual one and nothing moves the score.

    Attributes:
        pause_minutes: After so long a pause another visit begins.
    """

    pause_minutes: float = Field(default=30, gt=0, le=60 * 24 * 7)
    clock: ClockRules = ClockRules()
    score: ScoreRules = ScoreRules()
    rules: dict[str, Rule] = {}
    lines: LineRules = LineRules()
    orders: OrderRules = OrderRules()

    @property
    def pause(self) -> timedelta:
        """The longest time between two messages of one visit."""
        return timedelta(minutes=self.pause_minutes)


def check_willingness(
    folder: Path, problems: list[Problem], intents: Collection[str] | None = None
) -> WillingnessRules:
    """Reads the rules of a playbook; what is wrong goes into `problems`, a missing file leaves the usual ones.

    Args:
        folder: The playbook.
        problems: Is added to.
        intents: The intents of the domain, where they are known: other names are mistakes.
    """
    file = folder / WILLINGNESS_FILE
    if not file.exists():
        return WillingnessRules()
    found = read_document(file, WillingnessRules, problems)
    if found is None:
        return WillingnessRules()
    named: list[tuple[tuple[str, ...], tuple[str, ...]]] = [
        (("rules", name, "intents"), rule.intents) for name, rule in found.entry.rules.items()
    ]
    named.append((("lines", "aftersales"), tuple(sorted(found.entry.lines.aftersales))))
    for path, names in named:
        for intent in names:
            if intents is not None and intent not in intents:
                problems.append(
                    found.problem(f"there is no intent {intent}", "use one of the intents in domain.yml", *path)
                )
    return found.entry


@lru_cache(maxsize=4)
def read_willingness(folder: Path) -> WillingnessRules:
    """Reads the rules of a playbook, once.

    Raises:
        WillingnessRulesError: The file is wrong; names every place.
    """
    return read_soundly(check_willingness, folder, WillingnessRulesError)


def willingness_rules() -> WillingnessRules:
    """The rules of this deployment's playbook.

    Raises:
        WillingnessRulesError: The file is wrong.
    """
    from sixty.settings import get_settings

    return read_willingness(get_settings().playbook)
