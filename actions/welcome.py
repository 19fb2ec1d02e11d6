"""The welcome, by the entry through which a customer came in (F5)."""

from __future__ import annotations

from rasa_sdk.events import EventType, SlotSet

from actions.action import ShopAction, Turn
from actions.capsules import fitting
from sixty.desk.handoffs import current_handoff
from sixty.playbook import capsule_plan
from sixty.shop.gateways.errors import GatewayError
from sixty.shop.gateways.normal_form import Order
from sixty.shop.pricing.campaign_answers import phase_for


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
            turn.respond("utter_social_welcome", entry=entry, product=product.name)
            events.append(SlotSet("product_no", product.no))
        elif entry == "order" and order is not None:
            turn.respond("utter_social_welcome", entry=entry, order_tail=order.no[-4:])
            events.append(SlotSet("order_no", order.no))
        else:
            # The page is no more than a shop front where what it shows can't be found, or is not theirs.
            turn.respond("utter_social_welcome", entry="shop")
            entry = "order" if entry == "order" else "shop"
        phase = phase_for(turn.session, turn.now, product)
        turn.offer(fitting(turn, capsule_plan().welcoming(entry, phase), product, most=4))
        return events

    @staticmethod
    def _order(turn: Turn, order_no: str) -> Order | None:
        try:
            return turn.orders.order_for(order_no, turn.viewer).value
        except GatewayError:
            # A greeting fails for nothing.
            return None
