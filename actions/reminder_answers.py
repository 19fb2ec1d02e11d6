"""What follows an answer to a reminder: the next step at a yes, peace at a no (F24, F28).

That nothing more is sent after "不想要了" or "别再发了" does not rest on these actions: `sixty/outreach` reads it from
the ledger, so that it holds also when no action runs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, get_args

from rasa_sdk.events import EventType, FollowupAction, SlotSet

from actions import cards
from actions.action import ShopAction, Turn
from actions.doubts import settle
from actions.flows.back_in_stock import NOTICE
from actions.flows.case import Case
from actions.flows.change_order import ChangeOrder
from actions.flows.offers import whole_link
from actions.handoff import HUMAN
from actions.prices import prices_for
from actions.suggestions import message_key
from sixty.insight.strategy import Worry
from sixty.nlu.receivers import read_destination
from sixty.shop.benefits import accept
from sixty.shop.catalogue import find_product, successor
from sixty.shop.gateways.normal_form import Order
from sixty.shop.models import Product
from sixty.shop.order_answers import describe_order
from sixty.shop.policies.reading import shop_policies
from sixty.shop.pricing.questions import balance_of_order
from sixty.shop.wording import say_amount

_SELLS = frozenset({"buy", "pay"})
# The scene that tells of a delay (playbook/outreach.yml).
_LATE = "delayed"
_PAYABLE = frozenset({"unpaid", "deposit_paid"})
_NOT_YET_SENT = frozenset({"unpaid", "deposit_paid", "paid"})
# On which of the platform's pages the customer goes on.
_PAGE: Mapping[str, str] = {"receipt": "confirm_receipt", "review": "review"}
# What is said to a yes, by what the reminder asked for.
_NEXT_STEP = {
    "address": "utter_faq_reminder_address",
    "parcel": "utter_faq_reminder_parcel",
    "receipt": "utter_faq_reminder_receipt",
    "review": "utter_faq_reminder_review",
    "refund": "utter_faq_reminder_refund",
    "care": "utter_faq_reminder_care",
}
# What customers say who have done it already, by what the reminder asked for; orders know better, where they do.
_DONE_ALREADY: Mapping[str, re.Pattern[str]] = {
    "buy": re.compile(r"[拍买](?:了|过|好|下|完|到了)|下(?:了|好|过|完)?单"),
    "pay": re.compile(r"[付转交](?:了|过|完|好|掉|啦|款了|钱了)|付款成功"),
    "receipt": re.compile(r"确认(?:了|过|完|好|收货了)|点(?:了|过)"),
    "review": re.compile(r"评价?(?:了|过|完|好)|写(?:了|过|完|好)|好评"),
}
_THANKS_FOR = {
    "buy": "utter_faq_reminder_bought",
    "receipt": "utter_faq_reminder_confirmed",
    "review": "utter_faq_reminder_reviewed",
}
# A no that means an address may stay as it is: "不用改，就这样".
_LEFT_AS_IT_IS = re.compile(r"不用|不需要|不必|不改|不换|没(?:有)?(?:错|变|问题)|没事|没关系|就这[样个]")
_DONE: list[EventType] = [SlotSet("awaiting", None), SlotSet("reminder", None)]
_CANCEL = {"title": "取消订单", "payload": "/cancel_order"}
_RETURN = {"title": "申请退货", "payload": '/request_after_sales{"service":"退货"}'}
_REFUND = {"title": "申请退款", "payload": '/request_after_sales{"service":"退款"}'}
# "催" in what a button says is what makes it urge.
_URGE_DISPATCH = {"title": "催发货", "payload": '/ask_ship_time{"service":"催"}'}
_URGE_DELIVERY = {"title": "催快递", "payload": '/ask_delivery_time{"service":"催"}'}


class ActionAnswerReminder(ShopAction):
    """The customer takes a reminder up: "好的", "怎么付"."""

    writes = True

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_answer_reminder"

    def answer(self, turn: Turn) -> list[EventType]:
        """Says the next step, as things stand now."""
        about = _about(turn)
        if about in _SELLS and turn.intent == "affirm":
            _give_benefit(turn)
        if _is_done(turn, about):
            turn.respond(_THANKS_FOR[about])
        elif about == "address" and turn.intent == "inform":
            return _about_the_address(turn)
        elif about == "buy":
            _to_buying(turn)
        elif about == "pay":
            _to_the_payment(turn)
        elif about in _PAGE:
            turn.respond(_NEXT_STEP[about], link=_page(_PAGE[about], _order_no(turn)))
        else:
            turn.respond(_NEXT_STEP.get(about, "utter_social_affirm"))
        return list(_DONE)


class ActionDropReminder(ShopAction):
    """The customer does not want what they were reminded of, or no reminders at all: a word, and no more."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_drop_reminder"

    def answer(self, turn: Turn) -> list[EventType]:
        """Lets it be, with the way out where there is still something to undo."""
        if turn.intent == "stop_reminders":
            turn.respond("utter_faq_stop_reminders")
            return list(_DONE)
        if turn.intent in ("deny", "hesitate"):
            turn.respond(_let_be(turn, _about(turn)))
            return list(_DONE)
        order = _order(turn) if turn.intent == "abandon_purchase" else None
        if order is not None and _is_late(turn):
            urge, leave = _ways_out(order)
            _say(turn, "utter_ask_reminder_late", [urge, leave, HUMAN])
        elif order is not None and order.state == "deposit_paid":
            turn.respond("utter_social_reminder_balance_dropped")
        elif order is not None and order.state in _PAYABLE:
            _say(turn, "utter_social_reminder_unpaid_dropped", [_CANCEL])
        elif order is not None and order.state != "closed":
            _say(turn, "utter_social_reminder_order_dropped", [_CANCEL if order.state in _NOT_YET_SENT else _RETURN])
        else:
            turn.respond("utter_social_reminder_dropped")
        return list(_DONE)


