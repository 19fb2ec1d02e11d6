"""Products as candidates: what must be known of them to suggest one, read a few at a time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, select, type_coerce
from sqlalchemy.orm import Session

from sixty.shop.climate import Temperatures
from sixty.shop.models import Attribute, Product, SizeChart, Sku
from sixty.shop.pricing.amounts import yuan
from sixty.shop.reading import any_of, read
from sixty.shop.recommendations.audience import Audience, audience_of
from sixty.shop.stock import plain_size
from sixty.shop.warmth import temperatures_in

_ENDINGS = "。！～!~，,；; "


_P, _S, _A, _C = Product.__table__.c, Sku.__table__.c, Attribute.__table__.c, SizeChart.__table__.c

_PRODUCTS = (
    select(
        *(_P.no, _P.name, _P.category, _P.kind, _P.brand, _P.status, _P.successor_no, _P.size_chart_id),
        _C.name.label("size_chart"),
    )
    .select_from(Product.__table__.outerjoin(SizeChart.__table__, _C.id == _P.size_chart_id))
    .where(_P.no.in_(any_of("products")))
)
_SKUS = (
    select(
        *(_S.product_no, _S.code, _S.color, _S.size, _S.spec, _S.stock),
        # In whole fen: a shop has far fewer prices than variants, so an amount is made once.
        *(type_coerce(each, BigInteger) for each in (_S.price, _S.cost, _S.list_price, _S.member_price)),
    )
    .where(_S.product_no.in_(any_of("products")))
    .order_by(_S.product_no, _S.price, _S.code)
)
_ATTRIBUTES = (
    select(_A.product_no, _A.key, _A.value, _A.selling_point)
    .where(_A.product_no.in_(any_of("products")))
    .order_by(_A.product_no, _A.ordinal, _A.key)
)


class Piece(NamedTuple):
    """A variant, with what decides whether it is suggested."""

    product_no: str
    code: str
    color: str
    size: str
    spec: str
    stock: int
    price: Decimal
    cost: Decimal | None
    list_price: Decimal
    member_price: Decimal | None


@dataclass(frozen=True)
class Good:
    """A product with its variants and what is written of it.

    Attributes:
        pieces: All its variants, the cheapest first.
        size_chart: The name of its size chart, which may tell whom it is cut for (`男款工装裤`).
        attributes: What is written of it, by key, in the order of its file.
        selling_points: What is good about that.
    """

    no: str
    name: str
    category: str
    kind: str
    brand: str
    status: str
    successor_no: str | None
    size_chart_id: str | None
    size_chart: str | None
    pieces: tuple[Piece, ...]
    attributes: dict[str, str]
    selling_points: dict[str, str]

    @cached_property
    def in_stock(self) -> tuple[Piece, ...]:
        """Its variants that can be bought, the cheapest first."""
        return tuple(piece for piece in self.pieces if piece.stock > 0)

    @property
    def can_be_bought(self) -> bool:
        """Whether it is on sale and any variant of it in stock."""
        return self.status == "on_sale" and bool(self.in_stock)

    @cached_property
    def audience(self) -> Audience:
        """Whom it is for."""
        return audience_of(self.name, self.kind, self.size_chart or "", self.attributes)

    @cached_property
    def temperatures(self) -> Temperatures | None:
        """Which temperatures it is made for; None where nobody wrote it down."""
        if "厚薄" not in self.attributes:
            return None
        return temperatures_in(f"{self.attributes['厚薄']}，{self.selling_points['厚薄']}")

    @property
    def is_used_up(self) -> bool:
        """Whether it does not keep, and so is bought again."""
        return "保质期" in self.attributes

    def in_size(self, size: str) -> tuple[Piece, ...]:
        """Its variants of a size that can be bought, however the size is written."""
        wanted = plain_size(size)
        return tuple(piece for piece in self.in_stock if piece.size and plain_size(piece.size) == wanted)


@lru_cache(maxsize=1 << 16)
def _amount(count: int | None) -> Any:
    return None if count is None else yuan(count)


def goods_of(session: Session, numbers: Collection[str], *, facts: bool = True) -> dict[str, Good]:
    """Reads products by their numbers, in the order asked for; those that don't exist are left out.

    Args:
        session: The shop's database.
        numbers: Which.
        facts: Whether what is written of them is read, too.
    """
    wanted = list(dict.fromkeys(numbers))
    if not wanted:
        return {}
    of = {"products": wanted}
    products = {row.no: row for row in read(session, _PRODUCTS, of)}
    pieces: dict[str, list[Piece]] = {}
    for product, code, color, size, spec, stock, *amounts in read(session, _SKUS, of):
        piece = Piece(product, code, color, size, spec, stock, *map(_amount, amounts))
        pieces.setdefault(product, []).append(piece)
    attributes: dict[str, dict[str, str]] = {}
    selling_points: dict[str, dict[str, str]] = {}
    for no, key, value, point in read(session, _ATTRIBUTES, of) if facts else ():
        attributes.setdefault(no, {})[key] = "，".join(value.strip(_ENDINGS).split())
        selling_points.setdefault(no, {})[key] = point
    return {
        no: Good(
            **products[no]._mapping,
            pieces=tuple(pieces.get(no, ())),
            attributes=attributes.get(no, {}),
            selling_points=selling_points.get(no, {}),
        )
        for no in wanted
        if no in products
    }
