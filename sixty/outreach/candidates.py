"""Whom and what a trigger is about, found by index: everything that came to be within a span of time.

Each query is bounded by moments of an index, and goes on behind the last row that it has given, so that a million open
orders cost what is new among them, and never more memory than a page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import String, and_, cast, func, literal, or_, select, text
from sqlalchemy.orm import Session, aliased

from sixty.desk.conversations import Conversation
from sixty.insight.models import Visit
from sixty.outreach.going_on import what_broke
from sixty.outreach.models import OutreachCase, SubjectKind
from sixty.outreach.triggers import TRIGGERS, TriggerName
from sixty.shop.deeds.models import StockWish
from sixty.shop.models import (
    CONFIRMED,
    DELIVERED,
    NOTABLE,
    UNDER_WAY,
    UNPAID,
    Order,
    OrderLine,
    Parcel,
    ParcelTrace,
    Presale,
    Product,
    Refund,
    Sku,
)
from sixty.shop.order_answers import DISPATCH_PROMISE
from sixty.shop.order_events.models import OrderEvent

PAGE = 1000
"""How many are read at a time."""

_log = structlog.get_logger(__name__)
_O: Any = Order.__table__.c
_L: Any = OrderLine.__table__.c
_P: Any = Parcel.__table__.c
_T: Any = ParcelTrace.__table__.c
_R: Any = Refund.__table__.c
_V: Any = Visit.__table__.c
_E: Any = OrderEvent.__table__.c
_C: Any = OutreachCase.__table__.c
_W: Any = StockWish.__table__.c
_S: Any = Presale.__table__.c
_N: Any = Conversation.__table__.c


@dataclass(frozen=True)
class Candidate:
    """Something that a trigger is about.

    Attributes:
        subject: What it is about; with its kind and the scene, there is one case of it.
        moment: When it came to be.
        customer_id: Whose it is; None for a visitor whom we don't know.
    """

    trigger: TriggerName
    subject: str
    moment: datetime
    customer_id: str | None = None
    conversation_id: str | None = None
    order_no: str | None = None
    product_no: str | None = None
    sku_code: str | None = None

    @property
    def kind(self) -> SubjectKind:
        """What sort of thing it is."""
        return TRIGGERS[self.trigger].subject

    @property
    def who(self) -> str:
        """By whom caps and arms go."""
        return self.customer_id or self.conversation_id or self.subject


@dataclass(frozen=True)
class Span:
    """What is looked for: cases of a scene's trigger that came to be within a span of time.

    Attributes:
        scene: The scene's name.
        trigger: What starts it.
        since: Only what came to be after this …
        until: … and up to this.
        now: The present moment, which is the moment of what has none of its own: that something is in stock again.
        only: Only what is about this customer, or said in this conversation of a visitor.
    """

    scene: str
    trigger: TriggerName
    since: datetime
    until: datetime
    now: datetime
    only: str | None = None

    def of(self, *columns: Any) -> list[Any]:
        """The condition that something is one customer's, or no condition."""
        return [] if self.only is None else [or_(*(each == self.only for each in columns))]

    def new(self, subject: Any) -> Any:
        """The condition that there is no case of a subject yet."""
        known = (
            select(literal(1))
            .select_from(OutreachCase.__table__)
            .where(
                _C.scene == self.scene,
                _C.subject_kind == TRIGGERS[self.trigger].subject,
                _C.subject_id == subject,
            )
        )
        return ~known.exists()


def candidates(session: Session, span: Span) -> Iterator[list[Candidate]]:
    """What a scene has no case of yet, a page at a time, by moment."""
    return _FINDERS[span.trigger](session, span)


