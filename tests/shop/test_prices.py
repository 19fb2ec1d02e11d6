from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlalchemy.orm import Session

from sixty.shop.catalogue import find_product
from sixty.shop.models import Coupon, Presale, Product, Sku
from sixty.shop.prices import NoPriceError, PriceCard, price_card


def card_of(session: Session, no: str, level: str | None, now: datetime) -> PriceCard:
    product = find_product(session, no)
    assert product is not None
    return price_card(session, product, level, now)


def test_a_stranger_pays_the_price_less_the_best_coupon(shop: Session, now: datetime) -> None:
    card = card_of(shop, "GZ2101", None, now)
    assert card.final_price == Decimal("229.00")
    assert [(line.label, line.amount) for line in card.lines] == [
        ("原价", Decimal(329)),
        ("活动价", Decimal(259)),
        ("工装满240减30", Decimal(-30)),
    ]
    assert (card.member_price, card.member_applies) == (Decimal(249), False)


def test_a_member_pays_the_member_price_less_the_best_coupon(shop: Session, now: datetime) -> None:
    card = card_of(shop, "GZ2101", "金卡", now)
    assert card.final_price == Decimal("219.00")
    assert card.member_applies
    assert "金卡会员价" in [line.label for line in card.lines]


def test_an_ordinary_customer_is_no_member(shop: Session, now: datetime) -> None:
    assert not card_of(shop, "GZ2101", "普通", now).member_applies


def test_the_threshold_counts_after_the_member_price(shop: Session, now: datetime) -> None:
    shop.execute(delete(Coupon).where(Coupon.code == "STORE200-20"))
    coupon = shop.get(Coupon, "GZ240-30")
    coupon.threshold = Decimal(250)
    shop.flush()
    assert card_of(shop, "GZ2101", None, now).final_price == Decimal(229)
    assert card_of(shop, "GZ2101", "金卡", now).final_price == Decimal(249)


def test_a_coupon_that_has_ended_or_not_begun_does_not_count(shop: Session, now: datetime) -> None:
    assert card_of(shop, "GZ2101", None, now + timedelta(days=30)).coupons == ()
    assert card_of(shop, "GZ2101", None, now - timedelta(days=30)).coupons == ()


def test_a_presale_shows_deposit_and_balance(shop: Session, now: datetime) -> None:
    card = card_of(shop, "SM1101", "金卡", now)
    assert card.presale is not None
    assert (card.presale.deposit, card.presale.balance) == (Decimal(100), Decimal(1649))
    assert card.final_price == Decimal(1749)
    assert (card.coupons, card.member_applies) == ((), False)


def test_after_the_presale_the_usual_price_counts(shop: Session, now: datetime) -> None:
    card = card_of(shop, "SM1101", None, now + timedelta(days=6))
    assert card.presale is None
    assert card.final_price == Decimal(1979)


def test_the_cheapest_variant_in_stock_is_quoted(shop: Session, now: datetime) -> None:
    card = card_of(shop, "GZ3101", None, now)
    assert (card.price, card.is_range) == (Decimal("99.50"), False)


def test_different_prices_are_a_range(shop: Session, now: datetime) -> None:
    card = card_of(shop, "SM1101", None, now)
    assert (card.price, card.is_range, card.highest_price) == (Decimal(1999), True, Decimal(2199))


def test_a_product_without_variants_has_no_price(shop: Session, now: datetime) -> None:
    shop.add(Product(no="GZ9999", name="x", category="工装", kind="x", brand="x", aliases=[]))
    shop.flush()
    with pytest.raises(NoPriceError):
        card_of(shop, "GZ9999", None, now)


fen = st.integers(0, 500_000).map(lambda amount: Decimal(amount).scaleb(-2))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), level=st.sampled_from([None, "普通", "银卡", "PLUS"]))
def test_the_final_price_stays_between_nothing_and_the_list_price(
    shop: Session, now: datetime, data: st.DataObject, level: str | None
) -> None:
    member, price, list_price = sorted(data.draw(st.tuples(fen, fen, fen)))
    nested = shop.begin_nested()
    try:
        shop.add(Product(no="T1", name="x", category="工装", kind="x", brand="x", aliases=[]))
        shop.flush()
        shop.add(Sku(code="T1-1", product_no="T1", stock=1, list_price=list_price, price=price, member_price=member))
        for number in range(data.draw(st.integers(0, 3))):
            shop.add(
                Coupon(
                    code=f"T{number}",
                    title="x",
                    kind="store",
                    threshold=data.draw(fen),
                    amount=data.draw(fen) + Decimal("0.01"),
                    starts_at=now - timedelta(days=1),
                    ends_at=now + timedelta(days=1),
                )
            )
        if data.draw(st.booleans()):
            deposit, worth, presale_price = sorted(data.draw(st.tuples(fen, fen, fen)))
            shop.add(
                Presale(
                    product_no="T1",
                    starts_at=now - timedelta(days=1),
                    ends_at=now + timedelta(days=1),
                    balance_from=now + timedelta(days=1),
                    balance_until=now + timedelta(days=2),
                    ships_by=now + timedelta(days=3),
                    price=presale_price,
                    deposit=deposit,
                    deposit_worth=worth,
                )
            )
        shop.flush()
        card = card_of(shop, "T1", level, now)
    finally:
        # Also where Hypothesis draws no further and leaves in the middle.
        nested.rollback()
    assert Decimal(0) <= card.final_price <= card.list_price
    assert card.presale is None or card.final_price == card.presale.deposit + card.presale.balance
    assert all(coupon.amount <= price for coupon in card.coupons)
