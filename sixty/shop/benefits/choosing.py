"""Chooses what to give in a situation, by the merchant's rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.benefits import counters
from sixty.shop.benefits.about import About, Priced, circumstances_of, priced
from sixty.shop.benefits.benefit import Benefit, BenefitPlan
from sixty.shop.benefits.checks import obstacle
from sixty.shop.benefits.kinds import Authority, SituationKind
from sixty.shop.benefits.models import BenefitOffer
from sixty.shop.benefits.reading import shop_benefits
from sixty.shop.benefits.wording import offered
from sixty.shop.orders import Viewer
from sixty.shop.whose import whose
from sixty.tables import column

NOWHERE = About()


@dataclass(frozen=True)
class Offer:
    """A benefit that could be given now.

    Attributes:
        rule_id: The rule that chose it.
        text: What is said.
        price: What the customer pays for what the talk is about now (到手价) …
        price_after: … and with it; both None where the talk is about nothing, or it was offered before.
    """

    benefit: Benefit
    situation: SituationKind
    rule_id: str
    text: str
    price: Decimal | None = None
    price_after: Decimal | None = None

    @property
    def buttons(self) -> list[dict[str, str]]:
        """Two capsules: to take it, or not."""
        return [{"title": "好的，要", "payload": "/affirm"}, {"title": "不用了", "payload": "/deny"}]


@dataclass(frozen=True)
class Giving:
    """Everything that decides what can be given: whoever asks for several benefits looks it up once."""

    session: Session
    plan: BenefitPlan
    viewer: Viewer
    authority: Authority
    now: datetime
    found: Priced | None

    def first_of(
        self, names: Iterable[str], situation: SituationKind, rule_id: str, lead: str = "", but: Collection[str] = ()
    ) -> Offer | None:
        """The first of some benefits that can be given, and does something where it is given."""
        for name in names:
            benefit = self.plan.benefits.get(name)
            if benefit is None or name in but:
                continue
            after = self._price_after(benefit)
            if self.found is not None and benefit.coupon is not None and after == self.found.price:
                continue  # It would take nothing off.
            if benefit.coupon is not None and self.found is None and benefit.coupon.category is not None:
                continue  # One cannot know what for.
            if self.blocked(benefit):
                continue
            price = self.found.price if self.found is not None else None
            text = offered(benefit, lead, self.now, price, after)
            return Offer(benefit, situation, rule_id, text, price, after)
        return None

    def blocked(self, benefit: Benefit) -> bool:
        """Tells whether something stands in the way of giving a benefit."""
        reason = obstacle(self.session, self.plan, benefit, self.viewer, self.authority, self.now, self.found)
        return reason is not None or counters.shortage(self.session, benefit, self.now) is not None

    def _price_after(self, benefit: Benefit) -> Decimal | None:
        if self.found is None:
            return None
        return self.found.with_coupon(benefit.coupon) if benefit.coupon is not None else self.found.price


def choose(
    session: Session,
    situation: SituationKind,
    viewer: Viewer,
    now: datetime,
    about: About = NOWHERE,
    authority: Authority = "bot",
    plan: BenefitPlan | None = None,
) -> Offer | None:
    """Chooses the benefit that the rules name for a situation; nothing is written.

    The first rule that holds decides, and of its benefits the first that is in stock and within budget, that this
    customer has neither had too often nor declined lately, that whoever gives it may give, that leaves the shop enough,
    and, for a coupon, that really lowers what is paid.

    Args:
        session: The shop's database.
        situation: Why one thinks of giving something. For bargaining ask `next_step`.
        viewer: To whom.
        now: The moment.
        about: What the talk is about.
        authority: Who gives.
        plan: The shop's benefits; those of this deployment when left out.

    Returns:
        The offer, or None when there is nothing to give.
    """
    shop = plan or shop_benefits()
    found = priced(session, shop, viewer, now, about)
    rule = shop.rule_for(situation, circumstances_of(session, viewer, now, about, found))
    if rule is None:
        return None
    # What makes up for trouble is not given for an article that is about to be bought.
    bought = None if situation == "complaint" else found
    giving = Giving(session, shop, viewer, authority, now, bought)
    names = rule.benefits or tuple(name for step in rule.steps for name in step.benefits)
    return giving.first_of(names, situation, rule.id, rule.lead, _declined(session, shop, viewer, now))


def _declined(session: Session, plan: BenefitPlan, viewer: Viewer, now: datetime) -> frozenset[str]:
    query = select(BenefitOffer.benefit_id).where(
        whose(BenefitOffer, viewer),
        column(BenefitOffer.benefit_id).is_not(None),
        column(BenefitOffer.answer) == "declined",
        column(BenefitOffer.situation) != "bargaining",
        column(BenefitOffer.answered_at) > now - plan.again_after,
    )
    return frozenset(session.scalars(query))
