"""What speaks for a product, when the customer hesitates (F22)."""

from __future__ import annotations

from rasa_sdk.events import EventType, SlotSet

from actions.action import ShopAction, Turn
from actions.answer_attribute import as_said
from actions.campaigns import say_advice, topic_of, topic_product
from actions.closing import wants_no_selling
from sixty.shop.catalogue import attribute_answer
from sixty.shop.models import Product
from sixty.shop.reasons import reasons_for

_MOST = 2


class ActionReassure(ShopAction):
    """Says what is true of the product and presses no further; else asks what the doubt is."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_reassure"

    def answer(self, turn: Turn) -> list[EventType]:
        """What settles the doubt that was named, else whether waiting pays, else the most pressing reasons."""
        product = topic_product(turn)
        if product is not None and not wants_no_selling(turn):
            said = self._settles(turn, product) or self._reasons(turn, product)
            if said is not None:
                turn.say(said, outcome="social")
        turn.dispatcher.utter_message(response="utter_social_hesitate")
        return [SlotSet("awaiting", turn.slot("awaiting"))]

    @staticmethod
    def _settles(turn: Turn, product: Product) -> str | None:
        if topic_of(turn) == "now_or_later":
            return say_advice(turn, product, turn.text)
        named = turn.entity("attribute")
        fact = attribute_answer(turn.session, product.no, named) if named else None
        return as_said(fact) if fact is not None else None

    @staticmethod
    def _reasons(turn: Turn, product: Product) -> str | None:
        reasons = reasons_for(turn.session, product, turn.now, turn.level)[:_MOST]
        return "；".join(each.text for each in reasons) + "～" if reasons else None
