from __future__ import annotations

from decimal import Decimal
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sixty.nlu.measures import read_measures, weight_in_kg
from sixty.nlu.normal_form import normal_form
from sixty.nlu.spoken_numbers import chinese_number


def values(text: str, *entities: str) -> dict[str, list[str]]:
    """What was read, by entity; only the entities named, when any are."""
    found: dict[str, list[str]] = {}
    for item in read_measures(normal_form(text)):
        if not entities or item.entity in entities:
            found.setdefault(item.entity, []).append(item.value)
    return found


@pytest.mark.parametrize(
    ("text", "height", "weight"),
    [
        ("1米65 105斤", "165", "52.5"),
        ("净身高158，体重98", "158", "49"),
        ("我老公178 160斤左右", "178", "80"),
        ("身高一米七二 一百三十五斤", "172", "67.5"),
        ("宝宝8个月18斤72cm", "72", "9"),
        ("175 70kg", "175", "70"),
        ("１７５／７０ＫＧ", "175", "70"),
        ("175㎝ 70㎏", "175", "70"),
        ("1.75米 140", "175", "70"),
        ("1。75米，140斤", "175", "70"),
        ("1.75 70kg", "175", "70"),
        ("175，140", "175", "70"),
        ("175、70公斤穿啥", "175", "70"),
        ("178,75 穿L还是XL", "178", "75"),
        ("1米75，70", "175", "70"),
        ("1米8，160", "180", "80"),
        ("一米八 一百六", "180", "80"),
        ("一米75 一百四十斤", "175", "70"),
        ("一七五 七十公斤", "175", "70"),
        ("身高一七五体重一百三", "175", "65"),
        ("一百八十五公分，八十公斤", "185", "80"),
        ("身高170cm体重130斤", "170", "65"),
        ("身高：170 体重：65", "170", "65"),
        ("身高=170 体重大概130", "170", "65"),
        ("身高 165 体重120公斤", "165", "120"),
        ("165高 110斤", "165", "55"),
        ("120高 50斤 多大的合身", "120", "25"),
        ("180的个子 才120斤 偏瘦怎么选", "180", "60"),
        ("170的身高130的体重", "170", "65"),
        ("身高170的体重130", "170", "65"),
        ("体重120身高165", "165", "60"),
        ("130斤，170", "170", "65"),
        ("130斤 170高", "170", "65"),
        ("我家娃胖 95的身高40斤 裤子选多大", "95", "20"),
        ("高1.58 重96 拿m会大吗", "158", "48"),
        ("170左右，130左右", "170", "65"),
        ("170上下 60来公斤", "170", "60"),
        ("170-175cm 130-140斤", "172.5", "67.5"),
        ("男朋友185 一百六十多斤", "185", "80"),
        ("1米1 38", "110", "19"),
        ("儿子八岁 130 56斤选140还是150", "130", "28"),
    ],
)
def test_a_body_is_read_as_customers_write_it(text: str, height: str, weight: str) -> None:
    assert values(text, "height", "weight") == {"height": [height], "weight": [weight]}


@pytest.mark.parametrize(
    ("text", "height"),
    [
        ("身高1米6", "160"),
        ("1m8", "180"),
        ("身高165-170之间", "167.5"),
        ("身高大概170左右", "170"),
        ("裸高168", "168"),
        ("身长58厘米 满月", "58"),
        ("0.9米的孩子", "90"),
        ("两米零三有码吗", "203"),
        ("身高300", "300"),  # nonsense is the form's to ask about
    ],
)
def test_a_height_alone(text: str, height: str) -> None:
    assert values(text, "height", "weight") == {"height": [height]}


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("150斤穿什么码", "75"),
        ("不到130斤", "65"),
        ("120几斤", "60"),
        ("一百二十多斤", "60"),
        ("百八十斤", "90"),
        ("两百斤穿几XL", "100"),
        ("七十公斤", "70"),
        ("体重一百五", "75"),
        ("体重110", "55"),
        ("体重51公斤", "51"),
        ("130-140斤", "67.5"),
        ("刚生下来七斤 nb还是s", "3.5"),
        ("9公斤用L还是M", "9"),
        ("9.5kg", "9.5"),
    ],
)
def test_a_weight_alone(text: str, weight: str) -> None:
    assert values(text, "height", "weight") == {"weight": [weight]}


def test_two_people_in_one_line_keep_their_own_measures() -> None:
    assert values("我跟我老公，163 50kg，178 75kg", "height", "weight") == {
        "height": ["163", "178"],
        "weight": ["50", "75"],
    }


