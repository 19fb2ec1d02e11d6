from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.nlu.name_parts import head_of, parts_of


@pytest.mark.parametrize(
    ("name", "brand", "parts"),
    [
        ("多口袋耐磨工装裤", "拓野", ("多口袋", "耐磨", "工装裤")),
        ("恒朴上加水静音加湿器", "恒朴", ("恒朴", "上加水", "静音", "加湿器")),
        ("玻尿酸补水面膜20片", "", ("玻尿酸", "补水", "面膜", "20片")),
        ("", "", ()),
        ("恒朴", "恒朴", ("恒朴",)),
    ],
)
def test_parts(name: str, brand: str, parts: tuple[str, ...]) -> None:
    assert parts_of(name, brand) == parts


@given(st.text("多口袋耐磨工装裤20片xp-（", max_size=12), st.sampled_from(["", "多口袋", "20"]))
def test_parts_are_the_name(name: str, brand: str) -> None:
    parts = parts_of(name, brand)
    assert "".join(parts) == name
    assert all(parts)


@pytest.mark.parametrize(
    ("parts", "said", "head"),
    [
        (("多口袋", "耐磨", "工装裤"), ("工装裤",), 2),
        (("吸盘", "硅胶", "餐具", "五件套"), ("儿童餐具",), 2),
        (("补水", "面膜", "20片"), (), 1),
        (("20片",), (), 0),
    ],
)
def test_the_head_says_what_it_is(parts: tuple[str, ...], said: tuple[str, ...], head: int) -> None:
    assert head_of(parts, said) == head
