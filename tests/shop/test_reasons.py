"""Why here, why now."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from sixty.shop.catalogue import find_product
from sixty.shop.models import Attribute, Coupon, Presale, Product, Sku
from sixty.shop.pricing.models import PromotionRow
from sixty.shop.pricing.phases import Campaign, CampaignTime, PlannedPhase
from sixty.shop.pricing.rules import Rules
from sixty.shop.reasons import SOON, Reason, Reviews, reasons_for


def product_of(shop: Session, no: str) -> Product:
    found = find_product(shop, no)
    assert found is not None
    return found


@pytest.fixture
def phone(shop: Session) -> Product:
    """A product without offers: those of the small shop are taken away."""
    shop.query(Coupon).update({"ends_at": datetime.fromisoformat("2020-01-01T00:00:00+08:00")})
    shop.query(Presale).delete()
    shop.query(PromotionRow).delete()
    shop.flush()
    shop.expire_all()
    return product_of(shop, "SM1101")


def add_cut(shop: Session, now: datetime, ends: timedelta, **more: object) -> None:
    values = {
        "code": "CUT", "kind": "store_cut", "title": "满300减50", "starts_at": now, "ends_at": now + ends,
        "campaign": None, "phases": [], "levels": [], "everywhere": True, "threshold": Decimal(300),
        "amount": Decimal(50), "repeats": False, **more,
    }  # fmt: skip
    shop.add(PromotionRow(**values))
    shop.flush()


def test_stock_is_all_that_is_known(shop: Session, phone: Product, now: datetime) -> None:
    assert reasons_for(shop, phone, now) == [Reason("in_stock", "现在有现货")]


def test_an_end_that_is_near_is_told_first(shop: Session, phone: Product, now: datetime) -> None:
    add_cut(shop, now, timedelta(hours=9))
    first = reasons_for(shop, phone, now)[0]
    assert first == Reason("offer_ends", "满300减50到明天00:00结束", now + timedelta(hours=9))


def test_an_end_that_is_far_presses_nobody(shop: Session, phone: Product, now: datetime) -> None:
    add_cut(shop, now, SOON + timedelta(minutes=1))
    assert "offer_ends" not in [each.kind for each in reasons_for(shop, phone, now)]


def test_an_offer_for_members_is_told_members(shop: Session, phone: Product, now: datetime) -> None:
    add_cut(shop, now, timedelta(hours=9), levels=["金卡"])
    assert "offer_ends" not in [each.kind for each in reasons_for(shop, phone, now)]
    assert "offer_ends" in [each.kind for each in reasons_for(shop, phone, now, "金卡")]


def test_a_campaign_ends_with_its_phase(shop: Session, phone: Product, now: datetime) -> None:
    add_cut(shop, now, timedelta(), starts_at=None, ends_at=None, campaign="520", phases=["sale"])
    phase = PlannedPhase(
        "sale", CampaignTime(month=5, day=18, hour=0, minute=0), CampaignTime(month=5, day=22, hour=0, minute=0)
    )
    found = reasons_for(shop, phone, now, rules=Rules(campaigns={"520": Campaign("520", (phase,))}))
    assert found[0].text == "满300减50到后天00:00结束"
    assert "offer_ends" not in [each.kind for each in reasons_for(shop, phone, now, rules=Rules())]


def test_few_pieces_are_told_with_their_number(shop: Session, phone: Product, now: datetime) -> None:
    sku = shop.query(Sku).filter_by(product_no="SM1101").first()
    assert sku is not None
    sku.stock = 2
    shop.flush()
    found = reasons_for(shop, phone, now)
    assert [(each.kind, each.text) for each in found] == [("stock_low", f"{sku.text}只剩2件了")]


def test_what_cannot_be_bought_has_no_reason(shop: Session, phone: Product, now: datetime) -> None:
    assert reasons_for(shop, product_of(shop, "GZ2001"), now) == []
    shop.query(Sku).filter_by(product_no="SM1101").update({"stock": 0})
    shop.expire_all()
    assert reasons_for(shop, phone, now) == []


def test_guarantee_and_reviews_are_told_when_known(shop: Session, phone: Product, now: datetime) -> None:
    shop.add(Attribute(product_no="SM1101", key="保修", value="全国联保 1年"))
    shop.flush()
    kinds = {each.kind: each.text for each in reasons_for(shop, phone, now, reviews=Reviews(1204, 1190))}
    assert kinds["guarantee"] == "保修：全国联保，1年"
    assert kinds["reviews"] == "已经有1204条评价，其中1190条好评"
    assert "reviews" not in {each.kind for each in reasons_for(shop, phone, now, reviews=Reviews(0))}


def test_a_presale_is_not_in_stock(shop: Session, phone: Product, now: datetime) -> None:
    day = timedelta(days=1)
    shop.add(
        Presale(product_no="SM1101", starts_at=now - day, ends_at=now + day, price=Decimal(1800), deposit=Decimal(100),
                deposit_worth=Decimal(200), balance_from=now + 2 * day, balance_until=now + 3 * day,
                ships_by=now + 9 * day)
    )  # fmt: skip
    shop.flush()
    assert [(each.kind, each.text) for each in reasons_for(shop, phone, now)] == [
        ("offer_ends", "预售价到明天15:00结束")
    ]


def test_impossible_reviews_are_refused() -> None:
    with pytest.raises(ValueError, match="3 good ones of 2"):
        Reviews(2, 3)
