"""Claim coupons: those that were named, or all that there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rasa_sdk.events import EventType

from actions.action import Turn
from actions.flows.case import Case
from actions.flows.factors import Factor, UnfitError, position_said
from actions.flows.flow import Flow
from actions.flows.room import in_form
from sixty.shop.coupon_wishes import claimable_coupons, coupons_named, unclaimed, wants_all, wants_coupon
from sixty.shop.deeds.deed import Done
from sixty.shop.deeds.kinds import DeedKind
from sixty.shop.models import Coupon
from sixty.shop.promotions import running_coupons

_BETWEEN = ","
_MOST_OFFERED = 3


def claimable(turn: Turn) -> list[Coupon]:
    """What is offered to who names none: coupons for the whole shop and those for the topic, not claimed yet."""
    product = turn.product()
    running = running_coupons(turn.session, turn.now, product.category if product else None)
    return unclaimed(turn.session, running, turn.viewer.customer_id)[:_MOST_OFFERED]


@dataclass(frozen=True)
class _WhichCoupons(Factor):
    """Codes of coupons, as one text."""

    slot: str = "detail"

    def preset(self, case: Case) -> Any | None:
        """The only one; where all are claimed the first, so that the policy says so."""
        offered = claimable(case.turn)
        if offered:
            return offered[0].code if len(offered) == 1 else None
        running = running_coupons(case.turn.session, case.turn.now)
        return running[0].code if running else ""

    def take(self, case: Case, *, asked: bool) -> Any | None:
        """By title, amounts, place in what was offered, or all of it."""
        turn = case.turn
        if not turn.text.startswith("/"):
            named = coupons_named(claimable_coupons(turn.session, turn.now), turn.text)
            if named:
                return _BETWEEN.join(coupon.code for coupon in named)
        known = str(case.values[self.slot] or "")
        offered = known.split(_BETWEEN) if known else [coupon.code for coupon in claimable(turn)]
        position = position_said(case, len(offered))
        if position is not None and offered:
            if position > len(offered):
                raise UnfitError(f"一共就{len(offered)}张，您看看要哪一张？")
            return offered[position - 1]
        if offered and (wants_all(turn.text) or (asked and turn.intent == "affirm")):
            return _BETWEEN.join(offered)
        return None

    def ask(self, case: Case) -> None:
        """All of them by name."""
        offered = claimable(case.turn)
        buttons = [
            {"title": coupon.title, "payload": f'/inform{{"ordinal":"{place}"}}'}
            for place, coupon in enumerate(offered, 1)
        ]
        case.turn.say(
            "想领哪一张呢？都要的话我一次给您领好～",
            outcome="asked_back",
            buttons=[*buttons, {"title": "都要", "payload": "/affirm"}],
        )


class ClaimCoupon(Flow):
    """领券."""

    name = "claim_coupon"
    title = "领券"
    deeds = ("claim_coupon",)
    intents = ("ask_coupon",)
    begun_by_action = "action_answer_promotions"
    needs_order = False
    decided_by = ("detail",)
    factors = (_WhichCoupons(),)

    def begun_by(self, turn: Turn) -> bool:
        """A question about coupons is answered; a wish for one begins."""
        return turn.intent in self.intents and not turn.text.startswith("/") and wants_coupon(turn.text)

    def kind(self, case: Case) -> DeedKind:
        """Always the same."""
        return "claim_coupon"

    def details(self, case: Case) -> Mapping[str, str]:
        """The first coupon."""
        return self.each(case)[0]

    def each(self, case: Case) -> Sequence[Mapping[str, str]]:
        """A deed for every coupon."""
        return [{"coupon": code} for code in str(case.values["detail"] or "").split(_BETWEEN)]

    def told(self, case: Case, done: Sequence[Done]) -> str:
        """Which ones, and that nothing is left to do."""
        codes = [each["coupon"] for each in self.each(case)]
        named = (case.turn.session.get(Coupon, code) for code in codes)
        titles = "、".join(coupon.title for coupon in named if coupon is not None)
        return f"领好了：{titles}，已经放进您的账户，下单时自动抵扣～"


CLAIM = ClaimCoupon()


def offer_to_claim(turn: Turn, coupons: Sequence[Coupon]) -> list[EventType] | None:
    """Offers to claim what an answer has named; None for strangers, and where nothing is left to claim."""
    waits = turn.slot("awaiting") not in (None, "deed_offer")
    if turn.viewer.customer_id is None or not coupons or waits or in_form(turn):
        return None
    return Case.offer(CLAIM, detail=_BETWEEN.join(coupon.code for coupon in coupons))
