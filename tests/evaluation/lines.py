"""Lines and what a model made of them, for tests."""

from __future__ import annotations

from sixty.evaluation.labelled_lines import LabelledLine
from sixty.evaluation.scores import Understood


def understood(
    guess: str,
    *labels: str,
    confidence: float = 0.9,
    direct: bool = True,
    offered: tuple[str, ...] = (),
    others: tuple[str, ...] = (),
    clear: bool = True,
    text: str = "包邮吗",
    milliseconds: float = 2.0,
    answering_point: float | None = None,
) -> Understood:
    """A line with labels that was taken for `guess`, before `others`."""
    line = LabelledLine(2, "1", text, labels, clear)
    ranking = (guess, *others) if guess else ()
    return Understood(line, ranking, confidence, direct, offered, milliseconds, answering_point)
