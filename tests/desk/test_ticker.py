"""What happens by itself, whoever's desk ticks, and however many of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.assignments import Assignment
from sixty.desk.claims import claim
from sixty.desk.ending import close
from sixty.desk.handoffs import HandOff, may_leave, say_how_received
from sixty.desk.presence import set_presence
from sixty.desk.speaking import say
from sixty.desk.ticker import Ticked, Ticker, TickerThread
from sixty.ledger.receiving import Incoming, receive
from sixty.shop.database import shop_session
from tests.desk.desk_world import NOW, RULES, Desk


@pytest.fixture
def desk(session: Session) -> Desk:
    return Desk(session)


def ticker(desk: Desk, **changed: Any) -> Ticker:
    @contextmanager
    def same(**_: Any) -> Iterator[Session]:
        yield desk.session
        desk.session.flush()

    return Ticker(same, clock=lambda: desk.now, rules=replace(RULES, **changed))


def test_it_gives_out_who_waits(desk: Desk) -> None:
    desk.agent("li", capacity=1)
    first, _ = desk.wants(), desk.wants()
    ticks = ticker(desk)
    assert ticks.tick().assigned == 1
    assert ticks.tick() == Ticked()
    assert first.state == "taken"


def test_places_are_told_when_they_get_better_and_not_too_often(desk: Desk) -> None:
    desk.agent("li", capacity=1)
    claim(desk.session, desk.wants().conversation_id, "li", desk.now)
    first, second = desk.wants(), desk.wants()
    second.told_place, second.told_at = 2, desk.now
    ticks = ticker(desk)
    desk.later(awake=["li"], seconds=30)
    assert ticks.tick().told == 0
    desk.later(awake=["li"], seconds=30)
    # The first one has never been told where they stand.
    assert ticks.tick().told == 1
    assert "下一位" in desk.said(first.conversation_id)[-1].text
    assert [each["title"] for each in desk.said(first.conversation_id)[-1].payload["capsules"]] == ["不等了，问机器人"]
    desk.later(awake=["li"], seconds=60)
    assert ticks.tick().told == 0
    claim(desk.session, first.conversation_id, "li", desk.now)
    assert ticks.tick().told == 1
    assert desk.notices(second.conversation_id) == ["place"]
    assert ticks.tick().told == 0


def test_nobody_is_told_that_they_have_fallen_back(desk: Desk) -> None:
    desk.agent("li", capacity=1)
    claim(desk.session, desk.wants().conversation_id, "li", desk.now)
    ordinary = desk.wants()
    ordinary.told_place, ordinary.told_at = 1, desk.now
    desk.wants(desk.customer(level="PLUS"))
    desk.later(awake=["li"], minutes=2)
    ticker(desk).tick()
    assert desk.notices(ordinary.conversation_id) == []


def test_nobody_waits_for_ever(desk: Desk) -> None:
    desk.agent("li", capacity=1)
    claim(desk.session, desk.wants().conversation_id, "li", desk.now)
    hand_off = desk.wants()
    desk.later(awake=["li"], minutes=15)
    assert ticker(desk).tick().left == 1
    assert (hand_off.state, desk.state(hand_off.conversation_id)) == ("left", "bot")
    assert desk.notices(hand_off.conversation_id)[-1] == "left"
    assert ticker(desk).tick().left == 0


def test_who_waits_when_work_ends_leaves_a_message(desk: Desk) -> None:
    desk.agent("li", groups=["general"], presence="busy")
    desk.agent("wang", groups=["presale"], presence="busy")
    waiting, other = desk.wants(), desk.wants(intent="ask_size")
    desk.later(awake=["li", "wang"], minutes=5)
    assert ticker(desk).tick().left == 0
    set_presence(desk.session, "li", "offline", desk.now, "li")
    assert ticker(desk).tick().left == 1
    assert (waiting.state, other.state, desk.state(waiting.conversation_id)) == ("left", "queued", "bot")
    assert "没有同事在线" in desk.said(waiting.conversation_id)[-1].text
    # At noon there is a break, and it is no use to wait for its end.
    desk.later(awake=["wang"], minutes=55)
    other.queued_at = desk.now
    assert ticker(desk).tick().left == 1
    assert "今天13:00上班后" in desk.said(other.conversation_id)[-1].text


def test_a_shop_without_agents_ends_the_wait_as_well(desk: Desk) -> None:
    hand_off = desk.wants()
    desk.later(minutes=14)
    assert ticker(desk).tick() == Ticked(alerted=1)
    desk.later(minutes=1)
    assert ticker(desk).tick().left == 1
    assert hand_off.state == "left"
    # Nobody was busy: nobody was there.
    assert "没有同事在线" in desk.said(hand_off.conversation_id)[-1].text


def test_the_first_colleague_who_is_added_ends_waits_for_nobody(desk: Desk) -> None:
    hand_off = desk.wants()
    assert "没有同事在线" in say_how_received(desk.session, hand_off, desk.now, desk.rules)
    assert may_leave(desk.session, hand_off) == []
    desk.agent("li", presence="offline")
    assert ticker(desk).tick().left == 1
    assert (hand_off.state, desk.state(hand_off.conversation_id)) == ("left", "bot")
    assert "没有同事在线" in desk.said(hand_off.conversation_id)[-1].text
    again = desk.wants(hand_off.conversation_id)
    assert again.state == "left"


def test_who_is_gone_is_replaced_in_the_same_tick(desk: Desk) -> None:
    desk.agent("li")
    hand_off = desk.wants()
    claim(desk.session, hand_off.conversation_id, "li", desk.now)
    desk.agent("wang")
    desk.later(awake=["wang"], minutes=3)
    done = ticker(desk).tick()
    assert (done.gone, done.assigned) == (1, 1)
    assert (hand_off.state, hand_off.agent_id) == ("taken", "wang")
    assert desk.notices(hand_off.conversation_id) == ["claimed", "returned", "claimed"]


def test_a_wrap_up_ends_by_itself(desk: Desk) -> None:
    desk.agent("li")
    hand_off = desk.wants()
    claim(desk.session, hand_off.conversation_id, "li", desk.now)
    close(desk.session, hand_off.conversation_id, "li", desk.now)
    desk.later(awake=["li"], minutes=2)
    assert ticker(desk).tick().ended == 0
    desk.later(awake=["li"], minutes=1)
    assert ticker(desk).tick().ended == 1
    assert (hand_off.state, hand_off.end, desk.state(hand_off.conversation_id)) == ("closed", "solved", "closed")


def test_a_customer_who_has_gone_holds_nobody(desk: Desk) -> None:
    desk.agent("li")
    silent, asking = desk.wants(), desk.wants()
    for number, hand_off in enumerate((silent, asking)):
        claim(desk.session, hand_off.conversation_id, "li", desk.now)
        say(desk.session, hand_off.conversation_id, "li", f"m{number}", {"text": "在的"}, desk.now)
    receive(desk.session, Incoming(asking.conversation_id, "web", text="有货吗", client_id="c1"), desk.now)
    desk.later(awake=["li"], minutes=29)
    assert ticker(desk).tick().ended == 0
    desk.later(awake=["li"], minutes=1)
    assert ticker(desk, idle=None).tick().ended == 0
    assert ticker(desk).tick().ended == 1
    assert (silent.state, asking.state) == ("closed", "taken")


def test_several_desks_do_it_once(database_url: str) -> None:
    with shop_session(database_url) as session:
        desk = Desk(session)
        for number in range(3):
            desk.agent(f"a{number}", capacity=4)
        gone = desk.agent("gone", capacity=9)
        waiting = [desk.wants().conversation_id for _ in range(9)]
        for conversation in waiting[:3]:
            claim(session, conversation, "gone", NOW)
        gone.heartbeat_at = NOW - timedelta(hours=1)
    together = 4
    barrier = Barrier(together)
    done: list[Ticked] = []

    def run() -> None:
        mine = Ticker(partial(shop_session, database_url), clock=lambda: NOW, rules=RULES)
        barrier.wait()
        for _ in range(3):
            done.append(mine.tick())

    threads = [Thread(target=run) for _ in range(together)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    # Whom one desk passed over because another one had them locked is found a tick later.
    done.append(Ticker(partial(shop_session, database_url), clock=lambda: NOW, rules=RULES).tick())
    assert sum(each.gone for each in done) == 1
    assert sum(each.assigned for each in done) == 9
    with shop_session(database_url) as session:
        assert {each.state for each in session.scalars(select(HandOff))} == {"taken"}
        held = [each.conversation_id for each in session.scalars(select(Assignment)) if each.until is None]
        assert sorted(held) == sorted(waiting)


def test_long_waits_are_told_every_few_seconds(desk: Desk) -> None:
    desk.agent("li", presence="busy")
    desk.wants()
    ticks = ticker(desk, alert_after=(timedelta(seconds=60),))
    desk.later(awake=["li"], seconds=60)
    assert ticks.tick().alerted == 1
    desk.later(awake=["li"], seconds=6)
    assert ticks.tick().alerted == 0


def test_the_thread_goes_on_when_a_tick_fails() -> None:
    ticked: list[int] = []
    three = Event()

    class Failing(Ticker):
        def tick(self) -> Ticked:
            ticked.append(1)
            if len(ticked) == 3:
                three.set()
            raise ConnectionError("the database is away")

    thread = TickerThread(Failing(shop_session), every=0.001)
    thread.start()
    assert three.wait(30)
    thread.stop()
