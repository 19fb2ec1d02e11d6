"""The customer has been reminded of something: the bot remembers what an answer will be about, and says nothing (F24).

Whatever was waited for before is let go, a form as well: the customer has been away, and the reminder stands last.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet

from actions.action import ShopAction, Turn
from actions.flows.case import Case
from sixty.ledger.models import Message
from sixty.outreach.telling_the_bot import REMINDER

# What is waited for, by what an answer is about.
_AWAITS: Mapping[str, str] = {"buy": "reminder_buy", "pay": "reminder_pay", "address": "reminder_address"}
_NEWS = "reminder_news"
_OFFERED = ("open_question", "last_question", "proof", "phone_tail")


class ActionReminded(ShopAction):
    """Runs on the event that `sixty/outreach/telling_the_bot.py` writes."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_reminded"

    def answer(self, turn: Turn) -> list[EventType]:
        """Waits for an answer to the reminder."""
        reminder = _told(turn)
        if reminder is None:
            return [FollowupAction("action_listen")]
        about = [
            SlotSet(name, reminder[name])
            for name in ("order_no", "product_no")
            if isinstance(reminder.get(name), str) and reminder[name]
        ]
        return [
            ActiveLoop(None),
            SlotSet("requested_slot", None),
            *Case.forget(),
            *(SlotSet(name, None) for name in _OFFERED),
            *about,
            SlotSet("reminder", dict(reminder)),
            SlotSet("awaiting", awaits(reminder.get("answers"))),
            FollowupAction("action_listen"),
        ]


def awaits(answers: object) -> str:
    """What is waited for behind a reminder, as the slot `awaiting` has it.

    Args:
        answers: What an answer is about, as its scene says.
    """
    return _AWAITS.get(str(answers), _NEWS)


def _told(turn: Turn) -> Mapping[str, Any] | None:
    """What the event says; it stands in the ledger, where no customer writes it."""
    number = str(turn.tracker.latest_message.get("message_id") or "")
    if not number.isdigit():
        return None
    message: Message | None = turn.session.get(Message, int(number))
    if message is None or message.conversation_id != turn.tracker.sender_id:
        return None
    told = message.payload.get(REMINDER)
    return told if isinstance(told, Mapping) else None
