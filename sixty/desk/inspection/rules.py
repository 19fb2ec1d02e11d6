"""Reads `playbook/inspection.yml`: what every closed chat is looked at for, and by which forms people score."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConstrainedInt, ConstrainedStr, Extra, Field, PrivateAttr, root_validator, validator

from sixty.desk.desk_rules import Wait
from sixty.errors import OperatorError
from sixty.nlu.normal_form import normal_form
from sixty.shop.located import Problem, read_document, read_soundly
from sixty.shop.spans import WrittenSpan
from sixty.shop.written_values import Text

INSPECTION_FILE = "inspection.yml"

Severity = Literal["minor", "major", "fatal"]
Audience = Literal["person", "bot"]
Risk = Literal["none", "low", "medium", "high"]
RISKS: tuple[Risk, ...] = get_args(Risk)
Given = Literal["order_no", "phone", "address", "height", "weight", "size"]


class InspectionRulesError(OperatorError):
    """The rules of inspection can't be used; the message names every place."""


class Within(WrittenSpan):
    """A time such as `30m`, `24h` or `7d`."""

    form = re.compile(r"(\d{1,4})([mhd])")
    called = "time such as 30m, 24h or 7d"


class Id(ConstrainedStr):
    """A name such as `slow_first_answer`."""

    regex = r"^[a-z][a-z0-9_]{1,31}$"


class _Title(ConstrainedStr):
    min_length = 1
    max_length = 24
    strip_whitespace = True


class _Weight(ConstrainedInt):
    ge = 0
    le = 100


class _Positive(ConstrainedInt):
    ge = 1
    le = 100


class _Entry(BaseModel):
    class Config:
        extra = Extra.forbid
        allow_mutation = False


class Exceptions(_Entry):
    """Chats that a rule leaves alone; a chat is left alone where one of them fits."""

    channels: list[Text] = []
    groups: list[Text] = []
    reasons: list[Text] = []
    ends: list[Literal["solved", "to_bot", "given_up", "replaced", "passed_on", "idle", "gone"]] = []


class Rule(_Entry):
    """What all rules have.

    Attributes:
        weight: What a finding takes off the score; each further one of the same rule in a chat takes half.
        severity: `fatal` makes the chat's score 0.
        audience: Whose stretches it looks at.
        exceptions: Which chats it leaves alone.
    """

    id: Id
    kind: str
    title: _Title
    why: str = ""
    weight: _Weight = _Weight(5)
    severity: Severity = "minor"
    audience: list[Audience] = Field(["person"], min_items=1)
    exceptions: Exceptions = Exceptions()


class FirstAnswerRule(Rule):
    """The first word of a person came late; `after` is the promise of `routing.yml` where it is left out."""

    kind: Literal["first_answer"]
    after: Wait | None = None


class SilenceRule(Rule):
    """The customer waited long for an answer; longer is fine once they were asked to wait a moment."""

    kind: Literal["silence"]
    after: Wait = Wait(minutes=3)
    after_asking_to_wait: Wait = Wait(minutes=6)
    asks_to_wait: list[Text] = Field(["稍等", "等一下", "查一下", "核实", "问一下"])


class OpenQuestionRule(Rule):
    """The customer's last question was not answered."""

    kind: Literal["open_question"]


class PromiseRule(Rule):
    """Something was promised, and neither a deed nor a ticket followed in time.

    Attributes:
        within: The time of a promise that names none.
        kinds: Which promises of `tickets.yml`.
    """

    kind: Literal["promise"]
    within: Within = Within(hours=24)
    kinds: list[Id] = Field(["refund", "replacement", "dispatch", "call", "coupon"], min_items=1)

    @validator("audience")
    def _is_a_persons(cls, value: list[Audience]) -> list[Audience]:
        if value != ["person"]:
            raise ValueError("only what people promise is looked at again: write [person], or leave it out")
        return value


class Pattern(str):
    """A regular expression without groups that are counted."""

    @classmethod
    def __get_validators__(cls) -> Any:
        """Lets pydantic read it."""
        yield cls._checked

    @classmethod
    def _checked(cls, value: Any) -> Pattern:
        try:
            made = re.compile(str(value))
        except re.error as error:
            raise ValueError(f"“{value}” is no regular expression: {error}") from None
        if made.match(""):
            raise ValueError(f"“{value}” fits everything: write at least one character that has to be there")
        return cls(value)


