from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sixty.settings import get_settings
from sixty.shop.database import engine_for, upgrade_database


@pytest.fixture
def shop_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty database that the settings name."""
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    monkeypatch.setenv("SIXTY_DATABASE_URL", url)
    monkeypatch.setenv("SIXTY_VAR", str(tmp_path / "var"))
    get_settings.cache_clear()
    upgrade_database(url)
    yield url
    engine_for(url).dispose()
    get_settings.cache_clear()
