"""A line cut in two where a question may end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.nlu.clauses import halves
from sixty.nlu.normal_form import normal_form


@pytest.mark.parametrize(
    ("text", "left", "right", "clear"),
    [
        ("发什么快递，能开发票吗", "发什么快递", "能开发票吗", True),
        ("发什么快递 能开发票吗", "发什么快递", "能开发票吗", True),
        ("发什么快递　能开发票吗", "发什么快递", "能开发票吗", True),
        ("多少钱顺便问下几天到", "多少钱", "几天到", True),
        ("多少钱还有就是几天到", "多少钱", "几天到", True),
        ("会缩水吗包邮不", "会缩水吗", "包邮不", False),
        ("1.75米穿多大，有黑色没", "1.75米穿多大", "有黑色没", True),
    ],
)
def test_a_line_is_cut_between_two_questions(text: str, left: str, right: str, clear: bool) -> None:
    cuts = [(cut.left.text, cut.right.text, cut.clear) for cut in halves(normal_form(text))]
    assert (left, right, clear) in cuts


@pytest.mark.parametrize("text", ["", "，。！", "发什么快递", "175 70kg", "吗"])
def test_what_is_of_one_piece_is_not_cut(text: str) -> None:
    assert halves(normal_form(text)) == []


def test_a_story_is_not_cut() -> None:
    assert halves("我昨天买的,今天没到,打电话没人接," * 5) == []


@given(st.text(alphabet="吗呢a1,。 还有另外好快递\n", max_size=60))
def test_halves_stand_where_they_say(text: str) -> None:
    for cut in halves(text):
        for half in (cut.left, cut.right):
            assert text[half.start : half.end] == half.text
            assert len(half.text) >= 2
        assert cut.left.end <= cut.right.start
