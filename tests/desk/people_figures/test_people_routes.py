"""Whose figures somebody reads over the API: who supervises all, everybody else their own."""

from __future__ import annotations

import csv
import io

import pytest
from fastapi.testclient import TestClient

from tests.desk.workbench.bench_world import World

API = "/api/desk/people"


@pytest.fixture
def talked(world: World) -> TestClient:
    """An agent who has had a talk; a colleague has had one, too."""
    li, zhou = world.person("li"), world.person("zhou")
    for agent in (li, zhou):
        chat = world.customer()
        assert agent.post(f"/api/desk/chats/{chat}/claim", json={}).status_code == 200
        assert agent.post(f"/api/desk/chats/{chat}/close", json={"then": "done"}).status_code == 200
    return li


def seen(client: TestClient) -> tuple[list[str], bool]:
    answer = client.get(API).json()
    return [row["agent_name"] for row in answer["rows"]], answer["own"]


def exported(client: TestClient) -> list[str]:
    text = client.get(f"{API}/export", params={"format": "csv"}).content.decode("utf-8-sig")
    return [row[1] for row in csv.reader(io.StringIO(text)) if len(row) > 1 and row[0].startswith("20")]


def test_who_supervises_nobody_reads_their_own_talks(world: World, talked: TestClient) -> None:
    assert seen(talked) == (["小li"], True)
    assert exported(talked) == ["小li"]
    supervisor = world.person("wang", "supervisor")
    assert seen(supervisor) == (["小li", "小zhou"], False)
    assert exported(supervisor) == ["小li", "小zhou"]


def test_to_read_what_was_said_is_not_to_read_how_colleagues_do(world: World, talked: TestClient) -> None:
    trainer = world.person("zhao", "trainer")
    assert seen(trainer) == ([], True)
    assert exported(trainer) == []


def test_what_people_cost_is_shown_to_who_supervises(world: World, talked: TestClient) -> None:
    assert talked.get(f"{API}/saved").status_code == 403
    assert world.person("zhao", "trainer").get(f"{API}/saved").status_code == 403
    assert world.person("wang", "supervisor").get(f"{API}/saved").json()["hour_costs"]
