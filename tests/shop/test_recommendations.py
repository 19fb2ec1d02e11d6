from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from sixty.shop.catalogue import find_product
from sixty.shop.prices import price_card
from sixty.shop.recommendations import bundle_for


def test_a_bundle_with_its_coupon(shop: Session, now: datetime) -> None:
    bundle = bundle_for(shop, "GZ2101", now)
    assert bundle is not None
    assert [(item.product.no, item.reason) for item in bundle.items] == [("GZ3101", "一身就齐了")]
    assert bundle.coupon is not None
    assert (bundle.bundle_price, bundle.saving) == (Decimal("318.50"), Decimal("10.00"))


def test_a_coupon_that_is_over_saves_nothing(shop: Session, now: datetime) -> None:
    bundle = bundle_for(shop, "GZ2101", now + timedelta(days=20))
    assert bundle is not None
    assert (bundle.coupon, bundle.saving, bundle.bundle_price) == (None, Decimal(0), Decimal("358.50"))


def test_a_pairing_without_a_coupon_of_its_own_takes_the_coupon_that_takes_off_most(
    shop: Session, now: datetime
) -> None:
    bundle = bundle_for(shop, "GZ3101", now)
    assert bundle is not None
    assert bundle.coupon is not None
    # Both articles are 工装 and reach 240: the category's coupon takes off more than the store's.
    assert bundle.coupon.code == "GZ240-30"
    assert bundle.bundle_price == Decimal("368.50") - bundle.coupon.amount


def test_a_saving_goes_beyond_what_each_has_by_itself(shop: Session, now: datetime) -> None:
    bundle = bundle_for(shop, "GZ2101", now)
    assert bundle is not None
    apart = sum(price_card(shop, find_product(shop, no), None, now).final_price for no in ("GZ2101", "GZ3101"))  # type: ignore[arg-type]
    assert bundle.saving == apart - bundle.bundle_price


def test_what_is_sold_out_is_not_recommended(shop: Session, now: datetime) -> None:
    for sku in find_product(shop, "GZ3101").skus:  # type: ignore[union-attr]
        sku.stock = 0
    shop.flush()
    assert bundle_for(shop, "GZ2101", now) is None


def test_nothing_goes_with_what_has_no_pairing(shop: Session, now: datetime) -> None:
    assert bundle_for(shop, "SM1101", now) is None
    assert bundle_for(shop, "NOTHING", now) is None
