"""A small shop of which every number is known."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from sixty.shop.database import shop_session
from sixty.shop.demo import seed
from sixty.shop.wording import SHOP_ZONE

SMALL_SHOP = Path(__file__).parent / "small_shop"


@pytest.fixture(scope="session")
def now() -> datetime:
    """The moment at which the small shop is looked at: three in the afternoon."""
    return datetime(2026, 5, 20, 15, 0, tzinfo=SHOP_ZONE)


@pytest.fixture(scope="session")
def _seeded(shared_database: str, now: datetime) -> None:
    with shop_session(shared_database) as session:
        seed(session, now, path=SMALL_SHOP)


@pytest.fixture
def shop(_seeded: None, session: Session) -> Session:
    """A session on a database that holds the small shop; what a test does is taken back."""
    return session
