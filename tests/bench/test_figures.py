from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.figures import Answer, counted, percentile, ratios, summary


def test_percentiles_are_values_that_occurred() -> None:
    values = [float(number) for number in range(1, 101)]

    assert [percentile(values, percent) for percent in (50, 95, 99, 100)] == [50, 95, 99, 100]
    assert percentile([7.0], 99) == 7.0
    assert percentile([], 50) is None


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(1, 100))
def test_at_least_that_share_lies_at_or_below_a_percentile(values: list[float], percent: float) -> None:
    found = percentile(values, percent)

    assert found in values
    assert sum(value <= found for value in values) >= percent / 100 * len(values) - 1e-6


def test_a_summary_of_nothing_has_no_figures() -> None:
    assert summary([]) == {"p50_ms": None, "p95_ms": None, "p99_ms": None}


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ({"a": 1.0}, {"a": 4}, {"a": 0.25}),
        ({"turn": {"p50": 3, "failures": {}}}, {"turn": {"p50": 2, "failures": {}}}, {"turn": {"p50": 1.5}}),
        ({"only_ours": 1, "zero": 1, "none": 1}, {"zero": 0, "none": None}, {}),
        ({"reused": True, "name": "x", "list": [1]}, {"reused": True, "name": "y", "list": [2]}, {}),
    ],
)
def test_ratios(ours: dict[str, object], theirs: dict[str, object], expected: dict[str, object]) -> None:
    assert ratios(ours, theirs) == expected


def test_turns_count_where_they_began_and_speed_where_they_were_answered() -> None:
    answers = [
        Answer(9.0, 9.5, None),  # Warming up.
        Answer(9.9, 10.4, None),  # Begun while warming up, answered later.
        Answer(10.5, 10.9, None),
        Answer(10.9, 11.0, "no reply"),
        Answer(11.5, 14.5, None),  # Under way at the end, and slow because of the load.
        Answer(12.5, 12.6, None),  # Too late.
    ]

    figures = counted(answers, since=10.0, seconds=2.0)

    assert figures == {
        "turns": 2,
        "turns_with_warm_up": 6,
        "failures": {"no reply": 1},
        "turns_per_second": 1.0,
        "p50_ms": 400.0,
        "p95_ms": 3000.0,
        "p99_ms": 3000.0,
    }
