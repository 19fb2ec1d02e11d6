"""A line cut into clauses, each with its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.nlu.clauses import clauses
from sixty.nlu.normal_form import normal_form


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("发什么快递，能开发票吗", ["发什么快递", "能开发票吗"]),
        ("会缩水吗？包邮吗！谢谢", ["会缩水吗", "包邮吗"]),
        ("发什么快递 能开发票吗", ["发什么快递", "能开发票吗"]),
        ("发什么快递　能开发票吗", ["发什么快递", "能开发票吗"]),
        ("多少钱顺便问下几天到", ["多少钱", "问下几天到"]),
        ("多少钱还有就是几天到", ["多少钱", "几天到"]),
        ("黑色还有货吗", ["黑色还有货吗"]),
        ("175 70kg穿什么码", ["175 70kg穿什么码"]),
        ("1.75米穿多大", ["1.75米穿多大"]),
        ("亲～在吗～这款多少钱～", ["这款多少钱"]),
        ("，。！", []),
        ("", []),
    ],
)
def test_clauses_stand_between_marks_and_blanks(text: str, parts: list[str]) -> None:
    assert [clause.text for clause in clauses(normal_form(text))] == parts


def test_a_clause_that_is_part_of_an_earlier_one_has_its_own_place() -> None:
    (first, second) = clauses("退货运费多少,运费多少")
    assert (first.start, first.end) == (0, 6)
    assert (second.start, second.end) == (7, 11)


@given(st.text(alphabet=st.sampled_from("有货吗包邮还另外顺便 ,。!?~\nXL5"), max_size=60) | st.text(max_size=60))
def test_clauses_are_where_they_say_from_left_to_right(text: str) -> None:
    found = clauses(text)
    for clause in found:
        assert text[clause.start : clause.end] == clause.text == clause.text.strip()
        assert len(clause.text) >= 3
    places = [place for clause in found for place in (clause.start, clause.end)]
    assert places == sorted(places)
