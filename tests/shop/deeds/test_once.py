"""The same key is done once, whoever asks at the same moment, and two wishes never both win."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import func, select

from sixty.shop import models
from sixty.shop.database import shop_session
from sixty.shop.deeds.deed import Deed, DeedRefused, Done
from sixty.shop.deeds.models import CustomerCoupon, DeedRow
from sixty.shop.demo import seed
from sixty.shop.gateways.sql import SqlOrders
from tests.shop.deeds.conftest import DEMO, RECEIVED, WAITING
from tests.shop.deeds.examples import CLOTHES, PAID

AT_ONCE = 30


def together(url: str, now: datetime, deeds: list[Deed]) -> list[Done | str]:
    """Has all of them done at the same moment, each in a session of its own; refusals are told by their row."""
    barrier = Barrier(len(deeds))

    def do(deed: Deed) -> Done | str:
        barrier.wait(timeout=30)
        viewer = RECEIVED if deed.order_no == CLOTHES else WAITING
        with shop_session(url) as session:
            try:
                return SqlOrders(session, now).perform(viewer, deed)
            except DeedRefused as refused:
                return refused.verdict.row_id

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(do, deeds))


@pytest.fixture
def demo_url(database_url: str, now: datetime) -> str:
    with shop_session(database_url) as session:
        seed(session, now, path=DEMO)
    return database_url


def test_thirty_requests_with_one_key_do_it_once(demo_url: str, now: datetime) -> None:
    results = together(demo_url, now, [Deed("k", "cancel_order", PAID)] * AT_ONCE)
    done = [each for each in results if isinstance(each, Done)]
    assert len(done) == AT_ONCE
    assert sorted(each.repeated for each in done) == [False] + [True] * (AT_ONCE - 1)
    assert len({(each.reference, each.amount, each.promised_at) for each in done}) == 1
    with shop_session(demo_url, read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(DeedRow)) == 1
        refunds = session.scalars(select(models.Refund.amount).where(models.Refund.order_no == PAID)).all()
    assert refunds == [done[0].amount]


def test_thirty_wishes_of_the_same_are_granted_once(demo_url: str, now: datetime) -> None:
    cancels = together(demo_url, now, [Deed(f"c{n}", "cancel_order", PAID) for n in range(AT_ONCE)])
    assert sorted(isinstance(each, Done) for each in cancels) == [False] * (AT_ONCE - 1) + [True]
    coupons = together(
        demo_url, now, [Deed(f"p{n}", "claim_coupon", details={"coupon": "STORE300-50"}) for n in range(AT_ONCE)]
    )
    assert sorted(isinstance(each, Done) for each in coupons) == [False] * (AT_ONCE - 1) + [True]
    wanted = {"amount": "30", "picture": "p"}
    paid = together(
        demo_url,
        now,
        [Deed(f"m{n}", "compensate", CLOTHES, 1, wanted, cause="damaged") for n in range(AT_ONCE)],
    )
    # 30% of 289 yuan: two times thirty go into it, and not a third time.
    assert sum(isinstance(each, Done) for each in paid) == 2
    with shop_session(demo_url, read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(CustomerCoupon)) == 1
        assert len(session.scalars(select(models.Refund.no).where(models.Refund.order_no == PAID)).all()) == 1


def test_what_fails_half_way_is_not_done_at_all(demo_url: str, now: datetime) -> None:
    def die() -> None:
        with shop_session(demo_url) as session:
            SqlOrders(session, now).perform(WAITING, Deed("k", "cancel_order", PAID))
            raise RuntimeError("the process dies")

    with pytest.raises(RuntimeError, match="the process dies"):
        die()
    with shop_session(demo_url) as session:
        gateway = SqlOrders(session, now)
        order = gateway.order_for(PAID, WAITING).value
        assert order is not None
        assert (order.state, order.refunds, gateway.deeds_of(WAITING)) == ("paid", (), ())
        assert not gateway.perform(WAITING, Deed("k", "cancel_order", PAID)).repeated


def test_a_seeded_shop_knows_nothing_of_earlier_deeds(demo_url: str, now: datetime) -> None:
    with shop_session(demo_url) as session:
        SqlOrders(session, now).perform(WAITING, Deed("k", "cancel_order", PAID))
    with shop_session(demo_url) as session:
        seed(session, now, path=Path(DEMO))
    with shop_session(demo_url) as session:
        assert not SqlOrders(session, now).perform(WAITING, Deed("k", "cancel_order", PAID)).repeated
