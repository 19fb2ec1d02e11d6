"""Calls: looked at again when somebody takes one, never left lying, and what came of them counts."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import select

from sixty.desk.agents import Agent
from sixty.outreach.calling import call_list, call_outcome, give_back_call, take_call, tend_calls
from sixty.outreach.models import OutreachContact, OutreachRung
from sixty.outreach.pausing import pause
from sixty.outreach.reasons import say_reason
from sixty.outreach.standing import Standing
from sixty.outreach.stopping import stop
from tests.outreach.outreach_rows import a_call
from tests.outreach.outreach_world import DAY, HOUR, MINUTE, World


@pytest.fixture
def shop(world: World) -> World:
    """A customer who was reminded in the chat, could not be sent an SMS, and is to be called now."""
    world.product()
    world.customer()
    for scene in world.book.scenes.values():
        object.__setattr__(scene, "control", 0.0)
    scene = world.book.scenes["unpaid"]
    object.__setattr__(scene, "ladder", (scene.ladder[0], scene.ladder[2], scene.ladder[1]))
    world.order("C1", amount="900", no="O1")
    world.tick()
    world.tick(16 * MINUTE)
    world.tick(3 * HOUR)
    assert world.rungs("unpaid")[-1] == (2, "phone", "queued", None)
    return world


def call(world: World) -> OutreachContact:
    query = select(OutreachContact).where(OutreachContact.way == "phone")
    return world.session.scalars(query.execution_options(populate_existing=True)).one()


def take(world: World, agent: str = "a1") -> tuple[bool, str | None]:
    taking = take_call(world.session, call(world).id, agent, world.now, world.book)
    world.session.expire_all()
    return taking.taken, taking.why_not


def outcome(world: World, how: str, agent: str = "a1", **more: object) -> bool:
    done = call_outcome(world.session, call(world).id, how, agent, world.now, book=world.book, **more)  # type: ignore[arg-type]
    world.session.expire_all()
    return done


def of_call(world: World) -> tuple[str, str | None]:
    world.session.expire_all()
    return next((state, reason) for _, way, state, reason in world.rungs("unpaid") if way == "phone")


CHANGES: dict[str, tuple[Callable[[World], object], str]] = {
    "paid": (lambda w: w.set("O1", state="paid", paid_at=w.now), "done"),
    "stopped": (lambda w: stop(w.session, "customer", "C1", "staff", w.now), "staff"),
    "angry": (lambda w: w.says("C1", "气死我了", mood="angry"), "angry"),
    "answered": (lambda w: w.says("C1", "好的"), "answered"),
    "unsubscribed": (lambda w: stop(w.session, "customer", "C1", "unsubscribed", w.now, way="phone"), "unsubscribed"),
    "paused": (lambda w: pause(w.session, "unpaid", "boss", w.now), "paused"),
    "too late": (lambda w: w.go(DAY + MINUTE), "missed"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_whoever_takes_a_call_is_told_that_it_is_not_to_be_made(shop: World, what: str) -> None:
    change, reason = CHANGES[what]
    shop.go(MINUTE)
    change(shop)
    shop.session.flush()

    assert take(shop) == (False, reason)

    assert of_call(shop) == ("skipped", reason)
    assert (call(shop).state, call(shop).problem) == ("failed", f"没打：{say_reason(reason)}")
    assert call_list(shop.session, shop.now) == []
    assert take(shop) == (False, None)


def test_nobody_is_called_at_night_and_the_call_is_there_in_the_morning(shop: World) -> None:
    shop.now = shop.now.replace(hour=15)  # eleven in the evening
    assert take(shop) == (False, "quiet")
    assert of_call(shop) == ("queued", None)
    shop.go(10 * HOUR)
    assert take(shop) == (True, None)


def test_a_call_counts_when_it_is_made_and_not_on_the_list(shop: World) -> None:
    def spoken() -> int:
        return len(Standing(shop.session, shop.book, shop.cases("unpaid"), shop.now).spoken.get("C1", []))

    assert spoken() == 1  # what was said in the chat
    assert take(shop) == (True, None)
    assert spoken() == 2
    give_back_call(shop.session, call(shop).id, "a1")
    assert spoken() == 1
    assert take(shop) == (True, None)
    assert outcome(shop, "not_reached")
    assert spoken() == 2


def test_who_has_heard_enough_meanwhile_is_not_called(shop: World) -> None:
    shop.order("C1", amount="40", no="O2")
    shop.go(16 * MINUTE)
    shop.plan()
    assert shop.decide().said == 1  # the call on the list keeps it back from nothing
    assert len(shop.deliver()) == 1
    assert take(shop) == (False, "capped")
    assert of_call(shop) == ("skipped", "capped")
    # The ladder goes on as after any step that was passed over.
    assert shop.rungs("unpaid")[2][:3] == (3, "sms", "planned")


def test_who_did_not_answer_the_phone_gets_the_next_step(shop: World) -> None:
    take(shop)
    assert outcome(shop, "not_reached", cost=Decimal(0))
    assert of_call(shop) == ("sent", None)
    rung = shop.session.scalars(select(OutreachRung).where(OutreachRung.way == "phone")).one()
    assert (rung.cost, rung.sent_at, rung.delivered_at) == (Decimal(0), shop.now, None)
    assert call(shop).state == "done"
    assert shop.rungs("unpaid")[2][:3] == (3, "sms", "planned")


def test_the_last_step_of_a_ladder_ends_the_case_though_nobody_was_reached(shop: World) -> None:
    scene = shop.book.scenes["unpaid"]
    object.__setattr__(scene, "ladder", scene.ladder[:2])
    take(shop)
    assert outcome(shop, "not_reached")
    case = shop.cases("unpaid")[0]
    assert (case.state, case.ended_because) == ("ended", "exhausted")


@pytest.mark.parametrize(
    ("how", "because"),
    [("reached", "answered"), ("will_buy", "answered"), ("refused", "abandoned"), ("no_more", "asked")],
)
def test_with_whom_somebody_talked_nothing_follows(shop: World, how: str, because: str) -> None:
    take(shop)
    assert outcome(shop, how)
    case = shop.cases("unpaid")[0]
    assert (case.state, case.ended_because) == ("ended", because)
    assert len(shop.rungs("unpaid")) == 2
    assert call(shop).delivered_at == shop.now


def test_a_number_that_is_somebody_elses_gets_no_sms(shop: World) -> None:
    take(shop)
    assert outcome(shop, "wrong_number")
    shop.tick(2 * HOUR)
    assert shop.rungs("unpaid")[2] == (3, "sms", "skipped", "no_number")


def test_what_was_said_on_the_phone_counts_though_the_order_was_paid_meanwhile(shop: World) -> None:
    take(shop)
    shop.set("O1", state="paid", paid_at=shop.now)
    assert tend_calls(shop.session, shop.book, shop.now) == 0
    assert outcome(shop, "no_more")
    assert shop.cases("unpaid")[0].ended_because == "asked"


def agent(world: World, presence: str) -> None:
    world.session.add(Agent(id="a1", name="小李", presence=presence, presence_since=world.now, created_at=world.now))
    world.session.flush()


def test_what_an_agent_took_and_left_goes_back_to_the_list(shop: World) -> None:
    take(shop)
    agent(shop.go(MINUTE), "offline")
    tend_calls(shop.session, shop.book, shop.now)
    assert (call(shop).state, call(shop).taken_by) == ("waiting", None)
    assert take(shop, "a2") == (True, None)


def test_who_is_at_work_keeps_a_call_for_a_day(shop: World) -> None:
    agent(shop, "online")
    take(shop)
    tend_calls(shop.session, shop.book, shop.go(20 * HOUR).now)
    assert call(shop).state == "taken"
    tend_calls(shop.session, shop.book, shop.go(5 * HOUR).now)
    assert call(shop).state == "failed"
    assert of_call(shop) == ("skipped", "missed")


def test_a_call_lies_on_the_list_for_a_day(shop: World) -> None:
    assert tend_calls(shop.session, shop.book, shop.go(DAY).now) == 0
    assert tend_calls(shop.session, shop.book, shop.go(MINUTE).now) == 1
    assert of_call(shop) == ("skipped", "missed")


def test_calls_of_a_scene_that_is_gone_leave_the_list(shop: World) -> None:
    del shop.book.scenes["unpaid"]  # type: ignore[attr-defined]
    assert tend_calls(shop.session, shop.book, shop.now) == 1
    assert of_call(shop) == ("skipped", "withdrawn")


def test_what_is_taken_is_looked_at_however_many_wait(shop: World) -> None:
    take(shop)
    agent(shop.go(MINUTE), "offline")
    for number in range(3):
        row = a_call(shop.session, f"K{number}", "900", shop.now)
        shop.session.get(OutreachContact, row).due_at = shop.now - 2 * HOUR
    shop.session.flush()
    tend_calls(shop.session, shop.book, shop.now, limit=2)
    shop.session.expire_all()
    taken = [each for each in shop.session.scalars(select(OutreachContact)) if each.state == "taken"]
    assert taken == []
