"""A product by link, 货号 or name: its card with all prices (F12)."""

from __future__ import annotations

from rasa_sdk.events import EventType, SlotSet

from actions import cards
from actions.action import ShopAction, Turn
from actions.campaigns import advice_for, answer_campaign, balance_of_orders, say_advice, topic_of
from actions.prices import prices_for
from actions.situation import Talk
from actions.step_up import fill_up, wants_filler_for
from actions.topic import ask_which, say_unknown, unknown_reference
from sixty.shop.catalogue import successor
from sixty.shop.models import Product
from sixty.shop.prices import PriceCard, explain
from sixty.shop.pricing.asked import asked_about
from sixty.shop.pricing.campaign_answers import counts_in
from sixty.shop.pricing.offers import UnknownCustomerError
from sixty.shop.pricing.phases import phases_at
from sixty.shop.pricing.playbook import shop_rules
from sixty.shop.pricing.questions import balance_of_product
from sixty.shop.stock import variant_named
from sixty.shop.wording import say_amount, say_moment

# Before a sale begins, whoever looks at a product wants to know what it will cost then.
_BEFORE_A_SALE = frozenset({"presale", "warm_up"})


class ActionProductCard(ShopAction):
    """Answers a link, a number or a question for the price."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_product_card"

    def answer(self, turn: Turn) -> list[EventType]:
        """Shows the card, of the successor where a product is off sale."""
        if unknown_reference(turn):
            say_unknown(turn)
            return [SlotSet("product_no", None), SlotSet("awaiting", "product_price")]
        question = self._about_a_campaign(turn)
        if question is None and turn.intent == "ask_price" and turn.entity("second_question") is None:
            events = answer_campaign(turn)
            if events is not None:
                return events
        product = turn.product()
        if product is None:
            return self._without_product(turn)
        if product.status == "off_sale":
            newer = successor(turn.session, product)
            if newer is None:
                turn.say(f"这款{product.name}已经下架了，暂时没有同款补上，真不好意思～要不要我推荐几款类似的？")
                return []
            turn.say(f"这款{product.name}已经下架啦，换成了升级款{newer.name}，给您看看～")
            product = newer
        spec = variant_named(turn.session, product.no, turn.text).get("spec")
        prices = prices_for(turn, product, spec, current=True)
        advice = say_advice(turn, product, question) if question is not None else None
        if advice is not None:
            turn.say(advice)
        else:
            self._say_price(turn, product, spec, prices)
        turn.show(cards.product_card(product, prices, explained=True))
        if turn.slot("awaiting") == "product_price" and wants_filler_for(turn):
            return fill_up(turn, Talk.kept(turn))
        return [SlotSet("product_no", product.no)]

    @staticmethod
    def _without_product(turn: Turn) -> list[EventType]:
        """A campaign is compared with now once the product is known; of a balance the customer's own orders tell."""
        if turn.intent == "ask_price":
            events = answer_campaign(turn)
            if events is not None:
                return events
            of_orders = balance_of_orders(turn) if "尾款" in turn.text else None
            if of_orders is not None:
                turn.say(of_orders)
                return []
        ask_which(turn)
        return [SlotSet("awaiting", "product_price")]

    @staticmethod
    def _about_a_campaign(turn: Turn) -> str | None:
        """The words in which it was asked whether to buy now or in a campaign, in this message or for this product."""
        if turn.intent == "ask_price":
            return turn.text if topic_of(turn) == "now_or_later" else None
        if turn.slot("awaiting") != "product_price":
            return None
        # The product has been named for a question of an earlier message.
        messages = [str(event.get("text") or "") for event in turn.tracker.events if event.get("event") == "user"]
        return next((text for text in reversed(messages[:-1]) if asked_about(text) == "now_or_later"), None)

    @staticmethod
    def _say_price(turn: Turn, product: Product, spec: str | None, prices: PriceCard) -> None:
        final = say_amount(prices.final_price)
        if prices.presale:
            sale = prices.presale
            worth = f"抵{say_amount(sale.deposit_worth)}" if sale.deposit_worth > sale.deposit else ""
            lines = [
                f"这款正在预售：先付定金{say_amount(sale.deposit)}{worth}，"
                f"{cards.clock(sale.balance_from)}到{cards.clock(sale.balance_until)}付尾款{say_amount(sale.balance)}，"
                f"到手一共{final}，最晚{cards.clock(sale.ships_by)}前发货～"
            ]
        else:
            lines = [f"{product.name}{spec or ''}现在到手{final}～"]
        how = explain(prices)
        if how:
            lines.append(f"怎么算的：{how}")
        lines += [line for line in (_balance_now(turn, product, prices), _in_the_sale(turn, product, prices)) if line]
        turn.say("\n".join(lines))


def _balance_now(turn: Turn, product: Product, prices: PriceCard) -> str | None:
    """For those who have paid a deposit, when a presale takes no more of them."""
    if prices.presale is not None:
        return None
    try:
        balance = balance_of_product(turn.session, product, turn.now, turn.viewer.customer_id)
    except UnknownCustomerError:
        balance = balance_of_product(turn.session, product, turn.now)
    if balance is None or balance.stage == "over":
        return None
    return f"付过定金的话，{balance.text(turn.now)}"


def _in_the_sale(turn: Turn, product: Product, prices: PriceCard) -> str | None:
    """What a campaign that is near makes of the price, as long as it is honest news."""
    phases = {window.phase for window in phases_at(shop_rules().campaigns.values(), turn.now)}
    if prices.presale is not None or not phases & (_BEFORE_A_SALE | {"sale"}):
        return None
    advice = advice_for(turn, product, "")
    if advice is None:
        return None
    if advice.running:
        if not counts_in(turn.session, advice.campaign, prices.quote):
            return None
        return f"现在就是{advice.campaign}价，{say_moment(advice.sale.ends_at, turn.now)}结束～"
    if advice.choice != "wait":
        return None
    begins = say_moment(advice.sale.starts_at, turn.now)
    return f"{advice.campaign}（{begins}开始）按公布的活动到手{say_amount(advice.then_price)}，不急的话可以等等～"
