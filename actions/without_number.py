"""A customer without an order number, or without the phone that proves it: where they are found, or a person."""

from __future__ import annotations

from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet

from actions.action import Turn
from actions.handoff import HUMAN
from sixty.shop.order_numbers import lacks_number, lacks_phone

WHERE_IT_IS = (
    "没有订单号也没关系：打开“我的订单”，点进那一单，往下拉就能看到，复制发我就行；"
    "用下单的账号登录了再来找我，我直接就能看到您的订单。实在找不到，点“转人工”，同事核实后帮您查～"
)
_WITHOUT_PHONE = (
    "没关系，收货手机号在“我的订单”那一单的详情里就能看到；用下单的账号登录了再来找我，不用核对我直接就能看到。"
    "都不方便的话，点“转人工”，同事核实后帮您查～"
)
_LOOKUP = "order_lookup_form"


def leaves_lookup(turn: Turn) -> list[EventType] | None:
    """Ends the order lookup for who has no number, and says what they can do; None where it isn't so.

    A number that comes later begins the lookup anew.
    """
    if (turn.tracker.active_loop or {}).get("name") != _LOOKUP:
        return None
    if turn.slot("requested_slot") == "phone_tail" and lacks_phone(turn.text):
        turn.say(_WITHOUT_PHONE, buttons=[HUMAN])
    elif lacks_number(turn.text):
        turn.say(WHERE_IT_IS, buttons=[HUMAN])
    else:
        return None
    return [
        ActiveLoop(None),
        SlotSet("requested_slot", None),
        SlotSet("awaiting", None),
        FollowupAction("action_listen"),
    ]
