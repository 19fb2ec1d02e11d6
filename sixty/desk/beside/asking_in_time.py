"""Asks for ratings when a talk with the bot has come to rest, and reminds once: for the desk's ticker."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from sixty.desk.beside.ratings import Satisfaction, ask_by_bot, remind
from sixty.desk.beside.satisfaction_rules import SatisfactionRules, satisfaction_rules
from sixty.desk.conversations import Conversation
from sixty.desk.handoff_rows import HandOff
from sixty.ledger.models import Message
from sixty.ledger.unsaid import SILENT
from sixty.tables import column

_AT_A_TIME = 50
# Who has been away for longer has left, and is not called back for that.
_STILL_THERE = timedelta(minutes=30)


def is_due(session: Session, now: datetime, rules: SatisfactionRules | None = None) -> bool:
    """Whether anybody is to be asked or reminded now."""
    rules = rules or satisfaction_rules()
    return bool(_to_ask(session, now, rules, 1) or _to_remind(session, now, rules, 1))


def ask_in_time(session: Session, now: datetime, rules: SatisfactionRules | None = None) -> int:
    """Asks whoever is to be asked, and reminds whoever is to be reminded; returns how many.

    Args:
        session: A session that may write.
        now: The present moment.
        rules: The merchant's; the playbook's when left out.
    """
    rules = rules or satisfaction_rules()
    done = 0
    for conversation_id in _to_ask(session, now, rules, _AT_A_TIME):
        conversation: Conversation | None = session.get(Conversation, conversation_id, with_for_update=_alone(session))
        if conversation is not None and _to_ask(session, now, rules, 1, conversation_id):
            ask_by_bot(session, conversation, now, rules)
            done += 1
    for asked_id in _to_remind(session, now, rules, _AT_A_TIME):
        asked: Satisfaction | None = session.get(
            Satisfaction, asked_id, with_for_update=_alone(session), populate_existing=True
        )
        if asked is not None and asked.reminded_at is None and asked.score is None:
            remind(session, asked, now, rules)
            done += 1
    return done


def _alone(session: Session) -> Any:
    """Of several desks one asks: the others pass over what it has locked. SQLite lets one write anyway."""
    return {"skip_locked": True} if session.get_bind().dialect.name == "postgresql" else True


def _to_ask(
    session: Session, now: datetime, rules: SatisfactionRules, limit: int, conversation_id: str | None = None
) -> list[str]:
    """Conversations of the bot that have come to rest, whose customers had enough answers to judge."""
    if not rules.ask.by_bot:
        return []
    talk: Any = Conversation
    answered = (
        select(func.count())
        .select_from(Message)
        .where(
            column(Message.conversation_id) == talk.id,
            column(Message.author) == "customer",
            column(Message.state) == "answered",
            column(Message.kind).notin_(SILENT),
            column(Message.at) > now - timedelta(days=1),
        )
        .scalar_subquery()
    )
    called = exists().where(
        column(HandOff.conversation_id) == talk.id, column(HandOff.created_at) > now - timedelta(days=1)
    )
    whose = (column(Satisfaction.conversation_id) == talk.id) | (
        talk.customer_id.is_not(None) & (column(Satisfaction.customer_id) == talk.customer_id)
    )
    asked = exists().where(whose, column(Satisfaction.asked_at) > now - rules.ask.not_again)
    query = (
        select(talk.id)
        .where(
            talk.state == "bot",
            talk.last_at <= now - rules.ask.quiet,
            talk.last_at > now - rules.ask.quiet - _STILL_THERE,
            ~called,
            ~asked,
            answered >= rules.ask.at_least,
        )
        .order_by(talk.last_at, talk.id)
        .limit(limit)
    )
    if conversation_id is not None:
        query = query.where(talk.id == conversation_id)
    return list(session.scalars(query))


def _to_remind(session: Session, now: datetime, rules: SatisfactionRules, limit: int) -> list[int]:
    if rules.remind_after is None:
        return []
    talk: Any = Conversation
    busy = exists().where(talk.id == column(Satisfaction.conversation_id), talk.state.in_(("queued", "assigned")))
    wrote = exists().where(
        column(Message.conversation_id) == column(Satisfaction.conversation_id),
        column(Message.author) == "customer",
        column(Message.kind).notin_(SILENT),
        column(Message.id) > column(Satisfaction.message_id),
    )
    query = (
        select(Satisfaction.id)
        .where(
            column(Satisfaction.score).is_(None),
            column(Satisfaction.reminded_at).is_(None),
            column(Satisfaction.asked_at) <= now - rules.remind_after,
            column(Satisfaction.asked_at) > now - rules.until,
            # Who has gone on talking has something better to do.
            ~busy,
            ~wrote,
        )
        .order_by(Satisfaction.asked_at, Satisfaction.id)
        .limit(limit)
    )
    return list(session.scalars(query))
