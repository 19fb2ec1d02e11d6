"""How what was given ends: used, revoked, or run out; what ended unused goes back to stock and budget."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from sixty.shop.benefits.benefit import Benefit
from sixty.shop.benefits.counters import give_back
from sixty.shop.benefits.models import BenefitGrant
from sixty.shop.deeds.models import CustomerCoupon
from sixty.shop.models import Coupon, Order
from sixty.shop.pricing.models import Credit
from sixty.tables import column

_AT_ONCE = 500
_LONGEST_WHY = 128


def revoke(session: Session, reference: str, now: datetime, why: str = "") -> BenefitGrant | None:
    """Takes back what was given and not used; None when nothing of this reference is there to take back."""
    row = _open_one(session, reference)
    if row is not None:
        end(session, row, "revoked", now, why)
    return row


def mark_used(session: Session, reference: str, now: datetime) -> BenefitGrant | None:
    """Says that something was used, sent or done; None when nothing of this reference waits for that."""
    row = _open_one(session, reference)
    if row is not None:
        end(session, row, "used", now)
    return row


def expire_due(session: Session, now: datetime, benefit: Benefit | None = None) -> int:
    """Ends what has run out.

    What an order was placed with in its time counts as used: its stock and money are gone, whether or not anybody said
    so. Rows that another transaction is about to end are left to it.

    Args:
        session: A session that may write.
        now: The present moment.
        benefit: Only what shares this one's stock or budget; everything when left out.

    Returns:
        How many ended unused.
    """
    query = (
        select(BenefitGrant)
        .where(column(BenefitGrant.state).in_(("held", "granted")), column(BenefitGrant.expires_at) <= now)
        .order_by(BenefitGrant.expires_at, BenefitGrant.key)
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if benefit is not None:
        same = [column(BenefitGrant.benefit_id) == benefit.id]
        if benefit.budget is not None:
            same.append(column(BenefitGrant.budget) == benefit.budget.name)
        query = query.where(or_(*same))
    unused = 0
    while True:
        rows: Sequence[BenefitGrant] = session.scalars(query).all()
        for row in rows:
            used = _was_ordered_with(session, row)
            end(session, row, "used" if used else "expired", now)
            unused += not used
        if len(rows) < _AT_ONCE:
            return unused


def use_what_was_ordered_with(session: Session, customer_id: str, now: datetime) -> None:
    """Ends coupons of a customer that they have placed an order with, so that nobody counts on them again."""
    query = (
        select(BenefitGrant)
        .where(
            column(BenefitGrant.customer_id) == customer_id,
            column(BenefitGrant.state) == "granted",
            column(BenefitGrant.coupon_code).is_not(None),
        )
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    rows: Sequence[BenefitGrant] = session.scalars(query).all()
    for row in rows:
        if _was_ordered_with(session, row):
            end(session, row, "used", now)


def end(
    session: Session,
    row: BenefitGrant,
    state: Literal["used", "revoked", "expired"],
    now: datetime,
    why: str = "",
) -> None:
    """Ends a grant that is held or granted, and whose row this transaction has locked."""
    packet = session.get(Credit, row.reference)
    if packet is not None:
        session.delete(packet)
    elif row.coupon_code is not None and row.customer_id is not None:
        coupon = session.get(CustomerCoupon, (row.customer_id, row.coupon_code))
        # They may have been given the same coupon again since this one ran out.
        if coupon is not None and coupon.ends_at == row.expires_at:
            session.delete(coupon)
    row.state = state
    row.ended_at = now
    row.ended_why = why[:_LONGEST_WHY] or None
    session.flush()
    if state != "used":
        give_back(session, row)


def _open_one(session: Session, reference: str) -> BenefitGrant | None:
    query = (
        select(BenefitGrant)
        .where(column(BenefitGrant.reference) == reference, column(BenefitGrant.state).in_(("held", "granted")))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row: BenefitGrant | None = session.scalars(query).first()
    return row


def _was_ordered_with(session: Session, row: BenefitGrant) -> bool:
    if row.customer_id is None:
        return False
    conditions = [
        column(Order.customer_id) == row.customer_id,
        column(Order.placed_at) >= row.granted_at,
        column(Order.placed_at) < row.expires_at,
        column(Order.state) != "closed",
    ]
    if row.coupon_code is not None:
        coupon = session.get(Coupon, row.coupon_code) or session.get(Credit, row.coupon_code)
        if coupon is None:
            return False
        conditions += [column(Order.discount) >= coupon.amount, column(Order.goods_amount) >= coupon.threshold]
    return session.scalar(select(Order.no).where(*conditions).limit(1)) is not None
