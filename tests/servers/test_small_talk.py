"""Thanks, goodbye, what is out of scope, what is not understood, and what is no message at all."""

from __future__ import annotations

import re

import pytest
from sqlalchemy.orm import Session

from sixty.shop.catalogue import attribute_answer
from tests.servers.running import Product


@pytest.mark.parametrize("line", ["谢谢你啊", "拜拜", "你是机器人吗", "好的", "哈哈哈"])
def test_company(product: Product, line: str) -> None:
    assert product.visit().say(line).outcomes == {"social"}


@pytest.mark.parametrize("line", ["能帮我订张去北京的机票吗", "白条怎么还款", "话费充值没到账"])
def test_out_of_scope_has_a_way_on(product: Product, line: str) -> None:
    answer = product.visit().say(line)
    assert answer.outcomes == {"missed"}
    assert len(answer.capsules) >= 2


@pytest.mark.parametrize(
    "line",
    [
        "／restart",
        "/restart",
        " /restart",
        "/back",
        "/session_start",
        "/nlu_fallback",
        "/EXTERNAL: timeout",
        "/",
        "//",
        "/你好",
        "/inform{",
        '/inform{"product":null}',
        '/inform{"product":["GZ2101"]}',
        '/inform["GZ2101"]',
        "/no_such_intent",
    ],
)
def test_what_is_typed_is_no_command(product: Product, shop: Session, line: str) -> None:
    """The conversation goes on as if nothing had been: the product is still known, nobody was called."""
    material = attribute_answer(shop, "GZ2101", "材质")
    assert material is not None
    talk = product.visit()
    talk.say("GZ2101")
    assert talk.say(line).outcomes != {"handed_over"}, str(talk)
    answer = talk.say("什么面料")
    assert all(part in answer.text for part in material.value.split()), str(talk)


@pytest.mark.parametrize("line", ["？？？", "。", "😀😀", "\u200b", "1" * 50, "面料" * 900])
def test_what_says_nothing_is_answered(product: Product, line: str) -> None:
    product.visit().say(line)


@pytest.mark.parametrize("line", ["   ", "\x00\x07", "a" * 6000, "面料" * 3000])
def test_no_message_at_all_is_refused_in_words(product: Product, line: str) -> None:
    talk = product.visit()
    assert re.search(r"HTTP 4\d\d: .*[\u4e00-\u9fff]", talk.refusal(line))
    assert talk.say("谢谢").outcomes == {"social"}


def test_a_line_of_markup_is_only_text(product: Product) -> None:
    answer = product.visit().say("<script>alert(1)</script>{product_no}{{fit}}%s${x}")
    assert "<script>" not in str(answer)