def _pages(
    session: Session, query: Any, moment: Any, key: Any, make: Callable[[Any], Candidate | None]
) -> Iterator[list[Candidate]]:
    """Pages of a query that gives `moment` and `key` by these names."""
    last: tuple[Any, Any] | None = None
    while True:
        # The first condition alone is one that an index is entered by.
        page = query if last is None else query.where(moment >= last[0], or_(moment > last[0], key > last[1]))
        rows = session.execute(page.order_by(moment, key).limit(PAGE)).all()
        if rows:
            last = (rows[-1].moment, rows[-1].key)
            yield [made for row in rows if (made := _made(make, row)) is not None]
        if len(rows) < PAGE:
            return


def _made(make: Callable[[Any], Candidate | None], row: Any) -> Candidate | None:
    """What a row is about; None where it is about nothing, or cannot be read, which keeps back no other."""
    try:
        return make(row)
    except Exception as error:
        _log.warning("outreach.row_broken", row=row.key, **what_broke(error))
        return None


def _by_moment(
    column: Any, *conditions: Any, shift: timedelta = timedelta(0)
) -> Callable[..., Iterator[list[Candidate]]]:
    """Orders by a moment of theirs."""

    def find(session: Session, span: Span) -> Iterator[list[Candidate]]:
        query = select(_O.no.label("key"), column.label("moment"), _O.customer_id).where(
            *conditions,
            column > span.since - shift,
            column <= span.until - shift,
            span.new(_O.no),
            *span.of(_O.customer_id),
        )

        def make(row: Any) -> Candidate:
            return Candidate(span.trigger, row.key, row.moment + shift, row.customer_id, order_no=row.key)

        return _pages(session, query, column, _O.no, make)

    return find


def _of_presales(
    session: Session, span: Span, when: Any, conditions: Sequence[Any], paid: Any = None
) -> Iterator[list[Candidate]]:
    """Orders of presales of which a moment has come, such as that their balances are due.

    Args:
        session: Any session.
        span: What is looked for.
        when: The moment, a column of presales.
        conditions: What orders must be like.
        paid: A moment of the order's own, which counts where it is later.
    """
    begun = session.execute(
        select(_S.product_no, _S.starts_at, _S.balance_until, when.label("begins"))
        .where(when > span.since, when <= span.until)
        .order_by(when, _S.product_no)
    ).all()
    later = _O.placed_at if paid is None else paid
    again: Any = aliased(Presale.__table__)
    for each in begun:
        # Of a presale that is repeated, an order is of the last one that had begun when it was placed.
        repeated = select(literal(1)).where(
            again.c.product_no == each.product_no,
            again.c.starts_at > each.starts_at,
            again.c.starts_at <= _O.placed_at,
        )
        query = (
            select(_O.no.label("key"), _O.placed_at.label("moment"), later.label("later"), _O.customer_id)
            .select_from(Order.__table__.join(OrderLine.__table__, _L.order_no == _O.no))
            .where(
                *conditions,
                _L.product_no == each.product_no,
                _O.placed_at >= each.starts_at,
                _O.placed_at < each.balance_until,
                ~repeated.exists(),
                span.new(_O.no),
                *span.of(_O.customer_id),
            )
            .distinct()
        )

        def make(row: Any, begins: datetime = each.begins) -> Candidate:
            return Candidate(span.trigger, row.key, max(begins, row.later), row.customer_id, order_no=row.key)

        yield from _pages(session, query, _O.placed_at, _O.no, make)


def _balance_due(session: Session, span: Span) -> Iterator[list[Candidate]]:
    # Who pays the deposit when balances are due already hears of it from then on.
    unpaid = [text("customer_order.state IN ('unpaid', 'deposit_paid')"), _O.state == "deposit_paid"]
    return _of_presales(session, span, _S.balance_from, unpaid)


_NOT_SENT = _O.state.in_(("paid", "part_shipped"))
_late_at_once = _by_moment(_O.paid_at, _NOT_SENT, _O.deposit_paid.is_(None), shift=DISPATCH_PROMISE)


