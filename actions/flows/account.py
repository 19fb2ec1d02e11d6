"""What a customer has said of their trouble, kept with the deed for the people who carry it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actions.action import Turn
from sixty.shop.deeds.details import LONGEST_DETAIL

if TYPE_CHECKING:
    from actions.flows.case import Case

_LINES = 4
_SHORTEST = 2


def tells_anew(case: Case, slot: str, *, asked: bool) -> bool:
    """Whether what the latest message says of the trouble is meant for a factor.

    A word of an answer to something else ("没有图") is not; who tells the trouble again corrects it.
    """
    turn = case.turn
    if turn.text.startswith("/"):
        return False
    return asked or case.values[slot] is None or turn.intent in case.flow.intents


def own_account(turn: Turn) -> str:
    """The customer's latest lines in their own words, oldest first; taps and single characters are none."""
    lines = [
        text
        for event in turn.tracker.events
        if event.get("event") == "user"
        and len(text := str(event.get("text") or "").strip()) >= _SHORTEST
        and not text.startswith("/")
    ]
    return "；".join(lines[-_LINES:])[-LONGEST_DETAIL:]
