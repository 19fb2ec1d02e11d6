"""Works out what came of each agent's part of a conversation, once it is over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from sixty.desk.assignments import Assignment
from sixty.desk.desk_rules import RoutingRules
from sixty.desk.handoff_rows import HandOff
from sixty.desk.office_hours import OfficeHours
from sixty.desk.people_figures.office_seconds import office_seconds
from sixty.desk.people_figures.talk_rows import TalkFigure
from sixty.ledger.models import Message
from sixty.ledger.unsaid import SILENT
from sixty.tables import column


@dataclass(frozen=True)
class Line:
    """Something that was said in a talk.

    Attributes:
        agent_id: Of the agent who said it; None where the customer did.
    """

    at: datetime
    agent_id: str | None


@dataclass(frozen=True)
class Response:
    """How an agent answered in one talk; times in seconds."""

    first: float | None
    first_office: float | None
    replies: int
    seconds: float
    seconds_office: float
    lines: int


def response_of(began: datetime, agent_id: str, lines: Iterable[Line], hours: OfficeHours) -> Response:
    """How long customers waited for an agent's words in a talk.

    A customer waits from the beginning of the talk, later from the first line that nobody has answered. What somebody
    else answers, who has joined or had the talk for a moment, ends the wait and counts for nobody here.

    Args:
        began: When it was given to the agent.
        agent_id: Whose words count.
        lines: What was said from then on, in order.
        hours: Of the group.
    """
    waits: datetime | None = began
    first: tuple[float, float] | None = None
    replies, seconds, office, own = 0, 0.0, 0.0, 0
    for line in lines:
        if line.agent_id is None:
            waits = waits or line.at
            continue
        if line.agent_id == agent_id:
            own += 1
            if waits is not None:
                took = max(0.0, (line.at - waits).total_seconds()), office_seconds(hours, waits, line.at)
                first = first or took
                replies, seconds, office = replies + 1, seconds + took[0], office + took[1]
        waits = None
    return Response(first[0] if first else None, first[1] if first else None, replies, seconds, office, own)


def uncounted(session: Session, since: datetime | None = None, limit: int = 500) -> list[Assignment]:
    """Assignments that are over and have no figures yet, of those that began since a moment; the oldest first."""
    query = (
        select(Assignment)
        .outerjoin(TalkFigure, column(TalkFigure.assignment_id) == column(Assignment.id))
        .where(column(Assignment.until).isnot(None), column(TalkFigure.assignment_id).is_(None))
        .order_by(Assignment.at, Assignment.id)
        .limit(limit)
    )
    if since is not None:
        query = query.where(column(Assignment.at) >= since)
    return list(session.scalars(query))


def count_talks(session: Session, rules: RoutingRules, since: datetime | None = None, limit: int = 500) -> int:
    """Works out the figures of talks that have none yet.

    Args:
        session: A session that may write.
        rules: The merchant's, for office hours.
        since: Only those that began since then.
        limit: How many at most.

    Returns:
        How many were looked at; fewer than `limit` when no more are left.
    """
    found = uncounted(session, since, limit)
    if not found:
        return 0
    hand_offs = _hand_offs(session, {each.hand_off_id for each in found})
    lines = _lines(session, found)
    for each in found:
        hand_off = hand_offs.get(each.hand_off_id)
        assert each.until is not None
        group_id = hand_off.group_id if hand_off is not None else None
        said = [line for line in lines[each.conversation_id] if each.at <= line.at <= each.until]
        response = response_of(each.at, each.agent_id, said, rules.group(group_id).hours)
        made = TalkFigure(
            assignment_id=each.id,
            hand_off_id=each.hand_off_id,
            conversation_id=each.conversation_id,
            agent_id=each.agent_id,
            group_id=group_id,
            customer_id=hand_off.customer_id if hand_off is not None else None,
            channel=hand_off.channel if hand_off is not None else "",
            began_at=each.at,
            ended_at=each.until,
            left_for=each.left_for,
            first_reply=response.first,
            first_reply_office=response.first_office,
            replies=response.replies,
            reply_seconds=response.seconds,
            reply_seconds_office=response.seconds_office,
            lines=response.lines,
        )
        # Several desks at once work out the same; whose row comes second is not needed.
        with suppress(IntegrityError), session.begin_nested():
            session.add(made)
    return len(found)


def _hand_offs(session: Session, ids: Iterable[int]) -> dict[int, HandOff]:
    query = select(HandOff).where(column(HandOff.id).in_(list(ids)))
    return {each.id: each for each in session.scalars(query)}


def _lines(session: Session, talks: Sequence[Assignment]) -> dict[str, list[Line]]:
    """What customers and agents said in the conversations of talks, from the first one's beginning on."""
    chats = list({each.conversation_id for each in talks})
    found: dict[str, list[Line]] = defaultdict(list)
    query = (
        select(Message.conversation_id, Message.at, Message.author, Message.payload)
        .where(
            column(Message.conversation_id).in_(chats),
            column(Message.author).in_(("customer", "agent")),
            column(Message.kind).notin_(sorted(SILENT)),
            column(Message.at) >= min(each.at for each in talks),
        )
        .order_by(Message.id)
    )
    for chat, at, author, payload in session.execute(query):
        found[chat].append(Line(at, str((payload or {}).get("agent") or "") if author == "agent" else None))
    return found
