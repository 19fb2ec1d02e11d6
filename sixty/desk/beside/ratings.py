"""How content customers are: asked at the end with a card, answered by one tap, a reason by another one (F37).

A tap is settled at the front door: it is no question, wakes no bot and no agent, and reopens nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    select,
)
from sqlalchemy.orm import Session

from sixty.desk.agents import names_of
from sixty.desk.beside.satisfaction_rules import GOOD, SatisfactionRules, satisfaction_rules
from sixty.desk.conversations import Conversation
from sixty.desk.feed import announce
from sixty.desk.handoff_rows import HandOff
from sixty.desk.speaking import write
from sixty.tables import Base, UtcDateTime, column

By = Literal["bot", "agent"]

RATING = "rating"
"""The type of the card, and the notice of its message."""

_PAYLOAD = re.compile(r"/rate(\{.*\})", re.DOTALL)
_MOST_TAGS = 8


class Satisfaction(Base):
    """That a customer was asked how it was, and what they said.

    Attributes:
        hand_off_id: The end of which talk with a person; None where the bot asks.
        agent_id: Who had it.
        by: Who asks.
        message_id: The message that asks.
        reminded_at: When they were reminded, once.
        score: 1 to 5, 5 the best.
        tags: The reasons that were tapped.
    """

    __tablename__ = "satisfaction"
    __table_args__ = (
        UniqueConstraint("hand_off_id"),
        CheckConstraint("\"by\" IN ('bot', 'agent')", name="by"),
        CheckConstraint("score BETWEEN 1 AND 5", name="score"),
        Index("ix_satisfaction_conversation_id", "conversation_id"),
        Index("ix_satisfaction_agent_id_rated_at", "agent_id", "rated_at"),
        Index("ix_satisfaction_asked_at", "asked_at"),
        Index("ix_satisfaction_rated_at", "rated_at"),
    )

    id: int = Column(Integer, primary_key=True)
    conversation_id: str = Column(String(64), nullable=False)
    hand_off_id: int | None = Column(Integer, ForeignKey("hand_off.id", ondelete="SET NULL"))
    agent_id: str | None = Column(String(32), ForeignKey("agent.id"))
    customer_id: str | None = Column(String(64))
    by: By = Column(String(16), nullable=False)
    asked_at: datetime = Column(UtcDateTime, nullable=False)
    message_id: int | None = Column(BigInteger().with_variant(Integer(), "sqlite"))
    reminded_at: datetime | None = Column(UtcDateTime)
    score: int | None = Column(Integer)
    tags: list[str] = Column(JSON, nullable=False, default=list)
    text: str = Column(Text, nullable=False, default="")
    rated_at: datetime | None = Column(UtcDateTime)


@dataclass(frozen=True)
class Tapped:
    """What a tap on a rating says: a score, or a reason."""

    asked: int
    score: int | None = None
    tag: str | None = None


def ask_for_rating(
    session: Session,
    hand_off: HandOff,
    now: datetime,
    by: By = "agent",
    rules: SatisfactionRules | None = None,
) -> bool:
    """Asks a customer how the talk with a person was, once.

    Args:
        session: A session that may write.
        hand_off: The talk that ends.
        now: The present moment.
        by: Who asks.
        rules: The merchant's; the playbook's when left out.

    Returns:
        False when they were asked already, or can't be: nobody came through the front door.
    """
    conversation: Conversation | None = session.get(Conversation, hand_off.conversation_id)
    known = select(Satisfaction.id).where(column(Satisfaction.hand_off_id) == hand_off.id)
    if conversation is None or session.scalar(known) is not None:
        return False
    _ask(session, conversation, hand_off, by, now, rules or satisfaction_rules())
    return True


def ask_by_bot(
    session: Session, conversation: Conversation, now: datetime, rules: SatisfactionRules | None = None
) -> Satisfaction:
    """Asks how the bot's answers were; whether it is time for that, the caller knows."""
    return _ask(session, conversation, None, "bot", now, rules or satisfaction_rules())


def remind(session: Session, asked: Satisfaction, now: datetime, rules: SatisfactionRules | None = None) -> None:
    """Reminds a customer who has not tapped anything, once."""
    conversation: Conversation | None = session.get(Conversation, asked.conversation_id)
    asked.reminded_at = now
    if conversation is not None:
        rules = rules or satisfaction_rules()
        _say(session, conversation, str(rules.words.remind), _card(asked.id, rules), f"{asked.id}:again", now)
    session.flush()


def read_rating(payload: str) -> Tapped | None:
    """What a capsule's payload says of a rating; None for every other payload."""
    match = _PAYLOAD.fullmatch(payload)
    if match is None:
        return None
    try:
        values = json.loads(match[1])
    except ValueError:
        return None
    asked, score, tag = values.get("asked"), values.get("score"), values.get("tag")
    if not isinstance(asked, int):
        return None
    if isinstance(score, int) and 1 <= score <= 5:
        return Tapped(asked, score=score)
    return Tapped(asked, tag=tag) if isinstance(tag, str) and tag else None


