"""What the audience of a case is chosen by, read for many cases at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.outreach.candidates import Candidate
from sixty.outreach.scenes import Book, Crowd, Facts, Scene
from sixty.shop.customer_kinds import is_member
from sixty.shop.models import Customer, Order, OrderLine, Product, Sku

_O: Any = Order.__table__.c
_L: Any = OrderLine.__table__.c
_P: Any = Product.__table__.c
_S: Any = Sku.__table__.c
_CU: Any = Customer.__table__.c


@dataclass(frozen=True)
class CaseFacts:
    """What is known of one case when it is planned.

    Attributes:
        facts: What audiences ask for.
        category: Of its goods; of the dearest where there are several.
        product_no: The product that it is about.
        region: Where it goes, or the customer lives.
    """

    facts: Facts
    category: str
    product_no: str | None
    region: str


def facts_of_all(session: Session, book: Book, scene: Scene, found: Sequence[Candidate]) -> list[CaseFacts]:
    """Reads the facts of candidates, in their order.

    Args:
        session: Any session.
        book: The scenes, for the campaigns' phases.
        scene: The scene that the candidates are of.
        found: A page of candidates.
    """
    orders = _orders(session, {each.order_no for each in found if each.order_no})
    lines = _lines(session, list(orders))
    products = _products(session, {each.product_no for each in found if each.product_no and not each.order_no})
    customers = _customers(session, {each.customer_id for each in found if each.customer_id})
    firsts = _first_payments(session, {each.customer_id for each in found if each.customer_id})
    # Only few scenes ask for the phase, and working it out costs more than all the rest.
    asked = any(audience.phases for audience in scene.audiences.values())
    phases = book.phases if asked else (lambda moment: frozenset())
    made = []
    for each in found:
        level, home = customers.get(each.customer_id or "", (None, ""))
        crowds: set[Crowd] = {"member"} if is_member(level) else set()
        first = firsts.get(each.customer_id or "")
        own = orders.get(each.order_no or "")
        before = first is not None and (own is None or own.placed_at > first)
        crowds.add("returning" if before else "new")
        if own is not None:
            of_order = lines.get(own.no, [])
            amount = own.goods_amount - own.discount + own.postage
            # Of equally dear ones the one that stands first.
            main = max(of_order, key=lambda line: line.share, default=None)
            product, category = (main.product_no, main.category) if main is not None else (None, "")
            region = own.region or home
        else:
            product = each.product_no
            category, price = products.get(product or "", ("", None))
            amount, region = price, home
        # The words name the dearest article, so the audience goes by the same one.
        numbers = frozenset([product] if product else [])
        categories = frozenset([category] if category else [])
        facts = Facts(amount, numbers, categories, region, level, frozenset(crowds), phases(each.moment))
        made.append(CaseFacts(facts, category, product, region))
    return made


def _orders(session: Session, numbers: Collection[str]) -> dict[str, Any]:
    query = select(_O.no, _O.placed_at, _O.goods_amount, _O.discount, _O.postage, _O.region).where(_O.no.in_(numbers))
    return {row.no: row for row in session.execute(query)} if numbers else {}


def _lines(session: Session, numbers: Collection[str]) -> dict[str, list[Any]]:
    if not numbers:
        return {}
    query = (
        select(_L.order_no, _L.product_no, _L.share, _P.category)
        .select_from(OrderLine.__table__.join(Product.__table__, _P.no == _L.product_no))
        .where(_L.order_no.in_(numbers))
        .order_by(_L.order_no, _L.ordinal)
    )
    found: dict[str, list[Any]] = {}
    for row in session.execute(query):
        found.setdefault(row.order_no, []).append(row)
    return found


def _products(session: Session, numbers: Collection[str]) -> dict[str, tuple[str, Decimal | None]]:
    if not numbers:
        return {}
    query = (
        select(_P.no, _P.category, func.min(_S.price).label("price"))
        .select_from(Product.__table__.outerjoin(Sku.__table__, _S.product_no == _P.no))
        .where(_P.no.in_(numbers))
        .group_by(_P.no, _P.category)
    )
    return {row.no: (row.category, row.price) for row in session.execute(query)}


def _customers(session: Session, ids: Collection[str]) -> dict[str, tuple[str, str]]:
    if not ids:
        return {}
    query = select(_CU.id, _CU.level, _CU.region).where(_CU.id.in_(ids))
    return {row.id: (row.level, row.region) for row in session.execute(query)}


def _first_payments(session: Session, ids: Collection[str]) -> dict[str, Any]:
    """When each customer placed the first order that was paid."""
    if not ids:
        return {}
    query = (
        select(_O.customer_id, func.min(_O.placed_at).label("first"))
        .where(_O.customer_id.in_(ids), _O.paid_at.is_not(None))
        .group_by(_O.customer_id)
    )
    return {row.customer_id: row.first for row in session.execute(query)}
