"""SMS go out once, and never against what has happened since the last attempt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import select

from sixty.outreach.contacts import NotSentError, Sms, unsubscribe
from sixty.outreach.models import OutreachContact
from sixty.outreach.pausing import pause
from sixty.outreach.reasons import say_reason
from sixty.outreach.ticking import Ticker
from tests.outreach.outreach_world import DAY, HOUR, MINUTE, World


class LostLineError(Exception):
    """The line broke: whether it was sent, nobody knows."""


@dataclass
class Provider:
    """Keeps what it is handed, and fails as often as it is told to."""

    knows_keys: bool = False
    failures: list[Exception] = field(default_factory=list)
    handed: list[Sms] = field(default_factory=list)
    name: str = "fake"

    def send(self, sms: Sms) -> str:
        self.handed.append(sms)
        if self.failures:
            raise self.failures.pop(0)
        return f"ref-{len(self.handed)}"


@pytest.fixture
def shop(world: World) -> World:
    """An order of a customer without a chat, whose first SMS is due."""
    world.product()
    world.customer(chat=False)
    for scene in world.book.scenes.values():
        object.__setattr__(scene, "control", 0.0)
    world.order("C1", amount="900", no="O1")
    world.tick()
    world.tick(16 * MINUTE)
    world.tick(2 * HOUR)
    assert world.rungs("unpaid")[-1] == (2, "sms", "queued", None)
    return world


def send(world: World, provider: Provider, wait: timedelta = timedelta(0)) -> int:
    world.go(wait)
    sent = Ticker(world.open, world.open, lambda: world.book, provider).sms(world.book, world.now)
    world.session.expire_all()
    return sent


def contact(world: World) -> OutreachContact:
    query = select(OutreachContact).where(OutreachContact.way == "sms")
    return world.session.scalars(query.execution_options(populate_existing=True)).one()


def of_sms(world: World) -> tuple[str, str | None]:
    return next((state, reason) for _, way, state, reason in world.rungs("unpaid") if way == "sms")


def steps_after(world: World) -> list[tuple[int, str, str, str | None]]:
    return [each for each in world.rungs("unpaid") if each[0] > 2]


def night(world: World) -> None:
    """Quiet hours that have begun a minute ago."""
    began = (world.now - MINUTE).astimezone(world.book.clock.zone).time()
    object.__setattr__(world.book.clock, "quiet_from", began)


CHANGES: dict[str, tuple[Callable[[World], object], str]] = {
    "paid": (lambda w: w.set("O1", state="paid", paid_at=w.now), "done"),
    "stopped": (lambda w: (w.chat("C1"), w.says("C1", "别再发了", "stop_reminders")), "asked"),
    "angry": (lambda w: (w.chat("C1"), w.says("C1", "气死我了", mood="angry")), "angry"),
    "with a person": (lambda w: w.chat("C1", state="assigned"), "with_person"),
    "unsubscribed": (lambda w: unsubscribe(w.session, "13800138000", w.now), "unsubscribed"),
    "paused": (lambda w: pause(w.session, "unpaid", "a1", w.now), "paused"),
    "asleep": (lambda w: night(w), "quiet"),
    "too late": (lambda w: w.go(HOUR), "missed"),
}


@pytest.mark.parametrize("knows_keys", [True, False])
@pytest.mark.parametrize("what", CHANGES)
def test_each_attempt_looks_again(shop: World, what: str, knows_keys: bool) -> None:
    change, reason = CHANGES[what]
    provider = Provider(knows_keys, [NotSentError()])
    assert send(shop, provider) == 0
    assert of_sms(shop) == ("queued", None)
    shop.go(2 * MINUTE)
    change(shop)
    shop.session.flush()

    assert send(shop, provider) == 0

    assert len(provider.handed) == 1
    assert of_sms(shop) == ("skipped", reason)
    assert (contact(shop).state, contact(shop).problem) == ("failed", f"没发：{say_reason(reason)}")


def test_what_was_not_sent_for_sure_is_tried_again(shop: World) -> None:
    provider = Provider(failures=[NotSentError(), NotSentError()])
    assert [send(shop, provider, wait) for wait in (timedelta(0), MINUTE, MINUTE, 2 * MINUTE)] == [0, 0, 0, 1]
    assert len(provider.handed) == 3
    assert of_sms(shop) == ("sent", None)
    assert contact(shop).provider_ref == "ref-3"
    assert steps_after(shop) == [(3, "phone", "planned", None)]


def test_what_may_have_been_sent_is_never_handed_over_again_without_keys(shop: World) -> None:
    provider = Provider(failures=[LostLineError()])
    assert [send(shop, provider, wait) for wait in (timedelta(0), 5 * MINUTE, 20 * MINUTE)] == [0, 0, 0]
    assert len(provider.handed) == 1
    assert contact(shop).state == "failed"
    assert "不会再发一遍" in str(contact(shop).problem)
    # Who may have read it is taken for one who has: it counts for the caps, and the ladder goes on from there.
    assert of_sms(shop) == ("sent", None)
    assert steps_after(shop) == [(3, "phone", "planned", None)]


def test_with_keys_it_is_handed_over_again_under_the_same_key(shop: World) -> None:
    provider = Provider(knows_keys=True, failures=[LostLineError()])
    assert [send(shop, provider, wait) for wait in (timedelta(0), 2 * MINUTE)] == [0, 1]
    assert len({each.key for each in provider.handed}) == 1
    assert of_sms(shop) == ("sent", None)


def test_what_may_have_been_sent_is_not_unsaid_by_what_happens_later(shop: World) -> None:
    provider = Provider(knows_keys=True, failures=[LostLineError()])
    send(shop, provider)
    shop.set("O1", state="paid", paid_at=shop.now)
    assert send(shop, provider, 2 * MINUTE) == 0
    assert len(provider.handed) == 1
    assert of_sms(shop) == ("sent", None)


@pytest.mark.parametrize("knows_keys", [True, False])
def test_a_worker_that_died_while_it_sent(shop: World, knows_keys: bool) -> None:
    class Killed(BaseException):
        """Not even `except Exception` sees it."""

    provider = Provider(knows_keys, [Killed()])  # type: ignore[list-item]
    with pytest.raises(Killed):
        send(shop, provider)
    assert send(shop, provider, MINUTE) == 0
    assert send(shop, provider, MINUTE) == int(knows_keys)
    assert len(provider.handed) == 1 + knows_keys
    assert of_sms(shop) == ("sent", None)


def test_what_cannot_be_sent_at_all_gives_the_next_step_its_turn(shop: World) -> None:
    provider = Provider(failures=[NotSentError() for _ in range(9)])
    for _ in range(20):
        send(shop, provider, MINUTE)
    assert len(provider.handed) == 5
    assert contact(shop).state == "failed"
    assert of_sms(shop) == ("failed", "not_delivered")
    assert steps_after(shop) == [(3, "phone", "planned", None)]


def test_what_was_not_sent_does_not_count_for_the_caps(shop: World) -> None:
    object.__setattr__(shop.book.caps, "per_day", 1)
    provider = Provider(failures=[NotSentError() for _ in range(9)])
    for _ in range(20):
        send(shop, provider, MINUTE)
    shop.tick(2 * HOUR + 41 * MINUTE)
    assert steps_after(shop) == [(3, "phone", "queued", None)]


def test_a_provider_that_calls_two_sms_the_same_loses_neither(shop: World) -> None:
    class Forgetful(Provider):
        def send(self, sms: Sms) -> str:
            super().send(sms)
            return "same"

    provider = Forgetful()
    assert send(shop, provider) == 1
    shop.go(DAY)
    shop.order("C1", amount="900")
    shop.tick()
    shop.tick(16 * MINUTE)
    shop.tick(2 * HOUR)
    assert send(shop, provider) == 1
    refs = list(shop.session.scalars(select(OutreachContact.provider_ref).where(OutreachContact.way == "sms")))
    assert sorted(map(str, refs)) == ["None", "same"]
    assert send(shop, provider, 10 * MINUTE) == 0
    assert len(provider.handed) == 2


def test_a_rewritten_ladder_says_nothing_that_was_meant_for_another_way(world: World) -> None:
    world.product()
    world.customer(chat=False)
    world.order("C1", amount="900")
    world.tick()
    world.tick(16 * MINUTE)
    scene = world.book.scenes["unpaid"]
    object.__setattr__(scene, "control", 0.0)
    object.__setattr__(scene, "ladder", (scene.ladder[0], scene.ladder[2]))
    world.tick(2 * HOUR)
    assert of_sms(world) == ("skipped", "nothing_to_say")
