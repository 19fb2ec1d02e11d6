"""Events as Rasa's brokers publish them."""

from __future__ import annotations

from typing import Any

from sixty.ledger.models import Message
from tests.ledger.conftest import NOW

BEGIN = NOW.timestamp()


def event(kind: str, after: float, conversation_id: str = "chat", **more: Any) -> dict[str, Any]:
    return {"sender_id": conversation_id, "event": kind, "timestamp": BEGIN + after, "metadata": {"model": "x"}, **more}


def heard(message: Message, after: float, intent: str = "ask_price") -> dict[str, Any]:
    parsed = {
        "intent": {"name": intent, "confidence": 0.93},
        "entities": [{"entity": "product", "value": "GZ2101", "start": 0, "end": 6, "extractor": "Catalogue"}],
        "intent_ranking": [{"name": intent, "confidence": 0.93}],
        "text": message.text,
    }
    return event(
        "user",
        after,
        message.conversation_id,
        text=message.text,
        parse_data=parsed,
        input_channel="web",
        message_id=str(message.id),
    )


def acted(name: str, after: float, conversation_id: str = "chat") -> dict[str, Any]:
    return event("action", after, conversation_id, name=name, policy="RulePolicy", confidence=1.0, action_text=None)


def turn(message: Message, after: float = 0.0, action: str = "action_tell_price") -> list[dict[str, Any]]:
    """All that Rasa publishes of one turn."""
    chat = message.conversation_id
    return [
        heard(message, after),
        event("slot", after + 0.001, chat, name="product_no", value="GZ2101"),
        event("user_featurization", after + 0.002, chat, use_text_for_featurization=False),
        acted(action, after + 0.003, chat),
        event("bot", after + 0.004, chat, text="229元", data={"buttons": None}),
        acted("action_push_capsules", after + 0.005, chat),
        event("slot", after + 0.006, chat, name="awaiting", value=None),
        acted("action_listen", after + 0.007, chat),
    ]
