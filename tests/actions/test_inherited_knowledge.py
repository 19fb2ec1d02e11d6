"""What only the predecessor of a product knows is said, and said to be its."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sixty.settings import get_settings
from sixty.shop.database import shop_session
from sixty.shop.models import Attribute

Begin = Callable[..., Any]


async def test_a_successor_answers_from_its_predecessor_and_says_so(chat: Begin) -> None:
    with shop_session(get_settings().database_url) as session:
        session.add(Attribute(product_no="GZ2098", key="产地", value="浙江 宁波"))
    said = await chat(slots={"product_no": "GZ2101"}).run("action_answer_attribute", "ask_attribute", attribute="产地")
    assert "浙江，宁波" in said.text
    assert "GZ2098" in said.text
    assert "供您参考" in said.text
    assert said.slot("product_no") == "GZ2101"
    assert "missed" not in said.outcomes


async def test_what_neither_knows_is_not_claimed(chat: Begin) -> None:
    said = await chat(slots={"product_no": "GZ2101"}).run("action_answer_attribute", "ask_attribute", attribute="产地")
    assert "missed" in said.outcomes
