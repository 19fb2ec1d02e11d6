"""What is left of each benefit, and what came of offering it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from sixty.shop.benefits.benefit import Benefit, BenefitPlan
from sixty.shop.benefits.counters import spent_of, used_of
from sixty.shop.benefits.kinds import LIVE
from sixty.shop.benefits.models import BenefitGrant, BenefitOffer
from sixty.tables import column


@dataclass(frozen=True)
class BenefitFigures:
    """How a benefit stands.

    Attributes:
        runs: Whether it is given at this time.
        taken: How many of its stock are taken in the present span.
        spent: How much of its budget is taken in the present span, by all that share it.
        offered: How often it was ever offered, …
        granted: … given and not taken back, …
        used: … and used.
    """

    benefit: Benefit
    runs: bool
    taken: int
    spent: Decimal
    offered: int
    granted: int
    used: int


def benefit_report(session: Session, plan: BenefitPlan, now: datetime) -> list[BenefitFigures]:
    """Counts every benefit of the playbook."""
    offered = dict(
        session.execute(
            select(BenefitOffer.benefit_id, func.count())
            .where(column(BenefitOffer.benefit_id).is_not(None))
            .group_by(BenefitOffer.benefit_id)
        ).all()
    )
    counted = {
        name: (given, used)
        for name, given, used in session.execute(
            select(
                BenefitGrant.benefit_id,
                func.sum(case((column(BenefitGrant.state).in_(LIVE), 1), else_=0)),
                func.sum(case((column(BenefitGrant.state) == "used", 1), else_=0)),
            ).group_by(BenefitGrant.benefit_id)
        )
    }
    return [
        BenefitFigures(
            benefit,
            benefit.runs(now),
            used_of(session, benefit, now),
            spent_of(session, benefit.budget, now) if benefit.budget is not None else Decimal(0),
            int(offered.get(benefit.id, 0)),
            *(int(each) for each in counted.get(benefit.id, (0, 0))),
        )
        for benefit in plan.benefits.values()
    ]


def grants_waiting(session: Session, now: datetime, limit: int) -> Sequence[BenefitGrant]:
    """What was given and can be used, sent or done still, the oldest first."""
    query = (
        select(BenefitGrant)
        .where(column(BenefitGrant.state).in_(("held", "granted")), column(BenefitGrant.expires_at) > now)
        .order_by(BenefitGrant.granted_at, BenefitGrant.reference)
        .limit(limit)
    )
    found: Sequence[BenefitGrant] = session.scalars(query).all()
    return found
