"""Type-ahead: frequent questions that begin, read or sound like what a customer is typing (F5).

A suggestion is sent as the customer's own line. That it is understood as the question it stands for is the business of
`sixty/nlu/keywords.py`, which knows the same titles and words.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

import structlog
from fastapi import FastAPI, Query
from fastapi.responses import JSONResponse
from pypinyin.contrib.tone_convert import to_initials, to_normal
from pypinyin.pinyin_dict import pinyin_dict
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from sixty.insight.popularity import popularity
from sixty.keywords import KEYWORDS_FILE, Keywords, read_keywords
from sixty.nlu.normal_form import normal_form
from sixty.playbook import Capsule, CapsulePlan, read_capsule_plan
from sixty.settings import Settings

OpenShop = Callable[[], AbstractContextManager[Session]]

MOST = 8
LONGEST_TYPED = 64

_log = structlog.get_logger(__name__)

_KEEP_FOR_A_MINUTE = {"Cache-Control": "public, max-age=60"}
# What customers ask changes by the day, not by the minute.
_POPULAR_FOR_SECONDS = 600.0
# So few letters sound like the middle of nearly everything.
_SHORTEST_INSIDE = 2


@lru_cache(maxsize=8192)
def _letters(character: str) -> tuple[str, ...]:
    """What may be typed for a character: itself, and each of its readings without tones ("长": 长, chang, zhang)."""
    readings = pinyin_dict.get(ord(character), "")
    return (character, *dict.fromkeys(to_normal(each) for each in readings.split(",") if each))


def _typed_for(typed: str, line: str) -> bool:
    """Whether what was typed may stand for the beginning of a line, each character by itself, by sound or initial."""
    if not typed:
        return True
    if not line:
        return False
    rest = line[1:]
    for way in _letters(line[0]):
        if typed.startswith(way):
            if _typed_for(typed[len(way) :], rest):
                return True
        elif way.startswith(typed):
            return True  # The last syllable is not finished yet.
        # "zh" is an initial, and so is the "z" that most type for it.
        for initial in {way[0], to_initials(way, strict=False)} - {"", way}:
            if typed.startswith(initial) and _typed_for(typed[len(initial) :], rest):
                return True
    return False


@dataclass(frozen=True)
class _Line:
    text: str
    folded: str


def _folded(text: str) -> str:
    return "".join(normal_form(text).casefold().split())


class Suggestions:
    """Questions in the order of how often they are likely to be asked."""

    def __init__(self, questions: Iterable[str]) -> None:
        """Keeps each question once.

        Args:
            questions: The most frequent first.
        """
        self._lines = tuple(_Line(text, _folded(text)) for text in dict.fromkeys(questions))

    @classmethod
    def of(cls, plan: CapsulePlan, words: Keywords, asked: Mapping[str, int] | None = None) -> Suggestions:
        """What a merchant's playbook offers: welcoming capsules, those after answers, the others, and keywords.

        Args:
            plan: The capsules.
            words: The keywords.
            asked: How often customers ask each question, as the playbook spells it: what they ask more comes first,
                and what nobody is known to ask keeps its place behind it.
        """
        named = [name for section in (plan.welcome, plan.after) for names in section.values() for name in names]
        lines: list[tuple[str, Capsule | None]] = [
            (plan.capsules[name].title, plan.capsules[name]) for name in [*named, *plan.capsules]
        ]
        for word in words.suggested:
            meaning = words.meaning_of(word)
            lines.append((word, meaning.capsule if meaning is not None else None))
        often = asked or {}
        lines.sort(key=lambda line: -often.get(line[1].question, 0) if line[1] is not None else 0)
        return cls(text for text, _ in lines)

    def for_typed(self, typed: str, most: int = MOST) -> list[str]:
        """The questions that a customer may be about to type.

        Args:
            typed: What stands in the input field; characters, pinyin, initials or a mixture.
            most: How many at most.

        Returns:
            First those that begin so, then those that hold it, then those that sound so; nothing for nothing typed.
        """
        wanted = _folded(typed)
        if not wanted:
            return []
        ranked = [(rank, line.text) for line in self._lines if (rank := _rank(wanted, line.folded)) is not None]
        # What is typed already needs no suggestion.
        return [text for _, text in sorted(ranked, key=lambda each: each[0]) if _folded(text) != wanted][:most]


def _rank(wanted: str, line: str) -> int | None:
    if line.startswith(wanted):
        return 0
    if wanted in line:
        return 1
    if not wanted.isascii() and not any(character.isascii() and character.isalpha() for character in wanted):
        return None  # Plain characters that the line does not hold.
    if _typed_for(wanted, line):
        return 2
    if len(wanted) >= _SHORTEST_INSIDE and any(_typed_for(wanted, line[start:]) for start in range(1, len(line))):
        return 3
    return None


class PopularSuggestions:
    """The suggestions in the order of what customers ask; that is read anew every ten minutes."""

    def __init__(
        self,
        plan: CapsulePlan,
        words: Keywords,
        open_shop: OpenShop,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keeps what the merchant wrote.

        Args:
            plan: The capsules.
            words: The keywords.
            open_shop: Opens a session that reads.
            clock: Tells seconds.
        """
        self._plan = plan
        self._words = words
        self._open_shop = open_shop
        self._clock = clock
        self._known = Suggestions.of(plan, words)
        self._good_until = float("-inf")

    def now(self) -> Suggestions:
        """Those of now; while the database gives no answer, as they were."""
        if self._clock() >= self._good_until:
            # Set first: while one request reads, the others take what is known.
            self._good_until = self._clock() + _POPULAR_FOR_SECONDS
            try:
                with self._open_shop() as session:
                    asked = popularity(session)
                self._known = Suggestions.of(self._plan, self._words, asked)
            except SQLAlchemyError as error:
                _log.warning("suggestions.not_ordered", error=type(error).__name__)
        return self._known


def add_suggestions(app: FastAPI, settings: Settings, open_shop: OpenShop) -> None:
    """Adds the address that the chat asks while a customer types.

    Args:
        app: The desk's application.
        settings: The deployment's settings; they name the playbook, which is read once.
        open_shop: Opens a session that reads.

    Raises:
        PlaybookError: The capsules are wrong.
        KeywordsError: The keywords are wrong.
    """
    plan = read_capsule_plan(settings.playbook / "capsules.yml")
    suggestions = PopularSuggestions(plan, read_keywords(settings.playbook / KEYWORDS_FILE, plan), open_shop)

    @app.get("/api/suggestions")
    def suggested(
        q: Annotated[str, Query(max_length=LONGEST_TYPED)] = "",
        limit: Annotated[int, Query(ge=1, le=MOST)] = MOST,
    ) -> JSONResponse:
        found = [{"text": text} for text in suggestions.now().for_typed(q, limit)]
        return JSONResponse({"suggestions": found}, headers=_KEEP_FOR_A_MINUTE)
