"""Size advice: a form with height, weight and fit in any order, then a matching product."""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from sixty.shop.catalogue import find_product
from sixty.shop.recommendations import Bundle, Situation, outfit_for
from sixty.shop.size_charts import Body
from sixty.shop.size_guides import guide_of, substitute_for
from sixty.shop.sizes import Fit, SizeAdvice
from tests.servers.running import Answer, Product, Talk

PAGE = {"entry": "product", "product": "GZ2101"}


def advice_for(shop: Session, no: str, height: str | None, weight: str | None, fit: Fit = "regular") -> SizeAdvice:
    return advice_on(shop, no, Body(Decimal(height) if height else None, Decimal(weight) if weight else None), fit)


def advice_on(shop: Session, no: str, body: Body, fit: Fit = "regular") -> SizeAdvice:
    found = find_product(shop, no)
    assert found is not None
    guide = guide_of(shop, found)
    assert guide is not None
    return guide.advise(body, fit)


def bundle_of(shop: Session, no: str) -> Bundle:
    outfit = outfit_for(shop, Situation(datetime.now(timezone.utc), product_no=no))
    assert outfit is not None
    return outfit.bundle


def shows_bundle(answer: Answer, shop: Session, no: str) -> None:
    bundle = bundle_of(shop, no)
    card = answer.card("bundle")
    assert [item["no"] for item in card["items"]] == [item.product.no for item in bundle.items]
    assert [item["reason"] for item in card["items"]] == [item.reason for item in bundle.items]
    assert Decimal(card["bundle_price"]) == bundle.bundle_price
    assert Decimal(card["saving"]) == bundle.saving


# Each of them says 175 cm, 70 kg and how it shall fit.
SAME_BODY: list[tuple[str, list[str], Fit]] = [
    ("one sentence", ["GZ2101 我175高70公斤，喜欢宽松的，穿多大码"], "loose"),
    ("a pair of numbers", ["GZ2101穿多大", "175 70kg", "合身就好"], "regular"),
    ("several turns", ["GZ2101 我穿多大", "身高175", "体重70kg", "宽松一点"], "loose"),
    ("weight first", ["GZ2101 我穿多大", "体重70公斤", "身高175cm", "修身的"], "slim"),
    ("fit first", ["GZ2101 我穿多大", "我喜欢宽松点的", "175 70kg"], "loose"),
    ("jin", ["GZ2101 我穿多大", "身高175，体重140斤", "合身"], "regular"),
    ("metres", ["GZ2101 我穿多大", "1米75", "140斤", "合身"], "regular"),
    ("metres with a point", ["GZ2101 我穿多大", "1.75m 70公斤", "合身"], "regular"),
    ("spoken numbers", ["GZ2101 我穿多大", "一米七五", "一百四十斤", "合身"], "regular"),
    ("full width", ["ＧＺ２１０１ 我穿多大", "１７５　７０ｋｇ", "合身"], "regular"),
    ("numbers without units", ["GZ2101 我穿多大", "175", "70", "合身"], "regular"),
    ("product last", ["我175，140斤，穿多大", "GZ2101", "合身"], "regular"),
    ("corrected in the same line", ["GZ2101 我穿多大", "身高175", "体重180斤，不对，是140斤", "合身"], "regular"),
    ("corrected in the next line", ["GZ2101 我穿多大", "身高165", "打错了，身高175", "70公斤", "合身"], "regular"),
    ("corrected product", ["GZ1101 我穿多大", "175 70kg", "我要看的是GZ2101", "合身"], "regular"),
]


@pytest.mark.parametrize(("lines", "fit"), [(lines, fit) for _, lines, fit in SAME_BODY], ids=[x[0] for x in SAME_BODY])
def test_however_it_is_said(product: Product, shop: Session, lines: list[str], fit: Fit) -> None:
    talk = product.visit()
    answer = talk.say_all(*lines)
    assert advice_for(shop, "GZ2101", "175", "70", fit).reason in answer.text, str(talk)
    # A form that is not complete asks for what is missing, and for nothing else.
    for _, asked in talk.said[:-1]:
        assert asked.outcomes == {"asked_back"}, str(talk)


