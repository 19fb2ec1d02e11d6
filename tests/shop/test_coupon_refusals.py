"""Why coupons are not taken: each reason in plain words, and the price with those that are."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from sixty.shop.catalogue import find_product
from sixty.shop.coupon_refusals import asks_why_refused, coupons_meant, terms_of, verdicts
from sixty.shop.deeds.models import CustomerCoupon
from sixty.shop.models import Coupon


@pytest.mark.parametrize(
    "line",
    [
        *(
            "券怎么用不了",
            "优惠券为啥不能用",
            "满300减50没给我减",
            "券失效了？",
            "提示不满足使用条件，券用不上",
            "这张劵没法抵扣",
        ),
        *("领的券没生效", "优惠券怎么抵不了"),
    ],
)
def test_lines_that_wonder_why(line: str) -> None:
    assert asks_why_refused(line)


@pytest.mark.parametrize("line", ["有什么券", "券怎么领", "优惠券能叠加吗", "机器用不了", "帮我领券", "券退吗", ""])
def test_lines_that_do_not(line: str) -> None:
    assert not asks_why_refused(line)


def coupon(shop: Session, now: datetime, code: str, threshold: int, **more: object) -> Coupon:
    given_ = {"kind": "store", "starts_at": now - timedelta(days=1), "ends_at": now + timedelta(days=9), **more}
    made = Coupon(code=code, title=f"券{code}", threshold=Decimal(threshold), amount=Decimal(5), **given_)
    shop.add(made)
    shop.flush()
    return made


def test_every_reason_in_plain_words(shop: Session, now: datetime) -> None:
    product = find_product(shop, "GZ2101")
    assert product is not None
    coupons = [
        coupon(shop, now, "FAR", 9000),
        coupon(shop, now, "GONE", 0, ends_at=now - timedelta(days=1)),
        coupon(shop, now, "SOON", 0, starts_at=now + timedelta(days=1)),
        coupon(shop, now, "SHOES", 0, kind="category", category="鞋靴"),
        coupon(shop, now, "PAIR", 0, kind="bundle"),
    ]
    tried = verdicts(shop, product, coupons, now)
    assert tried is not None
    found, price = tried
    reasons = {each.title: each.reason for each in found}
    assert reasons.pop("券FAR").startswith("要满9000元，还差")
    assert reasons == {
        "券GONE": "昨天已经过期了",
        "券SOON": "明天才能开始用",
        "券SHOES": "只能买鞋靴类商品时用",
        "券PAIR": "要和搭配的商品一起买才能用",
    }
    assert price < 9000


def test_what_counts_says_what_it_makes_of_the_price(shop: Session, now: datetime) -> None:
    product = find_product(shop, "GZ2101")
    assert product is not None
    without, with_it = (verdicts(shop, product, coupons, now) for coupons in ([], [coupon(shop, now, "OK", 1)]))
    assert without is not None
    assert with_it is not None
    assert [each.reason for each in with_it[0]] == [""]
    assert with_it[1] == without[1] - 5


def test_the_named_else_ones_own_else_what_there_is(shop: Session, now: datetime) -> None:
    own = coupon(shop, now, "OWN", 1, ends_at=now - timedelta(days=1))
    shop.add(CustomerCoupon(customer_id="C001", coupon_code="OWN", claimed_at=now - timedelta(days=5)))
    shop.flush()

    def meant(text: str, customer: str | None, **more: bool) -> list[str]:
        return [each.code for each in coupons_meant(shop, text, customer, now, **more)]

    assert meant("券怎么用不了", "C001") == [own.code]
    assert meant("满200减20怎么用不了", "C001") == ["STORE200-20"]
    assert meant("券怎么用不了", None) == ["STORE200-20"]
    assert meant("满200减20怎么用不了", None, only_named=True) == ["STORE200-20"]
    assert meant("活动怎么用不了", None, only_named=True) == []
    assert "已经过期了" in terms_of(own, now)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(threshold=st.integers(0, 600))
def test_a_coupon_counts_exactly_where_its_threshold_is_met(shop: Session, now: datetime, threshold: int) -> None:
    product = find_product(shop, "GZ2101")
    assert product is not None
    with shop.begin_nested() as tried_only:
        tried = verdicts(shop, product, [coupon(shop, now, "T", threshold)], now)
        tried_only.rollback()
    assert tried is not None
    found, price = tried
    counts = not found[0].reason
    # Without it, the piece costs its price again.
    goods = price + 5 if counts else price
    assert counts == (goods >= threshold)
