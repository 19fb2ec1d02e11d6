from __future__ import annotations

import string
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.shop.exchange.cells import (
    CellError,
    read_amount,
    read_choice,
    read_code,
    read_count,
    read_measure,
    read_names,
    read_product_no,
    read_text,
    write_choice,
    write_names,
    write_number,
    write_text,
)


@pytest.mark.parametrize(
    ("cell", "fen"),
    [
        ("259", 25900),
        ("259.9", 25990),
        ("¥1,259.00", 125900),
        ("￥１２．５", 1250),
        ("19.90元", 1990),
        (" 0 ", 0),
        ("1e2", 10000),
        ("", None),
        ("  ", None),
        ("¥", None),
    ],
)
def test_amounts_are_read_as_people_write_them(cell: str, fen: int | None) -> None:
    assert read_amount(cell) == fen


@pytest.mark.parametrize("cell", ["免费", "-1", "1.999", "NaN", "Infinity", "1e99", "12 34", "1.2.3", "0x10"])
def test_what_is_no_amount_is_told_with_a_remedy(cell: str) -> None:
    with pytest.raises(CellError) as caught:
        read_amount(cell)
    assert caught.value.problem
    assert "259" in caught.value.remedy


def test_counts_and_measures() -> None:
    assert (read_count("20"), read_count("20.0"), read_measure("52.5"), read_measure("160")) == (20, 20, 525, 1600)
    for read, cell in ((read_count, "20.5"), (read_count, "两箱"), (read_measure, "52.55"), (read_count, "9" * 12)):
        with pytest.raises(CellError):
            read(cell)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("GZ2101-01", "GZ2101-01"),
        (" \t688001234567\t", "688001234567"),
        ('="0012345"', "0012345"),
        ("0012", "0012"),
        ("", None),
    ],
)
def test_codes_keep_what_spreadsheets_like_to_lose(cell: str, code: str | None) -> None:
    assert read_code(48)(cell) == code


@pytest.mark.parametrize("cell", ["6.88001E+12", "1e18", "9.9E18", "a\nb", "x" * 49])
def test_codes_that_a_spreadsheet_has_spoilt_are_refused(cell: str) -> None:
    with pytest.raises(CellError):
        read_code(48)(cell)


def test_a_product_is_named_as_it_is_looked_up() -> None:
    assert read_product_no(" ｇｚ2101 ") == "GZ2101"


def test_words_stand_for_states() -> None:
    words = {"在售": "on_sale", "上架": "on_sale", "下架": "off_sale"}
    read, write = read_choice(words), write_choice(words)
    assert (read("上架"), read(" 下架 "), read("")) == ("on_sale", "off_sale", None)
    assert (write("on_sale"), write(None), write("strange")) == ("在售", "", "")
    with pytest.raises(CellError, match="在售、上架、下架"):
        read("卖完")


def test_names_share_a_cell() -> None:
    assert read_names("多口袋裤、 工装裤 、") == '["多口袋裤", "工装裤"]'
    assert read_names("") == "[]"
    assert write_names(["多口袋裤", "工装裤"]) == "多口袋裤、工装裤"
    assert write_names(None) == ""


def test_text_with_control_characters_is_refused() -> None:
    for char in ("\x00", "\x07", "\x7f", "\t"):
        with pytest.raises(CellError):
            read_text(10)(f"a{char}b")
    assert read_text(10)("a\r\nb") == "a\nb"


TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=20) | st.text("=+-@'\" ,，\nab", max_size=8)


@given(TEXT)
def test_text_comes_back_as_it_was_and_is_never_a_formula(text: str) -> None:
    stored = text.strip()
    written = write_text(stored)
    assert read_text(100)(str(written)) == (stored or None)
    assert not str(written).startswith(("=", "+", "-", "@"))


@given(st.integers(0, 10**9))
def test_numbers_come_back_as_they_were(units: int) -> None:
    amount = Decimal(units).scaleb(-2)
    assert read_amount(str(write_number(amount))) == units
    assert read_count(str(write_number(units))) == units


@given(st.text(string.printable + "中文：¥", max_size=30))
def test_whatever_stands_in_a_cell_is_read_or_refused(cell: str) -> None:
    for read in (read_amount, read_count, read_measure, read_names, read_product_no, read_text(9), read_code(9)):
        with suppress(CellError):
            read(cell)
