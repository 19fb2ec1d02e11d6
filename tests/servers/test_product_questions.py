"""Questions on the product that is talked about: what it is like, and whether it is in stock."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from sqlalchemy.orm import Session

from sixty.shop.catalogue import attribute_answer, attribute_keys, find_product
from sixty.shop.climate import shop_climate
from sixty.shop.comparison import shop_comparisons
from sixty.shop.reasons import reasons_for
from sixty.shop.stock import stock_of
from sixty.shop.warmth import answer_for_trip
from tests.servers.running import Answer, Product

PAGE = {"entry": "product", "product": "GZ2101"}


def says(answer: Answer, shop: Session, no: str, key: str) -> None:
    """The answer holds the catalogue's fact and what speaks for it."""
    fact = attribute_answer(shop, no, key)
    assert fact is not None
    assert all(part in answer.text for part in fact.value.split()), f"{fact}\n{answer}"
    assert fact.selling_point.rstrip("。！～") in answer.text
    assert answer.outcomes == {"answered"}


@pytest.mark.parametrize(
    ("no", "question", "key"),
    [
        ("GZ2101", "这裤子什么面料", "材质"),
        ("GZ2101", "厚不厚呀", "厚薄"),
        ("GZ2101", "洗了会缩水吗", "缩水"),
        ("GZ2101", "容易起球不", "起球"),
        ("GZ2101", "可以机洗吗", "护理"),
        ("GZ2101", "版型怎么样", "版型"),
        ("SM4011", "充一次电能用多久", "续航"),
        ("MY1101", "多大宝宝能用", "适用年龄"),
        ("SX1101", "保质期多久", "保质期"),
        ("MZ1101", "敏感肌能用吗", "肤质"),
    ],
)
def test_answers_from_the_catalogue(product: Product, shop: Session, no: str, question: str, key: str) -> None:
    says(product.visit(entry="product", product=no).say(question), shop, no, key)


def test_the_product_can_be_in_the_question(product: Product, shop: Session) -> None:
    says(product.visit().say("GZ1102是什么面料的"), shop, "GZ1102", "材质")


def test_the_answer_leads_to_the_next_question(product: Product) -> None:
    talk = product.visit(**PAGE)
    answer = talk.say("什么面料")
    assert 1 <= len(answer.capsules) <= 3
    for capsule in answer.capsules:
        assert "材质" not in capsule.payload
    assert talk.tap(answer.capsules[0]).outcomes & {"answered", "asked_back"}


def test_what_the_catalogue_does_not_know_is_not_made_up(product: Product, shop: Session) -> None:
    assert "防水" not in attribute_keys(shop, "GZ2101")
    answer = product.visit(**PAGE).say("这条裤子防水吗")
    assert answer.outcomes == {"missed"}
    assert "防水" in answer.text
    assert any(capsule.payload == "/ask_human" for capsule in answer.capsules)


@pytest.mark.parametrize(
    ("question", "color", "size"),
    [
        ("黑色XL还有货吗", "黑色", "XL"),
        ("黑色L码有没有现货", "黑色", "L"),
        ("卡其色的3XL有吗", "卡其", "3XL"),
        ("军绿XXL有没有货", "军绿", "2XL"),
        ("还有现货吗", None, None),
    ],
)
def test_stock(product: Product, shop: Session, question: str, color: str | None, size: str | None) -> None:
    stock = stock_of(shop, "GZ2101", color=color, size=size)
    answer = product.visit(**PAGE).say(question)
    assert ("有现货" in answer.text) == stock.in_stock, str(answer)
    if not stock.in_stock:
        assert any(other in answer.text for other in (*stock.available_colors, *stock.available_sizes))


def test_a_colour_that_there_never_was(product: Product) -> None:
    answer = product.visit(**PAGE).say("紫色的还有货吗")
    assert "没有紫色" in answer.text


def test_asks_which_product_and_then_answers(product: Product, shop: Session) -> None:
    talk = product.visit()
    asked = talk.say("是什么面料的")
    assert asked.outcomes == {"asked_back"}
    assert asked.capsules, "a way on"
    says(talk.say("GZ2101"), shop, "GZ2101", "材质")


def test_recent_products_are_offered(product: Product) -> None:
    """A known customer's own orders come before what sells well."""
    visitor, customer = product.visit(), product.visit(customer="C002")
    asked_visitor, asked_customer = visitor.say("有现货吗"), customer.say("有现货吗")
    assert any("MY3101" in capsule.payload for capsule in asked_customer.capsules)
    assert not any("MY3101" in capsule.payload for capsule in asked_visitor.capsules)