@pytest.mark.parametrize(
    "text",
    [
        "满300减50",
        "满100-50",
        "满150减20可以用吗",
        "300-50的券",
        "199-50",
        "100-20",
        "2斤装",
        "10kg装",
        "5斤重的",
        "买3送1",
        "500ml",
        "100个 50个",
        "120 45片",
        "11月11日",
        "双11",
        "2026年5月20日",
        "199元",
        "199元 59元",
        "160/84A",
        "170/88A是多大",
        "32码腰2尺3",
        "腰围80cm",
        "裤长100cm够吗",
        "臀围102厘米",
        "肩宽45cm",
        "脚长25cm",
        "长30cm宽20cm",
        "60x60cm",
        "三围90 60 90",
        "充电线1米5长吗",
        "1.6m的数据线",
        "150和180哪个好",
        "170-180",
        "10斤大米",
        "大米10kg多少钱",
        "苹果5斤多少钱",
        "一斤多少钱",
        "三斤虾",
        "两斤的多少五斤的又多少",
        "这个五斤的太多",
        "买二十斤 称了才十七斤",
        "收到的是三斤 拍的是五斤",
        "承重150kg吗",
        "4k屏幕",
        "202611180000012345",
        "13800001001",
    ],
)
def test_what_is_no_body_is_not_read_as_one(text: str) -> None:
    assert values(text, "height", "weight") == {}


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("xl码有吗", ["XL"]),
        ("XXL", ["2XL"]),
        ("xxxl", ["3XL"]),
        ("2xl和3XL哪个适合我", ["2XL", "3XL"]),
        ("S还是M", ["S", "M"]),
        ("nb还是s", ["NB", "S"]),
        ("32码腰2尺3", ["32"]),
        ("42.5码", ["42.5"]),
        ("42号的鞋", ["42"]),
        ("鞋码42", ["42"]),
        ("73码", ["73"]),
        ("90码童装", ["90"]),
        ("110码", ["110"]),
        ("185码是几个x", ["185"]),
        ("160/84A有吗", ["160/84A"]),
        ("165/88a", ["165/88A"]),
        ("X L有吗", ["XL"]),
        ("要2 XL", ["2XL"]),
        ("四十二码的鞋", ["42"]),
        ("三十八号", ["38"]),
    ],
)
def test_sizes(text: str, sizes: list[str]) -> None:
    assert values(text, "size") == {"size": sizes}


@pytest.mark.parametrize("text", ["T恤", "5月20号发货吗", "20号能到吗", "USB", "iPhone15", "1.5L", "LED灯", "SM1101"])
def test_no_sizes(text: str) -> None:
    assert values(text, "size") == {}


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("第二个", "2"),
        ("第 2 单", "2"),
        ("第10单", "10"),
        ("第十二笔", "12"),
        ("最后一单", "-1"),
        ("最下面那个", "-1"),
        ("倒数第二个", "-2"),
        ("最近一笔", "1"),
        ("最新的那单", "1"),
        ("最上面的那个", "1"),
    ],
)
def test_positions(text: str, position: str) -> None:
    assert values(text) == {"ordinal": [position]}


@pytest.mark.parametrize("text", ["第二天能到吗", "第一次买", "第二件半价", "第十二天", "最近一个月", "第0个"])
def test_no_positions(text: str) -> None:
    assert "ordinal" not in values(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("订单号202611180000012345", {"order_no": ["202611180000012345"]}),
        ("2026 1118 0000 0123 45", {"order_no": ["202611180000012345"]}),
        ("202611180000012345，1001", {"order_no": ["202611180000012345"], "phone": ["1001"]}),
        ("订单202611180000012345手机1001", {"order_no": ["202611180000012345"], "phone": ["1001"]}),
        ("2026111800000123 1001", {"order_no": ["2026111800000123"], "phone": ["1001"]}),
        ("13800001001", {"phone": ["13800001001"]}),
        ("138 0000 1001", {"phone": ["13800001001"]}),
        ("138-0000-1001", {"phone": ["13800001001"]}),
        ("+86 13800001001", {"phone": ["13800001001"]}),
        ("尾号0012", {"phone": ["0012"]}),
        ("后四位是1001", {"phone": ["1001"]}),
        ("手机尾号：1001", {"phone": ["1001"]}),
        ("尾号2345那单到哪了", {}),  # the tail of an order, not of a phone
        ("1001", {"number": ["1001"]}),
        ("是0012", {"number": ["0012"]}),
        ("123456789", {"number": ["123456789"]}),
        ("大概110吧", {"number": ["110"]}),
        ("一百三", {"number": ["130"]}),
    ],
)
def test_order_and_phone_numbers(text: str, found: dict[str, list[str]]) -> None:
    assert values(text) == found


