"""What came of it: whose message an answer and a refusal belong to, what an order brought, and what was really sent."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, select

from sixty.desk.conversations import Who, recognise
from sixty.insight.silence import SILENCE
from sixty.ledger.models import Message, OutboxRow
from sixty.ledger.outbox import OutboxItem, claim_due, failed, put, write_message
from sixty.outreach.calling import call_outcome, take_call
from sixty.outreach.contacts import receipt, unsubscribe
from sixty.outreach.lift import Sent
from sixty.outreach.lift_report import lift_by_day, lift_lines, recovered_by_all, together
from sixty.outreach.models import OutreachCase, OutreachContact, OutreachRung
from sixty.outreach.sending import give_up, outbox_key
from sixty.outreach.settling import LATE_NEWS, settle
from sixty.outreach.stopping import hear, stop_customer
from sixty.shop.models import Customer
from tests.outreach.outreach_rows import a_case, a_contact, a_rung
from tests.outreach.outreach_world import DAY, HOUR, MINUTE, World


@pytest.fixture
def shop(world: World) -> World:
    world.product()
    world.customer()
    world.customer("C2")
    return world


def said(world: World, scene: str, at: datetime, who: str = "C1", **of: Any) -> OutreachCase:
    """A case of which something was said in the customer's chat."""
    room = of.pop("conversation_id", None) or world.room(who)
    way = of.pop("way", "chat")
    case = a_case(world.session, who, at, scene=scene, conversation_id=room, watch_until=at + 3 * DAY, **of)
    a_rung(world.session, case, at, way=way, cost=world.book.cost[way])
    return case


def settled(world: World, *cases: OutreachCase) -> list[OutreachCase]:
    settle(world.session, world.book, world.now)
    world.session.expire_all()
    return [world.session.get(OutreachCase, each.id) for each in cases]


def figures(world: World) -> Sent:
    lines = lift_lines(world.session, world.now - 30 * DAY, world.now + DAY, "scene", {}, world.now)
    return together(lines)


# ------------------------------------------------------------------------------------------- answers and refusals


def test_an_answer_belongs_to_what_was_said_last_before_it(shop: World) -> None:
    cases = [said(shop, "unpaid", shop.now), said(shop, "cart", shop.now + HOUR), said(shop, "review", shop.now + DAY)]
    answered = shop.now + 2 * HOUR
    shop.says("C1", "好的", at=answered)
    shop.says("C1", "谢谢", at=answered + MINUTE)
    shop.go(2 * DAY)
    assert [each.answered_at for each in settled(shop, *cases)] == [None, answered, None]
    assert figures(shop).answered == 1


def test_an_answer_counts_wherever_it_is_written(shop: World) -> None:
    case, other = said(shop, "unpaid", shop.now, way="sms"), said(shop, "unpaid", shop.now, "C2")
    elsewhere = shop.chat("C1", visitor="phone")
    line = shop.says("C1", "这就付", at=shop.now + HOUR)
    shop.session.get(Message, line).conversation_id = elsewhere
    shop.session.flush()
    shop.go(2 * HOUR)
    assert [each.answered_at is not None for each in settled(shop, case, other)] == [True, False]


def test_what_is_said_before_or_long_after_is_no_answer(shop: World) -> None:
    shop.says("C1", "在吗", at=shop.now - MINUTE)
    case = said(shop, "unpaid", shop.now)
    shop.says("C1", "在吗", at=shop.now + 4 * DAY)
    shop.go(5 * DAY)
    assert settled(shop, case)[0].answered_at is None


def test_a_refusal_counts_once(shop: World) -> None:
    cases = [said(shop, "unpaid", shop.now), said(shop, "cart", shop.now + HOUR)]
    shop.go(2 * HOUR).says("C1", "别再发了", "stop_reminders")
    hear(shop.session, shop.book, shop.now)
    hear(shop.session, shop.book, shop.now + MINUTE)
    assert [each.unsubscribed_at is not None for each in settled(shop, *cases)] == [False, True]
    assert figures(shop).unsubscribed == 1
    assert {each.ended_because for each in settled(shop, *cases)} == {"asked"}


