"""How sure one can be of a candidate's place, worked out and not simulated."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import erf, sqrt
from typing import TYPE_CHECKING, Any

from sixty.shop.intervals import Interval
from sixty.shop.trials.sampling import Arm

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_POINTS = 100
_TAIL = 1e-7
_SURE = 0.95
_ROOM = 0.05


def credible(arm: Arm, certainty: float = _SURE) -> Interval:
    """What an impression is worth, and between which two values that lies with a certainty (equal tails)."""
    from scipy.special import betaincinv

    tail = (1 - certainty) / 2
    low, high = (float(betaincinv(arm.alpha, arm.beta, each)) for each in (tail, 1 - tail))
    return Interval(arm.mean, low, high)


def may_be_clear(arms: Sequence[Arm], winners: int, certainty: float, margin: float = 0.0) -> bool:
    """Tells quickly that places are far from clear: where the last winner and the first loser are.

    Who is among the best with a certainty is better than the next one with that certainty at least. Normal
    approximations do for that, with some room; they save most of the exact sums.
    """
    if winners >= len(arms):
        return True
    ranked = sorted(arms, key=lambda arm: -arm.mean)
    one, other = ranked[winners - 1], ranked[winners]
    spread = sqrt(sum(part * part * arm.variance for part, arm in ((1.0, one), (1 - margin, other))))
    return (1 + erf((one.mean - (1 - margin) * other.mean) / spread / sqrt(2))) / 2 >= certainty - _ROOM


@lru_cache(maxsize=64)
def places(arms: tuple[Arm, ...], winners: int, margin: float = 0.0) -> tuple[float, ...]:
    """For each candidate, how likely it is among the best few, or as good as they are.

    It is the integral, over what the candidate may be worth, of the chance that fewer than `winners` others are worth
    more by the margin: sums over the quantiles of all distributions, the number of better ones counted by dynamic
    programming (it is Poisson-binomial, as they are independent). The error is below one in a thousand.

    Args:
        arms: The candidates.
        winners: How many best there are.
        margin: What is within this share of another one's worth is as good as that.
    """
    import numpy as np
    from scipy.special import betainc

    if winners >= len(arms):
        return tuple(1.0 for _ in arms)
    grid = _grid(arms)
    middle = (grid[1:] + grid[:-1]) / 2
    better = np.minimum(middle / (1 - margin), 1.0)
    # How likely each is worth something between two points, and less than what is better than that by the margin.
    within = np.stack([np.diff(betainc(arm.alpha, arm.beta, grid)) for arm in arms])
    below = np.stack([betainc(arm.alpha, arm.beta, better) for arm in arms])
    return tuple(
        float(np.clip((within[at] * _fewer_above(np.delete(below, at, axis=0), winners)).sum(), 0.0, 1.0))
        for at in range(len(arms))
    )


def _grid(arms: Sequence[Arm]) -> npt.NDArray[np.float64]:
    """Points that are dense wherever any of the distributions is."""
    import numpy as np
    from scipy.special import betaincinv

    inner = np.linspace(0.0, 1.0, _POINTS + 2)[1:-1]
    tails = np.geomspace(_TAIL, inner[0], 12)[:-1]
    levels = np.concatenate([tails, inner, 1 - tails[::-1]])
    points: Any = np.concatenate([[0.0], *(betaincinv(arm.alpha, arm.beta, levels) for arm in arms), [1.0]])
    found: npt.NDArray[np.float64] = np.unique(points)
    return found


def _fewer_above(below: npt.NDArray[np.float64], winners: int) -> npt.NDArray[np.float64]:
    """For each point, how likely fewer than `winners` of some candidates are worth more."""
    import numpy as np

    counts = np.zeros((winners, below.shape[1]))
    counts[0] = 1.0
    for each in below:
        for number in range(winners - 1, 0, -1):
            counts[number] = counts[number] * each + counts[number - 1] * (1 - each)
        counts[0] = counts[0] * each
    total: npt.NDArray[np.float64] = counts.sum(axis=0)
    return total
