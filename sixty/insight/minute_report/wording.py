"""Figures in the words of the page."""

from __future__ import annotations

from datetime import datetime

from sixty.insight.experiment import Estimate
from sixty.insight.minute_report.course import Course
from sixty.insight.models import Outcome
from sixty.shop.intervals import Interval
from sixty.shop.wording import SHOP_ZONE

COURSE_NAMES: dict[Course, str] = {
    "A": "当下就买",
    "B": "犹豫后买",
    "B+": "还带了搭配",
    "C": "挽回后买",
    "C+": "还留在自家渠道",
    "undecided": "看看没买",
    "Z": "没留住",
}
OUTCOME_NAMES: dict[Outcome | None, str] = {
    "answered": "答了",
    "asked_back": "反问",
    "missed": "没听懂",
    "apologised": "出错道歉",
    "handed_over": "转人工",
    "to_person": "人工在接",
    None: "没人回",
}
OFFER_NAMES = {
    "welcome": "胶囊 · 欢迎卡",
    "mined": "胶囊 · 挖掘出来的下一问",
    "pinned": "胶囊 · 商家置顶的",
    "playbook": "胶囊 · 剧本里写的",
    "doubts": "还没放心的几点",
    "close": "收口，邀请下单",
    "bundle": "搭配",
    "benefit": "优惠",
    "own_channel": "自家渠道",
    "follow_up": "沉默后问一句",
}
ALL = "全部"
NO_CATEGORY = "没提到商品"


def category_name(category: str | None) -> str:
    """What a category is called on the page."""
    return ALL if category is None else category or NO_CATEGORY


def course_title(course: Course) -> str:
    """The letter of a course and what it means."""
    return COURSE_NAMES[course] if course == "undecided" else f"{course} {COURSE_NAMES[course]}"


def percent(share: float, places: int = 1) -> str:
    """A share in percent: 0.1234 is 12.3%."""
    return f"{share * 100:.{places}f}%"


def between(interval: Interval) -> str:
    """The ends of a share's interval: 9.8–15.4%."""
    return f"{interval.low * 100:.1f}–{interval.high * 100:.1f}%"


def points(value: float) -> str:
    """A difference of shares, with its sign: +1.2."""
    return f"{value * 100:+.1f}".replace("-", "−")


def points_between(estimate: Estimate) -> str:
    """The ends of a difference's interval: −0.4 到 +2.8."""
    return f"{points(estimate.low)} 到 {points(estimate.high)}"


def number(value: float, places: int = 2) -> str:
    """A figure of any size: 1.25."""
    return f"{value:.{places}f}".replace("-", "−")


def numbers_between(estimate: Estimate, places: int = 2) -> str:
    """The ends of its interval: 1.10–1.42."""
    joint = " 到 " if estimate.low < 0 else "–"
    return f"{number(estimate.low, places)}{joint}{number(estimate.high, places)}"


def waiting(milliseconds: int) -> str:
    """A time that somebody waits: 0.6 秒, 12 秒, 3.5 分钟."""
    seconds = milliseconds / 1000
    if seconds < 10:
        return f"{seconds:.1f} 秒"
    return f"{seconds:.0f} 秒" if seconds < 100 else f"{seconds / 60:.1f} 分钟"


def day(moment: datetime) -> str:
    """A day in the shop's zone: 2026年11月3日."""
    local = moment.astimezone(SHOP_ZONE)
    return f"{local.year}年{local.month}月{local.day}日"


def minute(moment: datetime) -> str:
    """A moment in the shop's zone, to the minute."""
    return f"{moment.astimezone(SHOP_ZONE):%Y-%m-%d %H:%M}"
