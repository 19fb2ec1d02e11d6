"""What a row of the workbench's lists tells beside its hand-off, read for many conversations at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.desk.agents import agents_of, loads
from sixty.desk.chat_row_forms import LastSaid, WillingnessNow
from sixty.desk.desk_rules import RoutingRules
from sixty.desk.handoff_rows import HandOff
from sixty.desk.packet import one_line
from sixty.desk.queue import Outlook, outlook_of
from sixty.desk.topic import mood_of
from sixty.insight.models import Visit
from sixty.ledger.models import Message
from sixty.ledger.unsaid import NOT_SHOWN
from sixty.shop.models import Product
from sixty.tables import column


def last_said(session: Session, ids: Collection[str]) -> dict[str, LastSaid]:
    """What was said last in each conversation, whoever said it."""
    newest = (
        select(func.max(Message.id))
        .where(column(Message.conversation_id).in_(list(ids)), column(Message.kind).notin_(NOT_SHOWN))
        .group_by(Message.conversation_id)
    )
    query = select(Message).where(column(Message.id).in_(newest))
    return {
        each.conversation_id: LastSaid(
            id=each.id, author=each.author, text=one_line(each.text, 80), kind=each.kind, at=each.at
        )
        for each in session.scalars(query)
    }


def willingness_now(session: Session, ids: Collection[str]) -> dict[str, WillingnessNow]:
    """How willing to buy customers are, by their newest visits."""
    newest = (
        select(func.max(Visit.id)).where(column(Visit.conversation_id).in_(list(ids))).group_by(Visit.conversation_id)
    )
    query = select(Visit).where(column(Visit.id).in_(newest))
    return {
        each.conversation_id: WillingnessNow(
            score=None if each.score is None else round(float(each.score), 3), line=each.line, segment=each.segment
        )
        for each in session.scalars(query)
    }


def moods_of(session: Session, ids: Collection[str]) -> dict[str, str]:
    """In which mood customers are, by their newest line that was understood."""
    newest = (
        select(func.max(Message.id))
        .where(
            column(Message.conversation_id).in_(list(ids)),
            column(Message.author) == "customer",
            column(Message.understood).isnot(None),
        )
        .group_by(Message.conversation_id)
    )
    rows = session.scalars(select(Message).where(column(Message.id).in_(newest)))
    return {each.conversation_id: mood for each in rows if (mood := mood_of(each)) is not None}


def product_names(session: Session, numbers: Collection[str]) -> dict[str, str]:
    """What products are called, by their numbers."""
    if not numbers:
        return {}
    query = select(Product.no, Product.name).where(column(Product.no).in_(list(numbers)))
    return dict(session.execute(query).all())


def places_of(
    session: Session, hand_offs: Sequence[HandOff], rules: RoutingRules, now: datetime
) -> dict[int, tuple[int, timedelta | None]]:
    """The place in the queue of those who wait, and how long they will."""
    if not any(each.state == "queued" for each in hand_offs):
        return {}
    query = (
        select(HandOff.id, HandOff.group_id)
        .where(column(HandOff.state) == "queued")
        .order_by(HandOff.counts_from, HandOff.id)
    )
    agents, load = agents_of(session), loads(session)
    wanted = {each.id for each in hand_offs}
    outlooks: dict[str | None, Outlook] = {}
    positions: dict[str | None, int] = {}
    ahead: list[str | None] = []
    found: dict[int, tuple[int, timedelta | None]] = {}
    for hand_off_id, group_id in session.execute(query):
        positions[group_id] = positions.get(group_id, 0) + 1
        ahead.append(group_id)
        if hand_off_id not in wanted:
            continue
        if group_id not in outlooks:
            outlooks[group_id] = outlook_of(session, group_id, agents, load, rules, now)
        outlook = outlooks[group_id]
        rivals = sum(outlook.shares(each) for each in ahead)
        found[hand_off_id] = positions[group_id], outlook.wait(rivals)
    return found
