"""What happens when the bot fails: the customer's question is handed to a person."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import structlog

from sixty.context import read_context
from sixty.desk.handoffs import open_handoff
from sixty.settings import get_settings
from sixty.shop.database import shop_session

_log = structlog.get_logger(__name__)


def apology() -> str:
    """What the customer reads when the bot itself could not say anything."""
    return "抱歉让您久等了，我这边系统有点忙，没能及时答上来。您的问题我已经转给人工同事，会尽快回复您～"


def report_trouble(
    conversation_id: str, reason: str, question: str | None, channel: str | None, metadata: dict[str, Any] | None
) -> bool:
    """Opens a hand-off for a turn that failed; never raises.

    Args:
        conversation_id: Rasa's sender id.
        reason: A word for what went wrong (`action_failed`, `turn_too_slow`, …).
        question: The customer's last line.
        channel: Name of the input channel.
        metadata: The message's metadata; its signed context tells who the customer is.

    Returns:
        Whether the hand-off is written.
    """
    now = datetime.now(timezone.utc)
    try:
        token = (metadata or {}).get("context")
        context = read_context(token, get_settings().secret, conversation_id, now)
        with shop_session() as session:
            open_handoff(
                session,
                conversation_id=conversation_id,
                reason=reason,
                question=question or "",
                context={},
                channel=channel or "",
                customer_id=context.customer_id if context else None,
                now=now,
            )
        return True
    except Exception:
        _log.exception("handoff.not_written", conversation=conversation_id, reason=reason)
        return False
