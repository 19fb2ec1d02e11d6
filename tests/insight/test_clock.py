"""The golden-minute clock."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.insight.clock import segment_of
from sixty.insight.models import SEGMENTS
from sixty.insight.rules import ClockRules
from sixty.insight.turns import turns_of
from tests.insight.written import Script

RULES = ClockRules(stretch={"数码家电": 3})


def asked(count: int, outcome: str = "answered") -> Script:
    script = Script()
    for number in range(count):
        script.customer(number, "ask_price", outcome=outcome)
    return script


@pytest.mark.parametrize(
    ("questions", "seconds", "category", "segment"),
    [
        (1, 14.9, None, "ask"),
        (1, 15, None, "answer"),
        (1, 35, None, "win_back"),
        (1, 44, "数码家电", "ask"),
        (1, 45, "数码家电", "answer"),
        (1, 105, "数码家电", "win_back"),
        (2, 3, None, "answer"),
        (4, 5, None, "win_back"),
    ],
)
def test_it_moves_by_seconds_and_by_questions(
    questions: int, seconds: float, category: str | None, segment: str
) -> None:
    assert segment_of(turns_of(asked(questions).said), seconds, RULES, category) == segment


def test_nobody_is_won_back_before_something_was_answered() -> None:
    assert segment_of(turns_of(asked(5, "missed").said), 500, RULES) == "answer"
    assert segment_of((), 0, RULES) == "ask"


@given(st.integers(1, 6), st.floats(0, 500), st.floats(0, 500))
def test_it_never_runs_back(questions: int, one: float, other: float) -> None:
    turns = turns_of(asked(questions).said)
    early, late = sorted((one, other))
    before, after = segment_of(turns, early, RULES), segment_of(turns, late, RULES)
    assert SEGMENTS.index(before) <= SEGMENTS.index(after)
