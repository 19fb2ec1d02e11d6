"""What makes things cheaper, now and soon: bargaining, coupons, activities, presales and campaigns."""

from __future__ import annotations

from rasa_sdk.events import EventType, SlotSet

from actions.action import ShopAction, Turn
from actions.campaigns import answer_campaign, topic_product
from actions.cards import clock, short_yuan
from actions.flows.claim_coupon import CLAIM, claimable, offer_to_claim
from actions.flows.room import begun
from sixty.shop.catalogue import find_product
from sixty.shop.models import Product
from sixty.shop.pricing.campaign_answers import announce
from sixty.shop.promotions import running_coupons, running_presales, running_promotions

_MOST_NAMED = 3
_SHALL_WE_CLAIM = "要我直接帮您领到账户里吗？"
_CLAIM = {"title": "帮我领", "payload": "/affirm"}


class ActionAnswerPromotions(ShopAction):
    """Names what makes it cheaper, from the shop's own coupons, presales and campaigns."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_answer_promotions"

    def answer(self, turn: Turn) -> list[EventType]:
        """Answers by what was asked: a campaign, bargaining, a coupon, an activity."""
        events = begun(turn, CLAIM)
        if events is None:
            events = answer_campaign(turn)
        if events is not None:
            return events
        product = topic_product(turn)
        coupons = running_coupons(turn.session, turn.now, category=product.category if product else None)
        named = "、".join(coupon.title for coupon in coupons[:_MOST_NAMED])
        if turn.intent == "ask_discount":
            if named:
                text = f"现在可以用券：{named}，下单自动抵扣。价格已经是活动价了，改价我这边做不了哦～"
            else:
                text = "价格已经是活动价了，改价我这边做不了哦；有新活动会放在店铺首页～"
        elif turn.intent == "ask_coupon":
            if coupons and not claimable(turn):
                text = f"现在能领的券您都领过了：{named}，下单自动抵扣～"
            elif named:
                text = f"现在可以领：{named}。在店铺首页点一下就领到，下单自动抵扣；整单退款没过期的券会退回账户～"
            else:
                text = "这会儿没有可以领的券，有活动会放在店铺首页，整单退款没过期的券会退回账户～"
        else:
            text = self._activities(turn, product, named)
        free = claimable(turn)
        offered = offer_to_claim(turn, free) if turn.intent == "ask_coupon" else None
        if offered is not None:
            titles = "、".join(coupon.title for coupon in free)
            turn.say(f"现在可以领：{titles}，下单自动抵扣。{_SHALL_WE_CLAIM}", buttons=[_CLAIM])
            return offered
        turn.say(text)
        # Whoever asks for a coupon before saying yes still means the offer.
        return [SlotSet("awaiting", turn.slot("awaiting"))]

    @staticmethod
    def _activities(turn: Turn, product: Product | None, coupons: str) -> str:
        running = running_promotions(turn.session, turn.now, product)
        # An allowance is no activity to those who hold none.
        offers = [each.title for each in running if each.kind != "allowance"][:_MOST_NAMED]
        named = "、".join([*offers, *([coupons] if coupons else [])])
        parts = [f"现在的活动：{named}，下单自动抵扣～" if named else "现在没有大活动，价格就是页面上的优惠价～"]
        sales = running_presales(turn.session, turn.now)
        on_presale = find_product(turn.session, sales[0].product_no) if sales else None
        if on_presale is not None:
            first = sales[0]
            parts.append(
                f"另外{on_presale.name}正在预售，定金{short_yuan(first.deposit)}元抵"
                f"{short_yuan(first.deposit_worth)}元，{clock(first.ends_at)}截止。"
            )
        coming = announce(turn.session, turn.now, turn.text, product)
        return "\n".join(["".join(parts), *([coming] if coming else [])])
