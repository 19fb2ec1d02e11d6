"""Bargains in steps: first reasons, then the smallest benefit, then more, then the last word.

Where a customer stands is in what was said to them about this product. Who comes back later hears what was said, and
whether it still holds, before one goes on. No step goes below the shop's floors, whoever speaks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.benefits.about import About, Priced, circumstances_of, priced
from sixty.shop.benefits.benefit import BenefitPlan, Rule
from sixty.shop.benefits.choosing import Giving, Offer
from sixty.shop.benefits.kinds import AUTHORITIES, Answer, Authority, SituationKind, StepKind
from sixty.shop.benefits.models import BenefitOffer
from sixty.shop.benefits.offers import remember
from sixty.shop.benefits.reading import shop_benefits
from sixty.shop.benefits.wording import first_filled
from sixty.shop.models import Attribute
from sixty.shop.orders import Viewer
from sixty.shop.pricing.playbook import shop_rules
from sixty.shop.reasons import reasons_for
from sixty.shop.whose import whose
from sixty.shop.wording import say_amount, say_day
from sixty.tables import column

_SITUATION: SituationKind = "bargaining"
_MOST_POINTS = 2
_NO_RULE = Rule("none")
_ENDINGS = "。！～!~，,；; "


@dataclass(frozen=True)
class Said:
    """Something that was said to somebody who bargains."""

    number: int
    kind: StepKind
    text: str
    benefit_id: str | None
    at: datetime
    answer: Answer


@dataclass(frozen=True)
class Step:
    """What to say now.

    Attributes:
        number: Which step it is, from 1; 0 where none was taken yet …
        of: … of how many.
        text: Everything to say.
        recap: The part of it that tells somebody who has come back what was said; empty for who never left.
        offer: What is offered.
        wish_met: Whether what the customer pays then is as little as they wished for; None when they named no price.
        person: Whether a colleague with more authority could give more.
        already: Whether they named no less than they pay anyway: no step is taken then.
    """

    number: int
    of: int
    kind: StepKind
    text: str
    recap: str = ""
    offer: Offer | None = None
    wish_met: bool | None = None
    person: bool = False
    already: bool = False


def next_step(
    session: Session,
    viewer: Viewer,
    now: datetime,
    about: About,
    authority: Authority = "bot",
    wished: Decimal | None = None,
    plan: BenefitPlan | None = None,
) -> Step:
    """Decides what is said to a customer who bargains, and remembers it.

    Args:
        session: A session that may write.
        viewer: Who bargains.
        now: The present moment.
        about: What they bargain for.
        authority: Who answers.
        wished: The price in yuan that they named, for all pieces.
        plan: The shop's benefits; those of this deployment when left out.

    Returns:
        The step. Where no rule holds, or nothing can be given, there are only words; after the last word it is said
        again. Who names no less than they pay anyway is told so, and stays where they are: nothing is remembered.
    """
    shop = plan or shop_benefits()
    found = priced(session, shop, viewer, now, about)
    if wished is not None and found is not None and found.price <= wished:
        so_far = said_so_far(session, viewer, now, about.product_no, shop)
        return _already(found.price, wished, so_far[-1].number if so_far else 0)
    rule = shop.rule_for("bargaining", circumstances_of(session, viewer, now, about, found)) or _NO_RULE
    talk = _Talk(Giving(session, shop, viewer, authority, now, found), rule, about)
    said = said_so_far(session, viewer, now, about.product_no, shop)
    if said and now - said[-1].at >= shop.resume_after:
        step = talk.resumed(said)
    else:
        step = talk.step_from(said[-1].number + 1 if said else 1)
    benefit_id = step.offer.benefit.id if step.offer is not None else None
    remember(session, viewer, now, about, _SITUATION, rule.id, step.kind, step.text, benefit_id, step.number)
    if wished is None or found is None:
        return step
    # The present price is more than they wish for: only what is offered can meet it.
    after = step.offer.price_after if step.offer is not None else None
    return replace(step, wish_met=after is not None and after <= wished)


def said_so_far(
    session: Session, viewer: Viewer, now: datetime, product_no: str | None, plan: BenefitPlan | None = None
) -> list[Said]:
    """What was said to somebody who bargained for a product, the oldest first; what is long ago is forgotten."""
    shop = plan or shop_benefits()
    query = (
        select(BenefitOffer)
        .where(
            whose(BenefitOffer, viewer),
            column(BenefitOffer.situation) == _SITUATION,
            column(BenefitOffer.product_no).is_(None)
            if product_no is None
            else column(BenefitOffer.product_no) == product_no,
            column(BenefitOffer.offered_at) > now - shop.memory,
        )
        .order_by(BenefitOffer.offered_at, BenefitOffer.id)
    )
    rows: Sequence[BenefitOffer] = session.scalars(query).all()
    return [Said(row.step, row.kind, row.text, row.benefit_id, row.offered_at, row.answer) for row in rows]


def _already(price: Decimal, wished: Decimal, taken: int) -> Step:
    """What is said to who names no less than they pay anyway."""
    text = f"现在到手{say_amount(price)}，"
    text += "正好就是您说的价～" if price == wished else "比您说的还便宜呢～"
    return Step(taken, taken, "reasons", f"{text}喜欢可以直接拍下", wish_met=True, already=True)


@dataclass(frozen=True)
class _Talk:
    giving: Giving
    rule: Rule
    about: About

    @property
    def _of(self) -> int:
        return max(len(self.rule.steps), 1)

    def step_from(self, number: int) -> Step:
        """The first step from a number on that has something to say; the last word when there is none."""
        for place in range(number, len(self.rule.steps)):
            step = self.rule.steps[place - 1]
            if step.kind == "reasons":
                return Step(place, self._of, "reasons", self._words(step.lines))
            offer = self._offer(place)
            if offer is not None:
                return Step(place, self._of, "benefit", offer.text, offer=offer)
        return self._last_word()

    def resumed(self, said: Sequence[Said]) -> Step:
        """Where a customer who has come back stands: what they were given, and what is still kept for them."""
        last = said[-1]
        day = say_day(last.at, self.giving.now)
        taken = [self._title(each) for each in said if each.answer == "taken"]
        recap = [f"{day}给您申请了{'、'.join(dict.fromkeys(taken))}"] if taken else []
        # Whoever has taken something does not go back to what is less.
        since = max((each.number for each in said if each.answer == "taken"), default=0)
        still_open = (each for each in reversed(said) if each.benefit_id and each.answer == "open")
        kept = next((each for each in still_open if each.number > since), None)
        offer = self._offer(kept.number, only=kept.benefit_id) if kept is not None else None
        if kept is not None and offer is not None:
            again = Step(kept.number, self._of, "benefit", offer.text, offer=offer)
            recap.append(f"{'还' if taken else day}跟您说到{self._title(kept)}，给您留着呢")
        else:
            again = self.step_from(last.number + 1)
            if kept is not None:
                recap.append(f"{'还' if taken else day}跟您说过的{self._title(kept)}已经没有了")
        told = "，".join(recap) or f"您{day}也问过这款的价格，我还记着呢"
        return replace(again, recap=told, text=f"{told}。{again.text}")

    def _title(self, said: Said) -> str:
        benefit = self.giving.plan.benefits.get(said.benefit_id or "")
        return benefit.title if benefit is not None else "优惠"

    def _offer(self, place: int, only: str | None = None) -> Offer | None:
        names = self.rule.steps[place - 1].benefits if place <= len(self.rule.steps) else ()
        wanted = names if only is None else [name for name in names if name == only]
        return self.giving.first_of(wanted, "bargaining", self.rule.id)

    def _last_word(self) -> Step:
        lines = self.rule.steps[-1].lines if self.rule.steps else ()
        text = self._words(lines) or "这个价我这边没法再让了，有新活动会放在店铺首页～"
        return Step(self._of, self._of, "last_word", text, person=self._more_by_others())

    def _more_by_others(self) -> bool:
        above = AUTHORITIES[AUTHORITIES.index(self.giving.authority) + 1 :]
        names = [name for step in self.rule.steps for name in step.benefits]
        return any(replace(self.giving, authority=who).first_of(names, "bargaining", self.rule.id) for who in above)

    def _words(self, lines: Sequence[str]) -> str:
        return first_filled(lines, _known(self.giving, self.giving.found))


def _known(giving: Giving, found: Priced | None) -> dict[str, str]:
    if found is None:
        return {}
    known = {"product": found.product.name, "price": say_amount(found.price)}
    listed = sum((line.list_price * line.quantity for line in found.basket), Decimal(0))
    if listed > found.price:
        known["list"] = say_amount(listed)
    points = _selling_points(giving.session, found.product.no)
    if len(points) < _MOST_POINTS:
        # What presses to buy now is no reason for a price; what the shop vouches for is.
        vouched = reasons_for(giving.session, found.product, giving.now, rules=shop_rules())
        points += [each.text for each in vouched if each.kind == "guarantee"]
    if points:
        known["points"] = "，".join(points[:_MOST_POINTS])
    return known


def _selling_points(session: Session, product_no: str) -> list[str]:
    query = (
        select(Attribute.selling_point)
        .where(column(Attribute.product_no) == product_no, column(Attribute.selling_point) != "")
        .order_by(Attribute.ordinal, Attribute.key)
        .limit(_MOST_POINTS)
    )
    return [point.strip(_ENDINGS) for point in session.scalars(query)]