def _dispatch_late(session: Session, span: Span) -> Iterator[list[Candidate]]:
    yield from _late_at_once(session, span)
    # What was sold in advance leaves by the day that was promised then.
    sold_ahead = [_NOT_SENT, _O.deposit_paid.is_not(None), _O.paid_at.is_not(None)]
    yield from _of_presales(session, span, _S.ships_by, sold_ahead, _O.paid_at)


def _parcels(session: Session, span: Span) -> Iterator[list[Candidate]]:
    # Few parcels are in such a state at a time. Where nobody has told since when, the newest trace does.
    newest = select(func.max(_T.at)).where(_T.parcel_no == _P.no).scalar_subquery()
    moment = func.coalesce(_P.since, newest)
    query = (
        select(_P.no, _P.since, moment.label("moment"), _O.no.label("order_no"), _O.customer_id)
        .select_from(Parcel.__table__.join(Order.__table__, _P.order_no == _O.no))
        .where(
            text(f"parcel.{NOTABLE.text}"),
            _P.state == span.trigger,
            _O.state.in_(("part_shipped", "shipped")),
            moment > span.since,
            moment <= span.until,
            *span.of(_O.customer_id),
        )
    )
    rows = session.execute(query.order_by(text("moment"), _P.no)).all()
    for place in range(0, len(rows), PAGE):
        page = [
            Candidate(
                span.trigger, parcel_subject(row.no, row.since), row.moment, row.customer_id, order_no=row.order_no
            )
            for row in rows[place : place + PAGE]
        ]
        yield _unknown(session, span, page)


def parcel_subject(no: str, since: datetime | None) -> str:
    """A parcel and the time that it is what it is: one that is stuck again after having moved is another case."""
    return no if since is None else f"{no}:{int(since.timestamp())}"


def _unknown(session: Session, span: Span, page: list[Candidate]) -> list[Candidate]:
    """Those that there is no case of yet, where the database does not know how subjects are called."""
    there = set(
        session.scalars(
            select(_C.subject_id).where(
                _C.scene == span.scene,
                _C.subject_kind == TRIGGERS[span.trigger].subject,
                _C.subject_id.in_([each.subject for each in page]),
            )
        )
    )
    return [each for each in page if each.subject not in there]


def _refunds(session: Session, span: Span) -> Iterator[list[Candidate]]:
    subject = _R.no + ":" + _R.state
    query = (
        select(_R.no.label("key"), _R.state, _R.updated_at.label("moment"), _O.no.label("order_no"), _O.customer_id)
        .select_from(Refund.__table__.join(Order.__table__, _R.order_no == _O.no))
        .where(
            _R.updated_at > span.since,
            _R.updated_at <= span.until,
            _R.state.in_(("agreed", "returning", "rejected", "done")),
            span.new(subject),
            *span.of(_O.customer_id),
        )
    )

    def make(row: Any) -> Candidate:
        return Candidate(span.trigger, f"{row.key}:{row.state}", row.moment, row.customer_id, order_no=row.order_no)

    return _pages(session, query, _R.updated_at, _R.no, make)


def _visits(session: Session, span: Span) -> Iterator[list[Candidate]]:
    subject = cast(_V.first_message_id, String)
    query = select(
        _V.first_message_id.label("key"),
        _V.ended_at.label("moment"),
        _V.customer_id,
        _V.conversation_id,
        _V.product_no,
    ).where(
        _V.ended_at > span.since,
        _V.ended_at <= span.until,
        _V.turns > 0,
        _V.line.is_not(None),
        _V.product_no.is_not(None),
        _V.ordered_at.is_(None),
        _V.handed_over.is_(False),
        span.new(subject),
        *span.of(_V.customer_id, _V.conversation_id),
    )

    def make(row: Any) -> Candidate:
        return Candidate(
            span.trigger, str(row.key), row.moment, row.customer_id, row.conversation_id, product_no=row.product_no
        )

    return _pages(session, query, _V.ended_at, _V.first_message_id, make)


