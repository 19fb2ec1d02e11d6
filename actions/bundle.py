"""What goes with a product, as an outfit with its picture and the bundle coupon (F11, F18)."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import EventType, SlotSet

from actions import cards
from actions.action import ShopAction, Turn
from actions.closing import of_this_conversation, wants_no_selling
from actions.minute import may_push
from actions.prices import prices_for
from actions.situation import Talk, situation_of
from actions.size import advised_size, fits
from actions.suggestions import refuse, refuse_all, show
from actions.topic import ask_which, say_unknown, unknown_reference
from sixty.settings import get_settings
from sixty.shop.catalogue import is_of_kind, search_products
from sixty.shop.models import Product
from sixty.shop.recommendations import Outfit, after_size_advice, complementary, outfit_for
from sixty.shop.suggestion_wishes import suggestion_wish

_MOST = 3
_YES_OR_NO = ({"title": "一起带上", "payload": "/affirm"}, {"title": "先不用", "payload": "/deny"})


def _parts(outfit: Outfit) -> list[Product]:
    return [outfit.product, *(item.product for item in outfit.items)]


class ActionRecommendBundle(ShopAction):
    """Offers what goes with the product: asked for, or once unasked after size advice, when the moment has come."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_recommend_bundle"

    def answer(self, turn: Turn) -> list[EventType]:
        """Shows the outfit and waits for a yes."""
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
        if not wanted:
            return offer_unasked(turn, product) if may_push(turn, product, "bundle") else []
        outfit = outfit_for(turn.session, situation_of(turn, product=product), _MOST)
        kind = turn.entity("kind")
        if outfit is None or (kind and not any(is_of_kind(each, kind) for each in _parts(outfit))):
            return self._others(turn, product, kind)
        return _offer(turn, outfit, asked=True)

    @staticmethod
    def _others(turn: Turn, product: Product, kind: str | None) -> list[EventType]:
        """What else goes with it; what no outfit has ("鞋子呢") from the same shelf of the shop."""
        talk = Talk.kept(turn)
        found = complementary(turn.session, situation_of(turn, talk, product), 2 * _MOST)
        found = [each for each in found if not kind or is_of_kind(each.product, kind)][:_MOST]
        if found:
            turn.say(f"跟{product.name}搭的，给您挑了{'这几款' if len(found) > 1 else '这款'}：")
            return show(turn, talk, "complementary", "这样搭", found)
        if not kind:
            turn.say("这款单独用就很好啦，暂时没有固定搭配；想配点什么可以告诉我，我帮您挑～")
            return []
        of_shelf = search_products(turn.session, [kind], category=product.category, limit=2 * _MOST)
        chosen = [each for each in of_shelf if each.no != product.no and is_of_kind(each, kind)][:_MOST]
        if not chosen:
            turn.say(f"跟这款固定搭配的里面没有{kind}，店里也暂时没有合适的；想配点别的，告诉我就行～")
            return []
        turn.say(f"固定搭配里没有{kind}，我从店里挑了{'这几款' if len(chosen) > 1 else '这款'}，您看看喜不喜欢～")
        for each in chosen:
            turn.show(cards.product_card(each, prices_for(turn, each)))
        return []


class ActionAcceptBundle(ShopAction):
    """The customer wants the outfit: how to get the coupon's price."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_accept_bundle"

    def answer(self, turn: Turn) -> list[EventType]:
        """Says how to order it, at the price that holds now."""
        product = turn.product()
        outfit = outfit_for(turn.session, situation_of(turn, product=product), _MOST) if product else None
        if outfit is None or not {each.no for each in _parts(outfit)} >= _offered(turn):
            turn.say("这组搭配刚刚有一件没货了，真不好意思；主商品可以照常下单～")
            return []
        bundle = outfit.bundle
        parts = "、".join(item.product.name for item in bundle.items)
        coupon = f"领“{bundle.coupon.title}”，" if bundle.coupon else ""
        turn.say(
            f"好嘞～您把{bundle.product.name}和{parts}一起加进购物车，{coupon}"
            f"合计{cards.short_yuan(bundle.bundle_price)}元起，结算时自动抵扣～"
        )
        return []


class ActionDeclineBundle(ShopAction):
    """The customer does not want the outfit: no pushing, now or later."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_decline_bundle"

    def answer(self, turn: Turn) -> list[EventType]:
        """Leaves it at that, and remembers."""
        refuse(turn, Talk.kept(turn), sorted(_offered(turn)))
        if suggestion_wish(turn.text) == "none":
            refuse_all(turn)
        turn.say("没问题，单买也很合适～还有什么想了解的吗？", outcome="social")
        return []


def offer_unasked(turn: Turn, product: Product) -> list[EventType]:
    """Once in a conversation, for who can wear the product and wants to be sold to."""
    if not fits(turn, product) or wants_no_selling(turn) or any(map(_is_offer, of_this_conversation(turn))):
        return []
    size = advised_size(turn, product) or ""
    outfit = after_size_advice(turn.session, situation_of(turn, product=product, size=size))
    return _offer(turn, outfit, asked=False) if outfit is not None else []


def _offer(turn: Turn, outfit: Outfit, *, asked: bool) -> list[EventType]:
    bundle = outfit.bundle
    names = "、".join(item.product.kind or item.product.name for item in bundle.items)
    saving = f"，一起买能省{cards.short_yuan(bundle.saving)}元" if bundle.saving else ""
    turn.dispatcher.utter_message(
        text=f"搭配师给这款配了{names}{saving}，要一起带上吗？",
        buttons=[*_YES_OR_NO],
        outcome="answered",
        question=turn.question,
        outfit=[item.product.no for item in bundle.items],
        unasked=not asked,
        push=None if asked else "bundle",
    )
    prices = {item.product.no: prices_for(turn, item.product) for item in bundle.items}
    picture = outfit.picture
    if picture.startswith("/"):
        picture = f"{get_settings().public_desk_url}{picture}"
    turn.show(cards.bundle_card(bundle, prices, picture or None))
    return [SlotSet("awaiting", "bundle")]


def _is_offer(event: dict[str, Any]) -> bool:
    return event.get("event") == "bot" and bool((event.get("metadata") or {}).get("unasked"))


def _offered(turn: Turn) -> set[str]:
    """What was offered last to go with the product."""
    for event in reversed(turn.tracker.events):
        numbers = (event.get("metadata") or {}).get("outfit") if event.get("event") == "bot" else None
        if numbers:
            return {str(number) for number in numbers}
    return set()