def _let_be(turn: Turn, about: str) -> str:
    """What is said to a no, or to who will see to it later."""
    later = turn.intent == "hesitate"
    if about == "address" and later:
        return "utter_social_reminder_address_later"
    if about == "address":
        return "utter_faq_reminder_address" if _LEFT_AS_IT_IS.search(turn.text) else "utter_ask_reminder_address"
    if later:
        return "utter_social_reminder_later"
    return "utter_social_reminder_patient" if about == "parcel" else "utter_social_reminder_dropped"


def _is_done(turn: Turn, about: str) -> bool:
    """Whether the reminder is settled: by the order itself, or as the customer says."""
    if about not in _THANKS_FOR:
        return False
    if turn.intent == "inform" and _DONE_ALREADY[about].search(turn.text):
        return True
    order = _order(turn) if about == "receipt" else None
    return order is not None and order.state == "confirmed"


def _about_the_address(turn: Turn) -> list[EventType]:
    """Changes the order, where the answer is a new address, phone or name; else leaves both ways open."""
    told = read_destination(turn.text, asked=False)
    if not (told.address or told.partly or told.phone or told.receiver):
        turn.respond("utter_faq_reminder_address_either")
        return list(_DONE)
    case = Case.begin(turn, ChangeOrder())
    return [*case.events(), SlotSet("awaiting", "deed"), SlotSet("reminder", None), FollowupAction("deed_form")]


def _is_late(turn: Turn) -> bool:
    """Whether the reminder told of a delay."""
    reminder = turn.slot("reminder")
    return isinstance(reminder, Mapping) and reminder.get("scene") == _LATE


def _ways_out(order: Order) -> tuple[dict[str, str], dict[str, str]]:
    """How to hurry an order that is late, and how to leave it."""
    return (_URGE_DISPATCH, _CANCEL) if order.state in _NOT_YET_SENT else (_URGE_DELIVERY, _REFUND)


def _give_benefit(turn: Turn) -> None:
    """Gives what the reminder has offered, where it has offered something."""
    given = accept(turn.session, turn.viewer, f"{message_key(turn)}:benefit", turn.now)
    if given is not None:
        turn.say(given.text)


