from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sixty.settings import get_settings
from sixty.shop.database import engine_for, upgrade_database


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with all tables, to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "shop.db"
    url = f"sqlite:///{file}"
    upgrade_database(url)
    # The last connection folds the write-ahead log into the file.
    engine_for(url).dispose()
    return file


@pytest.fixture
def shop_url(migrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty database that the settings name."""
    url = f"sqlite:///{shutil.copy(migrated, tmp_path / 'shop.db')}"
    monkeypatch.setenv("SIXTY_DATABASE_URL", url)
    monkeypatch.setenv("SIXTY_VAR", str(tmp_path / "var"))
    get_settings.cache_clear()
    yield url
    engine_for(url).dispose()
    get_settings.cache_clear()
