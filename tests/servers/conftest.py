from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from sixty.processes.ports import free_port
from sixty.settings import get_settings
from sixty.shop.database import shop_session
from tests.servers.running import Product, own_program, started, wait_until_healthy


@pytest.fixture(scope="session")
def model() -> Path:
    """The trained model, as `make test` has it."""
    trained = get_settings().model
    if not trained.is_file():
        reason = f"there is no trained model at {trained}; `make train` makes it"
        if os.environ.get("SIXTY_CI") == "1":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return trained


@contextmanager
def _product(model: Path, folder: Path) -> Iterator[Product]:
    rasa, actions, desk = free_port(), free_port(), free_port()
    var = folder / "var"
    database_url = f"sqlite:///{var / 'sixty.db'}"
    environment = {
        "SIXTY_ENVIRONMENT": "development",
        "SIXTY_RASA_PORT": str(rasa),
        "SIXTY_ACTIONS_PORT": str(actions),
        "SIXTY_DESK_PORT": str(desk),
        "SIXTY_VAR": str(var),
        "SIXTY_MODEL": str(model),
        "SIXTY_DATABASE_URL": database_url,
    }
    log = folder / "up.log"
    rasa_url, desk_url = f"http://127.0.0.1:{rasa}", f"http://127.0.0.1:{desk}"
    with started(own_program("up", "--timeout", "240"), environment, log) as process:
        # The action server has no address for others; `sixty up` says when it is healthy.
        wait_until_healthy(process, log, f"http://127.0.0.1:{actions}/health", f"{desk_url}/healthz", rasa_url)
        secret = (var / "secret").read_text(encoding="ascii").strip()
        yield Product(rasa_url, desk_url, database_url, secret, log)


@pytest.fixture(scope="session")
def product(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The whole bot, started once: `sixty up` on free ports with a folder and a demo shop of its own."""
    with _product(model, tmp_path_factory.mktemp("product")) as running:
        yield running


@pytest.fixture
def shop(product: Product) -> Iterator[Session]:
    """The shop that the bot answers from: what is right is worked out by the shop itself."""
    with shop_session(product.database_url, read_only=True) as session:
        yield session
