"""What a customer has in their cart is filled up where they name nothing else."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from sixty.shop.climate import NOWHERE
from sixty.shop.models import Sku
from sixty.shop.order_events.models import OrderEvent
from sixty.shop.recommendations import Situation, fillers
from sixty.shop.recommendations.carts import LONGEST, cart_of

from .shops import CUSTOMER, NOW, RULES, Drawn, add_cut, empty_shop

_SHOP = Drawn(
    tuple(("T恤", 0, True, "") for _ in range(3)),
    tuple(
        (place, variant, "", "", 5, price + variant, None)
        for place, price in enumerate((60, 45, 15))
        for variant in (0, 1)
    ),
    *(frozenset(), frozenset(), frozenset(), (), frozenset(), frozenset(), frozenset()),
    0,
    "",
)


@pytest.fixture
def session() -> Any:
    with empty_shop() as opened:
        _SHOP.add_to(opened)
        yield opened


def _tell(session: Session, number: int, *lines: dict[str, Any], kind: str = "cart", customer: str = CUSTOMER) -> None:
    """A cart as it was so many minutes ago."""
    at = NOW - timedelta(minutes=number)
    marks = {"source": "shop", "external_id": f"{customer}{number}", "object_id": "cart", "customer_id": customer}
    session.add(
        OrderEvent(kind=kind, occurred_at=at, received_at=at, way="webhook", payload={"lines": list(lines)}, **marks)
    )
    session.flush()


def test_the_last_cart_counts(session: Session) -> None:
    assert cart_of(session, CUSTOMER, NOW) == {}
    _tell(session, 9, {"product_no": "P1", "sku_code": "P1-0"})
    _tell(session, 5, {"product_no": "P0", "sku_code": "P0-1", "quantity": 2}, {"product_no": "P2"})
    _tell(session, 1, {"product_no": "P2"}, customer="C2")
    _tell(session, -3, {"product_no": "P1", "sku_code": "P1-0"})
    # The variant that was named, else the cheapest.
    assert cart_of(session, CUSTOMER, NOW) == {"P0-1": 2, "P2-0": 1}


def test_an_emptied_cart_is_empty(session: Session) -> None:
    _tell(session, 9, {"product_no": "P1", "sku_code": "P1-0"})
    _tell(session, 5)
    assert cart_of(session, CUSTOMER, NOW) == {}
    _tell(session, 2, {"product_no": "P1", "quantity": 0})
    assert cart_of(session, CUSTOMER, NOW) == {}


def test_an_old_cart_says_nothing(session: Session) -> None:
    _tell(session, 1, {"product_no": "P1", "sku_code": "P1-0"})
    assert cart_of(session, CUSTOMER, NOW + LONGEST - timedelta(minutes=2))
    assert not cart_of(session, CUSTOMER, NOW + LONGEST)


def test_what_cannot_be_bought_is_left_out(session: Session) -> None:
    session.get(Sku, "P1-0").stock = 0  # type: ignore[union-attr]
    session.get(Sku, "P2-0").stock = 1  # type: ignore[union-attr]
    lines = ({"product_no": "P1", "sku_code": "P1-0"}, {"product_no": "GONE"}, {"product_no": "P2", "quantity": 4})
    _tell(session, 1, *lines)
    assert cart_of(session, CUSTOMER, NOW) == {"P2-0": 1}


def test_a_cart_is_filled_up(session: Session) -> None:
    add_cut(session, 75, 30, repeats=False, code="CUT")
    session.flush()
    nobody = Situation(NOW, CUSTOMER)
    assert fillers(session, nobody, rules=RULES, climate=NOWHERE) == []
    _tell(session, 1, {"product_no": "P0", "sku_code": "P0-0"})
    (found,) = fillers(session, nobody, rules=RULES, climate=NOWHERE)
    (named,) = fillers(session, Situation(NOW, CUSTOMER, basket={"P0-0": 1}), rules=RULES, climate=NOWHERE)
    assert found.suggestion.product.no == "P2"
    assert found.suggestion.extra == named.suggestion.extra == Decimal(-15)
    # What they name counts for itself.
    (other,) = fillers(session, Situation(NOW, CUSTOMER, basket={"P1-0": 1}), rules=RULES, climate=NOWHERE)
    assert [line.sku for line in other.before.lines] == ["P1-0"]
