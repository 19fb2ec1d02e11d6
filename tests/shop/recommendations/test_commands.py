"""`sixty shop mine-pairs`, as it is typed; and an import puts the shelves in order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from sixty.cli import app
from sixty.settings import get_settings
from sixty.shop.database import engine_for, shop_session, upgrade_database
from sixty.shop.demo import seed
from sixty.shop.exchange.importing import import_file
from sixty.shop.models import Sku
from sixty.shop.recommendations.models import ShelfPlace
from tests.shop.conftest import SMALL_SHOP


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, now: datetime) -> Iterator[str]:
    monkeypatch.setenv("SIXTY_VAR", str(tmp_path))
    get_settings.cache_clear()
    url = get_settings().database_url
    upgrade_database(url)
    with shop_session(url) as session:
        seed(session, now, path=SMALL_SHOP)
    yield url
    engine_for(url).dispose()
    get_settings.cache_clear()


def test_mining_tells_what_it_counted(url: str) -> None:
    later = CliRunner().invoke(app, ["shop", "mine-pairs"])
    assert later.exit_code == 0, later.output
    assert "orders counted (the latest)" in later.output
    whole = CliRunner().invoke(app, ["shop", "mine-pairs", "--full"])
    assert whole.exit_code == 0, whole.output
    assert "orders counted (all)" in whole.output
    assert "shelf places" in whole.output


def test_an_import_brings_costs_and_puts_the_shelves_in_order(url: str, tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.write_text("SKU编码,价格,会员价,成本价\nGZ3101-01,88,80,41.5\n", encoding="utf-8")
    assert import_file(url, file).merged
    with shop_session(url, read_only=True) as session:
        sku = session.get(Sku, "GZ3101-01")
        assert sku is not None
        assert str(sku.cost) == "41.50"
        prices = session.scalars(select(ShelfPlace.price).where(ShelfPlace.product_no == "GZ3101")).all()
        assert [str(price) for price in prices] == ["88.00"]
