"""The default adapter: this project's own tables."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from sixty.shop.catalogue import find_product
from sixty.shop.deeds import recording
from sixty.shop.deeds.deed import Deed, DeedRecord, Done
from sixty.shop.deeds.effects import OwnTables
from sixty.shop.deeds.performing import perform
from sixty.shop.gateways.normal_form import CatalogueProduct, CatalogueSku, Order
from sixty.shop.gateways.ports import Reading
from sixty.shop.models import Product
from sixty.shop.orders import Viewer, order_for, order_to_change, orders_of
from sixty.shop.policies.reading import Policies
from sixty.shop.proofs import Proof, prove_order
from sixty.tables import column


class SqlOrders:
    """Orders of the tables. Proving writes, so it wants a session that may.

    Args:
        session: A session on the shop's database.
        now: The present moment.
        policies: What decides about deeds; the policies of this deployment when left out.
    """

    def __init__(self, session: Session, now: datetime, policies: Policies | None = None) -> None:
        self._session = session
        self._now = now
        self._policies = policies

    def orders_of(self, viewer: Viewer, limit: int = 5) -> Reading[tuple[Order, ...]]:
        """Lists the viewer's orders, the newest first."""
        return Reading(tuple(orders_of(self._session, viewer, limit, self._now)), self._now)

    def order_for(self, order_no: str, viewer: Viewer) -> Reading[Order | None]:
        """Reads one order, if it is the viewer's."""
        return Reading(order_for(self._session, order_no, viewer, self._now), self._now)

    def prove(self, conversation_id: str, order_no: str, phone_tail: str) -> Proof:
        """Checks a visitor's claim to an order."""
        return prove_order(self._session, conversation_id, order_no, phone_tail, self._now)

    def perform(self, viewer: Viewer, deed: Deed) -> Done:
        """Does a deed once under its key; its effect and its record are one transaction."""
        return perform(
            self._session,
            viewer,
            deed,
            self._now,
            lambda: order_to_change(self._session, deed.order_no or "", viewer, self._now),
            OwnTables(self._session, viewer, self._now),
            self._policies,
        )

    def deeds_of(self, viewer: Viewer, order_no: str | None = None) -> tuple[DeedRecord, ...]:
        """Lists deeds of an order of the viewer's, or all they asked for."""
        if order_no is None:
            return recording.deeds_of(self._session, viewer, None)
        order = self.order_for(order_no, viewer).value
        return recording.deeds_of(self._session, viewer, order.no) if order is not None else ()


class SqlCatalogue:
    """Products of the tables.

    Args:
        session: A session on the shop's database.
        now: The present moment.
    """

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def product(self, no: str) -> Reading[CatalogueProduct | None]:
        """Reads one product with its variants."""
        found = find_product(self._session, no)
        return Reading(_product(found) if found is not None else None, self._now)

    def products(self, after: str | None = None, limit: int = 100) -> tuple[CatalogueProduct, ...]:
        """Reads the products that follow a number."""
        query = select(Product).options(selectinload(Product.skus)).order_by(Product.no).limit(limit)
        if after is not None:
            query = query.where(column(Product.no) > after)
        return tuple(_product(each) for each in self._session.scalars(query))


def _product(row: Product) -> CatalogueProduct:
    return CatalogueProduct(
        no=row.no,
        name=row.name,
        category=row.category,
        kind=row.kind,
        brand=row.brand,
        status=row.status,
        skus=tuple(
            CatalogueSku(
                code=sku.code,
                stock=sku.stock,
                list_price=sku.list_price,
                price=sku.price,
                member_price=sku.member_price,
                color=sku.color,
                size=sku.size,
                spec=sku.spec,
            )
            for sku in row.skus
        ),
    )
