"""What was offered to whom, and what they made of it."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import desc, select
from sqlalchemy.orm import Session

from sixty.shop.benefits.about import About
from sixty.shop.benefits.benefit import BenefitPlan
from sixty.shop.benefits.choosing import NOWHERE, Offer, choose
from sixty.shop.benefits.granting import Granted, Refused, grant
from sixty.shop.benefits.kinds import Authority, SituationKind, StepKind
from sixty.shop.benefits.models import BenefitGrant, BenefitOffer
from sixty.shop.benefits.reading import shop_benefits
from sixty.shop.orders import Viewer
from sixty.shop.whose import whose
from sixty.tables import column


def offer(
    session: Session,
    situation: SituationKind,
    viewer: Viewer,
    now: datetime,
    about: About = NOWHERE,
    authority: Authority = "bot",
    plan: BenefitPlan | None = None,
) -> Offer | None:
    """Chooses a benefit as `choose` does, and remembers that it was offered.

    Args:
        session: A session that may write.
        situation: Why one thinks of giving something.
        viewer: To whom.
        now: The moment.
        about: What the talk is about.
        authority: Who offers.
        plan: The shop's benefits; those of this deployment when left out.
    """
    shop = plan or shop_benefits()
    found = choose(session, situation, viewer, now, about, authority, shop)
    if found is not None:
        remember(session, viewer, now, about, situation, found.rule_id, "benefit", found.text, found.benefit.id)
    return found


def remember(
    session: Session,
    viewer: Viewer,
    now: datetime,
    about: About,
    situation: SituationKind,
    rule_id: str,
    kind: StepKind,
    text: str,
    benefit_id: str | None = None,
    step: int = 0,
) -> None:
    """Writes down what was said; what is offered again while it is open is the same offer, said anew."""
    query = select(BenefitOffer).where(
        whose(BenefitOffer, viewer),
        column(BenefitOffer.situation) == situation,
        column(BenefitOffer.answer) == "open",
        column(BenefitOffer.step) == step,
        _is(BenefitOffer.benefit_id, benefit_id),
        _is(BenefitOffer.product_no, about.product_no),
    )
    row: BenefitOffer | None = session.scalars(query.order_by(desc(BenefitOffer.offered_at)).limit(1)).first()
    if row is None:
        row = BenefitOffer(situation=situation, step=step, benefit_id=benefit_id, product_no=about.product_no)
        session.add(row)
    row.rule_id, row.kind, row.text = rule_id, kind, text
    row.customer_id = viewer.customer_id
    row.conversation_id = viewer.conversation_id
    row.sku_code, row.quantity, row.level = about.sku_code, about.quantity, about.level
    row.answer, row.offered_at = "open", now
    session.flush()


def open_offer(
    session: Session,
    viewer: Viewer,
    now: datetime,
    situation: SituationKind | None = None,
    plan: BenefitPlan | None = None,
) -> Offer | None:
    """The newest offer that somebody has neither taken nor declined, and that isn't forgotten."""
    shop = plan or shop_benefits()
    row = _open_row(session, shop, viewer, now, situation)
    benefit = shop.benefits.get(row.benefit_id or "") if row is not None else None
    if row is None or benefit is None:
        return None
    return Offer(benefit, cast(SituationKind, row.situation), row.rule_id, row.text)


def accept(
    session: Session,
    viewer: Viewer,
    key: str,
    now: datetime,
    situation: SituationKind | None = None,
    authority: Authority = "bot",
    plan: BenefitPlan | None = None,
) -> Granted | Refused | None:
    """Gives what was offered last, once under the key; None when nothing is open.

    Args:
        session: A session that may write.
        viewer: Who takes it.
        key: Under which it is given once, such as the conversation and a number that a new wish changes.
        now: The present moment.
        situation: Only what was offered in this situation.
        authority: Who offered it.
        plan: The shop's benefits; those of this deployment when left out.
    """
    shop = plan or shop_benefits()
    before: BenefitGrant | None = session.get(BenefitGrant, key)
    if before is not None:
        return grant(session, before.benefit_id, viewer, key, authority, now, plan=shop)
    row = _open_row(session, shop, viewer, now, situation)
    if row is None or row.benefit_id is None:
        return None
    about = None
    if row.situation != "complaint":
        about = About(row.product_no, row.sku_code, row.quantity, row.level)
    given = grant(session, row.benefit_id, viewer, key, authority, now, about, row.situation, plan=shop)
    if isinstance(given, Granted):
        row.answer, row.answered_at = "taken", now
        session.flush()
    return given


def decline(
    session: Session,
    viewer: Viewer,
    now: datetime,
    situation: SituationKind | None = None,
    plan: BenefitPlan | None = None,
) -> bool:
    """Remembers that what was offered last isn't wanted; tells whether anything was open."""
    row = _open_row(session, plan or shop_benefits(), viewer, now, situation)
    if row is None:
        return False
    row.answer, row.answered_at = "declined", now
    session.flush()
    return True


def _open_row(
    session: Session, plan: BenefitPlan, viewer: Viewer, now: datetime, situation: SituationKind | None
) -> BenefitOffer | None:
    query = (
        select(BenefitOffer)
        .where(
            whose(BenefitOffer, viewer),
            column(BenefitOffer.benefit_id).is_not(None),
            column(BenefitOffer.answer) == "open",
            column(BenefitOffer.offered_at) > now - plan.memory,
        )
        .order_by(desc(BenefitOffer.offered_at), desc(BenefitOffer.id))
        .limit(1)
    )
    if situation is not None:
        query = query.where(column(BenefitOffer.situation) == situation)
    row: BenefitOffer | None = session.scalars(query).first()
    return row


def _is(attribute: object, value: str | None) -> object:
    return column(attribute).is_(None) if value is None else column(attribute) == value
