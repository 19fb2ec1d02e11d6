"""Which coupons a customer means, and whether they want them or ask about them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

from sixty.shop.coupon_wishes import coupons_named, wants_all, wants_coupon
from sixty.shop.models import Coupon

NOW = datetime(2026, 5, 20, tzinfo=timezone.utc)


def coupon(code: str, title: str, threshold: int, amount: int, category: str | None = None) -> Coupon:
    return Coupon(
        code=code,
        title=title,
        kind="category" if category else "store",
        threshold=Decimal(threshold),
        amount=Decimal(amount),
        category=category,
        starts_at=NOW,
        ends_at=NOW + timedelta(days=1),
    )


COUPONS = [
    coupon("A", "新客满99减8", 99, 8),
    coupon("B", "满300减50", 300, 50),
    coupon("C", "满1000减120", 1000, 120),
    coupon("D", "工装满200减30", 200, 30, "工装"),
]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("我要领满300减50的", ["B"]),
        ("减50那张", ["B"]),
        ("满1000的", ["C"]),
        ("领工装那张", ["D"]),
        ("工装满200减30", ["D"]),
        ("新客券", ["A"]),
        ("减60的那张", []),
        ("满300减30", []),
        ("帮我领券", []),
        ("第二张", []),
    ],
)
def test_a_coupon_is_named_by_title_or_amounts(text: str, codes: list[str]) -> None:
    assert [each.code for each in coupons_named(COUPONS, text)] == codes


@pytest.mark.parametrize(
    "text",
    [
        "领券",
        "帮我领券",
        "我要领满300减50的",
        "领一下",
        "帮我领了吧",
        "都领了吧",
        "给张券呗",
        "求券",
        "优惠券发我一个",
        "直接帮我领到账户",
    ],
)
def test_wishes(text: str) -> None:
    assert wants_coupon(text)


@pytest.mark.parametrize(
    "text",
    [
        *("有券吗", "券在哪领", "怎么领券", "领不了", "领了券怎么没抵扣", "我领过一次了还能再领吗", "券用不了"),
        *("领券提示不符合条件", "点领取没反应", "新人券怎么领呢 我第一次来", "领券链接有么", "券退吗", "已经领了"),
    ],
)
def test_questions_are_no_wishes(text: str) -> None:
    assert not wants_coupon(text)


def test_all_of_them() -> None:
    assert wants_all("都领了吧")
    assert not wants_all("领第二张")
