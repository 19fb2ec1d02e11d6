from __future__ import annotations

import pytest

from sixty.shop.orders import Viewer


@pytest.fixture
def gold() -> Viewer:
    return Viewer("conversation of C001", "C001")