class ForbiddenRule(Rule):
    """Words that must not be said.

    Attributes:
        words: As they are said.
        patterns: Regular expressions; they read the text in its normal form: half width, simplified.
        fine: Regular expressions of what only looks like it: what they cover is no finding.
        denied: Whether a denial in front ("不是国家级") makes it fine.
        supposed: Whether a condition around it ("如果使用不当") makes it fine.
    """

    kind: Literal["forbidden"]
    words: list[Text] = []
    patterns: list[Pattern] = []
    fine: list[Pattern] = []
    denied: Literal["fine", "forbidden"] = "fine"
    supposed: Literal["fine", "forbidden"] = "forbidden"

    _expression: re.Pattern[str] = PrivateAttr()
    _fine: re.Pattern[str] | None = PrivateAttr(None)

    @root_validator(skip_on_failure=True)
    def _has_something(cls, values: dict[str, Any]) -> dict[str, Any]:
        if not values["words"] and not values["patterns"]:
            raise ValueError("give words, patterns or both")
        return values

    def __init__(self, **data: Any) -> None:
        """Compiles the words and patterns, the longest words first."""
        super().__init__(**data)
        words = sorted({normal_form(str(each)) for each in self.words}, key=lambda word: (-len(word), word))
        listed = [f"(?:{each})" for each in self.patterns] + [re.escape(each) for each in words]
        self._expression = re.compile("|".join(listed), re.IGNORECASE)
        if self.fine:
            self._fine = re.compile("|".join(f"(?:{each})" for each in self.fine), re.IGNORECASE)

    @property
    def expression(self) -> re.Pattern[str]:
        """What is looked for."""
        return self._expression

    @property
    def fine_expression(self) -> re.Pattern[str] | None:
        """What covers it."""
        return self._fine


class NegativeEndRule(Rule):
    """The customer left in a bad mood."""

    kind: Literal["negative_end"]
    moods: list[Literal["angry", "negative", "abandoning"]] = Field(["angry", "negative"], min_items=1)


class PriceRule(Rule):
    """A price was named that the product does not have."""

    kind: Literal["price"]


class MannersRule(Rule):
    """A greeting at the beginning, or a goodbye at the end, is missing."""

    kind: Literal["greeting", "closing"]
    words: list[Text] = Field(min_items=1)
    within: _Positive = _Positive(2)


class AskedAgainRule(Rule):
    """Something was asked for that the customer had given."""

    kind: Literal["asked_again"]
    what: list[Given] = Field(["order_no", "phone", "address", "height", "weight", "size"], min_items=1)


_KINDS: Mapping[str, type[Rule]] = {
    "first_answer": FirstAnswerRule,
    "silence": SilenceRule,
    "open_question": OpenQuestionRule,
    "promise": PromiseRule,
    "forbidden": ForbiddenRule,
    "negative_end": NegativeEndRule,
    "price": PriceRule,
    "greeting": MannersRule,
    "closing": MannersRule,
    "asked_again": AskedAgainRule,
}


class Criterion(_Entry):
    """Something that people look at.

    Attributes:
        points: The levels that may be given, the worst first; the best one counts for its share of the score.
        fatal: Whether the worst level makes the whole score 0.
    """

    id: Id
    title: _Title
    hint: str = ""
    points: list[_Weight] = Field(min_items=2, max_items=9)
    fatal: bool = False

    @validator("points")
    def _grow(cls, points: list[int]) -> list[int]:
        if any(after <= before for before, after in pairwise(points)):
            raise ValueError("points grow from one level to the next: [0, 5, 10]")
        return points


