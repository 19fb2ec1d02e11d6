from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.nlu.catalogue_contents import CatalogueContents
from sixty.nlu.catalogue_matcher import CatalogueMatcher
from sixty.nlu.catalogue_words import Aliases
from sixty.nlu.normal_form import normal_form
from sixty.nlu.product_names import ProductNames, read_product_names

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
    return CatalogueMatcher.of(PRODUCTS)


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


SHOP = [
    ProductNames(
        "GZ2101",
        "多口袋耐磨工装裤",
        "工装裤",
        ("耐磨裤",),
        brand="拓野",
        category="工装",
        colors=("黑色", "军绿", "曜石黑"),
        attributes=("材质", "面料", "克重"),
    ),
    ProductNames("SM-11010", "澜星X5 手机", "手机", brand="澜星", category="数码家电", colors=("曜石黑",)),
    ProductNames("GZ2103", "加绒保暖工装裤", "工装裤", brand="铁砧", category="工装"),
]
ALIASES: Aliases = {"brand": {"拓野": ("TuoYe",)}, "color": {"黑色": ("墨黑",)}, "category": {"数码家电": ("数码",)}}


@pytest.fixture(scope="module")
def shop() -> CatalogueMatcher:
    return CatalogueMatcher.of(SHOP, ALIASES)


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("拓野的裤子", [("brand", "拓野")]),
        ("tuoye家的", [("brand", "拓野")]),
        ("数码有活动吗", [("category", "数码家电")]),
        ("工装怎么样", [("category", "工装")]),
        ("工装裤", [("kind", "工装裤")]),  # longer than the category
        ("工装库", [("kind", "工装裤")]),
        ("要黑色", [("color", "黑色")]),
        ("墨黑", [("color", "黑色")]),
        ("曜石黑色的", [("color", "曜石黑")]),
        ("军绿色", [("color", "军绿")]),
        ("黑XL", [("color", "黑色")]),
        ("黑 xl", [("color", "黑色")]),
        ("黑款", [("color", "黑色")]),
        ("你们是黑店", []),
        ("太黑了", []),
        ("面料怎么样", [("attribute", "材质")]),
        ("克重多少", [("attribute", "克重")]),
        ("sm11010", [("product", "SM-11010")]),
        ("SM-11010有货吗", [("product", "SM-11010")]),
        ("GZ2199", [("product", "GZ2199")]),
    ],
)
def test_words_that_products_share(shop: CatalogueMatcher, text: str, findings: list[tuple[str, str]]) -> None:
    assert found(shop, text) == findings


@pytest.mark.parametrize(
    "text",
    [
        "多口袋耐工装裤",  # left out
        "多口袋耐磨的工装裤",  # added
        "多袋口耐磨工装裤",  # swapped
        "多口袋耐摩工装库",  # homophones
        "多口袋工装裤",  # a word left out
        "多 口袋 耐磨 工装裤",
        "多口袋-耐磨-工装裤",
    ],
)
def test_nearly_written_names(shop: CatalogueMatcher, text: str) -> None:
    assert found(shop, f"亲，{text}有货吗") == [("product", "GZ2101")]


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("澜星X6 手机", [("brand", "澜星"), ("kind", "手机")]),
        ("不加绒保暖工装裤", [("product", "GZ2103")]),
        ("手机可以试吗", [("kind", "手机")]),
        ("加绒保暖黑色工装裤", [("color", "黑色"), ("kind", "工装裤")]),
        ("耐磨的裤", []),
    ],
)
def test_something_else_is_not_taken_for_a_name(
    shop: CatalogueMatcher, text: str, findings: list[tuple[str, str]]
) -> None:
    assert found(shop, text) == findings


def test_near_names_can_be_switched_off() -> None:
    exact = CatalogueMatcher.of(SHOP, near=False)
    assert found(exact, "多口袋耐摩工装裤") == [("kind", "工装裤")]
    assert found(exact, "工装库") == [("category", "工装")]


def test_contents_survive_the_models_folder(tmp_path: Path) -> None:
    CatalogueContents.of(SHOP + PRODUCTS[2:], ALIASES).save(tmp_path)
    loaded = CatalogueMatcher(CatalogueContents.load(tmp_path))
    fresh = CatalogueMatcher.of(SHOP + PRODUCTS[2:], ALIASES)
    for text in (
        "多口袋耐摩工装裤墨黑",
        "tuoye",
        "sm11010",
        "打底",
        "https://detail.tmall.com/item.htm?id=700000000001",
    ):
        assert found(loaded, text) == found(fresh, text) != []


LINES = (
    "你好在吗，昨天拍的还没发货是怎么回事",
    "这个能便宜点吗，我买两件",
    "身高175体重140穿多大码合适",
    "给我换一个吧，边上开线了",
    "发什么快递呀，明天能到吗",
    "手机号填错了能改吗",
    "不想要了怎么退",
    "质量怎么样，会不会起球掉色",
)


def test_ordinary_lines_name_no_product() -> None:
    matcher = CatalogueMatcher.of(read_product_names(Path("playbook/demo/products")))
    for line in LINES:
        assert [value for entity, value in found(matcher, line) if entity == "product"] == []


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
    empty = CatalogueMatcher.of([])
    assert found(empty, "https://item.jd.com/999999.html 工装裤 GZ2101") == [("product_link", "jd:999999")]


def test_the_demo_catalogue_is_read_whole() -> None:
    names = list(read_product_names(Path("playbook/demo/products")))
    matcher = CatalogueMatcher.of(names)
    assert len({product.no for product in names}) == len(names) > 40
    for product in names:
        assert found(matcher, product.no.lower()) == [("product", product.no)]
        assert found(matcher, f"{product.name}多少钱") == [("product", product.no)]
        for platform, number in product.listings.items():
            if platform == "jd":
                assert found(matcher, f"https://item.jd.com/{number}.html") == [("product", product.no)]


def test_a_folder_that_is_not_there_is_an_empty_catalogue(tmp_path: Path) -> None:
    assert list(read_product_names(tmp_path / "nothing")) == []
    (tmp_path / "empty.yml").write_text("", encoding="utf-8")
    assert list(read_product_names(tmp_path)) == []
