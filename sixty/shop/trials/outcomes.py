"""Records what came of an impression, once each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import desc, select
from sqlalchemy.orm import Session

from sixty.shop.adding import add_once
from sixty.shop.orders import Viewer
from sixty.shop.trials.models import OutcomeKind, TrialImpression, TrialOutcome
from sixty.shop.trials.reading import shop_trials
from sixty.shop.trials.trial import Trial
from sixty.shop.whose import whose
from sixty.tables import column

LONGEST_KEY = 160


def outcome(
    session: Session,
    kind: OutcomeKind,
    viewer: Viewer,
    product_no: str,
    now: datetime,
    key: str,
    trials: Sequence[Trial] | None = None,
) -> bool:
    """Records that somebody tapped, marked, put into the cart or ordered a product that they were shown in a trial.

    Orders, carts and favourites of known customers are found by themselves when an impression is settled; telling of
    them, too, does no harm.

    Args:
        session: A session that may write.
        kind: What they did.
        viewer: Who.
        product_no: Which product.
        now: When.
        key: Under which it is recorded once, at most 160 characters.
        trials: The shop's trials; those of this deployment when left out.

    Returns:
        Whether it came of an impression: the last one of this product before it, if its time was not over.

    Raises:
        ValueError: The key is empty or too long.
    """
    return attribute(session, trials if trials is not None else shop_trials(), kind, viewer, product_no, now, key)


def attribute(
    session: Session,
    trials: Sequence[Trial],
    kind: OutcomeKind,
    viewer: Viewer,
    product_no: str,
    at: datetime,
    key: str,
) -> bool:
    """Records an outcome at the impression that it came of; see `outcome`."""
    if not 0 < len(key) <= LONGEST_KEY:
        raise ValueError(f"an outcome's key has 1 to {LONGEST_KEY} characters, not {len(key)}")
    waits = {trial.id: trial.wait for trial in trials if product_no in trial.products}
    if not waits:
        return False
    query = (
        select(TrialImpression)
        .where(
            whose(TrialImpression, viewer),
            column(TrialImpression.product_no) == product_no,
            column(TrialImpression.trial_id).in_(list(waits)),
            column(TrialImpression.shown_at) <= at,
        )
        .order_by(desc(TrialImpression.shown_at), desc(TrialImpression.key))
        .limit(1)
    )
    shown: TrialImpression | None = session.scalars(query).first()
    if shown is None or at - shown.shown_at > waits[shown.trial_id]:
        return False
    add_once(session, TrialOutcome, {"key": key, "impression_key": shown.key, "kind": kind, "at": at})
    return True
