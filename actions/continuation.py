"""A line that only gives something ("那军绿2XL呢"): it goes on with what the conversation was about."""

from __future__ import annotations

from rasa_sdk.events import EventType, SlotSet

from actions.action import ShopAction, Turn
from actions.answer_attribute import ActionAnswerAttribute
from actions.answer_stock import ActionAnswerStock
from actions.recommend_products import ActionRecommendProducts


class ActionContinue(ShopAction):
    """Reads what was given as the next step of the topic; asks what it is for when there is none."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_continue"

    def answer(self, turn: Turn) -> list[EventType]:
        """A colour or size asks for stock, an attribute for its value, a sort of thing for suggestions."""
        if turn.product() is not None and (turn.entity("color") or turn.entity("size")):
            return ActionAnswerStock().answer(turn)
        if turn.product() is not None and turn.entity("attribute"):
            return ActionAnswerAttribute().answer(turn)
        if turn.entity("kind"):
            return ActionRecommendProducts().answer(turn)
        turn.dispatcher.utter_message(response="utter_ask_inform")
        return [SlotSet("awaiting", turn.slot("awaiting"))]
