from __future__ import annotations

import os
import sys
from pathlib import Path

import psutil
import pytest

from bench.errors import BenchError
from bench.machine import CpuClock
from bench.servers import Command, run_to_end, running, wait_until_healthy

_PARENT_OF_ONE = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


def _command(tmp_path: Path, code: str) -> Command:
    return Command([sys.executable, "-c", code], tmp_path, os.environ, tmp_path / "log")


def _is_running(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_a_program_and_its_children_end_with_the_block_even_when_it_fails(tmp_path: Path) -> None:
    command = _command(tmp_path, _PARENT_OF_ONE)
    pids: list[int] = []

    def fail() -> None:
        with running(command) as process:
            while not (printed := command.log.read_text()).endswith("\n"):
                pass
            pids.extend((process.pid, int(printed)))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    psutil.wait_procs([psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)], timeout=5)
    assert len(pids) == 2
    assert not any(_is_running(pid) for pid in pids)


def test_a_failure_shows_the_end_of_the_log(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match=r"exit code 3(.|\n)*no such domain"):
        run_to_end(_command(tmp_path, "print('no such domain'); raise SystemExit(3)"), timeout=20)


def test_a_program_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="longer than"):
        run_to_end(_command(tmp_path, "import time; time.sleep(60)"), timeout=0.5)


def test_a_server_that_ended_is_not_waited_for(tmp_path: Path) -> None:
    command = _command(tmp_path, "raise SystemExit('the port is in use')")

    with running(command) as process, pytest.raises(BenchError, match="the port is in use"):
        wait_until_healthy(command, process, "http://127.0.0.1:9/", timeout=20)


def test_what_a_program_took_is_measured_and_is_ours(tmp_path: Path) -> None:
    before = CpuClock.read()
    spent = run_to_end(_command(tmp_path, "import time\nwhile time.process_time() < 0.3: pass"), timeout=30)
    now = CpuClock.read()

    assert spent.seconds >= spent.cpu_seconds * 0.9 >= 0.25
    assert now.ours - before.ours >= 0.25
    assert 0 <= before.others_percent(now) <= 100
