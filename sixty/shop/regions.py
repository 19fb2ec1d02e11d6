"""The provinces: one short name for each, however an address or a profile writes it."""

from __future__ import annotations

PROVINCES = (
    *("北京", "天津", "河北", "山西", "内蒙古", "辽宁", "吉林", "黑龙江"),
    *("上海", "江苏", "浙江", "安徽", "福建", "江西", "山东"),
    *("河南", "湖北", "湖南", "广东", "广西", "海南"),
    *("重庆", "四川", "贵州", "云南", "西藏", "陕西", "甘肃", "青海", "宁夏", "新疆"),
    *("香港", "澳门", "台湾"),
)
"""All of them, as GB/T 2260 orders them, by the names that people use."""


def province(region: str | None) -> str | None:
    """The short name of the province that a region begins with (`新疆维吾尔自治区`); None without one."""
    named = (region or "").strip()
    return next((each for each in PROVINCES if named.startswith(each)), None)
