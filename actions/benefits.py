"""Benefits in the talk: offered where the merchant's rules say so, given at a yes, left at a no (F9)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rasa_sdk.events import EventType, SlotSet

from actions import cards
from actions.action import ShopAction, Turn
from actions.campaigns import topic_product
from actions.flows.room import in_form
from actions.handoff import HUMAN
from actions.suggestions import message_key
from sixty.shop.benefits import About, Benefit, Granted, Offer, SituationKind, accept, decline, offer
from sixty.shop.wording import say_span

# What the bot waits for when it has offered a benefit.
BENEFIT = "benefit"


def about(turn: Turn) -> About:
    """What the talk is about, as benefits want to know it."""
    product = topic_product(turn)
    pieces = turn.entity("quantity")
    count = max(int(float(pieces)), 1) if pieces else 1
    return About(product.no if product is not None else None, None, count, turn.level)


def offer_benefit(turn: Turn, situation: SituationKind, lead: str = "") -> list[EventType] | None:
    """Offers what the rules have for this situation.

    Args:
        turn: The turn.
        situation: What the customer is about to do.
        lead: What is said in front, in the same line.

    Returns:
        Events that wait for a yes; None where there is nothing to offer, or this is no moment for it.
    """
    if in_form(turn):
        return None
    with turn.writing() as session:
        offered = offer(session, situation, turn.viewer, turn.now, about(turn))
    if offered is None:
        return None
    show_offer(turn, offered, f"{lead}{offered.text}", push="benefit")
    return [SlotSet("awaiting", BENEFIT)]


def show_offer(turn: Turn, offered: Offer, text: str, **more: Any) -> None:
    """Says what is offered, with its card; what more is given is kept with the message."""
    turn.say(text, buttons=offered.buttons, **more)
    turn.show(_card(offered.benefit))


class ActionGrantBenefit(ShopAction):
    """The customer says yes to a benefit."""

    writes = True

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_grant_benefit"

    def answer(self, turn: Turn) -> list[EventType]:
        """Gives it, once; or says why it cannot be given any more."""
        key = f"{message_key(turn)}:benefit"
        given = accept(turn.session, turn.viewer, key, turn.now)
        if given is None:
            turn.dispatcher.utter_message(response="utter_social_affirm")
        elif isinstance(given, Granted):
            turn.say(given.text)
            turn.show(_card(given.benefit, given.expires_at))
        else:
            turn.say(given.text, buttons=[HUMAN])
        return []


class ActionDeclineBenefit(ShopAction):
    """The customer wants no benefit; it is not offered again soon."""

    writes = True

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_decline_benefit"

    def answer(self, turn: Turn) -> list[EventType]:
        """Takes note and presses no further."""
        decline(turn.session, turn.viewer, turn.now)
        turn.say("没问题，您慢慢考虑，有需要随时叫我～", outcome="social")
        return []


def _card(benefit: Benefit, until: datetime | None = None) -> cards.Card:
    """What is offered, or what was given and can be used until then."""
    amount = benefit.coupon.amount if benefit.coupon is not None else None
    used = "下单自动抵扣，" if benefit.coupon is not None else ""
    text = f"{used}{say_span(benefit.valid)}内有效"
    return cards.benefit_card(benefit.kind, benefit.title, text, amount, until, granted=until is not None)
