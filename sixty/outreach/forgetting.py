"""Forgets whom reminders were about: what is counted stays, whose it was goes, and nothing more is said to them."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from sixty.desk.conversations import Conversation
from sixty.outreach.models import OutreachCase, OutreachContact, OutreachRung, OutreachStop
from sixty.outreach.nameless import nameless
from sixty.outreach.stopping import end_cases, stop, whose
from sixty.shop.deeds.models import StockWish
from sixty.shop.models import Order
from sixty.tables import column

FORGOTTEN = "forgotten"
"""Why nothing more is said, and in whose place it stands."""

_CHUNK = 200
_CASES, _RUNGS, _CONTACTS = OutreachCase.__table__, OutreachRung.__table__, OutreachContact.__table__
_C: Any = _CASES.c
_G: Any = _RUNGS.c
_T: Any = _CONTACTS.c
_S: Any = OutreachStop.__table__.c
_W: Any = StockWish.__table__.c
_N: Any = Conversation.__table__.c


def forget_customer(session: Session, customer_id: str, now: datetime) -> int:
    """Forgets a customer; returns how many cases were theirs. They are left alone from now on, for good.

    Args:
        session: A session that may write; their conversations are still there.
        customer_id: Whom.
        now: The present moment.
    """
    session.flush()
    stop(session, "customer", nameless(customer_id), FORGOTTEN, now, by="erasure")
    rooms = list(session.scalars(select(_N.id).where(_N.customer_id == customer_id)))
    numbers = list(session.scalars(select(Order.no).where(column(Order.customer_id) == customer_id)))
    _forget_stops(session, [customer_id, *rooms], numbers)
    session.execute(_now(delete(StockWish), or_(_W.wisher == customer_id, _W.conversation_id.in_(rooms))))
    return _make_nameless(session, whose(customer_id, None), now)


def forget_rooms(session: Session, conversation_ids: Collection[str], now: datetime) -> int:
    """Forgets what reminders have to do with conversations that are about to be erased.

    Who was a visitor in one is forgotten with it. A customer is not: what was said there goes, their stops stay.

    Args:
        session: A session that may write; the conversations are still there.
        conversation_ids: Which.
        now: The present moment.

    Returns:
        How many cases were visitors'.
    """
    session.flush()
    forgotten = 0
    for rooms in _chunks(list(conversation_ids)):
        _hand_on_stops(session, rooms)
        _forget_stops(session, rooms, ())
        session.execute(_now(delete(StockWish), _W.conversation_id.in_(rooms)))
        forgotten += _make_nameless(session, _C.customer_id.is_(None) & _C.conversation_id.in_(rooms), now)
        there = _C.conversation_id.in_(rooms)
        # What was said there, or is about what was said there.
        about = there & _C.subject_kind.in_(("visit", "wish")) & (_C.state == "open")
        end_cases(session, list(session.scalars(select(_C.id).where(about))), FORGOTTEN, now)
        of_cases = _G.case_id.in_(select(_C.id).where(there))
        session.execute(_now(update(_RUNGS), of_cases, _G.way == "chat").values(text="", message_id=None))
        session.execute(_now(update(_CASES), there).values(conversation_id=None))
    return forgotten


def _make_nameless(session: Session, theirs: Any, now: datetime) -> int:
    # A worker that decides on a step of theirs, or says it, holds it: it is waited for.
    steps = select(_G.id).join(_CASES, _C.id == _G.case_id).where(theirs).order_by(_G.id)
    session.execute(steps.with_for_update(of=_RUNGS)).all()
    cases = session.execute(select(_C.id, _C.who, _C.moment, *_DATED, _C.converted_order_no).where(theirs)).all()
    # One person's cases stay one person's, and one order's one order's: lift counts them so.
    names: dict[str, str] = defaultdict(lambda: f"{FORGOTTEN}:{secrets.token_hex(16)}")
    for rows in _chunks(cases):
        _end_steps(session, [row.id for row in rows], names, now)
        for row in rows:
            order = row.converted_order_no
            session.execute(
                _now(update(_CASES), _C.id == row.id).values(
                    **_NOT_TOLD,
                    who=names[row.who],
                    subject_id=f"{FORGOTTEN}:{row.id}",
                    converted_order_no=names[f"order {order}"] if order else None,
                    moment=_day(row.moment),
                    answered_at=_day(row.answered_at),
                    converted_at=_day(row.converted_at),
                    unsubscribed_at=_day(row.unsubscribed_at),
                    settled_at=now,
                )
            )
    session.expire_all()
    return len(cases)


_DATED = (_C.answered_at, _C.converted_at, _C.unsubscribed_at)
_NOT_TOLD: dict[str, Any] = dict.fromkeys(
    ("customer_id", "conversation_id", "order_no", "product_no", "sku_code", "amount", "why")
) | {"region": ""}


def _end_steps(session: Session, cases: list[int], names: Mapping[str, str], now: datetime) -> None:
    end_cases(session, cases, FORGOTTEN, now)
    theirs = _G.case_id.in_(cases)
    waits = _G.state == "queued"
    session.execute(_now(update(_RUNGS), theirs, waits).values(state="skipped", reason=FORGOTTEN, decided_at=now))
    contacts = _T.rung_id.in_(select(_G.id).where(theirs))
    unsent = _T.state.in_(("waiting", "sending", "taken"))
    session.execute(_now(update(_CONTACTS), contacts, unsent).values(state="failed", claimed_until=None))
    session.execute(
        _now(update(_CONTACTS), contacts).values(
            number="", variables={}, text="", note="", provider_ref=None, problem=None
        )
    )
    for row in session.execute(select(_G.id, _G.who, _G.due_at).where(theirs)).all():
        # When it was due tells to the second when the order was placed.
        day = _day(row.due_at)
        values = {"who": names[row.who], "text": "", "message_id": None, "due_at": day, "latest_at": day}
        session.execute(_now(update(_RUNGS), _G.id == row.id).values(**values))


def _hand_on_stops(session: Session, rooms: list[str]) -> None:
    """What a customer said in a conversation before signing in goes on counting without it."""
    rows = select(OutreachStop.__table__, _N.customer_id.label("customer")).join(
        Conversation.__table__, (_S.kind == "conversation") & (_S.subject == _N.id)
    )
    for row in session.execute(rows.where(_N.id.in_(rooms), _N.customer_id.is_not(None))).all():
        values = {"scenes": row.scenes, "way": row.way, "by": row.by, "until": row.until}
        stop(session, "customer", row.customer, row.why, row.at, **values)


def _forget_stops(session: Session, names: Sequence[str], orders: Sequence[str]) -> None:
    for some in _chunks([*names]):
        session.execute(_now(delete(OutreachStop), _S.kind.in_(("customer", "conversation")), _S.subject.in_(some)))
        products = or_(*(_S.subject.startswith(f"{each}:", autoescape=True) for each in some))
        session.execute(_now(delete(OutreachStop), _S.kind == "product", products))
    for some in _chunks([*orders]):
        session.execute(_now(delete(OutreachStop), _S.kind == "order", _S.subject.in_(some)))


def _chunks(found: Sequence[Any]) -> Iterator[Any]:
    for place in range(0, len(found), _CHUNK):
        yield found[place : place + _CHUNK]


def _now(statement: Any, *conditions: Any) -> Any:
    return statement.where(*conditions).execution_options(synchronize_session=False)


def _day(moment: datetime | None) -> datetime | None:
    """The day alone: a moment to the second leads back to the order."""
    if moment is None:
        return None
    return moment.astimezone(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
