"""Reads `playbook/minutes.yml`: by category what is offered in which segment of the minute, and with what restraint."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any

from pydantic import BaseModel, ConstrainedFloat, ConstrainedInt, Extra, Field, validator

from sixty.errors import OperatorError
from sixty.insight.strategy import Limits, PricedStrategy, Push, Strategy, Worry, chosen
from sixty.shop.located import Located, Problem, read_document, read_soundly
from sixty.shop.wording import SHOP_ZONE
from sixty.shop.written_values import Amount, Span, Text

MINUTES_FILE = "minutes.yml"
DEFAULT = "default"
MOST_WORRIES = 4
_LINE_WORDS = frozenset({"product", "reason"})
# In the first half of the minute questions are answered.
_ONLY_LATER: frozenset[Push] = frozenset({"close", "doubts", "bundle", "benefit", "own_channel"})


class MinutesError(OperatorError):
    """The file can't be used; the message names every place."""


@dataclass(frozen=True)
class FollowUp:
    """How silence after an answer is followed up.

    Attributes:
        after: By category, after how long.
        quiet_from: From when on nothing is sent, on the shop's clock …
        quiet_until: … and until when; the same as `quiet_from` where it may be sent at any time.
        lines: By category the words, the first that can be said in full counts.
    """

    after: dict[str, timedelta]
    quiet_from: time
    quiet_until: time
    lines: dict[str, tuple[str, ...]]

    def wait(self, category: str | None) -> timedelta:
        """How long an answer of this category waits for the customer's next word."""
        return self.after.get(category or DEFAULT, self.after[DEFAULT])

    def is_quiet(self, at: datetime) -> bool:
        """Whether nothing is sent at a moment."""
        now = at.astimezone(SHOP_ZONE).time()
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= now < self.quiet_until
        return now >= self.quiet_from or now < self.quiet_until

    def line(self, category: str | None, product: str, reason: str) -> str:
        """The words for a product; the reason may be empty."""
        for each in self.lines.get(category or DEFAULT, self.lines[DEFAULT]):
            if reason or "reason" not in _words_in(each):
                return each.format(product=product, reason=reason)
        raise ValueError("the last line needs no reason")


@dataclass(frozen=True)
class Minutes:
    """`playbook/minutes.yml`.

    Attributes:
        limits: How often the bot may offer something.
        willing: From which score on goods that match are offered.
        dipped: Up to which score somebody is won back with a benefit.
        strategies: By category, by price.
        worries: By category, what a customer who hesitates may be worried about, with the capsule's title.
        follow_up: How silence is followed up; None where it is not.
    """

    limits: Limits
    willing: float
    dipped: float
    strategies: dict[str, tuple[PricedStrategy, ...]]
    worries: dict[str, dict[Worry, str]]
    follow_up: FollowUp | None

    def strategy(self, category: str | None, price: Decimal | None = None) -> Strategy:
        """How goods of a category are sold, at a price in yuan."""
        return chosen(self.strategies.get(category or DEFAULT, self.strategies[DEFAULT]), price)

    def worries_of(self, category: str | None) -> dict[Worry, str]:
        """What customers of a category are worried about, what matters most first."""
        return self.worries.get(category or DEFAULT, self.worries[DEFAULT])

    def worry_titled(self, title: str) -> Worry | None:
        """What a tapped title stands for."""
        for titles in self.worries.values():
            for worry, each in titles.items():
                if each == title:
                    return worry
        return None


NO_MINUTES = Minutes(Limits(), 1.0, 0.0, {DEFAULT: (PricedStrategy(Strategy("none", {})),)}, {DEFAULT: {}}, None)
"""A shop whose bot answers and offers nothing by itself."""


class _Entry(BaseModel):
    class Config:
        extra = Extra.forbid
        allow_mutation = False


class _Count(ConstrainedInt):
    ge = 0
    le = 100


class _AtLeastOne(ConstrainedInt):
    ge = 1
    le = 100


class _Score(ConstrainedFloat):
    ge = 0
    le = 1


class _LimitsEntry(_Entry):
    pushes: _Count = _Count(4)
    each: dict[Push, _Count] = {}
    apart: _Count = _Count(2)
    after_refusal: _Count = _Count(4)
    after_bad_mood: _Count = _Count(4)


class _StrategyEntry(_Entry):
    ask: list[Push] = []
    answer: list[Push] = []
    win_back: list[Push] = []
    close_after: _AtLeastOne | None = None
    person: bool = True
    offer_benefit: bool = True
    offer_own_channel: bool = True

    @validator("ask", "answer")
    def _comes_later(cls, pushes: list[Push]) -> list[Push]:
        too_early = next((each for each in pushes if each in _ONLY_LATER), None)
        if too_early is not None:
            raise ValueError(f"{too_early} belongs into win_back: the first half of the minute is for answers")
        return pushes

    @validator("win_back")
    def _are_different(cls, pushes: list[Push]) -> list[Push]:
        twice = next((each for each in pushes if pushes.count(each) > 1), None)
        if twice is not None:
            raise ValueError(f"{twice} stands here twice")
        return pushes

    def made(self, name: str) -> Strategy:
        """The strategy that it says."""
        return Strategy(
            name,
            {"ask": tuple(self.ask), "answer": tuple(self.answer), "win_back": tuple(self.win_back)},
            int(self.close_after) if self.close_after is not None else None,
            self.person,
            self.offer_benefit,
            self.offer_own_channel,
        )


class _UseEntry(_Entry):
    use: Text
    up_to: Amount | None = None


class _Hours(_Entry):
    begins: time = Field(alias="from")
    ends: time = Field(alias="until")


