"""Chest, waist, foot and age as customers write them."""

from __future__ import annotations

from decimal import Decimal
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.nlu.body_parts import read_body_parts
from sixty.nlu.measures import read_measures
from sixty.nlu.normal_form import normal_form
from sixty.shop.size_charts import say_age


def parts(text: str) -> dict[str, str]:
    """What was read, by entity."""
    return {item.entity: item.value for item in read_body_parts(normal_form(text))}


@pytest.mark.parametrize(
    ("text", "chest", "waist"),
    [
        ("胸围92", "92", None),
        ("胸围：92cm", "92", None),
        ("胸围一百零四", "104", None),
        ("净胸围大概96厘米", "96", None),
        ("92cm的胸围", "92", None),
        ("胸围88-92", "90", None),
        ("腰围80cm", None, "80"),
        ("腰围大概80左右", None, "80"),
        ("腰围二尺三", None, "76.7"),
        ("腰围二尺三寸", None, "76.7"),
        ("腰两尺半", None, "83.3"),
        ("裤腰2尺7", None, "90"),
        ("裤子二尺三", None, "76.7"),
        ("腰2.4尺", None, "80"),
        ("腰围３尺", None, "100"),
        ("腰围32", None, "81.3"),  # inches, as on trousers
        ("腰围32寸", None, "81.3"),
        ("腰围30cm", None, "30"),
        ("腰围800mm", None, "80"),
        ("80的腰围", None, "80"),
        ("胸86 腰70 臀90", "86", "70"),
        ("胸围92腰围76", "92", "76"),
        ("三围90 60 90", "90", "60"),
        ("三围：84-68-92", "84", "68"),
        ("下胸围76 上胸围92", "92", None),
        ("腰带110的 我腰两尺七够扣么", None, "90"),
        ("身高170胸围92体重130", "92", None),
    ],
)
def test_girths(text: str, chest: str | None, waist: str | None) -> None:
    expected = {"chest": chest, "waist": waist}
    assert parts(text) == {name: value for name, value in expected.items() if value is not None}


@pytest.mark.parametrize(
    "text",
    [
        *[
            "腰带110",
            "护腰10斤",
            "弯腰90度",
            "胸口",
            "腰围多少",
            "三围多少",
            "半胸围52",
            "臀围102",
            "裤长100",
            "腰包20元",
        ],
        *["腰围999", "身高175体重70腰围多少", "胸围85码", "肩宽45cm"],
    ],
)
def test_no_girths(text: str) -> None:
    assert parts(text) == {}


@pytest.mark.parametrize(
    ("text", "foot"),
    [
        ("脚长24.5", "24.5"),
        ("脚长24.5cm", "24.5"),
        ("脚长245", "24.5"),
        ("脚长245mm", "24.5"),
        ("脚长二十五厘米五", "25.5"),
        ("脚长二十四点五", "24.5"),
        ("脚长24厘米半", "24.5"),
        ("脚长88厘米", "88"),  # nonsense is the form's to ask about
        ("脚26.5 脚背高", "26.5"),
        ("老公的脚26厘米", "26"),
        ("量了脚是23.7", "23.7"),
        ("宝宝脚长13 学步鞋买多大", "13"),
        ("26厘米的脚", "26"),
        ("童鞋16.5cm是几码", "16.5"),
        ("255毫米 国标多少号的鞋", "25.5"),
        ("左脚25右脚24.6", "25"),  # shoes are chosen by the longer one
        ("左脚25 右脚25.4", "25.4"),
        # Who tells the usual size tells the foot that it is made for.
        ("我平时42的脚", "26"),
        ("平时穿42码的鞋", "26"),
        ("一般都穿39半的运动鞋", "24.8"),
        ("37半的脚 只有整码", "23.8"),
        # An answer that is a length and nothing else.
        ("24.5厘米", "24.5"),
        ("大概25cm吧", "25"),
        ("二十四厘米", "24"),
        ("250mm", "25"),
    ],
)
def test_feet(text: str, foot: str) -> None:
    assert parts(text) == {"foot": foot}


@pytest.mark.parametrize(
    "text",
    [
        *["脚41", "脚23码", "裤脚18cm", "脚踝", "脚宽10厘米", "42码的鞋有吗", "平时穿31的牛仔裤", "鞋跟5cm", "90cm"],
        *["长25cm", "高25厘米", "25cm的线", "25", "脚背高", "脚88厘米", "三脚架"],
    ],
)
def test_no_feet(text: str) -> None:
    assert "foot" not in parts(text)


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("3岁", "3"),
        ("三岁小孩穿多大", "3"),
        ("3岁半", "3.5"),
        ("两周岁", "2"),
        ("宝宝两岁身高95", "2"),
        ("1岁3个月", "1.25"),
        ("一岁零六个月", "1.5"),
        ("半岁宝宝", "0.5"),
        ("8个月穿哪个", "0.67"),
        ("十四个月 78cm", "1.17"),
        ("6个月大", "0.5"),
        ("8个月", "0.67"),
        ("18个月", "1.5"),
        ("刚满月 八斤半", "0.08"),
        ("双满月 11斤", "0.17"),
        ("儿子十二岁了", "12"),
        ("四十五岁女 一五八", "45"),
    ],
)
def test_ages(text: str, age: str) -> None:
    assert parts(text) == {"age": age}


