"""From which confidence on an answer is given at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.nlu.calibration import answering_point, fitted_sharpness

HELD_OUT = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60)


def _wrong_from(point: float, held_out: list[tuple[float, bool]]) -> float:
    return sum(confidence >= point and not right for confidence, right in held_out) / len(held_out)


@given(HELD_OUT, st.floats(0, 1))
def test_no_more_than_allowed_is_wrong_and_no_lower_point_would_do(
    held_out: list[tuple[float, bool]], allowed: float
) -> None:
    confidences = np.array([confidence for confidence, _ in held_out])
    point = answering_point(confidences, np.array([right for _, right in held_out]), allowed)
    assert _wrong_from(point, held_out) <= allowed
    lower = [confidence for confidence, _ in held_out if confidence < point]
    if lower:
        assert _wrong_from(max(lower), held_out) > allowed


def test_without_lines_everything_is_answered() -> None:
    assert answering_point(np.array([]), np.array([], dtype=bool), 0.1) == 0.0


def test_when_even_the_surest_is_wrong_nothing_is_answered() -> None:
    assert answering_point(np.array([0.9, 0.4]), np.array([False, True]), 0.1) > 0.9


def test_margins_that_tell_less_become_softer_confidences() -> None:
    margins = np.array([[1.0, -1.0]] * 10)
    always = fitted_sharpness(margins, np.zeros(10, dtype=np.int64))
    often = fitted_sharpness(margins, np.array([0] * 8 + [1] * 2))
    assert often < always
    # Eight of ten are right, so the softmax of a margin of two should say 0.8.
    assert 1 / (1 + np.exp(-2 * often)) == pytest.approx(0.8, abs=0.01)
