"""How warm it is where and when, from a small table that a merchant can read: `playbook/climate.yml`."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Extra, constr, root_validator, validator

from sixty.errors import OperatorError
from sixty.shop.located import Problem, read_document, read_soundly

CLIMATE_FILE = "climate.yml"
_MONTHS = 12


class ClimateError(OperatorError):
    """The climate table can't be used."""


@dataclass(frozen=True)
class Temperatures:
    """A span of temperatures in °C; both ends belong to it."""

    low: Decimal
    high: Decimal


@dataclass(frozen=True)
class Weather:
    """How warm it usually is somewhere in a month.

    Attributes:
        place: The city or region, as the table calls it.
        month: 1 to 12.
        means: The coldest and the warmest of the monthly means on record there.
        source: Where the figures are from.
    """

    place: str
    month: int
    means: Temperatures
    source: str


@dataclass(frozen=True)
class Climate:
    """The table: monthly means of places in °C, and the names that places go by.

    Attributes:
        source: Where the figures are from.
        means: By place, twelve means a year, or for an average of years.
        cities: By name, the places whose figures speak for it.
        sources: Where the figures of a place are from, if from elsewhere.
    """

    source: str
    means: dict[str, tuple[tuple[Decimal, ...], ...]]
    cities: dict[str, tuple[str, ...]]
    sources: dict[str, str] = field(default_factory=dict)

    def place_in(self, text: str) -> str | None:
        """Finds the place that a text speaks of, the longest name first; None when it names none."""
        found = [name for name in self.cities if name in text]
        return max(found, key=lambda name: (len(name), name), default=None)

    def weather(self, place: str, month: int) -> Weather | None:
        """Says how warm a place is in a month; None for a place that the table lacks.

        Raises:
            ValueError: There is no such month.
        """
        if not 1 <= month <= _MONTHS:
            raise ValueError(f"there is no month {month}")
        cities = self.cities.get(place)
        if cities is None:
            return None
        values = [year[month - 1] for city in cities for year in self.means[city]]
        source = "；".join(dict.fromkeys(self.sources.get(city, self.source) for city in cities))
        return Weather(place, month, Temperatures(min(values), max(values)), source)


class _Entry(BaseModel):
    class Config:
        extra = Extra.forbid


class PlaceEntry(_Entry):
    """A city, what else its surroundings are called, and twelve monthly means for each year or average of years.

    A key of `normals` names the years of the average: `1981-2010`.
    """

    also: list[str] = []
    years: dict[int, list[Decimal]] = {}
    normals: dict[constr(regex=r"^\d{4}-\d{4}$"), list[Decimal]] = {}  # type: ignore[valid-type]
    source: str = ""

    @root_validator(skip_on_failure=True)
    def _has_figures(cls, values: dict[str, Any]) -> dict[str, Any]:
        if not values["years"] and not values["normals"]:
            raise ValueError("needs one year at least, or an average under normals")
        return values

    @validator("years", "normals")
    def _twelve_months(cls, years: dict[Any, list[Decimal]]) -> dict[Any, list[Decimal]]:
        for year, means in years.items():
            if len(means) != _MONTHS:
                raise ValueError(f"{year} has {len(means)} months instead of 12")
            for mean in means:
                if not (mean.is_finite() and -60 <= mean <= 60):
                    raise ValueError(f"{year}: no month is {mean}°C warm on average")
        return years


class ClimateEntry(_Entry):
    """`playbook/climate.yml`."""

    source: str
    places: dict[str, PlaceEntry]
    regions: dict[str, list[str]] = {}

    @root_validator(skip_on_failure=True)
    def _names_are_clear(cls, values: dict[str, Any]) -> dict[str, Any]:
        places: dict[str, PlaceEntry] = values["places"]
        names = [*places, *(name for place in places.values() for name in place.also), *values["regions"]]
        for name in names:
            if not name.strip():
                raise ValueError("a place has an empty name")
            if names.count(name) > 1:
                raise ValueError(f"{name} is the name of two places")
        for region, cities in values["regions"].items():
            if not cities:
                raise ValueError(f"{region} has no cities")
            for city in cities:
                if city not in places:
                    raise ValueError(f"{region} speaks of {city}, which isn't among the places")
        return values

    def made(self) -> Climate:
        """The table that it says."""
        cities: dict[str, tuple[str, ...]] = {}
        for name, place in self.places.items():
            for each in (name, *place.also):
                cities[each] = (name,)
        cities.update((region, tuple(of_region)) for region, of_region in self.regions.items())
        means = {
            name: tuple(tuple(months) for each in (place.years, place.normals) for _, months in sorted(each.items()))
            for name, place in self.places.items()
        }
        sources = {name: place.source for name, place in self.places.items() if place.source}
        return Climate(self.source, means, cities, sources)


NOWHERE = Climate("", {}, {})
"""What is known without a table: nothing."""


def check_climate(folder: Path, problems: list[Problem]) -> Climate:
    """Reads the table of a playbook; what is wrong goes into `problems`, and a missing file knows no place."""
    file = folder / CLIMATE_FILE
    if not file.exists():
        return NOWHERE
    found = read_document(file, ClimateEntry, problems)
    return NOWHERE if found is None else found.entry.made()


@lru_cache(maxsize=4)
def read_climate(folder: Path) -> Climate:
    """Reads the table of a playbook, once.

    Raises:
        ClimateError: The file is wrong; names every place.
    """
    return read_soundly(check_climate, folder, ClimateError)


def shop_climate() -> Climate:
    """The table of this deployment's playbook.

    Raises:
        ClimateError: The file is wrong.
    """
    from sixty.settings import get_settings

    return read_climate(get_settings().playbook)
