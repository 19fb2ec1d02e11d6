from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.talk.fake_servers import FakeServers, running


@pytest.fixture
def bot() -> Iterator[FakeServers]:
    """A running bot that answers everything."""
    with running() as fake:
        yield fake
