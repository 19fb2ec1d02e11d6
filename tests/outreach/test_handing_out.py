"""Somebody who asks what is kept of them is handed their reminders, and nobody else's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sixty.outreach.handing_out import reminders_of
from sixty.outreach.stopping import stop
from sixty.shop.deeds.models import StockWish
from tests.outreach.outreach_rows import a_case, a_contact, a_rung
from tests.outreach.outreach_world import World


@pytest.fixture
def shop(world: World) -> World:
    world.product()
    world.customer()
    world.customer("C2", phone="13900139000")
    return world


def handed(world: World, rooms: list[str], customer: str | None = None) -> list[dict[str, Any]]:
    found = list(reminders_of(world.session, rooms, customer))
    json.dumps(found)
    return found


def test_a_customer_is_handed_everything_and_only_theirs(shop: World) -> None:
    no, others = shop.order("C1"), shop.order("C2")
    for who, order in (("C1", no), ("C2", others)):
        rung = a_rung(shop.session, a_case(shop.session, who, shop.now, order_no=order), shop.now)
        a_contact(shop.session, rung, shop.now)
        stop(shop.session, "order", order, "abandoned", shop.now)
        stop(shop.session, "product", f"{who}:P1", "abandoned", shop.now)
        stop(shop.session, "customer", who, "asked", shop.now)
        shop.session.add(StockWish(wisher=who, sku_code="P1-M", conversation_id=shop.room(who), asked_at=shop.now))
    shop.session.flush()
    found = handed(shop, [], "C1")
    assert [each["record"] for each in found] == [
        "reminder",
        "reminder_step",
        "call",
        *["left_alone"] * 3,
        "stock_wish",
    ]
    assert "C2" not in json.dumps(found)
    assert others not in json.dumps(found)


def test_a_visitor_is_handed_what_is_about_their_conversation(shop: World) -> None:
    room, other = shop.chat(None, visitor="v1"), shop.chat(None, visitor="v2")
    for each in (room, other):
        case = a_case(shop.session, each, shop.now, customer_id=None, conversation_id=each)
        a_rung(shop.session, case, shop.now)
        stop(shop.session, "conversation", each, "asked", shop.now)
        stop(shop.session, "product", f"{each}:P1", "abandoned", shop.now)
    found = handed(shop, [room])
    assert [each["record"] for each in found] == ["reminder", "reminder_step", "left_alone", "left_alone"]
    assert other not in json.dumps(found)


def test_what_was_heard_before_signing_in_is_handed_to_the_customer(shop: World) -> None:
    room = shop.room("C1")
    a_case(shop.session, room, shop.now, customer_id=None, conversation_id=room)
    assert [each["record"] for each in handed(shop, [], "C1")] == ["reminder"]
    assert handed(shop, [], "C2") == []
