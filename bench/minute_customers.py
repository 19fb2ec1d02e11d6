"""Customers of a generated shop whose ways are known to the generator and to nobody else.

By product category it is known what they ask first, what they ask after each question, how many of them order, and how
many more do so when the bot offers questions by itself. Nothing of a real customer is in it. The shop sees messages and
orders only; whatever is read out of them can be compared with what was put in.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Literal

from sixty.insight.experiment import ArmCounts
from sixty.insight.models import Arm
from sixty.insight.next_questions import Following, Spot, is_new, ranked
from sixty.playbook import CapsulePlan, read_capsule_plan

PLAYBOOK = Path(__file__).parents[1] / "playbook" / "capsules.yml"
_COMMON = ("price", "stock", "coupon", "gift", "shipping_fee", "carrier", "ship_time", "arrival", "returns")
_OWN = {
    "工装裤": ("material", "cut", "thickness", "care", "shrink", "runs", "size", "matching"),
    "奶瓶": ("material", "age", "safety", "spec", "usage", "package"),
    "面霜": ("ingredients", "effect", "skin", "usage", "shelf_life", "storage"),
    "蓝牙耳机": ("battery", "functions", "package", "warranty", "usage", "upgrade"),
    "书桌": ("material", "spec", "care", "package", "warranty", "usage"),
}
# By category, the capsules whose questions it may have, beside those of all goods.
CATEGORIES = tuple(_OWN)
OFFERED = 3
PRODUCTS = 3

# How often the four likeliest followers of a question come, and how often a customer taps what is offered.
_FOLLOWING = (0.3, 0.2, 0.12, 0.08)
_STARTING = (0.4, 0.25, 0.2, 0.15)
_TAPPING = 0.7
_QUESTIONS = 10
_MISSED = 0.06
_COST_OF_A_MISS = 0.08
_MOST_MISSES = 2
_HESITATING = 0.25
_GIVING_UP = 0.15
_GIVING_UP_AFTER_A_MISS = 0.7
_TWO_PIECES = 0.15

Ending = Literal["abandons", "hesitates"] | None

Choice = Callable[[str, Sequence[str]], Sequence[str]]
"""What is offered in a category after questions that have been asked, the last one last."""


@dataclass(frozen=True)
class Habit:
    """The customers of one category.

    Attributes:
        share: Of all customers.
        willing: The share of them that orders when all is answered and nothing is offered.
        lift: So many more do when questions are offered.
        start: What is asked first, and how often.
        follows: What is asked after a question, and how often; what is left to 1 asks nothing more.
    """

    category: str
    share: float
    willing: float
    lift: float
    start: Mapping[str, float]
    follows: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Law:
    """All customers."""

    habits: tuple[Habit, ...]

    @property
    def lift(self) -> float:
        """By how much offering questions raises the share of conversations that end in an order."""
        return sum(habit.share * habit.lift for habit in self.habits)

    def of(self, category: str) -> Habit:
        """The customers of a category."""
        return next(habit for habit in self.habits if habit.category == category)


@dataclass(frozen=True)
class Talk:
    """What one customer asked, and what came of it.

    Attributes:
        questions: In order.
        answered: Whether each was.
        offered: What stood before the customer after each answer.
        tapped: Whether each question was tapped; the first never is.
        ending: What was said besides, last: that it is let be, or that it is to be thought over.
        pieces: How many different articles were ordered, if any.
    """

    category: str
    product: str
    questions: tuple[str, ...]
    answered: tuple[bool, ...]
    offered: tuple[tuple[str, ...], ...]
    tapped: tuple[bool, ...]
    ordered: bool
    ending: Ending = None
    pieces: int = 1

    @property
    def foreseen(self) -> int:
        """How many questions stood there before they were asked."""
        return sum(question in before for question, before in zip(self.questions[1:], self.offered, strict=False))


@lru_cache(maxsize=1)
def capsules() -> CapsulePlan:
    """The capsules of the project's playbook: only what has a capsule can be offered."""
    return read_capsule_plan(PLAYBOOK)


def draw_law(seed: int) -> Law:
    """Draws what customers are like; the same for the same seed."""
    draw = random.Random(seed)
    weights = [0.34, 0.26, 0.18, 0.13, 0.09]
    habits = []
    for category, share in zip(CATEGORIES, weights, strict=True):
        askable = [capsules().capsules[name].question for name in (*_OWN[category], *_COMMON)]
        questions = draw.sample(askable, _QUESTIONS)
        follows = {
            question: dict(
                zip(draw.sample([other for other in questions if other != question], 4), _FOLLOWING, strict=True)
            )
            for question in questions
        }
        start = dict(zip(draw.sample(questions, 4), _STARTING, strict=True))
        habits.append(Habit(category, share, draw.uniform(0.22, 0.5), draw.uniform(0.0, 0.12), start, follows))
    return Law(tuple(habits))


