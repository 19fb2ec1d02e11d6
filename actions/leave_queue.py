"""The customer does not want to wait for a person any longer (F8)."""

from __future__ import annotations

from rasa_sdk.events import EventType, FollowupAction, SlotSet

from actions.action import ShopAction, Turn
from sixty.desk.desk_errors import NotWaitingError
from sixty.desk.desk_words import given_up
from sixty.desk.ending import leave_queue


class ActionLeaveQueue(ShopAction):
    """Takes them out of the queue; a form that was under way waits for its answer as before."""

    writes = True

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_leave_queue"

    def answer(self, turn: Turn) -> list[EventType]:
        """Leaves, where there is something to leave."""
        try:
            leave_queue(turn.session, turn.tracker.sender_id, turn.now, told=True)
        except NotWaitingError:
            turn.dispatcher.utter_message(response="utter_social_leave_queue")
        else:
            turn.say(given_up(), outcome="social")
        return [SlotSet("awaiting", turn.slot("awaiting")), FollowupAction("action_listen")]
