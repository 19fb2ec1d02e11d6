"""Charts as they are read from the shop, and how measures are said."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from sixty.shop.catalogue import find_product
from sixty.shop.models import BODY_PARTS, Product, SizeChart, SizeRow, Sku
from sixty.shop.size_charts import Body, ChartRow, Range, chart_of, may_be_one_child, say_age


def product_of(shop: Session, no: str) -> Product:
    found = find_product(shop, no)
    assert found is not None
    return found


def _range(low: str, high: str) -> Range:
    return Range(Decimal(low), Decimal(high))


def gloves(shop: Session, *sizes: str) -> Product:
    """A product of the kind 手套 that names no chart."""
    skus = [Sku(code=f"G-{size}", size=size, stock=1, list_price=Decimal(9), price=Decimal(9)) for size in sizes]
    product = Product(no="G1", name="手套", category="工装", kind="手套", brand="山工", skus=skus)
    shop.add(product)
    shop.flush()
    return product


def chart_for(shop: Session, category: str, *sizes: str) -> None:
    rows = [
        SizeRow(ordinal=number, size=size, chest_min=Decimal(number), chest_max=Decimal(number + 1))
        for number, size in enumerate(sizes)
    ]
    shop.add(SizeChart(id=f"of {category}", name=category, category=category, rows=rows))
    shop.flush()


def test_a_chart_is_read_with_its_decimals(shop: Session) -> None:
    chart = chart_of(shop, product_of(shop, "GZ2101"))
    assert chart is not None
    assert chart.rows[-1] == ChartRow("2XL", _range("178", "188"), _range("78", "92.5"))
    assert chart.parts == ("height", "weight")


def test_every_measure_is_read(shop: Session) -> None:
    row = SizeRow(ordinal=0, size="M")
    for number, part in enumerate(BODY_PARTS):
        setattr(row, f"{part}_min", Decimal(number))
        setattr(row, f"{part}_max", Decimal(number) + Decimal("0.5"))
    shop.add(SizeChart(id="all", name="样样都有", category="手套", rows=[row]))
    chart = chart_of(shop, gloves(shop, "M"))
    assert chart is not None
    assert chart.parts == BODY_PARTS
    assert [chart.rows[0].of(part) for part in BODY_PARTS] == [_range(str(n), f"{n}.5") for n in range(6)]


def test_a_product_without_chart_has_none(shop: Session) -> None:
    assert chart_of(shop, product_of(shop, "SM1101")) is None


def test_the_chart_of_the_kind_comes_before_that_of_the_category(shop: Session) -> None:
    product = gloves(shop, "M", "L")
    assert chart_of(shop, product) is None
    chart_for(shop, "工装", "M", "L")
    chart = chart_of(shop, product)
    assert chart is not None
    assert chart.name == "工装"
    chart_for(shop, "手套", "L", "M", "XL")
    chart = chart_of(shop, product)
    assert chart is not None
    assert chart.name == "手套"
    assert [row.size for row in chart.rows] == ["L", "M"], "only what it is made in"


def test_the_chart_of_a_category_is_for_those_whose_sizes_it_knows(shop: Session) -> None:
    chart_for(shop, "工装", "M", "L")
    assert chart_of(shop, gloves(shop, "M", "42")) is None


def test_the_own_chart_comes_first(shop: Session) -> None:
    trousers = product_of(shop, "GZ2101")
    chart_for(shop, trousers.kind, "M", "L", "XL", "2XL")
    chart = chart_of(shop, trousers)
    assert chart is not None
    assert chart.name == "男款工装裤"


@pytest.mark.parametrize(
    ("years", "said"),
    [
        ("0", "1个月"),
        ("0.08", "1个月"),
        ("0.67", "8个月"),
        ("1", "1岁"),
        ("1.25", "1岁3个月"),
        ("3.5", "3岁半"),
        ("5", "5岁"),
        ("5.3", "5岁"),
        ("41", "41岁"),
    ],
)
def test_an_age_is_said_as_parents_do(years: str, said: str) -> None:
    assert say_age(Decimal(years)) == said


def test_a_body_says_its_measures() -> None:
    body = Body(Decimal(175), Decimal("70.5"), waist=Decimal(80), foot=Decimal("24.5"), age=Decimal(3))
    assert body.say() == "175cm、70.5kg、腰围80cm、脚长24.5cm、3岁"
    assert body.only(["waist"]) == Body(waist=Decimal(80))


@pytest.mark.parametrize(
    ("age", "height", "may"),
    [
        *[("0.1", 55, True), ("1", 76, True), ("3", 97, True), ("7", 122, True), ("14", 165, True), ("40", 175, True)],
        *[("3", 175, False), ("8", 85, False), ("0.5", 110, False), ("40", 95, False)],
    ],
)
def test_whether_an_age_and_a_height_are_one_persons(age: str, height: int, *, may: bool) -> None:
    assert may_be_one_child(Decimal(age), Decimal(height)) is may


@given(st.decimals(0, 110, places=2))
def test_everybody_may_be_some_height(age: Decimal) -> None:
    assert any(may_be_one_child(age, Decimal(height)) for height in range(40, 200))
