"""What breaks keeps back no other: neither steps, nor candidates, scenes, lines or calls."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from sixty.ledger.models import Message
from sixty.outreach import looking, planning, sending, settling
from sixty.outreach.contacts import OutboxProvider
from sixty.outreach.models import OutreachContact, OutreachRung
from sixty.outreach.stopping import hear
from sixty.outreach.ticking import Ticker
from sixty.shop.deeds.models import StockWish
from sixty.shop.models import Sku
from tests.outreach.outreach_world import HOUR, MINUTE, World


@pytest.fixture
def shop(world: World) -> World:
    world.product()
    for name in ("C1", "C2", "C3"):
        world.customer(name, phone=f"1380013800{name[1]}")
    for scene in world.book.scenes.values():
        object.__setattr__(scene, "control", 0.0)
        object.__setattr__(scene, "late", timedelta(hours=3))
    return world


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Customers of whom whatever is worked out breaks."""
    whom: set[str] = set()

    def breaks(original: Any, who: Any) -> Any:
        def wrapped(*given: Any, **more: Any) -> Any:
            if whom & set(who(*given)):
                raise RuntimeError("a slip")
            return original(*given, **more)

        return wrapped

    of_step = breaks(sending._say, lambda session, standing, scene, case, rung: [case.who])
    monkeypatch.setattr(sending, "_say", of_step)
    of_page = breaks(planning.facts_of_all, lambda session, book, scene, page: [each.who for each in page])
    monkeypatch.setattr(planning, "facts_of_all", of_page)
    return whom


def states(world: World, scene: str = "unpaid") -> dict[str, tuple[str, str | None]]:
    world.session.expire_all()
    query = select(OutreachRung).where(OutreachRung.scene == scene, OutreachRung.rung == 1)
    return {each.who: (each.state, each.reason) for each in world.session.scalars(query)}


def test_a_step_that_breaks_keeps_back_no_other_and_is_given_up_in_the_end(shop: World, broken: set[str]) -> None:
    for name in ("C1", "C2", "C3"):
        shop.order(name)
    shop.tick()
    broken.add("C2")
    assert len(shop.tick(16 * MINUTE)) == 2
    assert states(shop) == {"C1": ("sent", None), "C2": ("planned", None), "C3": ("sent", None)}
    # It is tried again after one minute, two, four and eight.
    attempts = []
    for _ in range(16):
        assert shop.tick(MINUTE) == []
        first = select(OutreachRung.attempts).where(OutreachRung.who == "C2", OutreachRung.rung == 1)
        attempts.append(shop.session.scalar(first))
    assert attempts == [2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5]
    assert states(shop)["C2"] == ("skipped", "broken")
    # The next step has its turn.
    broken.clear()
    shop.tick(2 * HOUR)
    assert ("sms", "queued", None) in [each[1:] for each in shop.rungs("unpaid")]


def test_a_step_that_was_mended_is_said(shop: World, broken: set[str]) -> None:
    shop.order("C2")
    shop.tick()
    broken.add("C2")
    assert shop.tick(16 * MINUTE) == []
    broken.clear()
    assert shop.tick(30 * timedelta(seconds=1)) == []
    assert len(shop.tick(MINUTE)) == 1


def test_broken_steps_do_not_fill_the_queue(shop: World, broken: set[str]) -> None:
    shop.order("C2", at=shop.now - timedelta(seconds=1))
    shop.order("C1")
    shop.tick()
    broken.add("C2")
    shop.go(17 * MINUTE)
    assert sending.send_due(shop.session, shop.book, shop.now, limit=1).said == 0
    assert sending.send_due(shop.session, shop.book, shop.now, limit=1).said == 1


def test_a_candidate_that_breaks_keeps_back_no_other(shop: World, broken: set[str]) -> None:
    broken.add("C2")
    for name in ("C1", "C2", "C3"):
        shop.order(name)
    shop.tick()
    assert len(shop.tick(16 * MINUTE)) == 2
    broken.clear()
    shop.plan()
    assert states(shop)["C2"][0] == "planned"


def test_a_candidate_is_given_up_in_the_end(shop: World, broken: set[str]) -> None:
    broken.add("C2")
    shop.order("C2")
    ticker = Ticker(shop.open, shop.open, lambda: shop.book)
    for _ in range(12):
        ticker.plan(shop.book, shop.now)
        shop.go(MINUTE)
    assert shop.cases("unpaid") == []
    for _ in range(6):
        ticker.plan(shop.book, shop.go(MINUTE).now)
    (case,) = shop.cases("unpaid")
    assert (case.state, case.ended_because) == ("ended", "broken")


