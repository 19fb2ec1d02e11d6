from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.shop.links import ProductReference, parse_reference

LINKS = [
    ("https://item.taobao.com/item.htm?id=681203457712", "taobao", "681203457712"),
    ("https://item.taobao.com/item.htm?spm=a1z10.3&id=681203457712&skuId=5012345678901", "taobao", "681203457712"),
    ("https://item.taobao.com/item.htm?skuId=5012345678901&amp;id=681203457712", "taobao", "681203457712"),
    ("https://h5.m.taobao.com/awp/core/detail.htm?id=681203457712&umpChannel=x", "taobao", "681203457712"),
    ("https://main.m.taobao.com/detail/index.html?id=681203457712", "taobao", "681203457712"),
    ("http://a.m.taobao.com/i681203457712.htm", "taobao", "681203457712"),
    ("https://detail.tmall.com/item.htm?id=681203457712&skuId=1", "tmall", "681203457712"),
    ("https://detail.m.tmall.com/item.htm?abbucket=1&id=681203457712", "tmall", "681203457712"),
    ("https://chaoshi.detail.tmall.com/item.htm?id=681203457712", "tmall", "681203457712"),
    ("https://item.jd.com/100045120993.html", "jd", "100045120993"),
    ("https://item.jd.com/100045120993.html#crumb-wrap", "jd", "100045120993"),
    ("https://item.m.jd.com/product/100045120993.html?gx=RnAomTM2", "jd", "100045120993"),
    ("https://item.m.jd.com/ware/view.action?wareId=100045120993", "jd", "100045120993"),
    ("item.jd.com/100045120993.html", "jd", "100045120993"),
    ("https://shop.example.com/products/GZ2101", "shop", "GZ2101"),
    ("http://localhost:8600/p/gz2101", "shop", "GZ2101"),
    ("http://127.0.0.1:8600/?product=GZ2101", "shop", "GZ2101"),
]
NO_LINKS = [
    "",
    "多口袋工装裤 有货吗",
    "https://m.tb.cn/h.5xYz?tk=AbCd",
    "https://item.taobao.com/item.htm?skuId=5012345678901",
    "https://item.taobao.com.evil.example/item.htm",
    "https://item.jd.com/about.html",
    "https://www.baidu.com/s?wd=681203457712",
    "我的订单202600000000000001到哪了",
]
AROUND = ["{}", "亲，这个{}多少钱", "【淘宝】这款不错 {} 点击链接直接打开", "{}，有货吗？", "（{}）", "看看\n{}\n"]


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize(("link", "platform", "number"), LINKS)
def test_a_link_is_found_in_its_surroundings(link: str, platform: str, number: str, around: str) -> None:
    assert parse_reference(around.format(link)) == ProductReference(platform, number)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", NO_LINKS)
def test_other_texts_give_nothing(text: str) -> None:
    assert parse_reference(text) is None


def test_the_first_link_of_a_product_counts() -> None:
    text = "https://m.tb.cn/h.5x https://item.jd.com/100045120993.html https://shop.example.com/p/GZ2101"
    assert parse_reference(text) == ProductReference("jd", "100045120993")


@given(st.text())
def test_no_text_is_too_odd(text: str) -> None:
    parse_reference(text)


@given(st.text(alphabet="aA1.:/?&=id-%# 中", max_size=300))
def test_no_near_link_is_too_odd(text: str) -> None:
    parse_reference(text)
    parse_reference(f"https://item.jd.com/{text}")


@pytest.mark.parametrize("piece", ["a.", "http://", "https://item.jd.com/", "id=1", "&amp;", "a" * 40 + ".", "/", "1"])
def test_the_time_grows_with_the_length_only(piece: str) -> None:
    long = piece * (200_000 // len(piece))
    began = perf_counter()
    parse_reference(long)
    assert perf_counter() - began < 3.0