def settle_rating(
    session: Session, conversation_id: str, tapped: Tapped, now: datetime, rules: SatisfactionRules | None = None
) -> None:
    """Keeps what a customer has tapped, and answers it: with reasons to tap, then with thanks.

    Tapping another score changes it for as long as one may be given. The answers are said once each.

    Args:
        session: A session that may write.
        conversation_id: Where it was tapped.
        tapped: What.
        now: The present moment.
        rules: The merchant's; the playbook's when left out.
    """
    rules = rules or satisfaction_rules()
    query = (
        select(Satisfaction)
        .where(column(Satisfaction.id) == tapped.asked, column(Satisfaction.conversation_id) == conversation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    asked: Satisfaction | None = session.scalars(query).first()
    conversation: Conversation | None = session.get(Conversation, conversation_id)
    if asked is None or conversation is None:
        return
    if now - asked.asked_at > rules.until:
        thanks = rules.words.thanks_good if (asked.score or GOOD) >= GOOD else rules.words.thanks_bad
        _say(session, conversation, str(thanks), None, f"{asked.id}:late", now)
        return
    if tapped.score is not None:
        first = asked.score is None
        if (not first and (asked.score or 0) >= GOOD and tapped.score < GOOD) or first:
            asked.tags = []
        asked.score, asked.rated_at = tapped.score, now
        session.flush()
        good = tapped.score >= GOOD
        why = rules.words.why_good if good else rules.words.why_bad
        card = _why(asked.id, rules.tags_for(tapped.score))
        _say(session, conversation, str(why), card, f"{asked.id}:why:{'good' if good else 'bad'}", now)
    elif tapped.tag is not None and asked.score is not None:
        if tapped.tag not in rules.tags_for(asked.score):
            return
        asked.tags = list(dict.fromkeys([*asked.tags, tapped.tag]))[:_MOST_TAGS]
        session.flush()
        good = asked.score >= GOOD
        thanks = rules.words.thanks_good if good else rules.words.thanks_bad
        _say(session, conversation, str(thanks), None, f"{asked.id}:thanks:{'good' if good else 'bad'}", now)
    _tell_the_desk(session, asked, now)


def latest_rating(session: Session, conversation_id: str) -> Satisfaction | None:
    """The last time a customer was asked in a conversation."""
    query = select(Satisfaction).where(column(Satisfaction.conversation_id) == conversation_id)
    found: Satisfaction | None = session.scalars(query.order_by(column(Satisfaction.id).desc()).limit(1)).first()
    return found


def shown(rating: Satisfaction | None) -> dict[str, Any] | None:
    """A rating as the workbench's API has it."""
    if rating is None:
        return None
    return {
        "asked_at": rating.asked_at.isoformat(),
        "by": rating.by,
        "agent": rating.agent_id,
        "score": rating.score,
        "tags": list(rating.tags),
        "text": rating.text,
        "rated_at": rating.rated_at.isoformat() if rating.rated_at else None,
    }


def _ask(
    session: Session,
    conversation: Conversation,
    hand_off: HandOff | None,
    by: By,
    now: datetime,
    rules: SatisfactionRules,
) -> Satisfaction:
    agent_id = hand_off.agent_id if hand_off is not None else None
    asked = Satisfaction(
        conversation_id=conversation.id,
        hand_off_id=hand_off.id if hand_off is not None else None,
        agent_id=agent_id,
        customer_id=conversation.customer_id,
        by=by,
        asked_at=now,
        tags=[],
        text="",
    )
    session.add(asked)
    session.flush()
    name = names_of(session, [agent_id]).get(agent_id or "", "同事")
    words = rules.words.agent.format(agent=name) if by == "agent" else str(rules.words.bot)
    asked.message_id = _say(session, conversation, words, _card(asked.id, rules), f"{asked.id}", now)
    session.flush()
    announce(session, "rating", conversation.id, {"rating": shown(asked)}, now)
    return asked


def _say(
    session: Session,
    conversation: Conversation,
    text: str,
    card: dict[str, Any] | None,
    key: str,
    now: datetime,
) -> int:
    form: dict[str, Any] = {"text": text, "notice": RATING, "outcome": "social"}
    if card is not None:
        form["card"] = card
    message, _ = write(session, conversation, "system", form, f"rating:{key}", "desk", now)
    return message.id


def _card(asked: int, rules: SatisfactionRules) -> dict[str, Any]:
    scores = [
        {"score": int(each.score), "title": str(each.title), "payload": _payload(asked, score=int(each.score))}
        for each in rules.scores
    ]
    return {"type": RATING, "scores": scores, "tags": []}


def _why(asked: int, tags: Sequence[str]) -> dict[str, Any]:
    return {
        "type": RATING,
        "scores": [],
        "tags": [{"title": tag, "payload": _payload(asked, tag=tag)} for tag in tags],
    }


def _payload(asked: int, **said: Any) -> str:
    return f"/rate{json.dumps({'asked': asked, **said}, ensure_ascii=False)}"


def _tell_the_desk(session: Session, asked: Satisfaction, now: datetime) -> None:
    announce(session, "rating", asked.conversation_id, {"rating": shown(asked)}, now)
