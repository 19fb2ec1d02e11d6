"""The processes of the running bot: how each is started and how it shows that it is healthy."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sixty.logs import environment_of_children
from sixty.settings import Settings

LOOPBACK = "127.0.0.1"
QUIETLY = (sys.executable, "-m", "sixty.processes.quietly")


@dataclass(frozen=True)
class Service:
    """A process that the supervisor starts.

    Attributes:
        name: The short name in front of its lines.
        arguments: The program and its arguments.
        port: Where it listens.
        health_path: What it answers with 200 when it is ready.
        host: The address it listens on.
        setting: The environment variable that chooses its port.
        environment: Variables it needs beside those of this process.
        fatal_line: A line that means it will never be ready although it goes on running.
    """

    name: str
    arguments: Sequence[str]
    port: int
    health_path: str
    host: str = LOOPBACK
    setting: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    fatal_line: str | None = None

    @property
    def command(self) -> str:
        """The command for a shell, which gives way to the program so that signals reach it."""
        return f"exec {shlex.join(self.arguments)}"

    @property
    def reachable_host(self) -> str:
        """Where it answers on this machine."""
        everywhere = {"0.0.0.0": LOOPBACK, "": LOOPBACK, "::": "::1"}  # noqa: S104 - compared, not listened on
        return everywhere.get(self.host, self.host)


def action_server(settings: Settings, port: int | None = None) -> Service:
    """The server that runs our actions. It trusts who asks, so it listens on the loopback interface only."""
    port = port or settings.actions_port
    return Service(
        name="actions",
        arguments=[*QUIETLY, "rasa_sdk", "--actions", "actions", "--port", str(port)],
        port=port,
        health_path="/health",
        setting="SIXTY_ACTIONS_PORT",
        environment={**environment_of_children(settings), "SANIC_HOST": LOOPBACK},
    )


def rasa_server(settings: Settings, endpoints: Path) -> Service:
    """Rasa with the trained model and the channels, without its HTTP API, which would let anybody change trackers."""
    pages = sorted({settings.public_desk_url, f"http://{LOOPBACK}:{settings.desk_port}"})
    return Service(
        name="rasa",
        arguments=[
            *(*QUIETLY, "rasa", "run"),
            *("--model", str(settings.model)),
            *("--endpoints", str(endpoints)),
            *("--credentials", str(settings.credentials)),
            *("--interface", settings.rasa_host),
            *("--port", str(settings.rasa_port)),
            *("--cors", *pages),
        ],
        host=settings.rasa_host,
        port=settings.rasa_port,
        health_path="/",
        setting="SIXTY_RASA_PORT",
        environment=environment_of_children(settings),
        # Rasa goes on serving without a model and would leave every message without an answer.
        fatal_line="Could not load model",
    )


def desk(settings: Settings) -> Service:
    """Our own web server: the page and what the page asks for."""
    return Service(
        name="desk",
        arguments=[sys.executable, "-m", "sixty", "desk"],
        host=settings.desk_host,
        port=settings.desk_port,
        health_path="/healthz",
        setting="SIXTY_DESK_PORT",
        environment=environment_of_children(settings),
    )


def worker(settings: Settings) -> Service:
    """What has a schedule: outreach, mining, what expires."""
    return Service(
        name="worker",
        arguments=[sys.executable, "-m", "sixty", "worker"],
        port=settings.worker_port,
        health_path="/healthz",
        setting="SIXTY_WORKER_PORT",
        environment=environment_of_children(settings),
    )
