"""What customers say they look for: whom for, how much, what colour."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.shop.recommendations import Recipient, Wish
from sixty.shop.recommendations.audience import Audience, audience_of, recipient_in, suits
from sixty.shop.recommendations.colors import closeness, color_family, color_in, same_family
from sixty.shop.recommendations.measures import gains_of_attributes, gains_of_specs
from sixty.shop.recommendations.spoken_amounts import budget_in


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("三百以内", None, 300),
        ("300块以下的", None, 300),
        ("不超过五百", None, 500),
        ("预算两千", None, 2000),
        ("最多150元", None, 150),
        ("两三百的", 200, 300),
        ("一两千", 1000, 2000),
        ("100到200", 100, 200),
        ("一百到两百块", 100, 200),
        ("500以上", 500, None),
        ("两百左右", 140, 260),
        ("1k以内", None, 1000),
        ("两百五以内", None, 250),
        ("1.5千以内", None, 1500),
        ("200以上500以内", 200, 500),
    ],
)
def test_a_budget(text: str, low: int | None, high: int | None) -> None:
    budget = budget_in(text)
    assert budget is not None
    assert (budget.low, budget.high) == tuple(None if each is None else Decimal(each) for each in (low, high))


@pytest.mark.parametrize(
    "text",
    ["推荐一件外套", "身高175到180", "140斤左右穿", "3岁到6岁", "5双装", "第二件半价吗", "8GB以上", "几个月能穿", ""],
)
def test_no_budget(text: str) -> None:
    assert budget_in(text) is None


def test_a_bare_number_is_a_budget_only_where_it_was_asked_for() -> None:
    assert budget_in("三百") is None
    asked = budget_in("三百吧", is_answer=True)
    assert asked is not None
    assert asked.low == Decimal(210)


@given(st.text(alphabet="0123456789一二两三百千万元块到以内左右不超过.k", max_size=12), st.booleans())
def test_a_budget_is_never_upside_down(text: str, is_answer: bool) -> None:
    budget = budget_in(text, is_answer=is_answer)
    if budget is not None and budget.low is not None and budget.high is not None:
        assert 0 <= budget.low <= budget.high


@pytest.mark.parametrize(
    ("text", "word", "gender", "group"),
    [
        ("推荐一件外套给老婆", "老婆", "女", "adult"),
        ("送妈妈的生日礼物", "妈妈", "女", "adult"),
        ("帮我爸挑双鞋", "爸", "男", "adult"),
        ("给我儿子买个书包", "儿子", "男", "child"),
        ("给爷爷买个手机", "爷爷", "男", "elder"),
        ("我女朋友穿的", "女朋友", "女", "adult"),
        ("宝宝用什么好", "宝宝", "", "baby"),
        ("有没有女款的外套", "女士", "女", ""),
        ("6个月宝宝穿的衣服", "宝宝", "", "baby"),
    ],
)
def test_a_recipient(text: str, word: str, gender: str, group: str) -> None:
    found = recipient_in(text)
    assert found is not None
    assert (found.word, found.gender, found.group) == (word, gender, group)


@pytest.mark.parametrize("text", ["老板在吗", "推荐一件外套", "师傅什么时候上门", "这个给我看看", "哥，便宜点"])
def test_nobody_in_particular(text: str) -> None:
    assert recipient_in(text) is None


def test_an_answer_names_the_recipient_by_itself() -> None:
    assert recipient_in("老婆") is None
    found = recipient_in("老婆", is_answer=True)
    assert found is not None
    assert found.gender == "女"


@pytest.mark.parametrize(
    ("name", "kind", "chart", "attributes", "expected"),
    [
        ("女款短款工装外套", "女工装外套", "", {}, Audience("女")),
        ("多口袋工装裤", "工装裤", "男款工装裤", {}, Audience("男")),
        ("尼龙腰带", "腰带", "", {"适用人群": "男女通用"}, Audience()),
        ("尼龙腰带", "腰带", "男款", {"适用人群": "男女通用"}, Audience()),
        ("儿童护脊书包", "书包", "", {}, Audience("", "child")),
        ("婴儿恒温睡袋", "睡袋", "", {"适用年龄": "6个月到4岁"}, Audience("", "baby", (6, 48))),
        ("秋衣套装", "内衣", "", {"适用年龄": "2到8岁"}, Audience("", "child", (24, 96))),
        ("澜星乐享", "老人手机", "", {}, Audience("", "elder")),
    ],
)
def test_whom_a_product_is_for(
    name: str, kind: str, chart: str, attributes: dict[str, str], expected: Audience
) -> None:
    assert audience_of(name, kind, chart, attributes) == expected


def test_what_suits_whom() -> None:
    wife, son = Recipient("老婆", "女", "adult"), Recipient("儿子", "男", "child", 60)
    assert suits(Audience("男"), wife) == "no"
    assert suits(Audience("女"), wife) == "yes"
    assert suits(Audience(), wife) == "maybe"
    assert suits(Audience("", "baby"), wife) == "no"
    assert suits(Audience("", "child", (24, 96)), son) == "yes"
    assert suits(Audience("", "baby", (0, 24)), son) == "no"


@pytest.mark.parametrize(
    ("color", "family"),
    [
        ("军绿", "绿色"),
        ("卡其", "大地色"),
        ("奶茶色", "大地色"),
        ("奶白", "白色"),
        ("深空灰", "灰色"),
        ("藏青", "蓝色"),
        ("格纹", ""),
    ],
)
def test_families_of_colours(color: str, family: str) -> None:
    assert color_family(color) == family


def test_colours_that_go_together() -> None:
    assert same_family("卡其", "棕色")
    assert not same_family("格纹", "格纹")
    assert [closeness("卡其", each) for each in ("卡其", "棕色", "黑色", "军绿", "")] == [3, 2, 1, 0, 0]
    assert color_in("要件黑色的") == "黑色"
    assert color_in("红茶怎么卖") == ""


def test_specs_are_compared_part_by_part() -> None:
    gains = gains_of_specs("8GB+128GB", "8GB+256GB")
    assert gains is not None
    assert [gain.text for gain in gains] == ["存储翻倍（128GB→256GB）"]
    more = gains_of_specs("8GB+128GB", "12GB+512GB")
    assert more is not None
    assert [gain.text for gain in more] == ["存储是原来的4倍（128GB→512GB）", "运行内存从8GB到12GB"]
    assert gains_of_specs("8GB+512GB", "12GB+256GB") is None
    assert gains_of_specs("8GB+128GB", "约200克") == []
    assert gains_of_specs("80抽5包", "80抽10包")[0].text == "数量翻倍（5包→10包）"  # type: ignore[index]


def test_attributes_are_compared_where_it_is_known_what_is_better() -> None:
    before = {"续航": "单次4小时", "防水": "IPX4", "噪音": "50分贝", "重量": "200克"}
    better = {"续航": "单次8小时", "防水": "IP68", "噪音": "40分贝", "重量": "300克"}
    gains = gains_of_attributes(before, better)
    assert gains is not None
    assert {gain.what for gain in gains} == {"续航", "防水", "噪音"}
    assert gains_of_attributes(better, before) is None
    assert gains_of_attributes(before, {**better, "噪音": "60分贝"}) is None
    assert gains_of_attributes(before, {"材质": "棉"}) == []


wishes = st.builds(
    Wish,
    words=st.lists(st.text(max_size=4), max_size=3).map(tuple),
    kinds=st.lists(st.text(max_size=4), max_size=3).map(tuple),
    category=st.text(max_size=4),
    recipient=st.none()
    | st.builds(
        Recipient,
        st.text(min_size=1, max_size=3),
        st.sampled_from(("女", "男", "")),
        st.sampled_from(("baby", "child", "adult", "elder", "")),
        st.none() | st.integers(0, 999),
    ),
    low=st.none() | st.decimals(0, 999, places=2),
    high=st.none() | st.decimals(0, 999, places=2),
    color=st.text(max_size=3),
    use=st.text(max_size=3),
    asked=st.sampled_from(((), ("recipient",), ("recipient", "budget"))),
)


@given(wishes)
def test_a_wish_survives_a_slot(wish: Wish) -> None:
    import json

    assert Wish.of_slot(json.loads(json.dumps(wish.as_slot()))) == wish


@pytest.mark.parametrize("slot", [None, {}, "text", {"low": "NaN", "kinds": 3, "recipient": [], "asked": ["x", 1]}])
def test_a_slot_from_outside_is_read_as_far_as_it_makes_sense(slot: object) -> None:
    assert Wish.of_slot(slot) == Wish()  # type: ignore[arg-type]
