from __future__ import annotations

import pytest

from sixty.shop.recommendations.additions import only_adds


@pytest.mark.parametrize(
    "text",
    [
        "上班穿",
        "三百左右",
        "两三百的",
        "三百到五百",
        "500以内",
        "预算三百",
        "给我爸买的",
        "给老婆",
        "男款",
        "黑色的",
        "有没有黑色的",
        "有三百左右的吗",
        "要加绒的",
        "最好防水",
        "平时通勤用",
        "裤子",
        "黑色，上班穿",
    ],
)
def test_what_narrows_a_wish(text: str) -> None:
    assert only_adds(text)


@pytest.mark.parametrize(
    "text",
    [
        "防水吗",
        "有礼盒吗",
        "透气性好吗",
        "黑色的还有吗",
        "黑色什么时候有货",
        "收到的衣服不透气",
        "我妈的快递到哪了",
        "少了三百块",
        "不要黑色的",
        "上班几点",
        "改成黑色",
        "第一个",
        "三百",
        "170",
        "嗯",
        "有吗",
    ],
)
def test_what_asks_or_tells_something_else(text: str) -> None:
    assert not only_adds(text)


def test_a_sort_of_thing_that_was_found_in_it_is_known() -> None:
    assert not only_adds("来个保温杯")
    assert only_adds("来个保温杯", kind="保温杯")
