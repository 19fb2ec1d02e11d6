from __future__ import annotations

from pathlib import Path

import pytest

from sixty.errors import OperatorError
from sixty.nlu.catalogue_words import read_aliases
from sixty.nlu.product_names import ProductNames, read_product_names


def read(tmp_path: Path, name: str, content: str) -> list[ProductNames]:
    (tmp_path / name).write_text(content, encoding="utf-8")
    return list(read_product_names(tmp_path))


def test_lists_and_lines_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    listed = read(tmp_path / "a", "x.yml", "- {no: gz1, name: 裤, brand: 拓野, skus: [{color: 黑色}, {spec: 大}]}\n")
    lines = read(tmp_path / "b", "x.jsonl", '{"no": "gz1", "name": "裤", "brand": "拓野", "colors": ["黑色"]}\n\n')
    assert listed == lines == [ProductNames("GZ1", "裤", brand="拓野", colors=("黑色",))]


def test_colors_of_variants_and_keys_of_attributes(tmp_path: Path) -> None:
    (product,) = read(
        tmp_path,
        "x.yml",
        "- {no: A1, name: 裤, variants: {colors: [黑色, 卡其]}, attributes: {材质: {value: 棉}, 克重: {value: 1}}}",
    )
    assert product.colors == ("黑色", "卡其")
    assert product.attributes == ("材质", "克重")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.yml", "- {no: A1}", "x.yml, product 1: the product A1 has no name"),
        ("x.yml", "- {name: 裤}", "product 1: the product 裤 has no no"),
        ("x.yml", "- 裤", "product 1: a product has keys"),
        ("x.yml", "no: A1", "is no list of products"),
        ("x.yml", "- {no: [", "is no YAML"),
        ("x.yml", "- {no: A1, name: 裤, aliases: 长裤}", "aliases of A1 is one text where a list is expected"),
        ("x.yml", "- {no: A1, name: 裤, listings: [jd]}", "product 1"),
        ("x.jsonl", '{"no": "A1", "name": "裤"}\n{"no"', "x.jsonl:2"),
        ("x.jsonl", '{"no": "A1"}', "x.jsonl:1: the product A1 has no name"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, name: str, content: str, said: str) -> None:
    with pytest.raises(OperatorError) as raised:
        read(tmp_path, name, content)
    assert said in str(raised.value)


def test_aliases(tmp_path: Path) -> None:
    path = tmp_path / "aliases.yml"
    path.write_text("color: {黑色: [墨黑]}\nbrand:\n", encoding="utf-8")
    assert read_aliases(path) == {"color": {"黑色": ("墨黑",)}}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "There is no file"),
        ("- x", "does not begin with entities"),
        ("colour: {黑色: [墨黑]}", "colour has no aliases. Write one of kind, brand, category, color, attribute"),
        ("color: 黑色", "below color stands no"),
        ("color: {黑色: 墨黑}", "the words for 黑色 are no list"),
        ("color: {", "is no YAML"),
    ],
)
def test_wrong_aliases_are_named(tmp_path: Path, content: str | None, said: str) -> None:
    path = tmp_path / "aliases.yml"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(OperatorError) as raised:
        read_aliases(path)
    assert said in str(raised.value)
