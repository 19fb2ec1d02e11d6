"""A workbench over a database of either kind, which is empty again after each test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sixty.desk.app import create_app
from sixty.settings import Settings
from sixty.shop.database import shop_session
from sixty.tables import Base
from tests.desk.workbench.bench_world import RULES, World, now  # noqa: F401


@pytest.fixture
def world(shared_database: str, tmp_path: Path) -> Iterator[World]:
    settings = Settings(secret="k" * 40, database_url=shared_database, var=tmp_path / "var")
    app = create_app(settings, tmp_path)
    app.state.workbench = replace(app.state.workbench, rules=lambda: RULES)
    yield World(app, shared_database, settings)
    app.state.workbench.live.stop()
    with shop_session(shared_database) as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(table.delete())