def test_who_is_stopped_by_staff_has_refused_nothing(shop: World) -> None:
    case = said(shop, "unpaid", shop.now)
    stop_customer(shop.session, shop.now, customer_id="C1", why="staff", by="a1")
    assert settled(shop, case)[0].unsubscribed_at is None


def test_a_refusal_by_sms_belongs_to_the_last_sms(shop: World) -> None:
    cases = [said(shop, "unpaid", shop.now + each * HOUR, way="sms") for each in range(2)]
    for case in cases:
        rung = shop.session.scalars(select(OutreachRung).where(OutreachRung.case_id == case.id)).one()
        a_contact(shop.session, rung, shop.now, way="sms", number="+8613800138000", state="sent")
    cases.append(said(shop, "cart", shop.now + 2 * HOUR))
    shop.go(3 * HOUR)
    unsubscribe(shop.session, "13800138000", shop.now)
    assert [each.unsubscribed_at is not None for each in settled(shop, *cases)] == [False, True, False]


# ------------------------------------------------------------------------------------------------- what was sent


def an_sms(world: World) -> OutreachContact:
    case = a_case(world.session, "C1", world.now)
    rung = a_rung(world.session, case, world.now, way="sms", cost=world.book.cost["sms"])
    return a_contact(world.session, rung, world.now, way="sms", state="sending")


def test_what_no_provider_took_was_not_sent_and_cost_nothing(shop: World) -> None:
    case = a_case(shop.session, "C1", shop.now)
    rung = a_rung(shop.session, case, shop.now, way="sms", state="queued", sent_at=None)
    a_contact(shop.session, rung, shop.now, way="sms", state="failed")
    give_up(shop.session, shop.book, case, rung, "failed", "not_delivered", shop.now)
    shop.session.flush()
    assert figures(shop) == Sent()


def test_an_sms_that_did_not_arrive_was_sent_and_paid_for(shop: World) -> None:
    row = an_sms(shop)
    row.state, row.provider, row.provider_ref, row.sent_at = "sent", "carrier", "r1", shop.now
    shop.session.flush()
    receipt(shop.session, "carrier", "r1", "failed", shop.now)
    shop.session.flush()
    assert figures(shop) == Sent(sent=1, cost=shop.book.cost["sms"])


@pytest.mark.parametrize(("outcome", "reached"), [("reached", 1), ("not_reached", 0), ("wrong_number", 0)])
def test_a_call_arrives_when_somebody_is_reached(shop: World, outcome: Any, reached: int) -> None:
    no = shop.order("C1", amount="900")
    case = a_case(shop.session, "C1", shop.now, subject_id=no, order_no=no)
    rung = a_rung(shop.session, case, shop.now, way="phone", state="queued", sent_at=None)
    row = a_contact(shop.session, rung, shop.now)
    assert take_call(shop.session, row.id, "a1", shop.now, shop.book)
    call_outcome(shop.session, row.id, outcome, "a1", shop.now)
    shop.session.flush()
    assert figures(shop) == Sent(sent=1, delivered=reached, cost=shop.book.cost["phone"])


def test_several_steps_of_a_case_are_one_case_and_cost_what_all_cost(shop: World) -> None:
    case = said(shop, "unpaid", shop.now)
    a_rung(shop.session, case, shop.now, rung=2, way="sms", cost=Decimal("0.05"), delivered_at=shop.now)
    a_rung(shop.session, case, shop.now, rung=3, way="phone", cost=Decimal("1.50"), delivered_at=shop.now)
    assert figures(shop) == Sent(sent=1, delivered=1, cost=Decimal("1.55"))


def in_outbox(world: World, key: str, room: str) -> OutboxRow:
    put(world.session, OutboxItem(key, room, "bot", {"text": "在吗"}, world.now, "outreach"), world.now)
    (row,) = claim_due(world.session, "test", world.now + MINUTE, world.now)
    write_message(world.session, row, "web", world.now)
    return row


