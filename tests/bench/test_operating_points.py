from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.operating_points import (
    THRESHOLDS,
    along_thresholds,
    at_threshold,
    in_scope_accuracy,
    mean_and_spread,
    threshold_for,
)
from tests.evaluation.lines import understood

_RESULTS = [
    understood("ask_price", "ask_price", confidence=0.95),
    understood("ask_stock", "ask_price", confidence=0.6, offered=("ask_stock", "ask_price")),
    understood("ask_price", "ask_price", confidence=0.5, offered=("ask_price",)),
    understood("ask_price", "out_of_scope", confidence=0.45),
    understood("out_of_scope", "out_of_scope", confidence=0.8),
    understood("greet", clear=False, confidence=0.7),
]


def test_at_a_threshold_counted_by_hand() -> None:
    assert at_threshold(_RESULTS, 0.5) == {
        "threshold": 0.5,
        "in_scope_accuracy": 0.6667,
        "direct_right": 0.6,
        "capsule_right": 0.0,
        # The second line, and the one that nobody could have decided alone.
        "direct_wrong": 0.3333,
        "oos_recall": 1.0,
    }
    higher = at_threshold(_RESULTS, 0.65)
    assert (higher["direct_right"], higher["capsule_right"], higher["direct_wrong"]) == (0.4, 0.4, 0.1667)
    assert at_threshold(_RESULTS, 0.0)["oos_recall"] == 0.5


def test_in_scope_lines_that_are_asked_back_do_not_count_as_right() -> None:
    asked_back = [replace(result, direct=False) for result in _RESULTS]

    assert in_scope_accuracy(_RESULTS) == 0.6667
    assert in_scope_accuracy(asked_back) == 0.0
    assert in_scope_accuracy([_RESULTS[3]]) is None


def test_the_threshold_is_just_above_the_most_confident_mistake_that_is_not_borne() -> None:
    # Mistakes at 0.7, 0.6 and 0.45; of six lines, one may be wrong.
    assert threshold_for(_RESULTS, 1 / 6) == 0.6001
    assert threshold_for(_RESULTS, 0.1) == 0.7001
    assert threshold_for(_RESULTS, 0.5) == 0.0


_OUTCOMES = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60)


@given(_OUTCOMES, st.floats(0, 1))
def test_no_more_are_wrong_than_borne_and_a_lower_threshold_would_be_too_low(
    outcomes: list[tuple[float, bool]], borne: float
) -> None:
    results = [understood("a", "a" if right else "b", confidence=sure) for sure, right in outcomes]

    threshold = threshold_for(results, borne)

    def wrong(least: float) -> float:
        return sum(not right and sure >= least for sure, right in outcomes) / len(outcomes)

    assert wrong(threshold) <= borne + 1e-8
    assert threshold == 0 or wrong(threshold - 2e-4) > borne


def test_along_thresholds_right_answers_at_once_never_grow() -> None:
    figures = along_thresholds(_RESULTS)

    assert [point["threshold"] for point in figures["thresholds"]] == list(THRESHOLDS)
    shares = [point["direct_right"] for point in figures["thresholds"]]
    assert shares == sorted(shares, reverse=True)
    assert figures["accuracy"] == 0.6
    assert figures["wrong_at_most"]["direct_wrong"] <= 0.10
    assert "parse_ms_p50" not in figures


def test_mean_and_spread_over_draws() -> None:
    rows = [{"accuracy": 0.4, "ece": None}, {"accuracy": 0.6, "ece": 0.1}]

    assert mean_and_spread(rows, ("accuracy", "ece", "top3")) == {
        "accuracy": {"mean": 0.5, "spread": pytest.approx(0.1414)},
        "ece": {"mean": 0.1, "spread": None},
    }
