"""What counts for the caps: what somebody has heard, under whatever name they heard it."""

from __future__ import annotations

from datetime import datetime

import pytest

from sixty.desk.conversations import Who, recognise
from sixty.outreach.models import OutreachCase
from sixty.outreach.standing import Standing
from tests.outreach.outreach_rows import a_case, a_rung
from tests.outreach.outreach_world import DAY, HOUR, World


@pytest.fixture
def shop(world: World) -> World:
    world.customer(chat=False)
    world.customer("C2", phone="13900139000", chat=False)
    return world


def heard(world: World, *cases: OutreachCase) -> dict[str, list[datetime]]:
    return Standing(world.session, world.book, list(cases), world.now).spoken


def says_to(world: World, who: str, room: str | None = None) -> OutreachCase:
    """Something was said an hour ago; to a visitor where a room is told."""
    then = world.now - HOUR
    own = {"customer_id": None, "conversation_id": room} if room else {}
    case = a_case(world.session, who, then, scene="cart", **own)
    a_rung(world.session, case, then)
    return case


def signs_in(world: World, room: str, customer: str) -> None:
    recognise(world.session, room, Who(customer, "普通", "", world.now + DAY))
    world.session.flush()


def test_what_was_heard_before_signing_in_counts_for_the_customer_and_no_other(shop: World) -> None:
    room, other = shop.chat(None, visitor="v1"), shop.chat(None, visitor="v2")
    before = says_to(shop, room, room)
    says_to(shop, other, other)
    now = a_case(shop.session, "C1", shop.now, scene="cart")
    assert heard(shop, now) == {"C1": []}
    signs_in(shop, room, "C1")
    signs_in(shop, other, "C2")
    assert heard(shop, now) == {"C1": [shop.now - HOUR]}
    # Nor do they hear more in what goes on of the visitor's.
    says_to(shop, "C1")
    assert heard(shop, before, now) == {room: [shop.now - HOUR] * 2, "C1": [shop.now - HOUR] * 2}


def test_a_visitor_hears_what_a_visitor_heard(shop: World) -> None:
    room = shop.chat(None, visitor="v1")
    says_to(shop, shop.chat(None, visitor="v2"), shop.chat(None, visitor="v3"))
    assert heard(shop, says_to(shop, room, room)) == {room: [shop.now - HOUR]}
