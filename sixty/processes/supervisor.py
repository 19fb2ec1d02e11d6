"""One parent for all processes: it shows their lines, waits until they are healthy and ends them together.

Honcho starts the processes, each in a session of its own, and multiplexes their output. What is added here is the
health check, an end that is sure (a process that ignores the signal, a supervisor that is killed) and plain words.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from honcho.manager import Manager
from honcho.printer import Printer
from honcho.process import Process

from sixty.processes.health import is_healthy
from sixty.processes.services import Service

GRACE_SECONDS = 5.0
"""How long a process may take to end before it is killed."""

_POLL_SECONDS = 0.25
_REPORT_EVERY_SECONDS = 10.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def supervise(
    services: Sequence[Service],
    *,
    folder: Path,
    start_within: float,
    when_healthy: Callable[[], None],
    only_check: bool = False,
    json_lines: bool = False,
    output: TextIO = sys.stdout,
) -> int:
    """Runs services until a signal comes or one of them ends, and leaves none of them behind.

    Must be called in the main thread, which receives the signals.

    Args:
        services: What to start.
        folder: Where they are started.
        start_within: Seconds until all of them must be healthy.
        when_healthy: Called once when they are.
        only_check: End everything as soon as all are healthy.
        json_lines: Write each line as a JSON object.
        output: Where lines go.

    Returns:
        The exit code: 0 when the end was asked for.
    """
    handlers = {number: signal.getsignal(number) for number in _SIGNALS}
    supervisor = _Supervisor(services, folder, start_within, when_healthy, only_check, json_lines, output)
    try:
        supervisor.loop()
    finally:
        supervisor.leave_nothing()
        for number, handler in handlers.items():
            signal.signal(number, handler)
    return supervisor.verdict()


class _Lines(Printer):  # type: ignore[misc]
    """Writes the lines of all processes, and notices the fatal ones."""

    def __init__(self, output: TextIO, json_lines: bool, fatal: dict[str, str], on_fatal: Callable[[str], None]):
        super().__init__(output)
        self._json_lines = json_lines
        self._fatal = fatal
        self._on_fatal = on_fatal

    def write(self, message: Any) -> None:
        if message.name == "system":
            return  # Honcho's own account of pids; the supervisor says what matters.
        text = message.data.decode("utf-8", "replace") if isinstance(message.data, bytes) else message.data
        for line in filter(str.strip, text.splitlines()):
            if self._json_lines:
                self._write_json(message.name, message.time, line)
            else:
                super().write(message._replace(data=line))
            fatal = self._fatal.get(message.name)
            if fatal and fatal in line:
                self._on_fatal(message.name)

    def _write_json(self, process: str, time_of_line: datetime, line: str) -> None:
        try:
            event = json.loads(line)
        except ValueError:
            event = None
        if not isinstance(event, dict):
            event = {"event": line}
        event = {"timestamp": time_of_line.astimezone().isoformat(), "process": process, **event}
        print(json.dumps(event, ensure_ascii=False), file=self.output, flush=True)


class _Child(Process):  # type: ignore[misc]
    """A process that does not outlive its supervisor, even one that was killed without a chance to tidy up."""

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:
        threading.Thread(target=self._end_with, args=(os.getppid(),), daemon=True).start()
        super().run(events, ignore_signals)

    def _end_with(self, supervisor: int) -> None:
        while os.getppid() == supervisor:
            time.sleep(0.5)
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self._child is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self._child.pid, number)
            time.sleep(GRACE_SECONDS)


class _Supervisor(Manager):  # type: ignore[misc]
    def __init__(
        self,
        services: Sequence[Service],
        folder: Path,
        start_within: float,
        when_healthy: Callable[[], None],
        only_check: bool,
        json_lines: bool,
        output: TextIO,
    ) -> None:
        fatal = {service.name: service.fatal_line for service in services if service.fatal_line}
        super().__init__(_Lines(output, json_lines, fatal, self._never_healthy))
        self._process_ctor = _Child
        self._services = services
        self._start_within = start_within
        self._when_healthy = when_healthy
        self._only_check = only_check
        self._output = output
        self._asked_to_end = False
        self._failure: str | None = None
        self._first_to_end: str | None = None
        for service in services:
            environment = {**os.environ, **service.environment}
            self.add_process(service.name, service.command, env=environment, cwd=str(folder))

    def verdict(self) -> int:
        """Says why it ended, when nobody asked for it, and returns the exit code."""
        if self._asked_to_end:
            return 0
        if self._failure is None and self._first_to_end is not None:
            code = self._processes[self._first_to_end]["returncode"]
            how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
            self._failure = (
                f"{self._first_to_end} {how}, so everything was ended; "
                "its last lines above say why, SIXTY_LOG_LEVEL=INFO shows more"
            )
        self._say(f"sixty: {self._failure or 'the processes ended'}")
        if self._first_to_end is None:
            return 1
        code = self._processes[self._first_to_end]["returncode"]
        return int(128 - code if code < 0 else code or 1)

    def terminate(self) -> None:
        """Asks every process to end, and kills those that have not after a while."""
        if self._terminating:
            return
        if any("pid" not in process for process in self._processes.values()):
            # Asked while starting. A process can be ended only once it has said who it is.
            self._later(0.05, self.terminate)
            return
        if self._first_to_end is None:
            self._first_to_end = next((name for name, p in self._processes.items() if "returncode" in p), None)
        super().terminate()
        self._later(GRACE_SECONDS, self.kill)

    def kill(self) -> None:
        """Kills every process that has not ended yet."""
        for process in self._processes.values():
            if "pid" in process and "returncode" not in process:
                self._procmgr.kill(process["pid"])

    def leave_nothing(self) -> None:
        """Kills what is still there, which is nothing unless the loop was left by an exception."""
        deadline = time.monotonic() + GRACE_SECONDS
        while not self._all_stopped() and time.monotonic() < deadline:
            self.kill()
            with contextlib.suppress(queue.Empty):
                event = self.events.get(timeout=0.1)
                if event.type != "line":
                    self._processes[event.name].update(event.data)

    def _start(self) -> None:
        for number in _SIGNALS:
            signal.signal(number, self._on_signal)
        super()._start()
        # After the processes were forked: no thread should be running then.
        threading.Thread(target=self._watch, daemon=True).start()

    def _on_signal(self, number: int, frame: object) -> None:
        if self._asked_to_end and self._terminating:
            self.kill()  # Asked twice: at once.
        self._asked_to_end = True
        self.terminate()

    def _never_healthy(self, name: str) -> None:
        self._fail(f"{name} cannot work, so everything was ended; its last lines above say why")

    def _fail(self, message: str) -> None:
        if self._failure is None:
            self._failure = message
        self.terminate()

    def _watch(self) -> None:
        """Waits until all services are healthy, saying how it goes."""
        begun = time.monotonic()
        waiting = list(self._services)
        next_report = _REPORT_EVERY_SECONDS
        while waiting:
            for service in list(waiting):
                if self._terminating:
                    return
                if is_healthy(service):
                    waiting.remove(service)
                    self._say(f"  {service.name:<8} ready after {time.monotonic() - begun:.1f} s")
            passed = time.monotonic() - begun
            names = " and ".join(service.name for service in waiting)
            if waiting and passed > self._start_within:
                self._fail(
                    f"{names} did not become healthy within {self._start_within:.0f} s, so everything was ended; "
                    "SIXTY_LOG_LEVEL=INFO shows more, --timeout gives more time"
                )
                return
            if waiting and passed > next_report:
                next_report += _REPORT_EVERY_SECONDS
                self._say(f"  {names} still starting, {passed:.0f} s")
            time.sleep(_POLL_SECONDS)
        if self._terminating:
            return
        self._when_healthy()
        if self._only_check:
            self._asked_to_end = True
            self.terminate()

    def _say(self, text: str) -> None:
        if not self._printer._json_lines:
            self._output.write(f"{text}\n")  # In one piece: the main thread writes there too.
            self._output.flush()
            return
        self._printer._write_json("sixty", datetime.now().astimezone(), text.strip())

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        timer = threading.Timer(seconds, action)
        timer.daemon = True
        timer.start()
