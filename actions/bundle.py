"""What goes with a product, with the bundle coupon (F11, F18)."""

from __future__ import annotations

from rasa_sdk.events import EventType, SlotSet

from actions import cards
from actions.action import ShopAction, Turn
from actions.prices import prices_for
from actions.size import fits
from actions.topic import ask_which, say_unknown, unknown_reference
from sixty.shop.catalogue import is_of_kind, search_products
from sixty.shop.models import Product
from sixty.shop.recommendations import Bundle, bundle_for

_MOST = 3
_YES_OR_NO = ({"title": "一起带上", "payload": "/affirm"}, {"title": "先不用", "payload": "/deny"})


def _bundle(turn: Turn) -> Bundle | None:
    product = turn.product()
    return bundle_for(turn.session, product.no, now=turn.now, level=turn.level) if product else None


def _parts(bundle: Bundle) -> list[Product]:
    return [bundle.product, *(item.product for item in bundle.items)]


class ActionRecommendBundle(ShopAction):
    """Offers what goes with the product: asked for, or unasked after size advice."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_recommend_bundle"

    def answer(self, turn: Turn) -> list[EventType]:
        """Shows the bundle and waits for a yes."""
        wanted = turn.intent == "ask_matching" or turn.slot("awaiting") == "product_matching"
        if wanted and unknown_reference(turn):
            say_unknown(turn)
            return [SlotSet("product_no", None), SlotSet("awaiting", "product_matching")]
        product = turn.product()
        if product is None:
            if wanted:
                ask_which(turn)
                return [SlotSet("awaiting", "product_matching")]
            return []
        if not wanted and not fits(turn, product):
            return []
        bundle = _bundle(turn)
        if bundle is None:
            if wanted:
                turn.say("这款单独用就很好啦，暂时没有固定搭配；想配点什么可以告诉我，我帮您挑～")
            return []
        kind = turn.entity("kind")
        if wanted and kind and not any(is_of_kind(each, kind) for each in _parts(bundle)):
            return self._of_kind(turn, product, kind)
        names = "、".join(item.product.kind or item.product.name for item in bundle.items)
        saving = f"，一起买能省{cards.short_yuan(bundle.saving)}元" if bundle.saving else ""
        turn.say(f"搭配师给这款配了{names}{saving}，要一起带上吗？", buttons=_YES_OR_NO)
        prices = {item.product.no: prices_for(turn, item.product) for item in bundle.items}
        turn.show(cards.bundle_card(bundle, prices))
        return [SlotSet("awaiting", "bundle")]

    @staticmethod
    def _of_kind(turn: Turn, product: Product, kind: str) -> list[EventType]:
        """What the bundle has nothing of ("鞋子呢"), from the same shelf of the shop."""
        found = search_products(turn.session, [kind], category=product.category, limit=2 * _MOST)
        chosen = [each for each in found if each.no != product.no and is_of_kind(each, kind)][:_MOST]
        if not chosen:
            turn.say(f"跟这款固定搭配的里面没有{kind}，店里也暂时没有合适的；想配点别的，告诉我就行～")
            return []
        turn.say(f"固定搭配里没有{kind}，我从店里挑了{'这几款' if len(chosen) > 1 else '这款'}，您看看喜不喜欢～")
        for each in chosen:
            turn.show(cards.product_card(each, prices_for(turn, each)))
        return []


class ActionAcceptBundle(ShopAction):
    """The customer wants the bundle: how to get the coupon's price."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_accept_bundle"

    def answer(self, turn: Turn) -> list[EventType]:
        """Says how to order it, at the price that holds now."""
        bundle = _bundle(turn)
        if bundle is None:
            turn.say("这组搭配刚刚有一件没货了，真不好意思；主商品可以照常下单～")
            return []
        parts = "、".join(item.product.name for item in bundle.items)
        coupon = f"领“{bundle.coupon.title}”，" if bundle.coupon else ""
        turn.say(
            f"好嘞～把{bundle.product.name}和{parts}一起加入购物车，{coupon}"
            f"合计{cards.short_yuan(bundle.bundle_price)}元起，结算时自动抵扣，早点下单早点发～"
        )
        return []


class ActionDeclineBundle(ShopAction):
    """The customer does not want the bundle: no pushing."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_decline_bundle"

    def answer(self, turn: Turn) -> list[EventType]:
        """Leaves it at that."""
        turn.say("没问题，单买也很合适～还有什么想了解的吗？", outcome="social")
        return []
