"""A person has given the conversation back: the bot forgets what it was waiting for, and says nothing (F8).

What the customer has given stays known; which part of the conversation was a person's is marked in the tracker.
"""

from __future__ import annotations

from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet

from actions.action import ShopAction, Turn
from actions.flows.case import Case
from sixty.desk.handoff_rows import latest_handoff
from sixty.desk.stretches import stretch_of

# What somebody who was proved for a while had given; the proof itself stands in the shop's tables.
_OFFERED = ("open_question", "last_question", "proof", "phone_tail")


class ActionReturnToBot(ShopAction):
    """Runs on the event that `sixty/desk/returning.py` writes."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_return_to_bot"

    def answer(self, turn: Turn) -> list[EventType]:
        """Ends forms and offers, and keeps what came of the talk with a person."""
        hand_off = latest_handoff(turn.session, turn.tracker.sender_id)
        kept = stretch_of(turn.session, hand_off) if hand_off is not None else None
        return [
            ActiveLoop(None),
            SlotSet("requested_slot", None),
            *Case.forget(),
            *(SlotSet(name, None) for name in _OFFERED),
            SlotSet("person_stretch", kept),
            SlotSet("awaiting", None),
            FollowupAction("action_listen"),
        ]
