"""The close: once the doubts that matter are settled, an invitation to order that draws out what is left (F14, F22)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from actions.action import Turn, latest
from actions.capsules import ANSWERED_BY
from actions.mood import angry_messages
from actions.offer import Offer
from sixty.playbook import capsule_plan
from sixty.shop.doubts import doubts_open, doubts_settled
from sixty.shop.models import Doubt, Product
from sixty.shop.pricing.phases import PhaseName
from sixty.shop.reasons import reasons_for

if TYPE_CHECKING:
    from actions.questions import Question

_NO_SELLING = frozenset({"ask_human", "stop_reminders", "complain"})
_NO_ANSWER = frozenset({"missed", "asked_back"})
# Reasons that a sentence can take in; a guarantee is a fact of its own.
_IN_A_SENTENCE = frozenset({"offer_ends", "stock_low", "in_stock"})


def wants_no_selling(turn: Turn) -> bool:
    """Whether this conversation is none to sell in: a person was asked for, or the customer has been angry."""
    return angry_messages(turn) > 0 or any(
        _intent(event) in _NO_SELLING or (event.get("event") == "action" and event.get("name") == "action_handoff")
        for event in of_this_conversation(turn)
    )


def closing_line(
    turn: Turn, answered: Question, product: Product | None, phase: PhaseName | None, after: int | None = None
) -> str | None:
    """The invitation to order, where all is settled that it waits for.

    Args:
        turn: The turn, at the end of an answer.
        answered: The question that was answered.
        product: What the conversation is about.
        phase: The phase of a campaign that decides the words.
        after: How many answered questions it takes, where these goods are sold fast: then it waits for no doubts.

    Returns:
        The line; None while a doubt that matters is open, and where it was said for this product before.
    """
    plan = capsule_plan().close
    if plan is None or product is None or product.status != "on_sale" or not any(sku.stock for sku in product.skus):
        return None
    if wants_no_selling(turn) or _said_before(turn, product):
        return None
    if not has_learned(turn, answered, product, after):
        return None
    if after is None and doubts_left(turn, answered, product):
        return None
    reasons = reasons_for(turn.session, product, turn.now, turn.level)
    reason = next((each.text for each in reasons if each.kind in _IN_A_SENTENCE), "")
    return plan.line(phase, reason)


def has_learned(turn: Turn, answered: Question, product: Product, after: int | None = None) -> bool:
    """Whether so many questions about a product have got an answer that the close may come, as far as they go."""
    plan = capsule_plan().close
    needed = after or (plan.questions if plan is not None else 1)
    return len(_answered_about(turn, product, answered)) >= needed


def doubts_left(turn: Turn, answered: Question, product: Product) -> set[Doubt]:
    """The doubts that matter for a product's category, that the shop can settle and has not yet."""
    plan = capsule_plan().close
    asked = _answered_about(turn, product, answered)
    settled = doubts_settled(turn.session, product, (each for questions in asked for each in questions))
    left = doubts_open(turn.session, product, settled)
    return left if plan is None else left.intersection(plan.doubts_of(product.category))


def close(turn: Turn, product: Product, line: str, offer: Offer) -> None:
    """Says the line, with what may still be asked; the message keeps for which product it was."""
    turn.dispatcher.utter_message(
        text=line,
        **offer.said(),
        outcome="answered",
        closing=product.no,
        push="close",
    )


def _answered_about(turn: Turn, product: Product, answered: Question) -> list[set[tuple[str, str | None]]]:
    """The questions about a product that have got an answer, by the turn that answered them."""
    turns: list[set[tuple[str, str | None]]] = []
    topic = turn.context.product_no if turn.context else None
    questions: set[tuple[str, str | None]] = set()
    outcomes: set[str] = set()

    def end() -> None:
        if topic == product.no and outcomes and not outcomes & _NO_ANSWER:
            turns.append(questions)

    for event in of_this_conversation(turn):
        kind, name, value = event.get("event"), event.get("name"), event.get("value")
        if kind == "user":
            end()
            attributes = _entities(event, "attribute")
            questions = {(_intent(event), attribute) for attribute in attributes or (None,)}
            outcomes = set()
        elif kind == "slot" and name == "product_no":
            topic = str(latest(value)) if value else topic
        elif kind == "slot" and name == "last_question" and isinstance(value, dict):
            questions.add((str(value.get("intent")), value.get("attribute")))
        elif kind == "action" and name in ANSWERED_BY:
            questions.add((ANSWERED_BY[str(name)], None))
        elif kind == "bot":
            metadata = event.get("metadata") or {}
            response = str(metadata.get("utter_action") or "")
            outcome = metadata.get("outcome") or ("answered" if response.startswith("utter_faq_") else None)
            outcomes |= {str(outcome)} if outcome else set()
    questions.add((answered.intent, answered.given.get("attribute")))
    end()
    return turns


def _said_before(turn: Turn, product: Product) -> bool:
    return any(
        event.get("event") == "bot" and (event.get("metadata") or {}).get("closing") == product.no
        for event in of_this_conversation(turn)
    )


def of_this_conversation(turn: Turn) -> list[dict[str, Any]]:
    """The events since the conversation was taken up again last."""
    events: list[dict[str, Any]] = list(turn.tracker.events)
    begun = [place for place, event in enumerate(events) if event.get("event") == "session_started"]
    return events[begun[-1] :] if begun else events


def _intent(event: dict[str, Any]) -> str:
    return str(((event.get("parse_data") or {}).get("intent") or {}).get("name") or "")


def _entities(event: dict[str, Any], name: str) -> list[str]:
    found = (event.get("parse_data") or {}).get("entities") or []
    return [str(entity["value"]) for entity in found if entity.get("entity") == name]
