"""Text as names are compared: lower case, without blanks and the marks that customers leave out of a name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sixty.nlu.normal_form import normal_form

_LEFT_OUT = frozenset("-_·'\"“”‘’()[]【】「」《》<>|")


@lru_cache(maxsize=65536)
def _folded_character(character: str) -> str:
    if character.isspace() or character in _LEFT_OUT:
        return ""
    lower = character.lower()
    return lower if len(lower) == 1 else character


def folded(text: str) -> str:
    """Folds a name, in whatever form it is written."""
    return "".join(map(_folded_character, normal_form(text)))


@dataclass(frozen=True)
class FoldedText:
    """A folded message.

    Attributes:
        original: The message in normal form.
        text: What is compared.
        positions: Where each character of `text` stands in the original.
    """

    original: str
    text: str
    positions: tuple[int, ...]

    @classmethod
    def of(cls, message: str) -> FoldedText:
        """Folds a message in normal form."""
        kept = [(lower, at) for at, lower in enumerate(map(_folded_character, message)) if lower]
        return cls(message, "".join(lower for lower, _ in kept), tuple(at for _, at in kept))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of `text` stands in the original, which is not empty."""
        return self.positions[start], self.positions[end - 1] + 1

    def is_whole(self, start: int, end: int) -> bool:
        """Whether a stretch begins and ends no Latin word or number in its middle ("X5" is not in "X50")."""
        first, behind = self.span(start, end)
        before, after = self.original[first - 1 : first], self.original[behind : behind + 1]
        cut_before = _is_latin(before) and _is_latin(self.original[first])
        return not cut_before and not (_is_latin(after) and _is_latin(self.original[behind - 1]))


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()
