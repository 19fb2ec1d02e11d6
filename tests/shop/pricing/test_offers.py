"""The engine on the shop's own tables."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from sixty.shop.catalogue import find_product
from sixty.shop.database import engine_for, shop_session, upgrade_database
from sixty.shop.demo import load_demo, seed
from sixty.shop.models import Coupon, Product, Sku
from sixty.shop.prices import price_card
from sixty.shop.pricing.models import Credit, PromotionRow, PromotionScopeRow
from sixty.shop.pricing.offers import UnknownCustomerError, UnknownSkuError, basket_of, promotions_for, quote
from sixty.shop.pricing.playbook import read_rules
from sixty.shop.pricing.promotions import KINDS
from sixty.shop.recommendations import bundle_for
from sixty.shop.wording import SHOP_ZONE

PLAYBOOK = Path(__file__).parents[3] / "playbook"
RULES = read_rules(PLAYBOOK)
DAY = timedelta(days=1)


def add(session: Session, now: datetime, code: str, kind: str, scope: dict[str, str] | None = None, **parts) -> None:
    parts.setdefault("starts_at", now - DAY)
    parts.setdefault("ends_at", now + 30 * DAY)
    everywhere = not scope or set(scope.values()) == {"without"}
    session.add(PromotionRow(code=code, kind=kind, title=code, everywhere=everywhere, **parts))
    session.flush()
    for value, field in (scope or {}).items():
        session.add(PromotionScopeRow(promotion_code=code, field=field, value=value))
    session.flush()
    session.expire_all()


def test_a_basket_with_coupons_of_the_tables(shop: Session, now: datetime) -> None:
    found = quote(shop, {"GZ2101-01": 1, "GZ3101-01": 2}, now, rules=RULES)
    # 259 + 199 reach the category's 240-30 and, as a pair, the bundle's 300-40, of which one counts.
    assert [(step.label, step.amount) for step in found.coupons] == [("搭配满300减40", Decimal(-40))]
    assert (found.list_total, found.goods, found.postage) == (587, 418, 0)


def test_a_customers_level_region_and_red_packets_count(shop: Session, now: datetime) -> None:
    shop.add(
        Credit(
            code="HB1",
            customer_id="C001",
            kind="red_packet",
            title="红包",
            amount=Decimal(5),
            threshold=Decimal(0),
            starts_at=now - DAY,
            ends_at=now + DAY,
        )
    )
    shop.flush()
    found = quote(shop, {"GZ2101-01": 1}, now, "C001", rules=RULES)
    assert found.goods == 249 - 30 - 5
    assert quote(shop, {"GZ2101-01": 1}, now, "C002", rules=RULES).goods == 229
    assert quote(shop, {"GZ2101-01": 1}, now + 2 * DAY, "C001", rules=RULES).goods == 219
    card = price_card(shop, find_product(shop, "GZ2101"), None, now, "C001")  # type: ignore[arg-type]
    assert card.final_price == found.goods


def test_allowance_of_the_tables(shop: Session, now: datetime) -> None:
    add(shop, now, "JT", "allowance", threshold=Decimal(200), amount=Decimal(25))
    shop.add(
        Credit(
            code="A1",
            customer_id="C002",
            kind="allowance",
            title="津贴",
            amount=Decimal(30),
            starts_at=now - DAY,
            ends_at=now + DAY,
        )
    )
    shop.flush()
    assert quote(shop, {"GZ2101-01": 2}, now, "C002", rules=RULES).goods == 518 - 30 - 25
    assert quote(shop, {"GZ2101-01": 2}, now, "C001", rules=RULES).goods == 498 - 30


@pytest.mark.parametrize(
    ("scope", "paid"),
    [
        (None, 200),
        ({"GZ2101": "product"}, 200),
        ({"工装": "category"}, 200),
        ({"GZ3101": "product"}, 229),
        ({"GZ2101": "without"}, 229),
        ({"工装": "category", "GZ2101": "without"}, 229),
    ],
)
def test_a_promotion_is_for_what_it_names(shop: Session, now: datetime, scope: dict, paid: int) -> None:
    add(shop, now, "T", "timed_discount", scope, price=Decimal(230))
    # 230 misses the category's 240-30; the store's 200-20 is left.
    expected = paid if paid != 200 else 210
    assert quote(shop, {"GZ2101-01": 1}, now, rules=RULES).goods == expected


def test_a_promotion_of_a_campaign_runs_in_its_phases(shop: Session, now: datetime) -> None:
    add(
        shop,
        now,
        "D11",
        "cross_shop_cut",
        threshold=Decimal(200),
        amount=Decimal(50),
        campaign="双11",
        phases=["sale"],
        starts_at=None,
        ends_at=None,
    )
    assert quote(shop, {"GZ2101-01": 1}, now, rules=RULES).goods == 229
    sale = datetime(2026, 11, 11, 10, 0, tzinfo=SHOP_ZONE)
    assert quote(shop, {"GZ2101-01": 1}, sale, rules=RULES).goods == 209


def test_a_presale_with_what_counts_when_its_balance_is_paid(shop: Session, now: datetime) -> None:
    add(
        shop,
        now,
        "X",
        "cross_shop_cut",
        threshold=Decimal(300),
        amount=Decimal(50),
        repeats=True,
        starts_at=now + 5 * DAY,
    )
    found = quote(shop, {"SM1101-01": 1}, now, rules=RULES)
    # 1899, the deposit of 100 counts 250; 1749 reach the cut five times.
    assert (found.goods, found.due_now, found.payments[0].balance) == (1499, 100, 1399)
    card = price_card(shop, find_product(shop, "SM1101"), None, now)  # type: ignore[arg-type]
    assert card.presale is not None
    assert (card.final_price, card.presale.balance) == (1499, 1399)
    assert card.lines[-1].label == "尾款"


def test_named_coupons_are_explained_whatever_they_are(shop: Session, now: datetime) -> None:
    found = quote(shop, {"GZ2101-01": 1}, now, coupons=["OLD200-99", "STORE200-20", "BUNDLE300-40"], rules=RULES)
    assert [step.code for step in found.coupons] == ["STORE200-20"]
    assert {note.code: note.reason for note in found.unused} == {
        "OLD200-99": "not_running",
        "BUNDLE300-40": "not_covered",
    }


def test_what_nobody_knows_is_said(shop: Session, now: datetime) -> None:
    with pytest.raises(UnknownSkuError, match="NOPE"):
        quote(shop, {"NOPE": 1}, now, rules=RULES)
    with pytest.raises(UnknownCustomerError, match="C999"):
        quote(shop, {"GZ2101-01": 1}, now, "C999", rules=RULES)
    with pytest.raises(ValueError, match="at least one piece"):
        quote(shop, {"GZ2101-01": 0}, now, rules=RULES)


def test_a_price_takes_as_many_queries_for_ten_lines_as_for_one(shop: Session, now: datetime) -> None:
    add(shop, now, "T", "timed_discount", {"GZ2101": "product"}, rate=Decimal("0.9"))
    asked: list[str] = []

    def count(_connection, _cursor, statement: str, *_more) -> None:
        asked.append(statement)

    def queries(wanted: dict[str, int]) -> int:
        shop.expire_all()
        asked.clear()
        quote(shop, wanted, now, rules=RULES)
        return len(asked)

    connection = shop.connection()
    event.listen(connection, "before_cursor_execute", count)
    try:
        few = queries({"GZ2101-01": 1, "GZ3101-01": 1})
        many = queries(dict.fromkeys(shop.scalars(select(Sku.code)), 1))
    finally:
        event.remove(connection, "before_cursor_execute", count)
    assert few == many


@pytest.mark.parametrize(
    "row",
    [
        {"kind": "presale"},
        {"threshold": Decimal(-1)},
        {"starts_at": None},
        {"campaign": "双11"},
    ],
)
def test_the_database_refuses_nonsense(shop: Session, now: datetime, row: dict) -> None:
    usual = {"kind": "store_cut", "threshold": Decimal(9), "amount": Decimal(1)}
    with pytest.raises(IntegrityError):
        add(shop, now, "X", **{**usual, **row})


# --- the demo shop ---


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, now: datetime) -> Iterator[Session]:
    url = f"sqlite:///{tmp_path_factory.mktemp('prices') / 'demo.db'}"
    upgrade_database(url)
    with shop_session(url) as session:
        seed(session, now, 2, path=PLAYBOOK / "demo")
    with shop_session(url, read_only=True) as session:
        yield session
    engine_for(url).dispose()


def test_the_demo_shop_has_every_kind_of_promotion(demo: Session) -> None:
    kinds = set(demo.scalars(select(PromotionRow.kind))) | set(demo.scalars(select(Credit.kind)))
    kinds |= {f"{kind}_coupon" for kind in demo.scalars(select(Coupon.kind))}
    assert set(KINDS) - {"presale", "member_price", "store_cut"} <= kinds
    assert len(load_demo(PLAYBOOK / "demo").promotions) >= 10


def test_every_article_of_the_demo_shop_has_a_price_that_adds_up(demo: Session, now: datetime) -> None:
    for moment in (now, datetime(2026, 11, 1, 0, 0, tzinfo=SHOP_ZONE)):
        for product in demo.scalars(select(Product)):
            for customer in (None, "C001"):
                card = price_card(demo, product, None, moment, customer)
                found = card.quote
                assert 0 < card.final_price <= card.list_price
                assert found.list_total + sum(step.amount for step in found.steps) == found.goods
                assert card.presale is None or card.final_price == card.presale.deposit + card.presale.balance


def test_a_copy_of_the_demo_shop_has_its_own_promotions(demo: Session, now: datetime) -> None:
    for suffix in ("", "X2"):
        found = quote(demo, {f"GZ6101{suffix}-01": 2}, now, f"C001{suffix}", rules=RULES)
        assert "袜子第2件半价" in [step.label for step in found.steps]
        assert found.steps[-1].code == f"HB-C001-5{suffix}"


def test_a_demo_basket_with_many_kinds_at_once(demo: Session, now: datetime) -> None:
    lines = {"GZ4102-01": 1, "GZ6102-01": 1, "GZ6101-01": 2, "GZ2101-01": 1, "MZ2102-01": 1, "WJ2102-01": 3}
    found = quote(demo, lines, now, "C001", rules=RULES)
    kinds = {step.kind for step in found.steps}
    assert {"bundle_price", "pieces", "member_price", "timed_discount", "cross_shop_cut", "red_packet"} <= kinds
    assert found.gifts == ("毛圈袜1双",)


def test_the_bundle_of_the_demo_shop_is_priced_by_the_engine(demo: Session, now: datetime) -> None:
    bundle = bundle_for(demo, "GZ1101", now)
    assert bundle is not None
    assert bundle.bundle_price == bundle.quote.goods
    assert bundle.coupon is not None
    assert bundle.coupon.code in {step.code for step in bundle.quote.coupons}


def test_promotions_are_read_for_the_articles_only(demo: Session, now: datetime) -> None:
    basket = basket_of(demo, {"SX1103-01": 1}, now)
    codes = {each.code for each in promotions_for(demo, basket.lines, now)}
    assert "SX99-12" in codes
    assert not codes & {"SOCKS-HALF", "GZ200-30", "STORE200-40", "BUNDLE100"}
