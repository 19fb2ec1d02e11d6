"""Colours as merchants name them, and which of them belong together."""

from __future__ import annotations

from functools import lru_cache

# The longest word counts: 奶茶色 is a brown, 奶白 a white.
_FAMILIES: dict[str, tuple[str, ...]] = {
    "黑色": ("黑", "曜石"),
    "白色": ("白", "米", "象牙", "奶油", "云朵"),
    "灰色": ("灰", "银", "钛"),
    "大地色": ("卡其", "棕", "咖", "驼", "褐", "杏", "沙", "燕麦", "奶茶", "奶咖", "原木", "焦糖"),
    "绿色": ("绿", "橄榄", "薄荷", "抹茶"),
    "蓝色": ("蓝", "藏青", "靛", "牛仔", "青"),
    "红色": ("红", "豆沙", "砖"),
    "粉色": ("粉", "樱花", "草莓"),
    "黄色": ("黄", "金"),
    "紫色": ("紫", "薰衣草"),
    "橙色": ("橙", "橘"),
}
_NEUTRAL = frozenset({"黑色", "白色", "灰色"})
_BY_WORD = {word: family for family, words in _FAMILIES.items() for word in words}


@lru_cache(maxsize=4096)
def color_family(color: str) -> str:
    """The family of a colour: `军绿` is 绿色, `卡其` 大地色; empty where it isn't known."""
    found = [word for word in _BY_WORD if word in color]
    return _BY_WORD[max(found, key=lambda word: (len(word), color.rfind(word)))] if found else ""


def same_family(one: str, other: str) -> bool:
    """Whether two colours are of one family."""
    family = color_family(one)
    return bool(family) and family == color_family(other)


def color_in(text: str) -> str:
    """Finds the colour that a text names, as it is said: `黑色`, `军绿`; empty when it names none.

    A single character counts with 色 behind it only: 红 is a drink's name more often than a wish.
    """
    found = [word for word in _BY_WORD if (f"{word}色" if len(word) == 1 else word) in text]
    if not found:
        return ""
    word = max(found, key=len)
    return f"{word}色" if len(word) == 1 else word


def closeness(wanted: str, color: str) -> int:
    """How well a colour goes with another one: 3 the same, 2 of one family, 1 where one is black, white or grey."""
    if not wanted or not color:
        return 0
    if wanted == color:
        return 3
    if same_family(wanted, color):
        return 2
    return 1 if _NEUTRAL & {color_family(wanted), color_family(color)} else 0
