"""Engines, sessions and migrations of the database."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

PROJECT_ROOT = Path(__file__).resolve().parents[2]
MIGRATIONS = PROJECT_ROOT / "migrations"
BUSY_TIMEOUT_MS = 10_000
READ_ONLY = "sixty_read_only"
_TURN = "sixty_turn"
_MOST_THREADS = 45


@lru_cache(maxsize=8)
def engine_for(url: str) -> Engine:
    """Returns the engine of a database, one per address in each process.

    Args:
        url: An SQLAlchemy address, `sqlite:///…` or `postgresql://…`.
    """
    address = make_url(url)
    # An error that is logged must not say what a customer wrote.
    options: dict[str, Any] = {"future": True, "json_serializer": _json, "hide_parameters": True}
    if address.get_backend_name() != "sqlite":
        engine = create_engine(url, pool_pre_ping=True, **options)
        event.listen(engine, "begin", _begin_elsewhere)
        return engine
    on_disk = address.database not in (None, "", ":memory:")
    if on_disk:
        Path(str(address.database)).parent.mkdir(parents=True, exist_ok=True)
        # Another connection to a file costs nothing: nobody of a server's threads shall wait for one.
        options |= {"poolclass": QueuePool, "max_overflow": _MOST_THREADS}
    engine = create_engine(url, connect_args={"check_same_thread": False}, **options)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", partial(_begin_sqlite, threading.Lock()))
    event.listen(engine, "commit", _let_next_writer_in)
    event.listen(engine, "rollback", _let_next_writer_in)
    # Whoever drops a connection without ending what it has begun.
    event.listen(engine, "reset", _dropped)
    event.listen(engine, "invalidate", _dropped)
    return engine


@contextmanager
def shop_session(url: str | None = None, *, read_only: bool = False) -> Iterator[Session]:
    """Opens a session that commits when its block ends well and rolls back when it doesn't.

    Rows stay readable after the block, as far as they were loaded in it.

    Args:
        url: The database; that of the settings when left out.
        read_only: Promises not to write, which lets SQLite serve many readers beside a
            writer. A write in spite of it is an error.
    """
    if url is None:
        from sixty.settings import get_settings

        url = get_settings().database_url
    engine = engine_for(url)
    if read_only:
        engine = engine.execution_options(**{READ_ONLY: True})
    with Session(engine, future=True, expire_on_commit=False) as session, session.begin():
        yield session


def upgrade_database(url: str) -> None:
    """Brings a database to the newest migration, making its tables when it is empty."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["url"] = url
    command.upgrade(config, "head")


def _json(value: object) -> str:
    # Chinese as it is, so that a search with LIKE finds it.
    return json.dumps(value, ensure_ascii=False)


def _prepare_sqlite(connection: Any, record: object) -> None:
    # The driver must not open transactions of its own: `_begin_sqlite` does.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite(turn: threading.Lock, connection: Connection) -> None:
    # A deferred transaction that turns into a writer fails at once when another one wrote
    # meanwhile, whatever the busy timeout; one that starts as a writer waits its turn.
    read_only = connection.get_execution_options().get(READ_ONLY, False)
    if connection.info.get(READ_ONLY) is not read_only:
        connection.exec_driver_sql(f"PRAGMA query_only={'ON' if read_only else 'OFF'}")
        connection.info[READ_ONLY] = read_only
    if read_only:
        connection.exec_driver_sql("BEGIN")
        return
    # SQLite lets those who wait for a file sleep, longer and longer, and takes whoever happens to look when it is free.
    # The writers of one process queue here instead, and the next one begins as soon as the one before has ended.
    if turn.acquire(timeout=BUSY_TIMEOUT_MS / 1000):
        connection.info[_TURN] = turn
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except BaseException:
        _let_next_writer_in(connection)
        raise


def _let_next_writer_in(connection: Any) -> None:
    turn: threading.Lock | None = connection.info.pop(_TURN, None)
    if turn is not None:
        turn.release()


def _dropped(_: object, record: Any, *__: object) -> None:
    _let_next_writer_in(record)


def _begin_elsewhere(connection: Connection) -> None:
    if connection.get_execution_options().get(READ_ONLY, False):
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
