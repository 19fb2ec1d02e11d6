"""What is personal in old reminders is masked for good, once, and everything that is counted stays."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sixty.outreach.models import OutreachContact, OutreachRung
from sixty.outreach.retention import mask_old
from sixty.outreach.standing import Standing
from tests.outreach.outreach_rows import a_case, a_contact, a_rung
from tests.outreach.outreach_world import DAY, World

NUMBER = "+8613800001234"


def old_sms(world: World, who: str = "C1", **values: object) -> OutreachContact:
    then = world.now - 200 * DAY
    rung = a_rung(world.session, a_case(world.session, who, then), then, way="sms", text="请打13800001234")
    of = {"way": "sms", "state": "delivered", "number": NUMBER, "text": "请打13800001234", **values}
    return a_contact(world.session, rung, then, **of)


def masks(world: World, batch: int = 500) -> int:
    masked = mask_old(world.open, world.now - 180 * DAY, world.now, batch)
    world.session.expire_all()
    return masked


@pytest.mark.parametrize("batch", [1, 2, 500])
def test_numbers_and_words_are_masked_once(world: World, batch: int) -> None:
    old = [old_sms(world, f"C{each}", note="王先生13900001234", variables={"tel": NUMBER}) for each in range(3)]
    assert masks(world, batch) == 6
    for each in old:
        assert each.number == "138****1234"
        assert each.text == "请打138****1234"
        assert each.note == "王先生139****1234"
        assert "13800001234" not in str(each.variables)
        assert world.session.get(OutreachRung, each.rung_id).text == "请打138****1234"
    assert masks(world, batch) == 0


def test_what_is_young_or_not_over_keeps_its_number(world: World) -> None:
    waiting = old_sms(world, state="waiting")
    rung = a_rung(world.session, a_case(world.session, "C2", world.now), world.now)
    young = a_contact(world.session, rung, world.now - timedelta(days=1), way="sms", state="sent", number=NUMBER)
    masks(world)
    assert waiting.number == young.number == NUMBER


def test_a_wrong_number_is_known_for_good(world: World) -> None:
    old_sms(world, way="phone", state="done", outcome="wrong_number")
    masks(world)
    now = a_case(world.session, "C1", world.now)
    assert Standing(world.session, world.book, [now], world.now).wrong_numbers == {("C1", NUMBER)}
