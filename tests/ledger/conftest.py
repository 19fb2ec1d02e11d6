"""A conversation in the ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy.orm import Session

from sixty.ledger.models import Message
from sixty.ledger.receiving import Incoming, receive

NOW = datetime(2026, 5, 20, 7, 0, tzinfo=timezone.utc)

Say = Callable[..., Message]


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def say(session: Session) -> Say:
    """Writes a customer's line into the ledger."""

    def write(text: str = "在吗", conversation_id: str = "chat", **more: Any) -> Message:
        at = NOW + timedelta(seconds=more.pop("after", 0))
        return receive(session, Incoming(conversation_id, "web", text=text, **more), at).message

    return write
