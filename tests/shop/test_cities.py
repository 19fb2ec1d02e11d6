"""Cities and their provinces."""

from __future__ import annotations

from collections import Counter

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
