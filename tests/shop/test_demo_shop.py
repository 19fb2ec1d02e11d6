"""The demo shop that comes with the project: big enough, whole, and fit to be read out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.catalogue import attribute_keys, successor
from sixty.shop.database import engine_for, shop_session, upgrade_database
from sixty.shop.demo import DemoShop, load_demo, seed
from sixty.shop.models import Customer, Order, Product
from sixty.shop.orders import Viewer, describe_order, orders_of
from sixty.shop.prices import price_card
from sixty.shop.recommendations import bundle_for
from sixty.shop.size_charts import Body
from sixty.shop.size_guides import guide_of

DEMO = Path(__file__).parents[2] / "playbook" / "demo"


@pytest.fixture(scope="module")
def files() -> DemoShop:
    return load_demo(DEMO)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, now: datetime) -> Iterator[Session]:
    url = f"sqlite:///{tmp_path_factory.mktemp('demo') / 'demo.db'}"
    upgrade_database(url)
    with shop_session(url) as session:
        seed(session, now, path=DEMO)
    with shop_session(url, read_only=True) as session:
        yield session
    engine_for(url).dispose()


def test_it_is_a_whole_shop(files: DemoShop) -> None:
    assert len(files.products) >= 60
    assert len(files.orders) >= 200
    assert len(files.customers) >= 50
    categories = Counter(product.category for product in files.products)
    assert set(categories) == {"工装", "母婴", "美妆", "数码家电", "生鲜食品", "文具"}
    assert min(categories.values()) >= 5


def test_orders_are_in_every_state(files: DemoShop) -> None:
    assert set(Counter(order.state for order in files.orders)) == {
        "unpaid",
        "deposit_paid",
        "paid",
        "part_shipped",
        "shipped",
        "delivered",
        "confirmed",
        "closed",
    }
    parcels = {parcel.state for order in files.orders for parcel in order.parcels}
    assert parcels == {"collected", "in_transit", "stuck", "out_for_delivery", "signed", "rejected"}
    refunds = {refund.state for order in files.orders for refund in order.refunds}
    assert refunds == {"requested", "agreed", "returning", "rejected", "done"}


def test_phones_are_plainly_invented(files: DemoShop) -> None:
    phones = [customer.phone for customer in files.customers] + [order.phone for order in files.orders if order.phone]
    assert all(phone.startswith("1380000") for phone in phones)


def test_every_product_can_be_talked_about(demo: Session, now: datetime) -> None:
    for product in demo.scalars(select(Product)):
        for level in (None, "PLUS"):
            card = price_card(demo, product, level, now)
            assert Decimal(0) < card.final_price <= card.list_price
        assert len(attribute_keys(demo, product.no)) >= 3, product.no
        if product.status == "off_sale":
            following = successor(demo, product)
            assert following is None or following.status == "on_sale"
        guide = guide_of(demo, product)
        if guide is not None:
            assert guide.advise(Body(Decimal(170), Decimal(60))).reason


@pytest.mark.parametrize(
    ("no", "body"),
    [
        ("GZ2101", Body(Decimal(172), Decimal(64), waist=Decimal(80))),
        ("GZ3101", Body(Decimal(172), Decimal(64), chest=Decimal(92))),
        ("MY2103", Body(age=Decimal(4))),
        ("MY2103", Body(height=Decimal(105))),
        ("MY3102", Body(weight=Decimal(10))),
        ("GZ5101", Body(foot=Decimal("25.5"))),
    ],
)
def test_every_way_of_finding_a_size_is_shown(demo: Session, no: str, body: Body) -> None:
    product = demo.get(Product, no)
    guide = guide_of(demo, product)
    assert guide is not None
    assert guide.missing(body) == ()
    assert guide.advise(body).size is not None
    assert guide.advise(Body()).verdict == "unclear"


def test_bundles_save_something(demo: Session, now: datetime) -> None:
    bundles = [bundle_for(demo, product.no, now) for product in demo.scalars(select(Product))]
    assert sum(bundle is not None and bundle.saving > 0 for bundle in bundles) >= 10


@pytest.mark.parametrize("later", [timedelta(0), timedelta(hours=9), timedelta(days=3), timedelta(days=60)])
def test_every_order_reads_well_whenever_it_is_read(demo: Session, now: datetime, later: timedelta) -> None:
    for customer in demo.scalars(select(Customer)):
        for order in orders_of(demo, Viewer("chat", customer.id), limit=100, now=now):
            answer = describe_order(order, now + later)
            text = "\n".join((answer.headline, *answer.details, *answer.next_steps))
            assert order.phone not in text
            assert order.address not in text
            assert not re.search(r"None|Decimal|[a-z]+_[a-z]+|-\d+(?:分钟|小时|天)", text), text
            assert len(answer.headline) <= 60


def test_a_demo_customer_has_orders_and_another_has_none(demo: Session, now: datetime) -> None:
    assert len(orders_of(demo, Viewer("chat", "C001"), now=now)) >= 2
    orders = {order.customer_id for order in demo.scalars(select(Order))}
    assert "C003" not in orders
