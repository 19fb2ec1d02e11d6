from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.channels.limits import Allowance, Limits, TokenBuckets


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_empties_and_fills() -> None:
    clock = Clock()
    limits = Limits(Allowance(2, 30), Allowance(100, 100), clock)
    assert [limits.admit("a", None) for _ in range(3)] == [0, 0, pytest.approx(2)]
    clock.now += 2
    assert limits.admit("a", None) == 0
    assert limits.admit("a", None) > 0
    clock.now += 3600
    assert [limits.admit("a", None) > 0 for _ in range(3)] == [False, False, True]


def test_what_is_refused_for_the_address_costs_the_visitor_nothing() -> None:
    clock = Clock()
    limits = Limits(Allowance(1, 1), Allowance(1, 60), clock)
    assert limits.admit("a", "203.0.113.7") == 0
    assert limits.admit("b", "203.0.113.7") == pytest.approx(1)
    clock.now += 1
    assert limits.admit("b", "203.0.113.7") == 0


def test_only_so_many_senders_are_remembered() -> None:
    buckets = TokenBuckets(Allowance(1, 1), most=3, clock=Clock())
    for sender in "abcde":
        buckets.take(sender)
    assert len(buckets) == 3
    assert (buckets.wait("a"), buckets.wait("e") > 0) == (0, True)


@pytest.mark.parametrize(("at_once", "per_minute"), [(0, 10), (0.5, 10), (1, 0), (5, -1)])
def test_an_allowance_lets_something_through(at_once: float, per_minute: float) -> None:
    with pytest.raises(ValueError, match="at least one message"):
        Allowance(at_once, per_minute)


@given(
    st.lists(st.tuples(st.floats(0, 30), st.sampled_from("ab")), max_size=80),
    st.integers(1, 6),
    st.integers(1, 120),
)
def test_nobody_ever_sends_more_than_the_allowance(
    tries: list[tuple[float, str]], at_once: int, per_minute: int
) -> None:
    clock = Clock()
    limits = Limits(Allowance(at_once, per_minute), Allowance(10_000, 10_000), clock)
    let_in: dict[str, list[float]] = {"a": [], "b": []}
    for pause, sender in tries:
        clock.now += pause
        wait = limits.admit(sender, "203.0.113.7")
        if wait == 0:
            let_in[sender].append(clock.now)
        else:
            # What was promised holds, and others are not touched by it.
            assert 0 < wait <= 60 / per_minute + 1e-6
    for times in let_in.values():
        for first in range(len(times)):
            for last in range(first, len(times)):
                assert last - first + 1 <= at_once + (times[last] - times[first]) * per_minute / 60 + 1e-6
