"""Figures in what is written of a product, and which of two is the better one."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Better = Literal["more", "less"]

# Word of a unit, the unit that it is counted in, and how many of those it is.
_UNITS: dict[str, tuple[str, int]] = {
    "TB": ("GB", 1024),
    "T": ("GB", 1024),
    "GB": ("GB", 1),
    "G": ("GB", 1),
    "毫安时": ("毫安时", 1),
    "毫安": ("毫安时", 1),
    "MAH": ("毫安时", 1),
    "小时": ("小时", 1),
    "毫升": ("毫升", 1),
    "ML": ("毫升", 1),
    "升": ("毫升", 1_000),
    "L": ("毫升", 1_000),
    "公斤": ("克", 1_000),
    "千克": ("克", 1_000),
    "KG": ("克", 1_000),
    "斤": ("克", 500),
    "克": ("克", 1),
    "G重": ("克", 1),
    "瓦": ("瓦", 1),
    "W": ("瓦", 1),
    "英寸": ("英寸", 1),
    "寸": ("英寸", 1),
    "万像素": ("万像素", 1),
    "分贝": ("分贝", 1),
    "片": ("片", 1),
    "抽": ("抽", 1),
    "包": ("包", 1),
    "支": ("支", 1),
    "枚": ("枚", 1),
    "只": ("只", 1),
    "双": ("双", 1),
    "条": ("条", 1),
    "盒": ("盒", 1),
    "瓶": ("瓶", 1),
    "本": ("本", 1),
    "罐": ("罐", 1),
    "匹": ("匹", 1),
    "平方米": ("平方米", 1),
    "平米": ("平方米", 1),
    "年": ("年", 1),
}
_FIGURE = re.compile(
    rf"(\d+(?:\.\d+)?)\s*({'|'.join(sorted(map(re.escape, _UNITS), key=len, reverse=True))})(?![A-Z])", re.IGNORECASE
)
_WATER = re.compile(r"IPX?(\d)(\d)?", re.IGNORECASE)

# What more, or less, of a figure is good for; other figures tell products apart, but not which is better.
_BETTER: dict[tuple[str, str], Better] = {
    ("续航", "小时"): "more",
    ("续航", "毫安时"): "more",
    ("容量", "毫升"): "more",
    ("容量", "克"): "more",
    ("容量", "毫安时"): "more",
    ("容量", "GB"): "more",
    ("功率", "瓦"): "more",
    ("功率", "匹"): "more",
    ("功能", "万像素"): "more",
    ("功能", "分贝"): "more",
    ("噪音", "分贝"): "less",
    ("适用场景", "平方米"): "more",
    ("保修", "年"): "more",
    ("防水", "级"): "more",
}
NAMES: dict[str, str] = {"规格": "配置", "功能": "性能", "适用场景": "适用面积"}
"""How an attribute is called in a comparison, where not by its own name."""


@dataclass(frozen=True)
class Figure:
    """A number with its unit: as it is written, and as it is counted."""

    text: str
    unit: str
    value: Decimal


@dataclass(frozen=True)
class Gain:
    """In what one thing is better than another.

    Attributes:
        what: What it is about: `存储`, `续航`.
        before: The figure of the lesser one, as it is written.
        after: That of the better one.
        ratio: How many times as much; below one where less is better.
    """

    what: str
    before: str
    after: str
    ratio: Decimal

    @property
    def text(self) -> str:
        """As it is said: `存储翻倍（128GB→256GB）`."""
        if self.ratio == 2:
            return f"{self.what}翻倍（{self.before}→{self.after}）"
        if self.ratio > 2 and self.ratio == self.ratio.to_integral_value():
            return f"{self.what}是原来的{int(self.ratio)}倍（{self.before}→{self.after}）"
        return f"{self.what}从{self.before}到{self.after}"


def figures_in(text: str) -> list[Figure]:
    """Reads the figures of a text in their order: `8GB+256GB`, `单次7小时 配盒32小时`."""
    plain = unicodedata.normalize("NFKC", text)
    found = []
    for match in _FIGURE.finditer(plain):
        unit, times = _UNITS[match.group(2).upper()] if match.group(2).upper() in _UNITS else _UNITS[match.group(2)]
        found.append(Figure(match.group(0).replace(" ", ""), unit, Decimal(match.group(1)) * times))
    return found


def gains_of_specs(before: str, after: str) -> list[Gain] | None:
    """What a spec is better in than another one, the most first; None when anything of it is less.

    `8GB+128GB` and `12GB+256GB` are compared part by part: the first is the memory (运行内存), the other the storage.
    Specs of other parts, or without figures, can't be compared: nothing is better.
    """
    ones, others = figures_in(before), figures_in(after)
    if [each.unit for each in ones] != [each.unit for each in others]:
        return []
    if any(other.value < one.value for one, other in zip(ones, others, strict=True)):
        return None
    gains = []
    for place, (one, other) in enumerate(zip(ones, others, strict=True)):
        if other.value > one.value > 0:
            gains.append(Gain(_spec_name(one.unit, place, len(ones)), one.text, other.text, other.value / one.value))
    return sorted(gains, key=lambda gain: -gain.ratio)


def gains_of_attributes(before: dict[str, str], after: dict[str, str]) -> list[Gain] | None:
    """What a product is better in than another one of its kind, the most first; None when anything is worse."""
    gains: list[Gain] = []
    for key in before.keys() & after.keys():
        ones, others = (_by_unit(key, each[key]) for each in (before, after))
        for unit in ones.keys() & others.keys():
            better = _BETTER.get((key, unit))
            one, other = ones[unit], others[unit]
            if better is None or one.value == other.value or not one.value or not other.value:
                continue
            if (other.value > one.value) != (better == "more"):
                return None
            gains.append(Gain(NAMES.get(key, key), one.text, other.text, other.value / one.value))
    return sorted(gains, key=lambda gain: (-max(gain.ratio, 1 / gain.ratio), gain.what))


def _by_unit(key: str, text: str) -> dict[str, Figure]:
    found = {each.unit: each for each in reversed(figures_in(text))}
    if key == "防水":
        water = _WATER.search(text)
        if water is not None:
            grade = water.group(2) or water.group(1)
            found["级"] = Figure(water.group(0), "级", Decimal(grade))
    return found


def _spec_name(unit: str, place: int, count: int) -> str:
    if unit == "GB":
        return "运行内存" if count > 1 and place == 0 else "存储"
    if unit == "毫安时":
        return "电量"
    return {"毫升": "容量", "克": "分量", "瓦": "功率", "英寸": "屏幕", "匹": "匹数"}.get(unit, "数量")
