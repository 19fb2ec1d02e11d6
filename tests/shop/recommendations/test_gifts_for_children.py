"""Whoever looks for something for a child is shown what is for children, where the shop has any."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from sixty.shop.climate import NOWHERE
from sixty.shop.models import Attribute, Product, Sku
from sixty.shop.recommendations import Recipient, Situation, Wish, recommend
from sixty.shop.recommendations.models import ProductSales
from sixty.shop.recommendations.shelf import put_in_order

from .shops import NOW, RULES, empty_shop

_SON = Recipient("儿子", "男", "child")
_BABY = Recipient("宝宝", "", "baby", 10)
_GROWN_UP = Recipient("老公", "男", "adult")


def _add(session: Session, no: str, name: str, kind: str, sold: int = 0, **attributes: str) -> None:
    session.add(Product(no=no, name=name, category="百货", kind=kind, brand="", status="on_sale", aliases=[]))
    session.flush()
    session.add(Sku(code=f"{no}-0", product_no=no, stock=9, list_price=Decimal(99), price=Decimal(99)))
    session.add(ProductSales(product_no=no, orders=sold))
    for ordinal, (key, value) in enumerate(attributes.items()):
        session.add(Attribute(product_no=no, key=key, value=value, ordinal=ordinal))
    session.flush()


def _for(session: Session, recipient: Recipient, **wish: object) -> set[str]:
    situation = Situation(NOW, wish=Wish(recipient=recipient, **wish))  # type: ignore[arg-type]
    found = recommend(session, "wish", situation, 9, rules=RULES, climate=NOWHERE)
    return {each.product.no for each in found}


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 60), st.booleans(), st.sampled_from((_SON, _BABY)))
def test_what_is_for_anybody_comes_only_where_nothing_is_for_children(
    others: int, kept: bool, recipient: Recipient
) -> None:
    with empty_shop() as session:
        for number in range(others):
            _add(session, f"X{number:02}", f"水杯{number}", "水杯", sold=9 + number)
        _add(session, "MAN", "男士钱包", "钱包", sold=99)
        if kept:
            put_in_order(session)
        expected = {f"X{number:02}" for number in range(others)}
        found = _for(session, recipient)
        assert bool(found) == bool(expected)
        assert found <= expected
        _add(session, "KID", "积木", "儿童玩具", 适用年龄="6个月到8岁")
        if kept:
            put_in_order(session)
        assert _for(session, recipient) == {"KID"}
        assert "KID" not in _for(session, _GROWN_UP)


def test_an_age_that_is_written_is_known_though_it_ends_nowhere() -> None:
    with empty_shop() as session:
        _add(session, "ANY", "水杯", "水杯", sold=50)
        _add(session, "FROM3", "拼图", "拼图", 适用年龄="3岁以上")
        assert _for(session, Recipient("儿子", "", "child", 60)) == {"FROM3"}
        assert _for(session, Recipient("宝宝", "", "baby", 10)) == {"ANY"}


def test_a_kind_that_is_named_is_kept() -> None:
    with empty_shop() as session:
        _add(session, "ANY", "水杯", "水杯", sold=50)
        _add(session, "KID", "积木", "儿童玩具", 适用年龄="3岁到8岁")
        assert _for(session, _SON, kinds=("水杯",)) == {"ANY"}
        assert _for(session, _SON, kinds=("水杯", "儿童玩具")) == {"KID"}
