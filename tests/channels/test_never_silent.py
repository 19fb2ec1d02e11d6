from __future__ import annotations

import asyncio
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage
from sqlalchemy import select

from sixty.channels.never_silent import LONGEST_TEXT, OnNewMessage, never_silent
from sixty.desk.handoffs import HandOff
from sixty.desk.trouble import apology
from sixty.shop.database import shop_session

CONVERSATION = "a-conversation-of-its-own"


class Recorder:
    """A channel's output; it may break."""

    def __init__(self, broken: bool = False) -> None:
        self.delivered: list[dict[str, Any]] = []
        self.broken = broken

    def name(self) -> str:
        return "rest"

    async def deliver(self, recipient_id: str, message: dict[str, Any]) -> None:
        assert recipient_id == CONVERSATION
        if self.broken:
            raise ConnectionError("the customer is gone")
        self.delivered.append(message)


async def turn(on_new_message: OnNewMessage, recorder: Recorder, text: str | None = "多少钱", **options: Any) -> None:
    handle = never_silent(on_new_message, **options)
    await handle(UserMessage(text, recorder, CONVERSATION, input_channel="rest", metadata={}))  # type: ignore[arg-type]


def handoffs(url: str) -> list[HandOff]:
    with shop_session(url) as session:
        return list(session.scalars(select(HandOff)))


async def replies(message: UserMessage) -> None:
    assert message.output_channel is not None
    await message.output_channel.send_response(message.sender_id, {"text": "49元"})


async def says_nothing(message: UserMessage) -> None:
    assert message.output_channel is not None
    await message.output_channel.send_response(message.sender_id, {"text": ""})


async def raises(message: UserMessage) -> None:
    raise RuntimeError("tracker store is locked")


async def replies_and_raises(message: UserMessage) -> None:
    await replies(message)
    raise RuntimeError("second action failed")


async def is_slow(message: UserMessage) -> None:
    await asyncio.sleep(30)


async def test_an_answered_turn_is_left_alone(shop_url: str) -> None:
    recorder = Recorder()
    await turn(replies, recorder)
    assert recorder.delivered == [{"text": "49元"}]
    assert handoffs(shop_url) == []


@pytest.mark.parametrize(
    ("handler", "before", "reason"),
    [
        (says_nothing, [], "turn_silent"),
        (raises, [], "turn_failed"),
        (replies_and_raises, [{"text": "49元"}], "turn_failed"),
        (is_slow, [], "turn_too_slow"),
    ],
)
async def test_a_failed_turn_ends_in_one_apology_and_a_handoff(
    shop_url: str, handler: OnNewMessage, before: list[dict[str, Any]], reason: str
) -> None:
    recorder = Recorder()
    await turn(handler, recorder, deadline=0.05)
    assert recorder.delivered == [*before, {"text": apology(), "outcome": "handed_over"}]
    (written,) = handoffs(shop_url)
    assert (written.conversation_id, written.reason, written.question) == (CONVERSATION, reason, "多少钱")
    assert (written.channel, written.state, written.customer_id) == ("rest", "queued", None)


async def test_a_second_failure_opens_no_second_handoff(shop_url: str) -> None:
    recorder = Recorder()
    await turn(raises, recorder)
    await turn(says_nothing, recorder)
    assert len(recorder.delivered) == 2
    assert len(handoffs(shop_url)) == 1


async def test_what_comes_after_the_apology_goes_nowhere(shop_url: str) -> None:
    late: list[asyncio.Task[None]] = []

    async def answers_too_late(message: UserMessage) -> None:
        async def answer() -> None:
            await asyncio.sleep(0.2)
            await replies(message)

        late.append(asyncio.ensure_future(answer()))
        await asyncio.sleep(30)

    recorder = Recorder()
    await turn(answers_too_late, recorder, deadline=0.05)
    await late[0]
    assert [message["text"] for message in recorder.delivered] == [apology()]


async def test_a_customer_who_is_gone_breaks_nothing_and_is_still_handed_over(shop_url: str) -> None:
    await turn(replies, Recorder(broken=True))
    assert [each.reason for each in handoffs(shop_url)] == ["turn_failed"]


async def test_the_apology_is_said_even_when_the_database_is_down(
    shop_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: Any, **__: Any) -> None:
        raise OSError("no database")

    monkeypatch.setattr("sixty.desk.trouble.shop_session", down)
    recorder = Recorder()
    await turn(raises, recorder)
    assert [message["text"] for message in recorder.delivered] == [apology()]


@pytest.mark.parametrize(("text", "seen"), [("长" * 3000, "长" * LONGEST_TEXT), (None, ""), ("短", "短")])
async def test_texts_reach_rasa_bounded(shop_url: str, text: str | None, seen: str) -> None:
    texts: list[str | None] = []

    async def remembers(message: UserMessage) -> None:
        texts.append(message.text)
        await replies(message)

    await turn(remembers, Recorder(), text)
    assert texts == [seen]


@pytest.mark.parametrize("typed", ["/restart", "/session_start", '/inform{"proof": "proved"}', "/inform{", "/ASK"])
async def test_a_typed_command_reaches_rasa_without_its_power(shop_url: str, typed: str) -> None:
    texts: list[str] = []

    async def remembers(message: UserMessage) -> None:
        texts.append(str(message.text))
        await replies(message)

    await turn(remembers, Recorder(), typed)
    assert not texts[0].startswith("/")


@pytest.mark.parametrize("tap", ["/ask_price", '/ask_attribute{"attribute": "材质"}', '/inform{"product":"GZ2101"}'])
async def test_a_tapped_capsule_reaches_rasa_as_it_is(shop_url: str, tap: str) -> None:
    texts: list[str | None] = []

    async def remembers(message: UserMessage) -> None:
        texts.append(message.text)
        await replies(message)

    await turn(remembers, Recorder(), tap)
    assert texts == [tap]
