"""Gives a share of the recommendations to candidates."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from numpy.random import default_rng
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from sixty.shop.adding import add_once
from sixty.shop.models import Product, Sku
from sixty.shop.orders import Viewer
from sixty.shop.trials.models import TrialImpression
from sixty.shop.trials.reading import shop_trials
from sixty.shop.trials.sampling import Arm, next_arm
from sixty.shop.trials.settling import arms_of, count_shown, settle_due
from sixty.shop.trials.trial import Trial
from sixty.shop.trials.verdicts import is_decided
from sixty.tables import column

LONGEST_KEY = 160


@dataclass(frozen=True)
class Candidate:
    """What is shown for a trial, and under which key that is recorded."""

    trial_id: str
    product_no: str
    impression: str


def candidate(
    session: Session,
    key: str,
    viewer: Viewer,
    now: datetime,
    scene: str = "",
    exclude: Collection[str] = (),
    trials: Sequence[Trial] | None = None,
) -> Candidate | None:
    """Decides whether a place among the recommendations is a trial's, and which candidate is shown there.

    The decision is recorded as an impression: ask only for what is really shown. The key decides which trial has the
    place, so that asking again gives the same answer, and one trial's share never takes from another's.

    Args:
        session: A session that may write.
        key: The place, such as the conversation, the message and a number; at most 160 characters.
        viewer: Who sees it.
        now: The moment.
        scene: Which recommendation it is.
        exclude: Products that must not be shown, as they are shown already, were bought or refused.
        trials: The shop's trials; those of this deployment when left out.

    Returns:
        The candidate, or None when the place is no trial's.

    Raises:
        ValueError: The key is empty or too long.
    """
    if not 0 < len(key) <= LONGEST_KEY:
        raise ValueError(f"an impression's key has 1 to {LONGEST_KEY} characters, not {len(key)}")
    known: TrialImpression | None = session.get(TrialImpression, key)
    if known is not None:
        return Candidate(known.trial_id, known.product_no, key)
    running = [each for each in (trials if trials is not None else shop_trials()) if each.runs(now)]
    trial = _of_key(running, key)
    if trial is None or not trial.shows_in(scene):
        return None
    settle_due(session, trial, now)
    arms = arms_of(session, trial)
    if is_decided(trial, arms):
        return None
    offered = _offered(session, arms, exclude)
    if not offered:
        return None
    winners = max(1, min(trial.winners, len(offered) - 1))
    arm = next_arm(offered, winners, default_rng(_seed(key, "arm")), trial.least, trial.margin)
    values = {
        "key": key,
        "trial_id": trial.id,
        "product_no": arm.product_no,
        "customer_id": viewer.customer_id,
        "conversation_id": viewer.conversation_id,
        "scene": scene[:32],
        "shown_at": now,
    }
    if add_once(session, TrialImpression, values):
        count_shown(session, trial.id, arm.product_no)
        return Candidate(trial.id, arm.product_no, key)
    # Somebody else has just answered for the same place.
    shown: TrialImpression | None = session.get(TrialImpression, key, populate_existing=True)
    return None if shown is None else Candidate(shown.trial_id, shown.product_no, key)


def products_on_trial(
    session: Session, now: datetime, scene: str = "", trials: Sequence[Trial] | None = None
) -> frozenset[str]:
    """The candidates of the trials that run in a scene and are not decided yet."""
    shown = (each for each in (trials if trials is not None else shop_trials()) if each.runs(now))
    return frozenset(
        product
        for trial in shown
        if trial.shows_in(scene) and not is_decided(trial, arms_of(session, trial))
        for product in trial.products
    )


def _of_key(trials: Sequence[Trial], key: str) -> Trial | None:
    """The trial whose part of the line from 0 to 1 a key falls into."""
    place = _seed(key, "share") / 2**64
    for trial in trials:
        place -= float(trial.share)
        if place < 0:
            return trial
    return None


def _seed(key: str, purpose: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{purpose}\0{key}".encode()).digest()[:8], "big")


def _offered(session: Session, arms: Sequence[Arm], exclude: Collection[str]) -> list[Arm]:
    wanted = [arm.product_no for arm in arms if arm.product_no not in exclude]
    in_stock = exists().where(column(Sku.product_no) == Product.no, column(Sku.stock) > 0)
    query = select(Product.no).where(column(Product.no).in_(wanted), column(Product.status) == "on_sale", in_stock)
    found = set(session.scalars(query)) if wanted else set()
    return [arm for arm in arms if arm.product_no in found]
