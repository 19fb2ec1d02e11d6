"""What of an order is to be changed, and what is to be noted on it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.nlu.order_changes import asks_for_notes, read_change, read_note


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("地址写错了", "改地址"),
        ("门牌号写错了 是3栋不是8栋", "改地址"),
        ("换成浙江省杭州市西湖区文三路1号 张三 13800000000", "改地址"),
        ("快递都到我们市了 可以转寄另一个区吗", "改地址"),
        ("两单地址写反了 帮我对调", "改地址"),
        ("手机号少了一位", "改电话"),
        ("收件人改成李四", "改电话"),
        ("地址不变 就是名字换一下", "改电话"),
        ("就改电话 其他不动", "改电话"),
        ("地址跟电话都换", "改收货信息"),
        ("收件人信息能修改么", "改收货信息"),
        ("颜色选错了", "改规格"),
        ("码数拍错 改成XL", "改规格"),
        ("数量拍多了", "改规格"),
        ("多拍了一件 去掉一个", "改规格"),
        ("刚才手滑点成白色 要黑的", "改规格"),
        ("两个订单合并", "合并"),
        ("我下了两单 能不能并成一个包裹", "合并"),
        ("三单合一起发", "合并"),
        ("不要拆单 要一起", "合并"),
        ("有货的先发", "拆分"),
        ("怎么给我拆成两单了", "拆分"),
        ("能分开发吗", "拆分"),
        ("能拆开发到两个地址不", "拆分"),
        ("刻字内容写错了 能改不", "改其他"),
        ("配送方式选成自提了", "改其他"),
        ("订单能修改吗", None),
        ("改单", None),
    ],
)
def test_what_is_to_be_changed(text: str, change: str | None) -> None:
    assert read_change(text) == change


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("备注要蓝色", "要蓝色"),
        ("帮我备注发圆头的", "发圆头的"),
        ("麻烦备注发中通 谢谢", "发中通"),
        ("要米白色 不要纯白 备注下", "要米白色 不要纯白"),
        ("包好一点 谢谢", "包好一点"),
        ("帮我发顺丰", "发顺丰"),
        ("别放小票进去", "别放小票进去"),
        ("贺卡写祝妈妈节日快乐", "贺卡写祝妈妈节日快乐"),
        ("备注：放前台，到了别打电话", "放前台,到了别打电话"),
        ("帮我备注一下", None),
        ("备注下", None),
        ("忘写备注了 你给加上", None),
        ("可以给我订单备注吗", None),
        ("备注好了没", None),
        ("按我备注的发", None),
    ],
)
def test_what_is_to_be_noted(text: str, note: str | None) -> None:
    assert read_note(text) == note


def test_a_question_for_notes_is_no_note() -> None:
    assert asks_for_notes("我说的你都备注了吗")
    assert asks_for_notes("看我备注！！")
    assert not asks_for_notes("备注要蓝色")


@given(st.text(max_size=80))
def test_any_text_can_be_read(text: str) -> None:
    read_change(text)
    note = read_note(text, asked=True)
    assert note is None or note.strip()
