from __future__ import annotations

import pytest

from sixty.shop.mishaps import damage_in, mishap_in, refuses, remedy_in, said_to_be_refused, trouble_in


@pytest.mark.parametrize(
    ("line", "trouble"),
    [
        *(
            (line, "not_received")
            for line in ("显示签收了我没收到", "没拿到货却写签收", "假签收", "包裹不见了", "快递丢了")
        ),
        *(
            (line, "delivered_elsewhere")
            for line in (
                *("送错地方了", "给我送到老地址去了", "没问我就放快递柜了", "说放门卫，门卫说没有", "快件被别人签走了"),
                *("放驿站也不说一声", "送到隔壁去了"),
            )
        ),
        *((line, None) for line in ("签收有问题", "你好", "")),
    ],
)
def test_why_there_is_no_parcel(line: str, trouble: str | None) -> None:
    assert trouble_in(line) == trouble


@pytest.mark.parametrize("line", ["我拒收了", "能拒收吗", "已经拒收，什么时候退款", "不想签收", "让快递员带回去"])
def test_who_refuses(line: str) -> None:
    assert refuses(line)
    assert not said_to_be_refused(line)


@pytest.mark.parametrize("line", ["我没拒收 怎么显示拒收", "谁拒收的 我没有", "显示客户拒收", "没联系我就给退回了"])
def test_what_nobody_refused(line: str) -> None:
    assert said_to_be_refused(line)
    assert not refuses(line)


def test_other_troubles_refuse_nothing() -> None:
    for line in ("显示签收了我没收到", "送错地方了", ""):
        assert not refuses(line)
        assert not said_to_be_refused(line)


@pytest.mark.parametrize(
    ("line", "mishap"),
    [
        *(
            (line, "missing")
            for line in ("少了一件", "只收到一半", "空盒子", "没螺丝", "我买了三件只收到两件", "漏发了")
        ),
        *(
            (line, "wrong_item")
            for line in ("颜色发错了", "不是我拍的那个", "实物和订单不符", "跟我下单的对不上", "东西不对啊")
        ),
        *((line, None) for line in ("收到了", "没有图", "没有", "")),
    ],
)
def test_what_went_wrong_with_the_goods(line: str, mishap: str | None) -> None:
    assert mishap_in(line) == mishap


@pytest.mark.parametrize(
    ("line", "damage"),
    [
        *(
            (line, "damaged")
            for line in ("收到是碎的", "打开就破了", "收到就坏了", "箱子压扁了", "屏幕裂了", "漏了一地")
        ),
        *((line, "quality") for line in ("用了两天就坏了", "洗了一次就掉色", "现在开不了机", "穿了没两次就开线了")),
        *((line, "spoiled") for line in ("草莓全烂了", "发霉了", "虾都臭了", "收到已经变质")),
        *((line, None) for line in ("有问题", "")),
    ],
)
def test_since_when_it_is_no_good(line: str, damage: str | None) -> None:
    assert damage_in(line) == damage


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        *((line, "补发") for line in ("给我补发一个", "重新发一件吧", "补寄过来")),
        *((line, "赔付") for line in ("留着，补点钱吧", "赔我", "退我一点就行", "给点补偿", "补一点钱吧")),
        *((line, "退货") for line in ("退货", "我要退掉")),
        *((line, "换货") for line in ("换一个", "给换新的吧，换货", "我要换 运费你们出")),
        *((line, "退款") for line in ("退款", "把钱退了，退钱")),
        *((line, "维修") for line in ("能修吗", "维修一下")),
        *((line, None) for line in ("颜色发错了", "少了一件", "把货换成别的了", "不想换", "")),
    ],
)
def test_what_is_wanted_for_it(line: str, remedy: str | None) -> None:
    assert remedy_in(line) == remedy
