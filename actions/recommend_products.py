"""A vague wish answered with products in stock (F18)."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions import cards
from actions.action import ShopAction, Turn
from actions.prices import prices_for
from sixty.shop.catalogue import search_products
from sixty.shop.stock import stock_of

_MOST = 3


class ActionRecommendProducts(ShopAction):
    """Finds products for the sort of thing that was asked for."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_recommend_products"

    def answer(self, turn: Turn) -> list[EventType]:
        """Shows up to three products with their final prices."""
        kind = turn.entity("kind") or self._kind_before(turn)
        words = [word for word in (kind, turn.entity("attribute"), turn.entity("color")) if word]
        products = search_products(turn.session, words, limit=_MOST)
        if products and words:
            these = "这几款" if len(products) > 1 else "这款"
            in_stock = all(stock_of(turn.session, product.no).in_stock for product in products)
            about = kind or "按您说的，"
            stock = "，都有现货" if len(products) > 1 else "，有现货"
            turn.say(f"{about}给您挑了{these}{stock if in_stock else ''}～")
        elif turn.product() is not None:
            topic = turn.product()
            assert topic is not None
            alike = search_products(turn.session, [topic.kind], category=topic.category, limit=_MOST + 1)
            products = [product for product in alike if product.no != topic.no][:_MOST]
            if products:
                turn.say("跟您看的这款差不多的，还有这几款～")
        if not products:
            products = search_products(turn.session, [], limit=_MOST)
            turn.say("店里最近这几款卖得不错，您看看有没有喜欢的；也可以告诉我想要什么、给谁用，我再帮您挑～")
        for product in products:
            turn.show(cards.product_card(product, prices_for(turn, product)))
        return []

    @staticmethod
    def _kind_before(turn: Turn) -> str | None:
        """The sort of thing of the message before: "便宜点的有吗" after "想给我爸买个手机"."""
        messages = [event for event in turn.tracker.events if event.get("event") == "user"]
        before = (messages[-2].get("parse_data") or {}).get("entities") or [] if len(messages) > 1 else []
        kinds = [str(entity["value"]) for entity in before if entity.get("entity") == "kind"]
        return kinds[-1] if kinds else None
