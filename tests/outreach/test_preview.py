"""What is foreseen of a customer is what the worker then does, and foreseeing leaves no trace."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from sixty.outreach.contacts import OutboxProvider
from sixty.outreach.models import OutreachCase, OutreachRung
from sixty.outreach.pausing import pause
from sixty.outreach.preview import Foreseen, preview
from sixty.outreach.stopping import stop_customer
from sixty.outreach.ticking import Ticker
from sixty.shop.deeds.models import StockWish
from sixty.shop.models import Sku
from sixty.tables import Base
from tests.outreach.outreach_world import DAY, HOUR, MINUTE, NOW, World


@pytest.fixture
def shop(world: World) -> World:
    for no in ("P1", "P2", "P3"):
        world.product(no)
    world.customer()
    scenes = {name: replace(each, control=0.0) for name, each in world.book.scenes.items()}
    world.book = replace(world.book, scenes=scenes)
    return world


def foreseen(world: World, at: datetime | None = None, customer: str = "C1") -> list[Foreseen]:
    return preview(world.session, world.book, customer, at or world.now, world.now)


def of_scene(found: list[Foreseen], scene: str) -> list[tuple[int, str, str | None]]:
    return [(each.rung, each.way, each.why_not) for each in found if each.scene == scene]


def everything(world: World) -> dict[str, list[Any]]:
    """All rows of all tables."""
    tables = Base.metadata.sorted_tables
    return {each.name: sorted(map(repr, world.session.execute(select(each)))) for each in tables}


def done(world: World) -> set[tuple[str, str, int, str | None]]:
    """What the worker has said and left unsaid: scene, order, step, and why not."""
    query = select(OutreachRung, OutreachCase.order_no).join(OutreachCase, OutreachCase.id == OutreachRung.case_id)
    rows = world.session.execute(query.where(OutreachRung.state != "planned"))
    return {(rung.scene, order_no, rung.rung, rung.reason) for rung, order_no in rows}


def busy(world: World) -> None:
    """Several scenes at once, and one after another."""
    for number, product in enumerate(("P1", "P2", "P3")):
        world.order("C1", product=product, at=NOW - number * 15 * MINUTE, amount="900", no=f"N{number}")
    world.order("C1", "paid", product="P2", at=NOW, paid_at=NOW, no="N9")


def test_what_is_foreseen_is_what_happens(shop: World) -> None:
    busy(shop)
    expected = foreseen(shop)
    ticker = Ticker(shop.open, shop.open, lambda: shop.book, OutboxProvider())
    for _ in range(4 * 9):
        shop.tick()
        ticker.sms(shop.book, shop.now)
        shop.session.expire_all()
        shop.go(15 * MINUTE)
    titles = {"次数到上限了": "capped", "免打扰时段": "quiet", "错过了时间": "missed", None: None}
    until = shop.now
    told = {
        (each.scene, each.about.partition(" ")[2], each.rung, titles[each.why_not])
        for each in expected
        if each.due_at is not None and each.due_at < until
    }
    assert told == done(shop)
    assert {why for *_, why in told} >= {None, "capped"}


def test_caps_count_what_is_said_before(shop: World) -> None:
    busy(shop)
    said = [each for each in foreseen(shop) if each.scene == "unpaid" and each.rung == 1]
    # The earlier order has its turn first; the others come within the hour.
    assert [(each.about, each.why_not) for each in said] == [
        ("order N2", None),
        ("order N1", "次数到上限了"),
        ("order N0", "次数到上限了"),
    ]


def test_what_is_overdue_has_its_turn_in_its_order(shop: World) -> None:
    busy(shop)
    said = [each for each in foreseen(shop, NOW + 20 * MINUTE) if each.scene == "unpaid" and each.rung == 1]
    assert [each.why_not for each in said] == [None, "次数到上限了", "次数到上限了"]


def test_a_later_moment_knows_what_was_said_until_then(shop: World) -> None:
    shop.order("C1", no="N1")
    later = shop.now + 20 * MINUTE
    # As seen from now, the first order is said at its moment and counts; as seen from a later one alone, it is late.
    shop.order("C1", product="P2", at=shop.now - 14 * MINUTE, no="N2")
    alone = preview(shop.session, shop.book, "C1", shop.now + 2 * HOUR)
    assert {each.why_not for each in alone if each.rung == 1} == {"错过了时间"}
    seen = {each.about: each.why_not for each in foreseen(shop, later) if each.scene == "unpaid" and each.rung == 1}
    assert seen == {"order N2": None, "order N1": "次数到上限了"}
    tomorrow = {each.about: each.why_not for each in foreseen(shop, shop.now + 2 * DAY) if each.rung == 1}
    assert tomorrow == {"order N2": None, "order N1": "次数到上限了"}


def test_the_whole_ladder_is_foreseen(shop: World) -> None:
    shop.order("C1", amount="900")
    found = foreseen(shop)
    # Two within a day, and no more.
    assert of_scene(found, "unpaid") == [(1, "chat", None), (2, "sms", None), (3, "phone", "次数到上限了")]
    sms = found[1]
    assert sms.text.startswith("【六拾优选】您拍下的夹克P1还没付款")
    assert sms.text.endswith(" 拒收请回复R")
    assert [each.due_at - NOW for each in found] == [15 * MINUTE, 2 * HOUR + 15 * MINUTE, 5 * HOUR + 15 * MINUTE]


def test_quiet_hours_put_steps_off(shop: World) -> None:
    shop.go(11 * HOUR + 40 * MINUTE)  # 21:40 in China
    shop.order("C1", at=shop.now, amount="900")
    chat, sms, call = foreseen(shop)
    assert chat.due_at == shop.now + 15 * MINUTE
    assert sms.due_at == NOW + 22 * HOUR + 30 * MINUTE
    assert call.due_at == sms.due_at + 3 * HOUR


def test_who_is_left_alone_hears_nothing(shop: World) -> None:
    shop.order("C1")
    shop.book = replace(shop.book, scenes={name: replace(each, control=0.5) for name, each in shop.book.scenes.items()})
    held = next(name for name in map("C{}".format, range(2, 40)) if _is_held(shop, name))
    (only,) = foreseen(shop, customer=held)
    assert (only.state, only.arm, only.why_not) == ("held", "control", "对照组，不打扰")
    assert "夹克P1" in only.text


def _is_held(world: World, name: str) -> bool:
    world.customer(name)
    world.order(name)
    found = foreseen(world, customer=name)
    return any(each.arm == "control" and each.variant == "plain" for each in found)


def test_stops_and_pauses_count(shop: World) -> None:
    shop.order("C1", amount="900")
    pause(shop.session, "unpaid", "boss", shop.now)
    assert {each.why_not for each in foreseen(shop)} == {"场景已暂停"}
    stop_customer(shop.session, shop.now, customer_id="C1", why="staff", by="boss")
    (only,) = foreseen(shop)
    assert only.why_not == "客服叫停"
    assert only.text


@pytest.mark.parametrize("ahead", [timedelta(0), 2 * HOUR, 3 * DAY, -DAY])
def test_nothing_is_written(shop: World, ahead: timedelta) -> None:
    busy(shop)
    shop.event("C1", "cart", {"lines": [{"product_no": "P3", "quantity": 1}]})
    before = everything(shop)
    assert len(foreseen(shop, shop.now + ahead)) > 3 or ahead < timedelta(0)
    assert everything(shop) == before
    assert before["outreach_case"] == before["outbox"] == []


def test_what_is_gone_again_before_its_moment_is_foreseen_as_gone(shop: World) -> None:
    shop.customer("C2")
    wish = {"wisher": "C2", "sku_code": "P1-M", "conversation_id": shop.room("C2"), "asked_at": shop.now - DAY}
    shop.session.add(StockWish(**wish))
    shop.session.flush()
    shop.go(12 * HOUR + 30 * MINUTE).plan()  # at night
    shop.session.get(Sku, "P1-M").stock = 0
    shop.session.flush()
    before = everything(shop)
    (only,) = foreseen(shop, customer="C2")
    assert (only.state, only.why_not) == ("skipped", "买不到了")
    assert everything(shop) == before
