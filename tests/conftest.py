"""Fixtures that many tests need: databases, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import text
from sqlalchemy.orm import Session

from sixty.shop.database import engine_for, upgrade_database

_NUMBERS = count(1)

if os.environ.get("SIXTY_CI") == "1":
    # A commit draws the same examples in each build, so that a build speaks of the commit. Your own runs draw new ones.
    settings.load_profile("ci")


def _missing(what: str) -> None:
    """Skips what needs a tool that isn't here; on the build machine its lack is a failure."""
    if os.environ.get("SIXTY_CI") == "1":
        pytest.fail(f"{what}, and SIXTY_CI=1 allows no skipping", pytrace=False)
    pytest.skip(what)


def _postgres_programs() -> Path | None:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda each: each.parent.name, reverse=True)
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    return next((each for each in folders if (each / "initdb").exists() and (each / "pg_ctl").exists()), None)


@dataclass(frozen=True)
class PostgresServer:
    """A server of its own for this test run."""

    address: str

    def url(self, database: str) -> str:
        return f"postgresql+psycopg2://{self.address}/{database}"

    def run(self, statement: str) -> None:
        with engine_for(self.url("postgres")).connect() as connection:
            # Making a database can't be part of a transaction.
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text(statement))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Starts PostgreSQL in a temporary folder; as its own user when we are root."""
    programs = _postgres_programs()
    if programs is None:
        _missing("PostgreSQL (initdb, pg_ctl) is not installed")
        return
    user: str | None = None
    if os.geteuid() == 0:
        try:
            user = pwd.getpwnam("postgres").pw_name
        except KeyError:
            _missing("PostgreSQL refuses to run as root, and there is no user named postgres")
    # Not below pytest's own folder: that one is closed to other users.
    folder = Path(tempfile.mkdtemp(prefix="sixty-pg-"))
    if user is not None:
        shutil.chown(folder, user)

    def run(*command: str) -> None:
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            [str(programs / command[0]), *command[1:]],
            user=user,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{command[0]}: {done.stderr}"

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data, log = str(folder / "data"), str(folder / "log")
    try:
        run("initdb", "-D", data, "-U", "sixty", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
        run("pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "start")
        try:
            yield PostgresServer(f"sixty@127.0.0.1:{port}")
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _postgres_database(server: PostgresServer) -> Iterator[str]:
    name = f"test_{next(_NUMBERS)}"
    server.run(f"CREATE DATABASE {name}")
    url = server.url(name)
    try:
        yield url
    finally:
        engine_for(url).dispose()
        server.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables, of either kind."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'empty.db'}"
        yield url
        engine_for(url).dispose()
        return
    with _postgres_database(request.getfixturevalue("postgres_server")) as url:
        yield url


@pytest.fixture
def database_url(empty_database: str) -> str:
    """The address of a database with all tables and nothing in them, of either kind."""
    upgrade_database(empty_database)
    return empty_database


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def shared_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a migrated database of either kind that tests share; see `session`."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('database') / 'shared.db'}"
        upgrade_database(url)
        yield url
        engine_for(url).dispose()
        return
    with _postgres_database(request.getfixturevalue("postgres_server")) as url:
        upgrade_database(url)
        yield url


@pytest.fixture
def session(shared_database: str) -> Iterator[Session]:
    """A session on either kind of database; what a test does in it is taken back."""
    with engine_for(shared_database).connect() as connection:
        transaction = connection.begin()
        with Session(connection, future=True, expire_on_commit=False) as opened:
            yield opened
        # A test that provokes the database has had it rolled back already.
        if transaction.is_active:
            transaction.rollback()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Calls a case with a long value after its argument: tokens and files made anew in each process have no name."""
    return argname if isinstance(val, str | bytes) and len(val) > 80 else None
