"""Words that a merchant maps to an answer of their own or to a question (`playbook/keywords.yml`).

A line that is such a word and nothing else means what the merchant says it means, whatever the model makes of it. The
same goes for the title of a capsule, typed or picked from the suggestions: it asks what a tap on it asks.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Extra, conlist, constr, root_validator

from sixty.errors import OperatorError
from sixty.nlu.normal_form import normal_form
from sixty.playbook import Capsule, CapsulePlan, capsule_plan
from sixty.settings import get_settings
from sixty.shop.located import Located, Problem, read_entries

KEYWORDS_FILE = "keywords.yml"
INTENT = "keyword"
"""What a line means that has an answer of the merchant's own."""

LEAVES_QUEUE = Capsule(title="不等了，问机器人", intent="leave_queue")
"""What a customer who waits for a person may tap, or say in other words."""

_LEAVING = (
    *("不等了", "不想等了", "不排了", "不排队了", "取消排队", "退出排队", "不等人工了", "不等客服了"),
    *("不用人工了", "不用转人工了", "不要人工了", "不转人工了", "取消转人工", "取消人工", "还是问机器人", "问机器人"),
)
_LONGEST_WORD = 40
_LONGEST_ANSWER = 1000
_NO_WORDS = re.compile(r"[\W_]+")
# What is said around a word without changing it.
_BEFORE = re.compile(r"^(?:请问一下|请问|问一下|咨询一下)")
_AFTER = re.compile(r"(?:吗|嘛|么|呢|啊|呀|哦|吧|哈)+$")


class KeywordsError(OperatorError):
    """The file of keywords can't be used."""


class Keyword(BaseModel):
    """What some words mean: an answer, or the question of a capsule.

    Attributes:
        words: How customers say it; the first one is suggested while they type.
        answer: What the bot says.
        question: The capsule of `capsules.yml` that they mean.
        suggest: Whether it is suggested.
    """

    words: conlist(  # type: ignore[valid-type]
        constr(strip_whitespace=True, min_length=1, max_length=_LONGEST_WORD), min_items=1
    )
    answer: constr(strip_whitespace=True, min_length=1, max_length=_LONGEST_ANSWER) | None = None  # type: ignore[valid-type]
    question: str | None = None
    suggest: bool = True

    class Config:
        """Unknown keys are mistakes."""

        extra = Extra.forbid
        frozen = True

    @root_validator(skip_on_failure=True)
    def _means_one_thing(cls, values: dict[str, Any]) -> dict[str, Any]:
        if (values["answer"] is None) == (values["question"] is None):
            raise ValueError("has to have either an answer or a question, and not both")
        return values


@dataclass(frozen=True)
class Meaning:
    """What a line means: a capsule's question, or an answer."""

    capsule: Capsule | None = None
    answer: str | None = None


def folded(line: str) -> str:
    """A line as words are compared: in normal form, without blanks, marks, and what is said around a word."""
    bare = _NO_WORDS.sub("", normal_form(line).casefold())
    for around in (_BEFORE, _AFTER):
        bare = around.sub("", bare) or bare
    return bare


class Keywords:
    """The words of a merchant, and the titles of their capsules."""

    def __init__(self, entries: Iterable[Keyword], plan: CapsulePlan) -> None:
        """Collects them; a keyword outweighs a title.

        Args:
            entries: The keywords, checked.
            plan: The capsules.
        """
        self._entries = tuple(entries)
        self._meanings: dict[str, Meaning] = {}
        for entry in self._entries:
            meaning = Meaning(plan.capsules[entry.question] if entry.question else None, entry.answer)
            for word in entry.words:
                self._meanings.setdefault(folded(word), meaning)
        for capsule in plan.capsules.values():
            self._meanings.setdefault(folded(capsule.title), Meaning(capsule=capsule))
        for word in (LEAVES_QUEUE.title, *_LEAVING):
            self._meanings.setdefault(folded(word), Meaning(capsule=LEAVES_QUEUE))

    def meaning_of(self, line: str) -> Meaning | None:
        """What a whole line means; None when it is no keyword."""
        # A line that is longer than any keyword with what is said around it.
        if len(line) > _LONGEST_WORD + 20:
            return None
        return self._meanings.get(folded(line))

    @property
    def entries(self) -> tuple[Keyword, ...]:
        """What the merchant wrote."""
        return self._entries

    @property
    def suggested(self) -> tuple[str, ...]:
        """The words that are suggested while a customer types."""
        return tuple(str(entry.words[0]) for entry in self._entries if entry.suggest)


def check_keywords(file: Path, problems: list[Problem], capsules: Collection[str] | None) -> list[Located[Keyword]]:
    """Reads a file of keywords; what is wrong goes into `problems`.

    Args:
        file: The file; one that isn't there says nothing.
        problems: Gets what is wrong, with file, line and remedy.
        capsules: The capsules there are, by name; not checked when left out.
    """
    if not file.exists():
        return []
    entries = read_entries(file, Keyword, problems)
    seen: dict[str, str] = {}
    for each in entries:
        question = each.entry.question
        if question is not None and capsules is not None and question not in capsules:
            problems.append(
                each.problem(
                    f"there is no capsule {question}", "name one of those under capsules in capsules.yml", "question"
                )
            )
        for ordinal, word in enumerate(each.entry.words):
            same = folded(word)
            if not same:
                problems.append(
                    each.problem(f"“{word}” has no letter", "write it as customers say it", "words", ordinal)
                )
            elif same in seen:
                problems.append(
                    each.problem(f"“{word}” is the same as “{seen[same]}” above", "remove one", "words", ordinal)
                )
            seen.setdefault(same, word)
    return entries


def read_keywords(file: Path, plan: CapsulePlan) -> Keywords:
    """Reads the keywords of a merchant.

    Raises:
        KeywordsError: The file is wrong; says file, line and remedy of everything that is.
    """
    problems: list[Problem] = []
    entries = check_keywords(file, problems, plan.capsules)
    if problems:
        raise KeywordsError("\n".join(map(str, problems)))
    return Keywords((each.entry for each in entries), plan)


@lru_cache(maxsize=1)
def keywords() -> Keywords:
    """The keywords of this deployment, read once.

    Raises:
        KeywordsError: The file is wrong.
    """
    return read_keywords(get_settings().playbook / KEYWORDS_FILE, capsule_plan())