def nothing(category: str, asked: Sequence[str]) -> Sequence[str]:
    """Offers nothing, as in conversations without pushes."""
    return ()


class Offering:
    """Offers as the bot does: what was mined for the spot, then what the playbook lists, nothing twice."""

    def __init__(self, followings: Callable[[Spot], Sequence[Following]] = lambda spot: ()) -> None:
        """Takes what reads the mined questions of a spot; nothing is mined when it is left out."""
        self._followings = followings
        self._lists: dict[Spot, list[str]] = {}
        self._offers: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._capsules = {capsule.question: capsule for capsule in capsules().capsules.values()}

    def __call__(self, category: str, asked: Sequence[str]) -> Sequence[str]:
        """The questions for this spot."""
        # Asked a million times, about few things.
        key = (category, *asked)
        known = self._offers.get(key)
        if known is None:
            known = self._offers[key] = tuple(self._offer(category, asked))
        return known

    def _offer(self, category: str, asked: Sequence[str]) -> list[str]:
        spot = Spot(asked[-1], asked[-2] if len(asked) > 1 else None, category, "product")
        if spot not in self._lists:
            listed = ranked(capsules(), spot, self._followings(spot))
            self._lists[spot] = [each.capsule.question for each in listed]
        return [each for each in self._lists[spot] if is_new(self._capsules[each], asked)][:OFFERED]


def best(law: Law) -> Choice:
    """Offers what nobody can offer who doesn't know the customers: what they do ask most."""

    def choose(category: str, asked: Sequence[str]) -> Sequence[str]:
        follows = law.of(category).follows[asked[-1]]
        return [each for each in sorted(follows, key=lambda name: -follows[name]) if each not in asked][:OFFERED]

    return choose


def talk(draw: random.Random, law: Law, choose: Choice, arm: Arm) -> Talk:
    """One customer's conversation.

    Args:
        draw: Decides.
        law: What customers are like.
        choose: What is offered.
        arm: Whether pushing does anything to the customer; what it does is the habit's lift.
    """
    habit = _habit(draw, law)
    questions = [_drawn(draw, habit.start) or next(iter(habit.start))]
    answered, offered, tapped = [], [], [False]
    while True:
        answered.append(draw.random() >= _MISSED)
        offered.append(tuple(choose(habit.category, questions)))
        following = _drawn(draw, habit.follows[questions[-1]])
        if following is None or following in questions:
            break
        tapped.append(following in offered[-1] and draw.random() < _TAPPING)
        questions.append(following)
    misses = min(answered.count(False), _MOST_MISSES)
    chance = habit.willing - _COST_OF_A_MISS * misses + (habit.lift if arm == "pushes" else 0.0)
    ordered = draw.random() < chance
    # How it ends follows from whether it ends in an order, so that the lift stays what the habit says.
    if ordered:
        ending: Ending = "hesitates" if draw.random() < _HESITATING else None
    else:
        ending = "abandons" if draw.random() < (_GIVING_UP_AFTER_A_MISS if misses else _GIVING_UP) else None
    return Talk(
        category=habit.category,
        product=f"{CATEGORIES.index(habit.category)}{draw.randrange(PRODUCTS)}",
        questions=tuple(questions),
        answered=tuple(answered),
        offered=tuple(offered),
        tapped=tuple(tapped),
        ordered=ordered,
        ending=ending,
        pieces=2 if draw.random() < _TWO_PIECES else 1,
    )


def _habit(draw: random.Random, law: Law) -> Habit:
    at = draw.random()
    for habit in law.habits:
        at -= habit.share
        if at < 0:
            return habit
    return law.habits[-1]


def _drawn(draw: random.Random, follows: Mapping[str, float]) -> str | None:
    at = draw.random()
    for question, share in follows.items():
        at -= share
        if at < 0:
            return question
    return None


class Tally:
    """What is known of an arm, as the generator knows it."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._sums = [0] * len(fields(ArmCounts))

    def add(self, told: Talk) -> None:
        """Adds a conversation."""
        asked, bought, taps = len(told.questions), int(told.ordered), sum(told.tapped)
        more = (1, bought, bought, asked, taps, asked * asked, bought, taps * taps, asked * bought)
        for place, value in enumerate(more):
            self._sums[place] += value

    def counts(self) -> ArmCounts:
        """The sums."""
        return ArmCounts(*self._sums)
