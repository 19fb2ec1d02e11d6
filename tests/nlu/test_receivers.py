"""Addresses, phones and names, taken apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.nlu.receivers import Destination, read_destination
from sixty.shop.cities import PROVINCE_OF_CITY
from sixty.shop.regions import PROVINCES

WHOLE = "浙江省杭州市西湖区文三路1号"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"换成{WHOLE} 张三 13800000000", Destination(WHOLE, "浙江", "13800000000", "张三")),
        (f"张三，13800000000，{WHOLE}", Destination(WHOLE, "浙江", "13800000000", "张三")),
        (f"{WHOLE}张三13800000000", Destination(WHOLE, "浙江", "13800000000", "张三")),
        (f"收货人：李小明 电话：138 0000 0000 地址：{WHOLE}", Destination(WHOLE, "浙江", "13800000000", "李小明")),
        (f"地址改成{WHOLE}，谢谢", Destination(WHOLE, "浙江")),
        (
            "地址改成上海市浦东新区世纪大道100号2栋301室可以吗",
            Destination("上海市浦东新区世纪大道100号2栋301室", "上海"),
        ),
        ("不寄上海了 改寄广东深圳南山区科技园南路88号", Destination("广东深圳南山区科技园南路88号", "广东")),
        ("寄到成都市武侯区桐梓林小区3栋2单元502吧", Destination("成都市武侯区桐梓林小区3栋2单元502", "四川")),
        ("湖南省 长沙市 岳麓区 麓山南路 932号", Destination("湖南省长沙市岳麓区麓山南路932号", "湖南")),
        (
            "帮我改到内蒙古自治区呼和浩特市赛罕区知夏路33号4号楼",
            Destination("内蒙古自治区呼和浩特市赛罕区知夏路33号4号楼", "内蒙古"),
        ),
        ("收件人改成李四", Destination(receiver="李四")),
        ("收件人李四 电话13912345678", Destination(phone="13912345678", receiver="李四")),
        ("手机号改成139-1234-5678", Destination(phone="13912345678")),
        ("电话不是13800000000 改成13912345678", Destination(phone="13912345678")),
        ("名字改成欧阳小雨", Destination(receiver="欧阳小雨")),
        ("订单202638178057803704地址改一下", Destination()),
    ],
)
def test_what_is_told_is_taken_apart(text: str, expected: Destination) -> None:
    assert read_destination(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "地址写错了",
        "门牌号写错了 是3栋不是8栋",
        "收件人名字打错了",
        "收件人改成我老婆",
        "名字不能用外号吧 帮改成真名",
        "能寄到上海吗",
        "浙江的地址错了",
        "颜色选错了 换成黑色",
        "两个订单合并",
        "麻烦改一下 谢谢",
        "派送中能换地址吗",
    ],
)
def test_a_wish_alone_tells_nothing(text: str) -> None:
    found = read_destination(text)
    assert (found.address, found.phone, found.receiver) == ("", "", "")


@pytest.mark.parametrize("text", ["把地址换成[地址x]", "麻烦改成[地址x] [姓名x] [电话x]", "新电话[电话x] 换这个"])
def test_what_a_platform_has_hidden_is_no_address(text: str) -> None:
    found = read_destination(text, asked=True)
    assert found.masked
    assert (found.address, found.phone, found.receiver) == ("", "", "")


def test_a_piece_of_an_address_is_said_to_be_one() -> None:
    assert read_destination("西湖区文三路1号").partly
    assert read_destination("3栋502", asked=True).partly
    assert not read_destination(WHOLE).partly
    assert not read_destination("帮我改下地址").partly


def test_digits_that_are_no_phone_are_named() -> None:
    assert read_destination("电话改成1391234567").odd_phone == "1391234567"
    assert read_destination("手机号139123456789", asked=True).odd_phone == "139123456789"
    assert read_destination("电话13912345678").odd_phone == ""
    assert read_destination(WHOLE).odd_phone == ""


def test_a_lone_name_answers_the_question_for_one() -> None:
    assert read_destination("王小二", asked=True).receiver == "王小二"
    assert read_destination("李女士", asked=True).receiver == "李女士"
    assert read_destination("改成赵六", asked=True).receiver == "赵六"
    assert read_destination("谢谢", asked=True).receiver == ""
    assert read_destination("王小二").receiver == ""


@given(
    place=st.sampled_from(sorted(PROVINCE_OF_CITY)),
    street=st.sampled_from(["文三路", "解放大道", "人民街", "中山路"]),
    number=st.integers(1, 999),
    name=st.sampled_from(["张三", "李小明", "欧阳小雨", "王女士"]),
    phone=st.integers(13000000000, 19999999999),
    order=st.permutations(["address", "name", "phone"]),
    between=st.sampled_from([" ", "，", ",", " , ", "\n"]),
)
def test_the_three_may_stand_in_any_order(
    place: str, street: str, number: int, name: str, phone: int, order: list[str], between: str
) -> None:
    province = PROVINCE_OF_CITY[place]
    address = f"{province}{place}城关区{street}{number}号"
    parts = {"address": address, "name": name, "phone": str(phone)}
    found = read_destination(between.join(parts[part] for part in order))
    assert found == Destination(address, province, str(phone), name)


@given(st.text(max_size=80))
def test_any_text_can_be_read(text: str) -> None:
    found = read_destination(text, asked=True)
    assert not found.address or found.region in PROVINCES
    assert not found.phone or len(found.phone) == 11
