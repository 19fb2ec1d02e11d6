"""A PostgreSQL server of a benchmark's own, where the programs are installed."""

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
from pathlib import Path

from sqlalchemy import text

from bench.errors import BenchError
from sixty.shop.database import engine_for

_START_SECONDS = 60

# As installed, but for what keeps a load of millions of rows from waiting for the disk; reading is not changed by it.
_OPTIONS = (
    "listen_addresses=127.0.0.1",
    "fsync=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_wal_size=8GB",
    "maintenance_work_mem=512MB",
)


def postgres_programs() -> Path | None:
    """The folder with `initdb` and `pg_ctl`, the newest; None where PostgreSQL is not installed."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda each: each.parent.name, reverse=True)
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    return next((each for each in folders if (each / "initdb").exists() and (each / "pg_ctl").exists()), None)


def why_not() -> str | None:
    """Why no server can be started here; None when one can."""
    if postgres_programs() is None:
        return "PostgreSQL (initdb, pg_ctl) is not installed"
    if os.geteuid() == 0 and not _has_user():
        return "PostgreSQL refuses to run as root, and there is no user named postgres"
    return None


def _has_user() -> bool:
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        return False
    return True


@dataclass(frozen=True)
class PostgresServer:
    """A running server."""

    address: str

    def url(self, database: str) -> str:
        """The address of one of its databases."""
        return f"postgresql+psycopg2://{self.address}/{database}"

    @contextmanager
    def database(self, name: str) -> Iterator[str]:
        """Makes a database, and removes it when the block ends.

        Yields:
            Its address.
        """
        self._run(f"CREATE DATABASE {name}")
        try:
            yield self.url(name)
        finally:
            engine_for(self.url(name)).dispose()
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        with engine_for(self.url("postgres")).connect() as connection:
            # Making a database can't be part of a transaction.
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text(statement))


@contextmanager
def running() -> Iterator[PostgresServer]:
    """Starts a server in a temporary folder and surely ends it; as its own user when we are root.

    Raises:
        BenchError: It cannot be started.
    """
    reason, programs = why_not(), postgres_programs()
    if reason is not None or programs is None:
        raise BenchError(str(reason))
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="bench-pg-"))
    if user is not None:
        shutil.chown(folder, user)

    def run(*command: str) -> None:
        done = subprocess.run(
            [str(programs / command[0]), *command[1:]],
            user=user,
            cwd=folder,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            timeout=_START_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            raise BenchError(f"{command[0]} failed: {done.stderr[-2000:]}")

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = str(folder / "data")
    try:
        run("initdb", "-D", data, "-U", "sixty", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = " ".join(f"-c {each}" for each in (f"port={port}", f"unix_socket_directories={folder}", *_OPTIONS))
        run("pg_ctl", "-D", data, "-l", str(folder / "log"), "-o", options, "-w", "start")
        try:
            yield PostgresServer(f"sixty@127.0.0.1:{port}")
        finally:
            engine_for(f"postgresql+psycopg2://sixty@127.0.0.1:{port}/postgres").dispose()
            run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
