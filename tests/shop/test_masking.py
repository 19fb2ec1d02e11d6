from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.shop.masking import mask_address, mask_details, mask_name, mask_phone


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13800001234", "138****1234"),
        ("138 0000-1234", "138****1234"),
        ("+8613800001234", "138****1234"),
        ("１３８００００１２３４", "138****1234"),
        ("88881234", "88****34"),
        ("1234", "****"),
        ("", "****"),
    ],
)
def test_a_phone_keeps_its_ends_only(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("浙江省杭州市西湖区文三路100号3幢201室", "浙江省杭州市西湖区****"),
        ("浙江省杭州市西湖区阳光小区3幢", "浙江省杭州市西湖区****"),
        ("北京市海淀区中关村大街1号", "北京市海淀区****"),
        ("内蒙古自治区呼和浩特市赛罕区知夏路33号", "内蒙古自治区呼和浩特市赛罕区****"),
        ("广东省东莞市长安镇厦岗社区2号", "广东省东莞市****"),
        ("浙江杭州西湖区文三路1号", "浙江杭州西湖区****"),
        ("湖南省长沙市长沙县星沙街道", "湖南省长沙市长沙县****"),
        ("晴岚路68号", "****"),
        ("", "****"),
    ],
)
def test_an_address_ends_with_its_district(address: str, masked: str) -> None:
    assert mask_address(address) == masked


def test_a_name_keeps_its_first_character() -> None:
    assert (mask_name("陈小明"), mask_name(" ")) == ("陈**", "**")


@given(st.text() | st.from_regex(r"\+?\d{0,20}", fullmatch=True))
def test_no_run_of_digits_is_left_in_a_phone(phone: str) -> None:
    masked = mask_phone(phone)
    assert not re.search(r"\d{5}", masked)
    assert "****" in masked


@given(st.text(alphabet="浙江省杭州市西湖区县路号0123456789１２ 镇小社", max_size=60))
def test_no_digit_is_left_in_an_address(address: str) -> None:
    masked = mask_address(address)
    assert not re.search(r"\d", masked)
    assert masked.endswith("****")


def test_what_a_deed_says_of_a_person_is_masked() -> None:
    details = {
        "address": "浙江省宁波市海曙区月湖路9号2幢301室",
        "phone": "13800005103",
        "receiver": "卜小布",
        "title": "宁波月湖商贸有限公司",
        "tax_no": "91330203MA2AJXXX0X",
        "email": "budian@example.com",
        "note": "打 13800005103，放门口",
        "text": "卜小布的货",
        "picture": "p/1.jpg",
        "something new": "卜小布",
        "day": "2026-05-21",
        "amount": "20",
        "sku": "GZ2101-03",
    }
    masked = mask_details(details)
    assert list(masked) == list(details)
    assert masked["address"] == "浙江省宁波市海曙区****"
    assert (masked["phone"], masked["receiver"], masked["email"]) == ("138****5103", "卜**", "b***@example.com")
    assert {name: masked[name] for name in ("day", "amount", "sku")} == {
        "day": "2026-05-21",
        "amount": "20",
        "sku": "GZ2101-03",
    }
    whole = "".join(masked.values())
    assert not any(part in whole for part in ("月湖", "13800005103", "小布", "MA2A", "budian", "门口", "1.jpg"))


@given(st.dictionaries(st.sampled_from(["phone", "email", "note", "words", "receiver"]), st.text(max_size=40)))
def test_masking_details_never_fails_and_shows_less(details: dict[str, str]) -> None:
    masked = mask_details(details)
    assert set(masked) == set(details)
    for name, value in masked.items():
        assert value == "" or "*" in value, name
