from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

from sixty.shop.wording import SHOP_ZONE, say_amount, say_day, say_moment, say_number, say_span

NOW = datetime(2026, 5, 20, 15, 0, tzinfo=SHOP_ZONE)


@pytest.mark.parametrize(
    ("amount", "said"),
    [("259", "259元"), ("259.00", "259元"), ("19.9", "19.90元"), ("0.05", "0.05元")],
)
def test_amounts(amount: str, said: str) -> None:
    assert say_amount(Decimal(amount)) == said


@pytest.mark.parametrize(("number", "said"), [("175", "175"), ("62.50", "62.5"), ("100.0", "100"), ("1E+2", "100")])
def test_numbers(number: str, said: str) -> None:
    assert say_number(Decimal(number)) == said


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (NOW - timedelta(hours=1), "今天14:00"),
        (NOW - timedelta(days=1, hours=6), "昨天09:00"),
        (NOW + timedelta(days=2), "后天15:00"),
        (NOW - timedelta(days=5), "5月15日15:00"),
        (datetime(2026, 5, 19, 16, 30, tzinfo=timezone.utc), "今天00:30"),
        (datetime(2025, 12, 1, 8, 0, tzinfo=SHOP_ZONE), "2025年12月1日08:00"),
    ],
)
def test_moments(at: datetime, said: str) -> None:
    assert say_moment(at, NOW) == said


def test_days() -> None:
    assert say_day(NOW + timedelta(days=1), NOW) == "明天"


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(seconds=20), "1分钟"),
        (timedelta(minutes=25), "25分钟"),
        (timedelta(hours=3), "3小时"),
        (timedelta(hours=3, minutes=5), "3小时5分钟"),
        (timedelta(days=2, hours=5), "2天5小时"),
        (timedelta(days=5, hours=5), "5天"),
        (timedelta(hours=-3), "1分钟"),
    ],
)
def test_spans(span: timedelta, said: str) -> None:
    assert say_span(span) == said
