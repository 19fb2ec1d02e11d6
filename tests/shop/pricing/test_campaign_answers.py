"""What is told of campaigns, presales and what adds up."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from sixty.shop.catalogue import find_product
from sixty.shop.models import Product
from sixty.shop.prices import explain, price_card
from sixty.shop.pricing.campaign_answers import (
    announce,
    counts_in,
    how_presale_works,
    phase_for,
    what_adds_up,
    when_presale_ships,
)
from sixty.shop.pricing.models import PromotionRow
from sixty.shop.pricing.phases import PhaseName
from sixty.shop.pricing.playbook import read_rules
from sixty.shop.pricing.stacking import Stacking
from sixty.shop.wording import SHOP_ZONE, say_amount

RULES = read_rules(Path(__file__).parents[3] / "playbook")
DAY = timedelta(days=1)
USUAL, ON_PRESALE = "GZ2101", "SM1101"


def product_of(shop: Session, no: str) -> Product:
    found = find_product(shop, no)
    assert found is not None
    return found


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHOP_ZONE)


@pytest.mark.parametrize(
    ("moment", "phase"),
    [
        ("2026-10-21T12:00", "presale"),
        ("2026-10-30T12:00", "presale"),
        ("2026-11-01T12:00", "sale"),
        ("2026-11-10T12:00", "sale"),
        ("2026-11-13T12:00", "after"),
        ("2026-08-01T12:00", None),
    ],
)
def test_the_phase_of_the_shop(shop: Session, moment: str, phase: PhaseName | None) -> None:
    assert phase_for(shop, at(moment), rules=RULES) == phase


@pytest.mark.parametrize(
    ("moment", "phase"),
    [("2026-10-21T12:00", None), ("2026-10-30T12:00", "warm_up"), ("2026-11-01T12:00", "sale")],
)
def test_a_product_without_presale_has_no_deposit_and_no_balance(
    shop: Session, moment: str, phase: PhaseName | None
) -> None:
    assert phase_for(shop, at(moment), product_of(shop, USUAL), RULES) == phase


@pytest.mark.parametrize(("days", "phase"), [(0, "presale"), (6, "balance"), (60, None)])
def test_a_products_own_presale_comes_first(shop: Session, now: datetime, days: int, phase: PhaseName | None) -> None:
    assert phase_for(shop, now + days * DAY, product_of(shop, ON_PRESALE), RULES) == phase


def offer(shop: Session, phases: list[PhaseName]) -> None:
    shop.add(
        PromotionRow(
            code="D11",
            kind="cross_shop_cut",
            title="双11每满200减30",
            campaign="双11",
            phases=phases,
            everywhere=True,
            threshold=Decimal(200),
            amount=Decimal(30),
        )
    )
    shop.flush()


@pytest.mark.parametrize(
    ("moment", "about", "parts"),
    [
        ("2026-09-01T12:00", "双11什么时候开始", ["10月20日20:00到10月31日18:00付定金", "10月31日20:00到11月12日"]),
        ("2026-10-25T12:00", "", ["正在预售付定金（到10月31日18:00）", "开卖"]),
        ("2026-11-01T12:00", "双十一有啥活动", ["正在付尾款（到11月4日00:00）", "正在开卖", "双11每满200减30"]),
        ("2026-12-20T12:00", "", ["年货节：2027年1月3日20:00到1月11日00:00开卖"]),
    ],
)
def test_a_campaign_is_announced_from_now_on(shop: Session, moment: str, about: str, parts: list[str]) -> None:
    offer(shop, ["sale"])
    said = announce(shop, at(moment), about, rules=RULES)
    assert said is not None
    for part in parts:
        assert part in said
    assert said.count("2027年") <= 1


def test_what_a_campaign_no_longer_brings_is_not_promised(shop: Session) -> None:
    offer(shop, ["sale"])
    said = announce(shop, at("2026-11-13T12:00"), "双11", rules=RULES)
    assert said is not None
    assert "返场" in said
    assert "每满200减30" not in said


def test_a_far_campaign_is_told_of_only_when_it_is_named(shop: Session) -> None:
    assert announce(shop, at("2026-08-01T12:00"), "有什么活动", rules=RULES) is None
    assert announce(shop, at("2026-08-01T12:00"), "双11有什么活动", rules=RULES) is not None
    assert announce(shop, at("2026-08-01T12:00"), "双11", rules=replace(RULES, campaigns={})) is None


def test_a_presale_is_explained_with_the_figures_of_the_product(shop: Session, now: datetime) -> None:
    said = how_presale_works(shop, now, product_of(shop, ON_PRESALE))
    sale = price_card(shop, product_of(shop, ON_PRESALE), None, now).presale
    assert sale is not None
    for amount in (sale.price, sale.deposit, sale.deposit_worth):
        assert say_amount(amount) in said
    assert not re.search(r"\d", how_presale_works(shop, now, product_of(shop, USUAL)))


def test_when_a_presale_ships(shop: Session, now: datetime) -> None:
    for days in (0, 6):
        said = when_presale_ships(shop, now + days * DAY, product_of(shop, ON_PRESALE))
        assert said is not None
        assert "付完尾款最晚" in said
    assert when_presale_ships(shop, now + 60 * DAY, product_of(shop, ON_PRESALE)) is None
    assert when_presale_ships(shop, now, product_of(shop, USUAL)) is None


def test_what_adds_up_for_a_product_is_what_its_price_counts_on(shop: Session, now: datetime) -> None:
    card = price_card(shop, product_of(shop, USUAL), None, now)
    said = what_adds_up(card.quote, "工装裤", RULES)
    assert card.coupons
    for coupon in card.coupons:
        assert coupon.title in said
    assert f"到手{say_amount(card.final_price)}" in said


def test_what_adds_up_in_general_is_what_the_rules_say() -> None:
    assert "店铺券、品类券、搭配券挑一张用" in what_adds_up(rules=RULES)
    free = replace(RULES, stacking=Stacking("parallel", RULES.stacking.order))
    assert "挑一张" not in what_adds_up(rules=free)


def test_only_what_counts_makes_a_price_the_campaigns(shop: Session) -> None:
    moment = at("2026-11-01T12:00")
    assert not counts_in(shop, "双11", price_card(shop, product_of(shop, USUAL), None, moment).quote)
    offer(shop, ["sale"])
    assert counts_in(shop, "双11", price_card(shop, product_of(shop, USUAL), None, moment).quote)


def test_a_price_is_explained_step_by_step(shop: Session, now: datetime) -> None:
    for no in (USUAL, ON_PRESALE):
        card = price_card(shop, product_of(shop, no), None, now)
        said = explain(card)
        assert said.endswith(f"到手{say_amount(card.final_price)}")
        for line in card.lines:
            if line.amount < 0:
                assert f"{line.label}：−{say_amount(-line.amount)}" in said
