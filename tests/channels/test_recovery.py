"""What a dying server leaves behind is answered by the next one, exactly once, or handed over."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage
from sqlalchemy import update

from sixty.channels.claimant import is_dead, release_dead, this_process
from sixty.desk.trouble import apology
from sixty.ledger.models import Message
from sixty.shop.database import shop_session
from tests.channels.rig import Recorder, Rig, echo, now, reply, until


async def hangs(message: UserMessage) -> None:
    await asyncio.sleep(60)


async def first_half(message: UserMessage) -> None:
    await reply(message, "先看尺码")
    await asyncio.sleep(60)


async def whole(message: UserMessage) -> None:
    await reply(message, "先看尺码")
    await reply(message, "再看颜色")


async def dies_in_a_turn(url: str, handler: Any, *lines: str, delivery: Recorder | None = None) -> tuple[Rig, str]:
    rig = Rig(url, handler, delivery)
    conversation = rig.conversation()
    for line in lines:
        await rig.say(conversation, line)
    await until(lambda: bool(rig.heard))
    await until(lambda: len(rig.delivery.delivered) == (handler is first_half))
    rig.crash()
    return rig, conversation


async def begins_again(rig: Rig, handler: Any, saved: bool = False, **changed: Any) -> Rig:
    """Another server on the same database and with the same customers."""
    after = Rig(rig.url, handler, rig.delivery, **changed)
    if saved:
        after.saved = {int(message.message_id) for message in rig.heard}
    await after.door.open()
    return after


async def settled(rig: Rig) -> None:
    await until(lambda: not {"received", "handling"} & set(rig.states()))
    await rig.door.close()


async def test_a_turn_that_died_is_answered_once(shop_url: str) -> None:
    rig, _ = await dies_in_a_turn(shop_url, hangs, "包邮吗", "几天到")
    assert rig.states() == ["handling", "received"]
    after = await begins_again(rig, echo)
    await settled(after)
    assert after.states() == ["answered", "answered"]
    assert after.delivery.texts() == ["收到包邮吗", "收到几天到"]
    assert [message.message_id for message in after.heard] == [str(row.id) for row in after.rows(author="customer")]


async def test_a_reply_from_before_is_not_said_again(shop_url: str) -> None:
    rig, _ = await dies_in_a_turn(shop_url, first_half, "怎么选")
    assert rig.delivery.texts() == ["先看尺码"]
    after = await begins_again(rig, whole)
    await settled(after)
    # A client that knows messages by their ids may be told twice; the ledger has each reply once.
    assert [row.text for row in after.rows(author="bot")] == ["先看尺码", "再看颜色"]
    ids = [message["id"] for _, message in after.delivery.delivered]
    assert list(dict.fromkeys(ids)) == [row.id for row in after.rows(author="bot")]


async def test_where_clients_know_no_ids_a_reply_is_delivered_once(shop_url: str) -> None:
    delivery = Recorder(known_by_id=False)
    rig, _ = await dies_in_a_turn(shop_url, first_half, "怎么选", delivery=delivery)
    after = await begins_again(rig, whole)
    await settled(after)
    assert delivery.texts() == ["先看尺码", "再看颜色"]


async def test_a_turn_that_rasa_had_finished_is_not_run_again(shop_url: str) -> None:
    rig, _ = await dies_in_a_turn(shop_url, first_half, "怎么选")
    after = await begins_again(rig, echo, saved=True)
    await settled(after)
    assert after.heard == []
    assert after.states() == ["answered"]
    assert [row.text for row in after.rows(author="bot")] == ["先看尺码"]


async def test_a_written_reply_that_nobody_has_read_is_delivered(shop_url: str) -> None:
    rig, _ = await dies_in_a_turn(shop_url, first_half, "怎么选")
    rig.delivery.delivered.clear()
    after = await begins_again(rig, echo, saved=True)
    await settled(after)
    assert after.delivery.texts() == ["先看尺码"]
    assert after.rows(author="bot")[0].state == "delivered"


async def test_a_silent_turn_that_rasa_had_finished_gets_an_apology(shop_url: str) -> None:
    rig, _ = await dies_in_a_turn(shop_url, hangs, "怎么选")
    after = await begins_again(rig, echo, saved=True)
    await settled(after)
    assert after.delivery.texts() == [apology()]
    assert after.states() == ["apologised"]
    assert [each.reason for each in after.handoffs()] == ["turn_silent"]


async def test_a_message_that_kills_every_server_is_handed_over(shop_url: str) -> None:
    rig, _ = await dies_in_a_turn(shop_url, hangs, "怎么选")
    for _ in range(2):
        rig = await begins_again(rig, hangs)
        await until(lambda: bool(rig.heard))  # noqa: B023 - asked for within the round
        rig.crash()
    after = await begins_again(rig, echo)
    await settled(after)
    assert after.heard == []
    assert after.states() == ["handed_over"]
    assert after.delivery.texts() == [apology()]
    assert [each.reason for each in after.handoffs()] == ["not_answered"]


async def test_an_old_message_is_handed_over(shop_url: str) -> None:
    rig, _ = await dies_in_a_turn(shop_url, hangs, "怎么选")
    with shop_session(shop_url) as session:
        session.execute(update(Message).values(at=now() - timedelta(hours=1)))
    after = await begins_again(rig, echo)
    await settled(after)
    assert (after.states(), after.heard) == (["handed_over"], [])


async def test_one_that_was_never_begun_is_answered_however_old(shop_url: str) -> None:
    rig, _ = await dies_in_a_turn(shop_url, hangs, "一", "二")
    after = await begins_again(rig, echo)
    await settled(after)
    assert after.delivery.texts() == ["收到一", "收到二"]


async def test_a_tracker_store_that_is_away_is_asked_again(shop_url: str) -> None:
    rig, _ = await dies_in_a_turn(shop_url, hangs, "怎么选")
    after = Rig(rig.url, echo, rig.delivery)
    away = 6

    async def saved(conversation_id: str, message_id: int) -> bool:
        nonlocal away
        if away:
            away -= 1
            raise ConnectionError("no tracker store")
        return False

    after.door._saved = saved
    await after.door.open()
    await until(lambda: away == 5)
    for _ in range(7):
        await after.quiet()
        await after.door._look_for_the_left_behind()
    await settled(after)
    assert after.delivery.texts() == ["收到怎么选"]


async def test_joined_lines_stay_joined(shop_url: str) -> None:
    rig = Rig(shop_url, hangs, bursts={"wait": 0.2, "at_most": 1})
    conversation = rig.conversation()
    await rig.say(conversation, "你好")
    await rig.say(conversation, "包邮吗")
    await until(lambda: bool(rig.heard))
    rig.crash()
    assert [row.state for row in rig.rows()] == ["handling", "handling"]
    after = await begins_again(rig, echo)
    await settled(after)
    assert after.delivery.texts() == ["收到你好 包邮吗"]
    assert after.states() == ["answered", "answered"]


async def test_a_conversation_that_a_person_has_taken_meanwhile_is_theirs(shop_url: str) -> None:
    rig, conversation = await dies_in_a_turn(shop_url, hangs, "怎么选")
    rig.move(conversation, "assigned")
    after = await begins_again(rig, echo)
    await settled(after)
    assert (after.states(), after.heard) == (["to_person"], [])


async def test_sent_again_after_a_crash_it_is_answered_at_once(shop_url: str) -> None:
    rig = Rig(shop_url, hangs, lease=0.01)
    conversation = rig.conversation()
    await rig.say(conversation, "在吗", client_id="m1")
    await until(lambda: bool(rig.heard))
    rig.crash()
    await asyncio.sleep(0.05)
    after = Rig(shop_url, echo, rig.delivery)
    assert not (await after.say(conversation, "在吗", client_id="m1")).new
    await after.quiet()
    assert after.delivery.texts() == ["收到在吗"]


async def test_another_living_server_is_waited_for(shop_url: str) -> None:
    gate = asyncio.Event()

    async def waits(message: UserMessage) -> None:
        await gate.wait()
        await echo(message)

    one = Rig(shop_url, waits)
    other = Rig(shop_url, echo, one.delivery)
    conversation = one.conversation()
    await one.say(conversation, "一")
    await other.say(conversation, "二")
    await asyncio.sleep(0.1)
    assert other.heard == []
    gate.set()
    await one.quiet()
    await other.quiet()
    assert one.delivery.texts() == ["收到一", "收到二"]


async def test_a_server_that_is_stopped_gives_back_what_it_had(shop_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sixty.channels.front_door._DRAIN_SECONDS", 0.05)
    rig = Rig(shop_url, hangs)
    conversation = rig.conversation()
    await rig.door.open()
    await rig.say(conversation, "一")
    await rig.door.close()
    assert rig.rows()[0].claimed_until is None
    rig.crash()


async def test_a_long_turn_keeps_its_claim(shop_url: str) -> None:
    rig = Rig(shop_url, hangs, lease=0.3)
    conversation = rig.conversation()
    await rig.say(conversation, "一")
    await rig.door.open()
    first = rig.rows()[0].claimed_until
    await until(lambda: rig.rows()[0].claimed_until > first)  # type: ignore[operator]
    assert len(rig.heard) == 1
    rig.crash()


def test_who_is_dead() -> None:
    me = this_process(timedelta(seconds=1)).name
    host = me.rsplit(":", 2)[0]
    assert is_dead(f"{host}:999999999:{'a' * 12}")
    assert not is_dead(f"{host}:1:{'a' * 12}")
    assert not is_dead(f"another-host:999999999:{'a' * 12}")
    assert not is_dead("somebody")
    assert this_process(timedelta(seconds=1)).name != me
    assert len(me) <= 64


async def test_what_was_left_behind_comes_before_what_comes_now(shop_url: str) -> None:
    rig, conversation = await dies_in_a_turn(shop_url, hangs, "一", "二")
    after = Rig(rig.url, echo, rig.delivery)
    await after.door.write(lambda session: release_dead(session, after.door._me))
    await after.say(conversation, "三")  # before anybody has looked
    await after.quiet()
    assert after.delivery.texts() == ["收到一", "收到二", "收到三"]
    assert after.states() == ["answered"] * 3
