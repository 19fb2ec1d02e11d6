from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, inspect, select, text
from sqlalchemy.exc import DBAPIError

import sixty.desk.handoffs  # noqa: F401  (declares the desk's tables)
from sixty.shop.database import engine_for, shop_session, upgrade_database
from sixty.shop.models import Customer
from sixty.tables import Base

WRITERS = 4
TIMES = 15


def _customer(name: str) -> Customer:
    return Customer(id=name, nickname=name, phone="13800000000")


def test_the_migrations_make_what_the_models_say(database_url: str) -> None:
    with engine_for(database_url).connect() as connection:
        options = {"compare_type": _same_in_the_database, "include_name": _ours}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def _ours(name: str | None, kind: str, _parents: Any) -> bool:
    # In which SQLite keeps the highest ids that were ever given.
    return (kind, name) != ("table", "sqlite_sequence")


def _same_in_the_database(context: Any, _found: Any, _declared: Any, found: Any, declared: Any) -> bool | None:
    # Our own types are compared as what they are stored as.
    if not hasattr(declared, "load_dialect_impl"):
        return None
    return not isinstance(found, type(declared.load_dialect_impl(context.dialect)))


def test_a_second_upgrade_changes_nothing(database_url: str) -> None:
    with shop_session(database_url) as session:
        session.add(_customer("C1"))
    upgrade_database(database_url)
    with shop_session(database_url) as session:
        assert session.get(Customer, "C1") is not None


def test_all_tables_are_there(database_url: str) -> None:
    assert set(Base.metadata.tables) <= set(inspect(engine_for(database_url)).get_table_names())


def test_a_session_takes_everything_back_on_an_error(database_url: str) -> None:
    def fail_halfway() -> None:
        with shop_session(database_url) as session:
            session.add(_customer("C1"))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()
    with shop_session(database_url) as session:
        assert session.get(Customer, "C1") is None


def test_rows_can_be_read_after_their_session(database_url: str) -> None:
    with shop_session(database_url) as session:
        customer = _customer("C1")
        session.add(customer)
    assert customer.nickname == "C1"


def test_a_read_only_session_writes_nothing(database_url: str) -> None:
    def write_though_read_only() -> None:
        with shop_session(database_url, read_only=True) as session:
            session.add(_customer("C1"))

    with pytest.raises(DBAPIError):
        write_though_read_only()
    with shop_session(database_url) as session:
        session.add(_customer("C1"))
    with shop_session(database_url, read_only=True) as session:
        assert session.get(Customer, "C1") is not None


def test_writers_at_the_same_time_wait_for_each_other(database_url: str) -> None:
    def write(writer: int) -> None:
        for time in range(TIMES):
            with shop_session(database_url) as session:
                # Reading first is what makes a deferred transaction fail when it writes.
                session.scalar(select(func.count()).select_from(Customer))
                session.add(_customer(f"C{writer}-{time}"))

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    with shop_session(database_url) as session:
        assert session.scalar(select(func.count()).select_from(Customer)) == WRITERS * TIMES


def test_sqlite_is_set_up_for_many_processes(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'made' / 'on the way.db'}"
    with shop_session(url) as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA foreign_keys")) == 1
        assert session.scalar(text("PRAGMA busy_timeout")) >= 5000


def test_there_is_one_engine_for_a_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    assert engine_for(url) is engine_for(url)


def test_chinese_in_json_is_kept_readable(database_url: str, now: datetime) -> None:
    from sixty.desk.handoffs import open_handoff

    with shop_session(database_url) as session:
        open_handoff(session, "c", "asked", "转人工", {"商品": "工装裤"}, "rest", None, now)
    with shop_session(database_url) as session:
        assert "工装裤" in str(session.scalar(text("SELECT CAST(context AS TEXT) FROM hand_off")))


def test_who_fails_or_drops_a_connection_lets_the_next_writer_in(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    upgrade_database(url)

    def fail() -> None:
        with shop_session(url) as session:
            session.add(_customer("C1"))
            session.flush()
            raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        fail()
    dropped = engine_for(url).connect()
    dropped.execute(text("SELECT 1"))
    dropped.close()
    forgotten = engine_for(url).connect()
    forgotten.execute(text("SELECT 1"))
    forgotten.detach()
    forgotten.close()
    with ThreadPoolExecutor(1) as somebody_else:
        somebody_else.submit(_write_one, url, "C2").result(timeout=5)
    with shop_session(url, read_only=True) as session:
        assert session.scalars(select(Customer.id)).all() == ["C2"]


def _write_one(url: str, name: str) -> None:
    with shop_session(url) as session:
        session.add(_customer(name))
