"""Where an intent's training lines stand, and which of them drew a misunderstood line to the wrong intent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from sixty.nlu.normal_form import normal_form

_INTENT = re.compile(r"- intent:\s*(?P<intent>\w+)")
_LINE = re.compile(r"\s+- (?P<text>.+)")
_ANNOTATION = re.compile(r"\[(?P<text>[^\]]*)\]\([^)]*\)")


@dataclass(frozen=True)
class TrainingLine:
    """A line of the training data, where it stands, and the comment above its block: the situation it is said in."""

    path: Path
    number: int
    intent: str
    text: str
    situation: str = ""

    @property
    def file(self) -> str:
        """Its file, short where it lies below the current folder."""
        here = Path.cwd()
        return str(self.path.relative_to(here) if self.path.is_relative_to(here) else self.path)

    @property
    def place(self) -> str:
        """File and line, as editors open it."""
        return f"{self.file}:{self.number}"


def read_training_lines(folder: Path) -> list[TrainingLine]:
    """Reads the lines of every `*.yml` below a folder, with their places."""
    lines: list[TrainingLine] = []
    for path in sorted(folder.rglob("*.yml")):
        intent: str | None = None
        situation = comment = ""
        for number, row in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if row.startswith("#"):
                comment = row.strip("# ")
            elif row.startswith("- "):
                heading = _INTENT.match(row)
                intent = heading["intent"] if heading else None
                situation, comment = comment, ""
            elif intent and (match := _LINE.match(row)):
                lines.append(TrainingLine(path, number, intent, _ANNOTATION.sub(r"\g<text>", match["text"]), situation))
    return lines


def _pairs(text: str) -> frozenset[str]:
    plain = "".join(normal_form(text).lower().split())
    return frozenset(plain[start : start + 2] for start in range(len(plain) - 1)) or frozenset({plain})


class NearestLines:
    """Finds the training line that is most like a given one, by shared character pairs (Jaccard)."""

    def __init__(self, lines: list[TrainingLine]) -> None:
        """Indexes the lines."""
        self._by_intent: dict[str, list[tuple[TrainingLine, frozenset[str]]]] = {}
        for line in lines:
            self._by_intent.setdefault(line.intent, []).append((line, _pairs(line.text)))

    def nearest(self, text: str, intent: str) -> TrainingLine | None:
        """The line of an intent that is most like a text; None when the intent has no lines."""
        wanted = _pairs(text)
        candidates = self._by_intent.get(intent, [])
        best = max(candidates, key=lambda item: len(wanted & item[1]) / len(wanted | item[1]), default=None)
        return best[0] if best else None
