"""The shelves find what the whole catalogue would, and look at as little of a large shop as of a small one."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert
from sqlalchemy.orm import Session

from bench.recommend import KINDS, _situation, load_here
from bench.shop_rows import Scale
from sixty.shop.climate import NOWHERE
from sixty.shop.database import engine_for, shop_session
from sixty.shop.recommendations import recommend
from sixty.shop.recommendations.models import ShelfPlace
from sixty.shop.recommendations.shelf import REACH, Place, Shelf

from .shops import empty_shop

MOST_STEPS = 16_000
"""Of SQLite's machine for a suggestion. Reading all products of the shop below once would take more of them."""

_PLACES = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from(("上衣", "裤子")), st.integers(1, 20), st.integers(0, 3)),
    min_size=1,
    max_size=80,
    unique_by=lambda each: (each[0], each[2]),
)


def _put(session: Session, places: list[tuple[int, str, int, int]]) -> list[Place]:
    kinds: dict[int, tuple[str, int]] = {}
    rows: list[dict[str, Any]] = []
    for number, kind, price, sold in places:
        kind, sold = kinds.setdefault(number, (kind, sold))
        rows.append(
            {"product_no": f"P{number:02}", "price": Decimal(price), "category": "服装", "kind": kind, "sold": sold}
        )
    lowest = {row["product_no"]: min(r["price"] for r in rows if r["product_no"] == row["product_no"]) for row in rows}
    session.execute(
        insert(ShelfPlace.__table__), [{**row, "first": row["price"] == lowest[row["product_no"]]} for row in rows]
    )
    return [Place(**row) for row in rows]


@settings(max_examples=80, deadline=None)
@given(_PLACES, st.integers(1, 4), st.integers(1, 20), st.integers(0, 20), st.sampled_from(("", "服装", "裤子")))
def test_what_sells_best_within_a_budget_is_that_of_all(
    places: list[tuple[int, str, int, int]], limit: int, low: int, span: int, of: str
) -> None:
    with empty_shop() as session:
        every = _put(session, places)
        kinds = [("服装", of)] if of == "裤子" else []
        within = {"low": Decimal(low), "high": Decimal(low + span)}
        found = Shelf(session).best_sellers(limit, kinds, of if not kinds else "", **within)
        fitting = {
            place.product_no: place.sold
            for place in every
            if (not kinds or place.kind == of) and low <= place.price <= low + span
        }
        expected = sorted(fitting, key=lambda no: (fitting[no], no), reverse=True)
        # Several prices of one product take places of others, but never the first.
        assert [place.product_no for place in found] == expected[: len(found)]
        assert bool(found) == bool(expected)
        assert all(low <= place.price <= low + span for place in found)


def test_little_is_looked_at_where_a_budget_is_usual() -> None:
    with empty_shop() as session:
        _put(session, [(number, "上衣", 1 + number % 2, 60 - number) for number in range(61)])
        steps = _Steps(session)
        (first, *_) = Shelf(session).best_sellers(2, category="服装", low=Decimal(1), high=Decimal(1))
        usual = steps.taken()
        assert first.product_no == "P00"
        assert REACH * 2 < 61
        Shelf(session).best_sellers(40, category="服装", low=Decimal(1), high=Decimal(1))
        assert usual < steps.taken()


class _Steps:
    """Steps of SQLite's machine, in tens."""

    def __init__(self, session: Session) -> None:
        self._count = 0
        connection: Any = session.connection().connection.dbapi_connection
        connection.set_progress_handler(self._step, 10)
        self._stop = lambda: connection.set_progress_handler(None, 0)

    def _step(self) -> int:
        self._count += 10
        return 0

    def taken(self) -> int:
        """How many since it was last asked."""
        count, self._count = self._count, 0
        return count

    def stop(self) -> None:
        """Counts no more."""
        self._stop()


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder: Path = tmp_path_factory.mktemp("large")
    url = f"sqlite:///{folder / 'shop.db'}"
    load_here(url, Scale(20_000, 4_000))
    yield url
    engine_for(url).dispose()


@pytest.mark.parametrize("kind", KINDS)
def test_a_large_shop_is_not_read_through(large: str, kind: Any) -> None:
    scale, draw = Scale(20_000, 4_000), random.Random(1)
    found = 0
    for _ in range(12):
        with shop_session(large, read_only=True) as session:
            steps = _Steps(session)
            found += len(recommend(session, kind, _situation(draw, scale, kind), 3, climate=NOWHERE))
            taken = steps.taken()
            steps.stop()
            assert taken <= MOST_STEPS
    assert found or kind == "upgrade"
