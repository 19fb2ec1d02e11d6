"""The merchant's own answer to a keyword (`playbook/keywords.yml`)."""

from __future__ import annotations

from rasa_sdk.events import EventType, SlotSet

from actions.action import ShopAction, Turn
from sixty.keywords import keywords


class ActionAnswerKeyword(ShopAction):
    """Says what the merchant wrote; what was awaited still is."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_answer_keyword"

    def answer(self, turn: Turn) -> list[EventType]:
        """Looks the line up again: its meaning is the playbook's, not the tracker's."""
        meaning = keywords().meaning_of(turn.text)
        if meaning is not None and meaning.answer is not None:
            turn.say(meaning.answer)
        else:
            # The model was loaded before the file was changed.
            turn.respond("utter_miss_out_of_scope")
        return [SlotSet("awaiting", turn.slot("awaiting"))]
