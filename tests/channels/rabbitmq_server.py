"""A RabbitMQ of its own, which leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STARTS_WITHIN = 240.0
_PROGRAMS = sorted(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin/rabbitmq-server"))


def missing_program() -> str | None:
    """What of RabbitMQ is not installed here, if anything."""
    if not _PROGRAMS:
        return "RabbitMQ (rabbitmq-server) is not installed"
    return next((f"{each} is not installed" for each in ("erl", "epmd") if shutil.which(each) is None), None)


@contextmanager
def running_rabbitmq() -> Iterator[int]:
    """Starts RabbitMQ with its own port mapper, data and log, and hands out its port.

    Its user is `guest`, its password `guest`.
    """
    folder = Path(tempfile.mkdtemp(prefix="sixty-mq-"))
    port, between_nodes, mapper = _free_ports(3)
    (folder / "enabled_plugins").write_text("[].\n")
    (folder / "rabbitmq.conf").write_text("disk_free_limit.absolute = 50MB\nlog.file.level = warning\n")
    (folder / "env.conf").write_text("")
    environment = {
        "PATH": os.environ["PATH"],
        "LC_ALL": "C.UTF-8",
        "HOME": str(folder),
        "ERL_EPMD_PORT": str(mapper),
        "RABBITMQ_NODENAME": f"sixty{port}@localhost",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_DIST_PORT": str(between_nodes),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "env.conf"),
        "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "config"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_SERVER_ERL_ARGS": "+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none",
        # So that the process that is started is the server itself, and ends with it.
        "RABBITMQ_ALLOW_INPUT": "true",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-noinput",
    }
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "cwd": folder, "env": environment}
    names = subprocess.Popen(["epmd", "-port", str(mapper), "-address", "127.0.0.1"], **quiet)  # type: ignore[call-overload]
    with (folder / "errors").open("w+") as errors:
        server = subprocess.Popen([str(_PROGRAMS[-1])], stderr=errors, **quiet)  # type: ignore[call-overload]
        try:
            _wait_until_it_answers(port, server, folder)
            yield port
        finally:
            for process in (server, names):
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
            shutil.rmtree(folder, ignore_errors=True)


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def _wait_until_it_answers(port: int, server: subprocess.Popen[bytes], folder: Path) -> None:
    end = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < end:
        if server.poll() is not None:
            break
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
                connection.sendall(b"AMQP\x00\x00\x09\x01")
                if connection.recv(1):
                    return
        except OSError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"RabbitMQ did not start: {(folder / 'errors').read_text()[-2000:]}")