def _say(turn: Turn, response: str, buttons: list[dict[str, str]]) -> None:
    turn.dispatcher.utter_message(response=response, buttons=buttons, question=turn.question)


def _settles_doubt(turn: Turn) -> bool:
    """Answers the doubt that the reminder named ("好像还担心质量，我再给您讲讲？"), where the shop has an answer."""
    reminder: Any = turn.slot("reminder")
    why = reminder.get("why") if isinstance(reminder, Mapping) else None
    doubt = next((each for each in get_args(Worry) if each == why), None)
    return doubt is not None and settle(turn, doubt) is not None


def _to_buying(turn: Turn) -> None:
    """To the product, behind how an order is placed where that was asked."""
    if turn.intent == "order_help":
        turn.respond("utter_faq_order_help")
        _to_the_product(turn, lead="")
    elif not _settles_doubt(turn):
        _to_the_product(turn)


def _to_the_product(turn: Turn, lead: str = "utter_faq_reminder_buy") -> None:
    product = _product(turn)
    if product is None:
        if lead:
            turn.respond("utter_social_affirm")
    elif not any(each.stock for each in product.skus):
        turn.say(
            f"真不巧，{product.name}刚刚卖完了，要不要帮您留意到货、或者看看类似的？",
            buttons=[
                {"title": "到货告诉我", "payload": f'/ask_stock{{"product":"{product.no}","service":"{NOTICE}"}}'},
                {"title": "看看类似的", "payload": "/recommend_product"},
            ],
        )
    else:
        if lead:
            turn.respond(lead)
        turn.show(cards.product_card(product, prices_for(turn, product, None, current=True)))


def _to_the_payment(turn: Turn) -> None:
    order = _order(turn)
    if order is None:
        turn.respond("utter_faq_ask_payment")
    elif order.state in _PAYABLE and turn.intent == "inform" and _DONE_ALREADY["pay"].search(turn.text):
        # Money may be on its way; nobody is asked to pay twice.
        turn.respond("utter_faq_reminder_payment_unseen", link=_page("pay", order.no))
    elif order.state in _PAYABLE:
        if turn.intent == "ask_price":
            turn.say(_due(turn, order))
        else:
            turn.respond("utter_faq_reminder_pay", link=_page("pay", order.no))
        turn.show(cards.order_card(order, describe_order(order, turn.now), turn.now))
    elif order.state == "closed":
        turn.respond("utter_faq_reminder_closed")
    else:
        turn.respond("utter_faq_reminder_paid")


def _due(turn: Turn, order: Order) -> str:
    """What is still to be paid for an order."""
    balance = balance_of_order(order, turn.now) if order.state == "deposit_paid" else None
    if balance is not None:
        return balance.text(turn.now)
    return f"这单一共{say_amount(order.goods_amount - order.discount + order.postage)}，付完就给您安排发货～"


def _about(turn: Turn) -> str:
    reminder = turn.slot("reminder")
    return str(reminder.get("answers") or "") if isinstance(reminder, Mapping) else ""


def _order_no(turn: Turn) -> str | None:
    reminder: Any = turn.slot("reminder")
    number = reminder.get("order_no") if isinstance(reminder, Mapping) else None
    return str(number) if number else None


def _order(turn: Turn) -> Order | None:
    """The order of the reminder, as the customer may see it."""
    number = _order_no(turn)
    return turn.told(turn.orders.order_for(number, turn.viewer)) if number else None


def _product(turn: Turn) -> Product | None:
    reminder: Any = turn.slot("reminder")
    number = reminder.get("product_no") if isinstance(reminder, Mapping) else None
    product = find_product(turn.session, str(number)) if number else None
    return successor(turn.session, product) if product is not None and product.status == "off_sale" else product


def _page(name: str, order_no: str | None) -> str:
    page = shop_policies().pages.get(name)
    return whole_link(page.address(order_no)) if page is not None else "「我的订单」"
