"""What the validator says: where something is wrong, what it is and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

_ENDS = (".", "!", "?", "。", "！", "？")


@dataclass(frozen=True, order=True)
class Place:
    """A line of a file, relative to the project."""

    file: Path
    line: int

    def __str__(self) -> str:
        """Writes it as compilers do, so that editors find it."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake, with its remedy.

    Attributes:
        place: Where it is.
        wrong: What it is.
        remedy: What to do about it.
        by_time: Whether only time has made it one. It is said, but what was right yesterday goes on working today.
        only_warns: Whether it is said only: it works, and whoever did it may have meant it.
    """

    place: Place
    wrong: str
    remedy: str
    by_time: bool = False
    only_warns: bool = False

    def __str__(self) -> str:
        """Writes one line: `file:line: what is wrong. Remedy`, each a sentence."""
        return f"{self.place}: {_sentence(self.wrong)} {_sentence(self.remedy)}"


def spelling(name: str, known: Iterable[str]) -> str:
    """The beginning of a remedy for an unknown name: which known one may be meant."""
    likely = get_close_matches(name, sorted(set(known)), n=1, cutoff=0.75)
    return f"Mend the spelling (did you mean {likely[0]}?)" if likely else "Mend the spelling"


def _sentence(text: str) -> str:
    stripped = " ".join(text.split())
    return stripped if stripped.endswith(_ENDS) else f"{stripped}."
