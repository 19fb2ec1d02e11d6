"""Words that the merchant maps to an answer or a question, and what is suggested while a customer types."""

from __future__ import annotations

import pytest
import requests

from tests.servers.running import Product


def suggested(product: Product, typed: str) -> list[str]:
    with requests.Session() as http:
        http.trust_env = False
        answer = http.get(f"{product.desk_url}/api/suggestions", params={"q": typed}, timeout=10)
    assert answer.status_code == 200
    return [each["text"] for each in answer.json()["suggestions"]]


@pytest.mark.parametrize("line", ["有实体店吗", "请问有实体店吗？", "门店地址"])
def test_the_merchants_own_answer(product: Product, line: str) -> None:
    answer = product.visit().say(line)
    assert "没有线下门店" in answer.text
    assert "answered" in answer.outcomes
    assert answer.capsules, "and what is asked next"


def test_a_word_that_means_a_question(product: Product) -> None:
    assert product.visit().say("邮费").text == product.visit().say("包邮吗").text


def test_in_the_middle_of_a_form_which_goes_on(product: Product) -> None:
    talk = product.visit(entry="product", product="GZ2101")
    asked = talk.say("我该穿什么码").text
    answer = talk.say("有实体店吗").text
    assert "没有线下门店" in answer
    assert asked in answer


def test_what_is_suggested_is_understood_as_its_capsule(product: Product) -> None:
    (first, *_) = suggested(product, "fsmkd")
    assert first == "发什么快递"
    assert product.visit().say(first).outcomes == {"answered"}
    assert "有实体店吗" in suggested(product, "有实体")
