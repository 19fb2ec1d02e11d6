"""Conversations over HTTP: context, renewal, replies, and what is said when something is down."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from sixty.processes.ports import free_port
from sixty.settings import Settings
from sixty.talk.client import (
    Capsule,
    Conversation,
    NotRunningError,
    Reply,
    Servers,
    TurnFailedError,
    UnknownCustomerError,
    Visit,
)
from tests.talk.fake_servers import FakeServers


def _nowhere() -> str:
    return f"http://127.0.0.1:{free_port()}"


def test_speaks_under_the_context_of_the_desk(bot: FakeServers) -> None:
    conversation = Conversation(bot.servers, Visit("product", product_no="GZ2101", customer_id="C001"))
    conversation.say("什么面料")
    assert bot.asked == [{"entry": "product", "product": "GZ2101", "customer": "C001", "bearer": ""}]
    assert bot.said == [
        {"sender": "conversation-1", "message": "什么面料", "metadata": {"context": "token-1"}},
    ]
    assert conversation.has_context


def test_the_desk_says_where_rasa_is(bot: FakeServers) -> None:
    conversation = Conversation(Servers(desk_url=bot.url, rasa_url=_nowhere()))
    assert conversation.say("你好")[0].text == "收到：你好"


def test_no_proxy_comes_between(bot: FakeServers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", _nowhere())
    conversation = Conversation(bot.servers)
    conversation.check_running()
    assert conversation.say("你好")


def test_replies_are_typed(bot: FakeServers) -> None:
    buttons = [{"title": "什么面料", "payload": "/ask"}, {"title": "没有内容"}]
    orders = [{"title": "工装裤那笔", "payload": "/order", "no": "1"}]
    bot.answer = lambda _: [
        {"recipient_id": "x", "text": "选一笔", "buttons": buttons, "outcome": "asked_back"},
        {"recipient_id": "x", "card": {"type": "orders", "orders": orders}},
        {"recipient_id": "x", "text": "", "outcome": "answered"},
        {"recipient_id": "x", "text": 42},
        "not a message",
    ]
    text, card = Conversation(bot.servers).say("查订单")
    assert text == Reply(text="选一笔", buttons=(Capsule("什么面料", "/ask"),), outcome="asked_back")
    assert card.choices == (Capsule("工装裤那笔", "/order"),)
    assert text.as_json() == {"text": "选一笔", "buttons": buttons[:1], "outcome": "asked_back"}


def test_a_token_is_renewed_before_it_ends(bot: FakeServers) -> None:
    now = datetime.now(timezone.utc)
    conversation = Conversation(bot.servers, Visit(customer_id="C001"), clock=lambda: now)
    conversation.say("一")
    now += timedelta(minutes=26)
    conversation.say("二")
    assert bot.asked[1] == {
        "entry": "shop",
        "customer": "C001",
        "conversation": "conversation-1",
        "bearer": "token-1",
    }
    assert [(each["sender"], each["metadata"]["context"]) for each in bot.said] == [
        ("conversation-1", "token-1"),
        ("conversation-1", "token-2"),
    ]


def test_a_token_that_is_not_renewed_goes_on(bot: FakeServers) -> None:
    told: list[str] = []
    bot.lifetime = timedelta(minutes=1)
    conversation = Conversation(bot.servers, tell=told.append)
    bot.desk_works = False
    assert conversation.say("在吗")
    assert bot.said[0]["metadata"] == {"context": "token-1"}
    assert len(told) == 1


def test_a_token_too_old_begins_another_conversation_and_says_so(bot: FakeServers) -> None:
    told: list[str] = []
    bot.lifetime = timedelta(minutes=1)
    bot.renews_same = False
    conversation = Conversation(bot.servers, tell=told.append)
    conversation.say("在吗")
    assert bot.said[0]["sender"] == "conversation-2"
    assert "new conversation" in told[0]


@pytest.mark.parametrize("refuses", [True, False])
def test_without_the_desk_it_is_an_unknown_visitor(bot: FakeServers, refuses: bool) -> None:
    bot.desk_works = False
    servers = Servers(desk_url=_nowhere() if refuses else bot.url, rasa_url=bot.url)
    told: list[str] = []
    visit = Visit(customer_id="C001")
    first, second = (Conversation(servers, visit, tell=told.append) for _ in range(2))
    assert told == []
    first.say("你好")
    first.say("在吗")
    assert len(told) == 1
    assert "unknown visitor (not as C001)" in told[0]
    assert set(bot.said[0]) == {"sender", "message"}
    assert len(first.id) >= 32
    assert first.id != second.id


def test_an_unknown_customer_is_said(bot: FakeServers) -> None:
    with pytest.raises(UnknownCustomerError, match="C999"):
        Conversation(bot.servers, Visit(customer_id="C999"))


def test_no_rasa_is_one_line_with_the_remedy() -> None:
    conversation = Conversation(Servers(desk_url=_nowhere(), rasa_url=_nowhere()))
    for use in (conversation.check_running, lambda: conversation.say("你好")):
        with pytest.raises(NotRunningError, match=r"make run") as caught:
            use()
        assert "\n" not in str(caught.value)


def test_another_server_is_not_the_bot(bot: FakeServers) -> None:
    conversation = Conversation(Servers(desk_url=_nowhere(), rasa_url=f"{bot.url}/other"))
    with pytest.raises(NotRunningError, match="not the bot"):
        conversation.check_running()


def test_a_turn_has_its_time(bot: FakeServers) -> None:
    bot.delay = 0.5
    with pytest.raises(TurnFailedError, match=r"0\.1 s"):
        Conversation(bot.servers, patience=0.1).say("你好")


@pytest.mark.parametrize(("status", "body"), [(500, []), (200, {"not": "a list"}), (200, b"<html>")])
def test_what_is_no_reply_is_an_error(bot: FakeServers, status: int, body: object) -> None:
    bot.status = status
    bot.answer = lambda _: body
    with pytest.raises(TurnFailedError):
        Conversation(bot.servers).say("你好")


def test_servers_are_where_the_settings_say() -> None:
    settings = Settings(rasa_host="0.0.0.0", rasa_port=1005, desk_host="::1", desk_port=1600)
    assert Servers.of(settings) == Servers(desk_url="http://[::1]:1600", rasa_url="http://127.0.0.1:1005")
