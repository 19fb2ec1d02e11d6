"""Small talk, and a word of comfort for who is angry."""

from __future__ import annotations

import re

from rasa_sdk.events import EventType, SlotSet

from actions.action import ShopAction, Turn
from actions.mood import moods

# Who answers an apology, a thank or a delay kindly is thanked.
_COURTESY = re.compile(
    r"(?:好的?|嗯+|哦+)?[,， ]*(?:没(?:关系|事)|不要紧|不碍事|理解|体谅|都?不容易|辛苦了?|不客气|别客气|客气了)"
    r".{0,6}"
)


class ActionSmallTalk(ShopAction):
    """Keeps company; never cheerfully with somebody who is angry."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_small_talk"

    def answer(self, turn: Turn) -> list[EventType]:
        """Chats, or comforts and offers a person."""
        if moods(turn) & {"negative", "angry"}:
            turn.dispatcher.utter_message(response="utter_social_comfort")
        elif _COURTESY.fullmatch(turn.text.strip()):
            turn.dispatcher.utter_message(response="utter_social_courtesy")
        else:
            turn.dispatcher.utter_message(response="utter_social_chitchat")
        return [SlotSet("awaiting", turn.slot("awaiting"))]
