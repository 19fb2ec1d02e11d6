"""Starting servers for a benchmark, waiting for them, and leaving none behind."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from bench.errors import BenchError

LOOPBACK = "127.0.0.1"
_GRACE_SECONDS = 10.0
_POLL_SECONDS = 0.05
_SHOWN_LOG_CHARACTERS = 1500


@dataclass(frozen=True)
class Command:
    """A program to run.

    Attributes:
        arguments: The program and its arguments.
        folder: Where it runs.
        environment: All of its variables.
        log: The file that gets everything it prints.
    """

    arguments: Sequence[str]
    folder: Path
    environment: Mapping[str, str]
    log: Path


@dataclass(frozen=True)
class Spent:
    """What a program took, by the clock and in processor time."""

    seconds: float
    cpu_seconds: float


def direct_session() -> requests.Session:
    """A session for servers on this machine, which never asks a proxy."""
    session = requests.Session()
    session.trust_env = False
    return session


@contextmanager
def running(command: Command) -> Iterator[subprocess.Popen[bytes]]:
    """Runs a program while the block runs, and ends it and its children afterwards, come what may."""
    command.log.parent.mkdir(parents=True, exist_ok=True)
    with command.log.open("ab") as log:
        process = subprocess.Popen(
            command.arguments,
            cwd=command.folder,
            env=dict(command.environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # A group of its own, which can be ended as a whole.
            start_new_session=True,
        )
    try:
        yield process
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    for number, patience in ((signal.SIGTERM, _GRACE_SECONDS), (signal.SIGKILL, _GRACE_SECONDS)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)
            break
    # What the program has left of its group.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def run_to_end(command: Command, timeout: float) -> Spent:
    """Runs a program until it has ended.

    Raises:
        BenchError: It failed or took longer than `timeout` seconds.
    """
    before, begun = _children_cpu_seconds(), time.monotonic()
    with running(command) as process:
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise BenchError(f"{_name(command)} took longer than {timeout:.0f} s; {_tail(command.log)}") from None
    seconds = time.monotonic() - begun
    if code != 0:
        raise BenchError(f"{_name(command)} ended with exit code {code}; {_tail(command.log)}")
    return Spent(round(seconds, 2), round(_children_cpu_seconds() - before, 2))


def wait_until_healthy(command: Command, process: subprocess.Popen[bytes], url: str, timeout: float) -> float:
    """Waits until a server answers with 200.

    Args:
        command: What was started.
        process: The running server, started just before.
        url: What to ask.
        timeout: Seconds until it must have answered.

    Returns:
        Seconds since this was called.

    Raises:
        BenchError: It ended or did not answer in time.
    """
    begun = time.monotonic()
    with direct_session() as session:
        while time.monotonic() - begun < timeout:
            if process.poll() is not None:
                raise BenchError(f"{_name(command)} ended with code {process.returncode}; {_tail(command.log)}")
            with contextlib.suppress(requests.RequestException):
                if session.get(url, timeout=2).ok:
                    return time.monotonic() - begun
            time.sleep(_POLL_SECONDS)
    raise BenchError(f"{_name(command)} was not healthy within {timeout:.0f} s; {_tail(command.log)}")


def _children_cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _name(command: Command) -> str:
    return " ".join(command.arguments[1:6])


def _tail(log: Path) -> str:
    try:
        text = log.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return f"there is no log at {log}"
    return f"{log} ends with:\n{text[-_SHOWN_LOG_CHARACTERS:]}"
