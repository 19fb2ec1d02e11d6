"""Servers that are killed and come back, as under any supervisor that starts again what has died."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time

import requests

from bench.errors import BenchError
from bench.servers import Command, direct_session

_POLL_SECONDS = 0.1


class Mortal:
    """A server that is started again at once whenever it dies."""

    def __init__(self, name: str, command: Command, health: str) -> None:
        """Keeps what is to be started.

        Args:
            name: Names it in figures.
            command: How it is started.
            health: An address that answers with 200 once it serves.
        """
        self.name = name
        self._command = command
        self._health = health
        self._process: subprocess.Popen[bytes] | None = None
        self._closing = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name=f"keeper-{name}", daemon=True)

    def start(self) -> None:
        """Starts it, and from now on again after each death."""
        self._spawn()
        self._keeper.start()

    def kill(self) -> None:
        """Kills it without a word, with all that it has started."""
        process = self._process
        if process is not None and process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

    def is_healthy(self) -> bool:
        """Whether it serves now."""
        with direct_session() as session, contextlib.suppress(requests.RequestException):
            return session.get(self._health, timeout=2).ok
        return False

    def wait(self, seconds: float) -> None:
        """Waits until it serves.

        Raises:
            BenchError: It does not in time.
        """
        deadline = time.monotonic() + seconds
        while not self.is_healthy():
            if time.monotonic() > deadline:
                raise BenchError(f"{self.name} was not healthy within {seconds:.0f} s; see {self._command.log}")
            time.sleep(_POLL_SECONDS)

    def close(self) -> None:
        """Ends it for good."""
        self._closing.set()
        if self._keeper.is_alive():
            self._keeper.join(10)
        process = self._process
        if process is None:
            return
        for number, patience in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0)):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(patience)
                break

    def _spawn(self) -> None:
        self._command.log.parent.mkdir(parents=True, exist_ok=True)
        with self._command.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command.arguments,
                cwd=self._command.folder,
                env=dict(self._command.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # A group of its own, which is killed as a whole.
                start_new_session=True,
            )

    def _keep(self) -> None:
        while not self._closing.wait(_POLL_SECONDS):
            if self._process is not None and self._process.poll() is not None:
                self._spawn()
