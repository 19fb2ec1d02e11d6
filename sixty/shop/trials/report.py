"""Which candidates earned their place, and how sure that is."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.shop.intervals import Interval, wilson
from sixty.shop.models import Product
from sixty.shop.trials.certainty import credible, places
from sixty.shop.trials.models import TrialArm, TrialImpression, TrialOutcome
from sixty.shop.trials.settling import arms_of
from sixty.shop.trials.trial import Trial
from sixty.shop.trials.verdicts import Verdict, verdicts_of
from sixty.tables import column


@dataclass(frozen=True)
class CandidateFigures:
    """How a candidate did.

    Attributes:
        shown: How often it was shown.
        settled: How many of these impressions count.
        taps, favourites, carts, orders: What came of all that were shown, whether or not they count yet.
        worth: What an impression is worth, with its 95% credible interval.
        order_rate: Which share of what was shown was ordered, with its 95% confidence interval (Wilson).
        place: How likely it is among the winners, or as good as they are.
    """

    product_no: str
    name: str
    shown: int
    settled: int
    taps: int
    favourites: int
    carts: int
    orders: int
    worth: Interval
    order_rate: Interval
    place: float
    verdict: Verdict


@dataclass(frozen=True)
class TrialReport:
    """How a trial stands; `decided` when all winners are known."""

    trial: Trial
    runs: bool
    decided: bool
    first_shown: datetime | None
    last_shown: datetime | None
    candidates: tuple[CandidateFigures, ...]


def trial_report(session: Session, trial: Trial, now: datetime) -> TrialReport:
    """Reports a trial, the likeliest winners in front."""
    arms = arms_of(session, trial)
    shown = dict(
        session.execute(select(TrialArm.product_no, TrialArm.shown).where(column(TrialArm.trial_id) == trial.id)).all()
    )
    names = dict(session.execute(select(Product.no, Product.name).where(column(Product.no).in_(trial.products))).all())
    came = _outcomes(session, trial)
    verdicts = verdicts_of(trial, arms)
    figures = [
        CandidateFigures(
            arm.product_no,
            names.get(arm.product_no, ""),
            number := int(shown.get(arm.product_no, 0)),
            arm.settled,
            came[arm.product_no, "tap"],
            came[arm.product_no, "favourite"],
            came[arm.product_no, "cart"],
            came[arm.product_no, "order"],
            credible(arm),
            wilson(min(came[arm.product_no, "order"], number), number),
            place,
            verdict,
        )
        for arm, place, verdict in zip(arms, places(arms, trial.winners, trial.margin), verdicts, strict=True)
    ]
    first, last = session.execute(
        select(func.min(TrialImpression.shown_at), func.max(TrialImpression.shown_at)).where(
            column(TrialImpression.trial_id) == trial.id
        )
    ).one()
    figures.sort(key=lambda each: (-each.place, -each.worth.rate, each.product_no))
    decided = verdicts.count("earned") == trial.winners
    return TrialReport(trial, trial.runs(now), decided, first, last, tuple(figures))


def _outcomes(session: Session, trial: Trial) -> dict[tuple[str, str], int]:
    query = (
        select(TrialImpression.product_no, TrialOutcome.kind, func.count())
        .join(TrialOutcome, column(TrialOutcome.impression_key) == TrialImpression.key)
        .where(column(TrialImpression.trial_id) == trial.id)
        .group_by(TrialImpression.product_no, TrialOutcome.kind)
    )
    found: dict[tuple[str, str], int] = defaultdict(int)
    for product, kind, number in session.execute(query):
        found[product, kind] = int(number)
    return found
