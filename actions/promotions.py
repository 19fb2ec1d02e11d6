"""What makes things cheaper, now and soon: coupons, activities, presales and campaigns."""

from __future__ import annotations

from rasa_sdk.events import EventType, SlotSet

from actions.action import ShopAction, Turn
from actions.campaigns import answer_campaign, topic_product
from actions.cards import clock, short_yuan
from actions.flows.claim_coupon import CLAIM, claimable, offer_to_claim
from actions.flows.room import begun
from actions.situation import Talk
from actions.step_up import fill_up
from sixty.shop.catalogue import find_product
from sixty.shop.coupon_refusals import asks_why_refused, coupons_meant, terms_of, verdicts
from sixty.shop.models import Product
from sixty.shop.pricing.campaign_answers import announce
from sixty.shop.promotions import running_coupons, running_presales, running_promotions
from sixty.shop.suggestion_wishes import suggestion_wish
from sixty.shop.wording import say_amount

_MOST_NAMED = 3
_SHALL_WE_CLAIM = "要我直接帮您领到账户里吗？"
_CLAIM = {"title": "帮我领", "payload": "/affirm"}


def say_what_makes_it_cheaper(turn: Turn) -> None:
    """Says to who bargains what there is for everybody."""
    product = topic_product(turn)
    coupons = running_coupons(turn.session, turn.now, category=product.category if product else None)
    named = "、".join(coupon.title for coupon in coupons[:_MOST_NAMED])
    if named:
        turn.say(f"现在可以用券：{named}，下单自动抵扣。改价我这边做不了哦～")
    else:
        turn.say("价格是系统统一定的，改价我这边做不了哦；有新活动会放在店铺首页～")


class ActionAnswerPromotions(ShopAction):
    """Names what makes it cheaper, from the shop's own coupons, presales and campaigns."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_answer_promotions"

    def answer(self, turn: Turn) -> list[EventType]:
        """Answers by what was asked: what fills a basket, a campaign, a coupon, an activity."""
        events = _say_why_refused(turn) if asks_why_refused(turn.text) else None
        if events is None:
            events = begun(turn, CLAIM)
        if events is None and turn.intent == "ask_promotion" and suggestion_wish(turn.text) == "filler":
            events = fill_up(turn, Talk.kept(turn))
        if events is None:
            events = answer_campaign(turn)
        if events is not None:
            return events
        product = topic_product(turn)
        coupons = running_coupons(turn.session, turn.now, category=product.category if product else None)
        named = "、".join(coupon.title for coupon in coupons[:_MOST_NAMED])
        if turn.intent == "ask_coupon":
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


def _say_why_refused(turn: Turn) -> list[EventType] | None:
    """Which of the customer's coupons count for the product of the talk, and why the others don't."""
    customer = turn.viewer.customer_id
    # A line about activities is about a coupon only where it names one.
    named = turn.intent != "ask_coupon"
    coupons = coupons_meant(turn.session, turn.text, customer, turn.now, only_named=named)
    if not coupons:
        return None
    product = topic_product(turn)
    tried = verdicts(turn.session, product, coupons, turn.now, customer) if product is not None else None
    if product is None or tried is None:
        told = [f"{coupon.title}：{terms_of(coupon, turn.now)}" for coupon in coupons]
        turn.say("\n".join(["券的使用条件是这样的～", *told, "想买的商品链接发我，我帮您看看差在哪～"]))
        return [SlotSet("awaiting", turn.slot("awaiting"))]
    found, price = tried
    refused = [f"{each.title}：{each.reason}" for each in found if each.reason]
    used = "、".join(each.title for each in found if not each.reason)
    counted = f"{used}能用，下单自动抵扣，抵完{say_amount(price)}～" if used else ""
    if not refused:
        turn.say(f"帮您按{product.name}一件算了下，{counted}")
    else:
        turn.say("\n".join([f"帮您按{product.name}一件算了下：", *refused, *([counted] if counted else [])]))
    return [SlotSet("awaiting", turn.slot("awaiting"))]
