"""Small shops drawn by Hypothesis, in a database in memory that every example gets for itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache

from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

import sixty.shop.deeds.models
import sixty.shop.pricing.models  # noqa: F401  (tables that are read)
from sixty.shop.models import Attribute, Coupon, Customer, Order, OrderLine, Pairing, Product, Sku
from sixty.shop.pricing.models import PromotionRow
from sixty.shop.recommendations.models import CoPurchase, KindPair
from sixty.shop.recommendations.rules import RecommendationRules
from sixty.shop.wording import SHOP_ZONE
from sixty.tables import Base

NOW = datetime(2026, 5, 20, 15, 0, tzinfo=SHOP_ZONE)
CUSTOMER = "C1"
RULES = RecommendationRules(
    families={"外套": ("夹克",), "裤子": ("裤",), "上衣": ("T恤",), "腰带": ("腰带",)},
    outfit=("外套", "上衣", "裤子", "腰带"),
    consumables=("袜子",),
    least_margin=Decimal("0.2"),
    filler_most=Decimal(1),
    upgrade_most=Decimal(1),
)
KINDS = ("夹克", "工装裤", "T恤", "腰带", "袜子")
SIZES = ("", "L", "XL")
SPECS = ("", "128GB", "256GB")


@cache
def _engine() -> Engine:
    engine = create_engine("sqlite://", future=True, poolclass=StaticPool, connect_args={"check_same_thread": False})
    Base.metadata.create_all(engine)
    return engine


@contextmanager
def empty_shop() -> Iterator[Session]:
    """A session on a database with all tables and nothing in them; what is done in it is taken back."""
    with _engine().connect() as connection:
        transaction = connection.begin()
        with Session(connection, future=True, expire_on_commit=False) as session:
            yield session
        transaction.rollback()


@dataclass(frozen=True)
class Drawn:
    """Rows of a small shop, and what its customer has done."""

    products: tuple[tuple[str, int, bool, str], ...]
    skus: tuple[tuple[int, int, str, str, int, int, int | None], ...]
    pairings: frozenset[tuple[int, int]]
    bought: frozenset[tuple[int, int]]
    kinds: frozenset[tuple[str, str]]
    coupons: tuple[tuple[int, int], ...]
    had: frozenset[int]
    refused: frozenset[int]
    basket: frozenset[int]
    about: int
    gender: str

    def number(self, place: int) -> str:
        """The number of a product."""
        return f"P{place}"

    def add_to(self, session: Session) -> None:
        """Fills a database."""
        session.add(Customer(id=CUSTOMER, nickname="阿澈", phone="13800000000", level="普通", region="浙江"))
        for place, (kind, brand, on_sale, people) in enumerate(self.products):
            session.add(
                Product(
                    no=self.number(place),
                    name=f"{kind}{place}",
                    category="工装",
                    kind=kind,
                    brand=f"牌{brand}",
                    status="on_sale" if on_sale else "off_sale",
                    aliases=[],
                )
            )
            if people:
                session.add(Attribute(product_no=self.number(place), key="适用人群", value=people, ordinal=0))
        session.flush()
        for number, (place, variant, size, spec, stock, price, cost) in enumerate(self.skus):
            session.add(
                Sku(
                    code=f"P{place}-{variant}",
                    product_no=self.number(place),
                    color=f"色{number}",
                    size=size,
                    spec=spec,
                    stock=stock,
                    list_price=Decimal(price),
                    price=Decimal(price),
                    cost=None if cost is None else Decimal(cost),
                )
            )
        for one, other in sorted(self.pairings):
            session.add(
                Pairing(product_no=self.number(one), with_no=self.number(other), reason="一起穿", ordinal=other)
            )
        for one, other in sorted(self.bought):
            session.add(
                CoPurchase(
                    product_no=self.number(one), with_no=self.number(other), orders=5, lift=2.0, score=0.3, share=0.4
                )
            )
        for kind, other_kind in sorted(self.kinds):
            session.add(
                KindPair(category="工装", kind=kind, with_category="工装", with_kind=other_kind, orders=9, score=0.2)
            )
        for number, (threshold, amount) in enumerate(self.coupons):
            session.add(
                Coupon(
                    code=f"K{number}",
                    title=f"满{threshold}减{amount}",
                    kind="store",
                    threshold=Decimal(threshold),
                    amount=Decimal(amount),
                    starts_at=NOW - timedelta(days=1),
                    ends_at=NOW + timedelta(days=1),
                )
            )
        session.flush()
        if self.had:
            add_order(session, "1", [f"P{place}-0" for place in sorted(self.had)])
        session.flush()


def add_order(
    session: Session, number: str, codes: list[str], at: datetime = NOW, state: str = "confirmed", who: str = CUSTOMER
) -> None:
    """Adds an order of one piece each."""
    amounts = {"goods_amount": Decimal(9), "discount": Decimal(0), "postage": Decimal(0), "paid_amount": Decimal(9)}
    session.add(
        Order(
            no=number,
            customer_id=who,
            state=state,
            placed_at=at,
            paid_at=at,
            receiver="阿澈",
            phone="13800000000",
            address="某路1号",
            lines=[
                OrderLine(
                    ordinal=place,
                    sku_code=code,
                    product_no=code.split("-")[0],
                    name=code,
                    quantity=1,
                    unit_price=Decimal(9),
                    share=Decimal(9),
                )
                for place, code in enumerate(codes, start=1)
            ],
            **amounts,
        )
    )


def add_cut(session: Session, threshold: int, amount: int, *, repeats: bool, code: str) -> None:
    """Adds a cut of the store that runs now."""
    session.add(
        PromotionRow(
            code=code,
            kind="store_cut",
            title=f"满{threshold}减{amount}",
            starts_at=NOW - timedelta(days=1),
            ends_at=NOW + timedelta(days=1),
            phases=[],
            levels=[],
            everywhere=True,
            threshold=Decimal(threshold),
            amount=Decimal(amount),
            repeats=repeats,
        )
    )


@st.composite
def shops(draw: st.DrawFn, most: int = 6) -> Drawn:
    """Shops of a few products with anything a product may have."""
    count = draw(st.integers(2, most))
    places = st.integers(0, count - 1)
    pairs = st.frozensets(st.tuples(places, places).filter(lambda pair: pair[0] != pair[1]), max_size=6)
    some = st.frozensets(places, max_size=2)
    products = tuple(
        draw(st.tuples(st.sampled_from(KINDS), st.integers(0, 1), st.integers(0, 4).map(bool), _people()))
        for _ in range(count)
    )
    skus = tuple(
        (
            place,
            variant,
            draw(st.sampled_from(SIZES)),
            draw(st.sampled_from(SPECS)),
            draw(st.integers(0, 2)),
            draw(st.integers(1, 60)) * 5,
            draw(st.none() | st.integers(0, 200)),
        )
        for place in range(count)
        for variant in range(draw(st.integers(1, 2)))
    )
    return Drawn(
        products,
        skus,
        draw(pairs),
        draw(pairs),
        draw(st.frozensets(st.tuples(st.sampled_from(KINDS), st.sampled_from(KINDS)), max_size=4)),
        tuple(draw(st.lists(_coupons(), max_size=2))),
        draw(some),
        draw(some),
        draw(some),
        draw(places),
        draw(st.sampled_from(("", "女", "男"))),
    )


def _people() -> st.SearchStrategy[str]:
    return st.sampled_from(("", "女士", "男士", "男女通用"))


def _coupons() -> st.SearchStrategy[tuple[int, int]]:
    return st.tuples(st.integers(2, 40), st.integers(1, 10)).map(lambda each: (each[0] * 10, min(each) * 5))
