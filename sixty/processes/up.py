"""``sixty up``: the whole bot on this machine."""

from __future__ import annotations

import sys
import time

from sixty.channels.stock_channels import stock_channels
from sixty.desk.staff.first_start import first_start
from sixty.errors import OperatorError
from sixty.processes.database import prepare_database
from sixty.processes.endpoints import write_endpoints
from sixty.processes.ports import check_port
from sixty.processes.services import action_server, desk, rasa_server, worker
from sixty.processes.supervisor import supervise
from sixty.settings import Settings, project_root

_PYTHON = (3, 10)


def up(settings: Settings, *, start_within: float, only_check: bool = False) -> int:
    """Prepares the database, starts everything, waits for its end and returns the exit code.

    Args:
        settings: The deployment's settings.
        start_within: Seconds until everything must be healthy.
        only_check: End as soon as everything is healthy.

    Raises:
        OperatorError: It cannot be started.
    """
    check_python()
    check_model(settings)
    warn_of_stock_channels(settings)
    services = [
        action_server(settings),
        desk(settings),
        rasa_server(settings, write_endpoints(settings)),
        worker(settings),
    ]
    for service in services:
        check_port(service.host, service.port, service.name, service.setting)
    _say("Sixty is starting.")
    begun = time.monotonic()
    _say(f"  {'shop':<8} {prepare_database(settings)} ({time.monotonic() - begun:.1f} s)")
    # Before the desk starts, which would tell it among what all processes say.
    first_password = first_start(settings)
    return supervise(
        services,
        folder=project_root(),
        start_within=start_within,
        when_healthy=lambda: _announce(settings, first_password),
        only_check=only_check,
        json_lines=settings.log_format == "json",
    )


def check_python() -> None:
    """Refuses a Python that Rasa 3.6 does not run on.

    Raises:
        OperatorError: It is another one.
    """
    if sys.version_info[:2] != _PYTHON:
        raise OperatorError(f"Python {sys.version.split()[0]} runs this, Rasa 3.6 needs 3.10: make run sets it up")


def check_model(settings: Settings) -> None:
    """Refuses to start without a trained model.

    Raises:
        OperatorError: There is none.
    """
    if not settings.model.is_file():
        raise OperatorError(f"There is no trained model at {settings.model}: make train makes it")


def warn_of_stock_channels(settings: Settings) -> None:
    """Says which channels stand beside the front door."""
    for channel in stock_channels(settings.credentials):
        _say(f"Warning: {settings.credentials.name}:{channel.line}: {channel.trouble}. {channel.remedy}.")


def _announce(settings: Settings, first_password: str | None) -> None:
    line = "─" * 62
    desk = f"  The workbench:     {settings.public_desk_url}/desk"
    if first_password is not None:
        desk = "\n".join(f"  {each}" for each in first_password.splitlines())
    _say(f"\n{line}\n  Talk to the shop:  {settings.public_desk_url}\n{desk}\n  Ctrl-C ends everything.\n{line}\n")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
