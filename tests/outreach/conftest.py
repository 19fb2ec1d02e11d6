"""A small shop on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.outreach.outreach_world import World


@pytest.fixture
def world(session: Session) -> World:
    return World(session)


@pytest.fixture
def shop(world: World) -> World:
    """One product and one customer, of whom nobody is left alone to compare with."""
    world.product()
    world.customer()
    for scene in world.book.scenes.values():
        object.__setattr__(scene, "control", 0.0)
    return world
