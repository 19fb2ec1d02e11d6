"""Where an order stands, for its owner only (F23)."""

from __future__ import annotations

import asyncio
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import cards
from actions.action import ShopAction, Turn, latest
from actions.after_order import suggest_after
from actions.answering_form import AnsweringForm
from actions.campaigns import answer_campaign, topic_of
from actions.flows.offers import offers
from actions.handoff import HUMAN
from actions.out_of_reach import shop_out_of_reach
from sixty.desk.tickets.answering import tickets_told
from sixty.shop.database import shop_session
from sixty.shop.gateways.chosen import order_gateway
from sixty.shop.gateways.errors import GatewayError
from sixty.shop.gateways.normal_form import Order
from sixty.shop.lateness import what_is_late
from sixty.shop.order_answers import describe_order
from sixty.shop.proofs import Proof
from sixty.shop.regions import province
from sixty.shop.urging import of_own_order, of_parcel

if TYPE_CHECKING:
    from actions.flows.flow import Flow

# Asked of an order where there is one, and in general where there is none.
_ONLY_WITH_ORDER = frozenset({"ask_ship_time", "ask_delivery_time"})
_ABOUT_REFUND = frozenset({"refund_status", "after_sales_progress"})
_ON_THE_WAY = frozenset({"paid", "part_shipped", "shipped", "deposit_paid"})
_WITHOUT_PROOF = frozenset({"locked", "out_of_reach"})
_TRAVELLING = frozenset({"part_shipped", "shipped"})


