"""The database as every start expects it: migrated and, in development, with the demo shop in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone

from sixty.errors import OperatorError
from sixty.settings import Settings

# SQLAlchemy and Alembic are imported when they are needed: `sixty --help` can do without.


def migrate(settings: Settings) -> None:
    """Brings the database to the newest migration.

    Raises:
        OperatorError: It cannot be reached.
    """
    from sixty.shop.database import upgrade_database

    with _plain_errors(settings):
        upgrade_database(settings.database_url)


def seed_demo(settings: Settings, scale: int = 1) -> str:
    """Migrates the database, puts the demo shop into it in place of an earlier one, and says what it did.

    Args:
        settings: The deployment's settings.
        scale: How many times the demo shop.

    Raises:
        OperatorError: The demo's files are wrong, or there is a real shop in the database.
    """
    from sixty.shop.database import shop_session
    from sixty.shop.demo import seed

    migrate(settings)
    with _plain_errors(settings), shop_session(settings.database_url) as session:
        report = seed(session, datetime.now(timezone.utc), scale=scale, path=settings.playbook / "demo")
    return f"demo shop with {report.products} products and {report.orders} orders seeded"


def prepare_database(settings: Settings) -> str:
    """Migrates the database, fills an empty one with the demo shop, and says what it did.

    Raises:
        OperatorError: It cannot be reached or filled.
    """
    from sqlalchemy import select

    from sixty.shop.database import shop_session
    from sixty.shop.models import Product

    migrate(settings)
    if not settings.demo:
        return "database migrated"
    with _plain_errors(settings), shop_session(settings.database_url) as session:
        is_empty = session.execute(select(Product.no).limit(1)).first() is None
    if is_empty:
        told = seed_demo(settings)
        return f"{told}, {_add_chats(settings)} chats of the past"
    return "database migrated, the shop is in it (sixty seed renews the demo and the times of its orders)"


def _add_chats(settings: Settings) -> int:
    """Gives the demo shop a past, so that its workbench has something to show."""
    from sixty.desk.demo_chats import add_demo_chats
    from sixty.shop.database import shop_session
    from sixty.shop.located import FilesError

    with _plain_errors(settings), shop_session(settings.database_url) as session:
        try:
            return add_demo_chats(session, settings.playbook / "demo", datetime.now(timezone.utc))
        except FilesError as error:
            raise OperatorError(str(error)) from None


@contextmanager
def _plain_errors(settings: Settings) -> Iterator[None]:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, OperationalError

    from sixty.shop.demo import DemoError, SeedRefusedError

    try:
        yield
    except (DemoError, SeedRefusedError) as error:
        raise OperatorError(str(error)) from error
    except ArgumentError as error:
        raise OperatorError(f"SIXTY_DATABASE_URL is no address of a database: {error}") from None
    except OperationalError as error:
        # Without the password that the address may hold.
        address = repr(make_url(settings.database_url))
        reason = " ".join(str(error.orig).split())
        raise OperatorError(f"The database {address} (SIXTY_DATABASE_URL) cannot be used: {reason}") from error
