"""The command line: quick to start, and one line for what the person can mend."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from sixty.processes.ports import free_port
from sixty.settings import project_root


def _sixty(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sixty", *arguments],
        cwd=project_root(),
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_imports_nothing_heavy() -> None:
    heavy = "rasa", "tensorflow", "sqlalchemy", "spacy"
    program = f"import sys, sixty.cli; print([name for name in {heavy} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", program], cwd=project_root(), capture_output=True, text=True)
    assert result.stdout.strip() == "[]", result.stderr


@pytest.mark.parametrize("port", ["SIXTY_RASA_PORT", "SIXTY_ACTIONS_PORT", "SIXTY_DESK_PORT", "SIXTY_WORKER_PORT"])
def test_a_busy_port_is_one_line(tmp_path: Path, port: str) -> None:
    model = tmp_path / "model.tar.gz"
    model.touch()
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        names = ("SIXTY_RASA_PORT", "SIXTY_ACTIONS_PORT", "SIXTY_DESK_PORT", "SIXTY_WORKER_PORT")
        ports = {name: str(taken if name == port else free_port()) for name in names}
        result = _sixty("up", SIXTY_VAR=str(tmp_path / "var"), SIXTY_MODEL=str(model), **ports)
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert f"Port {taken}" in result.stderr
    assert port in result.stderr


def test_no_model_is_one_line(tmp_path: Path) -> None:
    result = _sixty("up", SIXTY_VAR=str(tmp_path), SIXTY_MODEL=str(tmp_path / "none.tar.gz"))
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "make train" in result.stderr


def test_a_wrong_setting_is_one_line() -> None:
    result = _sixty("migrate", SIXTY_RASA_PORT="none")
    assert result.returncode == 1
    assert result.stderr == "sixty: SIXTY_RASA_PORT value is not a valid integer\n"


def test_a_database_out_of_reach_is_one_line_without_its_password() -> None:
    result = _sixty("migrate", SIXTY_DATABASE_URL="postgresql+psycopg2://sixty:hidden@127.0.0.1:9/shop")
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "SIXTY_DATABASE_URL" in result.stderr
    assert "hidden" not in result.stderr


def test_the_demo_shop_is_seeded_again_and_again(tmp_path: Path) -> None:
    for _ in range(2):
        result = _sixty("seed", SIXTY_VAR=str(tmp_path))
        assert (result.returncode, result.stderr) == (0, "")
        assert "products and" in result.stdout
