from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

from sixty.shop.models import Customer, ProofAttempt, Sku
from sixty.shop.proofs import prove_order
from sixty.tables import Measure, Money, UtcDateTime

amounts = st.decimals(min_value=0, max_value=10**9, places=2)
moments = st.integers(0, 7 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds, timezone.utc))


@given(amounts)
def test_money_comes_out_as_it_went_in(amount: Decimal) -> None:
    money = Money()
    assert money.process_result_value(money.process_bind_param(amount, None), None) == amount


@pytest.mark.parametrize("amount", [1.5, 3, "2.00", True])
def test_money_takes_decimals_only(amount: object) -> None:
    with pytest.raises(TypeError):
        Money().process_bind_param(amount, None)  # type: ignore[arg-type]


@pytest.mark.parametrize("amount", ["0.001", "19.999", "NaN", "Infinity"])
def test_money_refuses_what_is_no_whole_fen(amount: str) -> None:
    with pytest.raises(ValueError):
        Money().process_bind_param(Decimal(amount), None)


def test_a_measure_keeps_tenths() -> None:
    assert Measure().process_bind_param(Decimal("62.5"), None) == 625


@given(moments, st.integers(-12, 14))
def test_a_moment_keeps_being_the_same_in_any_zone(moment: datetime, hours: int) -> None:
    elsewhere = moment.astimezone(timezone(timedelta(hours=hours)))
    kind = UtcDateTime()
    assert kind.process_result_value(kind.process_bind_param(elsewhere, None), None) == moment


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        UtcDateTime().process_bind_param(datetime(2026, 5, 20), None)  # noqa: DTZ001


def test_amounts_and_moments_survive_the_database(shop: Session, now: datetime) -> None:
    sku = shop.scalars(select(Sku).where(Sku.code == "GZ3101-01")).one()
    assert (sku.price, sku.list_price) == (Decimal("99.50"), Decimal("129.00"))
    cheapest = shop.scalar(select(func.min(Sku.price)).where(Sku.product_no == "GZ3101"))
    assert cheapest == Decimal("79.00")
    prove_order(shop, "c", "1", "0000", now)
    shop.expire_all()
    assert shop.scalars(select(ProofAttempt.at)).one() == now


def test_a_naive_time_never_reaches_the_database(shop: Session) -> None:
    attempt = ProofAttempt(conversation_id="c", order_no="1", at=datetime(2026, 5, 20))  # noqa: DTZ001
    shop.add(attempt)
    with pytest.raises(StatementError):
        shop.flush()


@pytest.mark.parametrize(
    "row",
    [
        Customer(id="C9", nickname="x", phone="1", level="钻石"),
        Sku(code="x", product_no="GZ3101", stock=-1, list_price=Decimal(1), price=Decimal(1)),
        Sku(code="x", product_no="GZ3101", stock=1, list_price=Decimal(1), price=Decimal(2)),
        Sku(code="x", product_no="NOTHING", stock=1, list_price=Decimal(1), price=Decimal(1)),
    ],
    ids=["unknown level", "negative stock", "price above list", "unknown product"],
)
def test_the_database_refuses_nonsense(shop: Session, row: object) -> None:
    copy = type(row)(**{key: value for key, value in vars(row).items() if not key.startswith("_")})
    shop.add(copy)
    with pytest.raises(IntegrityError):
        shop.flush()