def test_what_the_courier_gives_up_was_not_sent_until_it_is_found(shop: World) -> None:
    case = said(shop, "unpaid", shop.now)
    row = in_outbox(shop, outbox_key(case.id, 1), shop.room("C1"))
    settled(shop)
    assert figures(shop) == Sent(sent=1)
    failed(shop.session, row.id, "nobody there", None)
    settled(shop)
    assert figures(shop) == Sent()
    shop.session.get(Message, row.message_id).delivered_at = shop.go(HOUR).now
    shop.session.flush()
    settled(shop)
    assert figures(shop) == Sent(sent=1, delivered=1)


def test_a_follow_up_within_the_chat_arrives_and_is_answered_like_others(shop: World) -> None:
    case = said(shop, "follow_up", shop.now, subject_kind="visit", subject_id="77")
    row = in_outbox(shop, f"{SILENCE}:77", shop.room("C1"))
    shop.session.get(Message, row.message_id).delivered_at = shop.now
    shop.says("C1", "在的", at=shop.now + MINUTE)
    shop.go(HOUR)
    settled(shop)
    settled(shop, case)
    assert figures(shop) == Sent(sent=1, delivered=1, answered=1)


# ------------------------------------------------------------------------------------------------ what they brought


def exposed(world: World, scene: str, order: str | None = None, **of: Any) -> OutreachCase:
    return said(world, scene, world.now, order_no=order, **of)


def test_an_order_that_is_closed_again_within_the_window_has_brought_nothing(shop: World) -> None:
    no = shop.order("C1")
    case, held = exposed(shop, "unpaid", no), exposed(shop, "unpaid", no, arm="control")
    shop.set(no, state="paid", paid_at=shop.go(HOUR).now, paid_amount=Decimal(259))
    assert [each.recovered for each in settled(shop, case, held)] == [259, 259]
    shop.set(no, state="closed", closed_at=shop.go(HOUR).now)
    for each in settled(shop, case, held):
        assert (each.converted_at, each.converted_order_no, each.recovered) == (None, None, None)
    assert recovered_by_all(shop.session, shop.now - DAY, shop.now + DAY) == 0


def test_another_order_may_take_the_place_of_one_that_was_closed(shop: World) -> None:
    case = exposed(shop, "cart")
    first = shop.order("C1", "paid", at=shop.go(HOUR).now, paid_at=shop.now)
    assert settled(shop, case)[0].converted_order_no == first
    second = shop.order("C1", "paid", at=shop.go(HOUR).now, amount="99", paid_at=shop.now)
    shop.set(first, state="closed", closed_at=shop.now)
    assert settled(shop, case)[0].converted_order_no == second


def test_what_is_closed_after_the_window_had_been_bought(shop: World) -> None:
    no = shop.order("C1")
    case = exposed(shop, "unpaid", no)
    shop.set(no, state="paid", paid_at=shop.go(HOUR).now, paid_amount=Decimal(259))
    settled(shop, case)
    shop.go(3 * DAY + LATE_NEWS)
    assert settled(shop, case)[0].settled_at is not None
    shop.set(no, state="closed", closed_at=shop.now)
    assert settled(shop, case)[0].recovered == 259


def test_what_was_paid_before_anything_was_said_was_not_brought_about(shop: World) -> None:
    no = shop.order("C1")
    paid = shop.now
    case = exposed(shop.go(20 * MINUTE), "unpaid", no)
    shop.set(no, state="paid", paid_at=paid, paid_amount=Decimal(259))
    shop.go(MINUTE)
    assert settled(shop, case)[0].converted_at is None


