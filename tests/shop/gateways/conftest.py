"""A reference system that holds the small shop, and the adapters that must behave alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.gateways.http import HttpCatalogue, HttpOrders
from sixty.shop.gateways.http_client import ShopClient
from sixty.shop.gateways.ports import CatalogueGateway, OrderGateway
from sixty.shop.gateways.reading_cache import ReadingCache
from sixty.shop.gateways.sql import SqlCatalogue, SqlOrders
from sixty.shop.models import Customer
from sixty.shop.orders import Viewer, orders_of
from tests.shop.gateways.reference_server import TOKEN, ReferenceServer, running

ADAPTERS = ("sql", "http")
OrdersAt = Callable[[datetime], OrderGateway]


@pytest.fixture
def system(shop: Session, now: datetime) -> Iterator[ReferenceServer]:
    """The merchant's system, with what the small shop's tables hold."""
    customers = list(shop.scalars(select(Customer.id)))
    orders = [order for customer in customers for order in orders_of(shop, Viewer("", customer), 100, now)]
    products = list(SqlCatalogue(shop, now).products(limit=1000))
    with running(ReferenceServer(orders=orders, products=products)) as served:
        yield served


@pytest.fixture
def client(system: ReferenceServer) -> ShopClient:
    return ShopClient(system.url, TOKEN, timeout=1.0)


@pytest.fixture(params=ADAPTERS)
def orders_at(request: pytest.FixtureRequest, shop: Session) -> OrdersAt:
    """The order gateway of an adapter, at a moment."""
    if request.param == "sql":
        return lambda moment: SqlOrders(shop, moment)
    client = request.getfixturevalue("client")
    # Nothing remembered: the contract is about what the system says now.
    cache = ReadingCache(fresh_for=timedelta(0))
    return lambda moment: HttpOrders(client, shop, moment, cache)


@pytest.fixture(params=ADAPTERS)
def catalogue(request: pytest.FixtureRequest, shop: Session, now: datetime) -> CatalogueGateway:
    if request.param == "sql":
        return SqlCatalogue(shop, now)
    return HttpCatalogue(request.getfixturevalue("client"), now, ReadingCache())
