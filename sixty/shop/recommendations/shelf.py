"""Finds candidates on the shop's shelves: of a kind, near a price, what sells best.

The shelves are put in order by `sixty shop mine-pairs` and after an import: a table with an index for each question,
so that a question costs the same in a shop of any size. Before that was ever done they are read from the catalogue
itself, which is quick enough for a shop that is only being set up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, case, delete, func, insert, literal, select, union_all
from sqlalchemy.orm import Session

from sixty.shop.models import Product, Sku
from sixty.shop.reading import any_of, read
from sixty.shop.recommendations.models import ProductSales, ShelfKind, ShelfPlace
from sixty.tables import Money, column

REACH = 8
"""Within a budget this many times as many best sellers are looked through, before all that it allows is read."""


class Place(NamedTuple):
    """A product at one of its prices, and how often it was bought."""

    product_no: str
    price: Decimal
    category: str
    kind: str
    sold: int


class KindOnShelf(NamedTuple):
    """A kind of products that can be bought."""

    category: str
    kind: str
    products: int
    sold: int


def _from_catalogue() -> Any:
    # A product counts at its lowest price once, and at each other price that one of its variants has.
    lowest = (
        select(column(Sku.product_no).label("no"), func.min(Sku.price).label("lowest"))
        .where(column(Sku.stock) > 0)
        .group_by(Sku.product_no)
        .subquery("lowest")
    )
    return (
        select(
            column(Product.no).label("product_no"),
            column(Sku.price).label("price"),
            column(Product.category).label("category"),
            column(Product.kind).label("kind"),
            func.coalesce(ProductSales.orders, 0).label("sold"),
            case((column(Sku.price) == lowest.c.lowest, True), else_=False).label("first"),
        )
        .select_from(Product)
        .join(Sku, column(Sku.product_no) == Product.no)
        .join(lowest, lowest.c.no == Product.no)
        .outerjoin(ProductSales, column(ProductSales.product_no) == Product.no)
        .where(column(Product.status) == "on_sale", column(Sku.stock) > 0)
        .group_by(Product.no, Sku.price, Product.category, Product.kind, ProductSales.orders, lowest.c.lowest)
    )


_ANY = select(literal(1)).select_from(ShelfPlace).limit(1)
_NAMES = ("product_no", "price", "category", "kind", "sold", "first")


def put_in_order(session: Session) -> int:
    """Puts the shelves in order: as products, prices and stock are now, and sales as they were last counted.

    Returns:
        How many places there are.
    """
    session.execute(delete(ShelfPlace).execution_options(synchronize_session=False))
    session.execute(insert(ShelfPlace.__table__).from_select(list(_NAMES), _from_catalogue()))
    session.execute(delete(ShelfKind).execution_options(synchronize_session=False))
    session.execute(
        insert(ShelfKind.__table__).from_select(["category", "kind", "products", "sold"], _kinds_of(ShelfPlace))
    )
    return int(session.scalar(select(func.count()).select_from(ShelfPlace)) or 0)


def _kinds_of(places: Any, *, of_category: bool = False) -> Any:
    return (
        select(places.category, places.kind, func.count().label("products"), func.sum(places.sold).label("sold"))
        .where(places.first, *([places.category == bindparam("category")] if of_category else []))
        .group_by(places.category, places.kind)
    )


class Shelf:
    """The shelves as they stand, for one session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        # None until it is known whether the shelves were ever put in order.
        self._is_kept: bool | None = None

    def near(self, category: str, kind: str, price: Decimal, limit: int) -> list[Place]:
        """Products of a kind whose price is nearest to another one, up to so many on either side."""
        of = {"category": category, "kind": kind, "price": price, "limit": limit}
        return [*self._read(of, "kind", "at_most", order="dearest"), *self._read(of, "kind", "above", order="cheapest")]

    def above(self, category: str, kind: str, price: Decimal, most: Decimal, limit: int) -> list[Place]:
        """Products of a kind that cost more, up to a limit, the cheapest first."""
        of = {"category": category, "kind": kind, "price": price, "high": most, "limit": limit}
        return self._read(of, "kind", "above", "high", order="cheapest")

    def from_prices(self, asked: Sequence[tuple[Decimal, int, str]]) -> list[Place]:
        """Products at least as dear as some prices, the cheapest for each.

        Args:
            asked: Prices, how many products for each, and of which category; empty for any.
        """
        if not asked:
            return []
        values: dict[str, Any] = {}
        for number, (price, limit, category) in enumerate(asked):
            values |= {f"low{number}": price, f"limit{number}": limit}
            values |= {f"category{number}": category} if category else {}
        of_categories = tuple(bool(category) for _, _, category in asked)
        rows = self._rows(_kept_from(of_categories), lambda: _from_prices(_live, of_categories), values)
        return [Place(*row) for row in rows]

    def of_products(self, numbers: Sequence[str], limit: int) -> list[Place]:
        """Some products at their prices, the cheapest first."""
        return self._read({"products": list(numbers), "limit": limit}, "products", order="cheapest")

    def best_sellers(
        self,
        limit: int,
        kinds: Sequence[tuple[str, str]] = (),
        category: str = "",
        low: Decimal | None = None,
        high: Decimal | None = None,
    ) -> list[Place]:
        """What sells best: of some kinds, of a category or of the whole shop, within a budget."""
        within = {name: amount for name, amount in (("low", low), ("high", high)) if amount is not None}
        found: list[Place] = []
        if kinds:
            for of_category, kind in kinds:
                found += self._selling({"category": of_category, "kind": kind}, ("kind",), limit, within)
            found.sort(key=lambda place: (place.sold, place.product_no), reverse=True)
        elif category:
            found = self._selling({"category": category}, ("category",), limit, within)
        else:
            found = self._selling({}, (), limit, within)
        return _once(found)[:limit]

    def kinds(self, category: str = "") -> list[KindOnShelf]:
        """All kinds that can be bought, of a category or of the whole shop, what sells best first."""
        of = {"category": category} if category else {}
        in_order = self._was_put_in_order()
        query = _kept_kinds(bool(of)) if in_order else _kinds_of(_live(), of_category=bool(of))
        found = [KindOnShelf(*row) for row in read(self._session, query, of)]
        return sorted(found, key=lambda each: (-each.sold, -each.products, each.category, each.kind))

    def _selling(
        self, of: dict[str, Any], conditions: tuple[str, ...], limit: int, within: dict[str, Decimal]
    ) -> list[Place]:
        values = {**of, **within, "limit": limit}
        if within and self._is_kept is not False:
            # No index is in the order of sales and of prices. Of what sells best enough is within a usual budget; what
            # is within an unusual one is little.
            statement = _kept_of_best(conditions, tuple(within))
            found = [Place(*row) for row in read(self._session, statement, {**values, "reach": REACH * limit})]
            if len(found) == limit:
                return found
        return self._read(values, *conditions, *(within or ("first",)), order="sold")

    def _read(self, values: dict[str, Any], *conditions: str, order: str) -> list[Place]:
        rows = self._rows(_kept(conditions, order), lambda: _statement(_live(), conditions, order), values)
        return [Place(*row) for row in rows]

    def _rows(self, kept: Any, live: Callable[[], Any], values: dict[str, Any]) -> list[Any]:
        """Reads places as they were put in order; as the catalogue is where that was never done."""
        if self._is_kept is not False:
            rows = read(self._session, kept, values)
            # What was found is there. Whether nothing is, or nothing fits, is asked once.
            if rows:
                self._is_kept = True
            if self._was_put_in_order():
                return rows
        return read(self._session, live(), values)

    def _was_put_in_order(self) -> bool:
        if self._is_kept is None:
            self._is_kept = bool(read(self._session, _ANY, {}))
        return self._is_kept


