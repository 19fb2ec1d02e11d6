"""The front door and the desk: what agents say reaches customers, who answers is shown, the bot hears it is back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage

from sixty.desk.agents import add_agent
from sixty.desk.claims import claim
from sixty.desk.ending import to_bot
from sixty.desk.handoffs import current_handoff, open_handoff
from sixty.desk.presence import set_presence
from sixty.desk.returning import RETURN_TO_BOT
from sixty.desk.speaking import say
from sixty.desk.typing_marks import type_in
from sixty.shop.database import shop_session
from tests.channels.rig import Rig, echo, now, until


def employ(rig: Rig) -> None:
    with shop_session(rig.url) as session:
        add_agent(session, "li", "小李", now())
        set_presence(session, "li", "online", now(), "li")


def hand_over(rig: Rig, conversation: str) -> None:
    with shop_session(rig.url) as session:
        open_handoff(session, conversation, "asked_for", "在吗", {}, "web", None, now(), told=True)
        claim(session, conversation, "li", now())


async def silent_when_it_is_back(message: UserMessage) -> None:
    if message.text != RETURN_TO_BOT:
        await echo(message)


@pytest.fixture
def rig(shop_url: str) -> Rig:
    made = Rig(shop_url, silent_when_it_is_back)
    employ(made)
    return made


async def test_what_a_person_says_arrives_in_order_with_their_name(rig: Rig) -> None:
    conversation = rig.conversation()
    hand_over(rig, conversation)
    with shop_session(rig.url) as session:
        for number in range(5):
            say(session, conversation, "li", f"m{number}", {"text": f"第{number}句"}, now())
    await rig.door._courier.round()
    texts = rig.delivery.texts(conversation)
    assert texts[1:] == [f"第{number}句" for number in range(5)]
    assert rig.delivery.delivered[1][1]["from"] == {"name": "小李"}
    assert "agent" not in rig.delivery.delivered[1][1]
    assert {row.state for row in rig.rows(conversation)} == {"delivered"}
    assert await rig.door._courier.round() == 0
    assert len(rig.delivery.delivered) == 6


async def test_who_answers_now_is_shown(rig: Rig) -> None:
    conversation = rig.conversation()
    hand_over(rig, conversation)
    await rig.door._courier.round()
    assert ("state", "assigned") in rig.delivery.told
    with shop_session(rig.url) as session:
        to_bot(session, conversation, "li", "好了", (), now())
    await rig.door._courier.round()
    assert rig.delivery.told[-1] == ("state", "bot")


async def test_the_bot_hears_that_it_is_back_before_anything_else_and_says_nothing(rig: Rig) -> None:
    conversation = rig.conversation()
    hand_over(rig, conversation)
    await rig.say(conversation, "给我改地址")
    await rig.quiet()
    assert rig.heard == []
    with shop_session(rig.url) as session:
        to_bot(session, conversation, "li", "已改", (), now())
    replies = await rig.ask(conversation, "谢谢")
    assert [message.text for message in rig.heard] == [RETURN_TO_BOT, "谢谢"]
    assert (rig.heard[0].parse_data or {})["intent"]["name"] == "return_to_bot"
    assert len(replies) == 1
    states = {row.kind: row.state for row in rig.rows(conversation, "customer")}
    assert states["returned"] == "answered"
    assert not [row for row in rig.rows(conversation) if row.payload.get("trouble")]


async def test_a_bot_that_cannot_hear_it_apologises_to_nobody(shop_url: str) -> None:
    async def broken(message: UserMessage) -> None:
        raise ConnectionError("no action server")

    rig = Rig(shop_url, broken)
    employ(rig)
    conversation = rig.conversation()
    hand_over(rig, conversation)
    with shop_session(rig.url) as session:
        to_bot(session, conversation, "li", "", (), now())
    await rig.door.open()
    await until(lambda: rig.states(conversation) == ["answered"])
    await rig.door.close()
    assert [row.author for row in rig.rows(conversation)] == ["system", "system", "customer"]
    with shop_session(rig.url) as session:
        assert current_handoff(session, conversation) is None


async def test_a_customer_sees_that_a_person_is_writing(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation, told = rig.conversation(), []

    async def person_types(conversation_id: str, on: bool) -> None:
        told.append((conversation_id, on))

    monkeypatch.setattr(rig.delivery, "person_types", person_types)
    hand_over(rig, conversation)
    moment: Any = now()
    rig.door._typing._clock = lambda: moment
    await rig.door._typing.round()
    assert told == []
    with shop_session(rig.url) as session:
        type_in(session, conversation, "li", True, moment)
        type_in(session, conversation, "customer", True, moment)
    await rig.door._typing.round()
    assert told == [(conversation, True)]
    moment += timedelta(seconds=7)
    await rig.door._typing.round()
    await rig.door._typing.round()
    assert told == [(conversation, True), (conversation, False)]
