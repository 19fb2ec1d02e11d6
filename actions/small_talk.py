"""Small talk, and a word of comfort for who is angry."""

from __future__ import annotations

from rasa_sdk.events import EventType, SlotSet

from actions.action import ShopAction, Turn
from actions.mood import moods


class ActionSmallTalk(ShopAction):
    """Keeps company; never cheerfully with somebody who is angry."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_small_talk"

    def answer(self, turn: Turn) -> list[EventType]:
        """Chats, or comforts and offers a person."""
        if moods(turn) & {"negative", "angry"}:
            turn.dispatcher.utter_message(response="utter_social_comfort")
        else:
            turn.dispatcher.utter_message(response="utter_social_chitchat")
        return [SlotSet("awaiting", turn.slot("awaiting"))]
