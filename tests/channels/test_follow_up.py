"""The follow-up after silence goes out through the courier: looked at again, never twice, whatever process dies."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from sixty.insight.silence import SILENCE, follow_up_on
from sixty.ledger.models import OutboxRow
from sixty.ledger.outbox import OutboxItem, put
from sixty.shop.database import shop_session
from tests.channels.rig import CHANNEL, Recorder, Rig, echo
from tests.insight.silent_visit import NOW, Silence, stock_shelf

WAIT = timedelta(minutes=3, seconds=1)


class Shop:
    """A conversation that has gone silent, and the doors of servers that come and go."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.moment = NOW
        with shop_session(url) as session:
            stock_shelf(session)
            talk = Silence(session, channel=CHANNEL)
            talk.ask()
            talk.visited()
            self.conversation = talk.conversation.id
            follow_up_on(session, [self.conversation], talk.at)
            self.moment = talk.at + WAIT

    def server(self, delivery: Recorder | None = None) -> Rig:
        rig = Rig(self.url, echo, delivery)
        rig.door._courier._clock = lambda: self.moment
        return rig


@pytest.fixture
def shop(shop_url: str) -> Shop:
    return Shop(shop_url)


def follow_ups(rig: Rig) -> list[str]:
    return [row.payload["push"] for row in rig.rows(author="bot") if row.payload.get("push")]


async def test_it_is_said_once_and_can_be_tapped(shop: Shop) -> None:
    rig = shop.server()
    for _ in range(3):
        await rig.door._courier.round()
    (text,) = rig.delivery.texts(shop.conversation)
    assert "静音工装裤" in text
    assert follow_ups(rig) == ["follow_up"]
    assert [row.state for row in rig.outbox()] == ["sent"]
    ((_, form),) = rig.delivery.delivered
    assert all(set(capsule) == {"title", "tap"} for capsule in form["capsules"])
    # What it followed up, and why, is nobody's business outside.
    assert set(form) <= {"id", "author", "at", "text", "capsules"}


async def test_before_its_time_nothing_is_said(shop: Shop) -> None:
    rig = shop.server()
    shop.moment -= timedelta(minutes=1)
    assert await rig.door._courier.round() == 0
    assert rig.delivery.texts() == []


async def test_a_customer_who_writes_first_is_not_followed_up(shop: Shop) -> None:
    rig = shop.server()
    await rig.ask(shop.conversation, "有黑色吗")
    await rig.door._courier.round()
    assert follow_ups(rig) == []
    assert rig.outbox() == []


async def test_nobody_who_is_with_a_person(shop: Shop) -> None:
    rig = shop.server()
    rig.move(shop.conversation, "queued", "assigned")
    await rig.door._courier.round()
    assert follow_ups(rig) == []


async def test_a_server_that_dies_before_it_says_it_leaves_it_to_the_next(shop: Shop) -> None:
    dying = shop.server()
    await dying.door.write(dying.door._courier._take)  # written, and then it died
    after = shop.server(dying.delivery)
    shop.moment += timedelta(minutes=2)
    for _ in range(3):
        await after.door._courier.round()
    assert len(after.delivery.texts()) == 1
    assert follow_ups(after) == ["follow_up"]


async def test_a_server_that_dies_before_its_look_is_written_has_done_nothing(shop: Shop) -> None:
    dying = shop.server()

    def dies(session: Session) -> None:
        dying.door._courier._take(session)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await dying.door.write(dies)
    after = shop.server()
    await after.door._courier.round()
    assert len(after.delivery.texts()) == 1


async def test_where_nobody_can_tell_whether_it_came_it_is_rather_not_said_again(shop: Shop) -> None:
    dying = shop.server(Recorder(known_by_id=False))
    await dying.door.write(dying.door._courier._take)
    after = shop.server(Recorder(known_by_id=False))
    shop.moment += timedelta(minutes=2)
    for _ in range(3):
        await after.door._courier.round()
    assert after.delivery.texts() == []
    assert [row.state for row in after.outbox()] == ["failed"]
    assert len(follow_ups(after)) == 1


async def test_a_follower_that_dies_and_begins_again_adds_nothing(shop: Shop) -> None:
    rig = shop.server()
    await rig.door._courier.round()
    for _ in range(3):
        with shop_session(shop.url) as session:
            follow_up_on(session, [shop.conversation], shop.moment)
    shop.moment += timedelta(minutes=10)
    await rig.door._courier.round()
    assert len(rig.delivery.texts()) == 1


async def test_two_servers_say_it_once(shop: Shop) -> None:
    one, other = shop.server(), shop.server()
    await asyncio.gather(*(rig.door._courier.round() for rig in (one, other) for _ in range(3)))
    assert len(one.delivery.texts()) + len(other.delivery.texts()) == 1


async def test_a_channel_that_is_away_may_be_tried_again_until_the_customer_writes(shop: Shop) -> None:
    rig = shop.server()
    rig.delivery.broken = 1
    await rig.door._courier.round()
    assert rig.delivery.texts() == []
    shop.moment += timedelta(seconds=10)
    await rig.door._courier.round()
    assert len(rig.delivery.texts()) == 1


async def test_a_look_that_fails_keeps_nothing_else_back(shop: Shop) -> None:
    rig = shop.server()

    def fails(session: Session, row: OutboxRow, now: datetime) -> Mapping[str, Any] | None:
        raise RuntimeError("no")

    rig.door._courier._last_looks = {SILENCE: fails}
    other = rig.conversation()
    with shop_session(shop.url) as session:
        put(session, OutboxItem("parcel", other, "system", {"text": "包裹到了"}, shop.moment))
    await rig.door._courier.round()
    assert rig.delivery.texts() == ["包裹到了"]
    assert [row.key for row in rig.outbox()] == ["parcel"]


async def test_a_look_that_the_database_breaks_off_is_taken_again(shop: Shop) -> None:
    rig = shop.server()
    whole = rig.door._courier._last_looks
    looked: list[int] = []

    def is_busy(session: Session, row: OutboxRow, now: datetime) -> Mapping[str, Any] | None:
        looked.append(row.id)
        raise OperationalError("UPDATE", {}, Exception("deadlock detected"))

    rig.door._courier._last_looks = {SILENCE: is_busy}
    await rig.door._courier.round()
    assert looked
    assert rig.delivery.texts() == []
    rig.door._courier._last_looks = whole
    shop.moment += timedelta(seconds=10)
    await rig.door._courier.round()
    assert len(rig.delivery.texts()) == 1
