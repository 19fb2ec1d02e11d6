"""The benchmark of benefits and trials, and with it the promise that nothing is granted too often."""

from __future__ import annotations

import pytest

from bench.benefits import (
    BUDGETED,
    STOCK,
    Course,
    Shopper,
    by_sampling,
    follow,
    in_equal_shares,
    overgranted,
)


def test_fifty_at_once_get_no_more_than_there_is(database_url: str) -> None:
    found = overgranted(database_url)
    assert found == {
        "stock": STOCK,
        "budget": BUDGETED,
        "customer": 1,
        "key": 1,
        "overgranted": 0,
        "undergranted": 0,
    }


def test_the_best_is_found_with_half_the_impressions_of_equal_shares() -> None:
    # One that is liked, one that comes near, and eight that are so-so.
    usual = [Shopper(tap=0.08, cart=0.25, order=0.4)] * 8
    liked, near = Shopper(tap=0.2, cart=0.25, order=0.4), Shopper(tap=0.16, cart=0.25, order=0.4)
    shops = [[*usual[:at], liked, *usual[at:], near] for at in range(0, 8, 2)]
    own, equal = (follow(shops, way, 1, delay=50, most=15_000) for way in (by_sampling, in_equal_shares))
    everywhere = range(len(shops))
    assert own.impressions(everywhere) <= 0.5 * equal.impressions(everywhere)
    assert own.right_at(own.impressions(everywhere)) == 1


def test_impressions_are_read_off_a_course() -> None:
    course = Course((100, 200, 300), ((0.5, 0.7), (0.9, 0.9), (1.0, 1.0)), ((False, True), (True, True), (True, True)))
    assert course.impressions([0, 1], 0.75) == pytest.approx(150)
    assert course.impressions([0, 1], 0.95) == pytest.approx(250)
    assert course.right_at(100) == 0.5
    assert course.right_at(150) == 1
