"""Product trials (测款): a share of the recommendations tells which of some candidates earn their place."""

from sixty.shop.trials.outcomes import outcome
from sixty.shop.trials.reading import read_trials, shop_trials
from sixty.shop.trials.report import TrialReport, trial_report
from sixty.shop.trials.settling import settle_due
from sixty.shop.trials.showing import Candidate, candidate, products_on_trial
from sixty.shop.trials.trial import Trial

__all__ = [
    "Candidate",
    "Trial",
    "TrialReport",
    "candidate",
    "outcome",
    "products_on_trial",
    "read_trials",
    "settle_due",
    "shop_trials",
    "trial_report",
]
