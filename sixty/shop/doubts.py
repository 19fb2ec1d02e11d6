"""Which of a customer's doubts a product can settle, and which questions settle them (F22)."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.gaps import DOUBT_OF_KEY
from sixty.shop.models import Attribute, Doubt, Product
from sixty.shop.relink import predecessors
from sixty.shop.size_guides import guide_of
from sixty.tables import column

# Which doubt is settled by the answer to a question that is about no attribute.
_DOUBT_OF_QUESTION: dict[str, Doubt] = {
    "ask_size": "size",
    "ask_quality": "quality",
    "ask_warranty": "quality",
    "ask_shelf_life": "date",
    "ask_ship_time": "date",
    "ask_delivery_time": "date",
    "ask_usage": "use",
}


def doubts_settled(session: Session, product: Product, asked: Iterable[tuple[str, str | None]]) -> set[Doubt]:
    """Says which doubts some answered questions have settled.

    Args:
        session: The shop's database.
        product: The product that they were about.
        asked: What was asked, as the question's name and the attribute where it was about one.
    """
    known = _doubts_by_key(session, product)
    found: set[Doubt | None] = set()
    for question, key in asked:
        found.add(known.get(key) or DOUBT_OF_KEY.get(key) if key is not None else _DOUBT_OF_QUESTION.get(question))
    return {doubt for doubt in found if doubt is not None}


def doubts_open(session: Session, product: Product, settled: Collection[Doubt]) -> set[Doubt]:
    """Says which doubts the shop could settle for a product and has not yet: what it can't tell is left out.

    Args:
        session: The shop's database.
        product: The product.
        settled: The doubts that have been settled already.
    """
    able: set[Doubt] = {doubt for doubt in _doubts_by_key(session, product).values() if doubt is not None}
    if guide_of(session, product) is not None:
        able.add("size")
    return able.difference(settled)


def facts_about(session: Session, product: Product, doubt: Doubt) -> list[str]:
    """The attributes of a product that answer a doubt, those that speak of it most plainly first.

    Args:
        session: The shop's database.
        product: The product.
        doubt: What the customer doubts.
    """
    known = [key for key, each in _doubts_by_key(session, product).items() if each == doubt]
    plainest = list(DOUBT_OF_KEY)
    return sorted(known, key=lambda key: (plainest.index(key) if key in plainest else len(plainest), key))


def _doubts_by_key(session: Session, product: Product) -> dict[str, Doubt | None]:
    found: dict[str, Doubt | None] = {}
    for each in (product, *predecessors(session, product.no)):
        query = select(Attribute.key, Attribute.doubt).where(column(Attribute.product_no) == each.no)
        for key, doubt in session.execute(query):
            found.setdefault(key, doubt or DOUBT_OF_KEY.get(key))
    return found
