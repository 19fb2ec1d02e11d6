"""Coupons and presales that run now: bargaining, coupons, activities."""

from __future__ import annotations

from rasa_sdk.events import EventType, SlotSet

from actions.action import ShopAction, Turn
from actions.cards import clock, short_yuan
from sixty.shop.catalogue import find_product
from sixty.shop.promotions import running_coupons, running_presales


class ActionAnswerPromotions(ShopAction):
    """Names what makes it cheaper, from the shop's own coupons and presales."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_answer_promotions"

    def answer(self, turn: Turn) -> list[EventType]:
        """Answers by what was asked: bargaining, a coupon, an activity."""
        product = turn.product()
        coupons = running_coupons(turn.session, turn.now, category=product.category if product else None)
        named = "、".join(coupon.title for coupon in coupons[:3])
        if turn.intent == "ask_discount":
            if named:
                text = f"现在可以用券：{named}，下单自动抵扣。价格已经是活动价了，改价我这边做不了哦～"
            else:
                text = "价格已经是活动价了，改价我这边做不了哦；有新活动会放在店铺首页～"
        elif turn.intent == "ask_coupon":
            if named:
                text = f"现在可以领：{named}。在店铺首页点一下就领到，下单自动抵扣；整单退款没过期的券会退回账户～"
            else:
                text = "这会儿没有可以领的券，有活动会放在店铺首页，整单退款没过期的券会退回账户～"
        else:
            text = f"现在的活动：{named}，下单自动抵扣～" if named else "现在没有大活动，价格就是页面上的优惠价～"
            sales = running_presales(turn.session, turn.now)
            product = find_product(turn.session, sales[0].product_no) if sales else None
            if product is not None:
                first = sales[0]
                text += (
                    f"另外{product.name}正在预售，定金{short_yuan(first.deposit)}元抵"
                    f"{short_yuan(first.deposit_worth)}元，{clock(first.ends_at)}截止。"
                )
        turn.say(text)
        # Whoever asks for a coupon before saying yes still means the offer.
        return [SlotSet("awaiting", turn.slot("awaiting"))]
