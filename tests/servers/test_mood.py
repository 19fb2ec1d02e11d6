"""Anger, through all processes: heard first, then answered; at the second time a person."""

from __future__ import annotations

import pytest

from tests.servers.running import Answer, Product


def apologised(answer: Answer) -> bool:
    first = answer.replies[0].text or ""
    return any(word in first for word in ("抱歉", "对不起"))


def test_an_apology_stands_in_front_of_the_answer(product: Product) -> None:
    calm = product.visit().say("你家发哪个快递")
    talk = product.visit()
    angry = talk.say("什么破店，你家发哪个快递")
    assert apologised(angry)
    assert not apologised(calm)
    # The same answer follows.
    assert calm.replies[0].text is not None
    assert calm.replies[0].text in angry.text
    assert angry.capsules[0].payload == "/ask_human"
    assert len(angry.capsules) == 2 < len(calm.capsules)
    assert product.handoffs(talk.conversation_id) == []


def test_the_second_time_a_person_takes_over(product: Product) -> None:
    # A customer of the first level would get a person at once.
    talk = product.visit(customer="C003")
    talk.say("什么破店，你家发哪个快递")
    talk.say("包邮吗")
    answer = talk.say("骗子，什么时候发货")
    assert answer.outcomes == {"handed_over"}
    (row,) = product.handoffs(talk.conversation_id)
    # The line as the door lets it in, in its normal form.
    assert (row.reason, row.question, row.customer_id) == ("angry", "骗子,什么时候发货", "C003")
    # Meanwhile the bot goes on.
    assert talk.say("包邮吗").outcomes == {"answered"}


@pytest.mark.parametrize("customer", ["C001", "C004"])
def test_a_vip_gets_a_person_the_first_time(product: Product, customer: str) -> None:
    talk = product.visit(customer=customer)
    # What is not understood once is asked back, as it is of everybody.
    assert talk.say("阿巴阿巴").outcomes != {"handed_over"}
    answer = talk.say("什么破店，你家发哪个快递")
    assert answer.outcomes == {"handed_over"}
    assert apologised(answer)
    (row,) = product.handoffs(talk.conversation_id)
    assert (row.reason, row.customer_id, row.raised_by) == ("angry", customer, ["vip", "angry"])
    assert talk.say("包邮吗").outcomes == {"answered"}


def test_an_angry_complaint(product: Product) -> None:
    talk = product.visit()
    assert talk.say("我要投诉你们这些骗子").outcomes == {"handed_over"}
    assert [row.reason for row in product.handoffs(talk.conversation_id)] == ["complaint"]


def test_a_form_goes_on_after_an_apology(product: Product) -> None:
    talk = product.visit(entry="product", product="GZ2101")
    talk.say("我该穿什么码")
    answer = talk.say("什么破问题，175 70kg")
    assert apologised(answer)
    # The form took both, and does not ask for them again.
    assert "身高" not in answer.text
    assert product.handoffs(talk.conversation_id) == []


@pytest.mark.parametrize("text", ["不客气，你家发哪个快递", "不错，你家发哪个快递", "没问题，你家发哪个快递"])
def test_calm_words_are_answered_only(product: Product, text: str) -> None:
    assert not apologised(product.visit().say(text))
