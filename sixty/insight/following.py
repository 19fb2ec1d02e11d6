"""Works out the visits of some conversations and writes them, so that any number of processes may do so at once.

What is read and what is written are two transactions: nobody who writes the ledger waits while visits are worked out.
A version that every writing raises tells when another one wrote in between; then nothing is written, and it is done
again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from sixty.desk.conversations import Conversation
from sixty.insight.arms import arm_of, offered_arm
from sixty.insight.attribution import Bought, Span, attribute
from sixty.insight.gathering import deeds_of, goods_of, joined_of, messages_from, orders_of
from sixty.insight.models import Arm, ChatTurn, Follower, Visit
from sixty.insight.next_questions import likely_next
from sixty.insight.rules import WillingnessRules
from sixty.insight.showings import follow_showings
from sixty.insight.turns import Goods, Page, Said, turns_of
from sixty.insight.visits import split
from sixty.insight.willingness import Deed
from sixty.insight.working_out import Known, Worked, span_of, work_out
from sixty.playbook import CapsulePlan
from sixty.shop.catalogue import find_product
from sixty.tables import column

VERSION = "visits.version"

# An order is contested by few visits; a chain of them that is longer is followed the next time.
_ROUNDS = 4
_VISITS: Any = Visit.__table__
_TURNS: Any = ChatTurn.__table__
_CONVERSATIONS: Any = Conversation.__table__
_FOLLOWERS: Any = Follower.__table__


class OutpacedError(Exception):
    """Another process has written meanwhile: what was read no longer holds."""


@dataclass(frozen=True)
class Setting:
    """What visits are worked out by.

    Attributes:
        share: Of quiet conversations.
        plan: The merchant's capsules, for the next questions.
    """

    rules: WillingnessRules
    share: float
    plan: CapsulePlan


@dataclass
class Reading:
    """What was worked out of some conversations, to be written.

    Attributes:
        version: What the version was when it was read.
        at: When it was read.
        from_ids: From which message on each conversation was worked out anew.
        visits: The visits from there on.
    """

    version: int
    at: datetime
    from_ids: dict[str, int] = field(default_factory=dict)
    visits: list[tuple[str, Worked, dict[str, Any]]] = field(default_factory=list)


@dataclass
class _Found:
    """One visit on its way."""

    conversation_id: str
    said: tuple[Said, ...]
    pages: tuple[Page, ...]
    arm: Arm
    customer_id: str | None
    span: Span | None
    goods: Goods


def version_of(session: Session) -> int:
    """The version of what is written now."""
    found: int | None = session.scalar(select(_FOLLOWERS.c.cursor).where(_FOLLOWERS.c.name == VERSION))
    return found or 0


def read_visits(session: Session, wanted: Mapping[str, int], setting: Setting, now: datetime) -> Reading:
    """Works out visits.

    Args:
        session: A session that only reads.
        wanted: Conversations, and from which message on: the first of a visit, or 0 for all.
        setting: By what.
        now: The present moment.
    """
    reading = Reading(version_of(session), now)
    found: dict[int, _Found] = {}
    bought: dict[int, tuple[Bought, ...]] = {}
    todo = dict(wanted)
    # An order that goes to one visit may be taken from another of the same customer: that one is worked out as well.
    for _ in range(_ROUNDS):
        for conversation_id, from_id in todo.items():
            begin, visits = _visits_of(session, conversation_id, from_id, setting)
            reading.from_ids[conversation_id] = min(begin, reading.from_ids.get(conversation_id, begin))
            found.update({each.said[0].id: each for each in visits})
        bought, todo = _bought(session, found.values(), reading.from_ids, setting.rules)
        if not todo:
            break
    joined = joined_of(session, {each.conversation_id for each in found.values()})
    following = _next_begins(found.values())
    for first_id, each in sorted(found.items()):
        deeds: list[Deed] = []
        if each.span is not None:
            last, next_begins = each.said[-1].at, following.get(first_id)
            deeds = [
                deed
                for deed in joined.get(each.conversation_id, ())
                if deed.at <= last + setting.rules.orders.longest and (next_begins is None or deed.at < next_begins)
            ]
            deeds += deeds_of(session, each.customer_id, each.span.began, last + setting.rules.pause)
        known = Known(each.pages, each.goods, bought.get(first_id, ()), tuple(deeds))
        worked = work_out(each.said, known, setting.rules)
        rest = {
            "arm": each.arm,
            "customer_id": each.customer_id,
            "next_questions": _next_questions(session, worked, setting.plan),
        }
        reading.visits.append((each.conversation_id, worked, rest))
    return reading


def write_visits(session: Session, reading: Reading, cursors: Mapping[str, int] | None = None) -> None:
    """Writes what was read, in place of what stood there.

    Args:
        session: A session that may write, in which nothing else has been written.
        reading: What `read_visits` has worked out.
        cursors: How far the ledger has been followed with it, by name.

    Raises:
        OutpacedError: Another one has written since; read again.
    """
    _next_version(session, reading)
    by_conversation: dict[str, list[tuple[Worked, dict[str, Any]]]] = defaultdict(list)
    for conversation_id, worked, rest in reading.visits:
        by_conversation[conversation_id].append((worked, rest))
    for conversation_id, from_id in reading.from_ids.items():
        _write_conversation(session, conversation_id, from_id, by_conversation[conversation_id], reading.at)
    session.flush()
    for conversation_id, from_id in reading.from_ids.items():
        follow_showings(session, [conversation_id], from_id)
    for name, cursor in (cursors or {}).items():
        move_cursor(session, name, cursor, reading.at)


def cursor_of(session: Session, name: str) -> int:
    """How far something has been followed; 0 in the beginning."""
    found: int | None = session.scalar(select(_FOLLOWERS.c.cursor).where(_FOLLOWERS.c.name == name))
    return found or 0


def move_cursor(session: Session, name: str, cursor: int, now: datetime) -> None:
    """Says how far something has been followed; never back."""
    row: Follower | None = session.get(Follower, name)
    if row is None:
        session.add(Follower(name=name, cursor=cursor, updated_at=now))
    elif row.cursor < cursor:
        row.cursor, row.updated_at = cursor, now
    session.flush()


def begin_of(session: Session, conversation_id: str, message_id: int) -> int:
    """From which message on a conversation is worked out anew when one has come: the first of the visit before it."""
    query = select(func.max(_VISITS.c.first_message_id)).where(
        _VISITS.c.conversation_id == conversation_id, _VISITS.c.first_message_id <= message_id
    )
    return session.scalar(query) or 0


def _visits_of(session: Session, conversation_id: str, from_id: int, setting: Setting) -> tuple[int, list[_Found]]:
    """The visits of a conversation from a message on, and from which message on they really are."""
    conversation = session.execute(
        select(_CONVERSATIONS.c.customer_id, _CONVERSATIONS.c.entry, _CONVERSATIONS.c.product_no).where(
            _CONVERSATIONS.c.id == conversation_id
        )
    ).first()
    customer_id = conversation.customer_id if conversation is not None else None
    kept = {
        row.first_message_id: row
        for row in session.execute(
            select(
                _VISITS.c.id, _VISITS.c.first_message_id, _VISITS.c.arm, _VISITS.c.pages, _VISITS.c.customer_id
            ).where(_VISITS.c.conversation_id == conversation_id)
        )
    }
    # Who turns out to be a customer was that customer in the visits before.
    nameless = [first_id for first_id, row in kept.items() if row.customer_id != customer_id]
    from_id = min([from_id, *nameless])
    visits = split(messages_from(session, conversation_id, from_id), setting.rules.pause)
    found = []
    for place, said in enumerate(visits):
        row = kept.get(said[0].id)
        pages = [Page(*page) for page in row.pages] if row is not None else []
        if place == len(visits) - 1 and conversation is not None:
            now_open = (conversation.entry, conversation.product_no)
            if not pages:
                pages = [Page(said[0].id, *now_open)]
            elif row is not None and (pages[-1].entry, pages[-1].product_no) != now_open:
                known = session.scalar(select(func.max(_TURNS.c.message_id)).where(_TURNS.c.visit_id == row.id))
                pages.append(Page((known or said[0].id) + 1, *now_open))
        goods = goods_of(session, said, [page.product_no for page in pages])
        turns = turns_of(said, goods, pages)
        # Drawn once: a share that is changed later changes nothing of what has been.
        drawn = offered_arm(said) or (row.arm if row is not None else None)
        arm: Arm = drawn or ("pushes" if conversation is None else arm_of(conversation_id, setting.share))
        found.append(_Found(conversation_id, said, tuple(pages), arm, customer_id, span_of(said, turns), goods))
    return from_id, found


def _bought(
    session: Session, found: Iterable[_Found], from_ids: Mapping[str, int], rules: WillingnessRules
) -> tuple[dict[int, tuple[Bought, ...]], dict[str, int]]:
    """The orders of visits, and from which message on other conversations have to do with them, too."""
    spans: dict[str, list[Span]] = defaultdict(list)
    for each in found:
        if each.customer_id is not None and each.span is not None:
            spans[each.customer_id].append(each.span)
    if not spans:
        return {}, {}
    earliest = min(span.began for of_one in spans.values() for span in of_one)
    latest = max(span.ended for of_one in spans.values() for span in of_one)
    window = rules.orders.longest
    orders = orders_of(session, spans.keys(), earliest, latest + window)
    if not orders:
        return {}, {}
    siblings = _siblings(session, [name for name in spans if name in orders], earliest - window, from_ids)
    bought: dict[int, tuple[Bought, ...]] = {}
    touched: dict[str, int] = {}
    for customer_id, placed in orders.items():
        known = siblings.get(customer_id, [])
        given = attribute(placed, [*spans[customer_id], *(each.span for each in known)], rules.orders)
        bought.update(given)
        for sibling in known:
            first_id = sibling.span.first_id
            if sibling.ordered or first_id in given:
                before = touched.get(sibling.conversation_id, first_id)
                touched[sibling.conversation_id] = min(before, first_id)
    return bought, touched


def _next_begins(found: Iterable[_Found]) -> dict[int, datetime]:
    """When the visit after a visit of the same conversation began, by the first message of the one before."""
    begins: dict[int, datetime] = {}
    before: dict[str, int] = {}
    for each in sorted(found, key=lambda one: one.said[0].id):
        if each.conversation_id in before:
            begins[before[each.conversation_id]] = each.said[0].at
        before[each.conversation_id] = each.said[0].id
    return begins


def _next_questions(session: Session, worked: Worked, plan: CapsulePlan) -> list[dict[str, Any]]:
    asked = [str(turn["question"]) for turn in worked.turns if turn["question"] is not None]
    no, entry = worked.visit["product_no"], worked.visit["entry"]
    product = find_product(session, no) if no else None
    return likely_next(session, plan, asked, category=worked.visit["category"], product=product, entry=entry)


@dataclass(frozen=True)
class _Sibling:
    """A visit of the same customer that is written already."""

    conversation_id: str
    span: Span
    ordered: bool


def _siblings(
    session: Session, customer_ids: Collection[str], since: datetime, from_ids: Mapping[str, int]
) -> dict[str, list[_Sibling]]:
    query = (
        select(
            _VISITS.c.customer_id,
            _VISITS.c.conversation_id,
            _VISITS.c.first_message_id,
            _VISITS.c.ended_at,
            _VISITS.c.order_no,
            _TURNS.c.product_no,
            func.min(_TURNS.c.at).label("began"),
        )
        .join(_TURNS, _TURNS.c.visit_id == _VISITS.c.id)
        .where(_VISITS.c.customer_id.in_(sorted(customer_ids)), _VISITS.c.ended_at >= since)
        .group_by(
            _VISITS.c.customer_id,
            _VISITS.c.conversation_id,
            _VISITS.c.first_message_id,
            _VISITS.c.ended_at,
            _VISITS.c.order_no,
            _TURNS.c.product_no,
        )
    )
    rows: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(query):
        if row.first_message_id < from_ids.get(row.conversation_id, row.first_message_id + 1):
            rows[row.first_message_id].append(row)
    found: dict[str, list[_Sibling]] = defaultdict(list)
    for first_id, of_one in rows.items():
        products = frozenset(row.product_no for row in of_one if row.product_no is not None)
        span = Span(first_id, min(row.began for row in of_one), of_one[0].ended_at, products)
        found[of_one[0].customer_id].append(_Sibling(of_one[0].conversation_id, span, of_one[0].order_no is not None))
    return found


def _next_version(session: Session, reading: Reading) -> None:
    row: Follower | None = session.scalars(
        select(Follower)
        .where(column(Follower.name) == VERSION)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        if reading.version:
            raise OutpacedError
        session.add(Follower(name=VERSION, cursor=1, updated_at=reading.at))
        try:
            session.flush()
        except IntegrityError:
            raise OutpacedError from None
        return
    if row.cursor != reading.version:
        raise OutpacedError
    row.cursor, row.updated_at = reading.version + 1, reading.at
    session.flush()


def _write_conversation(
    session: Session,
    conversation_id: str,
    from_id: int,
    worked: Sequence[tuple[Worked, dict[str, Any]]],
    now: datetime,
) -> None:
    mine = column(Visit.conversation_id) == conversation_id, column(Visit.first_message_id) >= from_id
    there = {row.first_message_id: row for row in session.scalars(select(Visit).where(*mine))}
    rows: list[tuple[Visit, Worked]] = []
    for each, rest in worked:
        values = {**each.visit, **rest, "conversation_id": conversation_id, "updated_at": now}
        row = there.pop(each.visit["first_message_id"], None)
        if row is None:
            row = Visit(**values)
            session.add(row)
        else:
            _assign(row, values)
        rows.append((row, each))
    session.flush()
    first = [message["message_id"] for each, _ in worked for message in each.turns]
    turns = {
        row.message_id: row for row in session.scalars(select(ChatTurn).where(column(ChatTurn.message_id).in_(first)))
    }
    for row, each in rows:
        for turn in each.turns:
            values = {**turn, "visit_id": row.id, "conversation_id": conversation_id}
            known = turns.pop(turn["message_id"], None)
            if known is None:
                session.add(ChatTurn(**values))
            else:
                _assign(known, values)
    session.flush()
    # What was a visit or a turn by other rules, or before two lines were read as one.
    ids = [row.id for row, _ in rows]
    extra = delete(_TURNS).where(_TURNS.c.visit_id.in_(ids), _TURNS.c.message_id.not_in(first))
    session.execute(extra)
    for row in there.values():
        session.delete(row)
    session.flush()


def _assign(row: Any, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
