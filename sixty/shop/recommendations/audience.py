"""Whom a product is for, and whom a customer wants it for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Gender = Literal["女", "男", ""]
AgeGroup = Literal["baby", "child", "adult", "elder", ""]
Suits = Literal["yes", "maybe", "no"]

_BABY_MONTHS = 48
_CHILD_MONTHS = 16 * 12
_ADULT_MONTHS = 18 * 12

_RANGE = re.compile(r"(\d{1,3})\s*(个月|月|岁|周岁)?\s*(?:到|至|-|~|～)\s*(\d{1,3})\s*(个月|月|岁|周岁)")
_FROM = re.compile(r"(\d{1,3})\s*(个月|岁|周岁)\s*(?:以上|起|\+)")
_AGE = re.compile(r"(\d{1,3}|[一二两三四五六七八九十]{1,3})\s*(个月|月大|周岁|岁)")
_ABOUT_BABIES = ("婴", "宝宝", "新生儿", "纸尿裤", "拉拉裤", "奶瓶")
_ABOUT_CHILDREN = ("儿童", "童装", "男童", "女童", "小学生")
_ABOUT_ELDERS = ("老人", "中老年", "老年")


@dataclass(frozen=True)
class Recipient:
    """Whom something is for, as far as it was said.

    Attributes:
        word: How the customer calls them: `老婆`; `自己` for the customer.
        gender: Theirs, where the word tells.
        group: Their age, roughly, where the word tells.
        months: Their age in months, where it was said.
    """

    word: str
    gender: Gender = ""
    group: AgeGroup = ""
    months: int | None = None

    @property
    def is_young(self) -> bool:
        """Whether it is for a baby or a child."""
        return self.group in ("baby", "child")


@dataclass(frozen=True)
class Audience:
    """Whom a product is made for.

    Attributes:
        gender: One of them only; empty for both, or where nobody wrote it down.
        group: Their age, roughly; empty where nobody wrote it down.
        months: From which age to which, in months; the end may be open.
    """

    gender: Gender = ""
    group: AgeGroup = ""
    months: tuple[int, int | None] | None = None


_F: Gender = "女"
_M: Gender = "男"


def _recipients(gender: Gender, group: AgeGroup, words: str) -> Iterable[tuple[str, Recipient]]:
    return ((word, Recipient(word, gender, group)) for word in words.split())


_WORDS: dict[str, Recipient] = dict(
    (
        *_recipients(
            _F,
            "adult",
            "老婆 妻子 媳妇 爱人 太太 女朋友 女友 女票 闺蜜 女生 女士 女同事 姐姐 妹妹 姐 嫂子 女的 未婚妻 女神",
        ),
        *_recipients(_F, "adult", "妈妈 老妈 妈 母亲 婆婆 丈母娘 岳母 阿姨 姑姑 姨妈 舅妈 婶婶 女老师"),
        *_recipients(
            _M, "adult", "老公 丈夫 先生 男朋友 男友 男票 男生 男士 男同事 哥哥 弟弟 哥 兄弟 男的 未婚夫 男神"
        ),
        *_recipients(_M, "adult", "爸爸 老爸 爸 父亲 公公 老丈人 岳父 叔叔 舅舅 姑父 姨夫 师傅"),
        *_recipients(_F, "elder", "奶奶 外婆 姥姥 老太太"),
        *_recipients(_M, "elder", "爷爷 外公 姥爷 老爷子 老头"),
        *_recipients("", "elder", "爸妈 父母 老人 老人家 长辈 公婆 岳父母"),
        *_recipients(_F, "child", "女儿 闺女 女孩 女童 小姑娘 侄女 外甥女 孙女"),
        *_recipients(_M, "child", "儿子 男孩 男童 小男孩 侄子 外甥 孙子"),
        *_recipients("", "child", "孩子 小孩 小朋友 娃 儿童 小学生 学生娃"),
        *_recipients("", "baby", "宝宝 婴儿 宝贝 新生儿 小宝"),
        *_recipients("", "adult", "朋友 同事 同学 对象 领导 客户 老师 老板 员工 工人 室友 亲戚"),
        *_recipients("", "adult", "自己 我自己 本人 自用"),
    )
)
_LONGEST_FIRST = sorted(_WORDS, key=len, reverse=True)
_FOR = re.compile(r"(?:送给|买给|送|给|帮|替|为)(?:我|俺|咱)?(?:的|家|家里)?$")
_IS_ABOUT_THEM = re.compile(r"^(?:穿|用|戴|吃|喝|的生日|生日|过生日|过节|当礼物|做礼物)")
SELF = _WORDS["自己"]
_CHINESE = {word: number for number, word in enumerate("零一二三四五六七八九")} | {"两": 2}


def recipient_in(text: str, *, is_answer: bool = False) -> Recipient | None:
    """Reads whom something is for: `推荐一件外套给老婆`, `送妈妈`, `我儿子5岁穿`.

    Args:
        text: What the customer says.
        is_answer: Whether it was asked for, so that the bare word will do.

    Returns:
        The recipient; None when the text names none.
    """
    for word in _LONGEST_FIRST:
        at = text.find(word)
        while at >= 0:
            before, after = text[:at], text[at + len(word) :]
            mine = before.endswith(("我", "我家", "俺", "咱家", "家里"))
            # "老板在吗" speaks to the shop, "男款" is about the thing: only what is said of a person counts.
            if is_answer or _FOR.search(before) or _IS_ABOUT_THEM.match(after) or (mine and len(word) > 1):
                found = _WORDS[word]
                months = age_in(text)
                return found if months is None else Recipient(word, found.gender, _group_of(months), months)
            at = text.find(word, at + 1)
    months = age_in(text)
    if months is not None and months < _ADULT_MONTHS:
        return Recipient("孩子" if months >= _BABY_MONTHS else "宝宝", "", _group_of(months), months)
    gendered = re.search(r"(女|男)(?:款|式|生|士|装|的穿)", text)
    if gendered is not None:
        return Recipient(
            "女士" if gendered.group(1) == "女" else "男士", "女" if gendered.group(1) == "女" else "男", ""
        )
    return None


def age_in(text: str) -> int | None:
    """Reads an age, in months; None when the text says none."""
    found = _AGE.search(text)
    if found is None:
        return None
    number = _whole(found.group(1))
    return None if number is None else number if "月" in found.group(2) else number * 12


def audience_of(name: str, kind: str, size_chart: str, attributes: Mapping[str, str]) -> Audience:
    """Tells whom a product is for, from its names, its size chart's name and from what is written of it.

    What the product itself says counts before the chart that it shares with others.
    """
    people = attributes.get("适用人群", "")
    called = f"{name} {kind}"
    gender = _gender_in(f"{called} {people}") or ("" if _names_both(people) else _gender_in(size_chart))
    months = _months_in(attributes.get("适用年龄", ""))
    group: AgeGroup = ""
    if any(word in called for word in _ABOUT_BABIES):
        group = "baby"
    elif any(word in called for word in _ABOUT_CHILDREN):
        group = "child"
    elif months is not None and months[1] is not None:
        group = _group_of(months[1])
    elif any(word in called for word in _ABOUT_ELDERS):
        group = "elder"
    return Audience(gender, group, months)


def suits(audience: Audience, recipient: Recipient) -> Suits:
    """Tells whether a product is for somebody; `maybe` where nobody wrote down whom it is for."""
    if audience.gender and recipient.gender and audience.gender != recipient.gender:
        return "no"
    if recipient.months is not None and audience.months is not None:
        low, high = audience.months
        if recipient.months < low or (high is not None and recipient.months > high):
            return "no"
    young = ("baby", "child")
    if recipient.group in ("adult", "elder"):
        if audience.group in young or (recipient.group == "adult" and audience.group == "elder"):
            return "no"
        return "yes" if audience.gender or audience.group == recipient.group else "maybe"
    if recipient.group in young:
        if audience.group in young:
            # A child of unknown age may be of either.
            return "yes" if audience.group == recipient.group or audience.months is not None else "maybe"
        return "no" if audience.group in ("adult", "elder") or audience.gender else "maybe"
    return "yes" if audience.gender and audience.gender == recipient.gender else "maybe"


def is_told(audience: Audience) -> bool:
    """Whether anybody wrote down how old those are for whom it is."""
    return bool(audience.group) or audience.months is not None


def say_audience(audience: Audience, recipient: Recipient) -> str:
    """Says why a product is for somebody: `女款，合适送老婆`; empty where nothing is known."""
    if suits(audience, recipient) != "yes":
        return ""
    own = recipient.word in ("自己", "我自己", "本人", "自用", "女士", "男士", "女生", "男生")
    whom = "" if own else f"，给{recipient.word}正合适"
    if audience.gender:
        return f"{audience.gender}款{whom}"
    return {"baby": "宝宝用的", "child": "儿童款", "elder": "长辈用着顺手", "adult": "", "": ""}[audience.group] + whom


def _names_both(text: str) -> bool:
    return "男女" in text or "女男" in text or ("男" in text and "女" in text)


def _gender_in(text: str) -> Gender:
    has_her = "女" in text and "儿女" not in text
    has_him = "男" in text
    if has_her == has_him:
        return ""
    return "女" if has_her else "男"


def _months_in(text: str) -> tuple[int, int | None] | None:
    lows: list[int] = []
    highs: list[int] = []
    for low, low_unit, high, high_unit in _RANGE.findall(text):
        unit = 1 if "月" in high_unit else 12
        # "0到24个月" has one unit, "6个月到3岁" two.
        low_months = int(low) * (unit if not low_unit else 1 if "月" in low_unit else 12)
        lows.append(low_months)
        highs.append(int(high) * unit)
    if lows:
        return min(lows), max(highs)
    open_end = _FROM.search(text)
    if open_end is not None:
        return int(open_end.group(1)) * (1 if "月" in open_end.group(2) else 12), None
    return None


def _group_of(months: int) -> AgeGroup:
    if months <= _BABY_MONTHS:
        return "baby"
    if months <= _CHILD_MONTHS:
        return "child"
    return "elder" if months >= 60 * 12 else "adult"


def _whole(text: str) -> int | None:
    if text.isdigit():
        return int(text)
    if "十" not in text:
        return _CHINESE.get(text)
    tens, _, ones = text.partition("十")
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return None
    return (_CHINESE.get(tens, 0) if tens else 1) * 10 + (_CHINESE.get(ones, 0) if ones else 0)
