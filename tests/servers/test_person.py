"""A person takes over: asked for, or after two misses in a row; once a conversation, with reason and context."""

from __future__ import annotations

import pytest

from tests.servers.running import Product

MISSES = ("床前明月光", "风吹草低见牛羊")


def test_asked_for(product: Product) -> None:
    talk = product.visit(entry="product", product="GZ2101", customer="C001")
    talk.say("黑色XL还有货吗")
    answer = talk.say("转人工")
    assert answer.outcomes == {"handed_over"}
    (row,) = product.handoffs(talk.conversation_id)
    assert (row.reason, row.state, row.customer_id, row.channel) == ("asked_for", "queued", "C001", "api")
    assert row.question == "黑色XL还有货吗"
    assert row.context["slots"]["product_no"] == "GZ2101"
    lines = [line["text"] for line in row.context["transcript"]]
    assert "黑色XL还有货吗" in lines
    assert talk.said[0][1].replies[0].text in lines


@pytest.mark.parametrize("wish", ["我要找真人客服", "帮我转人工客服", "有没有人工啊"])
def test_many_ways_to_ask(product: Product, wish: str) -> None:
    talk = product.visit()
    assert talk.say(wish).outcomes == {"handed_over"}
    assert len(product.handoffs(talk.conversation_id)) == 1


def test_once_a_conversation(product: Product) -> None:
    talk = product.visit()
    first, second = talk.say("转人工"), talk.say("转人工")
    assert first.outcomes == second.outcomes == {"handed_over"}
    assert first.text != second.text
    assert len(product.handoffs(talk.conversation_id)) == 1


def test_the_bot_goes_on_answering_meanwhile(product: Product) -> None:
    assert product.visit().say_all("转人工", "包邮吗").outcomes == {"answered"}


def test_two_misses_in_a_row(product: Product) -> None:
    talk = product.visit()
    first = talk.say(MISSES[0])
    assert first.outcomes == {"missed"}
    assert first.capsules, "what may have been meant, to tap"
    assert product.handoffs(talk.conversation_id) == []
    assert talk.say(MISSES[1]).outcomes == {"handed_over"}
    (row,) = product.handoffs(talk.conversation_id)
    assert row.reason == "two_misses"
    assert row.question == MISSES[1]


def test_two_misses_with_something_understood_between(product: Product) -> None:
    talk = product.visit()
    assert talk.say_all(MISSES[0], "包邮吗", MISSES[1]).outcomes == {"missed"}
    assert product.handoffs(talk.conversation_id) == []


def test_in_the_middle_of_the_size_form(product: Product) -> None:
    talk = product.visit(entry="product", product="GZ2101")
    talk.say_all("我该穿什么码", "身高175")
    answer = talk.say("转人工")
    assert answer.outcomes == {"handed_over"}
    (row,) = product.handoffs(talk.conversation_id)
    assert row.context["slots"]["height"] == "175"
    # The form is over.
    assert talk.say("谢谢").outcomes == {"social"}


def test_in_the_middle_of_a_proof(product: Product) -> None:
    talk = product.visit()
    assert talk.say_all("查订单", "转人工").outcomes == {"handed_over"}
    assert len(product.handoffs(talk.conversation_id)) == 1


def test_cancellation_no_person_after_all(product: Product) -> None:
    assert product.visit().say_all("转人工", "不用了").outcomes == {"social"}


def test_a_complaint_is_offered_a_person(product: Product) -> None:
    answer = product.visit().say("我要投诉你们")
    assert any(capsule.payload == "/ask_human" for capsule in answer.capsules)
