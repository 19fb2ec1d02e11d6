"""The oracle's own reading of `playbook/outreach.yml`: by what docs/outreach.md says, not by what serves it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from bench.outreach_month import ZONE

_DURATION = re.compile(r"(\d+)([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def duration(written: str) -> timedelta:
    """Reads `20m`, `2h`, `1d`."""
    parts = _DURATION.findall(str(written))
    if not parts:
        raise ValueError(f"no duration: {written}")
    return sum((timedelta(**{_UNITS[unit]: int(number)}) for number, unit in parts), timedelta())


def _clock(written: str) -> time:
    hour, minute = str(written).split(":")
    return time(int(hour), int(minute))


@dataclass(frozen=True)
class Rung:
    """One step of a ladder."""

    way: str
    wait: timedelta
    at_least: Decimal


@dataclass(frozen=True)
class Scene:
    """A block of the playbook, as it is written."""

    name: str
    place: int
    on: tuple[str, ...]
    selling: bool
    waits: Mapping[str, timedelta]
    at: tuple[time, ...]
    in_campaigns: timedelta | None
    audiences: Mapping[str, Mapping[str, Any]]
    ladder: tuple[Rung, ...]
    late: timedelta
    capped: bool
    control: float
    goal: str

    def wait(self, category: str) -> timedelta:
        """How long after the moment the first rung is said."""
        return self.waits.get(category, self.waits["default"])


@dataclass(frozen=True)
class Book:
    """The playbook's scenes and what holds for all of them."""

    scenes: tuple[Scene, ...]
    quiet: tuple[time, time]
    per_day: int
    per_week: int
    apart: timedelta
    rest: Mapping[str, timedelta]
    talking: timedelta
    chat_within: timedelta
    hurried: tuple[tuple[datetime, datetime], ...]

    def is_quiet(self, at: datetime) -> bool:
        """Whether nobody is to be disturbed at a moment."""
        begins, ends = self.quiet
        now = at.astimezone(ZONE).time()
        return begins <= now < ends if begins <= ends else now >= begins or now < ends

    def in_hurry(self, at: datetime) -> bool:
        """Whether a campaign runs in which reminders are sent at once."""
        return any(begins <= at < ends for begins, ends in self.hurried)

    def due(self, base: datetime, at: Sequence[time]) -> datetime:
        """The first moment from `base` on at which something may be said: at its hours, out of quiet ones."""
        moment = base
        for _ in range(4):
            if at:
                moment = _next_of(moment, at)
            if not self.is_quiet(moment):
                return moment
            moment = _next_of(moment, (self.quiet[1],))
        raise ValueError("all hours of a scene lie in quiet hours")


def _next_of(moment: datetime, hours: Sequence[time]) -> datetime:
    local = moment.astimezone(ZONE)
    days = (local.date(), local.date() + timedelta(days=1))
    return min(found for day in days for hour in hours if (found := datetime.combine(day, hour, ZONE)) >= local)


def read_book(playbook: Path, campaigns: Sequence[tuple[str, datetime, datetime]]) -> Book:
    """Reads the scenes.

    Args:
        playbook: The folder with `outreach.yml`.
        campaigns: The phases of campaigns in the month: name of the phase, begin, end.
    """
    raw = YAML(typ="safe", pure=True).load(playbook / "outreach.yml")
    scenes = tuple(_scene(name, place, block, raw) for place, (name, block) in enumerate(raw["scenes"].items()))
    caps = raw["caps"]
    return Book(
        scenes=scenes,
        quiet=(_clock(raw["quiet"]["from"]), _clock(raw["quiet"]["until"])),
        per_day=int(caps["per_day"]),
        per_week=int(caps["per_week"]),
        apart=duration(caps["apart"]),
        rest={name: duration(written) for name, written in raw["rest"].items()},
        talking=duration(raw["talking"]),
        chat_within=duration(raw["chat_within"]),
        hurried=tuple((begins, ends) for phase, begins, ends in campaigns if phase in raw["campaign_phases"]),
    )


def _scene(name: str, place: int, block: Mapping[str, Any], raw: Mapping[str, Any]) -> Scene:
    return Scene(
        name=name,
        place=place,
        on=tuple(block["on"]),
        selling=block["kind"] == "selling",
        waits={category: duration(written) for category, written in block.get("wait", {"default": "0m"}).items()},
        at=tuple(_clock(written) for written in block.get("at", ())),
        in_campaigns=duration(block["in_campaigns"]) if "in_campaigns" in block else None,
        audiences={key: condition or {} for key, condition in block.get("audiences", {"all": {}}).items()},
        ladder=tuple(
            Rung(rung["way"], duration(rung.get("wait", "0m")), Decimal(str(rung.get("at_least", 0))))
            for rung in block.get("ladder", ())
        ),
        late=duration(block.get("late", raw["late"])),
        capped=block.get("capped", True),
        control=float(block.get("control", 0)),
        goal=block.get("goal", "none"),
    )
