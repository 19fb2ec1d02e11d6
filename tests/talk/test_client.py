"""Conversations over the api channel: signatures, taps, replies, and what is said when something is down."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from sixty.identity.api_keys import LOCAL, local_api_secret
from sixty.processes.ports import free_port
from sixty.settings import Settings
from sixty.talk.client import (
    OPENED,
    Capsule,
    Conversation,
    NoKeyError,
    NotRunningError,
    Reply,
    Said,
    Servers,
    TurnFailedError,
    Visit,
)
from tests.talk.fake_servers import SECRET, FakeServers


def _nowhere() -> Servers:
    return Servers(f"http://127.0.0.1:{free_port()}", LOCAL, SECRET)


def test_says_who_is_where_and_signs_it(bot: FakeServers) -> None:
    conversation = Conversation(bot.servers, Visit("product", product_no="GZ2101", customer_id="C001"))
    ours = conversation.id
    assert conversation.say("什么面料") == (Reply(text="收到：什么面料", outcome="answered"),)
    (sent,) = bot.said
    assert sent.pop("id")
    assert sent == {
        "conversation": ours,
        "text": "什么面料",
        "entry": "product",
        "product": "GZ2101",
        "customer": {"id": "C001"},
        "wait": True,
    }
    assert conversation.id == f"of-{ours}"
    assert bot.unsigned == []


def test_a_wrong_secret_is_refused_and_says_why(bot: FakeServers) -> None:
    with pytest.raises(TurnFailedError, match="401: the signature"):
        Conversation(Servers(bot.url, LOCAL, "x" * 43)).say("你好")
    assert bot.said == []


def test_a_clock_that_is_wrong_is_refused(bot: FakeServers) -> None:
    late = datetime.now(timezone.utc) - timedelta(hours=1)
    with pytest.raises(TurnFailedError, match="look at the clock"):
        Conversation(bot.servers, clock=lambda: late).say("你好")


def test_a_capsule_is_tapped_by_its_token_and_the_chat_is_opened(bot: FakeServers) -> None:
    conversation = Conversation(bot.servers)
    conversation.say(OPENED)
    conversation.say(Said(capsule=Capsule("查订单", "7.0.abc")))
    opened, tapped = bot.said
    assert (opened["opened"], opened.keys() & {"text", "tap"}) == (True, set())
    assert (tapped["tap"], tapped.keys() & {"text", "opened"}) == ("7.0.abc", set())


def test_what_looks_like_a_command_is_a_line(bot: FakeServers) -> None:
    Conversation(bot.servers).say('/inform{"product":"GZ2101"}')
    assert bot.said[0]["text"] == '/inform{"product":"GZ2101"}'


def test_no_proxy_comes_between(bot: FakeServers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", _nowhere().rasa_url)
    conversation = Conversation(bot.servers)
    conversation.check_running()
    assert conversation.say("你好")


def test_replies_are_typed(bot: FakeServers) -> None:
    capsules = [{"title": "什么面料", "tap": "1.0.a"}, {"title": "没有内容"}]
    orders = [{"title": "工装裤那笔", "tap": "2.0.b", "no": "1"}]
    bot.answer = lambda _: [
        {"id": 1, "author": "bot", "text": "选一笔", "capsules": capsules, "outcome": "asked_back"},
        {"id": 2, "author": "bot", "card": {"type": "orders", "orders": orders}},
        {"id": 3, "author": "bot", "text": "", "outcome": "answered"},
        {"id": 4, "author": "bot", "text": 42},
        "not a message",
    ]
    text, card = Conversation(bot.servers).say("查订单")
    assert text == Reply(text="选一笔", capsules=(Capsule("什么面料", "1.0.a"),), outcome="asked_back")
    assert (text.id, card.id) == (1, 2)
    assert card.choices == (Capsule("工装裤那笔", "2.0.b"),)
    assert text.as_json() == {"text": "选一笔", "capsules": capsules[:1], "outcome": "asked_back"}


def test_a_connection_that_breaks_is_tried_once_more_with_the_same_id(bot: FakeServers) -> None:
    bot.hang_up = 1
    assert Conversation(bot.servers).say("你好")
    assert len(bot.said) == 1
    bot.hang_up = 2
    with pytest.raises(NotRunningError):
        Conversation(bot.servers).say("你好")
    assert len(bot.said) == 1


def test_every_message_has_an_id_of_its_own_and_every_conversation_a_name(bot: FakeServers) -> None:
    for conversation in (Conversation(bot.servers), Conversation(bot.servers)):
        conversation.say("一")
        conversation.say("一")
    assert len({each["id"] for each in bot.said}) == 4
    assert len({each["conversation"] for each in bot.said}) == 2
    assert all(len(each["conversation"]) <= 64 for each in bot.said)


def test_no_rasa_is_one_line_with_the_remedy() -> None:
    conversation = Conversation(_nowhere())
    for use in (conversation.check_running, lambda: conversation.say("你好")):
        with pytest.raises(NotRunningError, match=r"make run") as caught:
            use()
        assert "\n" not in str(caught.value)


def test_another_server_is_not_the_bot(bot: FakeServers) -> None:
    conversation = Conversation(Servers(f"{bot.url}/other", LOCAL, SECRET))
    with pytest.raises(NotRunningError, match="not the bot"):
        conversation.check_running()


def test_a_turn_has_its_time(bot: FakeServers) -> None:
    bot.delay = 0.5
    with pytest.raises(TurnFailedError, match=r"0\.1 s"):
        Conversation(bot.servers, patience=0.1).say("你好")


def test_what_is_taken_and_not_answered_yet_has_no_replies(bot: FakeServers) -> None:
    bot.status, bot.answer = 202, lambda _: []
    assert Conversation(bot.servers).say("你好") == ()


def test_a_refusal_is_told_in_the_bots_words(bot: FakeServers) -> None:
    bot.status = 429
    with pytest.raises(TurnFailedError, match="HTTP 429: 说得太快啦"):
        Conversation(bot.servers).say("你好")


@pytest.mark.parametrize("body", [{"not": "replies"}, {"replies": "none"}, b"<html>", b"[]"])
def test_what_is_no_reply_is_an_error(bot: FakeServers, body: object) -> None:
    bot.answer = lambda _: body
    with pytest.raises(TurnFailedError):
        Conversation(bot.servers).say("你好")


def test_servers_are_where_the_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "s" * 40
    settings = Settings(rasa_host="0.0.0.0", rasa_port=1005, secret=secret)
    assert Servers.of(settings) == Servers("http://127.0.0.1:1005", LOCAL, local_api_secret(secret))
    assert local_api_secret(secret) not in repr(Servers.of(settings))


def test_in_production_a_key_of_the_settings_speaks() -> None:
    production = Settings(environment="production", secret="s" * 40, api_keys={"shop": "k" * 40, "app": "a" * 40})
    assert (Servers.of(production).key, Servers.of(production).secret) == ("app", "a" * 40)
    with pytest.raises(NoKeyError, match="SIXTY_API_KEYS"):
        Servers.of(Settings(environment="production", secret="s" * 40))
