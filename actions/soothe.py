"""A word of apology in front of the answer to an angry message; then a person (F8)."""

from __future__ import annotations

from rasa_sdk.events import ActionReverted, ActiveLoop, EventType, FollowupAction, SlotSet

from actions.action import ShopAction, Turn
from actions.handoff import mark_for_a_person
from actions.mood import angry_messages

_ANGRY_BEFORE_HANDOFF = 2
# Their answers begin with an apology, or with a comfort, themselves.
_APOLOGISES_ITSELF = frozenset({"complain", "damaged_item", "wrong_or_missing", "chitchat", "nlu_fallback"})


class ActionSoothe(ShopAction):
    """Runs before the answer, and undoes itself, so that the answer comes as if it had not run."""

    writes = True

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_soothe"

    def answer(self, turn: Turn) -> list[EventType]:
        """Hands over at the second angry message; else apologises."""
        # A complaint is written down and handed over by its own flow.
        enough = turn.intent != "complain" and angry_messages(turn) >= _ANGRY_BEFORE_HANDOFF
        # A person that is waited for already can do no more by being called again: then the bot goes on answering.
        if enough and mark_for_a_person(turn, "angry"):
            turn.say(
                "真的很抱歉，让您这么生气。我已经请人工同事来跟进，聊天记录和商品信息都一并转过去了，"
                "您不用再说一遍，同事会按顺序在这里回复您。",
                outcome="handed_over",
            )
            return [
                ActiveLoop(None),
                SlotSet("requested_slot", None),
                SlotSet("awaiting", None),
                FollowupAction("action_listen"),
            ]
        in_form = bool((turn.tracker.active_loop or {}).get("name"))
        # A form asks its question again, without the fallback's apology.
        if turn.intent not in _APOLOGISES_ITSELF or (in_form and turn.intent == "nlu_fallback"):
            turn.dispatcher.utter_message(response="utter_social_soothe")
        return [SlotSet("awaiting", turn.slot("awaiting")), ActionReverted()]
