"""Two products side by side: what they differ in, or how they are in the one thing asked for."""

from __future__ import annotations

from itertools import chain

from rasa_sdk.events import EventType, SlotSet

from actions.action import ShopAction, Turn
from actions.situation import suggested
from sixty.dialogue.suggesting import SUGGESTION
from sixty.shop.catalogue import attribute_answer, attribute_keys, find_product
from sixty.shop.comparison import compare
from sixty.shop.models import Product


class ActionCompareProducts(ShopAction):
    """Compares the products that were named."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_compare_products"

    def answer(self, turn: Turn) -> list[EventType]:
        """Answers about the two that are meant; asks which when it is not clear."""
        products = self._products(turn)
        if len(products) < 2:
            turn.respond("utter_faq_compare_products")
            return [SlotSet("awaiting", turn.slot("awaiting"))]
        first, second = products
        asked = self._attribute(turn, first, second)
        turn.say(f"{asked or compare(turn.session, first, second).text}～")
        # Who compares what was suggested chooses next.
        return [SlotSet("awaiting", SUGGESTION if turn.slot("awaiting") == SUGGESTION else None)]

    @staticmethod
    def _products(turn: Turn) -> list[Product]:
        """Two at most: those of this message, else with those compared before, else with the topic."""
        named = turn.entities("product") or _positions(turn)
        earlier: list[str] = []
        for event in reversed(turn.tracker.events):
            parsed = event.get("parse_data") or {}
            if event.get("event") == "user" and (parsed.get("intent") or {}).get("name") == "compare_products":
                earlier += [str(item["value"]) for item in parsed.get("entities") or [] if item["entity"] == "product"]
        topic = turn.product()
        numbers = dict.fromkeys(chain(named, earlier, [topic.no] if topic else ()))
        found = [product for number in numbers if (product := find_product(turn.session, number)) is not None]
        return found[:2]

    @staticmethod
    def _attribute(turn: Turn, first: Product, second: Product) -> str | None:
        """How both are in the attribute that was named; "哪个厚一点" names 厚薄 by its first character."""
        named = turn.entity("attribute")
        for key in attribute_keys(turn.session, first.no):
            if key == named or (not turn.entities("product") and key[0] in turn.text):
                of_first = attribute_answer(turn.session, first.no, key)
                of_second = attribute_answer(turn.session, second.no, key)
                if of_first and of_second:
                    values = ("，".join(fact.value.split()) for fact in (of_first, of_second))
                    parts = (f"{each.name}是{value}" for each, value in zip((first, second), values, strict=True))
                    return f"{key}：{'；'.join(parts)}"
        return None


def _positions(turn: Turn) -> list[str]:
    """Those of the products suggested last that are meant by their place: "第一个和第三个有什么区别"."""
    offered = suggested(turn)
    places = [int(value) for value in turn.entities("ordinal")]
    chosen = [offered[place - 1 if place > 0 else place] for place in places if abs(place) <= len(offered) and place]
    return [product.no for product in chosen or (offered[:2] if not turn.product() else [])]
