"""A word of apology in front of the answer to an angry message; then a person (F8)."""

from __future__ import annotations

from rasa_sdk.events import ActionReverted, ActiveLoop, EventType, FollowupAction, SlotSet

from actions.action import ShopAction, Turn
from actions.handoff import call_a_person
from actions.mood import angry_messages
from sixty.desk.desk_rules import routing_rules

# Their answers begin with an apology, or with a comfort, themselves.
_APOLOGISES_ITSELF = frozenset({"complain", "damaged_item", "wrong_or_missing", "chitchat", "nlu_fallback"})


class ActionSoothe(ShopAction):
    """Runs before the answer, and undoes itself, so that the answer comes as if it had not run."""

    writes = True

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_soothe"

    def answer(self, turn: Turn) -> list[EventType]:
        """Hands over after as many angry messages as `playbook/routing.yml` says; else apologises."""
        most = routing_rules().thresholds(turn.level).angry
        # A complaint is written down and handed over by its own flow.
        enough = turn.intent != "complain" and angry_messages(turn) >= most
        # A person that is waited for already can do no more by being called again: then the bot goes on answering.
        called = call_a_person(turn, "angry") if enough else None
        if called is not None and called.created:
            coming = (
                "我已经请人工同事来跟进，聊天记录和商品信息都一并转过去了，您不用再说一遍，同事会按顺序在这里回复您。"
            )
            turn.say(f"真的很抱歉，让您这么生气。{called.left or coming}", outcome="handed_over")
            return [
                ActiveLoop(None),
                SlotSet("requested_slot", None),
                SlotSet("awaiting", None),
                FollowupAction("action_listen"),
            ]
        if turn.intent not in _APOLOGISES_ITSELF or _form_goes_on(turn):
            turn.dispatcher.utter_message(response="utter_social_soothe")
        return [SlotSet("awaiting", turn.slot("awaiting")), ActionReverted()]


def _form_goes_on(turn: Turn) -> bool:
    """Whether a form says the next word: it asks again, or has what it asked for, and apologises for nothing."""
    if not (turn.tracker.active_loop or {}).get("name"):
        return False
    told = {entity.get("entity") for entity in turn.tracker.latest_message.get("entities") or []}
    return turn.intent == "nlu_fallback" or turn.slot("requested_slot") in told
