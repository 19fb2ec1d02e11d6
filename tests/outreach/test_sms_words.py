"""What is put around the words of an SMS, and how many SMS it is paid as."""

from __future__ import annotations

import pytest

from sixty.outreach.sms_words import how_many_sms, is_signed, tells_how_to_unsubscribe, whole_sms


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("付" * 70, 1),
        ("付" * 71, 2),
        ("a" * 71, 2),
        ("付" * 134, 2),
        ("付" * 135, 3),
        ("🎁" * 35, 1),
        ("🎁" * 36, 2),
    ],
)
def test_how_many_sms_a_text_is(text: str, parts: int) -> None:
    assert how_many_sms(text) == parts


@pytest.mark.parametrize("text", ["退订回R", "拒收请回复R", "回T退订", "回复TD退订", "退订 回TD", "回复 R 即可拒收"])
def test_words_that_tell_how_to_unsubscribe_are_left_as_they_are(text: str) -> None:
    assert tells_how_to_unsubscribe(text)
    assert whole_sms("店", f"还没付款，{text}") == f"【店】还没付款，{text}"


@pytest.mark.parametrize("text", ["还没付款", "退订单", "拒收的包裹退回来了"])
def test_the_others_get_it_at_their_end(text: str) -> None:
    assert whole_sms("店", text) == f"【店】{text} 拒收请回复R"


def test_a_signature_is_at_one_of_the_ends() -> None:
    assert [is_signed(each) for each in ("【店】好", " 【店】好", "好【店】", "好【新】的", "好")] == [
        True,
        True,
        True,
        False,
        False,
    ]
