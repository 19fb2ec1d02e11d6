"""What a product is like: one attribute with its selling point (F3, F13)."""

from __future__ import annotations

import re

from rasa_sdk.events import EventType, SlotSet

from actions.action import ShopAction, Turn
from actions.handoff import HUMAN
from actions.topic import ask_which, say_unknown, unknown_reference
from sixty.insight.answerable import ATTRIBUTE_OF_INTENT
from sixty.playbook import Capsule
from sixty.shop.catalogue import AttributeAnswer, attribute_answer, attribute_keys, successor
from sixty.shop.climate import shop_climate
from sixty.shop.models import Product
from sixty.shop.relink import inherited_answer
from sixty.shop.warmth import WarmthAnswer, answer_for_trip

# These have an answer for whatever product, too.
_ANSWERED_IN_GENERAL = frozenset({"ask_usage", "ask_quality", "ask_shelf_life", "ask_warranty"})
_ENDINGS = "。！～!~"
_WORN = re.compile(r"[穿冷热暖冻]|过冬")
_FOR_WEATHER = re.compile(r"[冷热暖冻]|过冬|[冬夏]天|[冬夏]季|去.{1,6}穿")


def _sentence(text: str) -> str:
    return text.rstrip(_ENDINGS + "，,；; ")


def as_said(found: AttributeAnswer) -> str:
    """A fact with its selling point, as a shop assistant would say it."""
    # Facts are kept apart by blanks in the catalogue; said aloud they take a comma.
    text = f"{found.key}：{'，'.join(_sentence(found.value).split())}"
    return text + (f"。{_sentence(found.selling_point)}" if found.selling_point else "") + "～"


class ActionAnswerAttribute(ShopAction):
    """Answers from the catalogue, or says that the catalogue does not know."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_answer_attribute"

    def answer(self, turn: Turn) -> list[EventType]:
        """Answers the attribute asked for, on the product that is the topic."""
        question = self._question(turn)
        if unknown_reference(turn):
            say_unknown(turn)
            return [SlotSet("product_no", None), SlotSet("awaiting", "product_attribute")]
        product = turn.product()
        if product is None:
            return self._without_product(turn)
        if product.status == "off_sale":
            # The successor inherits the questions of what it replaces.
            product = successor(turn.session, product) or product
        trip = self._for_a_place(turn, product, question)
        if trip is not None:
            turn.say(trip.text + "～")
        elif not self._from_the_catalogue(turn, product, question):
            if turn.intent not in _ANSWERED_IN_GENERAL or self._asks_for_one_fact(turn):
                return self._without_answer(turn, product, question)
            turn.respond(f"utter_faq_{turn.intent}")
        return [SlotSet("product_no", product.no)]

    @staticmethod
    def _from_the_catalogue(turn: Turn, product: Product, question: tuple[str, ...]) -> bool:
        """Whether what is written of the product, else of the one that it takes the place of, has answered."""
        for key in question:
            found = attribute_answer(turn.session, product.no, key)
            if found:
                turn.say(as_said(found))
                return True
        for key in question:
            inherited = inherited_answer(turn.session, product.no, key)
            if inherited:
                turn.say(inherited.text + "～")
                return True
        return False

    @staticmethod
    def _for_a_place(turn: Turn, product: Product, question: tuple[str, ...]) -> WarmthAnswer | None:
        """Where it would be worn decides only a question of warmth: 从广州发货吗 isn't one."""
        text = ActionAnswerAttribute._asked_in(turn)
        another = question and (turn.entity("attribute") or turn.intent in ("inform", "affirm"))
        if "厚薄" not in question and (another or not _WORN.search(text)):
            return None
        return answer_for_trip(turn.session, product.no, text, turn.now, shop_climate())

    @staticmethod
    def _asked_in(turn: Turn) -> str:
        """The words of the question: this message, or the earlier one for which the product is named now."""
        if turn.intent not in ("inform", "affirm"):
            return turn.text
        for event in reversed(turn.tracker.events[:-1]):
            if event.get("event") == "user":
                intent = str(((event.get("parse_data") or {}).get("intent") or {}).get("name") or "")
                if intent == "ask_attribute" or intent in ATTRIBUTE_OF_INTENT:
                    return str(event.get("text") or "")
        return turn.text

    @staticmethod
    def _asks_for_one_fact(turn: Turn) -> bool:
        """Whether only that fact will do ("防水吗"); "怎么用" may be answered by how to care for a product too."""
        return turn.intent == "ask_attribute" or (turn.intent == "ask_quality" and bool(turn.entity("attribute")))

    @staticmethod
    def _question(turn: Turn) -> tuple[str, ...]:
        """The attributes that would answer it, the one asked for first."""
        asked = ActionAnswerAttribute._attributes(turn)
        if not asked and _FOR_WEATHER.search(ActionAnswerAttribute._asked_in(turn)):
            # Whether it is warm enough somewhere: the temperatures that it suits tell.
            return ("厚薄",)
        return asked

    @staticmethod
    def _attributes(turn: Turn) -> tuple[str, ...]:
        named = turn.entity("attribute")
        if named and ActionAnswerAttribute._asks_for_one_fact(turn):
            return (named,)
        if named:
            return (named, *ATTRIBUTE_OF_INTENT.get(turn.intent, ()))
        if turn.intent in ATTRIBUTE_OF_INTENT:
            return ATTRIBUTE_OF_INTENT[turn.intent]
        if turn.entity("fit"):
            return ("版型",)
        if turn.entity("color"):
            return ("颜色",)
        if turn.intent == "inform" or turn.intent == "affirm":
            # The product has just been named for a question of an earlier turn.
            for event in reversed(turn.tracker.events[:-1]):
                if event.get("event") == "user":
                    parsed = event.get("parse_data") or {}
                    intent = str((parsed.get("intent") or {}).get("name") or "")
                    attributes = [
                        str(item["value"]) for item in parsed.get("entities") or [] if item.get("entity") == "attribute"
                    ]
                    if attributes or intent in ATTRIBUTE_OF_INTENT or intent == "ask_attribute":
                        return (*attributes, *ATTRIBUTE_OF_INTENT.get(intent, ()))
        return ()

    @staticmethod
    def _without_product(turn: Turn) -> list[EventType]:
        if turn.intent in _ANSWERED_IN_GENERAL:
            turn.respond(f"utter_faq_{turn.intent}")
            return []
        ask_which(turn)
        return [SlotSet("awaiting", "product_attribute")]

    @staticmethod
    def _without_answer(turn: Turn, product: Product, question: tuple[str, ...]) -> list[EventType]:
        keys = attribute_keys(turn.session, product.no)
        buttons = [
            Capsule(title=key, intent="ask_attribute", attribute=key).button() for key in keys if key not in question
        ][:4]
        if question:
            turn.say(
                f"{question[0]}这一项，商品资料里没有写，我不敢乱说；可以转人工帮您跟厂家确认～",
                outcome="missed",
                buttons=[*buttons[:2], HUMAN],
            )
        else:
            turn.say(f"您想了解{product.name}的哪方面呢？", outcome="asked_back", buttons=buttons)
        return [SlotSet("product_no", product.no)]
