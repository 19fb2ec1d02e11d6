"""The shop's own policies."""

from __future__ import annotations

from pathlib import Path

import pytest

from sixty.shop.policies.reading import Policies, read_policies

PLAYBOOK = Path(__file__).parents[3] / "playbook"


@pytest.fixture(scope="session")
def policies() -> Policies:
    return read_policies(PLAYBOOK)
