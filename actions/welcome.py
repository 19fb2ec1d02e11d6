"""The welcome, by the entry through which a customer came in (F5)."""

from __future__ import annotations

from rasa_sdk.events import EventType, SlotSet

from actions.action import ShopAction, Turn
from actions.capsules import at_the_welcome
from sixty.desk.handoffs import current_handoff
from sixty.shop.gateways.errors import GatewayError
from sixty.shop.gateways.normal_form import Order

_IS_THERE = "在的，您请说～"
_WAITING = "在的，已经在帮您排人工了，您先说说情况～"
# Nobody is at the desk now, so nobody is queued for.
_WAITS = {"left": "在的，您的留言同事还没看到，一上线就在这里回复您；别的我能帮的，您先跟我说～"}


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
        # "人呢" of who waits for a person is no greeting to be met with a welcome.
        waiting = current_handoff(turn.session, turn.tracker.sender_id)
        if welcomed or waiting is not None:
            turn.say(_IS_THERE if waiting is None else _WAITS.get(waiting.state, _WAITING), outcome="social")
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
        turn.push(at_the_welcome(turn, entry, product))
        return events

    @staticmethod
    def _order(turn: Turn, order_no: str) -> Order | None:
        try:
            return turn.orders.order_for(order_no, turn.viewer).value
        except GatewayError:
            # A greeting fails for nothing.
            return None
