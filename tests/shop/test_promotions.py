from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy.orm import Session

from sixty.shop.catalogue import find_product
from sixty.shop.pricing.models import PromotionRow, PromotionScopeRow
from sixty.shop.pricing.playbook import read_rules
from sixty.shop.promotions import running_coupons, running_presales, running_promotions
from sixty.shop.wording import SHOP_ZONE


def test_coupons_that_hold_now_the_most_worth_first(shop: Session, now: datetime) -> None:
    assert [coupon.code for coupon in running_coupons(shop, now)] == ["STORE200-20"]
    assert [coupon.code for coupon in running_coupons(shop, now, category="工装")] == ["GZ240-30", "STORE200-20"]
    assert running_coupons(shop, now + timedelta(days=30)) == []


def test_presales_that_take_deposits_now(shop: Session, now: datetime) -> None:
    assert [presale.product_no for presale in running_presales(shop, now)] == ["SM1101"]
    assert running_presales(shop, now + timedelta(days=6)) == []


def test_promotions_that_run_now_for_the_shop_or_a_product(shop: Session, now: datetime) -> None:
    usual = {"kind": "store_cut", "threshold": Decimal(99), "amount": Decimal(9)}
    own = {"starts_at": now - timedelta(days=1), "ends_at": now + timedelta(days=1)}
    shop.add_all(
        [
            PromotionRow(code="ALL", title="满99减9", everywhere=True, **usual, **own),
            PromotionRow(code="ONE", title="单品满99减9", everywhere=False, **usual, **own),
            PromotionRow(code="D11", title="双11", everywhere=True, campaign="双11", phases=["sale"], **usual),
            PromotionScopeRow(promotion_code="ONE", field="product", value="GZ2101"),
        ]
    )
    shop.flush()
    rules = read_rules(Path("playbook"))

    def codes(at: datetime, no: str | None = None) -> list[str]:
        product = find_product(shop, no) if no else None
        return [each.code for each in running_promotions(shop, at, product, rules)]

    assert codes(now) == ["ALL"]
    assert codes(now, "GZ2101") == ["ALL", "ONE"]
    assert codes(now, "GZ3101") == ["ALL"]
    assert codes(now + timedelta(days=2), "GZ2101") == []
    assert codes(datetime(2026, 11, 1, tzinfo=SHOP_ZONE)) == ["D11"]
