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
from sixty.shop.models import Product
from sixty.shop.sizes import advise_size, chart_of, substitute_for

Begin = Callable[..., Any]

TROUSERS, DIAPERS, WITHOUT_CHART, OFF_SALE = "GZ2101", "MY3101", "SX1101", "GZ2098"


def product_of(shop: Session, no: str) -> Product:
    found = find_product(shop, no)
    assert found is not None
    return found


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


@pytest.mark.parametrize(("slot", "example"), [("height", "175"), ("weight", "140斤")])
@pytest.mark.parametrize("nonsense", ["300000", "0", "-170", "高个子", "NaN", "Infinity", "1e999", [], {}, True, ""])
def test_nonsense_is_asked_again_with_an_example(
    chat: Begin, registry: dict[str, Any], slot: str, example: str, nonsense: Any
) -> None:
    kept, said = validated(chat, registry, slot, nonsense)
    assert kept is None
    assert example in said


@pytest.mark.parametrize("slot", ["height", "weight"])
def test_a_slot_that_was_taken_back_is_no_nonsense(chat: Begin, registry: dict[str, Any], slot: str) -> None:
    assert validated(chat, registry, slot, None) == (None, "")


def test_a_bare_weight_is_read_in_the_unit_that_suits_the_height(chat: Begin, registry: dict[str, Any]) -> None:
    assert Decimal(validated(chat, registry, "weight", "140", requested="weight", height="175")[0]) == 70
    assert Decimal(validated(chat, registry, "weight", "70", requested="weight", height="175")[0]) == 70
    assert Decimal(validated(chat, registry, "weight", "36", requested="weight", height="110")[0]) == 18
    # Read with its unit already: 110 kg stay.
    assert Decimal(validated(chat, registry, "weight", "110", height="175")[0]) == 110


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
@pytest.mark.parametrize("slot", ["height", "weight", "fit", "product_no"])
def test_validators_never_raise(chat: Begin, registry: dict[str, Any], slot: str, value: Any) -> None:
    kept, _ = validated(chat, registry, slot, value)
    assert kept is None or isinstance(kept, str)


async def test_only_what_the_chart_needs_is_asked(chat: Begin, registry: dict[str, Any]) -> None:
    async def required(**options: Any) -> list[str]:
        talk = chat(loop="size_form", **options)
        tracker = talk.tracker(talk.user("ask_size"))
        slots: list[str] = await registry["validate_size_form"].required_slots(
            ["product_no", "height", "weight", "fit"], CollectingDispatcher(), tracker, {}
        )
        return slots

    assert await required() == ["product_no"]
    assert await required(slots={"product_no": TROUSERS}) == ["product_no", "height", "weight", "fit"]
    assert await required(slots={"product_no": DIAPERS}) == ["product_no", "weight"]
    assert await required(slots={"product_no": WITHOUT_CHART}) == []
    assert await required(entry="product", product_no=TROUSERS) == ["height", "weight", "fit"]
    assert await required(slots={"product_no": OFF_SALE}) == ["product_no", "height", "weight", "fit"]


@pytest.mark.parametrize("fit", ["loose", "regular", "slim", None, "nonsense"])
@pytest.mark.parametrize(("height", "weight"), [("175", "70"), ("168", "52.5"), (["160", "182"], "84")])
async def test_the_advice_is_the_shops(chat: Begin, shop: Session, fit: str | None, height: Any, weight: str) -> None:
    product = product_of(shop, TROUSERS)
    chart = chart_of(shop, product)
    assert chart is not None
    slots = {"product_no": TROUSERS, "height": height, "weight": weight, "fit": fit}
    said = await chat(slots=slots).run("action_recommend_size", "inform")
    centimetres = Decimal(height[-1] if isinstance(height, list) else height)
    wish: Any = fit if fit in ("loose", "slim") else "regular"
    advice = advise_size(chart, centimetres, Decimal(weight), wish, product.runs)
    assert advice.size is not None
    assert said.text == advice.reason
    assert (said.slot("product_no"), said.slot("awaiting")) == (TROUSERS, None)


async def test_who_fits_into_no_size_is_shown_what_fits(chat: Begin, shop: Session) -> None:
    slots = {"product_no": TROUSERS, "height": "180", "weight": "115", "fit": "regular"}
    instead = substitute_for(shop, product_of(shop, TROUSERS), Decimal(180), Decimal(115))
    assert instead is not None
    said = await chat(slots=slots).run("action_recommend_size", "inform")
    assert [card["no"] for card in said.cards] == [instead.no] == [said.slot("product_no")]


async def test_who_fits_into_nothing_is_told_so(chat: Begin, shop: Session) -> None:
    slots = {"product_no": TROUSERS, "height": "120", "weight": "190", "fit": "regular"}
    if substitute_for(shop, product_of(shop, TROUSERS), Decimal(120), Decimal(190)) is None:
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
    chart = chart_of(shop, product_of(shop, DIAPERS))
    assert chart is not None
    advice = advise_size(chart, None, Decimal("9.5"), "regular", product_of(shop, DIAPERS).runs)
    assert said.text == advice.reason


async def test_every_product_without_sizes_gets_a_sentence(chat: Begin, shop: Session) -> None:
    for product in shop.scalars(select(Product).where(Product.status == "on_sale")):
        if chart_of(shop, product) is None:
            said = await chat(slots={"product_no": product.no}).run("action_recommend_size", "ask_size")
            assert len(said.texts) == 1


@pytest.mark.parametrize("given", [{}, {"product": "GZ9999"}, {"product_link": "jd:1"}])
async def test_the_forms_question_for_the_product(chat: Begin, given: dict[str, str]) -> None:
    said = await chat(loop="size_form").run("action_ask_product_no", "ask_size", **given)
    assert said.outcomes == ["asked_back"]
    assert ("没找到" in said.text) == bool(given)
    assert said.buttons
