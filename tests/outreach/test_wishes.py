"""Who has asked to hear when a thing is back does hear of it, at a better moment where this one is wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import select

from sixty.desk.conversations import Conversation, Who, recognise
from sixty.outreach.models import OutreachContact
from sixty.outreach.pausing import pause
from sixty.outreach.stopping import hear
from sixty.outreach.ticking import Ticker
from sixty.shop.deeds.models import StockWish
from sixty.shop.models import Customer, Sku
from tests.outreach.outreach_world import DAY, HOUR, MINUTE, World


@pytest.fixture
def shop(world: World) -> World:
    world.product()
    world.customer()
    return world


def wish(world: World, wisher: str, room: str) -> None:
    world.session.add(StockWish(wisher=wisher, sku_code="P1-M", conversation_id=room, asked_at=world.now - DAY))
    world.session.flush()


def told_at(world: World, wisher: str = "C1") -> datetime | None:
    world.session.expire_all()
    found = world.session.get(StockWish, (wisher, "P1-M"))
    return found.told_at if found is not None else None


def stock(world: World, pieces: int) -> None:
    world.session.get(Sku, "P1-M").stock = pieces
    world.session.flush()


def talks(world: World) -> None:
    world.says("C1", "在吗")


def with_a_person(world: World) -> None:
    world.session.get(Conversation, world.room("C1")).state = "assigned"


def has_heard_enough(world: World) -> None:
    object.__setattr__(world.book.scenes["back_in_stock"], "capped", True)
    world.order("C1", at=world.now - 20 * MINUTE)
    assert len(world.tick()) == 1


WRONG: dict[str, Callable[[World], object]] = {
    "talks": talks,
    "with a person": with_a_person,
    "has heard enough": has_heard_enough,
}


def free_again(world: World) -> None:
    world.session.get(Conversation, world.room("C1")).state = "bot"


@pytest.mark.parametrize("why", WRONG)
def test_a_wrong_moment_puts_it_off(shop: World, why: str) -> None:
    WRONG[why](shop)
    wish(shop, "C1", shop.room("C1"))
    assert shop.tick() == []
    free_again(shop)
    said = [line for _ in range(13) for line in shop.tick(5 * MINUTE)]
    assert [line for line in said if "到货了" in line]
    assert told_at(shop) is not None
    assert len(shop.cases("back_in_stock")) == 1


def test_a_wrong_moment_at_the_last_look_puts_it_off(shop: World) -> None:
    wish(shop, "C1", shop.room("C1"))
    shop.plan()
    assert shop.decide().said == 1
    talks(shop)
    assert shop.deliver() == []
    assert shop.cases("back_in_stock")[0].exposed_at is None
    assert shop.tick(9 * MINUTE) == []
    assert len(shop.tick(MINUTE)) == 1
    assert shop.rungs("back_in_stock")[0] == (1, "chat", "sent", None)


def test_what_comes_back_as_somebody_goes_to_sleep_is_said_in_the_morning(shop: World) -> None:
    shop.go(12 * HOUR - 2 * MINUTE)  # two minutes to ten
    talks(shop)
    wish(shop, "C1", shop.room("C1"))
    assert shop.tick() == []
    for _ in range(10):
        assert shop.tick(HOUR) == []
    assert len(shop.tick(HOUR)) == 1


def test_who_is_with_a_person_for_longer_than_late_still_hears(shop: World) -> None:
    with_a_person(shop)
    wish(shop, "C1", shop.room("C1"))
    shop.tick()
    begun = shop.cases("back_in_stock")[0].moment
    for _ in range(5 * 24):
        assert shop.tick(HOUR / 4) == []
    shop.go(DAY - 6 * HOUR)
    shop.tick()
    shop.tick(MINUTE)
    assert shop.cases("back_in_stock")[0].moment > begun
    free_again(shop)
    assert len(shop.tick(15 * MINUTE)) == 1


def test_without_the_worker_for_a_day_it_is_said_when_that_is_back(shop: World) -> None:
    shop.go(13 * HOUR)  # at night
    wish(shop, "C1", shop.room("C1"))
    shop.plan()
    shop.go(DAY)
    shop.plan()
    shop.decide()
    assert shop.cases("back_in_stock") == []
    assert len(shop.tick(12 * HOUR)) == 1


def test_what_is_sold_out_at_the_last_look_may_come_again(shop: World) -> None:
    wish(shop, "C1", shop.room("C1"))
    shop.plan()
    assert shop.decide().said == 1
    stock(shop, 0)
    assert shop.deliver() == []
    assert shop.cases("back_in_stock") == []
    stock(shop, 5)
    assert len(shop.tick(HOUR)) == 1


def test_an_sms_of_a_wish_is_put_off_and_taken_back_too(shop: World) -> None:
    world = shop
    world.session.get(Conversation, world.room("C1")).last_at = world.now - 40 * DAY
    wish(world, "C1", world.room("C1"))
    world.tick()
    world.tick(2 * HOUR)
    assert world.rungs("back_in_stock")[1] == (2, "sms", "queued", None)
    ticker = Ticker(world.open, world.open, lambda: world.book)
    with_a_person(world)
    assert ticker.sms(world.book, world.now) == 0
    assert world.session.scalars(select(OutreachContact)).all() == []
    assert world.rungs("back_in_stock")[1] == (2, "sms", "planned", None)
    free_again(world)
    world.tick(10 * MINUTE)
    stock(world, 0)
    assert ticker.sms(world.book, world.now) == 0
    assert world.cases("back_in_stock") == []
    assert told_at(world) is None


def test_what_staff_have_paused_is_not_said_later(shop: World) -> None:
    pause(shop.session, "back_in_stock", "a1", shop.now)
    wish(shop, "C1", shop.room("C1"))
    shop.tick()
    assert shop.rungs("back_in_stock")[0] == (1, "chat", "skipped", "paused")


def test_a_visitor_who_has_signed_in_is_told_as_the_customer(shop: World) -> None:
    room = shop.chat(None, visitor="v9")
    stock(shop, 0)
    wish(shop, room, room)
    shop.session.add(Customer(id="C9", nickname="C9", phone="", level="普通", region=""))
    recognise(shop.session, room, Who("C9", "普通", "", shop.now + DAY))
    stock(shop, 5)
    assert len(shop.tick(MINUTE)) == 1
    case = shop.cases("back_in_stock")[0]
    assert (case.who, case.customer_id) == ("C9", "C9")
    assert told_at(shop, room) is not None


@pytest.mark.parametrize(
    ("line", "mood", "why"), [("算了，不买了", "abandoning", "abandoned"), ("气死我了", "angry", "angry")]
)
def test_a_line_after_the_wish_ends_it(shop: World, line: str, mood: str, why: str) -> None:
    stock(shop, 0)
    wish(shop, "C1", shop.room("C1"))
    shop.says("C1", line, mood=mood)
    assert shop.tick(HOUR) == []
    stock(shop, 3)
    assert shop.tick(5 * DAY) == []
    assert shop.cases("back_in_stock")[0].ended_because == why
    assert told_at(shop) is None


def test_a_wish_after_the_line_is_one(shop: World) -> None:
    stock(shop, 0)
    wish(shop, "C1", shop.room("C1"))
    shop.says("C1", "算了，不买了", mood="abandoning")
    assert shop.tick(HOUR) == []
    shop.session.get(StockWish, ("C1", "P1-M")).asked_at = shop.now
    stock(shop, 3)
    (said,) = shop.tick(HOUR)
    assert "到货了" in said


@pytest.mark.parametrize("wished_again", [True, False])
def test_who_refuses_messages_and_then_wishes_for_one_hears_that_one(shop: World, wished_again: bool) -> None:
    stock(shop, 0)
    wish(shop, "C1", shop.room("C1"))
    shop.go(HOUR).says("C1", "别再发了", "stop_reminders")
    hear(shop.session, shop.book, shop.now)
    shop.go(HOUR)
    if wished_again:
        shop.session.get(StockWish, ("C1", "P1-M")).asked_at = shop.now
        shop.session.flush()
    shop.go(HOUR)
    stock(shop, 3)
    said = shop.tick()
    assert len(said) == (1 if wished_again else 0)
    # Nothing else is said to them for that.
    shop.order("C1", at=shop.now)
    assert shop.tick(HOUR) == []
