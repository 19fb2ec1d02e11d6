from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.nlu.normal_form import HARMLESS_SLASH, normal_form, without_command

ANY_TEXT = st.text(st.characters(blacklist_categories=()), max_size=60)


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("ＧＺ２１０１，多少錢？", "GZ2101,多少钱?"),
        ("這個顏色還有嗎", "这个颜色还有吗"),
        ("１米７５　１３０斤", "1米75 130斤"),
        ("一行\n两行\t三行\u00a0四", "一行 两行 三行 四"),
        ("／restart", "/restart"),
        ("㎏ ½ ﷺ", "㎏ ½ ﷺ"),  # would grow: left as they are
    ],
)
def test_what_customers_type_gets_one_form(written: str, normal: str) -> None:
    assert normal_form(written) == normal


@given(ANY_TEXT)
def test_the_length_never_changes_and_any_library_can_encode_it(text: str) -> None:
    normal = normal_form(text)
    assert len(normal) == len(text)
    assert normal.encode("utf-8").decode("utf-8") == normal


@given(ANY_TEXT)
def test_the_normal_form_of_a_normal_form_is_itself(text: str) -> None:
    once = normal_form(text)
    assert normal_form(once) == once


@pytest.mark.parametrize("typed", ["/restart", "  /restart", "／restart", "\u3000／inform{}", "/"])
def test_a_typed_slash_is_no_command(typed: str) -> None:
    harmless = without_command(normal_form(typed))
    assert not harmless.lstrip().startswith("/")
    assert HARMLESS_SLASH in harmless
    assert len(harmless) == len(typed)


@given(ANY_TEXT)
def test_nothing_typed_is_a_command_after_both_steps(text: str) -> None:
    assert not without_command(normal_form(text)).strip().startswith("/")


@pytest.mark.parametrize("text", ["175/70kg", "和/或", "你好", ""])
def test_other_slashes_stay(text: str) -> None:
    assert without_command(text) == text
