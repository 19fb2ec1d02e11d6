"""How amounts, moments and spans of time are said to a customer."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

# China has one zone and no summer time; a fixed offset needs no zone database.
SHOP_ZONE = timezone(timedelta(hours=8), "Asia/Shanghai")

_DAYS = {-2: "前天", -1: "昨天", 0: "今天", 1: "明天", 2: "后天"}


def say_amount(amount: Decimal) -> str:
    """Says an amount: `259元`, `19.90元`."""
    whole = amount == amount.to_integral_value()
    return f"{amount:.0f}元" if whole else f"{amount:.2f}元"


def say_number(number: Decimal) -> str:
    """Says a measure without needless zeros: `175`, `62.5`."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def say_refund(kind: str) -> str:
    """Says what was applied for; platforms' `仅退款` is plainly `退款`."""
    return "退款" if kind == "仅退款" else kind


def say_moment(at: datetime, now: datetime) -> str:
    """Says a moment as people do: `今天14:20`, `昨天9:05`, `6月3日20:00`."""
    return f"{say_day(at, now)}{at.astimezone(SHOP_ZONE):%H:%M}"


def say_day(at: datetime, now: datetime) -> str:
    """Says the day of a moment: `明天`, `6月3日`, `2025年6月3日`."""
    local, today = at.astimezone(SHOP_ZONE), now.astimezone(SHOP_ZONE)
    days = (local.date() - today.date()).days
    if days in _DAYS:
        return _DAYS[days]
    day = f"{local.month}月{local.day}日"
    return day if local.year == today.year else f"{local.year}年{day}"


def say_span(span: timedelta) -> str:
    """Says how long something lasts: `25分钟`, `3小时5分钟`, `2天`."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 60:
        return f"{max(1, minutes)}分钟"
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return f"{hours}小时{rest}分钟" if rest else f"{hours}小时"
    days, hours = divmod(hours, 24)
    return f"{days}天{hours}小时" if hours and days < 3 else f"{days}天"
