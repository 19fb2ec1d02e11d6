"""A supervisor's hand in a talk, over the API: what the agent, the customer, the log and others get to know of it."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from sixty.desk.conversations import state_of
from sixty.desk.feed import events_since
from sixty.desk.handoffs import current_handoff
from sixty.shop.database import shop_session
from tests.desk.workbench.bench_world import World

API = "/api/desk"


@pytest.fixture
def talk(world: World) -> tuple[TestClient, TestClient, str]:
    """An agent in a talk, and a supervisor."""
    li, wang = world.person("li"), world.person("wang", "supervisor")
    chat = world.customer()
    assert li.post(f"{API}/chats/{chat}/claim", json={}).status_code == 200
    return li, wang, chat


def logged(world: World, supervisor: TestClient, what: str) -> list[dict[str, Any]]:
    entries = supervisor.get(f"{API}/audit", params={"what": what}).json()["entries"]
    return [each for each in entries if each["what"] == what]


def kinds(world: World, chat: str) -> list[tuple[str, str | None]]:
    with shop_session(world.url, read_only=True) as session:
        return [
            (str(each.data.get("kind") or each.kind), each.agent_id)
            for each in events_since(session, 0)
            if each.conversation_id == chat
        ]


def test_listening_in_is_seen_by_nobody_and_stands_in_the_log(
    world: World, talk: tuple[TestClient, TestClient, str]
) -> None:
    _, wang, chat = talk
    before = kinds(world, chat)
    assert wang.post(f"{API}/chats/{chat}/listen", json={}).status_code == 204
    opened = wang.get(f"{API}/chats/{chat}").json()
    assert opened["may"]["send"] is False
    assert kinds(world, chat) == before
    assert [each["chat"] for each in logged(world, wang, "chat_listened")] == [chat]
    assert all(each.author != "system" or each.payload["notice"] == "claimed" for each in world.said(chat, "system"))


def test_a_whisper_reaches_the_agent_and_no_customer(world: World, talk: tuple[TestClient, TestClient, str]) -> None:
    li, wang, chat = talk
    said = len(world.said(chat, "system")) + len(world.said(chat, "agent"))
    answer = wang.post(f"{API}/chats/{chat}/whisper", json={"text": "可以给他包邮"})
    assert answer.status_code == 201
    assert [each["text"] for each in li.get(f"{API}/chats/{chat}/whispers").json()["whispers"]] == ["可以给他包邮"]
    assert ("whisper", None) in kinds(world, chat)
    assert ("whisper", world.account("li").agent_id) in kinds(world, chat)
    assert len(world.said(chat, "system")) + len(world.said(chat, "agent")) == said
    assert len(logged(world, wang, "chat_whispered")) == 1


@pytest.mark.parametrize("text", ["", "  ", "长" * 501])
def test_a_whisper_says_something(world: World, talk: tuple[TestClient, TestClient, str], text: str) -> None:
    _, wang, chat = talk
    assert wang.post(f"{API}/chats/{chat}/whisper", json={"text": text}).status_code == 422


def test_who_joins_writes_beside_the_agent_by_name(world: World, talk: tuple[TestClient, TestClient, str]) -> None:
    li, wang, chat = talk
    line = {"client_id": "w1", "text": "我来帮您看看"}
    assert wang.post(f"{API}/chats/{chat}/messages", json=line).json()["code"] == "not_yours"
    assert wang.post(f"{API}/chats/{chat}/join", json={}).status_code == 200
    assert wang.post(f"{API}/chats/{chat}/join", json={}).status_code == 200
    assert [each.payload["notice"] for each in world.said(chat, "system")].count("joined") == 1
    assert "小wang" in world.said(chat, "system")[-1].text
    assert wang.get(f"{API}/chats/{chat}").json()["may"]["send"] is True
    assert wang.post(f"{API}/chats/{chat}/messages", json=line).status_code == 201
    assert world.said(chat)[-1].payload["from"] == {"name": "小wang"}
    assert li.post(f"{API}/chats/{chat}/messages", json={"client_id": "l1", "text": "好的"}).status_code == 201
    assert wang.post(f"{API}/chats/{chat}/leave", json={}).status_code == 200
    assert wang.post(f"{API}/chats/{chat}/messages", json={**line, "client_id": "w2"}).json()["code"] == "not_yours"
    assert len(logged(world, wang, "chat_joined")) == len(logged(world, wang, "chat_left")) == 1


def test_a_talk_that_is_over_has_no_guests(world: World, talk: tuple[TestClient, TestClient, str]) -> None:
    li, wang, chat = talk
    wang.post(f"{API}/chats/{chat}/join", json={})
    li.post(f"{API}/chats/{chat}/close", json={"then": "done", "ask_rating": False})
    answer = wang.post(f"{API}/chats/{chat}/messages", json={"client_id": "w1", "text": "还在吗"})
    assert answer.json()["code"] == "ended"
    assert wang.post(f"{API}/chats/{chat}/join", json={}).json()["code"] == "ended"


def test_ending_a_talk_tells_the_customer_and_whoever_had_it(
    world: World, talk: tuple[TestClient, TestClient, str]
) -> None:
    li, wang, chat = talk
    body = {"words": "这次先到这里，有需要再来找我们", "why": "顾客一直骂人"}
    assert wang.post(f"{API}/chats/{chat}/end", json={**body, "why": ""}).status_code == 422
    assert wang.post(f"{API}/chats/{chat}/end", json=body).status_code == 200
    assert world.said(chat, "system")[-1].text == body["words"] or body["words"] in [
        each.text for each in world.said(chat, "system")
    ]
    assert ("cut_off", world.account("li").agent_id) in kinds(world, chat)
    with shop_session(world.url, read_only=True) as session:
        assert current_handoff(session, chat) is None
        assert state_of(session, chat) == "closed"
    assert logged(world, wang, "chat_cut_off")[0]["detail"] == body["why"]
    assert wang.post(f"{API}/chats/{chat}/end", json=body).json()["code"] == "ended"
    assert li.post(f"{API}/chats/{chat}/messages", json={"client_id": "l", "text": "等等"}).json()["code"] == "ended"


def test_somebody_who_waits_goes_back_to_the_bot_when_the_wait_is_ended(world: World) -> None:
    wang = world.person("wang", "supervisor")
    chat = world.customer()
    assert wang.post(f"{API}/chats/{chat}/end", json={"words": "今天先不排了", "why": "重复"}).status_code == 200
    with shop_session(world.url, read_only=True) as session:
        assert state_of(session, chat) == "bot"


@pytest.mark.parametrize("deed", ["listen", "whisper", "join", "end"])
def test_agents_supervise_nobody(world: World, talk: tuple[TestClient, TestClient, str], deed: str) -> None:
    li, _, chat = talk
    bodies = {"whisper": {"text": "啊"}, "end": {"words": "啊", "why": "啊"}}
    answer = li.post(f"{API}/chats/{chat}/{deed}", json=bodies.get(deed, {}))
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_a_trainer_reads_no_whispers(world: World, talk: tuple[TestClient, TestClient, str]) -> None:
    _, _, chat = talk
    assert world.person("zhao", "trainer").get(f"{API}/chats/{chat}/whispers").status_code == 403
