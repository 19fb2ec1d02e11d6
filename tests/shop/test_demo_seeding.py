from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.shop.demo import SeedRefusedError, seed
from sixty.shop.demo.seeding import spread
from sixty.shop.models import Listing, Order, OrderLine, Product, Refund, Sku
from sixty.shop.orders import Viewer, orders_of
from sixty.shop.proofs import prove_order
from sixty.tables import Base

from .conftest import SMALL_SHOP


def everything(session: Session) -> dict[str, list[Any]]:
    """Reads all rows of all tables; keys that the database counts itself are left out."""
    found: dict[str, list[Any]] = {}
    for name, table in Base.metadata.tables.items():
        columns = [each for each in table.columns if each.name != "id" or name not in ("parcel_trace",)]
        found[name] = sorted(map(repr, session.execute(select(*columns))))
    return found


def test_seeding_again_gives_the_same_rows(session: Session, now: datetime) -> None:
    seed(session, now, path=SMALL_SHOP)
    first = everything(session)
    seed(session, now, path=SMALL_SHOP)
    assert everything(session) == first


def test_times_follow_the_moment_of_seeding(session: Session, now: datetime) -> None:
    seed(session, now, path=SMALL_SHOP)
    seed(session, now + timedelta(days=40), path=SMALL_SHOP)
    newest = orders_of(session, Viewer("chat", "C002"), now=now)[0]
    assert newest.placed_at == now + timedelta(days=40) - timedelta(minutes=25)


def test_copies_are_shops_of_their_own(session: Session, now: datetime) -> None:
    once = seed(session, now, path=SMALL_SHOP)
    thrice = seed(session, now, 3, SMALL_SHOP)
    assert (thrice.products, thrice.skus, thrice.customers, thrice.orders) == (
        3 * once.products,
        3 * once.skus,
        3 * once.customers,
        3 * once.orders,
    )
    first = everything(session)
    seed(session, now, 3, SMALL_SHOP)
    assert everything(session) == first
    copies = orders_of(session, Viewer("chat", "C001X2"), now=now)
    assert [line.product_no for line in copies[0].lines] == ["GZ2101X2", "GZ3101X2"]
    numbers = list(session.scalars(select(Order.no)))
    assert all(len(number) == 18 and number[0] != "0" for number in numbers)
    assert session.get(Product, "GZ2001X3").successor_no == "GZ2101X3"
    assert session.get(Listing, ("shop", "GZ2101X2")).product_no == "GZ2101X2"


def test_fewer_copies_than_before_leave_nothing_behind(session: Session, now: datetime) -> None:
    seed(session, now, 2, SMALL_SHOP)
    once = seed(session, now, 1, SMALL_SHOP)
    assert session.scalar(select(func.count()).select_from(Sku)) == once.skus


def test_proofs_outlive_seeding(session: Session, now: datetime) -> None:
    seed(session, now, path=SMALL_SHOP)
    prove_order(session, "chat", "202600000000000002", "9999", now)
    seed(session, now, path=SMALL_SHOP)
    assert len(orders_of(session, Viewer("chat", None), now=now)) == 1


def test_a_real_shop_is_never_overwritten(session: Session, now: datetime) -> None:
    seed(session, now, path=SMALL_SHOP)
    session.add(Product(no="REAL1", name="x", category="x", kind="x", brand="x", aliases=[]))
    session.flush()
    with pytest.raises(SeedRefusedError, match="REAL1"):
        seed(session, now, path=SMALL_SHOP)


def test_no_scale_below_one(session: Session, now: datetime) -> None:
    with pytest.raises(ValueError, match="scale"):
        seed(session, now, 0, SMALL_SHOP)


def test_every_line_has_its_share(session: Session, now: datetime) -> None:
    seed(session, now, path=SMALL_SHOP)
    for order in session.scalars(select(Order)):
        shares = sum(line.share for line in order.lines)
        assert shares == order.goods_amount - order.discount
    assert session.scalar(select(func.min(OrderLine.share))) > 0


def test_a_refund_is_for_what_was_paid_unless_it_says_otherwise(session: Session, now: datetime) -> None:
    seed(session, now, path=SMALL_SHOP)
    assert session.scalars(select(Refund.amount)).one() == Decimal(269)


fen = st.integers(0, 10**7).map(lambda amount: Decimal(amount).scaleb(-2))


@given(st.lists(fen, min_size=1, max_size=8), st.integers(0, 1000))
def test_a_discount_is_spread_to_the_last_fen(amounts: list[Decimal], thousandth: int) -> None:
    discount = (sum(amounts, Decimal(0)) * thousandth / 1000).quantize(Decimal("0.01"))
    discount = min(discount, sum(amounts, Decimal(0)))
    shares = spread(discount, amounts)
    assert sum(shares, Decimal(0)) == discount
    assert all(Decimal(0) <= share <= amount for share, amount in zip(shares, amounts, strict=True))
