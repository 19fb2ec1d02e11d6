"""`playbook/minutes.yml`: what it says, and what is said of its mistakes."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from sixty.insight.minutes import MINUTES_FILE, Minutes, MinutesError, check_minutes, read_minutes
from sixty.insight.strategy import Moment, pushes
from sixty.shop.located import Problem
from sixty.shop.wording import SHOP_ZONE

PLAYBOOK = Path(__file__).parents[2] / "playbook"


@pytest.fixture(scope="module")
def minutes() -> Minutes:
    return read_minutes(PLAYBOOK)


@pytest.mark.parametrize(
    ("category", "price", "name", "first"),
    [
        ("生鲜食品", 39, "quick", "close"),
        ("母婴", 159, "reassuring", "close"),
        ("母婴", 29, "quick", "close"),
        ("工装", 259, "matching", "close"),
        ("美妆", 99, "matching", "close"),
        ("数码家电", 3999, "winning_back", "benefit"),
        ("数码家电", 59, "quick", "close"),
        ("没有这个类目", 100, "reassuring", "close"),
        (None, None, "reassuring", "close"),
    ],
)
def test_each_category_has_its_strategy(
    minutes: Minutes, category: str | None, price: int | None, name: str, first: str
) -> None:
    strategy = minutes.strategy(category, Decimal(price) if price is not None else None)
    assert strategy.name == name
    assert strategy.segments["win_back"][0] == first
    # The first half of the minute is for answers.
    assert strategy.segments["ask"] == strategy.segments["answer"] == ()


def test_who_wins_back_ends_in_the_own_channels(minutes: Minutes) -> None:
    order = minutes.strategy("数码家电", Decimal(3999)).segments["win_back"]
    assert order.index("benefit") < order.index("own_channel")
    assert "bundle" in minutes.strategy("工装", Decimal(259)).segments["win_back"]


def test_a_tapped_title_is_the_worry_it_stands_for(minutes: Minutes) -> None:
    for category in ("工装", "美妆", "生鲜食品", None):
        for worry, title in minutes.worries_of(category).items():
            assert minutes.worry_titled(title) == worry
    assert minutes.worry_titled("天气不好") is None


def test_silence_waits_by_category_and_never_speaks_at_night(minutes: Minutes) -> None:
    plan = minutes.follow_up
    assert plan is not None
    assert plan.wait("数码家电") > plan.wait("工装") == plan.wait(None) == timedelta(minutes=3)
    quiet = {hour for hour in range(24) if plan.is_quiet(datetime(2026, 5, 20, hour, 30, tzinfo=SHOP_ZONE))}
    assert quiet == {22, 23, *range(9)}
    assert "只剩2件了" in plan.line("工装", "外套", "只剩2件了")
    without = plan.line("工装", "外套", "")
    assert "外套" in without
    assert "{" not in without
    assert "。。" not in without


def broken(tmp_path: Path, old: str, new: str) -> list[Problem]:
    text = (PLAYBOOK / MINUTES_FILE).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / MINUTES_FILE).write_text(text.replace(old, new, 1), encoding="utf-8")
    problems: list[Problem] = []
    assert check_minutes(tmp_path, problems) is None
    return problems


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("win_back: [close]", "answer: [close]\n    win_back: [close]", "first half of the minute is for answers"),
        ("win_back: [close]", "win_back: [close, close]", "stands here twice"),
        ("win_back: [close]", "win_back: [closing]", "win_back.0"),
        ("生鲜食品: quick", "生鲜食品: quickly", "there is no strategy quickly"),
        ("    - {use: reassuring}", "    - {up_to: 900, use: reassuring}", "what costs more has no strategy"),
        ("    - {up_to: 60, use: quick}", "    - {use: quick}", "in no order"),
        ("  default: reassuring", "  usually: reassuring", "needs an entry “default”"),
        ("price: 价格高了点, delivery: 几天能到}", "colour: 颜色}", "unexpected value; permitted: 'fit'"),
        ("default: 3m,", "default: 30s,", "no span"),
        ("default: 3m,", "default: 13h,", "from 1m to 12h"),
        ('点一下我马上说～"\n    数码', '{reason}点一下～"\n    数码', "must do without {reason}"),
        ("pushes: 4 ", "pushes: -1 ", "limits.pushes"),
        ("willing: 0.5", "willing: 5", "willing"),
        ("quality: 质量靠不靠谱", "quality: 价格高了点", "word one differently"),
    ],
)
def test_a_mistake_is_said_with_its_line(tmp_path: Path, old: str, new: str, wrong: str) -> None:
    problems = broken(tmp_path, old, new)
    assert any(wrong in str(each) for each in problems), [str(each) for each in problems]
    assert all(each.line > 1 and each.remedy for each in problems)


def test_without_the_file_nothing_is_offered(tmp_path: Path) -> None:
    nothing = read_minutes(tmp_path)
    strategy = nothing.strategy("工装", Decimal(100))
    moment = Moment(segment="win_back", score=1.0)
    assert pushes(strategy, moment, nothing.limits, willing=nothing.willing, dipped=nothing.dipped) == ()
    assert nothing.follow_up is None


def test_a_file_that_is_wrong_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / MINUTES_FILE).write_text("strategies: []\n", encoding="utf-8")
    with pytest.raises(MinutesError, match=r"minutes\.yml:1"):
        read_minutes(tmp_path)
