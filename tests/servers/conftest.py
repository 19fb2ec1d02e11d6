from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from sixty.processes.ports import free_port
from sixty.shop.database import shop_session
from tests.servers.running import Product, own_program, started, trained_model, wait_until_healthy


@pytest.fixture(scope="session")
def model() -> Path:
    return trained_model()


@contextmanager
def _product(model: Path, folder: Path) -> Iterator[Product]:
    rasa, actions, desk, worker = (free_port() for _ in range(4))
    var = folder / "var"
    database_url = f"sqlite:///{var / 'sixty.db'}"
    environment = {
        "SIXTY_ENVIRONMENT": "development",
        "SIXTY_RASA_PORT": str(rasa),
        "SIXTY_ACTIONS_PORT": str(actions),
        "SIXTY_DESK_PORT": str(desk),
        "SIXTY_WORKER_PORT": str(worker),
        # Nobody speaks first into what these tests say.
        "SIXTY_OUTREACH": "false",
        "SIXTY_VAR": str(var),
        "SIXTY_MODEL": str(model),
        "SIXTY_DATABASE_URL": database_url,
    }
    log = folder / "up.log"
    rasa_url, desk_url = f"http://127.0.0.1:{rasa}", f"http://127.0.0.1:{desk}"
    with started(own_program("up", "--timeout", "600"), environment, log) as process:
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
