"""When a courier or a fitter is to come."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.nlu.visits import read_visit

# A Wednesday.
TODAY = date(2026, 5, 20)
SATURDAY = date(2026, 5, 23)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("周末再送", SATURDAY),
        ("周六送吧", SATURDAY),
        ("改到周日送可以不", date(2026, 5, 24)),
        ("明天别送 后天送", date(2026, 5, 22)),
        ("今天不行 明天吧", date(2026, 5, 21)),
        ("之前说周四送，改成周五吧", date(2026, 5, 22)),
        ("刚才说周五 更正 周四", date(2026, 5, 21)),
        ("能不能晚两天送", date(2026, 5, 22)),
        ("延后一周送货行吗 房子还没装好", date(2026, 5, 27)),
        ("装修还没完，冰箱晚半个月送", date(2026, 6, 4)),
        ("月底再拉过来", date(2026, 5, 31)),
        ("我出差了 周五回来再派送", date(2026, 5, 22)),
        ("约的是下周，这周六能送来不", SATURDAY),
        ("5月28日上午送", date(2026, 5, 28)),
        ("今天没人", None),
        ("先别送 我不在家", None),
        ("推迟几天送可以吗", None),
        ("这几天不在家 等我回来再送行不", None),
        ("下午送", None),
        ("昨天没人在家 今天再送一次吧", TODAY),
    ],
)
def test_the_day_that_is_asked_for(text: str, day: date | None) -> None:
    assert read_visit(text, TODAY).day == day


@pytest.mark.parametrize(
    ("text", "part", "hour"),
    [
        ("周六下午送", "afternoon", ""),
        ("晚上八点后送", "evening", "八点后"),
        ("下班后再送过来 我六点到家", "evening", "六点"),
        ("上午别送 下午再来", "afternoon", ""),
        ("下午不在 晚上行不", "evening", ""),
        ("不要中午来送", None, ""),
        ("中午12点到2点之间送", "afternoon", "12点到2点之间"),
        ("白天没人 七点后来", "evening", "七点后"),
        ("三点以后再敲门", "afternoon", "三点以后"),
        ("明早送", "morning", ""),
        ("明晚送行不", "evening", ""),
        ("周末再送", None, ""),
    ],
)
def test_the_time_of_day(text: str, part: str | None, hour: str) -> None:
    found = read_visit(text, TODAY)
    assert (found.part, found.hour) == (part, hour)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("让快递员给我打电话", "派送前请先电话联系收件人"),
        ("来之前先电话联系", "派送前请先电话联系收件人"),
        ("让快递打这个号13912345678", "派送前请打13912345678联系"),
        ("联系13912345678这个号码吧", "派送前请打13912345678联系"),
        ("放门口就行", "请放门口就行"),
        ("不要提前打电话 宝宝睡觉", "派送时请不要打电话"),
        ("不要放快递柜", ""),
        ("我在家了 随时可以送了", "收件人在家，请尽快派送"),
        ("周末再送", ""),
    ],
)
def test_what_the_courier_should_heed(text: str, note: str) -> None:
    assert read_visit(text, TODAY).note == note


@given(st.integers(0, 3650), st.sampled_from(["周六", "明天", "后天", "3月5号", "15号", "下周二", "晚三天送"]))
def test_a_day_that_is_asked_for_is_never_over(days: int, said: str) -> None:
    today = TODAY + timedelta(days=days)
    day = read_visit(f"改到{said}送", today).day
    assert day is not None
    assert day >= today


@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    read_visit(text, TODAY)


def test_days_that_wont_do_are_told_from_none() -> None:
    assert read_visit("明天没人", TODAY).ruled_out
    assert not read_visit("明天没人 后天吧", TODAY).ruled_out
    assert not read_visit("随便哪天", TODAY).ruled_out
