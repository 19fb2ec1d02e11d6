"""Tells the bot that a conversation is back with it: an event in the conversation's own lane, in its place there.

Whatever the customer writes behind it is answered after the bot has heard of it, by whichever server; a form that was
left in the middle, or an offer that has grown old, is then no longer waited for.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from sixty.desk.conversations import Conversation
from sixty.desk.handoff_rows import HandOff
from sixty.ledger.receiving import Incoming, receive
from sixty.ledger.unsaid import RETURNED

RETURN_TO_BOT = "/return_to_bot"
"""What the bot understands."""


def return_to_bot(session: Session, hand_off: HandOff, now: datetime) -> bool:
    """Writes the event, once for each hand-off; returns False where it stands there, or nothing can be said at all."""
    conversation: Conversation | None = session.get(Conversation, hand_off.conversation_id)
    if conversation is None:
        return False
    incoming = Incoming(
        conversation_id=conversation.id,
        channel=conversation.channel,
        kind=RETURNED,
        payload={"tap": {"title": "", "payload": RETURN_TO_BOT}, "hand_off": hand_off.id},
        client_id=f"returned:{hand_off.id}",
    )
    return receive(session, incoming, now).new
