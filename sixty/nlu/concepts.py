"""The trade's words as what they stand for: 包裹 and 快件 are both a parcel."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from rasa.shared.nlu.training_data.training_data import TrainingData

from sixty.nlu.plain_line import bounded, plain_line

PREFIX = "concept_"
# The private use area: signs that no message holds.
_FIRST_SIGN = 0xE000
_LAST_SIGN = 0xF8FF


def is_sign(character: str) -> bool:
    """Whether a character stands for a concept."""
    return _FIRST_SIGN <= ord(character) <= _LAST_SIGN


class Concepts:
    """Words and patterns, each with the sign of its concept."""

    def __init__(self, words: Mapping[str, Iterable[str]], patterns: Mapping[str, Iterable[str]]) -> None:
        """Compiles them into one pattern, the longest words first.

        Args:
            words: Concept to its words, in any spelling.
            patterns: Concept to its regular expressions, which are matched against plain lines (lower case, no blanks,
                every run of digits a 0).
        """
        names = [*dict.fromkeys([*patterns, *words])]
        signs = {name: chr(_FIRST_SIGN + position) for position, name in enumerate(names)}
        self._sign_of_word: dict[str, str] = {}
        for name, listed in words.items():
            for word in listed:
                self._sign_of_word.setdefault(plain_line(word), signs[name])
        self._sign_of_word.pop("", None)
        self._sign_of_group = [signs[name] for name, listed in patterns.items() for _ in listed]
        groups = [f"({pattern})" for listed in patterns.values() for pattern in listed]
        longest_first = sorted(self._sign_of_word, key=lambda word: (-len(word), word))
        self._pattern = re.compile("|".join([*groups, *map(re.escape, longest_first)]))

    @classmethod
    def of(cls, training_data: TrainingData) -> Concepts:
        """The lookups and regexes of the training data whose names begin with `concept_`."""
        words: dict[str, list[str]] = {}
        for table in training_data.lookup_tables:
            if table["name"].startswith(PREFIX) and isinstance(table["elements"], list):
                words.setdefault(table["name"], []).extend(table["elements"])
        patterns: dict[str, list[str]] = {}
        for regex in training_data.regex_features:
            if regex["name"].startswith(PREFIX):
                patterns.setdefault(regex["name"], []).append(regex["pattern"])
        return cls(words, patterns)

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._sign_of_word or self._sign_of_group)

    def abstract(self, line: str) -> str:
        """The plain line with its beginning and end marked, and with every concept's words replaced by its sign."""
        return bounded(self._pattern.sub(self._sign, line))

    def _sign(self, found: re.Match[str]) -> str:
        if found.lastindex:
            return self._sign_of_group[found.lastindex - 1]
        return self._sign_of_word[found.group()]
