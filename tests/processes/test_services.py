"""How Rasa, its action server and the desk are started."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from sixty.errors import OperatorError
from sixty.processes.endpoints import write_endpoints
from sixty.processes.services import action_server, desk, rasa_server
from sixty.settings import Settings, project_root


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(var=tmp_path / "var", rasa_port=7005, actions_port=7055, desk_port=7600)


def test_rasa_is_started_without_its_api_and_for_our_page_only(settings: Settings) -> None:
    command = rasa_server(settings, Path("endpoints.yml")).command
    assert command.startswith("exec ")
    assert "--enable-api" not in command
    assert "--cors http://127.0.0.1:7600 http://localhost:7600" in command
    assert "--interface 127.0.0.1 --port 7005" in command


def test_the_action_server_listens_on_the_loopback_interface(settings: Settings) -> None:
    service = action_server(settings.copy(update={"rasa_host": "0.0.0.0", "desk_host": "0.0.0.0"}))
    assert service.environment["SANIC_HOST"] == service.host == "127.0.0.1"


def test_every_service_says_which_setting_moves_it(settings: Settings) -> None:
    services = [action_server(settings), desk(settings), rasa_server(settings, Path("endpoints.yml"))]
    assert {service.setting: service.port for service in services} == {
        "SIXTY_ACTIONS_PORT": 7055,
        "SIXTY_DESK_PORT": 7600,
        "SIXTY_RASA_PORT": 7005,
    }


def test_a_server_for_everybody_is_asked_on_the_loopback_interface(settings: Settings) -> None:
    assert desk(settings.copy(update={"desk_host": "0.0.0.0"})).reachable_host == "127.0.0.1"


def test_endpoints_follow_the_settings_and_keep_the_rest(settings: Settings, tmp_path: Path) -> None:
    given = tmp_path / "endpoints.yml"
    given.write_text(
        "action_endpoint: {url: 'http://127.0.0.1:5055/webhook', cafile: ca.pem}\n"
        "tracker_store: {type: SQL, dialect: sqlite, db: var/tracker.db}\n"
        "lock_store: {type: in_memory}\n"
    )
    written = yaml.safe_load(write_endpoints(settings.copy(update={"endpoints": given})).read_text())
    assert written == {
        "action_endpoint": {"url": "http://127.0.0.1:7055/webhook", "cafile": "ca.pem"},
        "tracker_store": {"type": "SQL", "dialect": "sqlite", "db": str(settings.var / "tracker.db")},
        "lock_store": {"type": "in_memory"},
    }


def test_a_tracker_store_elsewhere_is_left_alone(settings: Settings, tmp_path: Path) -> None:
    given = tmp_path / "endpoints.yml"
    store = {"type": "SQL", "dialect": "postgresql", "url": "${DB_HOST}", "db": "rasa"}
    given.write_text(yaml.safe_dump({"tracker_store": store}))
    written = yaml.safe_load(write_endpoints(settings.copy(update={"endpoints": given})).read_text())
    assert written["tracker_store"] == store


@pytest.mark.parametrize("content", [None, "a: [1"])
def test_unreadable_endpoints_are_one_line(settings: Settings, tmp_path: Path, content: str | None) -> None:
    given = tmp_path / "endpoints.yml"
    if content:
        given.write_text(content)
    with pytest.raises(OperatorError, match=r"^endpoints\.yml cannot be read: [^\n]*$"):
        write_endpoints(settings.copy(update={"endpoints": given}))


def test_the_projects_own_endpoints_are_what_a_plain_rasa_needs() -> None:
    """No variables, the default port, and a tracker in the folder that a fresh clone has."""
    text = (project_root() / "endpoints.yml").read_text(encoding="utf-8")
    assert "${" not in text
    endpoints = yaml.safe_load(text)
    assert endpoints["action_endpoint"]["url"] == "http://127.0.0.1:5055/webhook"
    assert Path(endpoints["tracker_store"]["db"]).parent == Path("var")
