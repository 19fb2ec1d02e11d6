from __future__ import annotations

import os
from pathlib import Path

import pytest

from sixty.settings import get_settings


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
