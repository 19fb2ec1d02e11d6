"""What a customer's mood is told by: words and patterns that trainers list in `data/nlu/mood.yml`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, Literal, NamedTuple, get_args

from rasa.shared.nlu.training_data.training_data import TrainingData

from sixty.nlu.normal_form import normal_form

Mood = Literal["angry", "abandoning", "negative"]
MOODS: Final[tuple[Mood, ...]] = get_args(Mood)
PREFIX = "mood_"
# Words that look like a mood and are none. They come first, then the stronger mood.
NEUTRAL = "neutral"
KINDS: Final[tuple[str, ...]] = (NEUTRAL, *MOODS)

_PART = re.compile(r"[^\s,。!?;~…]+")
# Shorter things are repeated in all friendliness: 好的 好的 好的.
_LONG_ENOUGH_TO_INSIST = 4
# Thanks, and what is pasted: order cards, links, numbers.
_NO_INSISTING = re.compile(r"谢|感恩|辛苦|好的|好滴|好吧|收到|知道|哈哈|你好|您好|[&\[\]\d/:]")


class FoundMood(NamedTuple):
    """A mood and the part of the message that tells it."""

    mood: Mood
    start: int
    end: int


class MoodWords:
    """Finds moods in messages, in one pass over each."""

    def __init__(
        self,
        words: Mapping[str, Iterable[str]],
        patterns: Mapping[str, Iterable[str]],
        shouting: int = 2,
        insisting: int = 3,
    ) -> None:
        """Compiles words and patterns into one expression.

        Args:
            words: A mood, or `neutral`, to words in normal form.
            patterns: The same to regular expressions without groups, which are matched without regard to case.
            shouting: With so many exclamation marks behind it, a complaint is angry.
            insisting: Said so many times in one message, a thing is a complaint.

        Raises:
            ValueError: A name is no mood, or a pattern holds a group.
            re.error: A pattern cannot be read.
        """
        unknown = sorted({*words, *patterns} - set(KINDS))
        if unknown:
            raise ValueError(f"there is no mood {', '.join(unknown)}, only {', '.join(KINDS)}")
        self.words = {kind: sorted(set(words.get(kind, ()))) for kind in KINDS}
        self.patterns = {kind: list(patterns.get(kind, ())) for kind in KINDS}
        for listed in self.patterns.values():
            for pattern in listed:
                # Joined with others, a broken pattern could not be named, and a group would hide the mood.
                if re.compile(pattern).groups:
                    raise ValueError(f"“{pattern}” holds a group. Write (?:…) for (…)")
        self._kind_of_word = {word.lower(): kind for kind in reversed(KINDS) for word in self.words[kind]}
        groups = [f"(?P<{kind}>{'|'.join(listed)})" for kind, listed in self.patterns.items() if listed]
        longest_first = sorted(self._kind_of_word, key=lambda word: (-len(word), word))
        alternatives = [*groups, *map(re.escape, longest_first)]
        self._shout = re.compile(rf"[^!]{{0,6}}!{{{shouting}}}")
        self._insisting = insisting
        self._pattern = re.compile("|".join(alternatives), re.IGNORECASE) if alternatives else None

    @classmethod
    def of(cls, training_data: TrainingData, shouting: int = 2, insisting: int = 3) -> MoodWords:
        """The lookups and regexes of the training data whose names begin with `mood_`.

        Raises:
            ValueError: One of those names is no mood, or a pattern holds a group.
            re.error: A pattern cannot be read.
        """
        words: dict[str, list[str]] = {}
        for table in training_data.lookup_tables:
            if table["name"].startswith(PREFIX) and isinstance(table["elements"], list):
                words.setdefault(table["name"].removeprefix(PREFIX), []).extend(map(normal_form, table["elements"]))
        patterns: dict[str, list[str]] = {}
        for regex in training_data.regex_features:
            if regex["name"].startswith(PREFIX):
                patterns.setdefault(regex["name"].removeprefix(PREFIX), []).append(regex["pattern"])
        return cls(words, patterns, shouting, insisting)

    def __bool__(self) -> bool:
        """Whether there is any."""
        return self._pattern is not None

    def find(self, text: str) -> list[FoundMood]:
        """Finds the moods of a message.

        Args:
            text: A message in normal form.

        Returns:
            Each mood once, at the first place that tells it, the strongest first.
        """
        if self._pattern is None:
            return []
        first: dict[str, FoundMood] = {}
        for found in self._pattern.finditer(text):
            kind = found.lastgroup or self._kind_of_word.get(found.group().lower(), NEUTRAL)
            if kind == "negative" and "!" not in found.group() and self._shout.match(text, found.end()):
                kind = "angry"
            for mood in MOODS:
                if kind == mood:
                    first.setdefault(mood, FoundMood(mood, *found.span()))
        if "negative" not in first and (insisting := self._insists(text)):
            first["negative"] = FoundMood("negative", *insisting)
        return [first[mood] for mood in MOODS if mood in first]

    def _insists(self, text: str) -> tuple[int, int] | None:
        """Where a customer says a thing once more than patience has."""
        said: Counter[str] = Counter()
        for part in _PART.finditer(text):
            words = part.group()
            if len(words) < _LONG_ENOUGH_TO_INSIST or _NO_INSISTING.search(words):
                continue
            said[words] += 1
            if said[words] == self._insisting:
                return part.span()
        return None
