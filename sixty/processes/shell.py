"""``sixty shell``: a conversation in the terminal, with an action server of its own beside it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

from sixty.errors import OperatorError
from sixty.processes.database import prepare_database
from sixty.processes.endpoints import write_endpoints
from sixty.processes.health import is_healthy
from sixty.processes.ports import free_port
from sixty.processes.services import LOOPBACK, QUIETLY, Service, action_server
from sixty.processes.supervisor import GRACE_SECONDS
from sixty.processes.up import check_model, check_python
from sixty.settings import Settings, project_root

_HEALTHY_WITHIN = 60.0


def shell(settings: Settings) -> int:
    """Starts the action server and ``rasa shell``, and ends the one with the other. Returns Rasa's exit code.

    Both take free ports, so that a running bot is not in their way.

    Raises:
        OperatorError: It cannot be started.
    """
    check_python()
    check_model(settings)
    prepare_database(settings)
    sys.stdout.write("Rasa is starting; this takes half a minute. /stop ends the conversation.\n")
    sys.stdout.flush()
    own = settings.copy(update={"actions_port": free_port(), "rasa_port": free_port(), "var": settings.var / "shell"})
    service = action_server(own)
    command = [
        *(*QUIETLY, "rasa", "shell"),
        *("--model", str(own.model)),
        *("--endpoints", str(write_endpoints(own))),
        *("--interface", LOOPBACK),
        *("--port", str(own.rasa_port)),
    ]
    # So that being told to end is an exception, and what was started is ended on its way.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    with _running(service), subprocess.Popen(command, cwd=project_root(), env=_environment(service)) as rasa:
        try:
            while True:
                try:
                    return rasa.wait()
                except KeyboardInterrupt:
                    continue  # The terminal told Rasa too; it says goodbye and ends.
        finally:
            rasa.terminate()


@contextlib.contextmanager
def _running(service: Service) -> Iterator[None]:
    """Has a service running, out of reach of the terminal's Ctrl-C."""
    process = subprocess.Popen(service.arguments, cwd=project_root(), env=_environment(service), start_new_session=True)
    try:
        deadline = time.monotonic() + _HEALTHY_WITHIN
        while not is_healthy(service):
            if process.poll() is not None:
                raise OperatorError(f"{service.name} ended with code {process.returncode}; its lines above say why")
            if time.monotonic() > deadline:
                raise OperatorError(f"{service.name} did not become healthy within {_HEALTHY_WITHIN:.0f} s")
            time.sleep(0.2)
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _environment(service: Service) -> dict[str, str]:
    return {**os.environ, **service.environment}
