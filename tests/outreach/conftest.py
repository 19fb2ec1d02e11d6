"""A small shop on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.outreach.outreach_world import World


@pytest.fixture
def world(session: Session) -> World:
    return World(session)
