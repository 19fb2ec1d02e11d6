"""Any connector of Rasa's goes behind the door; what it cannot draw it says."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from sanic import Blueprint

from sixty.channels.behind_the_door import BehindTheDoor
from sixty.channels.front_door import front_door
from sixty.channels.refusal import Refused
from tests.channels.rig import reply


class Letters(OutputChannel):
    """A platform of plain letters."""

    sent: ClassVar[list[tuple[str, str]]] = []

    @classmethod
    def name(cls) -> str:
        return "letters"

    async def send_text_message(self, recipient_id: str, text: str, **_: Any) -> None:
        Letters.sent.append((recipient_id, text))


class LettersInput(InputChannel):
    """As Rasa's own are written."""

    @classmethod
    def name(cls) -> str:
        return "letters"

    def blueprint(self, on_new_message: Any) -> Blueprint:
        self.on_new_message = on_new_message
        return Blueprint("letters", __name__)

    async def receive(self, sender: str, text: str, **metadata: Any) -> None:
        message = UserMessage(text, Letters(), sender, input_channel=self.name(), metadata=metadata)
        await self.on_new_message(message)


class LettersChannel(BehindTheDoor, LettersInput):
    """The one small subclass."""


async def bot(message: UserMessage) -> None:
    await reply(message, f"收到{message.text}", buttons=[{"title": "有货吗", "payload": "/ask_stock"}])


@pytest.fixture
def letters(shop_url: str) -> LettersChannel:
    front_door.cache_clear()
    Letters.sent = []
    channel = LettersChannel()
    channel.blueprint(bot)
    return channel


async def test_a_connector_is_behind_the_door(letters: LettersChannel) -> None:
    await letters.receive("王女士", "/restart")
    assert await letters._door._lanes.empty(5)
    await letters.receive("王女士", "1")
    assert await letters._door._lanes.empty(5)
    assert Letters.sent == [
        ("王女士", "收到∕restart\n1. 有货吗\n回复1就可以选哦～"),
        ("王女士", "收到/ask_stock\n1. 有货吗\n回复1就可以选哦～"),
    ]


async def test_a_refusal_is_said(letters: LettersChannel) -> None:
    await letters.receive("王女士", "长" * 3000)
    assert Letters.sent == [("王女士", Refused("too_long").text)]
    await letters.receive("x" * 161, "在吗")
    assert len(Letters.sent) == 1


async def test_what_the_connector_says_of_the_customer_is_trusted_by_nobody(letters: LettersChannel) -> None:
    heard: list[UserMessage] = []

    async def remembers(message: UserMessage) -> None:
        heard.append(message)
        await reply(message, "好")

    front_door.cache_clear()
    letters.blueprint(remembers)
    await letters.receive("王女士", "在吗", customer_id="C001", context="forged")
    assert await letters._door._lanes.empty(5)
    assert heard[0].metadata == {}
    assert heard[0].sender_id != "王女士"


async def test_a_channel_that_can_only_answer_says_so(letters: LettersChannel) -> None:
    with pytest.raises(ConnectionError, match="only answer"):
        await letters._way_out.deliver("unknown", {"text": "在吗"})