def test_the_fit_is_tapped(product: Product, shop: Session) -> None:
    talk = product.visit()
    asked = talk.say_all("GZ2101 我穿多大", "175 70kg")
    answer = talk.tap(next(capsule for capsule in asked.capsules if capsule.title == "修身一点"))
    assert advice_for(shop, "GZ2101", "175", "70", "slim").reason in answer.text, str(talk)


def test_the_page_is_product_enough(product: Product, shop: Session) -> None:
    answer = product.visit(**PAGE).say_all("我175，70公斤穿几码", "合身")
    assert advice_for(shop, "GZ2101", "175", "70").reason in answer.text


def test_a_correction_after_the_advice(product: Product, shop: Session) -> None:
    talk = product.visit(**PAGE)
    first = talk.say_all("165cm 55kg穿多大码", "合身")
    assert advice_for(shop, "GZ2101", "165", "55").reason in first.text
    second = talk.say("说错了，身高是178cm，体重80kg")
    assert advice_for(shop, "GZ2101", "178", "80").reason in second.text, str(talk)


def test_none_fits_a_substitute_does(product: Product, shop: Session) -> None:
    trousers = find_product(shop, "GZ2101")
    assert trousers is not None
    instead = substitute_for(shop, trousers, Body(Decimal(180), Decimal(110)))
    assert instead is not None
    talk = product.visit(**PAGE)
    answer = talk.say_all("身高180，体重220斤，穿多大", "合身")
    assert advice_for(shop, "GZ2101", "180", "110").size is None
    assert answer.card("product")["no"] == instead.no
    assert instead.name in answer.text


def test_none_fits_and_there_is_no_substitute(product: Product, shop: Session) -> None:
    trousers = find_product(shop, "GZ2101")
    assert trousers is not None
    assert substitute_for(shop, trousers, Body(Decimal(215), Decimal(140))) is None
    talk = product.visit(**PAGE)
    answer = talk.say_all("身高215cm，体重140kg，穿多大", "合身")
    assert advice_for(shop, "GZ2101", "215", "140").reason in answer.text
    assert not answer.cards("bundle"), "nothing goes with what does not fit"


def test_nappies_go_by_weight_alone(product: Product, shop: Session) -> None:
    talk = product.visit()
    answer = talk.say_all("MY3101宝宝穿多大码", "宝宝20斤")
    assert advice_for(shop, "MY3101", None, "10").reason in answer.text, str(talk)


# Each of them says that the foot is 25.5 cm long.
SAME_FOOT: list[tuple[str, list[str]]] = [
    ("one sentence", ["GZ5101我脚长25.5穿多大码"]),
    ("asked for", ["GZ5101穿多大码", "25.5"]),
    ("in centimetres", ["GZ5101穿多大码", "25.5厘米"]),
    ("in millimetres", ["GZ5101穿多大码", "脚长255"]),
    ("spoken", ["GZ5101穿多大码", "脚长二十五厘米五"]),
    ("by the usual size", ["GZ5101穿多大码", "平时穿41码"]),
    ("the longer foot", ["GZ5101穿多大码", "左脚25.5右脚25.2"]),
    ("product last", ["脚长25.5穿多大的鞋", "GZ5101"]),
    ("corrected", ["GZ5101穿多大码", "脚长22，说错了，脚长25.5"]),
]


@pytest.mark.parametrize("lines", [lines for _, lines in SAME_FOOT], ids=[name for name, _ in SAME_FOOT])
def test_shoes_go_by_the_foot(product: Product, shop: Session, lines: list[str]) -> None:
    talk = product.visit()
    answer = talk.say_all(*lines)
    assert advice_on(shop, "GZ5101", Body(foot=Decimal("25.5"))).reason in answer.text, str(talk)
    for _, asked in talk.said[:-1]:
        assert asked.outcomes == {"asked_back"}, str(talk)


