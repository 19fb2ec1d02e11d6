"""What happens when the bot fails: the customer's question is handed to a person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from sixty.desk.conversations import context_of
from sixty.desk.handoffs import open_handoff


def apology() -> str:
    """What the customer reads when the bot itself could not say anything."""
    return "抱歉让您久等了，我这边系统有点忙，没能及时答上来。您的问题我已经转给人工同事，会尽快回复您～"


def hand_over(
    session: Session, conversation_id: str, reason: str, question: str | None, channel: str | None, now: datetime
) -> None:
    """Opens a hand-off for a turn that failed, with the customer as far as the conversation's row knows them.

    Args:
        session: A session that may write.
        conversation_id: Rasa's sender id.
        reason: A word for what went wrong (`action_failed`, `turn_too_slow`, …).
        question: The customer's last line.
        channel: Name of the input channel.
        now: The present moment.
    """
    context = context_of(session, conversation_id, now)
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
