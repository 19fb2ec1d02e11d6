"""Cities and their provinces."""

from __future__ import annotations

from collections import Counter

import pytest

from sixty.shop import cities
from sixty.shop.regions import PROVINCES


def test_every_city_has_one_province() -> None:
    named = Counter(city for names in cities._CITIES.values() for city in names.split())
    assert [city for city, count in named.items() if count > 1] == []
    assert set(cities.PROVINCE_OF_CITY.values()) <= set(PROVINCES)
    # A city of its province's name would be taken for the province.
    assert set(named) & set(PROVINCES) == set()


def test_places_belong_to_their_province() -> None:
    assert cities.province_of("杭州") == "浙江"
    assert cities.province_of("上海") == "上海"
    assert cities.province_of("文三路") is None


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("几天到成都啊", "四川"),
        ("新疆发吗 邮费多少", "新疆"),
        ("寄到石家庄要多久", "河北"),
        ("从广州发到拉萨几天", "西藏"),
        ("你们是杭州发货吗", None),
        ("在上海有店吗", None),
        ("送到南京西路的门店", None),
        ("大理石纹的有吗", None),
        ("几天能到", None),
        ("", None),
    ],
)
def test_where_something_goes_is_read_from_a_line(text: str, region: str | None) -> None:
    assert cities.destination_in(text) == region
