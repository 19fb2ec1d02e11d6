"""What alarms are given for, measured now: who waits, who is silent, who is upset, how customers score."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from sixty.desk.beside.ratings import Satisfaction
from sixty.desk.board.supervision_rules import AlarmRule
from sixty.desk.handoff_rows import HandOff
from sixty.desk.tickets.rows import Ticket
from sixty.desk.topic import mood_of
from sixty.ledger.models import Message
from sixty.ledger.unsaid import SILENT
from sixty.tables import column

# The mark that a window was opened, and the desk's own event for the bot, are nobody's words.
_BAD_MOODS = frozenset({"angry", "negative"})


@dataclass(frozen=True)
class Subject:
    """Of what something is measured."""

    conversation_id: str | None = None
    agent_id: str | None = None
    group_id: str | None = None

    @property
    def key(self) -> str:
        """What tells it from others of the same rule."""
        if self.conversation_id is not None:
            return f"chat:{self.conversation_id}"
        if self.agent_id is not None:
            return f"agent:{self.agent_id}"
        return f"group:{self.group_id}" if self.group_id is not None else ""


Measured = Mapping[Subject, float]


@dataclass
class Standing:
    """What is open at the desk at a moment, read once for all rules."""

    session: Session
    now: datetime
    hand_offs: list[HandOff]

    @classmethod
    def read(cls, session: Session, now: datetime) -> Standing:
        """Reads it."""
        query = select(HandOff).where(column(HandOff.state).in_(("queued", "taken")))
        return cls(session, now, list(session.scalars(query.execution_options(populate_existing=True))))

    @property
    def waiting(self) -> list[HandOff]:
        """Who waits for a person."""
        return [each for each in self.hand_offs if each.state == "queued"]

    @property
    def talking(self) -> list[HandOff]:
        """Who is with one, goodbye not said yet."""
        return [each for each in self.hand_offs if each.state == "taken" and each.wrap_up_at is None]


def measure(standing: Standing, rule: AlarmRule) -> Measured:
    """The values of one rule, of everything that has one; what is left out is harmless."""
    return _MEASURES[rule.what](standing, rule)


def unanswered_since(session: Session, hand_offs: Collection[HandOff]) -> dict[int, datetime]:
    """Since when customers who are with a person wait for their words; whose turn it is to write is left out.

    A talk that has just begun waits from its beginning; later, the first line that nobody has answered counts.
    """
    there = {each.conversation_id: each for each in hand_offs if each.assigned_at is not None}
    if not there:
        return {}
    answered = dict(
        session.execute(
            select(Message.conversation_id, func.max(Message.id))
            .where(
                column(Message.conversation_id).in_(list(there)),
                column(Message.author) == "agent",
            )
            .group_by(Message.conversation_id)
        ).all()
    )
    spoken = _spoken_in_talk(session, list(there.values()))
    query = select(Message.conversation_id, Message.id, Message.at).where(
        column(Message.conversation_id).in_(list(there)),
        column(Message.author) == "customer",
        column(Message.kind).notin_(sorted(SILENT)),
    )
    first: dict[str, datetime] = {}
    for chat, message_id, at in session.execute(query.order_by(Message.id)):
        if message_id > answered.get(chat, 0):
            first.setdefault(chat, at)
    found: dict[int, datetime] = {}
    for chat, hand_off in there.items():
        began = hand_off.assigned_at
        assert began is not None
        if hand_off.id not in spoken:
            found[hand_off.id] = began
        elif chat in first:
            found[hand_off.id] = max(first[chat], began)
    return found


def _spoken_in_talk(session: Session, hand_offs: Collection[HandOff]) -> set[int]:
    """Those in which a person has said something since it was given to them."""
    if not hand_offs:
        return set()
    query = (
        select(HandOff.id)
        .join(Message, column(Message.conversation_id) == column(HandOff.conversation_id))
        .where(
            column(HandOff.id).in_([each.id for each in hand_offs]),
            column(Message.author) == "agent",
            column(Message.at) >= column(HandOff.assigned_at),
        )
        .distinct()
    )
    return set(session.scalars(query))


def _count_waiting(standing: Standing, rule: AlarmRule) -> Measured:
    if rule.each == "all":
        return {Subject(): float(len(standing.waiting))}
    counts = Counter(each.group_id for each in standing.waiting)
    return {Subject(group_id=group or ""): float(count) for group, count in counts.items()}


def _longest_wait(standing: Standing, rule: AlarmRule) -> Measured:
    found: dict[Subject, float] = {}
    for each in standing.waiting:
        subject = Subject() if rule.each == "all" else Subject(group_id=each.group_id or "")
        waited = (standing.now - each.queued_at).total_seconds()
        found[subject] = max(found.get(subject, 0.0), waited)
    return found


def _first_response(standing: Standing, rule: AlarmRule) -> Measured:
    talking = standing.talking
    spoken = _spoken_in_talk(standing.session, talking)
    return {
        _chat(each): (standing.now - each.assigned_at).total_seconds()
        for each in talking
        if each.id not in spoken and each.assigned_at is not None
    }


def _agent_silent(standing: Standing, rule: AlarmRule) -> Measured:
    """Behind the first words: those are `first_response`."""
    talking = standing.talking
    spoken = _spoken_in_talk(standing.session, talking)
    since = unanswered_since(standing.session, [each for each in talking if each.id in spoken])
    return {_chat(each): (standing.now - since[each.id]).total_seconds() for each in talking if each.id in since}


def _negative_mood(standing: Standing, rule: AlarmRule) -> Measured:
    """How many of a customer's lines were angry or negative since a person was called."""
    there = {each.conversation_id: each for each in standing.hand_offs}
    if not there:
        return {}
    query = (
        select(Message)
        .join(
            HandOff,
            and_(
                column(HandOff.conversation_id) == column(Message.conversation_id),
                column(HandOff.state).in_(("queued", "taken")),
            ),
        )
        .where(
            column(Message.author) == "customer",
            column(Message.understood).isnot(None),
            column(Message.at) >= column(HandOff.created_at),
        )
    )
    counts: Counter[str] = Counter()
    for message in standing.session.scalars(query):
        if mood_of(message) in _BAD_MOODS:
            counts[message.conversation_id] += 1
    return {_chat(there[chat]): float(count) for chat, count in counts.items() if chat in there}