def test_one_of_those_offered_can_be_chosen_by_its_place(product: Product, shop: Session) -> None:
    talk = product.visit(customer="C001")
    offered = talk.say("是什么面料的").capsules
    no = offered[1].payload.split('"')[3]
    says(talk.say("第二个"), shop, no, "材质")


def test_correction_a_wrong_link_then_the_right_number(product: Product, shop: Session) -> None:
    talk = product.visit()
    asked = talk.say_all("是什么面料的", "https://item.taobao.com/item.htm?id=700000000001")
    assert asked.outcomes == {"asked_back"}
    says(talk.say("GZ2103"), shop, "GZ2103", "材质")


def test_digression_then_the_first_question_is_answered(product: Product, shop: Session) -> None:
    talk = product.visit()
    talk.say("是什么面料的")
    assert talk.say("支持七天无理由退货吗").outcomes == {"answered"}
    says(talk.say("GZ2101"), shop, "GZ2101", "材质")


@pytest.mark.parametrize("no", ["不用了", "算了不买了", "我再想想"])
def test_cancellation(product: Product, no: str) -> None:
    assert product.visit().say_all("还有现货吗", no).outcomes == {"social"}


def test_invalid_a_yes_in_place_of_a_product(product: Product) -> None:
    assert product.visit().say_all("是什么面料的", "好的").outcomes == {"asked_back"}


def test_two_questions_in_one_line(product: Product) -> None:
    answer = product.visit(**PAGE).say("发什么快递，能开发票吗")
    assert "快递" in answer.text
    assert "发票" in answer.text


@pytest.mark.parametrize("question", ["去东北穿行吗", "12月去哈尔滨够不够暖", "广州现在穿会不会热"])
def test_where_it_would_be_worn(product: Product, shop: Session, question: str) -> None:
    answer = product.visit(entry="product", product="GZ1102").say(question)
    expected = answer_for_trip(shop, "GZ1102", question, datetime.now(timezone.utc), shop_climate())
    assert expected is not None
    assert expected.text in answer.text
    assert answer.outcomes == {"answered"}


def test_a_difference_written_by_hand_wins(product: Product) -> None:
    answer = product.visit().say("GZ1102和GZ1101哪个好")
    written = shop_comparisons()[frozenset(("GZ1101", "GZ1102"))]
    assert written.difference in answer.text
    assert all(said in answer.text for said in written.suits.values())


def test_without_one_it_is_compared_attribute_by_attribute(product: Product, shop: Session) -> None:
    answer = product.visit().say("GZ1101和GZ1105哪个好")
    first, second = (attribute_answer(shop, no, "厚薄") for no in ("GZ1101", "GZ1105"))
    assert first is not None
    assert second is not None
    assert first.value in answer.text
    assert second.value in answer.text
    assert "更适合" in answer.text


def test_who_hesitates_hears_what_is_true_of_the_product(product: Product, shop: Session) -> None:
    talk = product.visit()
    found = find_product(shop, "GZ2101")
    assert found is not None
    asks = talk.say_all("GZ2101", "我再考虑考虑")
    assert "您主要是担心…？" in asks.text
    assert asks.outcomes == {"asked_back"}
    answer = talk.tap(next(each for each in asks.capsules if each.title == "版型合不合身"))
    fact = attribute_answer(shop, "GZ2101", "版型")
    assert fact is not None
    assert fact.selling_point.rstrip("。！～") in answer.text
    reasons = reasons_for(shop, found, datetime.now(timezone.utc))
    assert reasons
    assert reasons[0].text in answer.text
    assert answer.outcomes == {"answered", "social"}


def test_fit_and_material_lead_to_the_close(product: Product) -> None:
    talk = product.visit(**PAGE)
    talk.say("包邮吗")
    talk.later(40)
    first = talk.say("版型怎么样")
    assert "/ask_attribute" in first.capsules[0].payload
    assert "材质" in first.capsules[0].payload
    closed = talk.tap(first.capsules[0])
    assert closed.text.count("还差哪点没放心") == 1
    assert "还差哪点没放心" not in talk.say("可以机洗吗").text


def test_nobody_is_sold_to_after_asking_for_a_person(product: Product) -> None:
    talk = product.visit(**PAGE)
    talk.say_all("版型怎么样", "转人工")
    assert "还差哪点没放心" not in talk.say("这裤子什么面料").text
