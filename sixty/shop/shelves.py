"""Where a product stands in the shop: its category and its kind."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.models import Product
from sixty.tables import column


@dataclass(frozen=True)
class Shelf:
    """A category (`数码家电`) and the kind within it (`空调`), None where only the category is known."""

    category: str
    kind: str | None = None


def shelf_of_kind(session: Session, kind: str) -> Shelf | None:
    """The shelf that a kind stands on; None when nothing of that kind is sold, or when it stands on several."""
    categories = session.scalars(
        select(column(Product.category)).where(column(Product.kind) == kind).distinct().limit(2)
    ).all()
    return Shelf(categories[0], kind) if len(categories) == 1 else None
