from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from sixty.shop.gateways.errors import OutOfReachError, RefusedError
from sixty.shop.gateways.reading_cache import ReadingCache

NOW = datetime(2026, 5, 20, 15, 0, tzinfo=timezone.utc)


def down() -> str:
    raise OutOfReachError("down")


def after(**span: float) -> datetime:
    return NOW + timedelta(**span)


def test_a_fresh_reading_is_not_asked_for_again() -> None:
    cache = ReadingCache()
    assert cache.read("k", lambda: "a", NOW).value == "a"
    again = cache.read("k", lambda: "b", after(seconds=4))
    assert (again.value, again.read_at, again.stale) == ("a", NOW, False)
    assert cache.read("k", lambda: "b", after(seconds=6)).value == "b"
    assert cache.read("other", lambda: "c", NOW).value == "c"


def test_an_old_one_stands_in_for_a_system_that_is_down_and_says_so() -> None:
    cache = ReadingCache()
    cache.read("k", lambda: "a", NOW)
    kept = cache.read("k", down, after(minutes=10))
    assert (kept.value, kept.read_at, kept.stale) == ("a", NOW, True)
    with pytest.raises(OutOfReachError):
        cache.read("k", down, after(hours=6, seconds=1))
    with pytest.raises(OutOfReachError):
        cache.read("unknown", down, NOW)


def test_a_refusal_is_never_covered_up() -> None:
    cache = ReadingCache()
    cache.read("k", lambda: "a", NOW)

    def refuse() -> str:
        raise RefusedError("no")

    with pytest.raises(RefusedError):
        cache.read("k", refuse, after(minutes=1))


def test_nothing_is_not_remembered_and_ends_what_was() -> None:
    cache = ReadingCache()
    cache.read("k", lambda: "a", NOW)
    assert cache.read("k", lambda: None, after(seconds=6)).value is None
    with pytest.raises(OutOfReachError):
        cache.read("k", down, after(seconds=7))


def test_the_least_used_goes_first() -> None:
    cache = ReadingCache(most=2)
    for key in ("a", "b", "a", "c"):
        cache.read(key, lambda: "x", NOW)
    assert cache.read("a", down, after(minutes=1)).stale
    assert cache.read("c", down, after(minutes=1)).stale
    with pytest.raises(OutOfReachError):
        cache.read("b", down, after(minutes=1))


def test_a_clock_that_was_set_back_makes_nothing_fresh() -> None:
    cache = ReadingCache()
    cache.read("k", lambda: "a", NOW)
    assert cache.read("k", lambda: "b", after(minutes=-1)).value == "b"
