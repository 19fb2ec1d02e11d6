"""Whether somebody may give a benefit to a customer: everything but what is left of it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.shop.benefits.about import Priced
from sixty.shop.benefits.benefit import Benefit, BenefitPlan
from sixty.shop.benefits.floors import leaves_enough
from sixty.shop.benefits.kinds import LIVE, Authority, may_act_as
from sixty.shop.benefits.models import BenefitGrant
from sixty.shop.benefits.wording import RefusalReason
from sixty.shop.orders import Viewer
from sixty.shop.whose import whose
from sixty.tables import Money, column


def obstacle(
    session: Session,
    plan: BenefitPlan,
    benefit: Benefit,
    viewer: Viewer,
    authority: Authority,
    now: datetime,
    found: Priced | None,
    *,
    prize: bool = False,
) -> RefusalReason | None:
    """What stands in the way of giving a benefit; None where nothing does.

    Args:
        session: The shop's database.
        plan: The shop's benefits.
        benefit: What is to be given.
        viewer: To whom.
        authority: By whom.
        now: The moment.
        found: What it is given for; None where it is for nothing in particular.
        prize: Whether it was won: then the draw was what took authority and room above the floor.
    """
    if not benefit.runs(now):
        return "not_running"
    if had_enough(session, benefit, viewer, now):
        return "had_already"
    if prize:
        return None
    if not _within_authority(session, plan, benefit, viewer, authority, now):
        return "above_authority"
    if found is not None and not leaves_enough(session, plan, benefit, viewer, found):
        return "below_limit"
    return None


def had_enough(session: Session, benefit: Benefit, viewer: Viewer, now: datetime) -> bool:
    """Tells whether somebody has had a benefit as often as they may, or has a coupon of it to use still."""
    mine = (whose(BenefitGrant, viewer), column(BenefitGrant.benefit_id) == benefit.id)
    often = benefit.per_customer
    since = (column(BenefitGrant.granted_at) > now - often.within, column(BenefitGrant.state).in_(LIVE))
    if _count(session, *mine, *since) >= often.times:
        return True
    open_now = (column(BenefitGrant.state).in_(("held", "granted")), column(BenefitGrant.expires_at) > now)
    return benefit.kind == "coupon" and _count(session, *mine, *open_now) > 0


def _within_authority(
    session: Session, plan: BenefitPlan, benefit: Benefit, viewer: Viewer, authority: Authority, now: datetime
) -> bool:
    limit = plan.authorities.get(authority)
    if limit is None or not may_act_as(authority, benefit.authority) or benefit.cost > limit.each:
        return False
    query = select(func.coalesce(func.sum(BenefitGrant.cost, type_=Money), Decimal(0), type_=Money)).where(
        whose(BenefitGrant, viewer),
        column(BenefitGrant.authority) == authority,
        column(BenefitGrant.drawn_key).is_(None),
        column(BenefitGrant.state).in_(LIVE),
        column(BenefitGrant.granted_at) > now - limit.within,
    )
    given: Decimal = session.scalar(query) or Decimal(0)
    return given + benefit.cost <= limit.together


def _count(session: Session, *conditions: Any) -> int:
    found: int | None = session.scalar(select(func.count()).select_from(BenefitGrant).where(*conditions))
    return found or 0