def test_a_scene_that_breaks_keeps_back_no_other(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    original = planning.candidates

    def candidates(session: Any, span: Any) -> Any:
        if span.scene == "unpaid":
            raise RuntimeError("a slip")
        return original(session, span)

    shop.order("C1")
    shop.order("C2", "paid", paid_at=shop.now)
    monkeypatch.setattr(planning, "candidates", candidates)
    Ticker(shop.open, shop.open, lambda: shop.book).round(shop.now)
    assert shop.cases("unpaid") == []
    assert len(shop.cases("address_check")) == 1


def test_a_cart_that_cannot_be_read_keeps_back_no_other(shop: World) -> None:
    shop.event("C1", "cart", {"lines": [{"product_no": "P1", "quantity": "two"}]})
    shop.event("C2", "cart", {"lines": [{"product_no": "P1", "quantity": 2}]})
    shop.plan()
    assert [each.who for each in shop.cases("cart")] == ["C2"]


def test_a_line_that_cannot_be_read_keeps_back_no_other(shop: World) -> None:
    shop.order("C2")
    shop.plan()
    wrong = shop.says("C1", "……")
    shop.session.get(Message, wrong).understood = {"intent": {"name": "inform"}, "entities": ["mood"]}
    shop.says("C2", "别再发了", "stop_reminders")
    assert hear(shop.session, shop.book, shop.now) == 1
    assert states(shop)["C2"] == ("skipped", "asked")
    # Of whom nobody knows what they have said, nothing is said to them, and the others are.
    shop.order("C1")
    shop.order("C3")
    shop.tick()
    assert len(shop.tick(16 * MINUTE)) == 1


def test_one_part_of_settling_that_breaks_keeps_back_no_other(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    no = shop.order("C1")
    shop.tick()
    shop.tick(16 * MINUTE)
    shop.set(no, state="paid", paid_at=shop.now)

    def _answers(session: Any, now: Any) -> None:
        raise RuntimeError("a slip")

    monkeypatch.setattr(settling, "_answers", _answers)
    assert settling.settle(shop.session, shop.book, shop.now) == 1


def test_a_part_of_a_round_that_breaks_keeps_back_no_other(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def slip(*given: Any, **more: Any) -> int:
        raise RuntimeError("a slip")

    shop.order("C1")
    shop.plan()
    for name in ("hear", "plan_new", "send_texts", "settle", "tend_calls"):
        monkeypatch.setattr(f"sixty.outreach.ticking.{name}", slip)
    assert Ticker(shop.open, shop.open, lambda: shop.book).round(shop.go(16 * MINUTE).now).said == 1


def test_a_last_look_that_breaks_is_taken_again(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.order("C1")
    shop.plan()
    shop.go(16 * MINUTE)
    assert shop.decide().said == 1

    def slip(*given: Any, **more: Any) -> None:
        raise RuntimeError("a slip")

    with monkeypatch.context() as patched:
        patched.setattr("sixty.outreach.looking.tell_the_bot", slip)
        assert shop.deliver() == []
    assert states(shop)["C1"] == ("planned", None)
    assert shop.outbox() == []
    assert len(shop.tick(MINUTE)) == 1


def test_an_sms_whose_last_look_breaks_keeps_back_no_other(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("C1", "C2"):
        shop.order(name, amount="60")
    shop.tick()
    shop.tick(16 * MINUTE)
    shop.tick(2 * HOUR)
    original = sending.Standing

    def standing(session: Any, book: Any, cases: Any, now: Any) -> Any:
        if cases[0].who == "C1":
            raise RuntimeError("a slip")
        return original(session, book, cases, now)

    monkeypatch.setattr(looking, "Standing", standing)
    ticker = Ticker(shop.open, shop.open, lambda: shop.book, OutboxProvider())
    assert ticker.sms(shop.book, shop.now) == 1
    for _ in range(16):
        assert ticker.sms(shop.book, shop.go(MINUTE).now) == 0
    shop.session.expire_all()
    sms = {each.number[-1]: each.state for each in shop.session.scalars(select(OutreachContact))}
    assert sms == {"1": "failed", "2": "sent"}
    assert (2, "sms", "skipped", "broken") in shop.rungs("unpaid")


def test_what_is_gone_again_before_its_last_look_may_come_back(shop: World) -> None:
    shop.session.get(Sku, "P1-M").stock = 0
    shop.session.add(StockWish(wisher="C1", sku_code="P1-M", conversation_id=shop.room("C1"), asked_at=shop.now - HOUR))
    shop.session.flush()
    shop.tick()
    shop.session.get(Sku, "P1-M").stock = 5
    shop.session.flush()
    shop.plan()
    assert shop.decide().said == 1
    shop.session.get(Sku, "P1-M").stock = 0
    assert shop.deliver() == []
    shop.session.get(Sku, "P1-M").stock = 5
    assert len(shop.tick(MINUTE)) == 1
