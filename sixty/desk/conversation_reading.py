"""A conversation as the workbench shows it: everything that was said, by whom, and what was understood of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.card_text import as_text
from sixty.desk.agents import names_of
from sixty.desk.assignments import Assignment
from sixty.desk.conversations import Conversation
from sixty.desk.forgetting import conversations_of
from sixty.desk.speaking import AGENTS_OWN, FROM, NOTICE
from sixty.desk.stretches import stretches, whose
from sixty.desk.topic import mood_of
from sixty.identity.upload_links import upload_link
from sixty.ledger.models import Message
from sixty.ledger.reading import choices
from sixty.ledger.unsaid import RATED, UNSAID
from sixty.playbook import capsule_plan
from sixty.tables import column

Span = Literal["conversation", "customer"]

MOST = 200
_TAPPED = ("tap", RATED)
_ATTACHMENT = ("kind", "name", "size", "content_type", "url", "latitude", "longitude", "label")
_MOST_CONVERSATIONS = 50
_NOT_UNDERSTOOD = "nlu_fallback"


def desk_messages(
    session: Session,
    conversation_id: str,
    secret: str,
    now: datetime,
    *,
    after: int = 0,
    before: int | None = None,
    limit: int = 50,
    span: Span = "conversation",
) -> dict[str, Any]:
    """Reads a part of a conversation, or of all that a customer has said on any day and channel.

    Args:
        session: Any session.
        conversation_id: The conversation.
        secret: Signs links to files.
        now: The present moment, from which those links count.
        after: Only behind this message: the first ones there. Without it the last ones.
        before: Only in front of this message.
        limit: How many at most.
        span: `customer` reads the conversations of the same customer, or of the same browser, as well.

    Returns:
        `messages` as the workbench's API has them, `more` in that direction, and `stretches`.
    """
    limit = max(1, min(limit, MOST))
    ids = conversations_together(session, conversation_id) if span == "customer" else [conversation_id]
    query = select(Message).where(column(Message.conversation_id).in_(ids), column(Message.kind).notin_(UNSAID))
    if before is not None:
        query = query.where(column(Message.id) < before)
    if after:
        query = query.where(column(Message.id) > after).order_by(Message.id)
    else:
        query = query.order_by(column(Message.id).desc())
    found = list(session.scalars(query.limit(limit + 1).execution_options(populate_existing=True)))
    more = len(found) > limit
    shown = found[:limit] if after else found[:limit][::-1]
    held = _assignments(session, {each.conversation_id for each in shown})
    return {
        "messages": desk_forms(session, shown, secret, now, held),
        "more": more,
        "stretches": [
            asdict(each)
            for conversation in dict.fromkeys(message.conversation_id for message in shown)
            for each in stretches(
                [message for message in shown if message.conversation_id == conversation], held.get(conversation, ())
            )
        ],
    }


def desk_forms(
    session: Session,
    messages: Sequence[Message],
    secret: str,
    now: datetime,
    held: Mapping[str, Sequence[Assignment]] | None = None,
) -> list[dict[str, Any]]:
    """Messages as the workbench's API has them.

    Args:
        session: Any session.
        messages: Rows of the ledger, of one conversation or several.
        secret: Signs links to files.
        now: The present moment.
        held: Who had each conversation when; read when left out.
    """
    if held is None:
        held = _assignments(session, {each.conversation_id for each in messages})
    names = names_of(session, [(each.payload or {}).get("agent") for each in messages])
    taken = _taken(session, messages)
    return [desk_form(each, secret, now, held.get(each.conversation_id, ()), names, taken) for each in messages]


def desk_form(
    message: Message,
    secret: str,
    now: datetime,
    held: Sequence[Assignment],
    names: Mapping[str, str],
    taken: frozenset[tuple[int, int]] | None = None,
) -> dict[str, Any]:
    """One message.

    Args:
        message: A row of the ledger.
        secret: Signs links to files.
        now: The present moment.
        held: Who had its conversation when.
        names: What agents are called, by id.
        taken: The capsules that were tapped: message, and place in it.
    """
    payload = message.payload or {}
    agent_id = payload.get("agent")
    card = payload.get("card")
    client_id = message.client_id or ""
    return {
        "id": message.id,
        "chat": message.conversation_id,
        "author": message.author,
        "name": names.get(str(agent_id)) or (payload.get(FROM) or {}).get("name"),
        "agent": agent_id,
        "kind": message.kind,
        "text": message.text,
        "at": message.at.isoformat(),
        "client_id": client_id.removeprefix(AGENTS_OWN) if client_id.startswith(AGENTS_OWN) else None,
        "state": message.state,
        "stretch": whose(message, held)[0],
        "capsules": _capsules(message, taken or frozenset()),
        "tapped": message.kind in _TAPPED,
        "card": card,
        "card_text": as_text(card) if isinstance(card, Mapping) else None,
        "image": _image(payload.get("image")),
        "attachment": attachment_form(message, secret, now),
        "understood": _understood(message),
        "outcome": payload.get("outcome"),
        "notice": payload.get(NOTICE),
    }


def attachment_form(message: Message, secret: str, now: datetime) -> dict[str, Any] | None:
    """What came with a message, with a link that shows it."""
    attachment = (message.payload or {}).get("attachment")
    if not isinstance(attachment, Mapping):
        return None
    shown = {name: attachment[name] for name in _ATTACHMENT if attachment.get(name) is not None}
    upload_id = attachment.get("id")
    if isinstance(upload_id, str):
        shown["url"] = upload_link("", secret, message.conversation_id, upload_id, now)
    return shown


def conversations_together(session: Session, conversation_id: str) -> list[str]:
    """The conversations of the same customer, or of the same browser where nobody was proved; the newest ones."""
    conversation: Conversation | None = session.get(Conversation, conversation_id)
    if conversation is None:
        return [conversation_id]
    if conversation.customer_id is not None:
        found = conversations_of(session, customer_id=conversation.customer_id)
    elif conversation.visitor_id is not None:
        # Somebody who has signed in meanwhile is not whoever sits at that browser now.
        query = (
            select(Conversation.id)
            .where(
                column(Conversation.visitor_id) == conversation.visitor_id,
                column(Conversation.customer_id).is_(None),
            )
            .order_by(Conversation.created_at, Conversation.id)
        )
        found = list(session.scalars(query))
    else:
        found = []
    return list(dict.fromkeys([*found[-_MOST_CONVERSATIONS:], conversation_id]))


def intent_title(intent: str) -> str:
    """What an intent is called, for people to read."""
    return "没听懂" if intent == _NOT_UNDERSTOOD else capsule_plan().meanings.get(intent, intent)


def _understood(message: Message) -> dict[str, Any] | None:
    understood = message.understood or {}
    intent = understood.get("intent")
    if message.author != "customer" or not intent:
        return None
    return {
        "intent": intent,
        "title": intent_title(str(intent)),
        "confidence": understood.get("confidence"),
        "mood": mood_of(message),
    }


def _capsules(message: Message, taken: frozenset[tuple[int, int]]) -> list[dict[str, Any]]:
    if message.author == "customer":
        return []
    return [
        {"title": choice["title"], "taken": (message.id, place) in taken}
        for place, choice in enumerate(choices(message.payload or {}))
    ]


def _image(image: Any) -> dict[str, Any] | None:
    if isinstance(image, str):
        return {"url": image, "alt": ""}
    return dict(image) if isinstance(image, Mapping) else None


def _taken(session: Session, messages: Sequence[Message]) -> frozenset[tuple[int, int]]:
    """Which choices were tapped, as far as the taps say it (`tap.shown`)."""
    shown = [each.id for each in messages if each.author != "customer" and choices(each.payload or {})]
    if not shown:
        return frozenset()
    query = select(Message.payload).where(
        column(Message.conversation_id).in_({each.conversation_id for each in messages}),
        column(Message.kind).in_(_TAPPED),
        column(Message.id) > min(shown),
    )
    places = (((payload or {}).get("tap") or {}).get("shown") for payload in session.scalars(query))
    return frozenset((int(place[0]), int(place[1])) for place in places if isinstance(place, list) and len(place) == 2)


def _assignments(session: Session, conversation_ids: set[str]) -> dict[str, list[Assignment]]:
    if not conversation_ids:
        return {}
    query = select(Assignment).where(column(Assignment.conversation_id).in_(conversation_ids))
    found: dict[str, list[Assignment]] = {}
    for each in session.scalars(query.order_by(Assignment.at, Assignment.id)):
        found.setdefault(each.conversation_id, []).append(each)
    return found