@pytest.mark.parametrize("text", ["199元", "8折", "3天能到吗", "24小时", "65w", "120g", "双11", "满99包邮", "2斤装"])
def test_a_number_with_a_unit_of_its_own_is_no_lone_number(text: str) -> None:
    assert "number" not in values(text)


def test_a_finding_is_what_the_text_says_there() -> None:
    text = "我175，140斤，手机13800001001"
    found = {item.entity: text[item.start : item.end] for item in read_measures(normal_form(text))}
    assert found == {"height": "175", "weight": "140斤", "phone": "13800001001"}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("一百三十五", 135),
        ("一百三", 130),
        ("一百零五", 105),
        ("百八", 180),
        ("九十八", 98),
        ("十", 10),
        ("两百", 200),
        ("七", 7),
        ("", None),
        ("好", None),
        ("一好", None),
        ("好百", None),
        ("好十", None),
    ],
)
def test_spoken_numbers(text: str, number: int | None) -> None:
    assert chinese_number(text) == number


@pytest.mark.parametrize(
    ("number", "height", "kilograms"),
    [
        ("140", "175", "70"),
        ("70", "175", "70"),
        ("98", "158", "49"),
        ("48", "158", "48"),
        ("90", "155", "45"),
        ("36", "110", "18"),
        ("18", "110", "18"),
        ("200", "180", "100"),
        ("75", None, "75"),
        ("98", None, "49"),
        ("150", "20", "75"),  # not a height at all
    ],
)
def test_a_bare_weight_is_read_in_the_likelier_unit(number: str, height: str | None, kilograms: str) -> None:
    assert weight_in_kg(Decimal(number), Decimal(height) if height else None) == Decimal(kilograms)


POSITIVE = st.decimals("0.1", "400", places=1)


@given(POSITIVE, st.none() | POSITIVE)
def test_a_bare_weight_is_taken_or_halved(number: Decimal, height: Decimal | None) -> None:
    assert weight_in_kg(number, height) in (number, number / 2)


WORDS = "身高 体重 1米75 175 70 140 斤 kg 公斤 cm 一百三 XL 42码 高 重 的 ， / - . 。 满300减50 尾号 160/84A ㎏ 二 百"
WORDS += " 胸围 腰围 二尺三 脚长 24.5 3岁半 个月"
PIECES = st.sampled_from([*WORDS.split(), " ", "13800001001", "202611180000012345"])
TEXTS = st.text(st.characters(blacklist_categories=()), max_size=60) | st.lists(PIECES, max_size=25).map("".join)
ENTITIES = {"height", "weight", "chest", "waist", "foot", "age"}
ENTITIES |= {"number", "order_no", "phone", "size", "ordinal", "money", "quantity", "date"}


@settings(max_examples=300)
@given(TEXTS)
def test_whatever_is_read_lies_in_the_text_and_apart(text: str) -> None:
    end = 0
    for item in read_measures(normal_form(text)):
        assert item.entity in ENTITIES
        assert item.value
        assert end <= item.start < item.end <= len(text)
        end = item.end
        if item.entity in ("height", "weight"):
            assert Decimal(item.value) > 0


@given(st.integers(45, 230), st.integers(2, 150))
def test_stated_units_are_taken_at_their_word(height: int, weight: int) -> None:
    assert values(f"身高{height}cm，体重{weight}kg", "height", "weight") == {
        "height": [str(height)],
        "weight": [str(weight)],
    }


PIECES_OF_LONG_TEXTS = ["1", "175 ", "175/70 ", "身高", "身高1", "一百", "第", "1.", "1 ", "X", "70kg ", "160/84A"]


@pytest.mark.parametrize("piece", PIECES_OF_LONG_TEXTS)
def test_reading_takes_time_in_proportion_to_the_length(piece: str) -> None:
    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        times = []
        for _ in range(5):
            start = process_time()
            read_measures(text)
            times.append(process_time() - start)
        return min(times)

    # Eight times the text; a quadratic reading would take sixty-four times as long.
    assert seconds(8000) < 30 * max(seconds(1000), 0.0005)
