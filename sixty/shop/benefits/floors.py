"""Below which price nothing is given any more."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.benefits.about import Priced
from sixty.shop.benefits.benefit import Benefit, BenefitPlan, Floors
from sixty.shop.benefits.models import BenefitGrant
from sixty.shop.orders import Viewer
from sixty.shop.whose import whose
from sixty.tables import column


def floor_of(floors: Floors, found: Priced) -> Decimal:
    """The least that must be left of a price, in yuan: the highest of the floors that are known.

    With a cost `c` and a wished margin `m`, a price `p` leaves enough when `(p - c) / p >= m`: from `c / (1 - m)` on.
    """
    least = [floors.price * found.usual]
    of_product = floors.products.get(found.product.no)
    if of_product is not None:
        least.append(of_product * found.quantity)
    if found.cost is not None:
        least.append(found.cost / (1 - floors.margin) if floors.margin < 1 else found.usual)
    return max(least)


def leaves_enough(session: Session, plan: BenefitPlan, benefit: Benefit, viewer: Viewer, found: Priced) -> bool:
    """Tells whether a benefit may be given for what the talk is about, beside all that was given for it before."""
    after = found.with_coupon(benefit.coupon) if benefit.coupon is not None else found.price
    beside = benefit.taken_off + _given_beside(session, plan, viewer, found)
    if after == found.price and not benefit.taken_off:
        return True  # It takes nothing off here.
    return after - beside >= floor_of(plan.floors, found)


def _given_beside(session: Session, plan: BenefitPlan, viewer: Viewer, found: Priced) -> Decimal:
    """What goods and services cost that this customer was given for the product and has not had yet."""
    query = select(BenefitGrant).where(
        whose(BenefitGrant, viewer),
        column(BenefitGrant.product_no) == found.product.no,
        column(BenefitGrant.kind) != "coupon",
        column(BenefitGrant.state).in_(("held", "granted")),
        column(BenefitGrant.granted_at) > found.now - plan.memory,
    )
    rows: Sequence[BenefitGrant] = session.scalars(query).all()
    return sum((row.cost for row in rows), Decimal(0))
