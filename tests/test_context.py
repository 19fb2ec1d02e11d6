from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest

from sixty.context import Context

KNOWN = Context("c-1", "C001", "金卡", "浙江", "product", "GZ2101", None, datetime(2026, 11, 21, tzinfo=timezone.utc))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"conversation_id": ""}, "belongs to a conversation"),
        ({"entry": "moon"}, "unknown entry: 'moon'"),
        ({"expires_at": datetime(2026, 11, 21)}, "needs a zone"),  # noqa: DTZ001 - that is the point
    ],
)
def test_what_means_nothing_cannot_be_made(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        replace(KNOWN, **changes)


def test_one_is_like_another() -> None:
    assert replace(KNOWN) == KNOWN
    assert replace(KNOWN, customer_id=None) != KNOWN
