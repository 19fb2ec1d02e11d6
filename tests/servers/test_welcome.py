"""Greeting and capsules."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from sixty.shop.catalogue import find_product
from sixty.shop.orders import Viewer, orders_of
from tests.servers.running import Product

FRONT = {"entry": "shop"}
PAGE = {"entry": "product", "product": "GZ2101"}


def test_each_entry_has_a_welcome_of_its_own(product: Product, shop: Session) -> None:
    trousers = find_product(shop, "GZ2101")
    order = orders_of(shop, Viewer("", "C002"))[0]
    assert trousers is not None

    front = product.visit(**FRONT).open()
    page = product.visit(**PAGE).open()
    of_order = product.visit(entry="order", order=order.no, customer="C002").open()

    assert trousers.name in page.text
    assert order.no[-4:] in of_order.text
    assert trousers.name not in front.text
    for welcome in (front, page, of_order):
        assert welcome.outcomes == {"social"}
        assert 2 <= len(welcome.capsules) <= 4
    assert len({tuple(capsule.payload for capsule in welcome.capsules) for welcome in (front, page, of_order)}) == 3


def test_a_strangers_order_page_tells_nothing(product: Product, shop: Session) -> None:
    order = orders_of(shop, Viewer("", "C001"))[0]
    welcome = product.visit(entry="order", order=order.no, customer="C002").open()
    assert order.no[-4:] not in welcome.text


@pytest.mark.parametrize("visit", [FRONT, PAGE, {"entry": "order"}], ids=lambda visit: visit["entry"])
def test_a_capsule_tapped_is_a_question_asked(product: Product, visit: dict[str, str]) -> None:
    welcome = product.visit(**visit).open()
    for index, capsule in enumerate(welcome.capsules):
        talk = product.visit(**visit)
        # A capsule of another conversation is worth nothing here.
        assert talk.tap(talk.open().capsules[index]).outcomes & {"answered", "asked_back"}, f"{capsule}\n{talk}"


def test_capsules_asked_already_are_not_offered_again(product: Product) -> None:
    talk = product.visit(**PAGE)
    capsules = talk.open().capsules
    asked = []
    for _ in range(4):
        asked.append(capsules[0].payload)
        capsules = talk.tap(capsules[0]).capsules
        assert not {capsule.payload for capsule in capsules} & set(asked), str(talk)
        if not capsules or "size" in capsules[0].payload:
            break


def test_a_second_greeting_is_answered_with_a_word(product: Product) -> None:
    talk = product.visit(**FRONT)
    first, second = talk.say("你好"), talk.say("在不在呀")
    assert first.capsules
    assert second.outcomes == {"social"}
    assert not second.capsules


def test_greeting_within_the_size_form_goes_on_with_it(product: Product) -> None:
    talk = product.visit(**PAGE)
    asked = talk.say("我该穿什么码").text
    assert asked in talk.say("你好呀").text


def test_nonsense_after_the_greeting_is_owned_up_to(product: Product) -> None:
    talk = product.visit(**FRONT)
    answer = talk.say_all("你好", "床前明月光")
    assert answer.outcomes == {"missed"}
    assert answer.capsules


def test_leaving_right_after_the_greeting(product: Product) -> None:
    assert product.visit(**FRONT).say_all("你好", "没事了，再见").outcomes == {"social"}
