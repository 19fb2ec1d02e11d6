"""What came of what was said: delivered, answered, converted; what nobody watches any more."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, and_, bindparam, cast, exists, func, select, text, update
from sqlalchemy.orm import Session, aliased

from sixty.ledger.models import Message, OutboxRow
from sixty.outreach.going_on import set_apart
from sixty.outreach.models import OutreachCase, OutreachRung
from sixty.outreach.scenes import Book
from sixty.outreach.sending import OUTREACH
from sixty.outreach.stopping import NOT_SAID, heard_in
from sixty.shop.models import Order

LATE_NEWS = timedelta(hours=6)
"""So long after its window a case is still watched: orders are told late."""

_DELIVERED_WITHIN = timedelta(days=30)
_PAID = ("paid", "part_shipped", "shipped", "delivered", "confirmed")

_C: Any = OutreachCase.__table__.c
_G: Any = OutreachRung.__table__.c
_B: Any = OutboxRow.__table__.c
_M: Any = Message.__table__.c
_O: Any = Order.__table__.c
_WATCHED = text(
    "outreach_case.exposed_at IS NOT NULL AND outreach_case.converted_at IS NULL AND outreach_case.settled_at IS NULL"
)


def settle(session: Session, book: Book, now: datetime) -> int:
    """Looks at what came of what was said.

    Args:
        session: A session that may write.
        book: The scenes, for what they are for.
        now: The present moment.

    Returns:
        How many cases have turned out well since the last time.
    """
    for part in (_deliveries, _answers):
        with set_apart(session, "outreach.settling_broken", part=part.__name__):
            part(session, now)
    converted, broken = 0, False
    for count in (_paid, _ordered, _confirmed):
        with set_apart(session, "outreach.settling_broken", part=count.__name__) as counted:
            converted += count(session, book, now)
        broken = broken or counted.broken
    if not broken:
        # What could not be looked at is not let go.
        _unwatch(session, now)
    return converted


def _deliveries(session: Session, now: datetime) -> None:
    """Which messages steps have become, whether they have arrived, and which never will."""
    key = f"{OUTREACH}:" + cast(_G.case_id, String) + ":" + cast(_G.rung, String)
    without = (
        select(_G.id.label("rung_id"), _B.message_id, _B.state)
        .select_from(OutreachRung.__table__.join(OutboxRow.__table__, _B.key == key))
        .where(_G.way == "chat", _G.state == "sent", _G.message_id.is_(None), _G.sent_at > now - _DELIVERED_WITHIN)
    )
    for row in session.execute(without).all():
        values: dict[str, Any] = {"message_id": row.message_id}
        if row.state == "failed":
            values |= {"state": "failed", "reason": "not_delivered"}
        session.execute(update(OutreachRung.__table__).where(_G.id == row.rung_id).values(**values))
    arrived = (
        select(_G.id.label("rung_id"), _M.delivered_at)
        .select_from(OutreachRung.__table__.join(Message.__table__, _M.id == _G.message_id))
        .where(
            _G.state == "sent",
            _G.delivered_at.is_(None),
            _G.sent_at > now - _DELIVERED_WITHIN,
            _M.delivered_at.is_not(None),
        )
    )
    for row in session.execute(arrived).all():
        session.execute(
            update(OutreachRung.__table__).where(_G.id == row.rung_id).values(delivered_at=row.delivered_at)
        )
    # What was taken out of the outbox and not said: its last look has failed.
    gone = and_(_G.way == "chat", _G.state == "queued", _G.decided_at < now - timedelta(hours=1))
    lost = select(_G.id).where(gone, ~exists(select(_B.id).where(_B.key == key)))
    numbers = list(session.scalars(lost))
    if numbers:
        session.execute(update(OutreachRung.__table__).where(_G.id.in_(numbers)).values(state="failed", reason="lost"))


def _answers(session: Session, now: datetime) -> None:
    """Which customers have written where something was said to them; whether it was to refuse."""
    said: Any = aliased(OutreachRung.__table__)
    query = (
        select(_C.id, func.min(_M.id).label("message_id"))
        .select_from(
            OutreachCase.__table__.join(said, said.c.case_id == _C.id).join(
                Message.__table__,
                and_(_M.conversation_id == _C.conversation_id, _M.id > said.c.message_id, _M.author == "customer"),
            )
        )
        .where(
            _C.exposed_at > now - _DELIVERED_WITHIN,
            _C.answered_at.is_(None),
            _C.arm == "reminded",
            said.c.message_id.is_not(None),
            _M.kind.not_in(NOT_SAID),
            _M.at <= _C.watch_until,
        )
        .group_by(_C.id)
    )
    for row in session.execute(query).all():
        message = session.execute(select(_M.at, _M.understood).where(_M.id == row.message_id)).one()
        values: dict[str, Any] = {"answered_at": message.at}
        if heard_in(message.understood) == "asked":
            values["unsubscribed_at"] = message.at
        session.execute(update(OutreachCase.__table__).where(_C.id == row.id).values(**values))


def _scenes(book: Book, goal: str) -> list[str]:
    return [each.id for each in book.scenes.values() if each.goal == goal]


def _paid(session: Session, book: Book, now: datetime) -> int:
    scenes = _scenes(book, "paid")
    if not scenes:
        return 0
    # Of a balance the shop's system may keep the moment of the deposit: then it was paid since the last look.
    query = (
        select(_C.id, _C.exposed_at, _C.watch_until, _O.no, _O.paid_at, _O.paid_amount)
        .select_from(OutreachCase.__table__.join(Order.__table__, _O.no == _C.order_no))
        .where(_WATCHED, _C.scene.in_(scenes), _O.state.in_(_PAID))
    )
    done = 0
    for row in session.execute(query).all():
        at = row.paid_at if row.paid_at is not None and row.paid_at >= row.exposed_at else now
        done += _converted(session, row, at)
    return done


def _ordered(session: Session, book: Book, now: datetime) -> int:
    scenes = _scenes(book, "ordered")
    if not scenes:
        return 0
    query = (
        select(_C.id, _C.exposed_at, _C.watch_until, _O.no, _O.placed_at, _O.paid_amount)
        .select_from(OutreachCase.__table__.join(Order.__table__, _O.customer_id == _C.customer_id))
        .where(
            _WATCHED,
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
        .where(_WATCHED, _C.scene.in_(scenes), _O.confirmed_at >= _C.exposed_at)
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
