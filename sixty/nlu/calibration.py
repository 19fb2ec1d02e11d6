"""Honest confidences, and from which one on the bot answers at once instead of asking "您是想问…"."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax


def fitted_sharpness(margins: npt.NDArray[np.float64], truths: npt.NDArray[np.int64]) -> float:
    """The factor by which margins become honest probabilities under a softmax (temperature scaling).

    Source: Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.

    Args:
        margins: One row a held-out line, one column an intent.
        truths: Index of the right intent of each line.

    Returns:
        The factor under which the right intents are likeliest.
    """

    def surprise(sharpness: float) -> float:
        return -float(log_softmax(margins * sharpness, axis=1)[np.arange(len(truths)), truths].mean())

    return float(minimize_scalar(surprise, bounds=(0.1, 50.0), method="bounded").x)


def answering_point(confidences: npt.NDArray[np.float64], right: npt.NDArray[np.bool_], wrong_at_most: float) -> float:
    """The lowest confidence at which wrong answers stay within a share of all lines.

    This is selective classification with a bound on errors over all inputs; see El-Yaniv and Wiener, "On the
    Foundations of Noise-free Selective Classification", JMLR 2010.

    Args:
        confidences: How sure the model was of each held-out line.
        right: Whether its guess was right.
        wrong_at_most: The share of all lines, answered or not, that may be answered wrongly at once, 0 to 1.

    Returns:
        The point, one of `confidences`: lines at least that sure are answered. Just above the highest confidence when
        not even that may be answered; 0 without lines.
    """
    if not len(confidences):
        return 0.0
    order = np.argsort(-confidences, kind="stable")
    sorted_confidences = confidences[order]
    wrong = np.cumsum(~right[order]) / len(order)
    # Lines of the same confidence are answered together or not at all.
    last_of_its_kind = np.append(sorted_confidences[1:] < sorted_confidences[:-1], True)
    allowed = np.flatnonzero(last_of_its_kind & (wrong <= wrong_at_most))
    if not len(allowed):
        return float(np.nextafter(sorted_confidences[0], 2.0))
    # `wrong` only grows, so everything before the last allowed line is allowed, too.
    return float(sorted_confidences[allowed[-1]])