def _live() -> Any:
    return _from_catalogue().subquery("shelf").c


@cache
def _kept(conditions: tuple[str, ...], order: str) -> Any:
    return _statement(ShelfPlace.__table__.c, conditions, order)


@cache
def _kept_of_best(conditions: tuple[str, ...], within: tuple[str, ...]) -> Any:
    """Of so many places that sell best, those within a budget."""
    best = _statement(ShelfPlace.__table__.c, conditions, "sold", limit="reach").subquery("best")
    return _statement(best.c, within, "sold")


def _statement(places: Any, conditions: tuple[str, ...], order: str, number: str = "", *, limit: str = "limit") -> Any:
    """The places that fulfil some conditions, as many as a parameter says; every order is that of an index."""

    def amount(name: str) -> Any:
        return bindparam(f"{name}{number}", type_=Money())

    of: dict[str, Callable[[], Any]] = {
        "kind": lambda: and_(places.category == bindparam("category"), places.kind == bindparam("kind")),
        "category": lambda: places.category == bindparam(f"category{number}"),
        "products": lambda: places.product_no.in_(any_of("products")),
        "first": lambda: places.first,
        "at_most": lambda: places.price <= amount("price"),
        "above": lambda: places.price > amount("price"),
        "low": lambda: places.price >= amount("low"),
        "high": lambda: places.price <= amount("high"),
    }
    orders = {
        "cheapest": (places.price, places.product_no),
        "dearest": (places.price.desc(), places.product_no.desc()),
        "sold": (places.sold.desc(), places.product_no.desc()),
    }
    wanted = select(places.product_no, places.price, places.category, places.kind, places.sold)
    return (
        wanted.where(*(of[each]() for each in conditions)).order_by(*orders[order]).limit(bindparam(f"{limit}{number}"))
    )


@cache
def _kept_from(of_categories: tuple[bool, ...]) -> Any:
    return _from_prices(lambda: ShelfPlace.__table__.c, of_categories)


def _from_prices(places_of: Callable[[], Any], of_categories: Sequence[bool]) -> Any:
    """One statement for several prices: each is asked by index, and the way to the database is gone once."""
    parts = []
    for number, of_category in enumerate(of_categories):
        conditions = ("category", "low") if of_category else ("low",)
        part = _statement(places_of(), conditions, "cheapest", str(number)).subquery(f"from_{number}")
        parts.append(select(*part.c))
    return union_all(*parts)


@cache
def _kept_kinds(of_category: bool) -> Any:
    kinds = ShelfKind.__table__.c
    return select(*kinds).where(*([kinds.category == bindparam("category")] if of_category else []))


def _once(places: Iterable[Place]) -> list[Place]:
    found: dict[str, Place] = {}
    for place in places:
        found.setdefault(place.product_no, place)
    return list(found.values())