def test_a_visitor_who_signs_in_and_buys_has_bought(shop: World) -> None:
    room = shop.chat(None, visitor="v9")
    shop.session.add(Customer(id="C9", nickname="C9", phone="13800138009", level="普通", region=""))
    case = said(shop, "asked", shop.now, who=room, customer_id=None, conversation_id=room)
    recognise(shop.session, room, Who("C9", "普通", "", shop.now + DAY))
    no = shop.order("C9", "paid", at=shop.go(HOUR).now, paid_at=shop.now)
    assert settled(shop, case)[0].converted_order_no == no


def test_an_order_is_credited_once_to_what_was_said_last_before_it(shop: World) -> None:
    no = shop.order("C1")
    bought = {"converted_at": shop.now + 5 * HOUR, "converted_order_no": no, "recovered": Decimal(259)}
    first = said(shop, "unpaid", shop.now, **bought)
    said(shop, "cart", shop.now + HOUR, **bought)
    # Two carts of one customer came to the same order.
    said(shop, "cart", shop.now + 2 * HOUR, **bought)
    said(shop, "unconfirmed", shop.now + 9 * HOUR, converted_at=shop.now + 9 * HOUR, converted_order_no=no)
    held = said(shop, "unpaid", shop.now + 3 * HOUR, "C2", arm="control", **bought)
    shop.session.execute(delete(OutreachRung).where(OutreachRung.case_id == held.id))
    since, until = shop.now - DAY, shop.now + 2 * DAY
    lines = {each.scene: each for each in lift_lines(shop.session, since, until, "scene", {}, shop.now)}
    assert (lines["unpaid"].recovered, lines["cart"].recovered) == (259, 259)
    assert recovered_by_all(shop.session, since, until) == 259
    # Said once more, later than the carts: the order belongs to another day's case.
    a_rung(shop.session, first, shop.now + 4 * HOUR, rung=2, way="sms")
    first.exposed_at = shop.now - DAY
    shop.session.flush()
    days = lift_by_day(shop.session, since - DAY, until, "*")
    assert [(each.reminded, each.held, each.converted, each.recovered) for each in days] == [
        (1, 0, 1, 259),
        (3, 1, 3, 0),
    ]
    assert [each.recovered for each in lift_by_day(shop.session, since, until, "cart")] == [259]


def test_what_is_lost_out_of_the_outbox_does_not_end_the_ladder(shop: World) -> None:
    shop.order("C1", amount="900")
    shop.plan()
    shop.go(16 * MINUTE).decide()
    assert shop.rungs("unpaid") == [(1, "chat", "queued", None)]
    shop.session.execute(delete(OutboxRow))
    settle(shop.session, shop.book, shop.go(HOUR).now)
    assert shop.rungs("unpaid") == [(1, "chat", "queued", None)]
    settle(shop.session, shop.book, shop.go(MINUTE).now)
    assert shop.rungs("unpaid") == [(1, "chat", "failed", "lost"), (2, "sms", "planned", None)]


def test_customers_are_compared_by_their_first_case_alone(shop: World) -> None:
    """What was said keeps later cases of the reminded from being said, and held back ones nothing: so these differ."""
    for number in range(40):
        who, arm = f"K{number}", "control" if number % 2 else "reminded"
        said(shop, "unpaid", shop.now, who, arm=arm)
        if arm == "control":
            of = {"converted_at": shop.now + HOUR, "recovered": Decimal(100)}
            said(shop, "unpaid", shop.now + 3 * MINUTE, who, arm=arm, **of)
    (line,) = lift_lines(shop.session, shop.now - DAY, shop.now + DAY, "scene", {}, shop.now)
    assert (line.found.reminded.cases, line.found.control.cases) == (20, 20)
    assert line.found.control.converted == 0


def test_a_deposit_that_was_paid_before_anything_was_said_was_not_brought_about(shop: World) -> None:
    no = shop.order("C1")
    paid = shop.now
    case = exposed(shop.go(20 * MINUTE), "unpaid", no)
    shop.set(no, state="deposit_paid", paid_at=paid, deposit_paid=Decimal(50), paid_amount=Decimal(50))
    shop.go(MINUTE)
    assert settled(shop, case)[0].converted_at is None
