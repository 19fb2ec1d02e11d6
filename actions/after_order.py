"""An order has just been placed or paid: a word of thanks, and once what goes with it (F18)."""

from __future__ import annotations

from datetime import timedelta

from rasa_sdk.events import EventType, SlotSet

from actions.action import Turn
from actions.closing import of_this_conversation, wants_no_selling
from actions.flows.room import in_form
from actions.situation import Talk, situation_of
from actions.suggestions import show
from sixty.insight.arms import arm
from sixty.shop import recommendations
from sixty.shop.gateways.errors import GatewayError
from sixty.shop.gateways.normal_form import Order

_JUST_NOW = timedelta(hours=2)
_PLACED = frozenset({"unpaid", "deposit_paid", "paid"})
_MOST = 2


def newest_order(turn: Turn) -> Order | None:
    """The customer's order of just now; None where there is none, or the shop's system does not say."""
    try:
        orders = turn.orders.orders_of(turn.viewer).value
    except GatewayError:
        return None
    return next((order for order in orders if is_new(order, turn)), None)


def is_new(order: Order, turn: Turn) -> bool:
    """Whether it was placed or paid just now."""
    at = order.paid_at or order.placed_at
    return order.state in _PLACED and turn.now - at <= _JUST_NOW


def thank_for_order(turn: Turn) -> list[EventType]:
    """Answers who says that they have ordered."""
    order = newest_order(turn)
    if order is None:
        turn.say("收到，谢谢支持～订单同步过来可能要几分钟，发货、物流有问题随时问我。", outcome="social")
        return [SlotSet("awaiting", None)]
    if order.state == "unpaid":
        turn.say(f"看到您拍下的{order.lines[0].name}了，付完款我们就安排发货～", outcome="social")
    else:
        turn.say("看到您的订单了，谢谢支持～我们会尽快给您发出，到哪了随时问我。", outcome="social")
    return [SlotSet("order_no", order.no), *(suggest_after(turn, order) or [SlotSet("awaiting", None)])]


def suggest_after(turn: Turn, order: Order) -> list[EventType] | None:
    """Suggests, once an order, what goes with it; None where there is nothing, or the customer wants nothing."""
    if not is_new(order, turn) or in_form(turn) or turn.question is not None:
        return None
    if wants_no_selling(turn) or _done_before(turn, order) or arm(turn.session, turn.tracker.sender_id) == "quiet":
        return None
    talk = Talk.kept(turn)
    found = recommendations.after_order(turn.session, situation_of(turn, talk), order.no, _MOST)
    if not found:
        return None
    turn.dispatcher.utter_message(
        text="常跟它一起用的还有这些，需要的话可以看看，不用也没关系～",
        outcome="answered",
        after_order=order.no,
        push="bundle",
        buttons=[{"title": "先不用", "payload": "/deny"}],
    )
    return show(turn, talk, "complementary", "一起用正好", found)


def _done_before(turn: Turn, order: Order) -> bool:
    return any(
        event.get("event") == "bot" and (event.get("metadata") or {}).get("after_order") == order.no
        for event in of_this_conversation(turn)
    )
