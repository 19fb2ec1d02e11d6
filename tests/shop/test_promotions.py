from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from sixty.shop.promotions import running_coupons, running_presales


def test_coupons_that_hold_now_the_most_worth_first(shop: Session, now: datetime) -> None:
    assert [coupon.code for coupon in running_coupons(shop, now)] == ["STORE200-20"]
    assert [coupon.code for coupon in running_coupons(shop, now, category="工装")] == ["GZ240-30", "STORE200-20"]
    assert running_coupons(shop, now + timedelta(days=30)) == []


def test_presales_that_take_deposits_now(shop: Session, now: datetime) -> None:
    assert [presale.product_no for presale in running_presales(shop, now)] == ["SM1101"]
    assert running_presales(shop, now + timedelta(days=6)) == []
