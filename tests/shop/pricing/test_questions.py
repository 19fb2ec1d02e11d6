"""When to pay the balance, and whether to wait for a campaign."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.catalogue import find_product
from sixty.shop.models import Coupon, Order, Product
from sixty.shop.pricing.models import PromotionRow
from sixty.shop.pricing.playbook import read_rules
from sixty.shop.pricing.questions import (
    balance_of_campaign,
    balance_of_order,
    balance_of_product,
    now_or_campaign,
)
from sixty.shop.wording import SHOP_ZONE

RULES = read_rules(Path(__file__).parents[3] / "playbook")
DAY = timedelta(days=1)


def product_of(shop: Session, no: str) -> Product:
    found = find_product(shop, no)
    assert found is not None
    return found


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHOP_ZONE)


@pytest.mark.parametrize(
    ("days", "stage", "balance", "said"),
    [
        (0, "before", 1649, "先付定金100元，尾款1649元5月25日20:00开始付，5月27日23:59截止"),
        (6, "open", 1649, "现在就能付，尾款1649元，明天23:59截止，还有1天8小时"),
        (8, "over", None, "昨天23:59已经截止"),
    ],
)
def test_the_balance_of_an_article(
    shop: Session, now: datetime, days: int, stage: str, balance: int | None, said: str
) -> None:
    moment = now + days * DAY
    answer = balance_of_product(shop, product_of(shop, "SM1101"), moment)
    assert answer is not None
    assert (answer.stage, answer.balance) == (stage, balance)
    assert said in answer.text(moment)


def test_what_is_sold_in_no_presale_has_no_balance(shop: Session, now: datetime) -> None:
    assert balance_of_product(shop, product_of(shop, "GZ2101"), now) is None


@pytest.mark.parametrize(("days", "stage", "balance"), [(0, "before", 1849), (6, "open", 1849), (8, "over", None)])
def test_the_balance_of_an_order(shop: Session, now: datetime, days: int, stage: str, balance: int | None) -> None:
    order = shop.scalars(select(Order).where(Order.no == "202600000000000002")).one()
    answer = balance_of_order(order, now + days * DAY)
    assert answer is not None
    expected = None if balance is None else order.goods_amount - order.discount + order.postage - order.deposit_paid
    assert (answer.stage, answer.balance) == (stage, expected)
    assert answer.opens == at("2026-05-25T20:00")
    assert "先付定金" not in answer.text(now)


def test_an_order_without_a_balance_has_no_answer(shop: Session, now: datetime) -> None:
    for order in shop.scalars(select(Order).where(Order.state != "deposit_paid")):
        assert balance_of_order(order, now) is None


@pytest.mark.parametrize(
    ("moment", "about", "said"),
    [
        ("2026-10-25T10:00", "", "双11预售的尾款10月31日20:00开始付，11月4日00:00截止"),
        ("2026-11-01T20:00", "尾款什么时候付", "双11预售的尾款现在就能付，11月4日00:00截止，还有2天4小时"),
        ("2026-10-25T10:00", "618的尾款呢", "618预售的尾款2027年5月31日20:00开始付"),
    ],
)
def test_the_balance_of_a_campaign(moment: str, about: str, said: str) -> None:
    answer = balance_of_campaign(at(moment), about, RULES)
    assert answer is not None
    assert said in answer.text(at(moment))


def test_a_campaign_without_presale_has_no_balance() -> None:
    assert balance_of_campaign(at("2026-10-25T10:00"), "年货节什么时候付尾款", RULES) is None


def campaign_cut(shop: Session, amount: int) -> None:
    shop.add(
        PromotionRow(
            code="D11",
            kind="cross_shop_cut",
            title="双11每满200减",
            campaign="双11",
            phases=["sale"],
            everywhere=True,
            threshold=Decimal(200),
            amount=Decimal(amount),
        )
    )
    shop.flush()


@pytest.mark.parametrize(
    ("amount", "choice", "then", "said"),
    [
        (50, "wait", 209, "等等能省20元"),
        (10, "now", 249, "现在买能省20元"),
        (30, "same", 229, "两边一个价"),
    ],
)
def test_now_or_in_the_campaign(shop: Session, now: datetime, amount: int, choice: str, then: int, said: str) -> None:
    # The category's coupon 240-30 has ended by then.
    campaign_cut(shop, amount)
    advice = now_or_campaign(shop, product_of(shop, "GZ2101"), now, about="现在买还是双11买划算", rules=RULES)
    assert advice is not None
    assert (advice.choice, advice.now_price, advice.then_price) == (choice, 229, then)
    text = advice.text(now)
    assert said in text
    assert "双11（10月31日20:00开始）" in text
    assert not re.search(r"None|Decimal|\.00元", text)


def test_a_coupon_that_still_holds_then_counts_then(shop: Session, now: datetime) -> None:
    coupon = shop.get(Coupon, "GZ240-30")
    coupon.ends_at = now + 365 * DAY
    shop.flush()
    advice = now_or_campaign(shop, product_of(shop, "GZ2101"), now, about="双11", rules=RULES)
    assert advice is not None
    assert (advice.choice, advice.then_price) == ("same", 229)


def test_members_are_answered_with_their_price(shop: Session, now: datetime) -> None:
    advice = now_or_campaign(shop, product_of(shop, "GZ2101"), now, level="金卡", about="双11", rules=RULES)
    assert advice is not None
    assert (advice.now_price, advice.then_price) == (219, 249)
    known = now_or_campaign(shop, product_of(shop, "GZ2101"), now, customer_id="C001", about="双11", rules=RULES)
    assert known is not None
    assert known.now_price == 219


def test_a_running_presale_is_recommended_where_it_is_cheaper(shop: Session, now: datetime) -> None:
    advice = now_or_campaign(shop, product_of(shop, "SM1101"), now, about="双11再买呢", rules=RULES)
    assert advice is not None
    assert (advice.choice, advice.now_price, advice.then_price) == ("deposit", 1749, 1999)
    assert "付定金100元" in advice.text(now)


def test_while_the_sale_runs_there_is_nothing_to_wait_for(shop: Session) -> None:
    campaign_cut(shop, 50)
    moment = at("2026-11-05T10:00")
    advice = now_or_campaign(shop, product_of(shop, "GZ2101"), moment, about="双11", rules=RULES)
    assert advice is not None
    assert (advice.running, advice.now_price) == (True, 209)
    assert "现在就是双11价" in advice.text(moment)


def test_without_a_name_the_next_sale_is_meant(shop: Session, now: datetime) -> None:
    advice = now_or_campaign(shop, product_of(shop, "GZ2101"), now, about="等活动会更便宜吗", rules=RULES)
    assert advice is not None
    assert advice.campaign == "618"


def test_without_a_campaign_there_is_no_advice(shop: Session, now: datetime) -> None:
    from sixty.shop.pricing import Rules

    assert now_or_campaign(shop, product_of(shop, "GZ2101"), now, rules=Rules()) is None
