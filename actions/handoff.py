"""A person takes over: the conversation is marked, with reason and context (F8)."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import EventType

from actions.action import ShopAction, Turn
from sixty.desk.handoffs import open_handoff

# The button by which a customer asks for a person.
HUMAN = {"title": "转人工", "payload": "/ask_human"}
_CONTEXT_SLOTS = (
    *("product_no", "height", "weight", "fit", "order_no"),
    *("flow", "article", "service", "cause", "detail", "contact", "tax_no", "day", "picture"),
)
_KEPT_LINES = 40


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


def mark_for_a_person(turn: Turn, reason: str) -> bool:
    """Marks the conversation for a person and says nothing; returns whether none was waited for yet.

    Args:
        turn: The turn, with a session that may write.
        reason: `asked_for`, `two_misses`, `angry`, `shop_out_of_reach`, `failed_action`, `complaint` or
            `broken_promise`.
    """
    context: dict[str, Any] = {
        "slots": {name: turn.slot(name) for name in _CONTEXT_SLOTS if turn.slot(name)},
        "level": turn.level,
        "region": turn.context.region if turn.context else None,
        "entry": turn.context.entry if turn.context else None,
        "transcript": _transcript(turn),
    }
    _, created = open_handoff(
        turn.session,
        conversation_id=turn.tracker.sender_id,
        reason=reason,
        question=_question(turn),
        context=context,
        channel=turn.channel,
        customer_id=turn.viewer.customer_id,
        now=turn.now,
    )
    return created


def hand_over(turn: Turn, reason: str) -> None:
    """Marks the conversation for a person and tells the customer what happens next.

    Args:
        turn: The turn, with a session that may write.
        reason: `asked_for` or `two_misses`.
    """
    if mark_for_a_person(turn, reason):
        turn.say(
            "好的，已经帮您登记转人工，聊天记录和商品信息都一并转过去了，您不用再说一遍。"
            "同事会按顺序在这里回复您；等的时候，别的问题可以继续问我～",
            outcome="handed_over",
        )
    else:
        turn.say("已经在帮您排人工了，同事看到会马上回复；有什么想补充的直接发，我一并转过去～", outcome="handed_over")


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
