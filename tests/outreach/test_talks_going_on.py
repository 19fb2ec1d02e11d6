"""A talk that goes on after something was planned of it: what counts is how it ended."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sixty.insight.models import Visit
from sixty.outreach.stopping import hear
from sixty.outreach.talks_going_on import take_back_visits
from tests.outreach.outreach_rows import visit
from tests.outreach.outreach_world import DAY, HOUR, MINUTE, World

SECOND = timedelta(seconds=1)


@pytest.fixture
def shop(world: World) -> World:
    for scene in world.book.scenes.values():
        object.__setattr__(scene, "control", 0.0)
    world.product()
    world.product("P2")
    world.customer()
    return world


def goes_on(world: World, first: int, product: str | None = None) -> None:
    row = world.session.query(Visit).filter_by(first_message_id=first).one()
    row.ended_at, row.product_no = world.now, product or row.product_no
    world.session.flush()


def follows(world: World) -> int:
    taken = take_back_visits(world.session, world.book, world.now)
    world.plan()
    world.session.expire_all()
    return taken


def test_what_is_planned_goes_by_the_end_of_the_talk_and_what_it_was_about_last(shop: World) -> None:
    first = visit(shop, "C1")
    follows(shop)
    begun = shop.now
    goes_on(shop.go(3 * MINUTE), first, "P2")
    assert follows(shop) == len(shop.cases("asked")) + len(shop.cases("recommendation"))
    for scene in ("asked", "recommendation"):
        (case,) = shop.cases(scene)
        assert (case.moment, case.product_no) == (begun + 3 * MINUTE, "P2")
    assert follows(shop) == 0


def test_what_has_been_said_is_not_taken_back(shop: World) -> None:
    first = visit(shop, "C1")
    shop.tick(HOUR)
    shop.tick(4 * HOUR)
    assert shop.rungs("asked")[0][2] == "sent"
    goes_on(shop, first)
    follows(shop)
    assert shop.rungs("asked")[0][2] == "sent"


@pytest.mark.parametrize("planned_before", [True, False])
def test_who_says_in_a_talk_that_they_will_not_buy_hears_no_more_of_it(shop: World, planned_before: bool) -> None:
    first = visit(shop, "C1")
    if planned_before:
        follows(shop)
    shop.go(30 * SECOND)
    shop.says("C1", "算了，不买了", "abandon_purchase", mood="abandoning")
    goes_on(shop.go(SECOND), first)
    hear(shop.session, shop.book, shop.go(MINUTE).now)
    follows(shop)
    said = [line for _ in range(12) for line in shop.tick(12 * HOUR)]
    assert said == []
    assert all(case.ended_because == "abandoned" for case in [*shop.cases("asked"), *shop.cases("recommendation")])
    # What begins after the rest is another matter.
    visit(shop.go(DAY), "C1", "P2")
    shop.tick()
    assert [line for _ in range(4) for line in shop.tick(6 * HOUR)]
