"""Which orders count as a visit's."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from sixty.insight.attribution import Bought, Span, attribute
from sixty.insight.rules import OrderRules
from tests.insight.written import at, bought

RULES = OrderRules(same_product_hours=72, other_product_minutes=60)
HOUR = 3600.0


def span(first_id: int, began: float, ended: float, *products: str) -> Span:
    return Span(first_id, at(began), at(ended), frozenset(products))


def given_to(order: Bought, *spans: Span) -> int | None:
    found = attribute([order], spans, RULES)
    return next(iter(found), None)


def test_an_order_counts_within_its_window() -> None:
    visit = span(1, 0, 60, "P1")
    assert given_to(bought(72 * HOUR + 60, "P1"), visit) == 1
    assert given_to(bought(72 * HOUR + 61, "P1"), visit) is None
    assert given_to(bought(HOUR + 60, "P2"), visit) == 1
    assert given_to(bought(HOUR + 61, "P2"), visit) is None
    assert given_to(bought(-1, "P1"), visit) is None


def test_the_latest_visit_about_the_product_counts_before_the_latest_at_all() -> None:
    about_it, about_another = span(1, 0, 60, "P1"), span(9, 600, 660, "P2")
    assert given_to(bought(700, "P1"), about_it, about_another) == 1
    assert given_to(bought(700, "P3"), about_it, about_another) == 9


def test_several_orders_of_a_visit_come_in_order() -> None:
    found = attribute([bought(90, "P2", no="2"), bought(80, "P1", no="1")], [span(1, 0, 60, "P1")], RULES)
    assert [order.no for order in found[1]] == ["1", "2"]


SPANS = st.lists(
    st.tuples(st.integers(0, 50), st.floats(0, 1e6), st.floats(0, 5e3), st.sampled_from(["P1", "P2", ""])),
    max_size=6,
    unique_by=lambda each: each[0],
).map(lambda found: [span(number, began, began + long, *([no] if no else [])) for number, began, long, no in found])
ORDERS = st.lists(
    st.tuples(st.integers(0, 50), st.floats(0, 1e6), st.sampled_from(["P1", "P2", "P3"])),
    max_size=6,
    unique_by=lambda each: each[0],
).map(lambda found: [bought(moment, no, no=str(number)) for number, moment, no in found])


@given(ORDERS, SPANS, st.randoms(use_true_random=False))
def test_an_order_counts_once_whatever_comes_first(orders: list[Bought], spans: list[Span], random: Random) -> None:
    found = attribute(orders, spans, RULES)
    numbers = [order.no for each in found.values() for order in each]
    assert len(numbers) == len(set(numbers))
    mixed_orders, mixed_spans = list(orders), list(spans)
    random.shuffle(mixed_orders)
    random.shuffle(mixed_spans)
    assert attribute(mixed_orders, mixed_spans, RULES) == found
