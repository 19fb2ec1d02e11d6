"""The end of an answer: a second question of the same line, then the next questions as capsules (F5, F14)."""

from __future__ import annotations

from rasa_sdk.events import EventType, FollowupAction, SlotSet

from actions.action import ShopAction, Turn
from actions.capsules import answered_question, fitting
from actions.second_question import answer_also
from sixty.playbook import capsule_plan

# After so many further messages an offer has cooled down, and "好的" no longer means it.
_OFFER_LASTS_MESSAGES = 4


class ActionPushCapsules(ShopAction):
    """Ends an answer: a second question of the same line, then what customers ask next."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_push_capsules"

    def answer(self, turn: Turn) -> list[EventType]:
        """Offers up to three capsules, unless the bot itself is waiting for an answer."""
        awaiting = turn.slot("awaiting")
        second = turn.entity("second_question")
        if second == "ask_size" and not self._size_was_asked(turn):
            return [SlotSet("awaiting", awaiting), FollowupAction("size_form")]
        if second and second != "ask_size":
            answer_also(turn, second)
        if awaiting is None:
            plan = capsule_plan()
            attribute = turn.entity("attribute")
            turn.offer(fitting(turn, plan.following(answered_question(turn), attribute), turn.product()))
        elif self._messages_since_offer(turn) > _OFFER_LASTS_MESSAGES:
            awaiting = None
        return [SlotSet("awaiting", awaiting)]

    @staticmethod
    def _size_was_asked(turn: Turn) -> bool:
        """Whether the form has run in this turn: one that needs to ask nothing comes back here at once."""
        for event in reversed(turn.tracker.events):
            if event.get("event") == "user":
                return False
            if event.get("event") == "action" and event.get("name") == "size_form":
                return True
        return False

    @staticmethod
    def _messages_since_offer(turn: Turn) -> int:
        messages = 0
        previous = None
        for event in turn.tracker.events:
            if event.get("event") == "user":
                messages += 1
            elif event.get("event") == "slot" and event.get("name") == "awaiting":
                if event.get("value") != previous:
                    messages = 0
                previous = event.get("value")
        return messages
