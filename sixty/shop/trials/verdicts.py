"""Whether it is clear yet which candidates earn their place."""

from __future__ import annotations

from typing import Literal

from sixty.shop.trials.certainty import may_be_clear, places
from sixty.shop.trials.sampling import Arm
from sixty.shop.trials.trial import Trial

Verdict = Literal["earned", "not", "open"]


def verdicts_of(trial: Trial, arms: tuple[Arm, ...]) -> tuple[Verdict, ...]:
    """Says of each candidate whether it has a place among the winners, with the trial's certainty.

    Of candidates that are as good as each other within the trial's margin more may deserve a place than there are
    places: then the likeliest have them.
    """
    if min((arm.settled for arm in arms), default=0) < trial.least:
        return tuple("open" for _ in arms)
    chances = places(arms, trial.winners, trial.margin)
    ranked = sorted(range(len(arms)), key=lambda at: (-chances[at], -arms[at].mean, at))
    sure = [at for at in ranked if chances[at] >= trial.certainty][: trial.winners]
    all_taken = len(sure) == trial.winners
    return tuple(
        "earned" if at in sure else "not" if all_taken or chances[at] <= 1 - trial.certainty else "open"
        for at in range(len(arms))
    )


def is_decided(trial: Trial, arms: tuple[Arm, ...]) -> bool:
    """Tells whether all winners are known."""
    if min((arm.settled for arm in arms), default=0) < trial.least:
        return False
    if not may_be_clear(arms, trial.winners, trial.certainty, trial.margin):
        return False
    return verdicts_of(trial, arms).count("earned") == trial.winners
