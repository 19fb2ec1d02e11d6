"""Reads `playbook/satisfaction.yml`: when customers are asked how it was, and in which words."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from string import Formatter

from pydantic import BaseModel, ConstrainedInt, ConstrainedList, ConstrainedStr, Extra, validator

from sixty.errors import OperatorError
from sixty.shop.located import Problem, read_document, read_soundly
from sixty.shop.written_values import Span

SATISFACTION_FILE = "satisfaction.yml"

_GAPS = {"agent": frozenset({"agent"})}
_SCORES = {1, 2, 3, 4, 5}
GOOD = 4
"""From this score on somebody is content."""


class SatisfactionError(OperatorError):
    """The rules of satisfaction can't be used; the message names every place."""


class _Entry(BaseModel):
    class Config:
        extra = Extra.forbid
        allow_mutation = False


class Line(ConstrainedStr):
    """Something that a customer reads."""

    strip_whitespace = True
    min_length = 1
    max_length = 200


class Title(ConstrainedStr):
    """Something to be tapped."""

    strip_whitespace = True
    min_length = 1
    max_length = 16


class Score(ConstrainedInt):
    """1 to 5, 5 the best."""

    ge = 1
    le = 5


class Answered(ConstrainedInt):
    """How many questions."""

    ge = 1
    le = 50


class Titles(ConstrainedList):
    """What may be tapped as a reason."""

    item_type = Title
    __args__ = (Title,)
    min_items = 1
    max_items = 8


class Asking(_Entry):
    """When the bot asks."""

    by_bot: bool = True
    quiet: Span = Span(minutes=5)
    at_least: Answered = Answered(2)
    not_again: Span = Span(days=7)


class ScoreTitle(_Entry):
    """One of the five."""

    score: Score
    title: Title


class Tags(_Entry):
    """Why."""

    good: Titles = Titles(["回复快", "说得清楚", "态度好", "问题解决了"])
    bad: Titles = Titles(["等太久", "没听懂我的问题", "问题没解决", "态度不好"])


class Words(_Entry):
    """What customers read."""

    agent: Line = Line("这次{agent}的服务您满意吗？点一下就好～")
    bot: Line = Line("刚才的回答帮到您了吗？点一下就好～")
    why_good: Line = Line("谢谢您～方便的话，再点一下哪里做得好：")
    why_bad: Line = Line("没让您满意，真的抱歉。是哪里没做好？点一下，我们马上改：")
    thanks_good: Line = Line("谢谢您的肯定，有需要随时来找我们～")
    thanks_bad: Line = Line("记下了，谢谢您直说，我们会认真改的。问题还没解决的话，直接发给我就行～")
    remind: Line = Line("打扰您一下，刚才的服务还满意吗？点一下就好，不会再提醒啦～")

    @validator("*")
    def _fills_only_what_is_known(cls, line: str, field: object) -> str:
        known = _GAPS.get(getattr(field, "name", ""), frozenset())
        unknown = sorted({name for _, name, _, _ in Formatter().parse(line) if name is not None} - known)
        if unknown:
            raise ValueError(f"{{{unknown[0]}}} is not known here; known are {', '.join(sorted(known)) or 'none'}")
        return line


def _usual() -> list[ScoreTitle]:
    titles = ("非常满意", "满意", "一般", "不满意", "很不满意")
    return [ScoreTitle(score=Score(5 - place), title=Title(title)) for place, title in enumerate(titles)]


class SatisfactionRules(_Entry):
    """All of it."""

    ask: Asking = Asking()
    remind_after: Span | None = Span(minutes=30)
    until: Span = Span(hours=24)
    scores: list[ScoreTitle] = _usual()
    tags: Tags = Tags()
    words: Words = Words()

    @validator("scores")
    def _are_five(cls, scores: list[ScoreTitle]) -> list[ScoreTitle]:
        if sorted(each.score for each in scores) != sorted(_SCORES):
            raise ValueError("give each score from 5 to 1 once")
        return scores

    @validator("until")
    def _ends_after_the_reminder(cls, until: timedelta, values: dict[str, object]) -> timedelta:
        after = values.get("remind_after")
        if isinstance(after, timedelta) and until <= after:
            raise ValueError("has to be longer than remind_after")
        return until

    def tags_for(self, score: int) -> list[str]:
        """The reasons to tap after a score."""
        return [str(each) for each in (self.tags.good if score >= GOOD else self.tags.bad)]


def check_satisfaction(folder: Path, problems: list[Problem]) -> SatisfactionRules:
    """Reads the rules of a playbook; what is wrong goes into `problems`, a missing file leaves the usual ones."""
    file = folder / SATISFACTION_FILE
    if not file.exists():
        return SatisfactionRules()
    found = read_document(file, SatisfactionRules, problems)
    return found.entry if found is not None else SatisfactionRules()


@lru_cache(maxsize=4)
def read_satisfaction(folder: Path) -> SatisfactionRules:
    """Reads the rules of a playbook, once.

    Raises:
        SatisfactionError: The file is wrong; names every place.
    """
    return read_soundly(check_satisfaction, folder, SatisfactionError)


def satisfaction_rules() -> SatisfactionRules:
    """The rules of this deployment.

    Raises:
        SatisfactionError: The file is wrong.
    """
    from sixty.settings import get_settings

    return read_satisfaction(get_settings().playbook)
