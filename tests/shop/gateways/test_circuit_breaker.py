from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from sixty.shop.gateways.circuit_breaker import CircuitBreaker
from sixty.shop.gateways.errors import NonsenseError, OutOfReachError, RefusedError


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(failures=3, rest=20, clock=clock)


def fail(breaker: CircuitBreaker, error: Exception | None = None) -> bool:
    """Fails inside; returns whether the block ran at all."""
    ran = []

    def call() -> None:
        with breaker.guard():
            ran.append(True)
            raise error or OutOfReachError("down")

    with pytest.raises(type(error or OutOfReachError())):
        call()
    return bool(ran)


def test_it_opens_after_failures_in_a_row_only(breaker: CircuitBreaker) -> None:
    for _ in range(4):
        assert fail(breaker)
        assert fail(breaker)
        with breaker.guard():
            pass
    assert [fail(breaker) for _ in range(5)] == [True, True, True, False, False]


@pytest.mark.parametrize("error", [RefusedError("no"), NonsenseError("?"), KeyError("bug")])
def test_a_system_that_is_there_does_not_open_it(breaker: CircuitBreaker, error: Exception) -> None:
    assert all(fail(breaker, error) for _ in range(9))


def test_after_its_rest_one_try_decides(breaker: CircuitBreaker, clock: Clock) -> None:
    for _ in range(3):
        fail(breaker)
    clock.seconds += 19.9
    assert not fail(breaker)
    clock.seconds += 0.2
    assert fail(breaker)
    assert not fail(breaker)
    clock.seconds += 20.1
    with breaker.guard():
        # While one tries, nobody else does.
        assert not fail(breaker)
    assert fail(breaker)


def test_calls_run_side_by_side(breaker: CircuitBreaker) -> None:
    together = Barrier(4, timeout=5)

    def call() -> None:
        with breaker.guard():
            together.wait()

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(call) for _ in range(4)]:
            done.result()


def test_only_one_of_many_threads_tries(breaker: CircuitBreaker, clock: Clock) -> None:
    for _ in range(3):
        fail(breaker)
    clock.seconds += 21
    inside, go_on = Event(), Event()

    def hold() -> None:
        with breaker.guard():
            inside.set()
            go_on.wait(5)

    with ThreadPoolExecutor(1) as pool:
        trying = pool.submit(hold)
        inside.wait(5)
        refused = [not fail(breaker) for _ in range(3)]
        go_on.set()
        trying.result()
    assert all(refused)
    with breaker.guard():
        pass
