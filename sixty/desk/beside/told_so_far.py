"""What has been said in a conversation so far, as the bot's actions want to know it, from the ledger alone.

The bot's own tracker knows nothing of what is said while a person has the conversation. The ledger has all of it: what
was said, what was understood of each line, which actions ran, which slots they set.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rasa_sdk import Tracker
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.ledger.models import LedgerEvent, Message
from sixty.ledger.unsaid import SILENT
from sixty.tables import column

TOLD_BY = {
    "product": "product_no",
    "order_no": "order_no",
    **{name: name for name in ("height", "weight", "chest", "waist", "foot", "age", "fit")},
}
"""Which slot an entity of a customer's line fills, as the domain's mappings have it."""

_MESSAGES = 120
_HAPPENINGS = 400
# What the bot waited for when a person came is waited for no longer.
_LET_BE = ("awaiting", "flow", "requested_slot", "open_question", "proof", "phone_tail")


def slots_of(session: Session, conversation_id: str, up_to: Message | None = None) -> dict[str, Any]:
    """What the customer has told, by slots; what they named last counts, whoever they said it to."""
    slots: dict[str, Any] = {}
    for event in events_of(session, conversation_id, up_to):
        if event["event"] == "slot":
            slots[str(event.get("name"))] = event.get("value")
        elif event["event"] == "user":
            for entity in event["parse_data"].get("entities") or ():
                slot = TOLD_BY.get(str(entity.get("entity")))
                if slot is not None and entity.get("value") not in (None, ""):
                    slots[slot] = entity["value"]
    return {name: value for name, value in slots.items() if name not in _LET_BE}


def events_of(session: Session, conversation_id: str, up_to: Message | None = None) -> list[dict[str, Any]]:
    """The conversation as a tracker's events, in order: what was said, actions, slots.

    Args:
        session: Any session.
        conversation_id: The conversation.
        up_to: The last message that counts; all when left out.
    """
    said = select(Message).where(
        column(Message.conversation_id) == conversation_id, column(Message.kind).notin_(SILENT)
    )
    happened = select(LedgerEvent).where(
        column(LedgerEvent.conversation_id) == conversation_id, column(LedgerEvent.kind).in_(("slot", "action"))
    )
    if up_to is not None:
        said = said.where(column(Message.id) <= up_to.id)
        happened = happened.where(column(LedgerEvent.at) <= up_to.at)
    messages = session.scalars(said.order_by(column(Message.id).desc()).limit(_MESSAGES))
    happenings = session.scalars(
        happened.order_by(column(LedgerEvent.at).desc(), column(LedgerEvent.id).desc()).limit(_HAPPENINGS)
    )
    timed = [(each.at, 0, each.id, event) for each in messages if (event := _spoken(each)) is not None]
    timed += [(each.at, 1, each.id, _happened(each)) for each in happenings]
    return [event for *_, event in sorted(timed, key=lambda each: each[:3])]


def parsed(message: Message, intent: str | None = None) -> dict[str, Any]:
    """What was understood of a customer's line, as Rasa has it.

    Args:
        message: The line.
        intent: What it is taken to mean; what was understood when left out.
    """
    understood = message.understood or {}
    name = intent or understood.get("intent")
    return {
        "text": message.text,
        "intent": {"name": name, "confidence": understood.get("confidence")},
        "entities": [dict(each) for each in understood.get("entities") or ()],
        "message_id": str(message.id),
    }


def tracker_at(session: Session, message: Message, intent: str | None = None) -> Tracker:
    """The conversation as an action sees it that answers a customer's line.

    Args:
        session: Any session.
        message: The line, of a customer.
        intent: What it is taken to mean; what was understood when left out.
    """
    events = events_of(session, message.conversation_id, message)
    latest = parsed(message, intent)
    for event in reversed(events):
        if event["event"] == "user":
            event["parse_data"] = latest
            break
    return Tracker(
        sender_id=message.conversation_id,
        slots=slots_of(session, message.conversation_id, message),
        latest_message=latest,
        events=events,
        paused=False,
        followup_action=None,
        active_loop={},
        latest_action_name="action_listen",
    )


def _spoken(message: Message) -> dict[str, Any] | None:
    payload = message.payload or {}
    at = _seconds(message.at)
    if message.author == "customer":
        return {"event": "user", "text": message.text, "parse_data": parsed(message), "timestamp": at}
    if message.author != "bot":
        return None
    card = payload.get("card")
    buttons = [dict(each) for each in payload.get("capsules") or () if isinstance(each, Mapping)]
    return {
        "event": "bot",
        "text": message.text or None,
        "data": {"buttons": buttons or None, "custom": {"card": card} if card else None},
        "metadata": {name: value for name, value in payload.items() if name not in ("capsules", "card", "image")},
        "timestamp": at,
    }


def _happened(event: LedgerEvent) -> dict[str, Any]:
    return {"event": event.kind, **(event.data or {}), "timestamp": _seconds(event.at)}


def _seconds(moment: datetime) -> float:
    return moment.timestamp()
