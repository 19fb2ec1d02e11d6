"""Suggestions that are shown: as a card, and kept for what the customer says of them (F18)."""

from __future__ import annotations

from collections.abc import Sequence

from rasa_sdk.events import EventType, SlotSet

from actions import cards
from actions.action import Turn
from actions.flows.room import in_form
from actions.prices import prices_for
from actions.situation import Talk, situation_of
from sixty.dialogue.suggesting import SUGGESTION
from sixty.shop import recommendations
from sixty.shop.recommendations import Suggestion


def message_key(turn: Turn) -> str:
    """Tells this message from every other one, so that what it brings about is done once."""
    number = turn.tracker.latest_message.get("message_id")
    said = sum(event.get("event") == "user" for event in turn.tracker.events)
    return f"{turn.tracker.sender_id}:{number or said}"


def show(turn: Turn, talk: Talk, kind: str, title: str, suggestions: Sequence[Suggestion]) -> list[EventType]:
    """Shows suggestions as a card.

    Args:
        turn: The turn.
        talk: What was said of suggestions so far.
        kind: What sort of suggestions these are.
        title: The card's title.
        suggestions: At least one.

    Returns:
        Events that keep them, and wait for what the customer says of them.
    """
    # "规格" tells apart what one product costs in several ways; a colour hardly ever does.
    priced = [(each, prices_for(turn, each.product, each.sku.spec or None)) for each in suggestions]
    turn.show(cards.suggestions_card(title, kind, priced))
    shown = talk.showing(kind, suggestions)
    return [shown.as_slot(turn.now), SlotSet("awaiting", SUGGESTION)]


def kept_in_form(turn: Turn, events: list[EventType]) -> list[EventType]:
    """The same events; in a form, which goes on with its own question, nothing of ours is waited for."""
    if not in_form(turn):
        return events
    return [*events, SlotSet("awaiting", turn.slot("awaiting"))]


def refuse(turn: Turn, talk: Talk, numbers: Sequence[str]) -> None:
    """Remembers that the customer wants none of these; they are not suggested again."""
    topic = turn.product()
    # Who wants no bigger memory still wants the phone.
    refused = [number for number in numbers if topic is None or number != topic.no]
    if refused:
        with turn.writing() as session:
            recommendations.refuse(session, situation_of(turn, talk), refused)


def refuse_all(turn: Turn) -> None:
    """Remembers that the customer wants nothing suggested unasked any more."""
    with turn.writing() as session:
        recommendations.refuse_all(session, situation_of(turn))
