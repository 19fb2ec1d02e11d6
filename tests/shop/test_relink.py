"""A successor inherits."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from sixty.shop.models import Attribute, Pairing, Product
from sixty.shop.recommendations import bundle_for
from sixty.shop.relink import inherited_answer, pairings_of, predecessors


@pytest.fixture
def old(shop: Session) -> Session:
    shop.add(Product(no="GZ1999", name="更老的裤", category="工装", kind="工装裤", brand="拓野", status="off_sale",
                     successor_no="GZ2001"))  # fmt: skip
    shop.flush()
    shop.add_all(
        [
            Attribute(product_no="GZ2001", key="起球", value="抗起球 4级", selling_point="不怕磨"),
            Attribute(product_no="GZ2001", key="材质", value="100%棉"),
            Attribute(product_no="GZ1999", key="起球", value="抗起球3级"),
            Attribute(product_no="GZ1999", key="缩水", value="缩水率3%"),
        ]
    )
    shop.flush()
    return shop


def test_the_nearest_generation_comes_first(old: Session) -> None:
    assert [each.no for each in predecessors(old, "GZ2101")] == ["GZ2001", "GZ1999"]
    assert predecessors(old, "SM1101") == []


def test_a_circle_ends(old: Session) -> None:
    for no, following in (("GZ2101", "GZ1999"),):
        product = old.get(Product, no)
        product.status, product.successor_no = "off_sale", following
    old.flush()
    assert [each.no for each in predecessors(old, "GZ2101")] == ["GZ2001", "GZ1999"]


def test_what_is_inherited_is_said_to_be(old: Session) -> None:
    found = inherited_answer(old, "GZ2101", "起球")
    assert found is not None
    assert found.predecessor.no == "GZ2001"
    assert found.text == (
        "这款的起球资料里还没写，它的上一款老款工装裤（GZ2001）是：抗起球，4级，供您参考，新款可能有调整"
    )
    further = inherited_answer(old, "GZ2101", "缩水")
    assert further is not None
    assert further.predecessor.no == "GZ1999"


def test_what_is_its_own_is_not_inherited(old: Session) -> None:
    assert inherited_answer(old, "GZ2101", "材质") is None
    assert inherited_answer(old, "GZ2101", "面料") is None
    assert inherited_answer(old, "GZ2101", "防水") is None


def test_a_product_on_sale_hands_nothing_over(old: Session) -> None:
    old.get(Product, "GZ2001").status = "on_sale"
    old.flush()
    assert inherited_answer(old, "GZ2101", "起球") is None


def test_pairings_are_inherited_after_its_own(shop: Session) -> None:
    own = [each.with_no for each in pairings_of(shop, "GZ2101")]
    shop.add_all(
        [
            Pairing(product_no="GZ2001", with_no="SM1101", reason="老搭配", ordinal=0),
            Pairing(product_no="GZ2001", with_no="GZ2101", reason="自己", ordinal=1),
            *(Pairing(product_no="GZ2001", with_no=no, reason="又一次", ordinal=2) for no in own[:1]),
        ]
    )
    shop.flush()
    found = pairings_of(shop, "GZ2101")
    assert [each.with_no for each in found] == [*own, "SM1101"]
    assert all(each.reason not in ("又一次", "自己") for each in found)
    bundle = bundle_for(shop, "GZ2101", limit=9)
    assert bundle is not None
    assert "SM1101" in [item.product.no for item in bundle.items]
