"""A taxpayer's number is found where it is meant, and a wrong one is told from a right one."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sixty.shop.tax_numbers import TaxNumberError, checked_tax_number, find_tax_number, is_credit_code

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# Made up; their check characters are right by GB 32100-2015.
COMPANY = "91320594MA1XWQ3N4D"
ALL_DIGITS = "914403001922038216"


def code(first_seventeen: str) -> str:
    """Completes a code by adding up by hand, as the standard's table of weights has it."""
    weights = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
    total = sum(ALPHABET.index(character) * weight for character, weight in zip(first_seventeen, weights, strict=True))
    return first_seventeen + ALPHABET[(31 - total % 31) % 31]


codes = st.tuples(
    st.sampled_from(["91", "92", "93", "11", "52", "N1", "Y1"]),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(ALPHABET, min_size=9, max_size=9),
).map(lambda parts: code("".join(parts)))


@given(codes)
def test_every_right_code_is_taken_in_all_ways_of_writing(number: str) -> None:
    assert is_credit_code(number)
    assert checked_tax_number(number.lower()) == number
    assert checked_tax_number(f"{number[:4]} {number[4:8]}-{number[8:]}") == number
    assert find_tax_number(f"抬头写公司 税号{number} 谢谢") == number
    assert find_tax_number(f"税号 {number} abc") == number
    assert find_tax_number(f"按这个开 {number}") == number


@given(codes, st.integers(0, 16), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_noticed(number: str, place: int, other: str) -> None:
    assume(other != number[place])
    wrong = number[:place] + other + number[place + 1 :]
    assert not is_credit_code(wrong)


@given(codes, st.integers(2, 16))
def test_two_characters_exchanged_are_always_noticed(number: str, place: int) -> None:
    assume(number[place] != number[place - 1])
    assert not is_credit_code(number[: place - 1] + number[place] + number[place - 1] + number[place + 1 :])


def test_letters_that_look_like_digits_are_read_as_digits() -> None:
    assert "0" in COMPANY
    assert "1" in COMPANY
    assert checked_tax_number(COMPANY.replace("0", "O").replace("1", "I")) == COMPANY


@pytest.mark.parametrize("old", ["320594123456789", "11010519491231002X"[:17], "11010519491231002X11"])
def test_older_lengths_are_taken(old: str) -> None:
    assert find_tax_number(f"税号是{old}") == old


def test_an_identity_number_is_an_individuals() -> None:
    # The number that GB 11643-1999 has as its example.
    assert checked_tax_number("11010519491231002x") == "11010519491231002X"


@pytest.mark.parametrize(("written", "said"), [("9132", "4位"), (COMPANY + "8", "19位"), (COMPANY[:-1] + "A", "校验")])
def test_a_wrong_number_is_refused_with_what_is_wrong(written: str, said: str) -> None:
    with pytest.raises(TaxNumberError, match=said):
        find_tax_number(written, asked=True)
    with pytest.raises(TaxNumberError, match=said):
        find_tax_number(f"税号:{written}")


@pytest.mark.parametrize(
    "text",
    [
        "帮我开发票",
        "订单202604718832650917要开票",
        "发到91320594@qq.com",
        "我的电话13800001234",
        "没有税号能开吗",
        "税号填哪",
    ],
)
def test_what_is_none_is_not_taken_for_one(text: str) -> None:
    assert find_tax_number(text) is None


def test_a_number_of_digits_only_is_told_from_an_orders() -> None:
    assert find_tax_number(f"开{ALL_DIGITS}的") == ALL_DIGITS
    assert find_tax_number("202604718832650917") is None
    # Its last character happens to be right.
    assert find_tax_number("给202693244845263097开发票") is None