class ScoringForm(_Entry):
    """By what people score a chat."""

    id: Id
    title: _Title
    criteria: list[Criterion] = Field(min_items=1, max_items=12)

    @validator("criteria")
    def _each_once(cls, criteria: list[Criterion]) -> list[Criterion]:
        names = [each.id for each in criteria]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"{name} stands here twice; give each criterion an id of its own")
        return criteria

    @property
    def best(self) -> int:
        """All points that can be had."""
        return sum(each.points[-1] for each in self.criteria)

    def score(self, points: Mapping[str, int]) -> int:
        """What a chat gets, from 0 to 100.

        Args:
            points: Of each criterion one of its levels.

        Raises:
            ValueError: A criterion is missing or unknown, or the points are none of its levels.
        """
        known = {each.id: each for each in self.criteria}
        for name in points:
            if name not in known:
                raise ValueError(f"there is no criterion {name}")
        for name, criterion in known.items():
            if points.get(name) not in criterion.points:
                raise ValueError(f"{name} gets one of {', '.join(map(str, criterion.points))}")
        if any(each.fatal and points[each.id] == each.points[0] for each in self.criteria):
            return 0
        return round(100 * sum(points.values()) / self.best)


class BotStretches(_Entry):
    """Whether chats with the bot are looked at, and when one counts as over."""

    look: Literal["yes", "no"] = "yes"
    quiet: Within = Within(minutes=30)


class InspectionRules(_Entry):
    """All of it.

    Attributes:
        settle: How long after its end a chat is looked at: deeds and notes are written behind the goodbye.
        high_below: Below this score a chat is of high risk; a fatal finding makes it so, too.
        medium_below: Below this one of medium risk.
        appeal_within: How long an agent may appeal.
    """

    rules: list[Any] = Field(min_items=1)
    forms: list[ScoringForm] = []
    bot: BotStretches = BotStretches()
    settle: Wait = Wait(seconds=60)
    high_below: _Weight = _Weight(60)
    medium_below: _Weight = _Weight(85)
    appeal_within: Within = Within(days=7)

    _version: str = PrivateAttr("")

    class Config:
        """How pydantic reads it."""

        extra = Extra.forbid
        allow_mutation = False

    @validator("rules", pre=True, each_item=True)
    def _by_its_kind(cls, entry: Any) -> Rule:
        if isinstance(entry, Rule):
            return entry
        kind = entry.get("kind") if isinstance(entry, Mapping) else None
        model = _KINDS.get(str(kind))
        if model is None:
            raise ValueError(f"there is no kind {kind}; use one of {', '.join(_KINDS)}")
        # What is wrong inside it keeps its place below this rule.
        return model.parse_obj(entry)

    @validator("rules", "forms")
    def _each_id_once(cls, entries: list[Any]) -> list[Any]:
        names = [each.id for each in entries]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"{name} stands here twice; give each an id of its own")
        return entries

    def __init__(self, **data: Any) -> None:
        """Makes the version: which rules a chat was looked at by."""
        super().__init__(**data)
        self._version = hashlib.sha256(self.json(sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]

    @property
    def version(self) -> str:
        """A short name of these very rules."""
        return self._version

    def rule(self, rule_id: str) -> Rule | None:
        """A rule by its id; None for one that is not there any more."""
        return next((each for each in self.rules if each.id == rule_id), None)

    def form(self, form_id: str) -> ScoringForm | None:
        """A form by its id; None for one that is not there any more."""
        return next((each for each in self.forms if each.id == form_id), None)

    def for_whom(self, audience: Audience) -> Sequence[Rule]:
        """The rules that look at somebody's stretches."""
        return [each for each in self.rules if audience in each.audience]

    def risk_of(self, score: int, fatal: bool, findings: int) -> Risk:
        """How much a chat wants a second look."""
        if fatal or score < self.high_below:
            return "high"
        if score < self.medium_below:
            return "medium"
        return "low" if findings else "none"


def check_inspection(folder: Path, problems: list[Problem]) -> InspectionRules | None:
    """Reads the rules of a playbook; what is wrong goes into `problems`.

    Returns:
        The rules; None where there is no such file: then nothing is inspected.
    """
    file = folder / INSPECTION_FILE
    if not file.exists():
        return None
    found = read_document(file, InspectionRules, problems)
    return found.entry if found is not None else None


@lru_cache(maxsize=4)
def read_inspection(folder: Path) -> InspectionRules | None:
    """Reads the rules of a playbook, once.

    Raises:
        InspectionRulesError: The file is wrong; names every place.
    """
    return read_soundly(check_inspection, folder, InspectionRulesError)
