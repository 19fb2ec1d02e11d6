"""A question in the middle of a form, answered before the form goes on."""

from __future__ import annotations

from rasa_sdk.events import EventType, SlotSet

from actions.action import ShopAction, Turn
from actions.welcome import ActionWelcome

_SOCIAL = frozenset({"thank", "chitchat", "affirm"})
_QUIET = frozenset({"inform", "ask_size", "track_order", "refund_status", "after_sales_progress"})


class ActionDigress(ShopAction):
    """Says the domain's answer to whatever was asked; the form then asks its own question again."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_digress"

    def answer(self, turn: Turn) -> list[EventType]:
        """Answers by the name of the intent."""
        if turn.intent == "greet":
            return ActionWelcome().answer(turn)
        if turn.intent == "out_of_scope":
            turn.dispatcher.utter_message(response="utter_miss_out_of_scope")
        elif turn.intent in _SOCIAL and turn.intent != "affirm":
            turn.dispatcher.utter_message(response=f"utter_social_{turn.intent}")
        elif turn.intent not in _QUIET | _SOCIAL:
            turn.dispatcher.utter_message(response=f"utter_faq_{turn.intent}")
        return [SlotSet("awaiting", turn.slot("awaiting"))]
