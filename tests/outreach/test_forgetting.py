"""Who is forgotten is reminded of nothing, and what is counted tells of nobody."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from sixty.desk.conversations import Conversation, Who, recognise
from sixty.desk.forgetting import conversations_of, forget
from sixty.ledger.models import Message
from sixty.outreach.calling import call_list, call_outcome, take_call
from sixty.outreach.lift_report import lift_lines, recovered_by_all, together
from sixty.outreach.models import OutreachCase, OutreachContact, OutreachRung, OutreachStop
from sixty.outreach.stopping import hear, stop, stop_case, stop_customer
from sixty.outreach.ticking import Ticker
from sixty.shop.deeds.models import StockWish
from sixty.shop.models import Customer
from tests.outreach.outreach_rows import a_case, a_rung
from tests.outreach.outreach_world import DAY, HOUR, MINUTE, World

TABLES: tuple[Any, ...] = (OutreachCase, OutreachRung, OutreachContact, OutreachStop, StockWish)


@pytest.fixture
def shop(world: World) -> World:
    world.product()
    world.customer()
    world.customer("C2", phone="13900139000")
    for scene in world.book.scenes.values():
        object.__setattr__(scene, "control", 0.0)
    object.__setattr__(world.book.caps, "per_day", 9)
    object.__setattr__(world.book.caps, "apart", timedelta(0))
    return world


def forgets(world: World, customer: str = "C1") -> None:
    forget(world.session, conversations_of(world.session, customer), world.now, customer)
    world.session.expire_all()


def kept(world: World) -> str:
    """All that stands in the tables of reminders, as one text; without made-up names, in which anything may stand."""
    rows = [row for table in TABLES for row in world.session.execute(select(table.__table__)).all()]
    return re.sub(r"forgotten:[0-9a-f]+", "", "\n".join(str(tuple(row)) for row in rows))


def called(world: World) -> None:
    """A whole ladder: chat, SMS, and a call with a note."""
    world.order("C1", amount="900")
    world.tick()
    world.tick(16 * MINUTE)
    world.tick(2 * HOUR)
    Ticker(world.open, world.open, lambda: world.book).sms(world.book, world.now)
    world.tick(3 * HOUR + MINUTE)
    call = call_list(world.session, world.now)[0]
    assert take_call(world.session, call.id, "a1", world.now, world.book)
    assert call_outcome(world.session, call.id, "reached", "a1", world.now, note="张三说周末再看")


def test_nothing_of_a_forgotten_customer_is_left_and_what_is_counted_stays(shop: World) -> None:
    called(shop)
    no = shop.cases("unpaid")[0].order_no
    shop.set(no, state="paid", paid_at=shop.now, paid_amount=Decimal(900))
    shop.tick(MINUTE)
    stop_case(shop.session, shop.now, order_no=no, product_no="P1", customer_id="C1")
    room = shop.room("C1")

    def figures() -> Any:
        shop.session.expire_all()
        lines = lift_lines(shop.session, shop.now - DAY, shop.now + DAY, "scene", {}, shop.now + 9 * DAY)
        whole = recovered_by_all(shop.session, shop.now - DAY, shop.now + DAY)
        return [(each.scene, each.recovered, each.found) for each in lines], together(lines), whole

    before = figures()
    assert before[1].cost == shop.book.cost["sms"] + shop.book.cost["phone"]
    forgets(shop)
    assert figures() == before
    text = kept(shop)
    for each in ("C1", no, room, "13800138000", "张三", "夹克", "259", "P1", shop.now.strftime("%H, %M")):
        assert each not in text, each


def test_what_is_under_way_ends_at_once(shop: World) -> None:
    shop.order("C1", amount="900")
    shop.order("C2", amount="900")
    shop.tick()
    shop.tick(16 * MINUTE)
    shop.tick(2 * HOUR)
    shop.order("C1", amount="40")
    shop.plan()
    shop.go(16 * MINUTE)
    assert shop.decide().said == 1
    states = {each.state for each in shop.session.scalars(select(OutreachContact))}
    assert states == {"waiting"}

    forgets(shop)

    assert shop.deliver() == []
    ticker = Ticker(shop.open, shop.open, lambda: shop.book)
    assert ticker.sms(shop.book, shop.now) == 1
    numbers = [each.number for each in shop.session.scalars(select(OutreachContact).order_by(OutreachContact.id))]
    assert sorted(numbers) == ["", "+8613900139000"]
    assert {each.ended_because for each in shop.cases("unpaid")} == {"forgotten", None}
    assert shop.tick(3 * HOUR) == []


def test_nothing_new_is_said_to_a_forgotten_customer_nor_written_down(shop: World) -> None:
    shop.order("C1")
    forgets(shop)
    shop.chat("C1")
    shop.tick()
    shop.go(5 * DAY)
    shop.order("C1")
    shop.order("C2", amount="40")
    shop.session.get(Conversation, shop.room("C2")).last_at = shop.now
    assert len(shop.tick() + shop.tick(16 * MINUTE)) == 1
    assert "C1" not in kept(shop)


def test_a_case_that_was_just_planned_is_not_said_either(shop: World) -> None:
    shop.order("C1")
    stop(shop.session, "customer", "C1", "angry", shop.now, scenes="selling", until=shop.now + DAY)
    forgets(shop)
    # By a worker that had looked before.
    case = a_case(shop.session, "C1", shop.now, order_no="60000001", subject_id="60000001", exposed_at=None)
    a_rung(shop.session, case, shop.now, state="planned", decided_at=None, sent_at=None)
    shop.chat("C1")
    assert shop.tick() == []
    assert shop.rungs("unpaid") == [(1, "chat", "skipped", "forgotten")]


def test_a_wish_is_forgotten_with_who_had_it(shop: World) -> None:
    shop.session.add(
        StockWish(wisher="C1", sku_code="P1-M", conversation_id=shop.room("C1"), asked_at=shop.now - timedelta(days=1))
    )
    shop.session.flush()
    forgets(shop)
    assert kept(shop).count("P1") == 0


def test_a_visitor_is_forgotten_with_the_conversation(shop: World) -> None:
    room, other = shop.chat(None, visitor="v8"), shop.chat(None, visitor="v9")
    for each in (room, other):
        shop.session.add(StockWish(wisher=each, sku_code="P1-M", conversation_id=each, asked_at=shop.now - DAY))
        stop_customer(shop.session, shop.now, conversation_id=each) if each == other else None
    shop.session.flush()
    shop.tick()
    assert len(shop.cases("back_in_stock")) == 2
    people = {each.who for each in shop.cases("back_in_stock")}
    assert people == {room, other}
    forget(shop.session, [room, other], shop.now)
    shop.session.expire_all()
    assert len({each.who for each in shop.cases("back_in_stock")}) == 2
    assert room not in kept(shop)
    assert other not in kept(shop)


def test_what_a_customer_wanted_before_signing_in_counts_when_the_conversation_is_gone(shop: World) -> None:
    room = shop.chat(None, visitor="v9")
    shop.session.add(Customer(id="C9", nickname="C9", phone="13800138009", level="普通", region=""))
    line = shop.says("C1", "别再发了", "stop_reminders")
    shop.session.get(Message, line).conversation_id = room
    shop.session.flush()
    hear(shop.session, shop.book, shop.now)
    recognise(shop.session, room, Who("C9", "普通", "", shop.now + DAY))
    # The conversation is old; the customer is not forgotten.
    forget(shop.session, [room], shop.now)
    shop.go(9 * DAY)
    shop.chat("C9")
    shop.order("C9")
    assert shop.tick() + shop.tick(16 * MINUTE) == []
    assert shop.rungs("unpaid")[0][3] == "asked"


def test_an_old_conversation_takes_with_it_what_was_said_there_and_no_more(shop: World) -> None:
    shop.order("C1", amount="900")
    shop.tick()
    assert len(shop.tick(16 * MINUTE)) == 1
    forget(shop.session, [shop.room("C1")], shop.now)
    shop.session.expire_all()
    case = shop.cases("unpaid")[0]
    assert (case.who, case.conversation_id, case.state) == ("C1", None, "open")
    assert shop.session.scalars(select(OutreachRung.text).order_by(OutreachRung.rung)).first() == ""
    shop.tick(2 * HOUR)
    assert shop.rungs("unpaid")[1][1:3] == ("sms", "queued")
