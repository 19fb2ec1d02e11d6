"""Titles, numbers and addresses for an invoice, out of what customers write in one line or in five."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.shop.invoice_details import (
    InvoiceDetails,
    find_email,
    find_title,
    is_of_an_invoice,
    is_organisation,
    last_details,
    nearly_an_email,
    read_invoice_details,
    wants_change,
    wants_invoice,
)

NUMBER = "91320594MA1XWQ3N4D"
NAME = "苏州明德科技有限公司"


@pytest.mark.parametrize(
    "text",
    [
        f"开公司抬头 {NAME} 税号{NUMBER} 发到zhang.san@mdkj.com",
        f"税号{NUMBER},抬头{NAME},邮箱zhang.san@mdkj.com",
        f"发票开{NAME} {NUMBER} zhang.san@mdkj.com",
        f"帮我开{NAME}的发票,纳税人识别号:{NUMBER},发送到zhang.san@mdkj.com谢谢",
    ],
)
def test_one_sentence_says_it_all_in_any_order(text: str) -> None:
    assert read_invoice_details(text) == InvoiceDetails("company", NAME, NUMBER, "zhang.san@mdkj.com")
    assert wants_invoice(text)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("抬头换成苏州明德科技(集团)有限公司,税号不变", "苏州明德科技（集团）有限公司"),
        ("我要开妇幼保健院的抬头", "妇幼保健院"),
        ("开封市第一机械有限公司", "开封市第一机械有限公司"),
        ("抬头:上海市浦东新区东方小学", "上海市浦东新区东方小学"),
        ("开个人抬头 张三", "张三"),
        ("抬头写个人", None),
        ("抬头写错了,重开一张", None),
        ("我们公司", None),
        ("发票信息填成以前公司的了", None),
        ("把抬头改成单位", None),
        ("换开成公司的", None),
        ("对 公司抬头", None),
        ("能开发票吗", None),
    ],
)
def test_a_title_is_found_and_nothing_else_taken_for_one(text: str, title: str | None) -> None:
    assert find_title(text) == title


@pytest.mark.parametrize(
    ("text", "asked", "expected"),
    [
        ("个人", "title_type", InvoiceDetails("personal", "个人")),
        ("个人的就行", "title_type", InvoiceDetails("personal", "个人")),
        ("张三", "title_type", InvoiceDetails("personal", "张三")),
        ("公司", "title_type", InvoiceDetails("company")),
        ("单位的", "title_type", InvoiceDetails("company")),
        ("明德科技", "title", InvoiceDetails(None, "明德科技")),
        (f"{NAME} {NUMBER}", "title", InvoiceDetails("company", NAME, NUMBER)),
        ("9132 0594 MA1X WQ3N 4D", "tax_no", InvoiceDetails("company", None, NUMBER)),
        ("1234567890@qq.com", "email", InvoiceDetails(email="1234567890@qq.com")),
        ("不要公司的 开个人的", None, InvoiceDetails("personal", "个人")),
        ("个人的改成公司的", None, InvoiceDetails("company")),
    ],
)
def test_a_bare_answer_is_meant_for_what_was_asked(text: str, asked: str | None, expected: InvoiceDetails) -> None:
    assert read_invoice_details(text, asked) == expected


def test_a_wrong_number_is_told_and_the_rest_is_kept() -> None:
    read = read_invoice_details(f"开{NAME} 税号{NUMBER[:-2]} 发a@b.com")
    assert "16位" in read.tax_fault
    assert (read.title_type, read.title, read.tax_no, read.email) == ("company", NAME, None, "a@b.com")


@pytest.mark.parametrize(
    ("text", "number", "expected"),
    [
        ("发到1234567890@qq.com", "1234567890", True),
        ("抬头写公司 税号914403001922038216", "914403001922038216", True),
        ("税号91440300192203821", "91440300192203821", True),
        ("订单202604718832650917要开票", "202604718832650917", False),
    ],
)
def test_numbers_of_an_invoice_are_no_order_numbers(text: str, number: str, expected: bool) -> None:
    assert is_of_an_invoice(text, number) is expected


@pytest.mark.parametrize(
    "wish",
    [
        "帮我开发票",
        "要发票的哦 别忘了",
        "可以帮我开发票吗",
        "抬头写错了,重开一张",
        "就按上次的抬头开",
        "换开一张",
        "补张发票",
    ],
)
def test_wishes(wish: str) -> None:
    assert wants_invoice(wish)


@pytest.mark.parametrize(
    "question",
    [
        *("能开发票吗", "开票不", "抬头写什么", "学校的抬头怎么开", "发票开了没", "催一下发票", "开发票要几天"),
        *("提示不能开票", "申请开票失败了", "发票是按实付开的吧", "我要把发票退掉", "两个不同抬头能开吗"),
        *("发票没收到", "要增值税专用发票", "我要纸质的发票", "两单合一张票", "开明细还是大类", "没有税号能开吗"),
    ],
)
def test_questions_and_what_only_people_do_are_no_wishes(question: str) -> None:
    assert not wants_invoice(question)


@pytest.mark.parametrize("text", ["抬头少打了一个字", "税号写错一位", "发票选成个人了 要改企业", "重开", "作废重开"])
def test_changes(text: str) -> None:
    assert wants_change(text)


@pytest.mark.parametrize("text", ["帮我开发票", f"开公司抬头 {NAME}", "个人", "发票金额不对"])
def test_no_changes(text: str) -> None:
    assert not wants_change(text)


@given(
    st.from_regex(r"[a-z][a-z0-9_]{0,8}(\.[a-z0-9]{1,5})?@[a-z0-9]{1,8}\.(com|cn|com\.cn)", fullmatch=True),
    st.sampled_from(["发到{}", "邮箱是{}谢谢", "{}", "开个人的,发{}就行"]),
)
def test_an_address_is_found_between_characters(address: str, frame: str) -> None:
    assert find_email(frame.format(address)) == address


@pytest.mark.parametrize("text", ["zhang@mdkj", "邮箱是zhangsan", "a@"])
def test_half_an_address_is_noticed(text: str) -> None:
    assert nearly_an_email(text)
    assert find_email(text) is None


def test_last_details_are_those_of_the_newest_invoice() -> None:
    earlier = [{"words": "…"}, {"title": NAME, "title_type": "company", "tax_no": NUMBER}, {"title": "个人"}]
    assert last_details(earlier) == InvoiceDetails("company", NAME, NUMBER)
    assert last_details([]) is None


def test_organisations() -> None:
    assert is_organisation("苏州明德科技（集团）有限公司")
    assert is_organisation("杭州小满商行（个体）")
    assert not is_organisation("张三")
