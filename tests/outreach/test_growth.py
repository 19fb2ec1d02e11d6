"""PostgreSQL learns how much its tables hold while a first look fills them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.orm import Session

from sixty.outreach.growth import Growth
from tests.outreach.outreach_world import World


def test_the_tables_are_looked_at_after_a_page_and_whenever_there_is_four_times_as_much(world: World) -> None:
    opened = []

    @contextmanager
    def write() -> Iterator[Session]:
        opened.append(True)
        yield world.session

    growth, looked = Growth(), []
    for page in (400, 600, 1000, 1900, 100, 1000):
        growth.add(page, write)
        looked.append(len(opened))
    assert looked == [0, 1, 1, 1, 2, 2]


def test_the_database_then_knows_what_is_there(world: World) -> None:
    world.product()
    world.customer()
    world.order("C1")
    world.plan()

    @contextmanager
    def write() -> Iterator[Session]:
        yield world.session

    Growth().add(1000, write)
    if world.session.get_bind().dialect.name == "postgresql":
        known = text("SELECT reltuples FROM pg_class WHERE relname = 'outreach_case'")
        assert world.session.scalar(known) == 1
    assert len(world.cases("unpaid")) == 1