class ActionOrderStatus(ShopAction):
    """Shows the order that is meant, a choice of several, or asks for a proof."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_order_status"

    def answer(self, turn: Turn) -> list[EventType]:
        """Answers for the owner; an unknown visitor proves an order first."""
        asks_of_presale = turn.intent == "ask_ship_time" and topic_of(turn) == "dispatch"
        events = answer_campaign(turn) if asks_of_presale else None
        if events is None:
            return self._of_orders(turn)
        # The rules know no offer that outlasts an order's state.
        return [*events, SlotSet("awaiting", None)]

    def _of_orders(self, turn: Turn) -> list[EventType]:
        if turn.slot("proof") in _WITHOUT_PROOF:
            return self._without_proof(turn)
        orders = list(turn.told(turn.orders.orders_of(turn.viewer)))
        named = self._named(turn, orders)
        tickets = self._tickets(turn)
        if tickets:
            turn.say(tickets)
            if named is None and not any(order.refunds for order in orders):
                return [SlotSet("awaiting", None)]
        if named is not None:
            return self._show(turn, named)
        if not orders:
            return self._nobody_known(turn)
        orders = self._meant(turn, orders)
        if not orders:
            return self._none_is_meant(turn)
        if turn.entity("order_no"):
            turn.say("这个订单号在您名下没有找到，麻烦核对一下；您最近的订单在这里～", outcome="asked_back")
        elif len(orders) == 1:
            return self._show(turn, orders[0])
        elif (urging := self._urging(turn)) is not None:
            # Which of them is urged, its form asks.
            return _begin(turn, urging)
        else:
            turn.say("您最近有这几笔订单，想看哪一笔？", outcome="asked_back")
        turn.show(cards.orders_card([(order, describe_order(order, turn.now)) for order in orders]))
        # In the middle of the size form the form goes on asking; the choice waits for its turn.
        in_size_form = (turn.tracker.active_loop or {}).get("name") == "size_form"
        return [SlotSet("awaiting", None if in_size_form else "order")]

    @staticmethod
    def _tickets(turn: Turn) -> str:
        """What people have taken in hand for the customer, when that is what they ask about."""
        if turn.intent != "after_sales_progress":
            return ""
        return tickets_told(turn.session, turn.viewer.conversation_id, turn.viewer.customer_id, turn.now)

    @staticmethod
    def _meant(turn: Turn, orders: list[Order]) -> list[Order]:
        """Those that the question can be about."""
        if turn.intent in _ONLY_WITH_ORDER:
            return [order for order in orders if order.state in _ON_THE_WAY]
        if turn.intent in _ABOUT_REFUND:
            return [order for order in orders if order.refunds]
        travelling = [order for order in orders if order.state in _TRAVELLING] if of_parcel(turn.text) else []
        return travelling or orders

    def _none_is_meant(self, turn: Turn) -> list[EventType]:
        """The general answer; who urges has an order in mind, and it isn't on its way any more."""
        if turn.intent in _ABOUT_REFUND:
            turn.say(
                "您最近的订单里没有查到退款或售后申请，要申请的话我现在帮您办～",
                buttons=offers(("return", "exchange")),
            )
        elif self._urging(turn) is not None and (newest := self._newest(turn)) is not None:
            self._show(turn, newest)
        elif turn.intent in _ONLY_WITH_ORDER:
            turn.respond(f"utter_faq_{turn.intent}")
        return []

    @staticmethod
    def _newest(turn: Turn) -> Order | None:
        return next(iter(turn.told(turn.orders.orders_of(turn.viewer))), None)

    @staticmethod
    def _without_proof(turn: Turn) -> list[EventType]:
        """The form has ended without a proof; that the shop cannot be reached, it has said already."""
        if turn.slot("proof") == "locked":
            turn.say(
                "为了账户安全，核对次数用完了，一小时后可以再试；着急的话我帮您转人工核实～",
                outcome="asked_back",
                buttons=[HUMAN],
            )
        return [SlotSet("proof", None), SlotSet("order_no", None), SlotSet("phone_tail", None)]

    @staticmethod
    def _named(turn: Turn, orders: list[Order]) -> Order | None:
        number = turn.entity("order_no") or (turn.slot("order_no") if turn.slot("proof") == "proved" else None)
        if number:
            return turn.told(turn.orders.order_for(str(number), turn.viewer))
        if turn.slot("awaiting") == "order" and (shown := _shown_last(turn, orders)):
            position = turn.entity("ordinal")
            if position is not None:
                index = int(position) - 1 if int(position) > 0 else len(shown) + int(position)
                return shown[index] if 0 <= index < len(shown) else None
            if turn.intent == "affirm":
                return shown[0]
        topic = turn.slot("order_no")
        if topic and turn.intent in _ONLY_WITH_ORDER | _ABOUT_REFUND:
            # "什么时候能到" after an order was shown means that order.
            order = turn.told(turn.orders.order_for(str(topic), turn.viewer))
            if order is not None and (turn.intent in _ONLY_WITH_ORDER or order.refunds):
                return order
        if turn.context and turn.context.entry == "order" and turn.context.order_no:
            return turn.told(turn.orders.order_for(turn.context.order_no, turn.viewer))
        return None

    @staticmethod
    def _show(turn: Turn, order: Order) -> list[EventType]:
        answer = describe_order(order, turn.now)
        events: list[EventType] = [SlotSet("order_no", order.no), SlotSet("proof", None), SlotSet("phone_tail", None)]
        urged = ActionOrderStatus._urged(turn, order)
        if turn.intent == "ask_delivery_time" and order.state in _TRAVELLING and not urged:
            # No carrier promises an hour, so the usual time is said as what it is.
            turn.say(f"{answer.headline}～")
            turn.respond("utter_faq_ask_delivery_time", region=province(order.region) or "")
            if turn.slot("order_no") == order.no:
                return events
        else:
            turn.say(answer.headline)
        turn.show(cards.order_card(order, answer, turn.now))
        return [*events, *(urged or suggest_after(turn, order) or [])]

    @staticmethod
    def _urging(turn: Turn) -> Flow | None:
        """The flow of urging, when the message does; in a form, the form goes on first."""
        from actions.flows.known import flow_begun_by  # the flows answer questions, this one among them

        flow = None if in_a_form(turn) else flow_begun_by(turn)
        return flow if flow is not None and flow.begun_by_action == "action_order_status" else None

    @staticmethod
    def _urged(turn: Turn, order: Order) -> list[EventType]:
        """Goes on from the state to the deed: when the customer urges, and when the order is late anyway."""
        from actions.flows.known import flow_named

        if in_a_form(turn):
            return []
        flow, late = ActionOrderStatus._urging(turn), what_is_late(order, turn.now)
        if late is not None:
            flow = flow_named("urge_refund" if late == "urge_refund" else "urge_order")
        return _begin(turn, flow, order) if flow is not None and flow.suits(order, turn.now) else []

    @staticmethod
    def _nobody_known(turn: Turn) -> list[EventType]:
        urging = ActionOrderStatus._urging(turn)
        if turn.viewer.customer_id is not None:
            if turn.intent in _ONLY_WITH_ORDER:
                turn.respond(f"utter_faq_{turn.intent}")
            else:
                turn.say("您名下还没有订单哦～看中喜欢的，我可以帮您挑尺码、算优惠。")
            return []
        if urging is not None:
            return _begin(turn, urging)
        if turn.intent in _ONLY_WITH_ORDER and (in_a_form(turn) or not _about_an_order(turn)):
            turn.respond(f"utter_faq_{turn.intent}")
            return []
        if (turn.tracker.active_loop or {}).get("name") == "size_form":
            turn.say("查订单要先核对一下身份，咱们把尺码选好，您再跟我说“查订单”就行～", outcome="asked_back")
            return []
        events: list[EventType] = [SlotSet("awaiting", "proof"), SlotSet("proof", None)]
        if turn.entity("order_no") is None and turn.slot("proof") is None:
            events.append(SlotSet("order_no", None))
        events.append(SlotSet("phone_tail", None))
        return events