def _left(session: Session, span: Span) -> Iterator[list[Candidate]]:
    kind = "cart" if span.trigger == "cart_left" else "favourite"
    later: Any = aliased(OrderEvent.__table__)
    again = [
        later.c.customer_id == _E.customer_id,
        later.c.kind == kind,
        or_(later.c.occurred_at > _E.occurred_at, and_(later.c.occurred_at == _E.occurred_at, later.c.id > _E.id)),
    ]
    if kind == "favourite":
        again.append(later.c.object_id == _E.object_id)
    query = select(_E.id.label("key"), _E.occurred_at.label("moment"), _E.customer_id, _E.object_id, _E.payload).where(
        _E.kind == kind,
        _E.occurred_at > span.since,
        _E.occurred_at <= span.until,
        _E.customer_id.is_not(None),
        ~select(literal(1)).select_from(later).where(*again).exists(),
        span.new(cast(_E.id, String)),
        *span.of(_E.customer_id),
    )

    def make(row: Any) -> Candidate | None:
        product = left_product(kind, row.payload)
        if product is None:
            return None
        return Candidate(span.trigger, str(row.key), row.moment, row.customer_id, product_no=product)

    return _pages(session, query, _E.occurred_at, _E.id, make)


def left_product(kind: str, payload: Any) -> str | None:
    """The product that a cart or a favourite is about first; None when there is nothing in it any more."""
    if kind == "favourite":
        product = str(payload.get("product_no") or "")
        return product if product and payload.get("added", True) else None
    lines = [each for each in payload.get("lines") or () if int(each.get("quantity", 1)) > 0]
    return str(lines[0].get("product_no")) if lines else None


def _wishes(session: Session, span: Span) -> Iterator[list[Candidate]]:
    sku, product = Sku.__table__.c, Product.__table__.c
    query = (
        select(_W.wisher, _W.sku_code, _W.conversation_id, _W.asked_at, sku.product_no, _N.customer_id)
        .select_from(
            StockWish.__table__.join(Sku.__table__, sku.code == _W.sku_code)
            .join(Product.__table__, product.no == sku.product_no)
            .outerjoin(Conversation.__table__, _N.id == _W.conversation_id)
        )
        .where(_W.told_at.is_(None), sku.stock > 0, product.status == "on_sale", *span.of(_W.wisher, _N.customer_id))
        .order_by(_W.sku_code, _W.wisher)
    )
    found: list[Candidate] = []
    for row in session.execute(query):
        subject = f"{row.wisher}:{row.sku_code}:{int(row.asked_at.timestamp())}"
        # Who was a visitor then may have signed in since.
        customer = row.wisher if row.wisher != row.conversation_id else row.customer_id
        found.append(
            Candidate(
                span.trigger,
                subject,
                span.now,
                customer,
                row.conversation_id,
                product_no=row.product_no,
                sku_code=row.sku_code,
            )
        )
    for place in range(0, len(found), PAGE):
        yield _unknown(session, span, found[place : place + PAGE])


def _none(*_: Any) -> Iterator[list[Candidate]]:
    return iter(())


_FINDERS: dict[TriggerName, Callable[..., Iterator[list[Candidate]]]] = {
    "asked": _visits,
    "silence": _none,
    "cart_left": _left,
    "favourite_left": _left,
    "back_in_stock": _wishes,
    "unpaid": _by_moment(_O.placed_at, UNPAID, _O.state == "unpaid"),
    "balance_due": _balance_due,
    "paid": _by_moment(_O.paid_at, _O.state == "paid"),
    "dispatched": _by_moment(_O.shipped_at, UNDER_WAY),
    "dispatch_late": _dispatch_late,
    "stuck": _parcels,
    "out_for_delivery": _parcels,
    "delivered": _by_moment(_O.delivered_at, DELIVERED),
    "confirmed": _by_moment(_O.confirmed_at, CONFIRMED),
    "refund_moved": _refunds,
}
