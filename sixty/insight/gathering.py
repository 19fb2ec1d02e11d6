"""Reads what the golden minute is worked out from: messages, the conversation, its goods, orders and other deeds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from sixty.insight.attribution import Bought
from sixty.insight.turns import Goods, Said
from sixty.insight.willingness import Deed, DeedKind
from sixty.ledger.models import Message
from sixty.shop.models import Order, OrderLine, Product
from sixty.shop.order_events.models import OrderEvent
from sixty.shop.own_channels.models import OwnChannelMark, OwnChannelVisit

_MESSAGES: Any = Message.__table__
_ORDERS: Any = Order.__table__
_LINES: Any = OrderLine.__table__
_EVENTS: Any = OrderEvent.__table__
_MARKS: Any = OwnChannelMark.__table__
_JOINED: Any = OwnChannelVisit.__table__
_PRODUCTS: Any = Product.__table__

_SAID = (
    _MESSAGES.c.id,
    _MESSAGES.c.author,
    _MESSAGES.c.at,
    _MESSAGES.c.kind,
    _MESSAGES.c.text,
    _MESSAGES.c.payload,
    _MESSAGES.c.understood,
    _MESSAGES.c.state,
    _MESSAGES.c.answers_id,
    _MESSAGES.c.channel,
)
# A conversation that has run for so long without a pause is read no further back by a live turn.
_MOST_LIVE = 400
_PAGE = 60
_DEEDS: dict[str, DeedKind] = {"cart": "cart", "favourite": "favourite"}


def messages_from(session: Session, conversation_id: str, from_id: int = 0) -> list[Said]:
    """The messages of a conversation from one on, in order."""
    query = (
        select(*_SAID)
        .where(_MESSAGES.c.conversation_id == conversation_id, _MESSAGES.c.id >= from_id)
        .order_by(_MESSAGES.c.id)
    )
    return [_said(row) for row in session.execute(query)]


def latest_visit(session: Session, conversation_id: str, pause: timedelta) -> list[Said]:
    """The messages since the last long pause, in order; those of a very long visit from its later part on."""
    found: list[Said] = []
    before: int | None = None
    while len(found) < _MOST_LIVE:
        query = select(*_SAID).where(_MESSAGES.c.conversation_id == conversation_id)
        if before is not None:
            query = query.where(_MESSAGES.c.id < before)
        rows = [_said(row) for row in session.execute(query.order_by(_MESSAGES.c.id.desc()).limit(_PAGE))]
        for each in rows:
            if found and found[-1].at - each.at > pause:
                return found[::-1]
            found.append(each)
        if len(rows) < _PAGE:
            break
        before = rows[-1].id
    return found[::-1]


def goods_of(session: Session, said: Iterable[Said], pages: Iterable[str | None] = ()) -> Goods:
    """What the shop knows of the products and kinds that messages name.

    Args:
        session: An open session.
        said: The messages.
        pages: Products on whose pages the conversation stood open.
    """
    products: set[str] = {page for page in pages if page}
    kinds: set[str] = set()
    shelves: set[str] = set()
    for each in said:
        card = each.payload.get("card")
        if isinstance(card, dict) and card.get("type") == "product" and card.get("no"):
            products.add(str(card["no"]))
        for entity in (each.understood or {}).get("entities") or ():
            if not isinstance(entity, dict) or not entity.get("value"):
                continue
            named = {"product": products, "kind": kinds, "category": shelves}.get(str(entity.get("entity")))
            if named is not None:
                named.add(str(entity["value"]))
    categories: dict[str, str] = {}
    if products:
        query = select(_PRODUCTS.c.no, _PRODUCTS.c.category).where(_PRODUCTS.c.no.in_(sorted(products)))
        categories = {row.no: row.category for row in session.execute(query)}
    of_kinds: dict[str, str] = {}
    if kinds or shelves:
        known = or_(_PRODUCTS.c.kind.in_(sorted(kinds)), _PRODUCTS.c.category.in_(sorted(shelves)))
        query = select(_PRODUCTS.c.kind, _PRODUCTS.c.category).where(known).distinct()
        # Where a kind stands on two shelves, the same one every time.
        of_kinds = {row.kind: row.category for row in session.execute(query.order_by(*query.selected_columns))}
    return Goods(categories, of_kinds)


def orders_of(
    session: Session, customer_ids: Collection[str], since: datetime, until: datetime | None = None
) -> dict[str, list[Bought]]:
    """The orders that customers placed from one moment on, without those that were closed unpaid."""
    if not customer_ids:
        return {}
    placed = (
        _ORDERS.c.customer_id.in_(sorted(customer_ids)),
        _ORDERS.c.placed_at >= since,
        *(() if until is None else (_ORDERS.c.placed_at <= until,)),
        or_(_ORDERS.c.state != "closed", _ORDERS.c.paid_at.isnot(None)),
    )
    query = (
        select(
            _ORDERS.c.no,
            _ORDERS.c.customer_id,
            _ORDERS.c.placed_at,
            _ORDERS.c.goods_amount,
            _ORDERS.c.discount,
            _ORDERS.c.postage,
            _LINES.c.product_no,
        )
        .outerjoin(_LINES, _LINES.c.order_no == _ORDERS.c.no)
        .where(*placed)
        .order_by(_ORDERS.c.placed_at, _ORDERS.c.no)
    )
    products: dict[str, set[str]] = defaultdict(set)
    rows: dict[str, Any] = {}
    for row in session.execute(query):
        rows[row.no] = row
        if row.product_no is not None:
            products[row.no].add(row.product_no)
    found: dict[str, list[Bought]] = defaultdict(list)
    for no, row in rows.items():
        amount = row.goods_amount - row.discount + row.postage
        found[row.customer_id].append(Bought(no, row.placed_at, amount, frozenset(products[no])))
    return dict(found)


def deeds_of(session: Session, customer_id: str | None, since: datetime, until: datetime) -> list[Deed]:
    """What a customer put into the cart or among the favourites meanwhile."""
    if customer_id is None:
        return []
    query = select(_EVENTS.c.kind, _EVENTS.c.occurred_at, _EVENTS.c.source, _EVENTS.c.external_id).where(
        _EVENTS.c.customer_id == customer_id,
        _EVENTS.c.occurred_at >= since,
        _EVENTS.c.occurred_at <= until,
        _EVENTS.c.kind.in_(sorted(_DEEDS)),
    )
    return [
        Deed(row.occurred_at, _DEEDS[row.kind], f"{row.source}/{row.external_id}") for row in session.execute(query)
    ]


def joined_of(session: Session, conversation_ids: Collection[str]) -> dict[str, list[Deed]]:
    """When one of the shop's own channels was joined by what a conversation had shown."""
    if not conversation_ids:
        return {}
    query = (
        select(_MARKS.c.conversation_id, _JOINED.c.at, _JOINED.c.channel_id, _JOINED.c.id)
        .join(_JOINED, and_(_JOINED.c.mark == _MARKS.c.mark, _JOINED.c.kind == "joined"))
        .where(_MARKS.c.conversation_id.in_(sorted(conversation_ids)))
    )
    found: dict[str, list[Deed]] = defaultdict(list)
    for row in session.execute(query):
        found[row.conversation_id].append(Deed(row.at, "own_channel", f"{row.channel_id}/{row.id}"))
    return dict(found)


def _said(row: Any) -> Said:
    return Said(
        id=row.id,
        author=row.author,
        at=row.at,
        kind=row.kind,
        text=row.text,
        payload=row.payload or {},
        understood=row.understood,
        state=row.state,
        answers_id=row.answers_id,
        channel=row.channel,
    )