def _shown_last(turn: Turn, orders: list[Order]) -> list[Order]:
    """The orders of the choice that was shown last, in its order."""
    of_number = {order.no: order for order in orders}
    for event in reversed(turn.tracker.events):
        card = ((event.get("data") or {}).get("custom") or {}).get("card") or {}
        if event.get("event") == "bot" and card.get("type") == "orders":
            return [of_number[row["no"]] for row in card["orders"] if row["no"] in of_number]
    return orders


def in_a_form(turn: Turn) -> bool:
    """Whether a form is at work, which goes on after this answer."""
    return bool((turn.tracker.active_loop or {}).get("name"))


def _about_an_order(turn: Turn) -> bool:
    """Whether a question about time is about an order made already: its words say so, or it is asked again."""
    general = f"utter_faq_{turn.intent}"
    said = any(
        event.get("event") == "bot" and (event.get("metadata") or {}).get("utter_action") == general
        for event in turn.tracker.events
    )
    return said or of_own_order(turn.text)


def _begin(turn: Turn, flow: Flow, order: Order | None = None) -> list[EventType]:
    """Begins the flow that urges; its form asks what is missing, and where nothing is the deed follows at once."""
    from actions.flows.case import Case

    case = Case.begin(turn, flow)
    if order is not None:
        case.values["order_no"] = order.no
    return [*case.events(), SlotSet("awaiting", "deed")]


class ValidateOrderLookupForm(AnsweringForm):
    """Proves an unknown visitor by order number and the phone's last four digits, with three tries."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "validate_order_lookup_form"

    async def validate_order_no(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        """Takes the number as it is: whether it exists is told to nobody."""
        if value is None:
            # A value that an action took back, not one that the customer gave.
            return {"order_no": None}
        digits = _digits(value)
        if not 10 <= len(digits) <= 20:
            dispatcher.utter_message(text="订单号一般是18位数字，麻烦从订单详情里复制一下～", outcome="asked_back")
            return {"order_no": None}
        tail = latest(tracker.get_slot("phone_tail"))
        if tail and "phone_tail" not in tracker.slots_to_validate():
            return await self._settled(dispatcher, tracker, digits, str(tail))
        return {"order_no": digits}

    async def validate_phone_tail(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        """The last four digits, or the whole number."""
        if value is None:
            return {"phone_tail": None}
        digits = _digits(value)
        if len(digits) not in (4, 11):
            dispatcher.utter_message(text="只要收货手机号的后四位数字就好～", outcome="asked_back")
            return {"phone_tail": None}
        order_no = _digits(tracker.get_slot("order_no"))
        if not 10 <= len(order_no) <= 20:
            return {"phone_tail": digits}
        return await self._settled(dispatcher, tracker, order_no, digits)

    async def _settled(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, order_no: str, digits: str
    ) -> dict[str, Any]:
        """Checks the proof as soon as both parts are there; every check counts as a try."""
        try:
            proof = await asyncio.to_thread(_prove, tracker.sender_id, order_no, digits)
        except GatewayError as error:
            await asyncio.to_thread(shop_out_of_reach, dispatcher, tracker, error)
            return {"order_no": None, "phone_tail": None, "proof": "out_of_reach", "requested_slot": None}
        slots: dict[str, Any] = {"order_no": order_no, "phone_tail": digits, "proof": proof.outcome}
        if proof.outcome == "locked":
            slots["requested_slot"] = None
        elif proof.outcome == "wrong":
            dispatcher.utter_message(
                text=f"订单号和手机后四位没有对上，您再核对一下，还可以试{proof.tries_left}次～", outcome="asked_back"
            )
            slots = {"order_no": None, "phone_tail": None, "proof": None}
        return slots


def _digits(value: Any) -> str:
    return "".join(character for character in str(latest(value) or "") if character.isascii() and character.isdigit())


def _prove(conversation_id: str, order_no: str, digits: str) -> Proof:
    # A session of its own: a try counts even when the rest of the turn fails.
    with shop_session() as session:
        return order_gateway(session, datetime.now(timezone.utc)).prove(conversation_id, order_no, digits)
