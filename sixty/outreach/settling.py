"""What came of what was said: delivered, answered, converted; what nobody watches any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, and_, bindparam, case, cast, exists, func, literal, or_, select, text, update
from sqlalchemy.orm import Session

from sixty.desk.conversations import Conversation
from sixty.insight.silence import SILENCE
from sixty.ledger.models import Message, OutboxRow
from sixty.outreach.going_on import set_apart
from sixty.outreach.looking import locked_rung
from sixty.outreach.models import OutreachCase, OutreachRung
from sixty.outreach.scenes import Book
from sixty.outreach.sending import OUTREACH, give_up
from sixty.outreach.stopping import NOT_SAID, read_on
from sixty.shop.models import Order

LATE_NEWS = timedelta(hours=6)
"""So long after its window a case is still watched: orders are told late."""

_DELIVERED_WITHIN = timedelta(days=30)
# So long a courier may try.
_TRIED_FOR = timedelta(days=2)
# After that it is there, or is nowhere.
_IN_THE_OUTBOX = timedelta(hours=1)
_READING = "*answers"
_AT_ONCE = 500
_PAID = ("paid", "part_shipped", "shipped", "delivered", "confirmed")

_C: Any = OutreachCase.__table__.c
_G: Any = OutreachRung.__table__.c
_B: Any = OutboxRow.__table__.c
_M: Any = Message.__table__.c
_O: Any = Order.__table__.c
_N: Any = Conversation.__table__.c
_WATCHED = text("outreach_case.exposed_at IS NOT NULL AND outreach_case.settled_at IS NULL")


def settle(session: Session, book: Book, now: datetime) -> int:
    """Looks at what came of what was said.

    Args:
        session: A session that may write.
        book: The scenes, for what they are for.
        now: The present moment.

    Returns:
        How many cases have turned out well since the last time.
    """
    with set_apart(session, "outreach.settling_broken", part="deliveries"):
        _deliveries(session, book, now)
    with set_apart(session, "outreach.settling_broken", part="answers"):
        _answers(session, now)
    with set_apart(session, "outreach.settling_broken", part="taking back"):
        _take_back(session, now)
    converted, broken = 0, False
    for count in (_paid, _ordered, _confirmed):
        with set_apart(session, "outreach.settling_broken", part=count.__name__) as counted:
            converted += count(session, book, now)
        broken = broken or counted.broken
    if not broken:
        # What could not be looked at is not let go.
        _unwatch(session, now)
    return converted


def _deliveries(session: Session, book: Book, now: datetime) -> None:
    """Which messages steps have become, whether they have arrived, and which never will."""
    silent = [each.id for each in book.scenes.values() if "silence" in each.triggers]
    # The follow-up within a chat is put into the outbox by whoever watches the chat.
    own = f"{OUTREACH}:" + cast(_G.case_id, String) + ":" + cast(_G.rung, String)
    key = case((_G.scene.in_(silent), f"{SILENCE}:" + _C.subject_id), else_=own)
    steps = OutreachRung.__table__.join(OutreachCase.__table__, _C.id == _G.case_id)
    # What has become a message may still be given up by its courier.
    open_ = or_(_G.message_id.is_(None), _G.sent_at > now - _TRIED_FOR)
    under_way = (
        select(_G.id.label("rung_id"), _G.message_id, _B.message_id.label("became"), _B.state)
        .select_from(steps.join(OutboxRow.__table__, _B.key == key))
        .where(_G.way == "chat", _G.state == "sent", _G.delivered_at.is_(None), _G.sent_at > now - _DELIVERED_WITHIN)
        .where(open_)
    )
    for row in session.execute(under_way).all():
        values: dict[str, Any] = {}
        if row.message_id != row.became:
            values = {"message_id": row.became}
        if row.state == "failed":
            values |= {"state": "failed", "reason": "not_delivered"}
        if values:
            session.execute(update(OutreachRung.__table__).where(_G.id == row.rung_id).values(**values))
    arrived = (
        select(_G.id.label("rung_id"), _M.delivered_at)
        .select_from(OutreachRung.__table__.join(Message.__table__, _M.id == _G.message_id))
        .where(
            _G.state.in_(("sent", "failed")),
            _G.delivered_at.is_(None),
            _G.sent_at > now - _DELIVERED_WITHIN,
            _M.delivered_at.is_not(None),
        )
    )
    for row in session.execute(arrived).all():
        # Who comes back to the chat finds there what the courier had given up.
        values = {"delivered_at": row.delivered_at, "state": "sent", "reason": None}
        session.execute(update(OutreachRung.__table__).where(_G.id == row.rung_id).values(**values))
    # What was taken out of the outbox and not said.
    gone = and_(_G.way == "chat", _G.state == "queued", _G.decided_at < now - _IN_THE_OUTBOX)
    lost = select(_G.id).where(gone, ~exists(select(_B.id).where(_B.key == own))).order_by(_G.id)
    for number in session.scalars(lost).all():
        rung = locked_rung(session, number)
        if rung is not None and rung.state == "queued":
            found: OutreachCase = session.get(OutreachCase, rung.case_id, populate_existing=True, with_for_update=True)
            give_up(session, book, found, rung, "failed", "lost", now)


def _answers(session: Session, now: datetime) -> None:
    """To what customers have answered, wherever they wrote: to what was said to them last before."""
    since = read_on(session, _READING, _DELIVERED_WITHIN, now)
    lines = session.execute(
        select(_M.conversation_id, _N.customer_id, _M.at)
        .select_from(Message.__table__.join(Conversation.__table__, _N.id == _M.conversation_id))
        .where(_M.at > since, _M.at <= now, _M.author == "customer", _M.kind.not_in(NOT_SAID))
        .order_by(_M.at, _M.id)
    ).all()
    for place in range(0, len(lines), _AT_ONCE):
        some = lines[place : place + _AT_ONCE]
        said = _said_to(session, some, now)
        for line in some:
            before = said.get(line.customer_id or line.conversation_id, ())
            last = next((each for each in reversed(before) if each.sent_at <= line.at), None)
            if last is not None and last.answered_at is None and line.at <= last.watch_until:
                # Of several lines the first one counts.
                first = update(OutreachCase.__table__).where(_C.id == last.case_id, _C.answered_at.is_(None))
                session.execute(first.values(answered_at=line.at))


def _said_to(session: Session, lines: Sequence[Any], now: datetime) -> dict[str, list[Any]]:
    """What was said to those who wrote some lines, in order; by customer, of a visitor by conversation."""
    customers = {line.customer_id for line in lines if line.customer_id}
    rooms = {line.conversation_id for line in lines}
    theirs = select(_N.id).where(_N.customer_id.in_(customers))
    person = func.coalesce(_C.customer_id, _N.customer_id, _C.who)
    query = (
        select(person.label("person"), _G.case_id, _G.sent_at, _C.answered_at, _C.watch_until)
        .select_from(
            OutreachCase.__table__.join(OutreachRung.__table__, _G.case_id == _C.id).outerjoin(
                Conversation.__table__, _N.id == _C.conversation_id
            )
        )
        .where(
            or_(_C.who.in_(customers), _C.conversation_id.in_(rooms), _C.conversation_id.in_(theirs)),
            _G.state == "sent",
            _G.sent_at > now - _DELIVERED_WITHIN,
        )
        .order_by(_G.sent_at, _G.id)
    )
    found: dict[str, list[Any]] = {}
    for row in session.execute(query):
        found.setdefault(row.person, []).append(row)
    return found


def _take_back(session: Session, now: datetime) -> None:
    """An order that is closed again within the window has brought nothing; another one may."""
    closed = (
        select(_C.id)
        .select_from(OutreachCase.__table__.join(Order.__table__, _O.no == _C.converted_order_no))
        .where(_WATCHED, _C.converted_at.is_not(None), _O.state == "closed")
        .where(func.coalesce(_O.closed_at, literal(now, _O.closed_at.type)) <= _C.watch_until)
    )
    numbers = list(session.scalars(closed))
    if numbers:
        session.execute(
            update(OutreachCase.__table__)
            .where(_C.id.in_(numbers))
            .values(converted_at=None, converted_order_no=None, recovered=None)
        )


def _scenes(book: Book, goal: str) -> list[str]:
    return [each.id for each in book.scenes.values() if each.goal == goal]


def _paid(session: Session, book: Book, now: datetime) -> int:
    scenes = _scenes(book, "paid")
    if not scenes:
        return 0
    at_first = [each for each in scenes if "unpaid" in book.scenes[each].triggers]
    query = (
        select(
            *(_C.id, _C.scene, _C.exposed_at, _C.watch_until, _O.no, _O.paid_at, _O.deposit_paid),
            func.coalesce(_O.paid_amount, _O.deposit_paid).label("paid_amount"),
        )
        .select_from(OutreachCase.__table__.join(Order.__table__, _O.no == _C.order_no))
        .where(
            _WATCHED,
            _C.converted_at.is_(None),
            _C.scene.in_(scenes),
            # Of what is sold in advance nothing but the deposit can be paid at first.
            or_(_O.state.in_(_PAID), (_O.state == "deposit_paid") & _C.scene.in_(at_first)),
        )
    )
    done = 0
    for row in session.execute(query).all():
        at = row.paid_at
        if at is not None and at < row.exposed_at and (row.deposit_paid is None or row.scene in at_first):
            # It was told late: nobody had been reminded when it was paid.
            continue
        # Of a balance the shop's system may keep the moment of the deposit: then it was paid since the last look.
        done += _converted(session, row, at if at is not None and at >= row.exposed_at else now)
    return done


def _ordered(session: Session, book: Book, now: datetime) -> int:
    scenes = _scenes(book, "ordered")
    if not scenes:
        return 0
    query = (
        select(_C.id, _C.exposed_at, _C.watch_until, _O.no, _O.placed_at, _O.paid_amount)
        .select_from(
            OutreachCase.__table__.outerjoin(Conversation.__table__, _N.id == _C.conversation_id).join(
                Order.__table__, _O.customer_id == func.coalesce(_C.customer_id, _N.customer_id)
            )
        )
        .where(
            _WATCHED,
            _C.converted_at.is_(None),
            _C.scene.in_(scenes),
            _O.placed_at >= _C.exposed_at,
            _O.placed_at <= _C.watch_until,
            _O.state.in_((*_PAID, "deposit_paid")),
        )
        .order_by(_C.id, _O.placed_at, _O.no)
    )
    done, seen = 0, set[int]()
    for row in session.execute(query).all():
        if row.id not in seen:
            seen.add(row.id)
            done += _converted(session, row, row.placed_at)
    return done


def _confirmed(session: Session, book: Book, now: datetime) -> int:
    scenes = _scenes(book, "confirmed")
    if not scenes:
        return 0
    query = (
        select(_C.id, _C.exposed_at, _C.watch_until, _O.no, _O.confirmed_at)
        .select_from(OutreachCase.__table__.join(Order.__table__, _O.no == _C.order_no))
        .where(_WATCHED, _C.converted_at.is_(None), _C.scene.in_(scenes), _O.confirmed_at >= _C.exposed_at)
    )
    return sum(_converted(session, row, row.confirmed_at) for row in session.execute(query).all())


def _converted(session: Session, row: Any, at: datetime) -> int:
    if at > row.watch_until:
        return 0
    recovered = getattr(row, "paid_amount", None)
    changed = session.execute(
        update(OutreachCase.__table__)
        .where(_C.id == row.id, _C.converted_at.is_(None))
        .values(converted_at=at, converted_order_no=row.no, recovered=recovered)
    )
    return int(changed.rowcount)


def _unwatch(session: Session, now: datetime) -> None:
    session.execute(
        update(OutreachCase.__table__).where(_WATCHED, _C.watch_until < bindparam("long_ago")).values(settled_at=now),
        {"long_ago": now - LATE_NEWS},
    )
