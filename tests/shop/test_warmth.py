"""Thickness and climate: which temperatures, and whether it does there."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from sixty.shop.climate import NOWHERE, Climate, ClimateError, Temperatures, Weather, check_climate, read_climate
from sixty.shop.located import Problem
from sixty.shop.models import Attribute
from sixty.shop.warmth import (
    answer_for_trip,
    month_in,
    say_temperatures,
    suitable_temperatures,
    temperatures_in,
    worn_in,
)
from sixty.shop.wording import SHOP_ZONE

PLAYBOOK = Path("playbook")
NOVEMBER = datetime(2026, 11, 22, 12, tzinfo=SHOP_ZONE)


def span(low: float, high: float) -> Temperatures:
    return Temperatures(Decimal(str(low)), Decimal(str(high)))


@pytest.fixture
def climate() -> Climate:
    return read_climate(PLAYBOOK)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("适合5到22度，春秋单穿", span(5, 22)),
        ("适合零下8到8度", span(-8, 8)),
        ("适合零下15到零下5度", span(-15, -5)),
        ("零下10度到零上8度", span(-10, 8)),
        ("-5~10℃", span(-5, 10)),
        ("适合12到24度，天冷时里面塞抓绒就能穿到零上3度", span(12, 24)),
        ("加厚", None),
        ("8到2度", None),
        ("口袋3到4个", None),
    ],
)
def test_temperatures_are_read(text: str, found: Temperatures | None) -> None:
    assert temperatures_in(text) == found


@given(st.integers(-40, 40), st.integers(0, 30))
def test_what_is_said_is_read_again(low: int, width: int) -> None:
    high = low + width + 1
    said = say_temperatures(span(low, high))
    if high < 0:
        assert said == f"零下{-low}到零下{-high}度"
    assert temperatures_in(said) == span(low, high)


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("12月去东北穿行吗", 12),
        ("十一月穿", 11),
        ("二月份", 2),
        ("冬天穿冷不冷", 1),
        ("夏天", 7),
        ("下个月去", 12),
        ("国庆去", 10),
        ("春节回家", 1),
        ("去东北穿行吗", 11),
    ],
)
def test_months_are_read(text: str, month: int) -> None:
    assert month_in(text, NOVEMBER) == month


def test_the_month_is_that_of_the_shop() -> None:
    assert month_in("", datetime.fromisoformat("2026-11-30T17:00:00+00:00")) == 12


def test_the_table_knows_its_figures(climate: Climate) -> None:
    assert "国家统计局" in climate.source
    harbin = climate.weather("黑龙江", 1)
    assert harbin is not None
    assert harbin.means == span(-17.6, -16.0)
    north_east = climate.weather("东北", 1)
    assert north_east is not None
    assert north_east.means == span(-17.6, -11.0)
    assert climate.place_in("1月去哈尔滨看冰灯") == "哈尔滨"
    assert climate.place_in("去月球") is None
    assert climate.weather("月球", 1) is None
    with pytest.raises(ValueError, match="no month 13"):
        climate.weather("东北", 13)


def test_a_place_may_have_an_average_of_years_and_a_source_of_its_own(climate: Climate) -> None:
    xian = climate.weather("陕西", 1)
    assert xian is not None
    assert (xian.means, xian.place) == (span(0.3, 0.3), "陕西")
    assert "1981-2010" in xian.source
    beijing = climate.weather("北京", 1)
    assert beijing is not None
    assert beijing.source == climate.source


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ("also: []", "one year at least"),
        ("normals: {三十年: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]}", "normals"),
        ("normals: {1981-2010: [1, 2, 3]}", "3 months instead of 12"),
    ],
)
def test_a_place_without_sound_figures_is_refused(tmp_path: Path, figures: str, said: str) -> None:
    (tmp_path / "climate.yml").write_text(f"source: x\nplaces:\n  甲: {{{figures}}}\n", encoding="utf-8")
    with pytest.raises(ClimateError, match=said):
        read_climate(tmp_path)


def test_a_longer_name_wins() -> None:
    table = Climate("", {"甲": ()}, {"内蒙": ("甲",), "内蒙古": ("甲",)})
    assert table.place_in("去内蒙古") == "内蒙古"


@pytest.mark.parametrize(
    ("suits", "means", "verdict"),
    [
        (span(5, 22), span(-17.6, -11), "too_cold"),
        (span(-15, 5), span(-17.6, -11), "needs_a_layer"),
        (span(5, 22), span(12, 14), "fits"),
        (span(-15, 5), span(24, 27), "too_warm"),
        (span(20, 22), span(24, 25), "too_warm"),
    ],
)
def test_verdicts(suits: Temperatures, means: Temperatures, verdict: str) -> None:
    answer = worn_in(suits, Weather("东北", 1, means, "x"))
    assert answer.verdict == verdict
    assert say_temperatures(suits) in answer.text
    assert say_temperatures(means) in answer.text


@given(st.integers(-30, 30), st.integers(1, 30), st.lists(st.integers(-40, 40), min_size=2, max_size=2))
def test_colder_weather_is_never_less_cold(low: int, width: int, means: list[int]) -> None:
    order = ("too_cold", "needs_a_layer", "fits", "too_warm")
    suits = span(low, low + width)
    cold, warm = (order.index(worn_in(suits, Weather("", 1, span(mean, mean), "")).verdict) for mean in sorted(means))
    assert cold <= warm


def test_a_trip_is_answered_with_figures(shop: Session, climate: Climate) -> None:
    assert suitable_temperatures(shop, "GZ2101") == span(5, 22)
    answer = answer_for_trip(shop, "GZ2101", "1月去东北穿行吗", NOVEMBER, climate)
    assert answer is not None
    assert answer.text == (
        "东北1月平均气温零下18到零下11度，早晚还会再低几度；这款适合5到22度，单靠这款不够暖，建议选更厚的款式"
    )
    at_home = answer_for_trip(shop, "GZ2101", "4月穿行吗", NOVEMBER, climate, region="浙江杭州")
    assert at_home is not None
    assert at_home.verdict == "fits"


def test_nothing_is_claimed_without_figures(shop: Session, climate: Climate) -> None:
    assert answer_for_trip(shop, "GZ2101", "去月球穿行吗", NOVEMBER, climate) is None
    assert answer_for_trip(shop, "SM1101", "去东北穿行吗", NOVEMBER, climate) is None
    assert answer_for_trip(shop, "GZ2101", "去东北穿行吗", NOVEMBER, NOWHERE) is None


def test_thickness_is_inherited(shop: Session) -> None:
    shop.query(Attribute).filter_by(product_no="GZ2101", key="厚薄").delete()
    assert suitable_temperatures(shop, "GZ2101") is None
    shop.add(Attribute(product_no="GZ2001", key="厚薄", value="薄款", selling_point="适合15到30度"))
    shop.flush()
    assert suitable_temperatures(shop, "GZ2101") == span(15, 30)


TWELVE = "[1,2,3,4,5,6,7,8,9,10,11,12]"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("source: x\nplaces: {甲: {years: {2008: [1, 2]}}}", "2 months instead of 12"),
        (f"source: x\nplaces: {{甲: {{years: {{2008: {TWELVE}}}}}}}\nregions: {{东: [乙]}}", "speaks of 乙"),
        (f"source: x\nplaces: {{甲: {{also: [甲], years: {{2008: {TWELVE}}}}}}}", "name of two places"),
        ("source: x\nplaces: {甲: {years: {}}}", "one year at least"),
        ("places: {}", "source"),
    ],
)
def test_a_wrong_table_is_told(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "climate.yml").write_text(text, encoding="utf-8")
    problems: list[Problem] = []
    assert check_climate(tmp_path, problems) == NOWHERE
    assert said in str(problems[0])
    with pytest.raises(ClimateError, match=r"climate\.yml"):
        read_climate(tmp_path)


def test_without_a_table_nothing_is_known(tmp_path: Path) -> None:
    assert read_climate(tmp_path) == NOWHERE
