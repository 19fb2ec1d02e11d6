"""Has the trained model read lines, as it does for customers, without servers."""

from __future__ import annotations

import asyncio
import os
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sixty.errors import OperatorError
from sixty.evaluation.labelled_lines import LabelledLine
from sixty.evaluation.scores import Understood
from sixty.playbook import capsule_plan

FALLBACK = "nlu_fallback"
# As `action_default_fallback` offers them; a test holds both together.
MEANINGS_OFFERED = 3
LEAST_CONFIDENCE = 0.05
_ALWAYS_OFFERED = "ask_human"


def understand(model: Path, lines: Sequence[LabelledLine], advance: Callable[[], None]) -> list[Understood]:
    """Reads lines one after the other.

    Args:
        model: The trained model.
        lines: What to read.
        advance: Called after each line.

    Raises:
        OperatorError: There is no model.
    """
    if not model.exists():
        raise OperatorError(f"There is no trained model at {model}: make train")
    # Rasa's libraries tell of themselves while they are imported, in dozens of lines, some whatever the filters say.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with warnings.catch_warnings(record=True):
        return asyncio.run(_understand(model, lines, advance))


async def _understand(model: Path, lines: Sequence[LabelledLine], advance: Callable[[], None]) -> list[Understood]:
    # Rasa takes seconds to import, so it is imported only by who needs it.
    from rasa.core.agent import Agent

    agent = Agent.load(str(model))
    await agent.parse_message("你好")  # What is loaded at first use is not the first line's fault.
    results = []
    for line in lines:
        began = time.perf_counter()
        parsed: dict[str, Any] = await agent.parse_message(line.text)
        results.append(_understood(line, parsed, (time.perf_counter() - began) * 1000))
        advance()
    return results


def _understood(line: LabelledLine, parsed: dict[str, Any], milliseconds: float) -> Understood:
    from sixty.nlu.linear_intent_classifier import ANSWERING_POINT

    guesses = [guess for guess in parsed.get("intent_ranking") or [] if guess["name"] != FALLBACK]
    ranking = tuple(str(guess["name"]) for guess in guesses)
    meanings = capsule_plan().meanings
    likely = [str(guess["name"]) for guess in guesses if float(guess["confidence"]) >= LEAST_CONFIDENCE]
    offered = [name for name in likely if name in meanings and name != _ALWAYS_OFFERED][:MEANINGS_OFFERED]
    return Understood(
        line=line,
        ranking=ranking,
        confidence=float(guesses[0]["confidence"]) if guesses else 0.0,
        direct=(parsed.get("intent") or {}).get("name") != FALLBACK,
        offered=(*offered, _ALWAYS_OFFERED),
        milliseconds=milliseconds,
        answering_point=parsed.get(ANSWERING_POINT),
    )
