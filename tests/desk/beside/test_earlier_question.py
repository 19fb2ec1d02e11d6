"""What a line leans on."""

from __future__ import annotations

from typing import Any

import pytest

from sixty.desk.beside.earlier_question import Before, read_before
from sixty.ledger.models import Message


def customer(text: str, intent: str, sure: float = 0.9, others: tuple[tuple[str, float], ...] = ()) -> Message:
    understood: dict[str, Any] = {"intent": intent, "confidence": sure}
    understood["others"] = [{"intent": name, "confidence": each} for name, each in others]
    return Message(author="customer", text=text, understood=understood)


def agent(text: str) -> Message:
    return Message(author="agent", text=text)


def test_what_only_gives_something_leans_on_the_wish_before_it() -> None:
    newest_first = [agent("麻烦发一下订单号哦"), customer("在", "greet"), customer("我要换货", "request_after_sales")]
    found = read_before(newest_first)
    assert (found.intent, found.sure, found.told) == ("request_after_sales", 0.9, True)


def test_of_an_unsure_line_the_likeliest_counts_if_it_is_likely() -> None:
    unsure = customer("怎么弄的", "nlu_fallback", 0.75, (("order_help", 0.4), ("ask_usage", 0.3)))
    assert read_before([unsure]).intent == "order_help"
    unlikely = customer("怎么弄的", "nlu_fallback", 0.75, (("order_help", 0.2), ("ask_usage", 0.1)))
    assert read_before([unlikely]) == Before()


def test_a_thanks_ends_what_was_asked() -> None:
    assert read_before([customer("谢谢啦", "thank"), customer("发票怎么开", "ask_invoice")]).intent is None


@pytest.mark.parametrize(
    ("said", "asked", "looked_up"),
    [
        ("这边帮您改成自提可以吗", True, False),
        ("是要退这一件对吧？", True, False),
        ("别的还有要我帮忙的吗", False, False),
        ("请稍等，我查一下", False, True),
        ("已经给您登记了", False, False),
    ],
)
def test_what_was_said_last_is_read(said: str, asked: bool, looked_up: bool) -> None:
    found = read_before([agent(said), agent("在的"), customer("嗯", "affirm")])
    assert (found.asked, found.looked_up) == (asked, looked_up)
