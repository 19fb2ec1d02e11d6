"""What the classifier counts in a plain line: runs of characters, and runs that hold a concept."""

from __future__ import annotations

from sixty.nlu.concepts import Concepts, is_sign
from sixty.nlu.plain_line import bounded


class NGrams:
    """The n-grams of a line, and those of the line with the trade's words replaced by what they stand for."""

    def __init__(self, longest: int, concepts: Concepts) -> None:
        """Keeps its parts.

        Args:
            longest: Characters of the longest n-gram; a concept's sign is one.
            concepts: The trade's words.
        """
        self._longest = longest
        self._concepts = concepts

    def __call__(self, line: str) -> list[str]:
        """All n-grams of a plain line, repeated ones as often as they occur."""
        found = self._grams(bounded(line))
        if self._concepts:
            # Those without a sign are the line's own, and there already.
            found += [gram for gram in self._grams(self._concepts.abstract(line)) if any(map(is_sign, gram))]
        return found

    def _grams(self, line: str) -> list[str]:
        return [
            line[start : start + length]
            for length in range(1, self._longest + 1)
            for start in range(len(line) - length + 1)
        ]