@pytest.mark.parametrize(
    "text",
    [
        *[
            "3-6岁",
            "三到六岁",
            "3岁以上能用吗",
            "3岁以下",
            "几岁能穿",
            "适合几个月的宝宝",
            "保修12个月",
            "质保 24个月",
            "0岁",
        ],
        *[
            "用了3个月就坏了",
            "最近三个月",
            "三个月后能穿吗",
            "穿了6个月",
            "怀孕5个月穿什么码",
            "3个月内包换的鞋码",
            "第3个月",
        ],
        *["满月酒", "200岁", "5个月发货吗", "S码能用到几个月"],
    ],
)
def test_no_ages(text: str) -> None:
    assert parts(text) == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("175 70kg 胸围96", {"height": "175", "weight": "70", "chest": "96"}),
        ("身高170腰围二尺四体重130", {"height": "170", "weight": "65", "waist": "80"}),
        ("宝宝8个月18斤72cm", {"age": "0.67", "weight": "9", "height": "72"}),
        ("儿子八岁 130 56斤", {"age": "8", "height": "130", "weight": "28"}),
        ("男 40岁 172 81公斤", {"age": "40", "height": "172", "weight": "81"}),
        ("儿童3岁半98cm", {"age": "3.5", "height": "98"}),
    ],
)
def test_beside_height_and_weight(text: str, found: dict[str, str]) -> None:
    assert {item.entity: item.value for item in read_measures(normal_form(text))} == found


@given(st.integers(40, 240), st.sampled_from(["cm", "厘米", "公分", " CM"]))
def test_centimetres_are_taken_at_their_word(girth: int, unit: str) -> None:
    assert parts(f"腰围{girth}{unit}") == {"waist": str(girth)}


@given(st.integers(2, 5), st.integers(1, 9))
def test_a_chi_is_a_third_of_a_metre(chi: int, cun: int) -> None:
    read = Decimal(parts(f"腰围{chi}尺{cun}")["waist"])
    assert abs(read - Decimal(chi * 10 + cun) * 10 / 3) <= Decimal("0.05")
    assert parts(f"腰围{'〇一二三四五'[chi]}尺{'〇一二三四五六七八九'[cun]}")["waist"] == format(read, "f")


@given(st.integers(80, 320))
def test_a_foot_is_the_same_in_millimetres(millimetres: int) -> None:
    assert parts(f"脚长{millimetres}mm") == parts(f"脚长{millimetres / 10}cm")


@given(st.integers(1, 15), st.integers(1, 11))
def test_an_age_is_said_as_it_was_told(years: int, months: int) -> None:
    told = f"{years}岁{months}个月" if years < 3 else f"{years}岁"
    said = say_age(Decimal(parts(told)["age"]))
    assert said == (told if not told.endswith("岁6个月") else f"{years}岁半")


WORDS = "胸围 腰围 腰 脚长 脚 左脚 右脚 三围 92 80 24.5 245 二尺三 2尺 3岁 半 8个月 的 鞋 平时 42 码 cm mm 寸 - 到 宝宝"
PIECES = st.sampled_from(WORDS.split())


@given(st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=40))
def test_whatever_is_read_lies_in_the_text_and_is_a_number(text: str) -> None:
    end = 0
    for item in read_body_parts(normal_form(text)):
        assert item.entity in {"chest", "waist", "foot", "age"}
        assert Decimal(item.value) > 0
        assert end <= item.start < item.end <= len(text)
        end = item.end


@pytest.mark.parametrize(
    "piece", ["胸围", "腰围2尺", "脚长2", "脚", "平时42", "十", "岁", "8个月", "三围90-", "1.", "左脚25", "二十四厘米 "]
)
def test_reading_takes_time_in_proportion_to_the_length(piece: str) -> None:
    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        times = []
        for _ in range(5):
            start = process_time()
            read_body_parts(text)
            times.append(process_time() - start)
        return min(times)

    # Eight times the text; a quadratic reading would take sixty-four times as long.
    assert seconds(8000) < 30 * max(seconds(1000), 0.0005)
