from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.nlu.catalogue_matcher import CatalogueMatcher, ProductNames, read_product_names
from sixty.nlu.normal_form import normal_form

PRODUCTS = [
    ProductNames("GZ2101", "多口袋工装裤", "工装裤", ("口袋裤", "工装裤"), {"taobao": "681203457712"}),
    ProductNames("GZ2102", "束脚工装裤", "工装裤", ("束脚裤",), {"jd": "100045120993"}),
    ProductNames("GZ3101", "白色重磅T恤", "T恤", ("重磅T恤", "打底"), {"tmall": "700000000001"}),
    ProductNames("GZ3102", "速干T恤", "T恤", ("打底",)),
    ProductNames("MY1101", "宽口奶瓶", "奶瓶", ("奶瓶",)),
    ProductNames("MY1102", "奶瓶刷", "清洁刷"),
    ProductNames("SM4010", "挂脖耳机", "耳机"),
    ProductNames("SM4011", "降噪耳机", "蓝牙耳机", ("耳机",)),
]


@pytest.fixture(scope="module")
def matcher() -> CatalogueMatcher:
    return CatalogueMatcher(PRODUCTS)


def found(matcher: CatalogueMatcher, text: str) -> list[tuple[str, str]]:
    return [(item.entity, item.value) for item in matcher.find(normal_form(text))]


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("https://item.taobao.com/item.htm?id=681203457712 这个有货吗", [("product", "GZ2101")]),
        ("https://detail.tmall.com/item.htm?id=681203457712&skuId=1", [("product", "GZ2101")]),
        ("https://h5.m.taobao.com/awp/core/detail.htm?id=700000000001", [("product", "GZ3101")]),
        ("https://item.m.jd.com/product/100045120993.html?gx=Rn", [("product", "GZ2102")]),
        ("item.jd.com/100045120993.html", [("product", "GZ2102")]),
        ("http://localhost:8600/?entry=product&product=GZ2101", [("product", "GZ2101")]),
        ("https://item.jd.com/999999.html", [("product_link", "jd:999999")]),
        ("https://item.taobao.com/item.htm?id=100045120993", [("product_link", "taobao:100045120993")]),
        ("https://www.example.com/about", []),
        ("看https://item.jd.com/100045120993.html和GZ2101", [("product", "GZ2102"), ("product", "GZ2101")]),
    ],
)
def test_links(matcher: CatalogueMatcher, text: str, findings: list[tuple[str, str]]) -> None:
    assert found(matcher, text) == findings


@pytest.mark.parametrize("text", ["gz2101", "看看Gz2101有货吗", "ＧＺ２１０１", "GZ 2101", "gz-2101多少钱"])
def test_article_numbers_in_any_writing(matcher: CatalogueMatcher, text: str) -> None:
    assert found(matcher, text) == [("product", "GZ2101")]


def test_a_mistyped_article_number_is_kept_for_the_question_and_others_are_not(matcher: CatalogueMatcher) -> None:
    assert found(matcher, "GZ9999") == [("product", "GZ9999")]
    assert found(matcher, "CR2032电池") == []
    assert found(matcher, "XGZ2101 GZ21011 in 2026") == []


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("多口袋工装裤怎么洗", [("product", "GZ2101")]),
        ("多口袋 工装裤", [("product", "GZ2101")]),  # a blank inside a name
        ("口袋裤和束脚裤", [("product", "GZ2101"), ("product", "GZ2102")]),
        ("有工装裤吗", [("kind", "工装裤")]),  # a nickname of one, the sort of two
        ("工装 裤", [("kind", "工装裤")]),
        ("打底有吗", [("kind", "打底")]),  # a nickname of two
        ("重磅t恤", [("product", "GZ3101")]),
        ("t恤", [("kind", "T恤")]),
        ("奶瓶", [("product", "MY1101")]),  # the only one of its sort
        ("奶瓶刷", [("product", "MY1102")]),  # the longest name wins
        ("耳机", [("kind", "耳机")]),  # one's nickname, another's sort
        ("蓝牙耳机", [("kind", "蓝牙耳机")]),
        ("你好", []),
    ],
)
def test_names_nicknames_and_sorts(matcher: CatalogueMatcher, text: str, findings: list[tuple[str, str]]) -> None:
    assert found(matcher, text) == findings


def test_positions_are_those_in_the_text(matcher: CatalogueMatcher) -> None:
    text = "亲，多口袋 工装裤和奶瓶刷"
    assert [text[item.start : item.end] for item in matcher.find(normal_form(text))] == ["多口袋 工装裤", "奶瓶刷"]


PIECES = st.sampled_from(
    ["工装裤", "多口袋", " ", "打底", "gz2101", "奶瓶", "刷", "https://", "item.jd.com/", "1000.html", "T恤"]
)


@given(st.text(st.characters(blacklist_categories=()), max_size=40) | st.lists(PIECES, max_size=12).map("".join))
def test_findings_lie_in_the_text_and_apart(matcher: CatalogueMatcher, text: str) -> None:
    end = 0
    for item in matcher.find(normal_form(text)):
        assert end <= item.start < item.end <= len(text)
        assert item.value
        end = item.end


def test_an_empty_catalogue_finds_unknown_links_only() -> None:
    empty = CatalogueMatcher([])
    assert found(empty, "https://item.jd.com/999999.html 工装裤 GZ2101") == [("product_link", "jd:999999")]


def test_names_survive_the_models_file(matcher: CatalogueMatcher) -> None:
    records = json.loads(json.dumps(matcher.records(), ensure_ascii=False))
    assert [ProductNames.from_record(record) for record in records] == PRODUCTS


def test_the_demo_catalogue_is_read_whole() -> None:
    names = read_product_names(Path("playbook/demo/products"))
    matcher = CatalogueMatcher(names)
    assert len({product.no for product in names}) == len(names) > 40
    for product in names:
        assert found(matcher, product.no.lower()) == [("product", product.no)]
        assert found(matcher, f"{product.name}多少钱") == [("product", product.no)]
        for platform, number in product.listings.items():
            if platform == "jd":
                assert found(matcher, f"https://item.jd.com/{number}.html") == [("product", product.no)]


def test_a_folder_that_is_not_there_is_an_empty_catalogue(tmp_path: Path) -> None:
    assert read_product_names(tmp_path / "nothing") == []
    (tmp_path / "empty.yml").write_text("", encoding="utf-8")
    assert read_product_names(tmp_path) == []
