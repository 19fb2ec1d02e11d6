"""What a hand-off is about: read from what the bot knew, the conversation's row and what was said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.context import Context
from sixty.desk.conversations import context_of
from sixty.desk.desk_rules import RoutingRules, Topic
from sixty.ledger.models import Message
from sixty.ledger.unsaid import SILENT
from sixty.shop.catalogue import find_product
from sixty.shop.orders import Viewer, order_for
from sixty.tables import column

_LINES = 12


def topic_of(
    session: Session,
    conversation_id: str,
    reason: str,
    question: str,
    context: Mapping[str, Any],
    rules: RoutingRules,
    now: datetime,
) -> Topic:
    """Finds out what a hand-off is about.

    Args:
        session: Any session.
        conversation_id: The conversation.
        reason: Why a person is called.
        question: What the customer wants.
        context: What the bot knew: `slots`, `intents`, `level`, `region`, `entry`, `angry`; anything may be missing.
        rules: By which a group that is named is known.
        now: The present moment.
    """
    known = context_of(session, conversation_id, now)
    lines = _latest(session, conversation_id)
    slots = context.get("slots") or {}
    understood = [each for line in lines if (each := _intent(line)) is not None]
    moods = {mood for line in lines for mood in _moods(line)}
    words = "\n".join([*(line.text for line in lines if line.text), question])
    category = _category(session, slots.get("product_no") or (known.product_no if known else None))
    return Topic(
        reason=reason,
        intents=tuple(context.get("intents") or understood),
        words=words,
        category=category,
        amount=_amount(session, slots.get("order_no") or (known.order_no if known else None), known, now),
        level=(known.level if known else None) or context.get("level"),
        region=(known.region if known else None) or context.get("region"),
        entry=(known.entry if known else None) or context.get("entry"),
        channel=lines[-1].channel if lines else None,
        angry=bool(context.get("angry")) or "angry" in moods,
        wanted_group=rules.wished_group(lines[-1].text if lines else question) if reason == "asked_for" else None,
    )


def mood_of(message: Message) -> str | None:
    """The mood of a customer's line, the worst that was heard in it."""
    heard = _moods(message)
    return next((mood for mood in ("angry", "negative", "abandoning") if mood in heard), None)


def _latest(session: Session, conversation_id: str) -> list[Message]:
    query = (
        select(Message)
        .where(
            column(Message.conversation_id) == conversation_id,
            column(Message.author) == "customer",
            column(Message.kind).notin_(SILENT),
        )
        .order_by(column(Message.id).desc())
        .limit(_LINES)
    )
    return list(session.scalars(query))[::-1]


def _intent(message: Message) -> str | None:
    intent = (message.understood or {}).get("intent")
    name = intent.get("name") if isinstance(intent, Mapping) else intent
    return str(name) if name else None


def _moods(message: Message) -> set[str]:
    entities = (message.understood or {}).get("entities") or []
    return {str(each.get("value")) for each in entities if each.get("entity") == "mood"}


def _category(session: Session, product_no: str | None) -> str | None:
    product = find_product(session, str(product_no)) if product_no else None
    return product.category if product else None


def _amount(session: Session, order_no: str | None, known: Context | None, now: datetime) -> Decimal | None:
    """What the order is about, if it is the customer's own; a system elsewhere is not asked for that."""
    if not order_no or known is None:
        return None
    order = order_for(session, str(order_no), Viewer(known.conversation_id, known.customer_id), now)
    return max(order.paid_amount, order.goods_amount) if order else None
