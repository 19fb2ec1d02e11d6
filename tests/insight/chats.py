"""Visits and turns for tests, in the form of the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from sixty.insight.models import ChatTurn, Visit
from sixty.ledger.models import Message

NOW = datetime(2026, 5, 20, 12, 0, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Asked:
    """One turn; a question of None is small talk."""

    question: str | None
    outcome: str | None = "answered"
    tapped: bool = False


@dataclass(frozen=True)
class Chat:
    """One visit, its turns a second apart."""

    turns: tuple[Asked, ...]
    days_ago: float = 1.0
    category: str | None = None
    ordered: bool = False

    @property
    def started_at(self) -> datetime:
        return NOW - timedelta(days=self.days_ago)

    @property
    def ended_at(self) -> datetime:
        return self.started_at + timedelta(seconds=len(self.turns))


def chat(*questions: str | Asked | None, **about: Any) -> Chat:
    return Chat(tuple(each if isinstance(each, Asked) else Asked(each) for each in questions), **about)


def put(session: Session, chats: Sequence[Chat], first: int = 1) -> None:
    """Writes them, with the messages that they stand for."""
    messages, visits, turns = [], [], []
    number = first
    for ordinal, each in enumerate(chats, first):
        visits.append(
            {
                "id": ordinal,
                "conversation_id": f"conversation-{ordinal}",
                "first_message_id": number,
                "started_at": each.started_at,
                "ended_at": each.ended_at,
                "category": each.category,
                "channel": "web",
                "arm": "pushes",
                "turns": len(each.turns),
                "questions": sum(turn.question is not None for turn in each.turns),
                "segment": "ask",
                "score": 0.5,
                "ordered_at": each.ended_at if each.ordered else None,
                "updated_at": NOW,
            }
        )
        for place, turn in enumerate(each.turns):
            at = each.started_at + timedelta(seconds=place)
            messages.append(
                {
                    "id": number,
                    "conversation_id": f"conversation-{ordinal}",
                    "author": "customer",
                    "channel": "web",
                    "state": "answered",
                    "at": at,
                }
            )
            turns.append(
                {
                    "message_id": number,
                    "visit_id": ordinal,
                    "conversation_id": f"conversation-{ordinal}",
                    "ordinal": place,
                    "at": at,
                    "intent": turn.question or "thank",
                    "question": turn.question,
                    "category": each.category,
                    "tapped": turn.tapped,
                    "outcome": turn.outcome,
                    "score": 0.5,
                    "segment": "ask",
                }
            )
            number += 1
    for model, rows in ((Message, messages), (Visit, visits), (ChatTurn, turns)):
        if rows:
            session.execute(insert(model.__table__), rows)
