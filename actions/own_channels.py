"""The shop's own channels, offered once at the end of a talk that ends without an order (F10)."""

from __future__ import annotations

from typing import Any

from actions import cards
from actions.action import Turn
from actions.benefits import about
from actions.closing import of_this_conversation, wants_no_selling
from sixty.shop.own_channels import card_for


def offer_own_channel(turn: Turn, situation: str) -> bool:
    """Shows how to stay in touch, with what the customer gets for it; returns whether there was something to show.

    Once a conversation, and never to who wants no selling.
    """
    if wants_no_selling(turn) or any(_is_channel(event) for event in of_this_conversation(turn)):
        return False
    with turn.writing() as session:
        card = card_for(session, turn.viewer, turn.now, situation, about=about(turn))
    if card is None:
        return False
    turn.show(cards.own_channel_card(card.as_card()), push="own_channel")
    return True


def _is_channel(event: dict[str, Any]) -> bool:
    custom = ((event.get("data") or {}).get("custom") or {}) if event.get("event") == "bot" else {}
    return (custom.get("card") or {}).get("type") == "own_channel"
