"""The golden-minute clock: whether the customer still asks, the shop answers, or it is time to win them back."""

from __future__ import annotations

from collections.abc import Sequence

from sixty.insight.models import Segment
from sixty.insight.rules import ClockRules
from sixty.insight.turns import Turn


def segment_of(turns: Sequence[Turn], seconds: float, rules: ClockRules, category: str | None = None) -> Segment:
    """Where the golden minute is.

    It moves by the clock, and by questions for a customer who is quicker than it; but nobody is won back, and nothing
    is sold on, before something was answered.

    Args:
        turns: The customer's messages of the visit up to now.
        seconds: Since the first of them.
        rules: The merchant's.
        category: Of what it is about; some goods take longer.
    """
    questions = sum(turn.question is not None for turn in turns)
    answered = any(turn.was_answered for turn in turns)
    begins = rules.bounds_of(category)
    if answered and (seconds >= begins["win_back"] or questions >= rules.questions.win_back):
        return "win_back"
    if seconds >= begins["answer"] or questions >= rules.questions.answer:
        return "answer"
    return "ask"
