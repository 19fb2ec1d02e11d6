"""The size form and its advice."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.catalogue import find_product, successor
from sixty.shop.database import shop_session
from sixty.shop.models import Product
from sixty.shop.size_charts import Body
from sixty.shop.size_guides import SizeGuide, guide_of, substitute_for

Begin = Callable[..., Any]

TROUSERS, DIAPERS, WITHOUT_CHART, OFF_SALE = "GZ2101", "MY3101", "SX1101", "GZ2098"
SHOES, CHILDREN, TOP = "GZ5101", "MY2103", "GZ3101"


def product_of(shop: Session, no: str) -> Product:
    found = find_product(shop, no)
    assert found is not None
    return found


def guide_for(shop: Session, no: str) -> SizeGuide:
    guide = guide_of(shop, product_of(shop, no))
    assert guide is not None
    return guide


def validated(
    chat: Begin, registry: dict[str, Any], slot: str, value: Any, requested: str | None = None, **slots: Any
) -> tuple[Any, str]:
    """What the form makes of a value, and what it says to it."""
    talk = chat(slots={**slots, "requested_slot": requested or slot}, loop="size_form")
    entities = {"number": value} if requested else {}
    dispatcher = CollectingDispatcher()
    form = registry["validate_size_form"]
    result = getattr(form, f"validate_{slot}")(value, dispatcher, talk.tracker(talk.user("inform", **entities)), {})
    return result[slot], "".join(str(message["text"]) for message in dispatcher.messages)


@pytest.mark.parametrize(
    ("value", "height"),
    [
        ("175", "175"),
        ("1.75", "175"),
        ("172.5", "172.5"),
        (["160", "175"], "175"),
        (175, "175"),
        ("0.9", "90"),
        (170, "170"),
    ],
)
def test_a_height_in_any_form(chat: Begin, registry: dict[str, Any], value: Any, height: str) -> None:
    kept, said = validated(chat, registry, "height", value)
    assert (Decimal(kept), said) == (Decimal(height), "")
    assert "E" not in kept


@pytest.mark.parametrize(
    ("slot", "example"),
    [
        *[("height", "175"), ("weight", "140斤"), ("chest", "92厘米"), ("waist", "二尺四")],
        *[("foot", "24.5厘米"), ("age", "8个月")],
    ],
)
@pytest.mark.parametrize("nonsense", ["300000", "0", "-170", "高个子", "NaN", "Infinity", "1e999", [], {}, True, ""])
def test_nonsense_is_asked_again_with_an_example(
    chat: Begin, registry: dict[str, Any], slot: str, example: str, nonsense: Any
) -> None:
    kept, said = validated(chat, registry, slot, nonsense)
    assert kept is None
    assert example in said


@pytest.mark.parametrize("slot", ["height", "weight", "chest", "waist", "foot", "age"])
def test_a_slot_that_was_taken_back_is_no_nonsense(chat: Begin, registry: dict[str, Any], slot: str) -> None:
    assert validated(chat, registry, slot, None) == (None, "")


def test_a_bare_weight_is_read_in_the_unit_that_suits_the_height(chat: Begin, registry: dict[str, Any]) -> None:
    assert Decimal(validated(chat, registry, "weight", "140", requested="weight", height="175")[0]) == 70
    assert Decimal(validated(chat, registry, "weight", "70", requested="weight", height="175")[0]) == 70
    assert Decimal(validated(chat, registry, "weight", "36", requested="weight", height="110")[0]) == 18
    # Read with its unit already: 110 kg stay.
    assert Decimal(validated(chat, registry, "weight", "110", height="175")[0]) == 110


@pytest.mark.parametrize(
    ("value", "foot"), [("24.5", "24.5"), ("245", "24.5"), (["22", "25"], "25"), ("41", "25.5"), ("41码", "25.5")]
)
def test_a_foot_in_any_form(chat: Begin, registry: dict[str, Any], value: Any, foot: str) -> None:
    kept, said = validated(chat, registry, "foot", value, requested="foot")
    assert kept == foot
    # Whoever tells a size instead hears what it was taken for.
    assert ("41码对应的脚长是25.5厘米" in said) == (value in ("41", "41码"))


def test_what_is_called_the_length_of_a_foot_and_is_none_is_asked_again(chat: Begin, registry: dict[str, Any]) -> None:
    kept, said = validated(chat, registry, "foot", "88")
    assert kept is None
    assert "脚长好像不太对" in said


@pytest.mark.parametrize(
    ("value", "fit"),
    [("loose", "loose"), (["regular", "slim"], "slim"), ("宽", None), (None, None), ([], None)],
)
def test_a_fit_is_one_of_three(chat: Begin, registry: dict[str, Any], value: Any, fit: str | None) -> None:
    assert validated(chat, registry, "fit", value)[0] == fit


@pytest.mark.parametrize(
    ("value", "number"),
    [("gz2101", TROUSERS), (["SM4011", TROUSERS], TROUSERS), ("GZ9999", None), (None, None)],
)
def test_a_product_is_one_of_the_catalogue(
    chat: Begin, registry: dict[str, Any], value: Any, number: str | None
) -> None:
    assert validated(chat, registry, "product_no", value)[0] == number


VALUES = st.none() | st.text(max_size=8) | st.floats() | st.integers() | st.lists(st.text(max_size=3), max_size=2)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=VALUES)
@pytest.mark.parametrize("slot", ["height", "weight", "chest", "waist", "foot", "age", "fit", "product_no"])
def test_validators_never_raise(chat: Begin, registry: dict[str, Any], slot: str, value: Any) -> None:
    kept, _ = validated(chat, registry, slot, value)
    assert kept is None or isinstance(kept, str)


FORM = ("product_no", "height", "weight", "chest", "waist", "foot", "age", "fit")


async def test_only_what_the_chart_needs_is_asked(chat: Begin, registry: dict[str, Any]) -> None:
    async def required(**options: Any) -> list[str]:
        talk = chat(loop="size_form", **options)
        talk.come_in()
        tracker = talk.tracker(talk.user("ask_size"))
        slots: list[str] = await registry["validate_size_form"].required_slots(
            list(FORM), CollectingDispatcher(), tracker, {}
        )
        return slots

    assert await required() == ["product_no"]
    assert await required(slots={"product_no": TROUSERS}) == ["product_no", "height", "weight", "fit"]
    assert await required(slots={"product_no": DIAPERS}) == ["product_no", "weight"]
    assert await required(slots={"product_no": WITHOUT_CHART}) == []
    assert await required(slots={"product_no": SHOES}) == ["product_no", "foot"]
    assert await required(slots={"product_no": CHILDREN}) == ["product_no", "height"]
    assert await required(slots={"product_no": CHILDREN, "age": "3"}) == ["product_no", "age"]
    assert await required(slots={"product_no": TROUSERS, "waist": "80"}) == [
        *["product_no", "height", "weight", "waist", "fit"]
    ]
    assert await required(entry="product", product_no=TROUSERS) == ["height", "weight", "fit"]
    assert await required(slots={"product_no": OFF_SALE}) == ["product_no", "height", "weight", "fit"]


@pytest.mark.parametrize("fit", ["loose", "regular", "slim", None, "nonsense"])
@pytest.mark.parametrize(("height", "weight"), [("175", "70"), ("168", "52.5"), (["160", "182"], "84")])
async def test_the_advice_is_the_shops(chat: Begin, shop: Session, fit: str | None, height: Any, weight: str) -> None:
    slots = {"product_no": TROUSERS, "height": height, "weight": weight, "fit": fit}
    said = await chat(slots=slots).run("action_recommend_size", "inform")
    centimetres = Decimal(height[-1] if isinstance(height, list) else height)
    wish: Any = fit if fit in ("loose", "slim") else "regular"
    advice = guide_for(shop, TROUSERS).advise(Body(centimetres, Decimal(weight)), wish)
    assert advice.size is not None
    assert said.text == advice.reason
    assert (said.slot("product_no"), said.slot("awaiting")) == (TROUSERS, None)


async def test_who_fits_into_no_size_is_shown_what_fits(chat: Begin, shop: Session) -> None:
    slots = {"product_no": TROUSERS, "height": "180", "weight": "115", "fit": "regular"}
    instead = substitute_for(shop, product_of(shop, TROUSERS), Body(Decimal(180), Decimal(115)))
    assert instead is not None
    said = await chat(slots=slots).run("action_recommend_size", "inform")
    assert [card["no"] for card in said.cards] == [instead.no] == [said.slot("product_no")]


async def test_who_fits_into_nothing_is_told_so(chat: Begin, shop: Session) -> None:
    slots = {"product_no": TROUSERS, "height": "120", "weight": "190", "fit": "regular"}
    if substitute_for(shop, product_of(shop, TROUSERS), Body(Decimal(120), Decimal(190))) is None:
        said = await chat(slots=slots).run("action_recommend_size", "inform")
        assert said.cards == []
        assert "不建议" in said.text


async def test_what_is_off_sale_is_advised_on_by_what_replaces_it(chat: Begin, shop: Session) -> None:
    newer = successor(shop, product_of(shop, OFF_SALE))
    assert newer is not None
    slots = {"product_no": OFF_SALE, "height": "175", "weight": "70", "fit": "regular"}
    assert (await chat(slots=slots).run("action_recommend_size", "inform")).slot("product_no") == newer.no


@pytest.mark.parametrize("missing", ["height", "weight"])
async def test_a_form_that_ran_through_empty_is_not_trusted(chat: Begin, missing: str) -> None:
    slots = {"product_no": TROUSERS, "height": "175", "weight": "70", "fit": "regular", missing: None}
    said = await chat(slots=slots).run("action_recommend_size", "inform")
    assert said.outcomes == ["asked_back"]


async def test_nappies_know_no_height(chat: Begin, shop: Session) -> None:
    said = await chat(slots={"product_no": DIAPERS, "weight": "9.5"}).run("action_recommend_size", "inform")
    assert said.text == guide_for(shop, DIAPERS).advise(Body(weight=Decimal("9.5"))).reason


@pytest.mark.parametrize(
    ("no", "slots", "body"),
    [
        (SHOES, {"foot": "25.5"}, Body(foot=Decimal("25.5"))),
        (SHOES, {"foot": "25.5", "height": "175"}, Body(foot=Decimal("25.5"))),
        (CHILDREN, {"height": "105"}, Body(height=Decimal(105))),
        (CHILDREN, {"age": "4"}, Body(age=Decimal(4))),
        (CHILDREN, {"age": "4", "height": "98"}, Body(height=Decimal(98), age=Decimal(4))),
        # Nobody of 4 years is 175 cm tall: that was told of the mother.
        (TROUSERS, {"age": "4", "height": "175", "weight": "70"}, Body(Decimal(175), Decimal(70))),
        (
            TROUSERS,
            {"height": "175", "weight": "70", "waist": "92"},
            Body(Decimal(175), Decimal(70), waist=Decimal(92)),
        ),
        (TOP, {"height": "175", "weight": "70", "chest": "104"}, Body(Decimal(175), Decimal(70), chest=Decimal(104))),
        # What is nobody's measure counts as not told.
        (TOP, {"height": "175", "weight": "70", "chest": "999"}, Body(Decimal(175), Decimal(70))),
    ],
)
async def test_shoes_children_and_girths(
    chat: Begin, shop: Session, no: str, slots: dict[str, str], body: Body
) -> None:
    said = await chat(slots={"product_no": no, **slots}).run("action_recommend_size", "inform")
    advice = guide_for(shop, no).advise(body)
    assert advice.size is not None
    assert said.texts[0] == advice.reason


async def test_a_childs_age_does_not_go_with_its_mothers_height(chat: Begin, shop: Session) -> None:
    talk = chat(slots={"product_no": TROUSERS, "height": "165", "weight": "55", "fit": "regular"})
    await talk.run("action_recommend_size", "ask_size", height="165", weight="55")
    talk.events.append({"event": "active_loop", "name": None})
    talk.slots |= {"product_no": CHILDREN, "age": "4"}
    said = await talk.run("action_recommend_size", "ask_size", age="4")
    assert said.texts[0] == guide_for(shop, CHILDREN).advise(Body(age=Decimal(4))).reason


async def test_a_girth_was_of_the_one_whose_height_and_weight_it_came_with(chat: Begin, shop: Session) -> None:
    talk = chat(slots={"product_no": TROUSERS, "height": "165", "weight": "55", "waist": "100", "fit": "regular"})
    first = await talk.run("action_recommend_size", "ask_size", height="165", weight="55", waist="100")
    wide = Body(Decimal(165), Decimal(55), waist=Decimal(100))
    assert first.texts[0] == guide_for(shop, TROUSERS).advise(wide).reason
    talk.events.append({"event": "active_loop", "name": None})
    # A height alone corrects; height and weight are another person's.
    talk.slots |= {"height": "168"}
    corrected = await talk.run("action_recommend_size", "inform", height="168")
    wide = Body(Decimal(168), Decimal(55), waist=Decimal(100))
    assert corrected.texts[0] == guide_for(shop, TROUSERS).advise(wide).reason
    talk.events.append({"event": "active_loop", "name": None})
    talk.slots |= {"height": "175", "weight": "70"}
    other = await talk.run("action_recommend_size", "inform", height="175", weight="70")
    assert other.texts[0] == guide_for(shop, TROUSERS).advise(Body(Decimal(175), Decimal(70))).reason


@pytest.mark.parametrize(("no", "missing", "named"), [(SHOES, "foot", "脚长"), (CHILDREN, "height", "身高")])
async def test_what_is_missing_is_named(chat: Begin, no: str, missing: str, named: str) -> None:
    said = await chat(slots={"product_no": no, missing: None}).run("action_recommend_size", "inform")
    assert said.outcomes == ["asked_back"]
    assert named in said.text


@pytest.mark.parametrize(("no", "response"), [(TROUSERS, "utter_ask_body"), (CHILDREN, "utter_ask_child")])
async def test_the_height_is_asked_for_as_it_suits_the_product(chat: Begin, no: str, response: str) -> None:
    said = await chat(slots={"product_no": no}, loop="size_form").run("action_ask_height", "ask_size")
    assert said.responses == [response]


async def test_a_size_that_is_sold_out_is_told_so(chat: Begin, shop: Session) -> None:
    advice = guide_for(shop, SHOES).advise(Body(foot=Decimal("25.5")))
    assert advice.size is not None
    with shop_session() as writing:
        for sku in product_of(writing, SHOES).skus:
            sku.stock = 0 if sku.size == advice.size else sku.stock
    said = await chat(slots={"product_no": SHOES, "foot": "25.5"}).run("action_recommend_size", "inform")
    assert f"{advice.size}码现在断货了" in said.text


async def test_a_waist_begins_the_form(chat: Begin) -> None:
    said = await chat(slots={"product_no": TROUSERS}).run("action_continue", "inform", waist="85")
    assert [event["name"] for event in said.events if event["event"] == "followup"] == ["size_form"]


async def test_every_product_without_sizes_gets_a_sentence(chat: Begin, shop: Session) -> None:
    for product in shop.scalars(select(Product).where(Product.status == "on_sale")):
        if guide_of(shop, product) is None:
            said = await chat(slots={"product_no": product.no}).run("action_recommend_size", "ask_size")
            assert len(said.texts) == 1


@pytest.mark.parametrize("given", [{}, {"product": "GZ9999"}, {"product_link": "jd:1"}])
async def test_the_forms_question_for_the_product(chat: Begin, given: dict[str, str]) -> None:
    said = await chat(loop="size_form").run("action_ask_product_no", "ask_size", **given)
    assert said.outcomes == ["asked_back"]
    assert ("没找到" in said.text) == bool(given)
    assert said.buttons


async def test_which_product_is_asked_once_a_turn(chat: Begin) -> None:
    talk = chat(loop="size_form")
    first = await talk.run("action_product_card", "ask_price", "多少钱")
    assert first.outcomes == ["asked_back"]
    form = await talk.act("action_ask_product_no", talk.latest)
    assert form.messages == []
    assert form.slot("awaiting") == first.slot("awaiting")
    again = await talk.run("action_ask_product_no", "ask_size", "我该穿什么码")
    assert again.texts == first.texts
