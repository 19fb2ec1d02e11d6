"""Logging is one line an event and quiet about what nobody here can change."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sixty.logs import environment_of_children
from sixty.processes.services import QUIETLY
from sixty.settings import Settings, project_root

PROGRAM = """
import logging, structlog
from sixty.logs import configure_logging
from sixty.processes.services import QUIETLY
from sixty.settings import get_settings
configure_logging(get_settings())
logging.getLogger("sixty.x").info("quiet")
logging.getLogger("sixty.x").warning("plain %s", 1, extra={"order": "o"})
structlog.get_logger("sixty.x").warning("structured", product="GZ2101", text="中文")
told_in_confidence = 1
try:
    told_in_confidence / 0
except ZeroDivisionError:
    logging.getLogger("sixty.x").exception("failed")
"""


def _run(tmp_path: Path, **environment: str) -> str:
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=project_root(),
        env={"SIXTY_VAR": str(tmp_path), "PYTHONIOENCODING": "utf-8", **environment},
        capture_output=True,
        check=True,
    )
    assert result.stdout == b""
    return result.stderr.decode()


def test_text_is_readable(tmp_path: Path) -> None:
    output = _run(tmp_path)
    assert "quiet" not in output
    assert "plain 1" in output
    assert "product=GZ2101" in output
    assert "ZeroDivisionError" in output
    assert "told_in_confidence = 1" not in output


def test_json_is_one_object_a_line(tmp_path: Path) -> None:
    plain, structured, failed = map(json.loads, _run(tmp_path, SIXTY_LOG_FORMAT="json").splitlines())
    assert (plain["event"], plain["level"], plain["order"]) == ("plain 1", "warning", "o")
    assert (structured["product"], structured["text"], structured["logger"]) == ("GZ2101", "中文", "sixty.x")
    assert "ZeroDivisionError" in failed["exception"]
    assert plain["timestamp"].endswith("Z")


def test_more_is_said_when_asked_for(tmp_path: Path) -> None:
    assert "quiet" in _run(tmp_path, SIXTY_LOG_LEVEL="INFO")


@pytest.mark.parametrize("level", ["DEBUG", "WARNING"])
def test_rasa_logs_as_much_as_we_do_and_reports_to_nobody(tmp_path: Path, level: str) -> None:
    environment = environment_of_children(Settings(var=tmp_path, log_level=level))
    assert environment["LOG_LEVEL"] == level
    assert environment["RASA_TELEMETRY_ENABLED"] == "false"


def test_rasas_programs_log_as_we_do(tmp_path: Path) -> None:
    """The action server without its actions: its complaint arrives as one JSON object, its greetings not at all."""
    result = subprocess.run(
        [*QUIETLY, "rasa_sdk", "--actions", "there_is_no_such_module"],
        cwd=project_root(),
        env={"SIXTY_VAR": str(tmp_path), "SIXTY_LOG_FORMAT": "json"},
        capture_output=True,
        text=True,
        check=False,
    )
    event, *rest = map(json.loads, result.stderr.splitlines())
    assert (event["level"], event["logger"], rest) == ("error", "rasa_sdk.executor", [])
    assert "there_is_no_such_module" in event["event"]
    assert result.stdout == ""
