"""The shop is asked once, and a turn never waits for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest

from sixty.context import Context
from sixty.dialogue import shop_reader
from sixty.dialogue.shop_reader import ShopReader
from sixty.shop.shelves import Shelf

PHONE = Shelf("数码家电", "手机")


class Shop:
    """In the place of the database."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.error: Exception | None = None
        self.gate: threading.Event | None = None

    def read(self, session: Any, key: str) -> Shelf | None:
        self.asked.append(key)
        if self.gate is not None:
            self.gate.wait(10)
        if self.error is not None:
            raise self.error
        return PHONE if key == "手机" else None


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Shop:
    made = Shop()

    @contextmanager
    def session(**_: Any) -> Iterator[None]:
        yield None

    monkeypatch.setattr(shop_reader, "shop_session", session)
    monkeypatch.setattr(shop_reader, "shelf_of_kind", made.read)
    return made


def test_what_was_read_is_remembered_for_a_while(shop: Shop) -> None:
    clock = Clock()
    reader = ShopReader(wait=5, clock=clock)
    assert [reader.of_kind("手机") for _ in range(3)] == [PHONE] * 3
    assert [reader.of_kind("汽车") for _ in range(2)] == [None] * 2
    assert shop.asked == ["手机", "汽车"]
    clock.now += 3600
    assert reader.of_kind("手机") == PHONE
    assert shop.asked == ["手机", "汽车", "手机"]


def test_a_shop_that_fails_is_left_alone_and_asked_again_later(shop: Shop) -> None:
    clock = Clock()
    reader = ShopReader(wait=5, clock=clock)
    shop.error = OSError("no database")
    assert reader.of_kind("手机") is None
    assert reader.of_kind("汽车") is None
    assert shop.asked == ["手机"]
    shop.error = None
    clock.now += 60
    assert reader.of_kind("手机") == PHONE


def test_what_was_known_outlives_the_shop(shop: Shop) -> None:
    clock = Clock()
    reader = ShopReader(wait=5, clock=clock)
    assert reader.of_kind("手机") == PHONE
    shop.error = OSError("no database")
    clock.now += 3600
    assert [reader.of_kind("手机") for _ in range(2)] == [PHONE] * 2
    assert shop.asked == ["手机", "手机"]


def test_who_is_talking_is_read_anew_each_time(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 9, 9, tzinfo=timezone.utc)
    found: dict[str, Context] = {}
    monkeypatch.setattr(shop_reader, "context_of", lambda _, conversation_id, __: found.get(conversation_id))
    clock = Clock()
    reader = ShopReader(wait=5, clock=clock)
    assert reader.context_of("one", now) is None
    stranger = Context("one", None, None, None, "shop", None, None, now)
    for known in (stranger, replace(stranger, customer_id="C001", level="PLUS")):
        found["one"] = known
        assert reader.context_of("one", now) == known
    shop.error = OSError("no database")
    assert reader.of_kind("手机") is None
    # Not asked for a while; the customer is still the one they were.
    found.clear()
    assert reader.context_of("one", now) == known
    assert reader.context_of("two", now) is None


def test_a_slow_shop_is_not_waited_for(shop: Shop) -> None:
    reader = ShopReader(wait=0.01, clock=Clock())
    shop.gate = threading.Event()
    try:
        assert reader.of_kind("手机") is None
        assert reader.of_kind("手机") is None
        assert shop.asked == ["手机"]
    finally:
        shop.gate.set()
