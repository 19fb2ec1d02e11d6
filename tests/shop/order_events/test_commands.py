"""`sixty shop poll` against a system that runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sixty.cli import app
from sixty.errors import OperatorError
from sixty.settings import Settings, get_settings
from sixty.shop.database import engine_for, upgrade_database
from sixty.shop.order_events.commands import poll_once
from sixty.shop.order_events.recording import Taken
from tests.shop.gateways.reference_server import TOKEN, ReferenceServer, running
from tests.shop.order_events.happenings import BEGIN, happening, parcel_happening

NOW = BEGIN + timedelta(days=3)


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    address = f"sqlite:///{tmp_path / 'shop.db'}"
    upgrade_database(address)
    yield address
    engine_for(address).dispose()


@pytest.fixture
def system() -> Iterator[ReferenceServer]:
    events = [happening("cart", f"c{hour}", hour, {"lines": []}) for hour in range(5)]
    with running(ReferenceServer(events=[*events, parcel_happening("collected", 6)])) as served:
        yield served


def test_what_changed_is_taken_in_once(system: ReferenceServer, url: str) -> None:
    settings = Settings(secret="k" * 40, database_url=url, shop_api_url=system.url, shop_api_token=TOKEN)
    assert poll_once(settings, NOW).taken == Taken(6, 0, 1)
    assert poll_once(settings, NOW + timedelta(minutes=1)).taken == Taken(0, 0, 0)
    system.instead = [(500, b"")]
    with pytest.raises(OperatorError, match="goes on from there"):
        poll_once(settings, NOW + timedelta(minutes=2))


def test_the_command(system: ReferenceServer, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIXTY_DATABASE_URL", url)
    monkeypatch.setenv("SIXTY_SECRET", "k" * 40)
    get_settings.cache_clear()
    run = CliRunner()
    nobody = run.invoke(app, ["shop", "poll"])
    assert isinstance(nobody.exception, OperatorError)
    assert "SIXTY_SHOP_API_URL" in str(nobody.exception)
    monkeypatch.setenv("SIXTY_SHOP_API_URL", system.url)
    monkeypatch.setenv("SIXTY_SHOP_API_TOKEN", TOKEN)
    get_settings.cache_clear()
    done = run.invoke(app, ["shop", "poll", "--since", BEGIN.isoformat()])
    get_settings.cache_clear()
    assert done.exit_code == 0, done.output
    assert "6 new events, 1 of them waiting for their order or article, 0 known" in done.stdout
    assert run.invoke(app, ["shop", "poll", "--since", "yesterday"]).exit_code == 2
    get_settings.cache_clear()
