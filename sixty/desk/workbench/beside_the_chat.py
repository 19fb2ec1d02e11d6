"""What a message was made from: cards by number, quick replies and suggestions that are counted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from sixty.desk.beside.quick_replies import note_used
from sixty.desk.beside.suggestion_uses import note_sent
from sixty.ledger.models import Message


def note_said(
    session: Session,
    message: Message,
    agent_id: str,
    quick_reply: int | None,
    suggestion: str | None,
    now: datetime,
) -> None:
    """Counts what a message was made from."""
    if quick_reply is not None:
        note_used(session, quick_reply)
    if suggestion is not None:
        note_sent(session, message.conversation_id, suggestion, agent_id, message.id, now)
