"""What the bot offers by itself behind an answer: the close, matching goods, a benefit, the doubts that are left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rasa_sdk.events import EventType

from actions.action import Turn
from actions.benefits import offer_benefit
from actions.bundle import offer_unasked
from actions.capsules import fits
from actions.closing import close, closing_line, doubts_left, has_learned
from actions.flows.room import in_form
from actions.handoff import HUMAN
from actions.minute import pushes_now, strategy_of
from actions.offer import Offer
from actions.own_channels import offer_own_channel
from sixty.insight.strategy import Push, Strategy
from sixty.playbook import Capsule, capsule_plan
from sixty.shop.doubts import doubts_settled
from sixty.shop.models import Doubt, Product
from sixty.shop.pricing.phases import PhaseName

if TYPE_CHECKING:
    from actions.questions import Question

_MOST_DOUBTS = 2
_SIZE = "ask_size"


@dataclass(frozen=True)
class _Answered:
    """What has just been answered, and what it leads on to.

    Attributes:
        turn: The turn, at the end of its answer.
        question: What was answered.
        product: What the talk is about.
        phase: The phase of a campaign that decides the words.
        offer: The capsules of what is likely to be asked next.
        strategy: How such goods are sold.
    """

    turn: Turn
    question: Question
    product: Product
    phase: PhaseName | None
    offer: Offer
    strategy: Strategy


def lead_on(
    turn: Turn, answered: Question, product: Product | None, phase: PhaseName | None, offer: Offer
) -> list[EventType] | None:
    """Offers the one thing that the minute, the category and the customer allow for now.

    Args:
        turn: The turn, at the end of an answer.
        answered: The question that was answered.
        product: What the conversation is about.
        phase: The phase of a campaign that decides the words.
        offer: The capsules of what is likely to be asked next.

    Returns:
        Events, which may wait for a yes; None where there is nothing to offer but the capsules.
    """
    if product is None or in_form(turn):
        return None
    case = _Answered(turn, answered, product, phase, offer, strategy_of(product))
    for push in pushes_now(turn, product):
        events = _OFFER[push](case)
        if events is not None:
            return events
    return None


def _close(case: _Answered) -> list[EventType] | None:
    line = closing_line(case.turn, case.question, case.product, case.phase, case.strategy.close_after)
    if line is None:
        return None
    close(case.turn, case.product, line, case.offer)
    return []


def _doubts(case: _Answered) -> list[EventType] | None:
    """Names what is left to be asked of what matters for these goods."""
    if not _has_learned(case):
        return None
    left = doubts_left(case.turn, case.question, case.product)
    capsules = doubt_capsules(case.turn, case.product, left)
    if not capsules:
        return None
    buttons = [capsule.button() for capsule in capsules]
    if case.strategy.person:
        buttons.append(HUMAN)
    text = "还有哪点不太放心的吗？点一下我马上说，拿不准也可以直接找同事～"
    if not case.strategy.person:
        text = "还有哪点不太放心的吗？点一下我马上说～"
    case.turn.dispatcher.utter_message(text=text, buttons=buttons, outcome="social", push="doubts")
    return []


def _has_learned(case: _Answered) -> bool:
    return has_learned(case.turn, case.question, case.product, case.strategy.close_after)


def doubt_capsules(turn: Turn, product: Product, doubts: set[Doubt]) -> list[Capsule]:
    """For each of some doubts the first capsule whose answer settles it."""
    found: dict[Doubt, Capsule] = {}
    for capsule in capsule_plan().capsules.values():
        settles = doubts_settled(turn.session, product, [(capsule.intent, capsule.attribute)]) & doubts
        for doubt in settles:
            if doubt not in found and fits(turn, capsule, product):
                found[doubt] = capsule
        if len(found) == len(doubts):
            break
    return list(dict.fromkeys(found.values()))[:_MOST_DOUBTS]


def _bundle(case: _Answered) -> list[EventType] | None:
    # Who knows their size is ready for what goes with it; otherwise who still doubts is answered first.
    knows_size = case.question.intent == _SIZE
    if not knows_size and (not _has_learned(case) or doubts_left(case.turn, case.question, case.product)):
        return None
    return offer_unasked(case.turn, case.product) or None


def _benefit(case: _Answered) -> list[EventType] | None:
    return offer_benefit(case.turn, "hesitating") if case.strategy.offer_benefit else None


def _own_channel(case: _Answered) -> list[EventType] | None:
    return [] if case.strategy.offer_own_channel and offer_own_channel(case.turn, "hesitating") else None


_OFFER: Mapping[Push, Callable[[_Answered], list[EventType] | None]] = {
    "close": _close,
    "doubts": _doubts,
    "bundle": _bundle,
    "benefit": _benefit,
    "own_channel": _own_channel,
}
