"""A product by link, 货号 or name: its card with all prices (F12)."""

from __future__ import annotations

from rasa_sdk.events import EventType, SlotSet

from actions import cards
from actions.action import ShopAction, Turn
from actions.topic import ask_which, say_unknown, unknown_reference
from sixty.shop.catalogue import successor
from sixty.shop.prices import price_card
from sixty.shop.stock import variant_named


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
        product = turn.product()
        if product is None:
            ask_which(turn)
            return [SlotSet("awaiting", "product_price")]
        if product.status == "off_sale":
            newer = successor(turn.session, product)
            if newer is None:
                turn.say(f"这款{product.name}已经下架了，暂时没有同款补上，真不好意思～要不要我推荐几款类似的？")
                return []
            turn.say(f"这款{product.name}已经下架啦，换成了升级款{newer.name}，给您看看～")
            product = newer
        spec = variant_named(turn.session, product.no, turn.text).get("spec")
        prices = price_card(turn.session, product, turn.level, turn.now, spec=spec)
        if prices.presale:
            sale = prices.presale
            turn.say(
                f"这款正在预售：先付定金{cards.short_yuan(sale.deposit)}元，"
                f"{cards.clock(sale.balance_from)}起付尾款{cards.short_yuan(sale.balance)}元，"
                f"到手一共{cards.short_yuan(prices.final_price)}元，最晚{cards.clock(sale.ships_by)}前发货～"
            )
        else:
            used = "、".join(coupon.title for coupon in prices.coupons)
            with_coupon = f"（已用券“{used}”）" if used else ""
            turn.say(f"{product.name}{spec or ''}现在到手{cards.short_yuan(prices.final_price)}元{with_coupon}～")
        turn.show(cards.product_card(product, prices))
        return [SlotSet("product_no", product.no)]