def test_shoes_ask_for_the_foot_and_for_nothing_else(product: Product) -> None:
    talk = product.visit(entry="product", product="GZ5102")
    asked = talk.say("这双我穿多大")
    assert "脚长" in asked.text, str(talk)
    assert "身高" not in asked.text
    assert "脚长" in talk.say("脚长88厘米").text, str(talk)


def test_a_foot_that_no_shoe_fits_is_told_so(product: Product, shop: Session) -> None:
    talk = product.visit()
    answer = talk.say_all("GZ5103穿多大码", "脚长31厘米")
    assert advice_on(shop, "GZ5103", Body(foot=Decimal(31))).reason in answer.text, str(talk)
    assert not answer.cards("bundle"), "nothing goes with what does not fit"


# A child, and what is known of it.
CHILDREN: list[tuple[str, list[str], Body]] = [
    ("height asked for", ["MY2103宝宝穿多大码", "95cm"], Body(height=Decimal(95))),
    ("bare height", ["MY2103宝宝穿多大码", "105"], Body(height=Decimal(105))),
    ("age in its place", ["MY2103宝宝穿多大码", "3岁"], Body(age=Decimal(3))),
    ("half a year more", ["MY2103孩子3岁半穿多大"], Body(age=Decimal("3.5"))),
    ("months", ["MY2102宝宝穿几码", "8个月"], Body(age=Decimal("0.67"))),
    ("both at once", ["MY2103宝宝两岁身高95穿多大"], Body(height=Decimal(95), age=Decimal(2))),
    ("weight besides", ["MY2103 宝宝身高105体重20kg穿几码"], Body(Decimal(105), Decimal(20))),
]


@pytest.mark.parametrize(("lines", "body"), [each[1:] for each in CHILDREN], ids=[each[0] for each in CHILDREN])
def test_children_go_by_height_or_age(product: Product, shop: Session, lines: list[str], body: Body) -> None:
    talk = product.visit()
    answer = talk.say_all(*lines)
    no = "MY2102" if "MY2102" in lines[0] else "MY2103"
    assert advice_on(shop, no, body).reason in answer.text, str(talk)
    for _, asked in talk.said[:-1]:
        assert asked.outcomes == {"asked_back"}, str(talk)
        assert "年龄" in asked.text


def test_a_childs_height_after_its_age_is_checked_again(product: Product, shop: Session) -> None:
    talk = product.visit()
    talk.say_all("MY2103孩子4岁穿多大")
    second = talk.say("身高98cm穿多大")
    assert advice_on(shop, "MY2103", Body(height=Decimal(98), age=Decimal(4))).reason in second.text, str(talk)


def test_a_parents_height_is_not_the_childs(product: Product, shop: Session) -> None:
    talk = product.visit(**PAGE)
    talk.say_all("我175，70公斤穿几码", "合身")
    answer = talk.say("MY2103我家孩子4岁穿多大")
    assert advice_on(shop, "MY2103", Body(age=Decimal(4))).reason in answer.text, str(talk)


@pytest.mark.parametrize(("said", "waist"), [("腰围92", "92"), ("腰围二尺七", "90"), ("腰2尺4", "80")])
def test_a_waist_counts_when_it_is_told(product: Product, shop: Session, said: str, waist: str) -> None:
    talk = product.visit(**PAGE)
    answer = talk.say_all(f"身高175体重70kg{said}穿多大", "合身")
    body = Body(Decimal(175), Decimal(70), waist=Decimal(waist))
    assert advice_on(shop, "GZ2101", body).reason in answer.text, str(talk)


def test_a_waist_is_not_asked_for(product: Product) -> None:
    talk = product.visit(**PAGE)
    asked = talk.say("腰围85穿多大")
    assert "身高" in asked.text, str(talk)
    assert "腰围" in talk.say_all("175 70kg", "合身").text


def test_what_has_no_sizes_needs_no_measures(product: Product) -> None:
    talk = product.visit()
    answer = talk.say("SM4011要选多大码")
    assert "answered" in answer.outcomes, str(talk)


