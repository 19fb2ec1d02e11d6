from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from sixty.desk.picture_shapes import NEUTRAL_SHAPE, SHAPE_OF_CATEGORY, SHAPE_OF_WORD, SHAPES, shape_for
from sixty.desk.pictures import neutral_picture, outfit_picture, product_picture

DEMO_PRODUCTS = Path(__file__).parents[2] / "playbook" / "demo" / "products"


@pytest.mark.parametrize("word", [word for word, _ in SHAPE_OF_WORD])
@pytest.mark.parametrize("color", ["黑色", "白色", ""])
def test_every_shape_is_a_drawing(word: str, color: str) -> None:
    drawn = product_picture("某商品", word, "工装", color)
    assert ElementTree.fromstring(drawn).tag.endswith("svg")
    assert "{" not in drawn


def test_no_shape_is_forgotten() -> None:
    used = {shape for _, shape in SHAPE_OF_WORD} | set(SHAPE_OF_CATEGORY.values()) | {NEUTRAL_SHAPE}
    assert used == set(SHAPES)


def test_names_are_escaped() -> None:
    drawn = product_picture('<script>alert("&")</script>', "<b>", "</svg>", '"><x')
    title = ElementTree.fromstring(drawn).find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert title.text == '<script>alert("&")</script>'
    assert "<script" not in drawn


def test_colours_and_kinds_tell_products_apart() -> None:
    drawn = {
        product_picture("x", kind, "工装", color) for kind in ("工装裤", "劳保鞋") for color in ("卡其", "藏青", "白色")
    }
    assert len(drawn) == 6


def test_what_is_unknown_is_neutral_or_stands_for_its_category() -> None:
    assert shape_for("量子纠缠仪", "什么都不是") == NEUTRAL_SHAPE
    assert shape_for("量子纠缠仪", "文具") == SHAPE_OF_CATEGORY["文具"]
    assert "商品" in neutral_picture()


def test_the_demo_shop_has_a_shape_for_each_of_its_kinds() -> None:
    kinds = {
        product["kind"]
        for file in DEMO_PRODUCTS.glob("*.yml")
        for product in yaml.safe_load(file.read_text(encoding="utf-8"))
    }
    assert not {kind for kind in kinds if not any(word in kind for word, _ in SHAPE_OF_WORD)}


def test_an_outfit_is_one_picture_of_several() -> None:
    parts = [product_picture(name, "工装裤", "工装", "卡其") for name in ("一", "二", "三", "四", "五", "六")]
    drawn = ElementTree.fromstring(outfit_picture("一身<搭配>", parts))
    inside = drawn.findall("{http://www.w3.org/2000/svg}svg")
    # The first one and four others: more would be too small to see.
    assert len(inside) == 5
    assert [each.get("x") for each in inside] == ["0", "160", "160", "160", "160"]
    assert sum(int(each.get("height", "0")) for each in inside[1:]) == 240
    alone = ElementTree.fromstring(outfit_picture("一件", parts[:1])).find("{http://www.w3.org/2000/svg}svg")
    assert alone is not None
    assert alone.get("width") == "240"
