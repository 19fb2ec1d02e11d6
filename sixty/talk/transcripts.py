"""What a replay leaves behind: every conversation, to read and to compute with, and a summary."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from sixty.talk.client import Reply
from sixty.talk.outcomes import OUTCOMES
from sixty.talk.wording import one_line, reply_lines

READABLE = "transcripts.txt"
LINES = "transcripts.jsonl"
SUMMARY = "summary.json"


@dataclass(frozen=True)
class PlayedTurn:
    """One turn: what the customer said and what came of it."""

    said: str
    replies: tuple[Reply, ...]
    outcome: str
    seconds: float
    error: str | None = None


@dataclass
class PlayedDialog:
    """One dialog as it went with the bot."""

    name: str
    conversation: str
    turns: list[PlayedTurn] = field(default_factory=list)


class Transcripts:
    """Writes transcripts as they come, so that none has to be kept."""

    def __init__(self, folder: Path) -> None:
        """Makes the folder; transcripts that are there already are replaced."""
        folder.mkdir(parents=True, exist_ok=True)
        self._readable = (folder / READABLE).open("w", encoding="utf-8")
        self._lines = (folder / LINES).open("w", encoding="utf-8")

    def __enter__(self) -> Transcripts:
        """Is open already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Closes the files."""
        self._readable.close()
        self._lines.close()

    def write(self, played: PlayedDialog) -> None:
        """Adds a dialog."""
        self._lines.write(json.dumps(_as_json(played), ensure_ascii=False) + "\n")
        self._readable.write(_as_text(played))


@dataclass
class Tally:
    """Counts what the turns came to."""

    dialogs: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    def add(self, played: PlayedDialog) -> None:
        """Counts a dialog."""
        self.dialogs += 1
        for turn in played.turns:
            self.outcomes[turn.outcome] += 1
            self.seconds.append(turn.seconds)

    def as_json(self) -> dict[str, Any]:
        """Counts, shares of all turns, and how long turns took."""
        turns = len(self.seconds)
        ordered = sorted(self.seconds)
        return {
            "dialogs": self.dialogs,
            "turns": turns,
            **{outcome: self.outcomes[outcome] for outcome in OUTCOMES},
            "shares": {outcome: round(self.outcomes[outcome] / turns, 4) if turns else 0.0 for outcome in OUTCOMES},
            "turn_seconds": {
                name: round(ordered[math.ceil(turns * part) - 1], 3) if turns else 0.0
                for name, part in (("p50", 0.5), ("p95", 0.95), ("max", 1.0))
            },
        }


def _as_json(played: PlayedDialog) -> dict[str, Any]:
    return {
        "dialog": played.name,
        "conversation": played.conversation,
        "turns": [
            {
                "said": turn.said,
                "outcome": turn.outcome,
                "seconds": round(turn.seconds, 3),
                "replies": [reply.as_json() for reply in turn.replies],
                **({"error": turn.error} if turn.error else {}),
            }
            for turn in played.turns
        ],
    }


def _as_text(played: PlayedDialog) -> str:
    lines = [f"━━━ {played.name}"]
    for turn in played.turns:
        lines.append(f"客户  {one_line(turn.said)}    ‹{turn.outcome}›")
        for reply in turn.replies:
            lines += [f"  机器人  {line}" for line in reply_lines(reply)]
            if reply.choices:
                lines.append("  机器人  " + " ".join(f"[{one_line(each.title)}]" for each in reply.choices))
        if turn.error:
            lines.append(f"  !!  {turn.error}")
    return "\n".join(lines) + "\n\n"
