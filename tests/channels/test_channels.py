"""The two connectors, each spoken to as its clients do."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
import sanic
from rasa.core.channels.channel import UserMessage
from sanic import Sanic

from sixty.channels.rest import RestChannel
from sixty.channels.socketio import SeenMessages, SocketIOChannel
from sixty.desk.trouble import apology

CONVERSATION = "0123456789abcdef"


def test_a_resent_message_is_seen_once() -> None:
    seen = SeenMessages()
    assert seen.is_new(CONVERSATION, "m1")
    assert not seen.is_new(CONVERSATION, "m1")
    assert seen.is_new("another conversation", "m1")
    assert seen.is_new(CONVERSATION, None)
    assert seen.is_new(CONVERSATION, None)
    assert seen.is_new(CONVERSATION, "")


def test_only_so_many_messages_are_remembered() -> None:
    seen = SeenMessages(limit=2)
    for message in ("m1", "m2", "m3"):
        assert seen.is_new(CONVERSATION, message)
    assert not seen.is_new(CONVERSATION, "m2")
    assert seen.is_new(CONVERSATION, "m1")


async def echo(message: UserMessage) -> None:
    assert message.output_channel is not None
    card = {"type": "product", "no": "GZ2101"}
    await message.output_channel.send_response(message.sender_id, {"text": f"收到{message.text}"})
    await message.output_channel.send_response(message.sender_id, {"custom": {"card": card}, "outcome": "answered"})


async def silence(message: UserMessage) -> None:
    return None


def rest_app(handler: Any) -> Sanic:
    sanic.app.Sanic.test_mode = True
    app = Sanic(f"rest_{id(handler)}_{len(Sanic._app_registry)}", register=True)
    app.blueprint(RestChannel().blueprint(handler), url_prefix="/webhooks/rest")
    return app


async def post(app: Sanic, **body: Any) -> list[dict[str, Any]]:
    await app._startup()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://rasa") as client:
        response = await client.post("/webhooks/rest/webhook", content=json.dumps(body))
    assert response.status_code == 200
    replies: list[dict[str, Any]] = response.json()
    return replies


async def test_rest_answers_in_the_one_form(shop_url: str) -> None:
    assert await post(rest_app(echo), sender=CONVERSATION, message="你好") == [
        {"recipient_id": CONVERSATION, "text": "收到你好"},
        {"recipient_id": CONVERSATION, "card": {"type": "product", "no": "GZ2101"}, "outcome": "answered"},
    ]


async def test_rest_is_never_silent(shop_url: str) -> None:
    (reply,) = await post(rest_app(silence), sender=CONVERSATION, message="你好")
    assert (reply["text"], reply["outcome"]) == (apology(), "handed_over")


class Socket:
    """The socket server's handlers, called as its clients' events would; what it emits is kept."""

    def __init__(self, handler: Any) -> None:
        self.channel = SocketIOChannel(
            user_message_evt="user_uttered", bot_message_evt="bot_uttered", session_persistence=True
        )
        self.channel.blueprint(handler)
        self.server = self.channel.sio
        self.emitted: list[tuple[str, Any, str]] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.rooms: dict[str, set[str]] = {}
        self.server.emit = self._emit
        self.server.enter_room = lambda sid, room: self.rooms.setdefault(sid, set()).add(room)
        self.server.rooms = lambda sid: [sid, *self.rooms.get(sid, set())]
        self.server.start_background_task = self._start

    async def _emit(self, event: str, data: Any, room: str) -> None:
        self.emitted.append((event, data, room))

    def _start(self, target: Any, *arguments: Any) -> None:
        self.tasks.append(asyncio.ensure_future(target(*arguments)))

    async def send(self, event: str, data: Any) -> Any:
        acknowledgement = await self.server.handlers["/"][event]("sid", data)
        await asyncio.gather(*self.tasks)
        return acknowledgement


async def test_a_session_is_joined_and_confirmed(shop_url: str) -> None:
    socket = Socket(echo)
    await socket.send("session_request", {"session_id": CONVERSATION})
    assert socket.rooms == {"sid": {CONVERSATION}}
    assert socket.emitted == [("session_confirm", CONVERSATION, "sid")]


WITHOUT_A_CONVERSATION = [None, "text", {}, {"session_id": None}, {"session_id": "short"}, {"session_id": "x" * 65}]


@pytest.mark.parametrize("wish", WITHOUT_A_CONVERSATION)
async def test_a_guessable_or_missing_conversation_is_not_joined(shop_url: str, wish: Any) -> None:
    socket = Socket(echo)
    await socket.send("session_request", wish)
    assert socket.rooms == {}
    assert socket.emitted == []


async def test_a_message_is_acknowledged_and_answered_in_its_room(shop_url: str) -> None:
    socket = Socket(echo)
    await socket.send("session_request", {"session_id": CONVERSATION})
    message = {"session_id": CONVERSATION, "message": "你好", "metadata": {"context": "token"}, "id": "m1"}
    assert await socket.send("user_uttered", message) == {"ok": True}
    assert await socket.send("user_uttered", message) == {"ok": True}  # resent after a reconnect
    replies = [(data, room) for event, data, room in socket.emitted if event == "bot_uttered"]
    assert replies == [
        ({"text": "收到你好"}, CONVERSATION),
        ({"card": {"type": "product", "no": "GZ2101"}, "outcome": "answered"}, CONVERSATION),
    ]


@pytest.mark.parametrize(
    "message",
    [
        None,
        {"message": "你好"},
        {"session_id": "another-conversation", "message": "你好"},
        {"session_id": CONVERSATION, "message": ""},
        {"session_id": CONVERSATION, "message": "   "},
        {"session_id": CONVERSATION, "message": {"text": "你好"}},
        {"session_id": {}, "message": "你好"},
    ],
)
async def test_a_message_of_nobody_or_of_nothing_is_refused(shop_url: str, message: Any) -> None:
    socket = Socket(echo)
    await socket.send("session_request", {"session_id": CONVERSATION})
    answer = await socket.send("user_uttered", message)
    assert answer["ok"] is False
    assert "error" in answer
    assert [event for event, _, _ in socket.emitted] == ["session_confirm"]


@pytest.mark.parametrize("odd", [{"metadata": "text"}, {"metadata": None}, {"id": 7}, {}])
async def test_odd_extras_do_no_harm(shop_url: str, odd: dict[str, Any]) -> None:
    socket = Socket(silence)
    await socket.send("session_request", {"session_id": CONVERSATION})
    assert await socket.send("user_uttered", {"session_id": CONVERSATION, "message": "你好", **odd}) == {"ok": True}
    assert [data["text"] for event, data, _ in socket.emitted if event == "bot_uttered"] == [apology()]


async def test_the_way_to_a_conversation_from_outside_a_turn(shop_url: str) -> None:
    assert SocketIOChannel().get_output_channel() is None
    socket = Socket(echo)
    delivery: Any = socket.channel.get_output_channel()
    await delivery.deliver(CONVERSATION, {"text": "您的包裹到了"})
    assert socket.emitted == [("bot_uttered", {"text": "您的包裹到了"}, CONVERSATION)]
    assert delivery.name() == "socketio"
