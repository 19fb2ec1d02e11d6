"""Gives benefits: once under each key, never more than there are, never beyond a limit."""

from __future__ import annotations

import base64
import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.adding import add_once
from sixty.shop.benefits import counters
from sixty.shop.benefits.about import About, priced
from sixty.shop.benefits.benefit import Benefit, BenefitPlan, CouponTerms, span_of
from sixty.shop.benefits.checks import had_enough, obstacle
from sixty.shop.benefits.ending import end, expire_due, use_what_was_ordered_with
from sixty.shop.benefits.kinds import Authority
from sixty.shop.benefits.models import BenefitGrant, BenefitOffer
from sixty.shop.benefits.reading import shop_benefits
from sixty.shop.benefits.wording import REFUSALS, RefusalReason, told_given
from sixty.shop.deeds.effects import JOINED_LEVEL
from sixty.shop.deeds.models import CustomerCoupon
from sixty.shop.deeds.recording import take_turns
from sixty.shop.models import Coupon, Customer
from sixty.shop.orders import Viewer
from sixty.shop.pricing.models import Credit
from sixty.shop.whose import whose
from sixty.shop.wording import SHOP_ZONE
from sixty.tables import column

LONGEST_KEY = 128
_PRIZE = ":prize"
# How long a coupon is told of is decided for each customer; the coupon itself must outlast them all.
_FROM = datetime(2000, 1, 1, tzinfo=timezone.utc)
_UNTIL = datetime(2100, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Granted:
    """A benefit that was given.

    Attributes:
        reference: The number under which people find it again.
        held: Whether it waits for a visitor to become known.
        coupon_code: For a coupon, which one lies in the customer's account.
        text: What is said about it.
        repeated: Whether it had been given under this key before.
        won: For a draw, what was won; None where it was nothing.
    """

    reference: str
    benefit: Benefit
    held: bool
    expires_at: datetime
    coupon_code: str | None
    text: str
    repeated: bool = False
    won: Granted | None = None


@dataclass(frozen=True)
class Refused:
    """A benefit that was not given, and why."""

    reason: RefusalReason
    text: str

    @classmethod
    def because(cls, reason: RefusalReason) -> Refused:
        """With the words that go with the reason."""
        return cls(reason, REFUSALS[reason])


def grant(
    session: Session,
    benefit_id: str,
    viewer: Viewer,
    key: str,
    authority: Authority,
    now: datetime,
    about: About | None = None,
    situation: str = "",
    *,
    direct: bool = False,
    plan: BenefitPlan | None = None,
) -> Granted | Refused:
    """Gives a benefit to a customer, or holds it for a visitor until they are known.

    Everything is looked at again in this transaction, whatever was said before. Who gives to the same customer waits
    for its end; so do not give in one transaction what others give in another order.

    Args:
        session: A session that may write.
        benefit_id: Which benefit.
        viewer: To whom, as the server knows them.
        key: Under which it is given once, 1 to 128 characters.
        authority: By whom. What the bot gives must have been offered before, unless it is `direct`.
        now: The present moment.
        about: What it is given for.
        situation: What made it be given, for the record.
        direct: Whether the shop itself gives it, such as for joining a channel, and nobody chose it.
        plan: The shop's benefits; those of this deployment when left out.

    Raises:
        ValueError: The key is empty or too long: a fault of whoever made it.
    """
    if not 0 < len(key) <= LONGEST_KEY:
        raise ValueError(f"a grant's key has 1 to {LONGEST_KEY} characters, not {len(key)}")
    shop = plan or shop_benefits()
    _wait_for(session, viewer, key)
    before = _given_before(session, shop, benefit_id, viewer, key, now)
    if before is not None:
        return before
    benefit = shop.benefits.get(benefit_id)
    if benefit is None:
        return Refused.because("unknown")
    _settle(session, shop, viewer, now)
    if authority == "bot" and not direct and not _was_offered(session, shop, benefit, viewer, now):
        return Refused.because("not_offered")
    found = None if about is None else priced(session, shop, viewer, now, about)
    reason = obstacle(session, shop, benefit, viewer, authority, now, found)
    if reason is None:
        reason = _take(session, benefit, now)
    if reason is not None:
        return Refused.because(reason)
    product_no = found.product.no if found is not None else about.product_no if about is not None else None
    row = _recorded(session, shop, benefit, viewer, key, authority, now, situation, product_no)
    won = _draw(session, shop, benefit, viewer, row, now) if benefit.prizes else None
    return _told(row, benefit, now, won=won)


def settle(session: Session, viewer: Viewer, now: datetime, plan: BenefitPlan | None = None) -> list[Granted]:
    """Gives a customer what was held for them while they were a visitor of this conversation.

    What they have had as often as they may, in other conversations, is taken back. What they have placed an order with
    meanwhile counts as used from now on.

    Args:
        session: A session that may write.
        viewer: The conversation, and who has turned out to be in it; nothing happens while that isn't known.
        now: The present moment.
        plan: The shop's benefits; those of this deployment when left out.
    """
    shop = plan or shop_benefits()
    _wait_for(session, viewer)
    return _settle(session, shop, viewer, now)


def _wait_for(session: Session, viewer: Viewer, key: str | None = None) -> None:
    names = [f"benefits of conversation {viewer.conversation_id}"]
    if viewer.customer_id is not None:
        names.append(f"benefits of customer {viewer.customer_id}")
    if key is not None:
        names.append(f"benefit {key}")
    take_turns(session, *names)


def _given_before(
    session: Session, plan: BenefitPlan, benefit_id: str, viewer: Viewer, key: str, now: datetime
) -> Granted | Refused | None:
    row = _row(session, key)
    if row is None:
        return None
    same_holder = row.conversation_id == viewer.conversation_id or (
        viewer.customer_id is not None and row.customer_id == viewer.customer_id
    )
    if row.benefit_id != benefit_id or not same_holder or row.customer_id not in (None, viewer.customer_id):
        return Refused.because("key_taken")
    benefit = plan.benefits.get(row.benefit_id)
    if benefit is None:
        return Refused.because("unknown")
    if row.state not in ("held", "granted", "used"):
        return Refused.because("not_running")
    prize = _row(session, f"{key}{_PRIZE}")
    won = plan.benefits.get(prize.benefit_id) if prize is not None else None
    told = _told(prize, won, now) if prize is not None and won is not None else None
    return _told(row, benefit, now, repeated=True, won=told)


def _row(session: Session, key: str) -> BenefitGrant | None:
    query = select(BenefitGrant).where(column(BenefitGrant.key) == key).execution_options(populate_existing=True)
    row: BenefitGrant | None = session.scalars(query).first()
    return row


def _was_offered(session: Session, plan: BenefitPlan, benefit: Benefit, viewer: Viewer, now: datetime) -> bool:
    query = (
        select(BenefitOffer.id)
        .where(
            whose(BenefitOffer, viewer),
            column(BenefitOffer.benefit_id) == benefit.id,
            column(BenefitOffer.offered_at) > now - plan.memory,
        )
        .limit(1)
    )
    return session.scalar(query) is not None


def _take(session: Session, benefit: Benefit, now: datetime) -> RefusalReason | None:
    short = counters.take(session, benefit, now)
    if short is not None and expire_due(session, now, benefit):
        short = counters.take(session, benefit, now)
    return short


def _recorded(
    session: Session,
    plan: BenefitPlan,
    benefit: Benefit,
    viewer: Viewer,
    key: str,
    authority: Authority,
    now: datetime,
    situation: str,
    product_no: str | None,
    drawn_key: str | None = None,
) -> BenefitGrant:
    known = viewer.customer_id is not None
    row = BenefitGrant(
        key=key,
        reference=_reference(key, now),
        benefit_id=benefit.id,
        kind=benefit.kind,
        title=benefit.title,
        customer_id=viewer.customer_id,
        conversation_id=viewer.conversation_id,
        authority=authority,
        situation=situation,
        product_no=product_no,
        cost=benefit.cost,
        stock_span=span_of(benefit.stock_per, now),
        budget=benefit.budget.name if benefit.budget is not None else None,
        budget_span=span_of(benefit.budget.per, now) if benefit.budget is not None else "",
        drawn_key=drawn_key,
        state="granted" if known else "held",
        granted_at=now,
        expires_at=now + (benefit.valid if known else min(plan.hold, benefit.valid)),
    )
    session.add(row)
    session.flush()
    if known:
        _land(session, benefit, row, now)
    return row


def _settle(session: Session, plan: BenefitPlan, viewer: Viewer, now: datetime) -> list[Granted]:
    if viewer.customer_id is None:
        return []
    use_what_was_ordered_with(session, viewer.customer_id, now)
    query = (
        select(BenefitGrant)
        .where(
            column(BenefitGrant.conversation_id) == viewer.conversation_id,
            column(BenefitGrant.customer_id).is_(None),
            column(BenefitGrant.state) == "held",
            column(BenefitGrant.expires_at) > now,
        )
        .order_by(BenefitGrant.granted_at, BenefitGrant.key)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    rows: Sequence[BenefitGrant] = session.scalars(query).all()
    # As theirs alone: what is held here counts once it has been settled.
    customer = Viewer("", viewer.customer_id)
    landed = []
    for row in rows:
        benefit = plan.benefits.get(row.benefit_id)
        if benefit is None or had_enough(session, benefit, customer, now):
            end(session, row, "revoked", now, "had already" if benefit is not None else "no such benefit any more")
            continue
        row.customer_id = viewer.customer_id
        row.state = "granted"
        row.expires_at = now + benefit.valid
        _land(session, benefit, row, now)
        landed.append(_told(row, benefit, now))
    return landed


def _land(session: Session, benefit: Benefit, row: BenefitGrant, now: datetime) -> None:
    """Brings about what a benefit is in the shop's tables; for customers of another system people do it."""
    customer = session.get(Customer, row.customer_id)
    if customer is None:
        return
    if benefit.service == "membership" and customer.level == "普通":
        customer.level = JOINED_LEVEL
    if benefit.coupon is not None and benefit.coupon.kind == "red_packet":
        row.coupon_code = row.reference
        session.add(
            Credit(
                code=row.reference,
                customer_id=customer.id,
                kind="red_packet",
                title=benefit.title,
                amount=benefit.coupon.amount,
                threshold=benefit.coupon.threshold,
                starts_at=now,
                ends_at=row.expires_at,
            )
        )
    elif benefit.coupon is not None:
        row.coupon_code = _coupon_of(session, benefit, benefit.coupon)
        held = session.get(CustomerCoupon, (customer.id, row.coupon_code))
        if held is None:
            held = CustomerCoupon(customer_id=customer.id, coupon_code=row.coupon_code)
            session.add(held)
        held.claimed_at, held.ends_at = now, row.expires_at
    session.flush()


def _coupon_of(session: Session, benefit: Benefit, terms: CouponTerms) -> str:
    """The code of the coupon that a benefit gives: another one when its terms have changed."""
    told = "|".join(map(str, (terms.kind, terms.threshold, terms.amount, terms.category, benefit.title)))
    code = f"B-{benefit.id[:32]}-{hashlib.sha256(told.encode()).hexdigest()[:8]}".upper()
    add_once(
        session,
        Coupon,
        {
            "code": code,
            "title": benefit.title,
            "kind": terms.kind,
            "threshold": terms.threshold,
            "amount": terms.amount,
            "category": terms.category,
            "starts_at": _FROM,
            "ends_at": _UNTIL,
            "personal": True,
        },
    )
    return code


def _draw(
    session: Session, plan: BenefitPlan, benefit: Benefit, viewer: Viewer, row: BenefitGrant, now: datetime
) -> Granted | None:
    """Draws a prize and gives it; of what is used up or had already, the next one that isn't."""
    fortune = random.SystemRandom().random()
    row.state, row.ended_at = "used", now
    names = list(benefit.prizes)
    for place, name in enumerate(names):
        fortune -= float(benefit.prizes[name])
        if fortune >= 0:
            continue
        for prize in (plan.benefits[each] for each in names[place:]):
            if obstacle(session, plan, prize, viewer, row.authority, now, None, prize=True) is None and not _take(
                session, prize, now
            ):
                key = f"{row.key}{_PRIZE}"
                given = _recorded(
                    session, plan, prize, viewer, key, row.authority, now, row.situation, row.product_no, row.key
                )
                return _told(given, prize, now)
        return None
    return None


def _told(
    row: BenefitGrant, benefit: Benefit, now: datetime, *, repeated: bool = False, won: Granted | None = None
) -> Granted:
    held = row.state == "held"
    text = told_given(benefit, held, row.expires_at, now)
    if benefit.prizes:
        text = (
            f"恭喜您抽中了{won.benefit.title}！{won.text}"
            if won is not None
            else "这次没有抽中，谢谢您参与，下次好运～"
        )
    return Granted(row.reference, benefit, held, row.expires_at, row.coupon_code, text, repeated, won)


def _reference(key: str, now: datetime) -> str:
    """A number that people can read to each other: `B260520-7KQ2MX3BPA`; the same for the same key and day."""
    digest = base64.b32encode(hashlib.sha256(key.encode()).digest()).decode()
    return f"B{now.astimezone(SHOP_ZONE):%y%m%d}-{digest[:10]}"
