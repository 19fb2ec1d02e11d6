"""Which scene speaks when, and which keeps silent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from sixty.desk.conversations import Conversation, Who, recognise
from sixty.insight.models import Visit
from sixty.outreach.models import OutreachContact
from sixty.outreach.pausing import pause
from sixty.outreach.settling import settle
from sixty.outreach.ticking import Ticker
from sixty.shop.deeds.models import StockWish
from sixty.shop.models import Parcel, ParcelTrace, Product, Refund, Sku
from sixty.shop.wording import say_moment
from tests.outreach.outreach_rows import a_case, a_rung, visit
from tests.outreach.outreach_world import DAY, HOUR, MINUTE, NOW, World


def test_an_unpaid_order_is_reminded_of_once(world: World) -> None:
    world.product()
    world.order(world.customer())

    assert world.tick() == []
    assert world.tick(10 * MINUTE) == []
    said = world.tick(6 * MINUTE)

    assert len(said) == 1
    assert "夹克P1" in said[0]
    assert world.tick(MINUTE) == []
    assert world.rungs("unpaid") == [(1, "chat", "sent", None), (2, "sms", "planned", None)]


def wish(world: World, customer: str, sku: str = "P1-M") -> None:
    world.session.get(Sku, sku).stock = 0
    world.session.add(
        StockWish(wisher=customer, sku_code=sku, conversation_id=world.room(customer), asked_at=world.now - DAY)
    )
    world.session.flush()


def back(world: World) -> None:
    world.session.get(Sku, "P1-M").stock = 5
    world.session.flush()


def used_up(world: World) -> World:
    """What is sold is used up in time, so that it is bought again."""
    world.session.get(Product, "P1").category = "文具"
    world.session.flush()
    return world


def closed(world: World, **of: datetime) -> dict[str, datetime]:
    return {"paid_at": world.now - 8 * DAY, "shipped_at": world.now - 7 * DAY, **of}


Begin = Callable[[World], None]
SCENES: dict[str, tuple[Begin, timedelta]] = {
    "unpaid": (lambda w: w.order("C1") and None, 16 * MINUTE),
    "address_check": (lambda w: w.order("C1", "paid", paid_at=w.now) and None, 6 * MINUTE),
    # Four hours later, then at three o'clock.
    "awaiting_dispatch": (lambda w: w.order("C1", "paid", paid_at=w.now) and None, 5 * HOUR),
    "dispatched": (lambda w: w.order("C1", "shipped", paid_at=w.now - DAY, shipped_at=w.now) and None, 11 * MINUTE),
    "delayed": (lambda w: w.order("C1", "paid", paid_at=w.now - 48 * HOUR) and None, timedelta(0)),
    "out_for_delivery": (
        lambda w: w.parcel(w.order("C1", "shipped", shipped_at=w.now - 2 * DAY), "out_for_delivery") and None,
        timedelta(0),
    ),
    "refund": (
        lambda w: w.refund(w.order("C1", "shipped", shipped_at=w.now - 9 * DAY), "agreed") and None,
        timedelta(0),
    ),
    # Three days later at eight in the evening.
    "unconfirmed": (lambda w: w.order("C1", "delivered", delivered_at=w.now) and None, 3 * DAY + 10 * HOUR),
    "after_care": (lambda w: w.order("C1", "confirmed", confirmed_at=w.now) and None, 2 * DAY + 5 * HOUR),
    "review": (lambda w: w.order("C1", "confirmed", confirmed_at=w.now) and None, 5 * DAY + 10 * HOUR),
    # Two months for what is written with.
    "repurchase": (
        lambda w: used_up(w) and w.order("C1", "confirmed", confirmed_at=w.now) and None,
        60 * DAY + 5 * HOUR,
    ),
    "asked": (lambda w: visit(w, "C1") and None, 5 * HOUR),
    "recommendation": (lambda w: visit(w, "C1") and None, 3 * DAY + 5 * HOUR),
    "cart": (lambda w: w.event("C1", "cart", {"lines": [{"product_no": "P1"}]}) and None, 5 * HOUR),
    "favourite": (lambda w: w.event("C1", "favourite", {"product_no": "P1"}) and None, DAY + 5 * HOUR),
}


def shop(world: World) -> World:
    world.product()
    world.product("P2", name="另一件夹克")
    world.customer()
    # Nobody belongs to a control group here.
    for scene in world.book.scenes.values():
        object.__setattr__(scene, "control", 0.0)
    return world


def comes_by(world: World) -> World:
    """The customer has opened the chat again, and said nothing."""
    world.session.get(Conversation, world.room("C1")).last_at = world.now
    return world


@pytest.mark.parametrize("scene", SCENES)
def test_every_scene_speaks_at_its_moment_and_not_before(world: World, scene: str) -> None:
    begin, wait = SCENES[scene]
    shop(world)
    begin(world)

    world.tick()
    if wait:
        world.tick(wait - 2 * MINUTE)
        comes_by(world)
        assert [state for _, _, state, _ in world.rungs(scene)] in ([], ["planned"])
        world.tick(2 * MINUTE)

    assert world.rungs(scene)[0] == (1, "chat", "sent", None)
    assert len(world.cases(scene)) == 1


def test_somebody_hears_once_when_a_thing_is_back(world: World) -> None:
    shop(world)
    wish(world, "C1")
    assert world.tick() == []
    world.go(DAY)
    back(world)

    said = world.tick()

    assert len(said) == 1
    assert "到货了" in said[0]
    assert world.tick(MINUTE) == []
    assert world.session.get(StockWish, ("C1", "P1-M")).told_at is not None


def test_what_is_gone_again_before_it_was_told_may_come_back(world: World) -> None:
    shop(world)
    wish(world, "C1")
    world.tick()
    world.go(12 * HOUR + 30 * MINUTE)  # at night
    back(world)
    assert world.tick() == []
    world.session.get(Sku, "P1-M").stock = 0
    assert world.tick(11 * HOUR) == []
    assert world.cases("back_in_stock") == []
    back(world)
    assert len(world.tick()) == 1


def test_a_balance_is_asked_for_when_it_can_be_paid(world: World) -> None:
    shop(world)
    world.presale("P1", NOW + DAY, NOW + 4 * DAY)
    world.order("C1", "deposit_paid", at=NOW - DAY, paid_amount=Decimal(0), deposit_paid=Decimal(50), paid_at=NOW - DAY)
    world.tick()
    assert world.tick(DAY) == []
    said = world.tick(31 * MINUTE)
    assert len(said) == 1
    assert "还差209元" in said[0]


def test_what_was_sold_in_advance_is_late_after_the_day_that_was_promised(world: World) -> None:
    shop(world)
    world.presale("P1", NOW - 3 * DAY, NOW + DAY)
    world.order("C1", "paid", at=NOW - 5 * DAY, deposit_paid=Decimal(50), paid_at=NOW)
    said = [line for _ in range(24) for line in world.tick(HOUR)]
    assert [line for line in said if f"{say_moment(NOW + 6 * DAY, NOW)}前发出" in line]
    world.go(4 * DAY)
    world.tick()
    assert world.cases("delayed") == []
    world.tick(DAY + MINUTE)
    assert [each.moment for each in world.cases("delayed")] == [NOW + 6 * DAY]


def test_a_parcel_that_does_not_move_is_told(world: World) -> None:
    shop(world)
    world.parcel(world.order("C1", "shipped", shipped_at=NOW - 5 * DAY), "stuck")
    assert len(world.tick()) == 1
    assert world.cases("delayed")[0].subject_kind == "parcel"


def carried(world: World, state: str) -> None:
    """The carrier tells of the parcel again."""
    parcel = world.session.get(Parcel, "SF60000001")
    parcel.traces.append(ParcelTrace(at=world.now, place="杭州", text="到了"))
    if parcel.state != state:
        parcel.state, parcel.since = state, world.now
    world.session.flush()


def test_a_parcel_that_stays_stuck_is_told_once_and_one_that_is_stuck_again_is_told_again(world: World) -> None:
    shop(world)
    world.parcel(world.order("C1", "shipped", shipped_at=NOW - 5 * DAY, amount="40"), "stuck")
    assert len(world.tick()) == 1
    # Another line of the carrier's, and still nothing moves.
    carried(world.go(HOUR), "stuck")
    assert world.tick() == []
    carried(world.go(HOUR), "in_transit")
    assert world.tick() == []
    carried(world.go(HOUR), "stuck")
    assert len(world.tick()) == 1
    assert world.tick(HOUR) == []


def test_a_parcel_whose_state_has_no_date_is_told_once(world: World) -> None:
    shop(world)
    parcel = world.parcel(world.order("C1", "shipped", shipped_at=NOW - 5 * DAY, amount="40"), "stuck")
    world.session.get(Parcel, parcel).since = None
    world.session.flush()
    assert len(world.tick()) == 1
    carried(world.go(HOUR), "stuck")
    assert world.tick() == []


Change = Callable[[World], object]
CHANGES: dict[str, tuple[str, Change, str]] = {
    "paid meanwhile": ("unpaid", lambda w: w.set("60000001", state="paid", paid_at=w.now), "done"),
    "closed meanwhile": ("unpaid", lambda w: w.set("60000001", state="closed"), "over"),
    "sold out": ("unpaid", lambda w: setattr(w.session.get(Sku, "P1-M"), "stock", 0), "gone"),
    "wants no messages": ("unpaid", lambda w: w.says("C1", "别再发了", "stop_reminders"), "asked"),
    "does not want it": ("unpaid", lambda w: w.says("C1", "不想要了", "abandon_purchase"), "abandoned"),
    "gives up": ("unpaid", lambda w: w.says("C1", "算了不买了", mood="abandoning"), "abandoned"),
    "is angry": ("unpaid", lambda w: w.says("C1", "气死我了", mood="angry"), "angry"),
    "with a person": ("unpaid", lambda w: _state(w, "assigned"), "with_person"),
    "waits for a person": ("unpaid", lambda w: _state(w, "queued"), "with_person"),
    "talks": ("unpaid", lambda w: w.says("C1", "你好"), "talking"),
    "dispatched meanwhile": ("address_check", lambda w: w.set("60000001", state="shipped", shipped_at=w.now), "over"),
    "wants the money back": ("address_check", lambda w: w.refund("60000001", "requested"), "over"),
    "delivered meanwhile": (
        "out_for_delivery",
        lambda w: setattr(w.session.get(Parcel, "SF60000001"), "state", "signed"),
        "over",
    ),
    "refund went on": ("refund", lambda w: setattr(w.session.get(Refund, "R60000001"), "state", "done"), "superseded"),
    "cart emptied": ("cart", lambda w: w.event("C1", "cart", {"lines": []}), "superseded"),
    "ordered meanwhile": ("cart", lambda w: w.order("C1", "paid", "P2", paid_at=w.now), "done"),
    "no longer a favourite": (
        "favourite",
        lambda w: w.event("C1", "favourite", {"product_no": "P1", "added": False}),
        "superseded",
    ),
    "bought the favourite": ("favourite", lambda w: w.order("C1", "paid", paid_at=w.now), "done"),
    "confirmed meanwhile": ("unconfirmed", lambda w: w.set("60000001", state="confirmed", confirmed_at=w.now), "done"),
    "bought again": ("repurchase", lambda w: w.order("C1", "paid", paid_at=w.now), "done"),
    "paused": ("unpaid", lambda w: _pause(w, "unpaid"), "paused"),
    "all paused": ("cart", lambda w: _pause(w, "*"), "paused"),
}


def test_who_signs_in_and_buys_is_not_asked_why_they_did_not(world: World) -> None:
    shop(world)
    seen = world.session.scalars(select(Visit).where(Visit.first_message_id == visit(world, "C1"))).one()
    chat = world.session.get(Conversation, world.room("C1"))
    seen.customer_id = chat.customer_id = None
    world.session.flush()
    world.plan()
    recognise(world.session, chat.id, Who("C1", "普通", "", world.now + DAY))
    world.order("C1", "paid", at=world.go(HOUR).now, paid_at=world.now)
    world.go(4 * HOUR)
    world.decide()
    assert world.cases("asked")[0].who == chat.id
    assert world.rungs("asked") == [(1, "chat", "skipped", "done")]


def _state(world: World, state: str) -> None:
    world.session.get(Conversation, world.room("C1")).state = state


def _pause(world: World, scene: str) -> None:
    assert pause(world.session, scene, "staff", world.now)


@pytest.mark.parametrize("what", CHANGES)
def test_what_happens_before_the_moment_is_seen(world: World, what: str) -> None:
    scene, change, reason = CHANGES[what]
    begin, wait = SCENES[scene]
    shop(world)
    if not wait:
        world.now = NOW + 13 * HOUR  # asleep, so that it waits for the morning
        wait = 10 * HOUR + MINUTE
    begin(world)
    world.plan()
    comes_by(world.go(wait))
    world.plan()
    change(world)
    world.session.flush()

    world.decide()

    assert world.rungs(scene)[0] == (1, "chat", "skipped", reason)
    assert world.deliver() == []


@pytest.mark.parametrize("what", [each for each, (scene, _, _) in CHANGES.items() if scene == "unpaid"])
def test_what_happens_between_claim_and_delivery_is_seen_too(world: World, what: str) -> None:
    scene, change, reason = CHANGES[what]
    shop(world)
    world.order("C1")
    world.plan()
    world.go(16 * MINUTE)
    assert world.decide().said == 1
    world.go(MINUTE)
    change(world)
    world.session.flush()

    assert world.deliver() == []

    assert world.rungs(scene)[0] == (1, "chat", "skipped", reason)
    assert world.outbox() == []


def test_a_ladder_goes_on_until_the_order_is_paid(world: World) -> None:
    shop(world)
    no = world.order("C1", amount="900")
    world.plan()
    assert len(world.tick(16 * MINUTE)) == 1
    world.tick(2 * HOUR)
    assert world.rungs("unpaid")[1] == (2, "sms", "queued", None)
    row = world.session.scalars(select(OutreachContact)).one()
    assert row.number == "+8613800138000"
    assert row.text.startswith("【六拾优选】")
    assert "拒收请回复R" in row.text
    world.set(no, state="paid", paid_at=world.now, paid_amount=Decimal(900))
    settle(world.session, world.book, world.now)
    world.session.expire_all()
    case = world.cases("unpaid")[0]
    assert case.converted_order_no == no
    assert case.recovered == 900


def test_only_high_amounts_are_called_for(world: World) -> None:
    shop(world)
    world.order("C1", amount="900")
    assert len(world.tick() + world.tick(16 * MINUTE)) == 1
    world.tick(2 * HOUR)
    Ticker(world.open, world.open, lambda: world.book).sms(world.book, world.now)
    # An SMS and a reminder are all that the caps allow in a day; a call the next day is a third.
    assert world.rungs("unpaid")[:2] == [(1, "chat", "sent", None), (2, "sms", "sent", None)]
    world.tick(3 * HOUR)
    assert world.rungs("unpaid")[2] == (3, "phone", "skipped", "capped")


def test_a_day_without_the_worker_ends_in_no_flood(world: World) -> None:
    shop(world)
    for _ in range(5):
        world.order("C1")
    world.tick(timedelta(0))
    assert world.tick(DAY) == []
    assert {each[3] for each in world.rungs("unpaid") if each[0] == 1} == {"missed"}


def test_nobody_is_written_to_at_night(world: World) -> None:
    shop(world)
    world.now = NOW + 11 * HOUR + 50 * MINUTE  # ten to ten in the evening
    world.order("C1")
    world.tick()
    for _ in range(20):
        assert world.tick(30 * MINUTE) == []
    assert len(world.tick(50 * MINUTE)) == 1


def test_caps_hold_across_scenes(world: World) -> None:
    shop(world)
    for place in range(4):
        world.order("C1", at=NOW + place * 2 * HOUR, amount="40")
    said = []
    for _ in range(9 * 4):
        said += world.tick(15 * MINUTE)
    assert len(said) == 2
    assert [each[3] for each in world.rungs("unpaid") if each[0] == 1] == [None, None, "capped", "capped"]


def test_who_answers_is_not_sent_the_next_step(world: World) -> None:
    shop(world)
    world.order("C1")
    world.plan()
    assert len(world.tick(16 * MINUTE)) == 1
    world.go(10 * MINUTE).says("C1", "好的")
    world.tick(2 * HOUR)
    assert world.rungs("unpaid")[1] == (2, "sms", "skipped", "answered")
    assert world.cases("unpaid")[0].answered_at is not None


def test_an_angry_customer_is_not_sold_anything_for_a_while_but_hears_of_the_parcel(world: World) -> None:
    shop(world)
    world.says("C1", "气死我了", mood="angry")
    world.go(HOUR)
    world.order("C1")
    world.parcel(world.order("C1", "shipped", shipped_at=world.now - 9 * DAY, no="S1"), "out_for_delivery")
    said = world.tick() + world.tick(16 * MINUTE)
    assert len(said) == 1
    assert "派送" in said[0]
    assert world.rungs("unpaid")[0][3] == "angry"


def test_a_control_customer_is_held_at_the_very_moment(world: World) -> None:
    shop(world)
    object.__setattr__(world.book.scenes["unpaid"], "control", 1.0)
    no = world.order("C1")
    world.plan()
    assert world.tick(16 * MINUTE) == []
    case = world.cases("unpaid")[0]
    assert case.exposed_at == world.now
    assert world.rungs("unpaid") == [(1, "chat", "held", None)]
    world.set(no, state="paid", paid_at=world.now + HOUR, paid_amount=Decimal(259))
    world.tick(2 * HOUR)
    assert world.cases("unpaid")[0].converted_at == NOW + 16 * MINUTE + HOUR


def test_somebody_without_a_chat_gets_the_next_step(world: World) -> None:
    world.product()
    world.customer(chat=False)
    world.order("C1")
    world.tick()
    world.tick(16 * MINUTE)
    assert world.rungs("unpaid")[0][3] == "no_chat"
    world.tick(2 * HOUR)
    assert world.rungs("unpaid")[1][1:3] == ("sms", "queued")


def test_a_number_that_is_no_mobile_gets_no_sms(world: World) -> None:
    world.product()
    world.customer(chat=False, phone="010-12345678")
    world.order("C1")
    world.tick()
    world.tick(16 * MINUTE)
    world.tick(2 * HOUR)
    assert world.rungs("unpaid")[1][3] == "no_number"


def test_of_what_is_due_at_one_moment_the_case_planned_first_goes_first(shop: World) -> None:
    shop.customer("C2")
    orders = [shop.order(name) for name in ("C1", "C2")]
    cases = [
        a_case(shop.session, name, shop.now, order_no=no, exposed_at=None, watch_until=None)
        for name, no in zip(("C1", "C2"), orders, strict=True)
    ]
    # The later case's step was written first.
    for case in reversed(cases):
        a_rung(shop.session, case, shop.now, state="planned", decided_at=None, sent_at=None, text="", cost=None)
    assert shop.decide().said == len(cases)
    rows = sorted(shop.outbox(), key=lambda row: row.id)
    assert [row.payload["case"] for row in rows] == [case.id for case in cases]
