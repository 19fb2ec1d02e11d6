from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.masking import mask_address, mask_email, mask_name, mask_phone, mask_text, mask_within


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13800001234", "138****1234"),
        ("138 0000-1234", "138****1234"),
        ("+8613800001234", "138****1234"),
        ("１３８００００１２３４", "138****1234"),
        ("88881234", "88****34"),
        ("138****1234", "138****1234"),
        ("88****34", "88****34"),
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


@pytest.mark.parametrize(
    ("said", "masked"),
    [
        ("打13800001234找我", "打138****1234找我"),
        ("我电话 138-0000-1234 谢谢", "我电话 138****1234 谢谢"),
        ("电话+86 13800001234", "电话138****1234"),
        ("店里座机0571-88881234", "店里座机057****1234"),
        ("身份证33010619900307123X", "身份证330****3X"),
        ("卡号6222021234567890123", "卡号622****0123"),
        ("发票寄 chen.xm@example.com.cn 吧", "发票寄 c***@example.com.cn 吧"),
        ("２０２６年１３８００００１２３４", "２０２６年138****1234"),
        ("寄到浙江省杭州市西湖区文三路100号3幢201室", "寄到浙江省杭州市西湖区****"),
        ("晴岚路68号2单元", "****"),
        ("地址：翠苑小区5幢302，麻烦了", "地址：****，麻烦了"),
    ],
)
def test_what_is_personal_within_a_text_is_hidden(said: str, masked: str) -> None:
    assert mask_text(said) == masked


@pytest.mark.parametrize(
    "said",
    [
        "GZ2101多少钱",
        "2026-05-20能到吗",
        "满200减30，再减5.50元",
        "身高175体重140",
        "走路穿合适吗",
        "二楼有货吗",
        "来3件XL",
    ],
)
def test_what_is_not_personal_stays(said: str) -> None:
    assert mask_text(said) == said


def test_all_text_within_a_payload_is_masked_and_nothing_else_changes() -> None:
    value = {"card": {"details": ["收货电话13800001234"], "paid": "99.00", "n": 13800001234, "none": None}}
    assert mask_within(value) == {
        "card": {"details": ["收货电话138****1234"], "paid": "99.00", "n": 13800001234, "none": None}
    }


def test_who_somebody_is_stays_recognisable_to_who_knows() -> None:
    assert (mask_email("chen@example.com"), mask_email("nonsense")) == ("c***@example.com", "***")


@given(st.text() | st.from_regex(r"[a我]{0,3}1[3-9][0-9]{9}[b的]{0,3}", fullmatch=True))
def test_no_phone_is_left_in_a_text_and_masking_again_changes_nothing_that_matters(said: str) -> None:
    masked = mask_text(said)
    assert not re.search(r"\d{7}", masked)
