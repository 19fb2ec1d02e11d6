"""What people, reminders and deeds have to say reaches the customer once, through the conversation's own channel."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from sixty.ledger.outbox import OutboxItem, put
from sixty.shop.database import shop_session
from tests.channels.rig import CHANNEL, Recorder, Rig, echo, now, reply, until


def put_in(rig: Rig, conversation: str, text: str, key: str | None = None, **more: Any) -> bool:
    with shop_session(rig.url) as session:
        due = now() - timedelta(seconds=1) + more.pop("later", timedelta())
        return put(session, OutboxItem(key or text, conversation, "agent", {"text": text, **more}, due, by="agent-7"))


async def test_it_is_written_and_delivered_once(shop_url: str) -> None:
    rig = Rig(shop_url, echo)
    conversation = rig.conversation()
    assert put_in(rig, conversation, "您的包裹到了", key="parcel:1")
    assert not put_in(rig, conversation, "您的包裹到了", key="parcel:1")
    await rig.door.open()
    await until(lambda: [row.state for row in rig.outbox()] == ["sent"])
    await asyncio.sleep(0.1)
    await rig.door.close()
    assert rig.delivery.texts(conversation) == ["您的包裹到了"]
    (row,) = rig.rows()
    assert (row.author, row.state, row.answers_id) == ("agent", "delivered", None)
    assert rig.outbox()[0].message_id == row.id


async def test_what_is_not_due_waits(shop_url: str) -> None:
    rig = Rig(shop_url, echo)
    put_in(rig, rig.conversation(), "还早", later=timedelta(hours=1))
    assert await rig.door._courier.round() == 0
    assert rig.rows() == []


async def test_a_channel_that_fails_is_tried_again(shop_url: str) -> None:
    rig = Rig(shop_url, echo)
    moment = now()
    rig.door._courier._clock = lambda: moment
    rig.delivery.broken = 2
    conversation = rig.conversation()
    put_in(rig, conversation, "一", key="a")
    for wait in (2, 4, 8):
        await rig.door._courier.round()
        moment += timedelta(seconds=wait)
    assert rig.delivery.texts() == ["一"]
    (row,) = rig.outbox()
    assert (row.state, row.attempts, row.problem) == ("sent", 3, None)
    assert len(rig.rows()) == 1


async def test_in_the_end_it_is_given_up(shop_url: str) -> None:
    rig = Rig(shop_url, echo)
    moment = now()
    rig.door._courier._clock = lambda: moment
    rig.delivery.broken = 1000
    put_in(rig, rig.conversation(), "一")
    rounds = 0
    while rig.outbox()[0].state != "failed":
        await rig.door._courier.round()
        moment += timedelta(hours=1)
        rounds += 1
        assert rounds < 50
    assert rounds > 5
    assert rig.outbox()[0].problem == "ConnectionError"


async def test_nobody_there_is_no_failure(shop_url: str) -> None:
    rig = Rig(shop_url, echo)
    rig.delivery.there = False
    put_in(rig, rig.conversation(), "一")
    await rig.door._courier.round()
    assert [row.state for row in rig.outbox()] == ["sent"]
    assert [row.state for row in rig.rows()] == ["written"]


async def test_a_server_that_died_while_it_delivered_begins_again_with_the_same_message(shop_url: str) -> None:
    rig = Rig(shop_url, echo)
    conversation = rig.conversation()
    put_in(rig, conversation, "一")
    await rig.door.write(rig.door._courier._take)  # and then it died
    after = Rig(shop_url, echo, rig.delivery)
    after.door._courier._clock = lambda: now() + timedelta(minutes=2)
    await after.door._courier.round()
    assert after.delivery.texts() == ["一"]
    assert len(after.rows()) == 1


async def test_each_conversation_gets_its_own_in_order(shop_url: str) -> None:
    rig = Rig(shop_url, echo)
    one, other = rig.conversation(), rig.conversation()
    for number in range(3):
        put_in(rig, one, f"一{number}", later=timedelta(milliseconds=number))
        put_in(rig, other, f"二{number}", later=timedelta(milliseconds=number))
    for _ in range(3):
        await rig.door._courier.round()
    assert rig.delivery.texts(one) == ["一0", "一1", "一2"]
    assert rig.delivery.texts(other) == ["二0", "二1", "二2"]


async def test_a_channel_of_another_server_is_left_to_it(shop_url: str) -> None:
    rig = Rig(shop_url, echo)
    put_in(rig, rig.conversation("telegram"), "一")
    put_in(rig, "of-nobody", "二")
    await rig.door._courier.round()
    assert [row.state for row in rig.outbox()] == ["waiting", "failed"]
    other = Rig(shop_url, echo)
    other.door.serve("telegram", other.delivery)
    other.door._courier._clock = lambda: now() + timedelta(minutes=1)
    await other.door._courier.round()
    assert other.delivery.texts() == ["一"]
    assert rig.delivery.texts() == []


async def test_a_reply_that_could_not_be_delivered_comes_later_and_those_behind_it_too(shop_url: str) -> None:
    async def two(message: Any) -> None:
        await reply(message, "一")
        await reply(message, "二")

    rig = Rig(shop_url, two, Recorder(known_by_id=False))
    rig.delivery.broken = 1
    await rig.ask(rig.conversation(), "在吗")
    assert rig.delivery.texts() == []
    assert rig.states() == ["answered"]
    moment = now() + timedelta(seconds=10)
    rig.door._courier._clock = lambda: moment
    await rig.door._courier.round()
    await rig.door._courier.round()
    assert rig.delivery.texts() == ["一", "二"]
    assert {row.state for row in rig.rows(author="bot")} == {"delivered"}
    assert len(rig.rows(author="bot")) == 2


async def test_an_apology_is_made_sure_of_where_clients_know_no_ids(shop_url: str) -> None:
    async def fails(message: Any) -> None:
        raise RuntimeError("no")

    rig = Rig(shop_url, fails, Recorder(known_by_id=False))
    await rig.ask(rig.conversation(), "在吗")
    assert len(rig.delivery.delivered) == 1
    rig.door._courier._clock = lambda: now() + timedelta(minutes=1)
    await rig.door._courier.round()
    assert len(rig.delivery.delivered) == 1
    assert [row.state for row in rig.outbox()] == ["sent"]


async def test_a_delivery_that_hangs_does_not_hold_the_turn(shop_url: str) -> None:
    rig = Rig(shop_url, echo, delivered_within=0.05)
    rig.delivery.hangs = 60
    await rig.ask(rig.conversation(), "在吗")
    assert rig.states() == ["answered"]
    assert [row.state for row in rig.outbox()] == ["waiting"]


async def test_capsules_of_what_is_pushed_can_be_tapped(shop_url: str) -> None:
    rig = Rig(shop_url, echo, Recorder(shows=frozenset()))
    conversation = rig.conversation()
    put_in(rig, conversation, "要催一下吗", capsules=[{"title": "催一下", "payload": "/affirm"}])
    await rig.door._courier.round()
    assert rig.delivery.texts() == ["要催一下吗\n1. 催一下\n回复1就可以选哦～"]
    await rig.ask(conversation, "1")
    assert rig.heard[0].parse_data["intent"]["name"] == "affirm"
    assert rig.rows()[0].channel == CHANNEL
