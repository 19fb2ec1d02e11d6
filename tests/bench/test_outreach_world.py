"""The worker before a small month: it says what the oracle says it should, and the comparison would notice if not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bench.outreach_compare import compare
from bench.outreach_drive import ticks
from bench.outreach_month import BEGINS, lives, open_shop
from bench.outreach_world import PLAYBOOK, known, month, oracle_for
from sixty.shop.database import engine_for, shop_session, upgrade_database

SEED = 11
CUSTOMERS = 100
DAYS = (11, 13)
STEP = timedelta(minutes=30)


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, Any]]]:
    """A database in which two days around the beginning of a sale have passed, and what was found."""
    folder = tmp_path_factory.mktemp("month")
    url = f"sqlite:///{folder / 'month.db'}"
    upgrade_database(url)
    yield url, month(url, CUSTOMERS, SEED, folder, step=STEP, days=DAYS)
    engine_for(url).dispose()


def test_what_is_said_is_what_should_be(passed: tuple[str, dict[str, Any]]) -> None:
    _, found = passed
    assert found["wrong"] == found["missed"] == found["moments"] == {}
    assert found["doubled"] == found["in_quiet_hours"] == found["over_caps"] == 0
    assert found["right"] > 30
    assert found["scenes_fired"] > 8


def test_a_difference_is_noticed(passed: tuple[str, dict[str, Any]]) -> None:
    url, found = passed
    shop = open_shop(SEED)
    first, last = (BEGINS + timedelta(days=day) for day in DAYS)
    oracle = oracle_for(PLAYBOOK, shop, [at for at in ticks(STEP) if first < at < last])

    def judged(changed: Any, fewer: int = 0) -> dict[str, Any]:
        crowd = list(known(shop, SEED, CUSTOMERS))[: CUSTOMERS - fewer]
        with shop_session(url, read_only=True) as session:
            return compare(session, changed, crowd).figures([])

    assert judged(oracle)["right"] == found["right"]
    # Were everybody in the control group, what was said should have been held back.
    held_back = judged(replace(oracle, arm_of=lambda scene, who, share: "control"))
    assert held_back["wrong_fires"] >= held_back["missed_fires"] > 0
    # A worker that looks at other moments would say it at other moments.
    later = judged(replace(oracle, ticks=[at + timedelta(minutes=7) for at in oracle.ticks]))
    assert later["at_another_moment"] > 0
    # Something said to somebody whom nobody knows.
    assert judged(oracle, fewer=CUSTOMERS // 2)["wrong_fires"] > 0


def test_those_known_come_in_the_order_of_whom_they_count_by() -> None:
    shop = open_shop(SEED)
    counted = [life.who for life in known(shop, SEED, 120) if life.who is not None]
    assert counted == sorted(counted)
    assert len(counted) == sum(life.who is not None for life in lives(shop, SEED, 120))
