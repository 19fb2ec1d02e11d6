"""A person takes over: the conversation is marked, with reason and context (F8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rasa_sdk.events import EventType

from actions.action import ShopAction, Turn
from actions.mood import angry_messages
from sixty.desk.handoffs import (
    HandOff,
    may_leave,
    open_handoff,
    say_how_received,
    say_if_nobody_comes,
    say_still_waiting,
)

# The button by which a customer asks for a person.
HUMAN = {"title": "转人工", "payload": "/ask_human"}
_CONTEXT_SLOTS = (
    *("product_no", "height", "weight", "fit", "order_no"),
    *("flow", "article", "service", "cause", "detail", "contact", "tax_no", "day", "picture"),
)
_KEPT_LINES = 40
_KEPT_INTENTS = 10
# They say nothing of what it is about.
_NO_TOPIC = frozenset(
    {
        *("ask_human", "affirm", "deny", "greet", "thank", "goodbye", "inform"),
        *("nlu_fallback", "chitchat", "out_of_scope"),
    }
)


def _transcript(turn: Turn) -> list[dict[str, str]]:
    lines = []
    for event in turn.tracker.events:
        if event.get("event") in ("user", "bot") and event.get("text"):
            author = "customer" if event["event"] == "user" else "bot"
            lines.append({"author": author, "text": str(event["text"])})
    return lines[-_KEPT_LINES:]


def _question(turn: Turn) -> str:
    """The customer's latest line that is a question, not the wish for a person."""
    for event in reversed(turn.tracker.events):
        if event.get("event") != "user":
            continue
        intent = str(((event.get("parse_data") or {}).get("intent") or {}).get("name") or "")
        if intent not in ("ask_human", "affirm", "greet") and event.get("text"):
            return str(event["text"])
    return str(turn.tracker.latest_message.get("text") or "")


@dataclass(frozen=True)
class Called:
    """That a person is called.

    Attributes:
        created: Whether none was waited for yet.
        left: What the customer has to know where nobody comes now: that it is a message left. Empty otherwise.
    """

    created: bool
    left: str


def _understood(turn: Turn) -> list[str]:
    """What the customer was understood to ask, the newest last."""
    found = []
    for event in turn.tracker.events:
        intent = str(((event.get("parse_data") or {}).get("intent") or {}).get("name") or "")
        if event.get("event") == "user" and intent and intent not in _NO_TOPIC:
            found.append(intent)
    return found[-_KEPT_INTENTS:]


def _open(turn: Turn, reason: str) -> tuple[HandOff, bool]:
    context: dict[str, Any] = {
        "slots": {name: turn.slot(name) for name in _CONTEXT_SLOTS if turn.slot(name)},
        "level": turn.level,
        "region": turn.context.region if turn.context else None,
        "entry": turn.context.entry if turn.context else None,
        "intents": _understood(turn),
        "angry": angry_messages(turn) > 0,
        "transcript": _transcript(turn),
    }
    return open_handoff(
        turn.session,
        conversation_id=turn.tracker.sender_id,
        reason=reason,
        question=_question(turn),
        context=context,
        channel=turn.channel,
        customer_id=turn.viewer.customer_id,
        now=turn.now,
        told=True,
    )


def call_a_person(turn: Turn, reason: str) -> Called:
    """Marks the conversation for a person and says nothing; the caller says what there is to say.

    Args:
        turn: The turn, with a session that may write.
        reason: `asked_for`, `two_misses`, `angry`, `shop_out_of_reach`, `failed_action`, `complaint`, `policy` or
            `broken_promise`.
    """
    hand_off, created = _open(turn, reason)
    return Called(created, say_if_nobody_comes(turn.session, hand_off, turn.now) if created else "")


def hand_over(turn: Turn, reason: str) -> None:
    """Marks the conversation for a person and tells the customer what happens next.

    Args:
        turn: The turn, with a session that may write.
        reason: `asked_for` or `two_misses`.
    """
    hand_off, created = _open(turn, reason)
    queued_just_now = hand_off.state == "queued" and hand_off.queued_at == turn.now
    if created or queued_just_now:
        text = say_how_received(turn.session, hand_off, turn.now)
    else:
        text = say_still_waiting(turn.session, hand_off, turn.now)
    turn.say(text, outcome="handed_over", buttons=may_leave(turn.session, hand_off))


class ActionHandoff(ShopAction):
    """The customer wants a person."""

    writes = True

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_handoff"

    def answer(self, turn: Turn) -> list[EventType]:
        """Hands over."""
        hand_over(turn, "asked_for")
        return []
