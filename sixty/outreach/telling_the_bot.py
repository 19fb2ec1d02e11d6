"""Tells the bot that a customer has been reminded: an event in the conversation's own lane, behind the reminder.

What the customer answers is then understood as an answer to it ("好的", "太贵了", "怎么付"): Rasa hears of the event
before whatever comes next, by whichever server, and the rules of `data/rules/reminders.yml` say how it goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy.orm import Session

from sixty.desk.conversations import Conversation
from sixty.ledger.receiving import Incoming, receive
from sixty.ledger.unsaid import REMINDED

REMINDER = "reminder"
"""In the event's payload: what the reminder was about."""

TOLD = "/reminded"
"""What the bot understands."""

Answers = Literal["buy", "pay", "address", "parcel", "receipt", "review", "refund", "care"]
"""What an answer to a reminder is about; each scene of the playbook names one."""

ANSWERS: tuple[Answers, ...] = get_args(Answers)


def tell_the_bot(
    session: Session,
    conversation_id: str,
    key: str,
    answers: Answers,
    now: datetime,
    *,
    order_no: str | None = None,
    product_no: str | None = None,
    **more: Any,
) -> bool:
    """Writes the event, once for each key.

    Args:
        session: A session that may write; in one transaction with the reminder.
        conversation_id: Where it is said.
        key: The same for the same reminder, such as its rung.
        answers: What an answer to it is about.
        now: The present moment.
        order_no: The order that it is about.
        product_no: The product.
        more: What else is kept with it, such as the case and the scene.

    Returns:
        False where it stands there already, or there is no such conversation.
    """
    conversation: Conversation | None = session.get(Conversation, conversation_id)
    if conversation is None:
        return False
    reminder: Mapping[str, Any] = {"answers": answers, "order_no": order_no, "product_no": product_no, **more}
    incoming = Incoming(
        conversation_id=conversation.id,
        channel=conversation.channel,
        kind=REMINDED,
        payload={"tap": {"title": "", "payload": TOLD}, REMINDER: dict(reminder)},
        client_id=f"{REMINDED}:{key}",
    )
    return receive(session, incoming, now).new