def _low_score(standing: Standing, rule: AlarmRule) -> Measured:
    query = (
        select(Satisfaction.score, Satisfaction.agent_id, HandOff.group_id)
        .outerjoin(HandOff, column(HandOff.id) == column(Satisfaction.hand_off_id))
        .where(
            column(Satisfaction.rated_at) > standing.now - rule.within,
            column(Satisfaction.rated_at) <= standing.now,
            column(Satisfaction.by) == "agent",
        )
    )
    scores: dict[Subject, list[int]] = defaultdict(list)
    for score, agent_id, group_id in standing.session.execute(query):
        if rule.each == "agent" and agent_id is not None:
            scores[Subject(agent_id=agent_id)].append(score)
        elif rule.each == "group" and group_id is not None:
            scores[Subject(group_id=group_id)].append(score)
        elif rule.each == "all":
            scores[Subject()].append(score)
    return {subject: fmean(given) for subject, given in scores.items() if len(given) >= rule.at_least}


def _overdue(standing: Standing, rule: AlarmRule) -> Measured:
    query = select(func.count()).where(column(Ticket.closed_at).is_(None), column(Ticket.due_at) < standing.now)
    return {Subject(): float(standing.session.scalar(query) or 0)}


def _chat(hand_off: HandOff) -> Subject:
    return Subject(hand_off.conversation_id, hand_off.agent_id, hand_off.group_id)


_MEASURES: Mapping[str, Callable[[Standing, AlarmRule], Measured]] = {
    "waiting": _count_waiting,
    "longest_wait": _longest_wait,
    "first_response": _first_response,
    "agent_silent": _agent_silent,
    "negative_mood": _negative_mood,
    "low_score": _low_score,
    "overdue": _overdue,
}
