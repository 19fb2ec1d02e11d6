"""A port that is taken is said before anything starts."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from sixty.errors import OperatorError
from sixty.processes.ports import check_port, free_port


@pytest.fixture(params=["127.0.0.1", "0.0.0.0"])
def taken(request: pytest.FixtureRequest) -> Iterator[int]:
    with socket.create_server((request.param, 0)) as server:
        yield server.getsockname()[1]


def test_a_busy_port_is_one_line_with_the_remedy(taken: int) -> None:
    with pytest.raises(OperatorError) as error:
        check_port("127.0.0.1", taken, "rasa", "SIXTY_RASA_PORT")
    message = str(error.value)
    assert f"Port {taken} on 127.0.0.1, where rasa shall listen, is in use" in message
    assert "SIXTY_RASA_PORT=" in message
    assert "\n" not in message


def test_an_address_that_is_not_ours_is_said() -> None:
    with pytest.raises(OperatorError, match="cannot be used"):
        check_port("192.0.2.1", 5005, "rasa", "SIXTY_RASA_PORT")


def test_a_free_port_is_fine() -> None:
    check_port("127.0.0.1", free_port(), "rasa", "SIXTY_RASA_PORT")


def test_a_connection_that_lingers_does_not_count() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        accepted, _ = server.accept()
        accepted.close()  # The side that closes first is the one that lingers.
        client.close()
    check_port("127.0.0.1", port, "rasa", "SIXTY_RASA_PORT")
