"""The welcome, by the entry through which a customer came in (F5)."""

from __future__ import annotations

from rasa_sdk.events import EventType, SlotSet

from actions.action import ShopAction, Turn
from actions.capsules import fitting
from sixty.desk.handoffs import current_handoff
from sixty.playbook import capsule_plan
from sixty.shop.gateways.errors import GatewayError
from sixty.shop.gateways.normal_form import Order


class ActionWelcome(ShopAction):
    """Greets, once with capsules, later with a word."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_welcome"

    def answer(self, turn: Turn) -> list[EventType]:
        """Welcomes by shop front, product page or order page."""
        welcomed = any(
            event.get("event") == "action" and event.get("name") == self.name() for event in turn.tracker.events
        )
        if welcomed:
            waiting = current_handoff(turn.session, turn.tracker.sender_id) is not None
            turn.say("在的，已经在帮您排人工了，您先说说情况～" if waiting else "在的，您请说～", outcome="social")
            return [SlotSet("awaiting", turn.slot("awaiting"))]
        entry = turn.context.entry if turn.context else "shop"
        product = turn.product()
        order_no = turn.context.order_no if turn.context else None
        order = self._order(turn, order_no) if order_no else None
        events: list[EventType] = []
        if entry == "product" and product is not None:
            turn.say(f"您好，我是小六～在看这款{product.name}吗？面料、尺码、优惠都可以问我。", outcome="social")
            events.append(SlotSet("product_no", product.no))
        elif entry == "order" and order is not None:
            turn.say(f"您好，我是小六～是想问尾号{order.no[-4:]}这单吗？物流、修改、售后都可以找我。", outcome="social")
            events.append(SlotSet("order_no", order.no))
        else:
            entry = "order" if entry == "order" else "shop"
            turn.say("您好，欢迎来六拾优选，我是智能客服小六～想看商品、问优惠还是查订单？", outcome="social")
        turn.offer(fitting(turn, capsule_plan().welcoming(entry), product, most=4))
        return events

    @staticmethod
    def _order(turn: Turn, order_no: str) -> Order | None:
        try:
            return turn.orders.order_for(order_no, turn.viewer).value
        except GatewayError:
            # A greeting fails for nothing.
            return None
