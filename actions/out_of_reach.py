"""The merchant's system gives no answer: the customer is told so, and a person takes over (F8, F43)."""

from __future__ import annotations

import structlog
from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.action import Turn
from actions.handoff import call_a_person
from sixty.shop.database import shop_session
from sixty.shop.gateways.errors import GatewayError

_log = structlog.get_logger(__name__)

REASON = "shop_out_of_reach"


def shop_out_of_reach(dispatcher: CollectingDispatcher, tracker: Tracker, error: GatewayError) -> list[EventType]:
    """Admits that nothing can be looked up now, and marks the conversation for a person.

    Args:
        dispatcher: Takes what is said.
        tracker: The conversation.
        error: Why there is no answer, for the log.

    Returns:
        Events: nothing is waited for any more, and what was given for a proof is forgotten.
    """
    _log.warning("gateway.no_answer", conversation=tracker.sender_id, kind=type(error).__name__, reason=str(error))
    with shop_session() as session:
        turn = Turn(dispatcher, tracker, session)
        called = call_a_person(turn, REASON)
        coming = "已经帮您登记转人工，同事查到后会在这里回复您；等的时候，别的问题可以继续问我～"
        turn.say(
            f"抱歉，店铺的订单系统这会儿没有回应，我查不到最新的信息，不想跟您乱说。{called.left or coming}",
            outcome="handed_over",
        )
    return [SlotSet("awaiting", None), SlotSet("proof", None), SlotSet("phone_tail", None)]