class _FollowUpEntry(_Entry):
    after: dict[str, Span]
    quiet: _Hours
    lines: dict[str, list[Text]]

    @validator("after", "lines")
    def _has_a_default(cls, given: dict[str, Any]) -> dict[str, Any]:
        if DEFAULT not in given:
            raise ValueError(f"needs an entry “{DEFAULT}” for categories without one of their own")
        return given

    @validator("after")
    def _is_a_silence(cls, after: dict[str, timedelta]) -> dict[str, timedelta]:
        for category, wait in after.items():
            if not timedelta(minutes=1) <= wait <= timedelta(hours=12):
                raise ValueError(f"{category}: a silence lasts from 1m to 12h")
        return after

    @validator("lines")
    def _can_be_said(cls, lines: dict[str, list[str]]) -> dict[str, list[str]]:
        for category, said in lines.items():
            if not said:
                raise ValueError(f"{category}: write at least one line")
            for each in said:
                unknown = next((word for word in _words_in(each) if word not in _LINE_WORDS), None)
                if unknown is not None:
                    raise ValueError(f"{category}: nothing is known as {{{unknown}}}; use {{product}} or {{reason}}")
            if "reason" in _words_in(said[-1]):
                raise ValueError(f"{category}: the last line must do without {{reason}}, for when there is none")
        return lines

    def made(self) -> FollowUp:
        """The follow-up that it says."""
        lines = {category: tuple(map(str, said)) for category, said in self.lines.items()}
        return FollowUp(dict(self.after), self.quiet.begins, self.quiet.ends, lines)


class MinutesEntry(_Entry):
    """How `playbook/minutes.yml` is written."""

    limits: _LimitsEntry = _LimitsEntry()
    willing: _Score = _Score(0.55)
    dipped: _Score = _Score(0.45)
    strategies: dict[str, _StrategyEntry]
    categories: dict[str, str | list[_UseEntry]]
    doubts: dict[str, dict[Worry, Text]]
    follow_up: _FollowUpEntry | None = None

    @validator("categories", "doubts")
    def _has_a_default(cls, given: dict[str, Any]) -> dict[str, Any]:
        if DEFAULT not in given:
            raise ValueError(f"needs an entry “{DEFAULT}” for categories without one of their own")
        return given

    @validator("doubts")
    def _are_few(cls, doubts: dict[str, dict[Worry, str]]) -> dict[str, dict[Worry, str]]:
        seen: dict[str, Worry] = {}
        for category, titles in doubts.items():
            if not 1 <= len(titles) <= MOST_WORRIES:
                raise ValueError(f"{category}: name one to {MOST_WORRIES} doubts")
            for worry, title in titles.items():
                if seen.setdefault(title, worry) != worry:
                    both = f"{seen[title]} and {worry}"
                    raise ValueError(f"{category}: “{title}” stands for {both}; word one differently")
        return doubts


def check_minutes(folder: Path, problems: list[Problem]) -> Minutes | None:
    """Reads the file of a playbook; what is wrong goes into `problems`, and without the file nothing is offered."""
    if not (folder / MINUTES_FILE).exists():
        return NO_MINUTES
    before = len(problems)
    found = read_document(folder / MINUTES_FILE, MinutesEntry, problems)
    if found is None:
        return None
    _check_names(found, problems)
    return _made(found.entry) if len(problems) == before else None


def read_minutes(folder: Path) -> Minutes:
    """Reads the file of a playbook.

    Raises:
        MinutesError: It is wrong; names every place.
    """
    return read_soundly(check_minutes, folder, MinutesError)


@lru_cache(maxsize=4)
def _kept_minutes(folder: Path) -> Minutes:
    return read_minutes(folder)


def shop_minutes() -> Minutes:
    """The strategies of this deployment, read once.

    Raises:
        MinutesError: The file is wrong.
    """
    from sixty.settings import get_settings

    return _kept_minutes(get_settings().playbook)


def _check_names(found: Located[MinutesEntry], problems: list[Problem]) -> None:
    known = ", ".join(found.entry.strategies)
    for category, use in found.entry.categories.items():
        ladder = [_UseEntry(use=Text(use))] if isinstance(use, str) else use
        for place, each in enumerate(ladder):
            path = ("categories", category) if isinstance(use, str) else ("categories", category, place, "use")
            if each.use not in found.entry.strategies:
                problems.append(found.problem(f"there is no strategy {each.use}", f"use one of {known}", *path))
        if not ladder or ladder[-1].up_to is not None:
            remedy = "end the list with an entry without up_to"
            problems.append(found.problem("what costs more has no strategy", remedy, "categories", category))
        sums = [each.up_to for each in ladder[:-1]]
        if any(each is None for each in sums) or sums != sorted(set(sums), key=lambda each: each or Decimal(0)):
            remedy = "write the smaller up_to first, and the entry without one last"
            problems.append(found.problem("these prices are in no order", remedy, "categories", category))


def _made(entry: MinutesEntry) -> Minutes:
    strategies = {name: each.made(name) for name, each in entry.strategies.items()}
    limits = entry.limits
    return Minutes(
        Limits(
            int(limits.pushes),
            {push: int(most) for push, most in limits.each.items()},
            int(limits.apart),
            int(limits.after_refusal),
            int(limits.after_bad_mood),
        ),
        float(entry.willing),
        float(entry.dipped),
        {
            category: tuple(
                PricedStrategy(strategies[each.use], each.up_to)
                for each in ([_UseEntry(use=Text(use))] if isinstance(use, str) else use)
            )
            for category, use in entry.categories.items()
        },
        {category: {worry: str(title) for worry, title in titles.items()} for category, titles in entry.doubts.items()},
        entry.follow_up.made() if entry.follow_up is not None else None,
    )


def _words_in(text: str) -> list[str]:
    try:
        return [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    except ValueError:
        raise ValueError(f"a brace is left open in {text!r}") from None
