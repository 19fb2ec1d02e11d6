"""Bargaining: reasons first, then what the bot may give, an honest last word, and a person who may give more."""

from __future__ import annotations

from decimal import Decimal

from rasa_sdk.events import EventType, SlotSet

from actions.action import ShopAction, Turn
from actions.benefits import BENEFIT, about, show_offer
from actions.campaigns import answer_campaign, topic_product
from actions.closing import wants_no_selling
from actions.flows.room import in_form
from actions.handoff import HUMAN
from actions.promotions import say_what_makes_it_cheaper
from sixty.shop.benefits import Step, next_step
from sixty.shop.haggling import price_wished, wants_price_changed_by_hand
from sixty.shop.wording import say_amount

_NO_HAND = "价格是系统定的，我这边手动改不了，不过能给的优惠我都帮您找。"


class ActionBargain(ShopAction):
    """Answers who wants it cheaper, one step further each time."""

    writes = True

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_bargain"

    def answer(self, turn: Turn) -> list[EventType]:
        """The next step; only facts where nothing is to be sold or a form goes on."""
        events = answer_campaign(turn)
        if events is not None:
            return events
        awaiting = turn.slot("awaiting")
        if in_form(turn) or turn.question is not None or wants_no_selling(turn):
            say_what_makes_it_cheaper(turn)
            return [SlotSet("awaiting", awaiting)]
        wished = price_wished(turn.text)
        with turn.writing() as session:
            step = next_step(session, turn.viewer, turn.now, about(turn), wished=wished)
        text = f"{_lead(turn, step, wished)}{step.text}"
        product = topic_product(turn)
        kept = [SlotSet("product_no", product.no)] if product is not None else []
        if step.already:
            # What was offered before still stands.
            turn.say(step.text)
            return [*kept, SlotSet("awaiting", awaiting if awaiting == BENEFIT else None)]
        if step.offer is not None:
            show_offer(turn, step.offer, text)
            return [*kept, SlotSet("awaiting", BENEFIT)]
        turn.say(text, buttons=[HUMAN] if step.person else [])
        return [*kept, SlotSet("awaiting", None)]


def _lead(turn: Turn, step: Step, wished: Decimal | None) -> str:
    """What is said in front: to the sum that was named, to who wants the price changed by hand."""
    if step.already:
        return ""
    if wished is not None and step.wish_met is True:
        return f"您说的{say_amount(wished)}没问题～"
    if wished is not None and step.wish_met is False:
        return f"{say_amount(wished)}确实做不到，跟您说实话～"
    return _NO_HAND if step.number == 1 and wants_price_changed_by_hand(turn.text) else ""
