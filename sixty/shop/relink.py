"""Relinking (更换链接): what a product taken off sale knew belongs to its successor, too."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.catalogue import AttributeAnswer, attribute_answer
from sixty.shop.models import Pairing, Product
from sixty.tables import column

_MOST_GENERATIONS = 8
_ENDINGS = "。！～!~，,；; "


@dataclass(frozen=True)
class InheritedAnswer:
    """One fact that is known of a predecessor only.

    Attributes:
        answer: The fact.
        predecessor: Whose it is.
        text: The answer as it may be said: whose fact it is stands in it.
    """

    answer: AttributeAnswer
    predecessor: Product
    text: str


def predecessors(session: Session, product_no: str) -> list[Product]:
    """Lists the off-sale products that a product takes the place of, the nearest generation first."""
    found: dict[str, Product] = {}
    generation = [product_no]
    for _ in range(_MOST_GENERATIONS):
        query = (
            select(Product)
            .where(column(Product.successor_no).in_(generation), column(Product.status) == "off_sale")
            .order_by(Product.no)
        )
        older = [each for each in session.scalars(query) if each.no not in found and each.no != product_no]
        if not older:
            break
        found.update((each.no, each) for each in older)
        generation = [each.no for each in older]
    return list(found.values())


def inherited_answer(session: Session, product_no: str, key: str) -> InheritedAnswer | None:
    """Says what a predecessor is like where nobody wrote it down for the product itself, and says whose it is.

    Args:
        session: The shop's database.
        product_no: The product in question.
        key: The attribute, in whichever word the customer used.

    Returns:
        The predecessor's fact; None when the product has one of its own, or no predecessor has any.
    """
    if attribute_answer(session, product_no, key) is not None:
        return None
    for older in predecessors(session, product_no):
        answer = attribute_answer(session, older.no, key)
        if answer is not None:
            value = "，".join(answer.value.rstrip(_ENDINGS).split())
            text = (
                f"这款的{answer.key}资料里还没写，它的上一款{older.name}（{older.no}）是：{value}，"
                "供您参考，新款可能有调整"
            )
            return InheritedAnswer(answer, older, text)
    return None


def pairings_of(session: Session, product_no: str) -> list[Pairing]:
    """Lists what goes with a product: its own pairings, then those of its predecessors that it lacks.

    A pairing with the product itself, as an old product may have had, is left out.
    """
    owners = [product_no, *(each.no for each in predecessors(session, product_no))]
    found: dict[str, Pairing] = {}
    for owner in owners:
        query = select(Pairing).where(column(Pairing.product_no) == owner).order_by(Pairing.ordinal, Pairing.with_no)
        for pairing in session.scalars(query):
            if pairing.with_no not in owners:
                found.setdefault(pairing.with_no, pairing)
    return list(found.values())
