"""What a product is like: one attribute with its selling point (F3, F13)."""

from __future__ import annotations

from rasa_sdk.events import EventType, SlotSet

from actions.action import ShopAction, Turn
from actions.capsules import ATTRIBUTE_OF_INTENT
from actions.topic import ask_which, say_unknown, unknown_reference
from sixty.playbook import Capsule
from sixty.shop.catalogue import AttributeAnswer, attribute_answer, attribute_keys, successor
from sixty.shop.models import Product
from sixty.shop.relink import inherited_answer

_ENDINGS = "。！～!~"


def _sentence(text: str) -> str:
    return text.rstrip(_ENDINGS + "，,；; ")


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
        for key in question:
            found = attribute_answer(turn.session, product.no, key)
            if found:
                self._say(turn, product, found)
                return [SlotSet("product_no", product.no)]
        for key in question:
            inherited = inherited_answer(turn.session, product.no, key)
            if inherited:
                turn.say(inherited.text + "～")
                return [SlotSet("product_no", product.no)]
        if turn.intent in ATTRIBUTE_OF_INTENT and not self._asks_for_one_fact(turn):
            turn.respond(f"utter_faq_{turn.intent}")
            return [SlotSet("product_no", product.no)]
        return self._without_answer(turn, product, question)

    @staticmethod
    def _asks_for_one_fact(turn: Turn) -> bool:
        """Whether only that fact will do ("防水吗"); "怎么用" may be answered by how to care for a product too."""
        return turn.intent == "ask_attribute" or (turn.intent == "ask_quality" and bool(turn.entity("attribute")))

    @staticmethod
    def _question(turn: Turn) -> tuple[str, ...]:
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
        if turn.intent in ATTRIBUTE_OF_INTENT and turn.intent != "ask_attribute":
            turn.respond(f"utter_faq_{turn.intent}")
            return []
        ask_which(turn)
        return [SlotSet("awaiting", "product_attribute")]

    @staticmethod
    def _say(turn: Turn, product: Product, found: AttributeAnswer) -> None:
        # Facts are kept apart by blanks in the catalogue; said aloud they take a comma.
        text = f"{found.key}：{'，'.join(_sentence(found.value).split())}"
        if found.selling_point:
            text += f"。{_sentence(found.selling_point)}"
        turn.say(text + "～")

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
                buttons=[*buttons[:2], {"title": "转人工", "payload": "/ask_human"}],
            )
        else:
            turn.say(f"您想了解{product.name}的哪方面呢？", outcome="asked_back", buttons=buttons)
        return [SlotSet("product_no", product.no)]
