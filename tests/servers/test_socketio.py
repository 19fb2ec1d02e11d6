"""The page's channel: a room a conversation, acknowledgements, resends and reconnects."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import socketio
from sqlalchemy.orm import Session

from sixty.shop.catalogue import attribute_answer
from tests.servers.running import Product

WITHIN_SECONDS = 15


class Window:
    """A browser window with the chat open."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.confirmed: list[str] = []
        self.heard: list[dict[str, Any]] = []
        self._client = socketio.Client(reconnection=False)
        self._client.on("session_confirm", self.confirmed.append)
        self._client.on("bot_uttered", self.heard.append)
        self.connect()

    def connect(self) -> None:
        self._client.connect(self._url, socketio_path="/socket.io", wait_timeout=WITHIN_SECONDS)

    def disconnect(self) -> None:
        if self._client.connected:
            self._client.disconnect()

    def open(self, conversation: Any) -> None:
        """Asks for the conversation's room."""
        self._client.emit("session_request", {"session_id": conversation})

    def send(self, conversation: str, message: Any, token: str | None = None, message_id: str | None = None) -> Any:
        """Sends a message and returns the acknowledgement."""
        data: dict[str, Any] = {"session_id": conversation, "message": message, "id": message_id or str(uuid.uuid4())}
        if token:
            data["metadata"] = {"context": token}
        return self._client.call("user_uttered", data, timeout=WITHIN_SECONDS)

    @property
    def text(self) -> str:
        return "\n".join(message["text"] for message in self.heard if message.get("text"))


def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + WITHIN_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)


def stays(condition: Callable[[], Any]) -> None:
    """Nothing comes that should not come; a turn takes a tenth of this time."""
    deadline = time.monotonic() + 1
    while time.monotonic() < deadline:
        assert condition()
        time.sleep(0.05)


@pytest.fixture
def windows(product: Product) -> Iterator[Callable[[], Window]]:
    opened: list[Window] = []

    def open_one() -> Window:
        opened.append(Window(product.rasa_url))
        return opened[-1]

    yield open_one
    for window in opened:
        window.disconnect()


def test_a_conversation(product: Product, shop: Session, windows: Callable[[], Window]) -> None:
    material = attribute_answer(shop, "GZ2101", "材质")
    assert material is not None
    page = product.visit(entry="product", product="GZ2101")
    window = windows()
    window.open(page.conversation_id)
    until(lambda: window.confirmed == [page.conversation_id])
    assert window.send(page.conversation_id, "/greet", page.token) == {"ok": True}
    until(lambda: any(message.get("buttons") for message in window.heard))
    assert window.heard[0]["outcome"] == "social"
    assert window.send(page.conversation_id, "什么面料", page.token) == {"ok": True}
    until(lambda: all(part in window.text for part in material.value.split()))


def test_who_it_is_comes_from_the_signed_context(product: Product, windows: Callable[[], Window]) -> None:
    page = product.visit(customer="C002")
    window = windows()
    window.open(page.conversation_id)
    window.send(page.conversation_id, "我的快递到哪了", page.token)
    until(lambda: any(message.get("card", {}).get("type") == "order" for message in window.heard))


def test_a_message_sent_twice_is_answered_once(product: Product, windows: Callable[[], Window]) -> None:
    page = product.visit()
    window = windows()
    window.open(page.conversation_id)
    once = str(uuid.uuid4())
    for _ in range(3):
        assert window.send(page.conversation_id, "谢谢", page.token, once) == {"ok": True}
    until(lambda: window.heard)
    stays(lambda: len(window.heard) == 1)
    assert window.send(page.conversation_id, "谢谢", page.token) == {"ok": True}
    until(lambda: len(window.heard) == 2)


def test_two_windows_of_one_conversation_both_hear(product: Product, windows: Callable[[], Window]) -> None:
    page = product.visit()
    first, second, stranger = windows(), windows(), windows()
    for window in (first, second):
        window.open(page.conversation_id)
        until(lambda window=window: window.confirmed)
    stranger.open(product.visit().conversation_id)
    until(lambda: stranger.confirmed)
    first.send(page.conversation_id, "包邮吗", page.token)
    until(lambda: first.heard and second.heard)
    until(lambda: first.heard == second.heard)
    stays(lambda: not stranger.heard)


def test_a_reconnect_keeps_the_conversation(product: Product, shop: Session, windows: Callable[[], Window]) -> None:
    material = attribute_answer(shop, "GZ1101", "材质")
    assert material is not None
    page = product.visit()
    window = windows()
    window.open(page.conversation_id)
    last = str(uuid.uuid4())
    window.send(page.conversation_id, "GZ1101", page.token, last)
    until(lambda: any(message.get("card") for message in window.heard))
    window.disconnect()
    window.connect()
    window.open(page.conversation_id)
    until(lambda: len(window.confirmed) == 2)
    heard = len(window.heard)
    # The page sends again what it has seen no acknowledgement of; it was answered before.
    window.send(page.conversation_id, "GZ1101", page.token, last)
    window.send(page.conversation_id, "什么面料", page.token)
    until(lambda: all(part in window.text for part in material.value.split()))
    assert not any(message.get("card") for message in window.heard[heard:])


def test_what_comes_after_the_line_was_lost_reaches_the_new_window(
    product: Product, windows: Callable[[], Window]
) -> None:
    page = product.visit()
    first, second = windows(), windows()
    first.open(page.conversation_id)
    second.open(page.conversation_id)
    until(lambda: second.confirmed)
    first.send(page.conversation_id, "包邮吗", page.token)
    first.disconnect()
    until(lambda: second.heard)


@pytest.mark.parametrize("message", ["", "   ", None, 7, {"text": "你好"}, ["你好"]])
def test_what_is_no_text_is_refused(product: Product, windows: Callable[[], Window], message: Any) -> None:
    page = product.visit()
    window = windows()
    window.open(page.conversation_id)
    assert window.send(page.conversation_id, message)["ok"] is False


def test_nobody_speaks_in_a_room_that_they_have_not_opened(product: Product, windows: Callable[[], Window]) -> None:
    page = product.visit()
    owner, stranger = windows(), windows()
    owner.open(page.conversation_id)
    until(lambda: owner.confirmed)
    assert stranger.send(page.conversation_id, "你好")["ok"] is False
    stays(lambda: not owner.heard)


@pytest.mark.parametrize("conversation", [None, "", "short", 7, ["x" * 32], "x" * 500])
def test_a_room_without_a_name_is_not_opened(
    product: Product, windows: Callable[[], Window], conversation: Any
) -> None:
    window = windows()
    window.open(conversation)
    stays(lambda: not window.confirmed)


def test_a_typed_command_is_only_text(product: Product, windows: Callable[[], Window]) -> None:
    page = product.visit()
    window = windows()
    window.open(page.conversation_id)
    window.send(page.conversation_id, "/restart", page.token)
    until(lambda: window.heard)
    assert all(message.get("outcome") != "handed_over" for message in window.heard)
