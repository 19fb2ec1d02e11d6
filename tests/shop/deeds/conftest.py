"""The demo shop, which has an order for every deed, on both kinds of database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from sixty.shop.database import engine_for, shop_session, upgrade_database
from sixty.shop.demo import seed
from sixty.shop.gateways.sql import SqlOrders
from sixty.shop.orders import Viewer

DEMO = Path(__file__).parents[3] / "playbook" / "demo"
WAITING, RECEIVED = Viewer("chat", "C051"), Viewer("chat", "C052")


@pytest.fixture(scope="session")
def deeds_database(shared_database: str, tmp_path_factory: pytest.TempPathFactory, now: datetime) -> Iterator[str]:
    """The demo shop in a database of its own, of the kind of the shared one."""
    if shared_database.startswith("sqlite"):
        url = f"sqlite:///{tmp_path_factory.mktemp('deeds') / 'deeds.db'}"
    else:
        url = f"{shared_database}_deeds"
        _make_database(shared_database, url)
    upgrade_database(url)
    with shop_session(url) as session:
        seed(session, now, path=DEMO)
    yield url
    engine_for(url).dispose()


def _make_database(beside: str, url: str) -> None:
    with engine_for(beside).connect() as connection:
        own = connection.execution_options(isolation_level="AUTOCOMMIT")
        own.exec_driver_sql(f"CREATE DATABASE {url.rsplit('/', 1)[1]}")


@pytest.fixture
def demo(deeds_database: str) -> Iterator[Session]:
    """A session on the demo shop; what a test does is taken back."""
    with engine_for(deeds_database).connect() as connection:
        transaction = connection.begin()
        with Session(connection, future=True, expire_on_commit=False) as opened:
            yield opened
        if transaction.is_active:
            transaction.rollback()


@pytest.fixture
def orders(demo: Session, now: datetime) -> SqlOrders:
    return SqlOrders(demo, now)
