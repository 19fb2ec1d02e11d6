"""Which candidate is shown next: Thompson sampling, aimed at knowing the best few soon.

What is known of a candidate is a Beta distribution over what an impression of it is worth. It begins as
`Beta(1, 1/m - 1)`, where `m` is what impressions of the candidates are worth on average: products differ from each
other by about as much as they are worth, and one that was shown little is taken for one of them, not for a miracle.
After `n` settled impressions worth `r` together it is `Beta(1 + w r, 1/m - 1 + w (n - r))`. Worths lie between 0 and 1;
where they are fractions they vary less than a coin with the same mean, so that an impression tells more than a toss:
`w` is how many tosses it is worth, the variance of the coin over that of the worths (McCullagh's quasi-likelihood).

Plain Thompson sampling (Thompson 1933) shows what seems best nearly always, and so learns little about the one that
it has to be told from. Top-two Thompson sampling (Russo, "Simple Bayesian Algorithms for Best Arm Identification",
COLT 2016) also draws a rival: what is best in a draw that disagrees with the leader. Here the leader is what is best so
far (Jourdan et al., "Top Two Algorithms Revisited", NeurIPS 2022), a draw disagrees when the rival is better by more
than one minds, and of the two the one is shown that is known less, with chances in proportion to their variances (Qin
and You, "Dual-Directed Algorithm Design for Efficient Pure Exploration", 2023). Where several winners are looked for,
the weakest of the leaders in a draw stands against the strongest of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

# After so many draws that agree, the places are as good as clear, and the closest rivals are shown.
_MOST_DRAWS = 60
_UNKNOWN = 0.5
_ENOUGH_TO_SAY = 200
_MOST_TOSSES = 10.0


@dataclass(frozen=True)
class Arm:
    """How a candidate stands.

    Attributes:
        settled: How many of its impressions count, …
        reward: … what they were worth together, …
        shown: … and how often it was shown, settled or not.
        squares: The sum of the squares of what they were worth; as for worths of 0 and 1 when left out.
        usual: What an impression of any candidate is worth on average.
        weight: How many tosses of a coin an impression is worth.
    """

    product_no: str
    settled: int
    reward: float
    shown: int = 0
    squares: float | None = None
    usual: float = _UNKNOWN
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.reward <= self.settled:
            raise ValueError(f"{self.settled} impressions of {self.product_no} cannot be worth {self.reward}")
        if not 0 < self.usual <= _UNKNOWN:
            raise ValueError(f"impressions are worth between 0 and {_UNKNOWN} on average, not {self.usual}")

    @property
    def alpha(self) -> float:
        """The first parameter of what is known of it."""
        return 1.0 + self.weight * self.reward

    @property
    def beta(self) -> float:
        """The second parameter."""
        return 1.0 / self.usual - 1.0 + self.weight * (self.settled - self.reward)

    @property
    def mean(self) -> float:
        """What an impression is worth, as far as is known."""
        return self.alpha / (self.alpha + self.beta)

    @property
    def variance(self) -> float:
        """How unsure that is."""
        return self.mean * (1 - self.mean) / (self.alpha + self.beta + 1)


def compared(arms: Sequence[Arm]) -> tuple[Arm, ...]:
    """The candidates, each knowing what impressions of all of them are worth on average, and how much that varies.

    For the average every candidate counts the same, however often it was shown: what is shown most is what seems best.
    """
    seen = [arm for arm in arms if arm.settled]
    if not seen:
        return tuple(replace(arm, usual=_UNKNOWN, weight=1.0) for arm in arms)
    settled = sum(arm.settled for arm in seen)
    usual = sum(arm.reward / arm.settled for arm in seen) / len(seen)
    usual = min(max(usual, 1 / (2 + settled)), _UNKNOWN)
    weight = _tosses(seen, settled)
    return tuple(replace(arm, usual=usual, weight=weight) for arm in arms)


def _tosses(arms: Sequence[Arm], settled: int) -> float:
    """How many tosses of a coin an impression is worth; one as long as too few are known to say."""
    if settled < _ENOUGH_TO_SAY:
        return 1.0
    mean = sum(arm.reward for arm in arms) / settled
    variance = sum(arm.reward if arm.squares is None else arm.squares for arm in arms) / settled - mean * mean
    if variance <= 0:
        return 1.0
    return min(max(mean * (1 - mean) / variance, 1.0), _MOST_TOSSES)


def next_arm(
    arms: Sequence[Arm], winners: int, chance: np.random.Generator, least: int = 0, margin: float = 0.0
) -> Arm:
    """Chooses the candidate to show.

    Args:
        arms: The candidates that can be shown, `compared` with each other.
        winners: How many of them are looked for.
        chance: Decides; the same chance decides the same.
        least: Every candidate is shown so often first: a bad beginning must not be the end of any.
        margin: What is within this share of another one's worth is as good as that.

    Raises:
        ValueError: There are no candidates.
    """
    if not arms:
        raise ValueError("there is nothing to choose from")
    fewest = min(arm.shown for arm in arms)
    if fewest < least:
        behind = [arm for arm in arms if arm.shown == fewest]
        return behind[int(chance.integers(len(behind)))]
    if winners >= len(arms):
        return arms[int(chance.integers(len(arms)))]
    ranked = sorted(arms, key=lambda arm: (-arm.mean, arm.product_no))
    one, other = _pair(ranked, winners, chance, margin)
    return one if chance.random() * (one.variance + other.variance) < one.variance else other


def drawn_order(arms: Sequence[Arm], chance: np.random.Generator) -> list[Arm]:
    """Orders candidates for several places at once, by one draw of what each is worth.

    That is plain Thompson sampling with multiple plays (Komiyama, Honda and Nakagawa, "Optimal Regret Analysis of
    Thompson Sampling in Stochastic Multi-armed Bandit Problem with Multiple Plays", ICML 2015): it shows what is best
    nearly always, where `next_arm` spends showings on finding out which that is.

    Args:
        arms: The candidates, `compared` with each other.
        chance: Decides; the same chance decides the same.
    """
    drawn = chance.beta([arm.alpha for arm in arms], [arm.beta for arm in arms])
    return [arms[int(at)] for at in (-drawn).argsort(kind="stable")]


def _pair(ranked: Sequence[Arm], winners: int, chance: np.random.Generator, margin: float) -> tuple[Arm, Arm]:
    """A leader and a rival that may be better: those of the first draw that says so."""
    drawn = chance.beta([arm.alpha for arm in ranked], [arm.beta for arm in ranked], size=(_MOST_DRAWS, len(ranked)))
    leaders, others = drawn[:, :winners], drawn[:, winners:]
    disagreeing = (leaders.min(axis=1) < (1 - margin) * others.max(axis=1)).nonzero()[0]
    if not disagreeing.size:
        return ranked[winners - 1], ranked[winners]
    row = disagreeing[0]
    return ranked[int(leaders[row].argmin())], ranked[winners + int(others[row].argmax())]
