"""Rows of visits as the follower leaves them, for what reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import count

from sqlalchemy.orm import Session

from sixty.insight.models import Arm, ChatTurn, Line, Outcome, Visit
from sixty.ledger.receiving import Incoming, receive

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=timezone.utc)
YESTERDAY = NOW - timedelta(days=1)

_ORDERS = count(1)


@dataclass(frozen=True)
class Asked:
    """A turn of a visit."""

    question: str | None
    outcome: Outcome | None = "answered"
    pushed: bool = False
    tapped: bool = False
    again: bool = False
    waited_ms: int | None = 800


def add_visit(
    session: Session,
    conversation: str,
    turns: Sequence[Asked] = (Asked("ask_price"),),
    *,
    at: datetime = YESTERDAY,
    arm: Arm = "pushes",
    line: Line | None = "A",
    ordered: bool = False,
    category: str | None = "裤子",
    curve: Sequence[tuple[float, float]] = ((0, 0.5), (20, 0.6)),
    lasting: timedelta = timedelta(seconds=50),
) -> Visit:
    """Writes a visit with its messages and turns."""
    messages = [
        receive(session, Incoming(conversation, "web", text="…"), at + timedelta(seconds=20 * place)).message
        for place in range(max(len(turns), 1))
    ]
    visit = Visit(
        conversation_id=conversation,
        first_message_id=messages[0].id,
        started_at=at,
        ended_at=at + lasting,
        category=category,
        channel="web",
        arm=arm,
        turns=len(turns),
        questions=sum(each.question is not None for each in turns),
        segment="answer",
        score=curve[-1][1] if curve else 0.5,
        reasons=[],
        curve=[list(step) for step in curve],
        line=line,
        next_questions=[],
        order_no=f"{next(_ORDERS):016}" if ordered else None,
        ordered_at=at + lasting if ordered else None,
        updated_at=NOW,
    )
    session.add(visit)
    session.flush()
    for place, (message, turn) in enumerate(zip(messages, turns, strict=False)):
        session.add(
            ChatTurn(
                message_id=message.id,
                visit_id=visit.id,
                conversation_id=conversation,
                ordinal=place,
                at=message.at,
                intent=(turn.question or "greet").partition(".")[0],
                question=turn.question,
                category=category,
                tapped=turn.tapped,
                pushed=turn.pushed,
                answered_already=turn.again,
                outcome=turn.outcome,
                response_ms=turn.waited_ms,
                score=0.5,
                segment="ask",
            )
        )
    session.flush()
    return visit
