"""Compares the ledger with what the dialogue engine remembers of a conversation, and adds what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.ledger.enriching import enrich_all
from sixty.ledger.happenings import read_happening
from sixty.ledger.models import OPEN_STATES, Message
from sixty.tables import column


@dataclass(frozen=True)
class Reconciled:
    """What a comparison has found.

    Attributes:
        added: How many events were missing and have been added.
        unrecorded: Messages that were dealt with although they never came through the front door.
        unfinished: Ids of messages that were dealt with but count as open; the front door's recovery settles them.
        unheard: Ids of settled messages that were never handed to the dialogue engine, and not to a person either.
    """

    added: int = 0
    unrecorded: int = 0
    unfinished: list[int] = field(default_factory=list)
    unheard: list[int] = field(default_factory=list)


def reconcile(session: Session, conversation_id: str, events: Sequence[Mapping[str, Any]]) -> Reconciled:
    """Compares one conversation.

    Args:
        session: A session that may write.
        conversation_id: The conversation.
        events: All events of its tracker, over all sessions, as Rasa writes them.
    """
    added = len(enrich_all(session, ({**event, "sender_id": conversation_id} for event in events)))
    query = select(Message).where(
        column(Message.conversation_id) == conversation_id, column(Message.author) == "customer"
    )
    own = {message.id: message for message in session.scalars(query.execution_options(populate_existing=True))}
    heard: set[int] = set()
    unrecorded = 0
    for event in events:
        if event.get("event") != "user":
            continue
        happening = read_happening({**event, "sender_id": conversation_id})
        message_id = None if happening is None else happening.message_id
        if message_id is not None and message_id in own:
            heard.add(message_id)
        elif event.get("text") and not str(event["text"]).startswith("EXTERNAL: "):
            unrecorded += 1
    return Reconciled(
        added=added,
        unrecorded=unrecorded,
        unfinished=sorted(each for each in heard if own[each].state in OPEN_STATES),
        unheard=sorted(each.id for each in own.values() if each.state == "answered" and each.id not in heard),
    )