def in_the_second_half(product: Product) -> Talk:
    """A talk with a willing customer, half a minute old: before that nothing is sold on."""
    talk = product.visit(**PAGE)
    talk.say_all("有现货吗", "包邮吗")
    talk.later(40)
    return talk


def test_the_bundle_is_offered_and_taken(product: Product, shop: Session) -> None:
    bundle = bundle_of(shop, "GZ2101")
    assert bundle.coupon is not None
    talk = in_the_second_half(product)
    shows_bundle(talk.say_all("175 70kg穿多大", "合身"), shop, "GZ2101")
    answer = talk.say("好的，一起带上")
    assert bundle.coupon.title in answer.text, str(talk)
    assert f"{bundle.bundle_price:.0f}元" in answer.text
    # The offer is taken once.
    assert talk.say("好的").outcomes == {"social"}


def test_the_bundle_is_declined(product: Product) -> None:
    talk = in_the_second_half(product)
    assert talk.say_all("175 70kg穿多大", "合身", "不用了").outcomes == {"social"}
    assert talk.say("好的").outcomes == {"social"}


def test_the_coupon_is_asked_for_before_the_yes(product: Product, shop: Session) -> None:
    bundle = bundle_of(shop, "GZ2101")
    assert bundle.coupon is not None
    talk = in_the_second_half(product)
    answer = talk.say_all("175 70kg穿多大", "合身", "有什么优惠券可以领", "好的")
    assert bundle.coupon.title in answer.text, str(talk)


@pytest.mark.parametrize(
    "question",
    ["这个是什么面料的", "包邮吗", "到手多少钱", "黑色还有货吗", "有优惠券吗", "谢谢", "支持七天无理由退货吗"],
)
def test_digression_is_answered_and_the_form_goes_on(product: Product, shop: Session, question: str) -> None:
    talk = product.visit(**PAGE)
    asked = talk.say("我该穿什么码")
    answer = talk.say(question)
    assert asked.text in answer.text, str(talk)
    assert answer.text != asked.text, str(talk)
    final = talk.say_all("175 70kg", "合身")
    assert advice_for(shop, "GZ2101", "175", "70").reason in final.text, str(talk)


def test_digression_to_an_order_and_back(product: Product) -> None:
    talk = product.visit(**PAGE, customer="C002")
    asked = talk.say("我该穿什么码")
    answer = talk.say("我的快递到哪了")
    assert answer.cards("order")
    assert asked.text in answer.text


@pytest.mark.parametrize("no", ["算了不选了", "不用了", "我再考虑考虑"])
def test_cancellation(product: Product, no: str) -> None:
    talk = product.visit(**PAGE)
    talk.say("我该穿什么码")
    assert talk.say(no).outcomes == {"social"}, str(talk)
    # The form is over: a word of thanks is not followed by its question.
    assert talk.say("谢谢").outcomes == {"social"}


def test_who_does_not_want_it_any_more_is_asked_why(product: Product) -> None:
    talk = product.visit(**PAGE)
    talk.say("我该穿什么码")
    answer = talk.say("不买了")
    assert {capsule.title for capsule in answer.capsules} >= {"价格高了", "尺码不合适"}
    assert talk.say("谢谢").outcomes == {"social"}


@pytest.mark.parametrize("nonsense", ["身高18米", "身高999", "体重900公斤", "床前明月光", "好的"])
def test_invalid_is_asked_again(product: Product, shop: Session, nonsense: str) -> None:
    talk = product.visit(**PAGE)
    talk.say("我该穿什么码")
    answer = talk.say(nonsense)
    assert "asked_back" in answer.outcomes, str(talk)
    final = talk.say_all("175 70kg", "合身")
    assert advice_for(shop, "GZ2101", "175", "70").reason in final.text, str(talk)


def test_a_product_that_there_is_not_is_asked_again(product: Product, shop: Session) -> None:
    talk = product.visit()
    talk.say("我该穿多大的裤子")
    assert talk.say("GZ9999").outcomes == {"asked_back"}
    final = talk.say_all("GZ2101", "175 70kg", "合身")
    assert advice_for(shop, "GZ2101", "175", "70").reason in final.text, str(talk)
