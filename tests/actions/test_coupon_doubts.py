"""Why a coupon isn't taken: told for the product of the talk, by its terms without one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from sixty.shop.models import Coupon

Begin = Callable[..., Any]

PRODUCT = "GZ2101"


@pytest.fixture
def dear(shop: Session) -> Coupon:
    """A coupon of the demo shop that one piece doesn't reach."""
    found = shop.get(Coupon, "STORE1000-120")
    assert found is not None
    return found


async def test_for_the_product_of_the_talk_each_reason_is_told(chat: Begin, dear: Coupon) -> None:
    said = await chat(slots={"product_no": PRODUCT}).run("action_answer_promotions", "ask_coupon", "券怎么用不了")
    assert f"{dear.title}：要满{dear.threshold:.0f}元，还差" in said.text
    assert "领" not in said.text
    said.assert_natural()


async def test_without_a_product_the_terms_are_told_and_it_is_asked_for(chat: Begin, dear: Coupon) -> None:
    said = await chat().run("action_answer_promotions", "ask_coupon", "优惠券为什么不能用")
    assert f"{dear.title}：满{dear.threshold:.0f}元可用" in said.text
    assert "链接" in said.text
    said.assert_natural()


async def test_an_activity_is_no_coupon_unless_it_names_one(chat: Begin, dear: Coupon) -> None:
    talk = chat(slots={"product_no": PRODUCT})
    named = await talk.run("action_answer_promotions", "ask_promotion", f"{dear.title}怎么没法用")
    assert "还差" in named.text
    other = await talk.run("action_answer_promotions", "ask_promotion", "满减怎么用不了")
    assert "现在的活动" in other.text
