"""What reminders bring about, and that it is not said where it is not so."""

from __future__ import annotations

from decimal import Decimal
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.outreach_lift import lift_coverage
from sixty.outreach.lift import ArmSums, OfCustomer, Sent, design_effect, lift, share_of, sums_of
from sixty.shop.intervals import wilson


def arm(customers: int, converted: int, revenue: str = "100") -> ArmSums:
    """Customers with one case each."""
    return sums_of(
        OfCustomer(1, int(number < converted), Decimal(revenue) if number < converted else Decimal(0))
        for number in range(customers)
    )


def test_the_interval_holds_the_truth_at_its_nominal_rate() -> None:
    found = lift_coverage(200)
    assert found["coverage_low"] <= 0.95 <= found["coverage_high"]
    # Nothing is reported where there is nothing, but for what an interval of 95% lets through.
    assert found["false_lifts"] <= 0.06
    assert found["lifts_found"] > 0.8


def test_a_clear_lift_is_reported_with_what_it_brought() -> None:
    found = lift({"reminded": arm(900, 360), "control": arm(100, 20)}, Sent(cost=Decimal("90")), share=0.1)
    assert found.verdict == "more"
    assert found.difference is not None
    assert isclose(found.difference.value, 0.2)
    assert found.difference.low > 0
    assert found.extra_conversions is not None
    assert isclose(found.extra_conversions.value, 180)
    assert found.extra_revenue is not None
    assert isclose(found.extra_revenue.value, 18_000)
    # 18 000 back for 90.
    assert found.return_on_cost is not None
    assert isclose(found.return_on_cost.value, 199)


def test_what_was_free_has_no_return_on_cost() -> None:
    assert lift({"reminded": arm(900, 360), "control": arm(100, 20)}).return_on_cost is None


def test_a_reminder_that_drives_customers_away_is_told_so() -> None:
    assert lift({"reminded": arm(900, 90), "control": arm(100, 40)}, share=0.1).verdict == "fewer"


def test_few_cases_and_a_broken_draw_say_nothing() -> None:
    assert lift({"reminded": arm(900, 360)}).verdict == "too_few"
    assert lift({"reminded": arm(30, 15), "control": arm(10, 1)}).verdict == "too_few"
    assert lift({"reminded": arm(900, 5), "control": arm(100, 1)}).verdict == "too_few"
    broken = lift({"reminded": arm(900, 360), "control": arm(300, 20)}, share=0.1)
    assert broken.draw.broken
    assert broken.verdict == "broken"


def test_one_case_each_is_counted_as_ever() -> None:
    assert share_of(arm(100, 30)) == wilson(30, 100)
    assert design_effect(arm(100, 30)) == 1


def test_cases_of_one_customer_that_are_all_alike_count_as_one() -> None:
    alike = sums_of(OfCustomer(4, 4 * int(number < 30)) for number in range(100))
    assert 3.9 < design_effect(alike) < 4.2
    alone, once = share_of(alike), wilson(30, 100)
    assert isclose(alone.rate, once.rate)
    assert isclose(alone.low, once.low, abs_tol=0.005)
    assert isclose(alone.high, once.high, abs_tol=0.005)
    # Nobody was converted, so nothing tells how alike they are.
    assert share_of(sums_of(OfCustomer(4, 0) for _ in range(50))).high == wilson(0, 50).high


CUSTOMER = st.integers(1, 5).flatmap(
    lambda cases: st.integers(0, cases).map(lambda hits: OfCustomer(cases, hits, Decimal(hits * 10)))
)


@given(st.lists(CUSTOMER, min_size=1, max_size=30), st.lists(CUSTOMER, min_size=1, max_size=30))
def test_whatever_happened_the_figures_hold_together(ours: list[OfCustomer], theirs: list[OfCustomer]) -> None:
    found = lift({"reminded": sums_of(ours), "control": sums_of(theirs)}, Sent(cost=Decimal(1)))
    for each in found.conversion:
        assert 0 <= each.low <= each.rate + 1e-9
        assert each.rate - 1e-9 <= each.high <= 1
    assert found.difference is not None
    assert -1 - 1e-9 <= found.difference.low <= found.difference.value <= found.difference.high <= 1 + 1e-9
    assert design_effect(sums_of(ours)) >= 1
    assert sums_of(ours) + sums_of(theirs) == sums_of([*ours, *theirs])


@pytest.mark.parametrize("customers", [1, 2])
def test_a_single_customer_is_no_trouble(customers: int) -> None:
    found = lift({"reminded": arm(customers, 1), "control": arm(1, 0)})
    assert found.verdict == "too_few"
    assert found.difference is not None
