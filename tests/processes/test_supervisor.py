"""The supervisor ends what it started, however the end comes. Real processes, real signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sixty.processes.ports import free_port
from sixty.settings import project_root

FAKE_SERVICE = Path(__file__).with_name("fake_service.py")
GRACE_SECONDS = 1.0

# The supervisor wants a main thread of its own, so each test gives it a process.
DRIVER = f"""
    import json, sys
    from pathlib import Path
    from sixty.processes import supervisor
    from sixty.processes.services import Service

    supervisor.GRACE_SECONDS = {GRACE_SECONDS}
    services, options = json.loads(sys.argv[1])
    sys.exit(supervisor.supervise(
        [Service(**service) for service in services],
        folder=Path(sys.argv[2]),
        when_healthy=lambda: print("all healthy", flush=True),
        **options,
    ))
"""


class Supervised:
    """A supervisor in a process of its own, with its fake services."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._output = folder / "output"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, services: dict[str, list[str]], fatal_line: str | None = None, **options: object) -> None:
        """Starts it with services of these names and arguments."""
        pids = self._folder / "pids"
        pids.mkdir()
        described = []
        for name, arguments in services.items():
            port = free_port()
            command = [sys.executable, str(FAKE_SERVICE), "--port", str(port), "--pids", str(pids), *arguments]
            described.append(
                {"name": name, "arguments": command, "port": port, "health_path": "/", "fatal_line": fatal_line}
            )
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-c", textwrap.dedent(DRIVER)),
                    *(json.dumps([described, {"start_within": 30, **options}]), str(self._folder)),
                ],
                cwd=project_root(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def pids(self) -> list[int]:
        """The services and their children."""
        return [int(file.name) for file in (self._folder / "pids").iterdir()]

    def output(self) -> str:
        """What it has written."""
        return self._output.read_text()

    def wait_for(self, text: str) -> None:
        """Waits until it has written that."""
        _wait_until(lambda: text in self.output(), f"{text!r} in the output")

    def signal(self, number: int) -> None:
        """Sends it a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def exit_code(self) -> int:
        """Waits for its end."""
        assert self.process is not None
        return self.process.wait(20)

    def nothing_is_left(self) -> None:
        """Waits, shortly, until no service is alive."""
        _wait_until(lambda: not any(_is_alive(pid) for pid in self.pids()), "the services to be gone")


def _wait_until(condition: Callable[[], bool], what: str, within: float = 20) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)


def _is_alive(pid: int) -> bool:
    try:
        # A zombie whose parent is gone waits for init, which not every container has; it is as good as gone.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Supervised]:
    supervised = Supervised(tmp_path)
    yield supervised
    if supervised.process is not None:
        supervised.process.kill()
        supervised.process.wait()
        for pid in supervised.pids():
            if _is_alive(pid):
                os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything(supervised: Supervised, number: int) -> None:
    supervised.start({"one": ["--with-child"], "two": []})
    supervised.wait_for("all healthy")
    supervised.signal(number)
    assert supervised.exit_code() == 0
    supervised.nothing_is_left()
    assert len(supervised.pids()) == 3
    assert "one      ready after" in supervised.output()


def test_a_process_that_ignores_the_signal_is_killed(supervised: Supervised) -> None:
    supervised.start({"one": ["--stubborn", "--with-child"], "two": ["--stubborn"]})
    supervised.wait_for("all healthy")
    begun = time.monotonic()
    supervised.signal(signal.SIGTERM)
    assert supervised.exit_code() == 0
    assert time.monotonic() - begun < GRACE_SECONDS + 3
    supervised.nothing_is_left()


@pytest.mark.parametrize("after", [0.0, 0.2, 0.4, 0.6])
def test_a_signal_while_starting_ends_everything(supervised: Supervised, after: float) -> None:
    supervised.start({"one": [], "two": [], "three": []})
    time.sleep(after)
    supervised.signal(signal.SIGTERM)
    assert supervised.exit_code() in (0, -signal.SIGTERM)
    supervised.nothing_is_left()


def test_one_that_dies_takes_the_others_with_it(supervised: Supervised) -> None:
    supervised.start({"one": [], "two": ["--dies-with", "7", "--say", "I cannot go on"]})
    assert supervised.exit_code() == 7
    supervised.nothing_is_left()
    assert "two    | I cannot go on" in supervised.output()
    assert "two ended with exit code 7, so everything was ended" in supervised.output()


def test_one_that_ends_well_is_a_failure_all_the_same(supervised: Supervised) -> None:
    supervised.start({"one": [], "two": ["--dies-with", "0"]})
    assert supervised.exit_code() == 1
    supervised.nothing_is_left()


def test_one_that_is_killed_takes_the_others_with_it(supervised: Supervised) -> None:
    supervised.start({"one": [], "two": []})
    supervised.wait_for("all healthy")
    os.kill(supervised.pids()[0], signal.SIGKILL)
    assert supervised.exit_code() == 128 + signal.SIGKILL
    supervised.nothing_is_left()
    assert "was killed by signal 9" in supervised.output()


def test_one_that_never_becomes_healthy_is_not_waited_for_forever(supervised: Supervised) -> None:
    supervised.start({"one": [], "two": ["--unhealthy"]}, start_within=2)
    assert supervised.exit_code() == 1
    supervised.nothing_is_left()
    assert "two did not become healthy within 2 s" in supervised.output()
    assert "all healthy" not in supervised.output()


def test_a_fatal_line_is_the_end(supervised: Supervised) -> None:
    supervised.start({"one": ["--say", "ERROR Could not load it"]}, fatal_line="Could not load it")
    assert supervised.exit_code() == 1
    supervised.nothing_is_left()
    assert "one cannot work" in supervised.output()


def test_a_supervisor_that_is_killed_leaves_nothing(supervised: Supervised) -> None:
    supervised.start({"one": ["--stubborn"], "two": ["--with-child"]})
    supervised.wait_for("all healthy")
    supervised.signal(signal.SIGKILL)
    supervised.exit_code()
    supervised.nothing_is_left()


def test_a_check_ends_when_all_are_healthy(supervised: Supervised) -> None:
    supervised.start({"one": [], "two": []}, only_check=True)
    assert supervised.exit_code() == 0
    assert "all healthy" in supervised.output()
    supervised.nothing_is_left()


def test_lines_can_be_json(supervised: Supervised) -> None:
    supervised.start({"one": ["--say", '{"level": "info"}'], "two": []}, only_check=True, json_lines=True)
    assert supervised.exit_code() == 0
    lines = [json.loads(line) for line in supervised.output().splitlines() if line != "all healthy"]
    assert {"info"} == {line["level"] for line in lines if line["process"] == "one"}
    assert {"started"} == {line["event"] for line in lines if line["process"] == "two"}
    assert all("timestamp" in line for line in lines)
