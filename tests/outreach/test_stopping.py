"""What ends everything, for whom, and for how long."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from sixty.desk.conversations import Conversation, Who, recognise
from sixty.ledger.models import Message
from sixty.outreach.calling import call_list, call_outcome, take_call
from sixty.outreach.contacts import receipt, unsubscribe
from sixty.outreach.models import OutreachCase, OutreachContact, OutreachStop
from sixty.outreach.pausing import pause, paused, resume
from sixty.outreach.stopping import hear, heard_in, lines_of, stop, stop_case, stop_customer, stops_for
from sixty.outreach.ticking import Ticker
from sixty.shop.models import Customer
from tests.outreach.outreach_rows import a_case
from tests.outreach.outreach_world import DAY, HOUR, MINUTE, World


def comes_by(world: World) -> None:
    world.session.get(Conversation, world.room("C1")).last_at = world.now
    world.session.flush()


def heard(world: World) -> int:
    return hear(world.session, world.book, world.now)


@pytest.mark.parametrize(
    ("understood", "why"),
    [
        ({"intent": {"name": "stop_reminders"}, "entities": []}, "asked"),
        ({"intent": {"name": "abandon_purchase"}, "entities": []}, "abandoned"),
        ({"intent": {"name": "inform"}, "entities": [{"entity": "mood", "value": "abandoning"}]}, "abandoned"),
        ({"intent": {"name": "ask_price"}, "entities": [{"entity": "mood", "value": "angry"}]}, "angry"),
        ({"intent": {"name": "ask_price"}, "entities": [{"entity": "mood", "value": "negative"}]}, None),
        ({"intent": {"name": "deny"}}, None),
        (None, None),
    ],
)
def test_what_a_line_ends(understood: dict[str, object] | None, why: str | None) -> None:
    assert heard_in(understood) == why


def test_who_wants_no_messages_gets_none_ever_again(shop: World) -> None:
    shop.says("C1", "别再发了", "stop_reminders")
    assert heard(shop) == 1
    shop.go(60 * DAY)
    shop.chat("C1")
    shop.order("C1")
    assert shop.tick() == []
    assert shop.tick(16 * MINUTE) == []
    assert shop.rungs("unpaid")[0][3] == "asked"


def test_a_refusal_counts_that_was_said_while_no_worker_was_there(shop: World) -> None:
    heard(shop)
    shop.go(DAY).says("C1", "别再发了", "stop_reminders")
    shop.go(20 * DAY)
    assert heard(shop) == 1
    shop.chat("C1")
    shop.order("C1")
    assert shop.tick(16 * MINUTE) == []


def test_a_line_ends_what_began_before_it_however_late_it_is_due(shop: World) -> None:
    shop.product("P9", category="文具")
    shop.order("C1", "confirmed", product="P9", confirmed_at=shop.now)
    shop.go(HOUR).says("C1", "不想要了", "abandon_purchase")
    assert heard(shop) == 1
    shop.go(60 * DAY + 4 * HOUR)
    shop.chat("C1")
    shop.plan()
    assert shop.tick(timedelta(0)) == []
    assert {reason for _, _, _, reason in shop.rungs("repurchase")} == {"abandoned"}


def test_a_line_is_heard_once_and_ends_open_cases_at_once(shop: World) -> None:
    shop.order("C1")
    shop.plan()
    shop.go(MINUTE).says("C1", "气死我了", mood="angry")
    assert heard(shop) == 1
    shop.session.expire_all()
    assert shop.cases("unpaid")[0].ended_because == "angry"
    assert shop.rungs("unpaid") == [(1, "chat", "skipped", "angry")]
    heard(shop)
    assert len(list(shop.session.scalars(select(OutreachStop)))) == 1


def test_one_order_is_let_be_and_another_one_is_not(shop: World) -> None:
    first, second = shop.order("C1"), shop.order("C1")
    shop.plan()
    assert stop_case(shop.session, shop.now, order_no=first, customer_id="C1") == 1
    said = shop.tick(16 * MINUTE)
    assert len(said) == 1
    ended = {case.order_no: case.ended_because for case in shop.cases("unpaid")}
    assert ended[first] == "abandoned"
    assert ended[second] is None


def visitor(world: World) -> str:
    """A visitor in a chat of their own."""
    world.session.add(Customer(id="C9", nickname="C9", phone="13800138009", level="普通", region=""))
    return world.chat(None, visitor="v9")


def signs_in(world: World, room: str) -> None:
    recognise(world.session, room, Who("C9", "普通", "", world.now + 90 * DAY))
    world.session.get(Conversation, room).last_at = world.now
    world.session.flush()


def asks_in(world: World, room: str, text: str, intent: str = "inform") -> None:
    line = world.says("C1", text, intent)
    world.session.get(Message, line).conversation_id = room
    world.session.flush()


@pytest.mark.parametrize("told", ["heard", "told"])
def test_what_a_visitor_wants_counts_for_the_customer_they_turn_out_to_be(shop: World, told: str) -> None:
    room = visitor(shop)
    if told == "heard":
        asks_in(shop, room, "别再发了", "stop_reminders")
        assert heard(shop) == 1
    else:
        stop_customer(shop.session, shop.now, conversation_id=room)
    signs_in(shop.go(8 * DAY), room)
    shop.order("C9")
    shop.order("C1")
    comes_by(shop)
    assert len(shop.tick() + shop.tick(16 * MINUTE)) == 1
    assert shop.rungs("unpaid")[0] == (1, "chat", "skipped", "asked")


def test_what_a_customer_wants_counts_for_what_began_before_they_signed_in(shop: World) -> None:
    room = visitor(shop)
    case = a_case(shop.session, room, shop.now, customer_id=None, conversation_id=room, exposed_at=None)
    signs_in(shop, room)
    assert stop_customer(shop.session, shop.now, customer_id="C9") == 1
    assert shop.session.get(OutreachCase, case.id, populate_existing=True).ended_because == "asked"
    later = a_case(shop.session, room, shop.now, customer_id=None, conversation_id=room, exposed_at=None)
    assert stops_for(shop.session, [later]).against(later, "unpaid", True, "chat", shop.now) == ("asked", False)


def test_a_line_in_a_chat_counts_for_the_visitor_and_for_the_customer(shop: World) -> None:
    asks_in(shop, room := visitor(shop), "别再发了", "stop_reminders")
    lines = lines_of(shop.session, {room: [room], "C9": [room]}, shop.now)
    assert {who: [each.why for each in found.heard] for who, found in lines.items()} == {
        room: ["asked"],
        "C9": ["asked"],
    }


def test_a_line_that_is_understood_hours_later_counts_for_good(shop: World) -> None:
    line = shop.session.get(Message, shop.says("C1", "别再发了", "stop_reminders"))
    meant, line.understood = line.understood, None
    shop.session.flush()
    assert heard(shop) == 0
    shop.go(30 * MINUTE)
    assert heard(shop) == 0
    line.understood = meant
    shop.go(3 * HOUR)
    shop.session.flush()
    assert heard(shop) == 1
    comes_by(shop.go(8 * DAY))
    shop.order("C1")
    assert shop.tick() + shop.tick(16 * MINUTE) == []


def test_a_stop_of_every_way_says_more_than_one_of_sms(shop: World) -> None:
    stop(shop.session, "customer", "C1", "unsubscribed", shop.now, way="sms")
    stop_customer(shop.session, shop.now, customer_id="C1")
    case = a_case(shop.session, "C1", shop.now)
    assert stops_for(shop.session, [case]).against(case, "unpaid", True, "sms", shop.now) == ("asked", False)


def test_staff_stop_a_customer(shop: World) -> None:
    shop.order("C1")
    shop.plan()
    assert stop_customer(shop.session, shop.now, customer_id="C1", why="staff", by="a1") == 1
    assert shop.tick(16 * MINUTE) == []


def test_a_scene_is_paused_and_goes_on(shop: World) -> None:
    assert pause(shop.session, "unpaid", "a1", shop.now)
    assert not pause(shop.session, "unpaid", "a1", shop.now)
    assert paused(shop.session) == {"unpaid"}
    assert resume(shop.session, "unpaid")
    assert not resume(shop.session, "unpaid")


def sms(world: World) -> OutreachContact:
    world.order("C1", amount="900")
    world.tick()
    world.tick(16 * MINUTE)
    world.tick(2 * HOUR)
    Ticker(world.open, world.open, lambda: world.book).sms(world.book, world.now)
    return world.session.scalars(select(OutreachContact)).one()


def test_an_sms_is_sent_received_and_refused(shop: World) -> None:
    row = sms(shop)
    assert (row.state, row.provider) == ("sent", "outbox")
    assert shop.rungs("unpaid")[1] == (2, "sms", "sent", None)
    assert receipt(shop.session, "outbox", row.provider_ref, "delivered", shop.now)
    assert not receipt(shop.session, "outbox", row.provider_ref, "delivered", shop.now)
    assert unsubscribe(shop.session, "138 0013 8000", shop.now) == 1
    shop.session.expire_all()
    assert shop.cases("unpaid")[0].unsubscribed_at == shop.now
    shop.go(5 * DAY)
    shop.order("C1", amount="900")
    shop.tick()
    shop.tick(16 * MINUTE)
    shop.tick(2 * HOUR)
    assert shop.rungs("unpaid")[-2][1:] == ("sms", "skipped", "unsubscribed")


def test_an_sms_is_not_sent_when_the_order_was_paid_meanwhile(shop: World) -> None:
    no = shop.order("C1", amount="900")
    shop.tick()
    shop.tick(16 * MINUTE)
    shop.tick(2 * HOUR)
    shop.set(no, state="paid", paid_at=shop.now)
    assert Ticker(shop.open, shop.open, lambda: shop.book).sms(shop.book, shop.now) == 0
    assert shop.rungs("unpaid")[1] == (2, "sms", "skipped", "done")


def test_a_call_is_taken_once_and_its_outcome_counts(shop: World) -> None:
    object.__setattr__(shop.book.caps, "per_day", 9)
    sms(shop)
    shop.tick(3 * HOUR + MINUTE)
    call = call_list(shop.session, shop.now)[0]
    assert take_call(shop.session, call.id, "a1", shop.now, shop.book)
    assert not take_call(shop.session, call.id, "a2", shop.now, shop.book)
    assert not call_outcome(shop.session, call.id, "no_more", "a2", shop.now)
    assert call_outcome(shop.session, call.id, "no_more", "a1", shop.now)
    shop.session.expire_all()
    assert shop.rungs("unpaid")[2] == (3, "phone", "sent", None)
    row = shop.session.scalars(select(OutreachStop)).one()
    assert (row.kind, row.subject, row.why, row.by) == ("customer", "C1", "asked", "a1")


def test_a_number_that_was_refused_is_left_alone_whosever_it_is(shop: World) -> None:
    sms(shop)
    assert unsubscribe(shop.session, "138 0013 8000", shop.now) == 1
    assert unsubscribe(shop.session, "139 9999 9999", shop.now) == 0
    assert unsubscribe(shop.session, "12", shop.now) is None
    kept = [each.subject for each in shop.session.scalars(select(OutreachStop)) if each.kind == "number"]
    assert len(kept) == 2
    assert not any("138" in each and "0013" in each for each in kept)
    for name, phone in (("C8", "13800138000"), ("C9", "13999999999")):
        shop.customer(name, phone=phone)
        shop.order(name, amount="900")
    shop.tick()
    shop.tick(16 * MINUTE)
    shop.tick(2 * HOUR)
    of_both = [each for each in shop.rungs("unpaid") if each[1] == "sms"][1:]
    assert [(state, reason) for _, _, state, reason in of_both] == [("skipped", "unsubscribed")] * 2


def test_what_is_not_understood_yet_keeps_an_sms_back(shop: World) -> None:
    shop.order("C1", amount="900")
    shop.session.get(Conversation, shop.room("C1")).state = "closed"
    shop.session.get(Conversation, shop.room("C1")).last_at = shop.now - 60 * DAY
    shop.tick()
    shop.tick(16 * MINUTE)
    assert shop.rungs("unpaid")[0][3] == "no_chat"
    shop.go(2 * HOUR)
    line = shop.session.get(Message, shop.says("C1", "别再给我发了", "inform"))
    line.state, line.understood = "received", None
    shop.session.flush()
    shop.tick()
    assert shop.rungs("unpaid")[1] == (2, "sms", "skipped", "talking")


def test_what_nobody_can_deliver_does_not_count_for_ever(shop: World) -> None:
    shop.order("C1")
    shop.plan()
    shop.go(16 * MINUTE).decide()
    assert shop.rungs("unpaid") == [(1, "chat", "queued", None)]
    shop.go(8 * DAY)
    shop.order("C1")
    shop.plan()
    shop.go(16 * MINUTE).decide()
    assert [state for _, _, state, _ in shop.rungs("unpaid")] == ["queued", "queued"]
